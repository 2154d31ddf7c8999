"""The question of CloudFormation and the Cloud Control API: may a resource be created, changed or deleted?

AWS's page has a syntax block and an example that differ: `clientRequesttoken` and `clientRequestToken`, a change set
without and with `actionInvocationPoint`. Both are read, and names in any case.

https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/lambda-hooks-create-lambda-function.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ...documents.principals import is_account
from ...documents.problems import quoted
from ...errors import EcrCrossAccountError

Json = Mapping[str, object]


CHANGE_SET = "CHANGE_SET"
"""The target type for a whole change set."""


class RequestError(EcrCrossAccountError):
    """A request without the shape that AWS documents, or about something that the hook does not judge."""


class Action(StrEnum):
    """The operation that the hook is called before."""

    CREATE = "CREATE"
    UPDATE = "UPDATE"
    DELETE = "DELETE"


@dataclass(frozen=True, slots=True)
class Resource:
    """The resource that a request is about.

    `properties` are resolved, and empty if it is deleted. `previous` are the earlier ones, or None if there are none or
    they are unknown.
    """

    kind: str
    name: str
    properties: Json
    previous: Json | None


@dataclass(frozen=True, slots=True)
class Payload:
    """A change set, whose content is behind a presigned URL."""

    url: str


@dataclass(frozen=True, slots=True)
class Request:
    """One question. `account` owns the resources."""

    account: str
    action: Action
    about: Resource | Payload

    @classmethod
    def parse(cls, event: Json) -> Request:
        """Read an event. Raises RequestError, which lists all of its problems."""
        data = _object(event, "requestData")
        about_change_set = data.get("targetType") == CHANGE_SET
        problems = [*_problems(event), *(_payload_problems if about_change_set else _model_problems)(event)]
        if problems:
            raise RequestError("; ".join(problems))
        (action,) = _actions(event)
        about = Payload(str(data["payload"])) if about_change_set else _resource(data, action)
        return cls(str(_said(event, "awsAccountId")), action, about)


def _resource(data: Json, action: Action) -> Resource:
    model = _object(data, "targetModel")
    properties, previous = (_mapping(model, f"{when}esourceProperties") for when in ("r", "previousR"))
    kind = str(data["targetName"])
    name = str(data.get("targetLogicalId") or kind)
    if action is Action.DELETE:
        # They "will be empty" for a deleted resource. Empty properties say nothing, also if they are the previous ones.
        return Resource(kind, name, {}, properties or previous or None)
    return Resource(kind, name, properties or {}, previous)


def _mapping(parent: Json, name: str) -> Json | None:
    value = parent.get(name)
    return value if isinstance(value, Mapping) else None


def token_of(event: Json) -> str | None:
    """Return the token that the answer must repeat. The rest of the request may be malformed."""
    token = _said(event, "clientRequestToken")
    return token if isinstance(token, str) else None


def is_in_stack(event: Json) -> bool:
    """Return whether the request is from a stack. The Cloud Control API has no stack to name."""
    return bool(_said(event, "stackId"))


def _said(event: Json, name: str) -> object:
    """Return a field of the request, also if its name is in another case, or None."""
    if name in event:
        return event[name]
    return next((value for other, value in event.items() if str(other).lower() == name.lower()), None)


def _object(parent: Json, name: str) -> Json:
    value = parent.get(name)
    return value if isinstance(value, Mapping) else {}


def _actions(event: Json) -> list[Action]:
    """Return the action of a request. A change set that does not say is one of CREATE, and AWS knows no other."""
    point = _said(event, "actionInvocationPoint")
    if point is None and _object(event, "requestData").get("targetType") == CHANGE_SET:
        return [Action.CREATE]
    return [one for one in Action if point == f"{one.value}_PRE_PROVISION"]


def _problems(event: Json) -> Iterator[str]:
    account, point = _said(event, "awsAccountId"), _said(event, "actionInvocationPoint")
    if not isinstance(account, str) or not is_account(account):
        yield f"`awsAccountId` is {quoted(account)}, which is not an account"
    if not _actions(event):
        yield f"`actionInvocationPoint` is {quoted(point)}: expected CREATE_, UPDATE_ or DELETE_PRE_PROVISION"


def _payload_problems(event: Json) -> Iterator[str]:
    if not isinstance(_object(event, "requestData").get("payload"), str):
        yield "`requestData.payload` is not a URL"


def _model_problems(event: Json) -> Iterator[str]:
    data = _object(event, "requestData")
    model = _object(data, "targetModel")
    if not isinstance(data.get("targetName"), str):
        yield "`requestData.targetName` does not name a type"
    # A request to delete a resource need not have its properties.
    if _mapping(model, "resourceProperties") is None and _actions(event) != [Action.DELETE]:
        yield "`requestData.targetModel.resourceProperties` is not an object"
    if not isinstance(model.get("previousResourceProperties"), (Mapping, type(None))):
        yield "`requestData.targetModel.previousResourceProperties` is not an object"
