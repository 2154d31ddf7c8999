"""CloudTrail's record of a call to Amazon ECR, in the envelope that EventBridge delivers, and the errors on its way.

Lambda sees the errors, tries again, and then keeps the event.
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from ...documents.document import is_account, is_region
from ...documents.problems import quote
from ...sources.aws.errors import EventError

Json = Mapping[str, object]

_ARN_PARTS = 6
_ACCOUNT_OF_AN_ARN = 4
_REPOSITORY = ":repository/"


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller. Everything except the account is the caller's own statement, and anything may be missing.

    `identity` is an ARN, or the principal id if the record of another account's call has no ARN. `service` is an AWS
    service that called for someone, or by itself.
    """

    account: str | None
    identity: str | None
    service: str | None
    address: str | None
    agent: str | None

    @classmethod
    def parse(cls, detail: Json) -> Self:
        """Read the caller from a record."""
        user = object_of(detail, "userIdentity")
        issuer = object_of(object_of(user, "sessionContext"), "sessionIssuer")
        accounts = (user.get("accountId"), _account_in(user.get("arn")), issuer.get("accountId"))
        return cls(
            next((account for account in accounts if isinstance(account, str) and is_account(account)), None),
            text_of(user, "arn") or text_of(issuer, "arn") or text_of(user, "principalId"),
            text_of(user, "invokedBy"),
            text_of(detail, "sourceIPAddress"),
            text_of(detail, "userAgent"),
        )


@dataclass(frozen=True, slots=True)
class Record:
    """One call.

    `service` is `ecr-public` for public repositories, a different registry with the same names of calls. `owner` owns
    the registry that it is about, and `recipient` is the account whose CloudTrail recorded it.

    `error` is the error code of the call, or None if it succeeded. `at` is exact to the second.
    """

    id: str
    name: str
    service: str
    at: datetime
    region: str
    owner: str
    recipient: str
    caller: Caller
    request: Json
    response: Json
    repository: str | None
    error: str | None

    @classmethod
    def parse(cls, event: Json) -> Self:
        """Read an event from EventBridge. Raises EventError."""
        detail = object_of(event, "detail")
        recipient = _account(detail.get("recipientAccountId") or event.get("account"))
        request, response = object_of(detail, "requestParameters"), object_of(detail, "responseElements")
        caller = Caller.parse(detail)
        # Only a caller gets records about calls to the registry of another account.
        owner = _owner(detail, request, response) if caller.account == recipient else recipient
        return cls(
            _require_text(detail, "eventID"),
            _require_text(detail, "eventName"),
            "ecr-public" if _require_text(detail, "eventSource").startswith("ecr-public.") else "ecr",
            _moment(_require_text(detail, "eventTime")),
            _region(_require_text(detail, "awsRegion")),
            owner or recipient,
            recipient,
            caller,
            request,
            response,
            _repository(detail, request, response),
            text_of(detail, "errorCode") or text_of(detail, "errorMessage"),
        )


def object_of(values: Json, key: str) -> Json:
    """Return a JSON object of a record, or an empty one if there is none."""
    value = values.get(key)
    return value if isinstance(value, Mapping) else {}


def text_of(values: Json, key: str) -> str | None:
    """Return a text of a record, or None if there is none."""
    value = values.get(key)
    return value if isinstance(value, str) and value else None


def list_of(values: Json, key: str) -> list[object]:
    """Return a list of a record, or an empty one if there is none."""
    value = values.get(key)
    return value if isinstance(value, list) else []


def _require_text(detail: Json, key: str) -> str:
    value = text_of(detail, key)
    if value is None:
        raise EventError(f"the event has no `detail.{key}`: expected a record of CloudTrail")
    return value


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise EventError(f"`detail.eventTime` is {quote(text)}, which is not a time") from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _region(text: str) -> str:
    if not is_region(text):
        raise EventError(f"`detail.awsRegion` is {quote(text)}, which is not a Region")
    return text


def _account(value: object) -> str:
    if not isinstance(value, str) or not is_account(value):
        raise EventError(f"`detail.recipientAccountId` is {quote(value)}, which is not an account")
    return value


def _owner(detail: Json, request: Json, response: Json) -> str | None:
    """Return the owner of the registry, or None if the record does not have it. A public registry may have an alias."""
    arns, accounts = _resources(detail)
    named = [response.get("registryId"), request.get("registryId"), *accounts, *(_account_in(arn) for arn in arns)]
    return next((one for one in named if isinstance(one, str) and is_account(one)), None)


def _repository(detail: Json, request: Json, response: Json) -> str | None:
    named = [text_of(request, "repositoryName"), text_of(response, "repositoryName")]
    arns = [*_resources(detail)[0], request.get("resourceArn")]
    named += [arn.partition(_REPOSITORY)[2] for arn in arns if isinstance(arn, str)]
    return next((name for name in named if name), None)


def _resources(detail: Json) -> tuple[list[object], list[object]]:
    """Return the ARNs and the accounts of the resources that a record names."""
    resources = [one for one in list_of(detail, "resources") if isinstance(one, Mapping)]
    arns = [resource.get("ARN") or resource.get("arn") for resource in resources]
    return arns, [resource.get("accountId") for resource in resources]


def _account_in(arn: object) -> str | None:
    parts = arn.split(":") if isinstance(arn, str) else []
    return parts[_ACCOUNT_OF_AN_ARN] if len(parts) >= _ARN_PARTS else None
