"""What CloudFormation and the Cloud Control API ask the hook: whether a resource may be made, changed or deleted.

https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/lambda-hooks-create-lambda-function.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ..errors import EcrCrossAccountError
from ..policy.principals import is_account
from ..policy.problems import quoted

Json = Mapping[str, object]


class RequestError(EcrCrossAccountError):
    """A request that does not have the shape that AWS documents, or asks for what nobody judges here."""


class Action(StrEnum):
    """What is about to be done."""

    CREATE = "CREATE"
    UPDATE = "UPDATE"
    DELETE = "DELETE"


@dataclass(frozen=True, slots=True)
class Resource:
    """The resource that is meant.

    `properties` are resolved, of one that is deleted those that it has; `previous` is None where there were none.
    """

    kind: str
    name: str
    properties: Json
    previous: Json | None


@dataclass(frozen=True, slots=True)
class Request:
    """One question. `account`: whose resource it is. `in_stack`: whether a stack asks, else Cloud Control does."""

    account: str
    action: Action
    resource: Resource
    in_stack: bool

    @classmethod
    def parse(cls, event: Json) -> Request:
        """Read an event. Raises RequestError that lists everything that is wrong with it."""
        problems = list(_problems(event))
        if problems:
            raise RequestError("; ".join(problems))
        data = _object(event, "requestData")
        model = _object(data, "targetModel")
        previous = model.get("previousResourceProperties")
        resource = Resource(
            str(data["targetName"]),
            str(data.get("targetLogicalId") or data["targetName"]),
            _object(model, "resourceProperties"),
            previous if isinstance(previous, Mapping) else None,
        )
        return cls(str(event["awsAccountId"]), _actions(event)[0], resource, is_in_stack(event))


def token_of(event: Json) -> str | None:
    """Return the token that the answer must repeat, of a request that may be malformed otherwise."""
    token = event.get("clientRequestToken")
    return token if isinstance(token, str) else None


def is_in_stack(event: Json) -> bool:
    """Tell whether a stack asks; the Cloud Control API has none to name."""
    return bool(event.get("stackId"))


def _object(parent: Json, name: str) -> Json:
    value = parent.get(name)
    return value if isinstance(value, Mapping) else {}


def _actions(event: Json) -> list[Action]:
    point = event.get("actionInvocationPoint")
    return [one for one in Action if point == f"{one.value}_PRE_PROVISION"]


def _problems(event: Json) -> Iterator[str]:
    account, point = event.get("awsAccountId"), event.get("actionInvocationPoint")
    data = _object(event, "requestData")
    model = _object(data, "targetModel")
    if not isinstance(account, str) or not is_account(account):
        yield f"`awsAccountId` is {quoted(account)}, which is no account"
    if not _actions(event):
        yield f"`actionInvocationPoint` is {quoted(point)}: expected CREATE_, UPDATE_ or DELETE_PRE_PROVISION"
    if not isinstance(data.get("targetName"), str):
        yield "`requestData.targetName` does not name a type"
    # Who deletes a resource need not say what it is like.
    if not isinstance(model.get("resourceProperties"), Mapping) and _actions(event) != [Action.DELETE]:
        yield "`requestData.targetModel.resourceProperties` is no object"
    if not isinstance(model.get("previousResourceProperties"), (Mapping, type(None))):
        yield "`requestData.targetModel.previousResourceProperties` is no object"
