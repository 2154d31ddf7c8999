"""An account in moto with the table, the topic and the function of organization/alerts.yaml."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError
from ecr_crossaccount.products.alerts.function import Alerts, Settings
from moto import mock_aws

from tests.events.cloudtrail import OWNER
from tests.fakes.models import answered

Json = dict[str, Any]

REGION = "eu-central-1"
TABLE = "memory"


@dataclass(slots=True)
class Sent:
    """One message of the topic, as SNS received it."""

    subject: str
    email: str
    json: Json
    attributes: Mapping[str, str]


@dataclass(slots=True)
class Context:
    """Lambda's context of an invocation."""

    invoked_function_arn: str = f"arn:aws:lambda:{REGION}:{OWNER}:function:alerts"
    aws_request_id: str = "request"


@cache
def client_of(service: str) -> Any:  # noqa: ANN401 - a service's client
    """Return a client. All tests share it, because making one takes longer than most of them."""
    region = "us-east-1" if service == "ecr-public" else REGION
    session = botocore.session.get_session()
    session.set_credentials("testing", "testing")
    return session.create_client(service, region_name=region)


@dataclass(slots=True)
class Cloud:
    """An account: its clients, and a function whose clock the test sets."""

    lists: Mapping[str, str] = field(default_factory=lambda: {"trustedOrganizations": "none"})
    writes: str = "Untrusted"
    keep: str = "24"
    now: datetime = datetime(2026, 11, 27, 9, 0, 5, tzinfo=UTC)
    context: Context = field(default_factory=Context)
    function: Alerts | None = None
    stubs: pytest.MonkeyPatch = field(default_factory=pytest.MonkeyPatch)

    def client(self, service: str) -> Any:  # noqa: ANN401 - a service's client
        return client_of(service)

    def alerts(self) -> Alerts:
        if self.function is None:
            environment = {
                "TOPIC_ARN": self.client("sns").create_topic(Name="alarms")["TopicArn"],
                "TABLE_NAME": TABLE,
                "RULE_PARAMETERS": json.dumps(self.lists),
                "WRITES": self.writes,
                "WRITE_WINDOW_MINUTES": "60",
                "TRUST_REGISTER_KEEP_HOURS": self.keep,
            }
            self.function = Alerts(Settings.parse(environment), self.client, lambda: self.now)
        return self.function

    def stub(self, service: str, operation: str, answer: Json) -> None:
        """Set the answer of an operation that moto does not have."""
        name = _camel(operation)

        def called(**request: object) -> Json:
            return answered(service, name, request, {name: lambda _: answer})

        self.stubs.setattr(self.client(service), operation, called)

    def fail(self, service: str, operation: str, code: str, after: int = 0) -> None:
        """Let an operation fail until `mend`, after some successful calls."""
        client, left = self.client(service), [after]
        real = getattr(client, operation)

        def failing(**request: object) -> object:
            if left[0] > 0:
                left[0] -= 1
                return real(**request)
            raise ClientError({"Error": {"Code": code, "Message": "as the test says"}}, _camel(operation))

        self.stubs.setattr(client, operation, failing)

    def mend(self) -> None:
        self.stubs.undo()

    def handle(self, event: Mapping[str, object]) -> dict[str, object]:
        return self.alerts().handle(event, self.context)

    def later(self, **time: int) -> None:
        self.now += timedelta(**time)

    def sent(self) -> list[Sent]:
        """Return the messages of the topic, the earliest first."""
        from moto.sns.models import sns_backends

        (topic,) = sns_backends[OWNER][REGION].topics.values()
        return [_read(one) for one in topic.sent_notifications]

    def last(self) -> Sent:
        return self.sent()[-1]


def _camel(operation: str) -> str:
    return "".join(part.capitalize() for part in operation.split("_"))


def _read(notification: tuple[Any, ...]) -> Sent:
    _, message, subject, attributes, _ = notification
    forms = json.loads(message)
    return Sent(
        subject,
        forms["email"],
        json.loads(forms["default"]),
        {name: one["Value"] for name, one in (attributes or {}).items()},
    )


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """An account without repositories and without earlier events."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_EC2_METADATA_DISABLED": "true",
        "MOTO_ACCOUNT_ID": OWNER,
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        found = Cloud()
        found.client("dynamodb").create_table(
            TableName=TABLE,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        # moto has neither.
        found.stub("ecr", "get_account_setting", {"name": "REGISTRY_POLICY_SCOPE", "value": "V2"})
        found.stub("ecr", "describe_repository_creation_templates", {"repositoryCreationTemplates": []})
        yield found
        found.mend()
