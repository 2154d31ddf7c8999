"""A registry before and after a sweep: what ECR refuses, and what Config has recorded, showed and shows."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from ecr_crossaccount.products.rule.evaluator import CrossAccountEvaluator
from moto.core.exceptions import JsonRESTError
from moto.ecr.models import ECRBackend

from tests.events import ACCOUNT, REGION, event
from tests.fakes import FakeConfigService

OPEN = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}})
OPEN_BY_TAGS = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "ecr:*"},
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "ecr:*",
                "Condition": {"StringEquals": {"aws:ResourceTag/locked": "yes"}},
            },
        ],
    }
)
"""Also open, but this is certain only when the tags are known, so ECR must be read."""
SAFE = OPEN.replace('"*"', json.dumps({"AWS": ACCOUNT}), 1)
SCHEDULED_AT = 1795240800
"""The time of the event `scheduled`, in seconds."""
DENIED = (
    f"User: arn:aws:sts::{ACCOUNT}:assumed-role/rule/rule is not authorized to perform: ecr:GetRepositoryPolicy"
    f" on resource: arn:aws:ecr:{REGION}:{ACCOUNT}:repository/x "
)
BY_THE_REPOSITORY = DENIED + "with an explicit deny in a resource-based policy"
BY_THE_ROLE = DENIED + "because no identity-based policy allows the ecr:GetRepositoryPolicy action"
"""The message of ECR when it refuses."""
BEFORE, AFTER = "2026-11-20T06:00:00.250Z", "2026-11-21T05:59:59.750Z"
"""Times a day, and a quarter of a second, before it."""


def refuse_policy_of(
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    code: str = "AccessDeniedException",
    first: Callable[[], None] = lambda: None,
    message: str = "as asked",
) -> None:
    """Let ECR answer with an error for one repository's policy, and run something just before."""
    real = ECRBackend.get_repository_policy

    def get_repository_policy(self: ECRBackend, registry_id: str, repository_name: str) -> object:
        if repository_name == name:
            first()
            raise JsonRESTError(code, message)
        return real(self, registry_id, repository_name)

    monkeypatch.setattr(ECRBackend, "get_repository_policy", get_repository_policy)


def shown(config: FakeConfigService) -> dict[str, str]:
    return {name: evaluation["ComplianceType"] for name, evaluation in config.results.items()}


def earlier_result(
    config: FakeConfigService, *names: str, compliance: str = "NON_COMPLIANT", at: float = 1795000000.0, **fields: str
) -> None:
    """Let Config show a result from before the sweep."""
    for name in names:
        config.evaluations.append(
            {
                "ComplianceResourceType": "AWS::ECR::Repository",
                "ComplianceResourceId": name,
                "ComplianceType": compliance,
                "OrderingTimestamp": at,
            }
            | fields
        )


def row(name: str, policy: object = SAFE, captured: str = AFTER, **fields: object) -> dict[str, Any]:
    """Return Config's inventory row of a repository. `policy` is as Config shows it: `{}` if there is none."""
    configuration = {"RepositoryName": name, "RepositoryPolicyText": policy, "Tags": []}
    return {
        "accountId": ACCOUNT,
        "awsRegion": REGION,
        "arn": f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{name}",
        "resourceType": "AWS::ECR::Repository",
        "resourceId": name,
        "configurationItemStatus": "OK",
        "configurationItemCaptureTime": captured,
        "configuration": configuration,
        "tags": [],
    } | fields


@dataclass(frozen=True, slots=True)
class World:
    """A function, a registry and AWS Config.

    `create` makes a repository, and `policies_read` has the names read from ECR.
    """

    evaluator: CrossAccountEvaluator
    config: FakeConfigService
    create: Callable[..., None]
    policies_read: list[str]
    written: Callable[[], str]

    def sweep(self, **parameters: object) -> object:
        """Let Config's schedule invoke the function, with these parameters of the rule."""
        return self.evaluator.handle(event("scheduled", **parameters))

    def shown(self) -> dict[str, str]:
        return shown(self.config)

    def sent(self) -> dict[str, int]:
        """Return the repositories whose results were sent, each with the time of its result in seconds."""
        puts = [request for operation, request in self.config.calls if operation == "PutEvaluations"]
        return {e["ComplianceResourceId"]: int(e["OrderingTimestamp"]) for put in puts for e in put["Evaluations"]}

    def log(self) -> list[dict[str, Any]]:
        """Return the lines that were written since the last call."""
        return [json.loads(line) for line in self.written().splitlines()]

    def warnings(self) -> list[dict[str, Any]]:
        return [line for line in self.log() if line["level"] == "WARN"]
