"""The question of CloudFormation and the Cloud Control API: may a resource be created, changed or deleted?

AWS's page has a syntax block and an example that differ: `clientRequesttoken` and `clientRequestToken`, a change set
without and with `actionInvocationPoint`. Both are read, and names in any case.

https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/lambda-hooks-create-lambda-function.html

The content of a change set is a file that CloudFormation stores in its own bucket, with a presigned URL. The URL is a
credential while it is valid, so it is in no message and in no line of the log. A payload does not show everything that
the change set would make: nested stacks, and what programs do. A late answer is no answer, so reading has a deadline.
"""

from __future__ import annotations

import http.client
import re
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from enum import StrEnum
from types import FrameType
from urllib.parse import SplitResult, urlsplit

from ...documents.document import is_account, partition_of
from ...documents.problems import quote
from ...errors import InputError, OutOfTimeError
from ...memo import by_value
from ...sources.formats.cloudformation.template import suffix_of


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise OutOfTimeError in the block after that many seconds. Only for the main thread, which calls handlers."""
    if seconds <= 0:
        raise OutOfTimeError
    before = signal.signal(signal.SIGALRM, _stop)
    earlier = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, *earlier)
        signal.signal(signal.SIGALRM, before)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise OutOfTimeError


Json = Mapping[str, object]

CHANGE_SET = "CHANGE_SET"
"""The target type for a whole change set."""


class RequestError(InputError):
    """A request without the shape that AWS documents, or about something that the hook does not judge."""


class Action(StrEnum):
    """The operation that the hook is called before."""

    CREATE = "CREATE"
    UPDATE = "UPDATE"
    DELETE = "DELETE"


@by_value
class Resource:
    """One resource, and what would become of it.

    `properties` are resolved, and empty if it is deleted. They are None if a change set does not give them. `previous`
    are the earlier ones, or None if there are none or they are unknown.
    """

    action: Action
    kind: str
    name: str
    properties: Json | None
    previous: Json | None


@by_value
class Request:
    """One question. `account` owns the resources. `about` is a resource, or the presigned URL of a change set."""

    account: str
    about: Resource | str

    @classmethod
    def parse(cls, event: Json) -> Request:
        """Read an event. Raises RequestError, which lists all of its problems."""
        data = _object(event, "requestData")
        about_change_set = data.get("targetType") == CHANGE_SET
        problems = [*_problems(event), *([] if about_change_set else _model_problems(event))]
        if about_change_set and not isinstance(data.get("payload"), str):
            problems.append("`requestData.payload` is not a URL")
        if problems:
            raise RequestError("; ".join(problems))
        about = str(data["payload"]) if about_change_set else _resource(data, *_actions(event))
        return cls(str(_field(event, "awsAccountId")), about)


def _resource(data: Json, action: Action) -> Resource:
    model = _object(data, "targetModel")
    properties, previous = (_mapping(model, f"{when}esourceProperties") for when in ("r", "previousR"))
    kind = str(data["targetName"])
    name = str(data.get("targetLogicalId") or kind)
    if action is Action.DELETE:
        # They "will be empty" for a deleted resource. Empty properties say nothing, also if they are the previous ones.
        return Resource(action, kind, name, {}, properties or previous or None)
    return Resource(action, kind, name, properties or {}, previous)


def _mapping(parent: Json, name: str) -> Json | None:
    value = parent.get(name)
    return value if isinstance(value, Mapping) else None


def token_of(event: Json) -> str | None:
    """Return the token that the answer must repeat. The rest of the request may be malformed."""
    token = _field(event, "clientRequestToken")
    return token if isinstance(token, str) else None


def is_in_stack(event: Json) -> bool:
    """Return whether the request is from a stack. The Cloud Control API has no stack to name."""
    return bool(_field(event, "stackId"))


def _field(event: Json, name: str) -> object:
    """Return a field of the request, also if its name is in another case, or None."""
    if name in event:
        return event[name]
    return next((value for other, value in event.items() if str(other).lower() == name.lower()), None)


def _object(parent: Json, name: str) -> Json:
    return _mapping(parent, name) or {}


def _actions(event: Json) -> list[Action]:
    """Return the action of a request. A change set that does not say is one of CREATE, and AWS knows no other."""
    point = _field(event, "actionInvocationPoint")
    if point is None and _object(event, "requestData").get("targetType") == CHANGE_SET:
        return [Action.CREATE]
    return [action for action in Action if point == f"{action.value}_PRE_PROVISION"]


def _problems(event: Json) -> Iterator[str]:
    account, point = _field(event, "awsAccountId"), _field(event, "actionInvocationPoint")
    if not isinstance(account, str) or not is_account(account):
        yield f"`awsAccountId` is {quote(account)}, which is not an account"
    if not _actions(event):
        yield f"`actionInvocationPoint` is {quote(point)}: expected CREATE_, UPDATE_ or DELETE_PRE_PROVISION"


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


LARGEST = 16 * 1_048_576
"""Bytes: two templates of 1 MB, and the preview of up to 500 resources."""
SECONDS = 10.0
"""The time limit for the whole file. CloudFormation waits 30 seconds for the answer."""

_CHUNK = 65_536
_HTTPS = 443
# The endpoints of S3, including those of older Regions only. Nobody else can register a name below them.
# https://docs.aws.amazon.com/general/latest/gr/s3.html
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html#VirtualHostingBackwardsCompatibility
_BUCKET = r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*"
_HOST = re.compile(
    rf"{_BUCKET}(?:"
    r"s3(?:-fips)?(?:\.dualstack)?\.(?P<region>[a-z]{2,5}(?:-[a-z]+){1,3}-[0-9]{1,2})\.(?P<suffix>[a-z0-9.-]+)"
    r"|s3(?:-fips)?-(?P<older>[a-z]{2}(?:-[a-z]+){1,2}-[0-9])\.amazonaws\.com"
    r"|s3(?:-external-1)?\.amazonaws\.com)"
)

Connect = Callable[[str], http.client.HTTPConnection]
"""Returns a connection to a host."""


def over_https(host: str) -> http.client.HTTPConnection:
    """Return a connection to a host whose certificate is verified."""
    return http.client.HTTPSConnection(host, timeout=SECONDS / 2)


def fetch_payload(url: str, connect: Connect = over_https) -> bytes:
    """Return the file behind a presigned URL of S3. Raises RequestError."""
    place = _place(url)
    end = time.monotonic() + SECONDS
    try:
        with closing(connect(str(place.hostname))) as connection:
            # A redirect is not followed, because its host has not been checked.
            connection.request("GET", f"{place.path}?{place.query}", headers={"Accept-Encoding": "identity"})
            answer = connection.getresponse()
            if answer.status != http.client.OK:
                raise RequestError(f"S3 answers {answer.status} for the payload")
            return _read(answer, end)
    except (OSError, UnicodeError, http.client.HTTPException) as error:
        raise RequestError(f"the payload cannot be fetched: {type(error).__name__}") from None


def _place(url: str) -> SplitResult:
    try:
        place = urlsplit(url)
        port = place.port
    except ValueError:
        raise RequestError("the payload's URL is not valid") from None
    host = place.hostname or ""
    is_s3 = _is_s3(host) and place.netloc.lower() in (host, f"{host}:{_HTTPS}")
    if place.scheme != "https" or not is_s3 or port not in (None, _HTTPS):
        raise RequestError("the payload's URL does not lead to S3 over HTTPS")
    return place


def _is_s3(host: str) -> bool:
    found = _HOST.fullmatch(host)
    if found is None:
        return False
    region = found["region"]
    return region is None or found["suffix"] == suffix_of(partition_of(region))


def _read(answer: http.client.HTTPResponse, end: float) -> bytes:
    parts, size = [], 0
    while chunk := answer.read1(_CHUNK):  # does not wait for a full chunk, so that the time limit holds
        parts.append(chunk)
        size += len(chunk)
        if size > LARGEST:
            raise RequestError(f"the payload is larger than {LARGEST:,} bytes")
        if time.monotonic() > end:
            raise RequestError(f"the payload took longer than {SECONDS:.0f} seconds")
    if answer.length:
        raise RequestError("the payload ends early")
    return b"".join(parts)


# A change set has other change sets for its nested stacks only with `IncludeNestedStacks`, which is off by default:
# https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html
# Their resources are resources of a stack. Hooks for `RESOURCE` are called for them, whatever creates that stack:
# https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/hooks-concepts.html
_HERE = frozenset(
    {
        "AWS::CloudFormation::Stack",
        "AWS::Serverless::Application",
        "AWS::ServiceCatalog::CloudFormationProvisionedProduct",
    }
)
_IN_OTHER_ACCOUNTS = "AWS::CloudFormation::StackSet"
_MODULE = "::MODULE"
_WHEN_MADE = (
    "the hook for resources judges what it makes, when that is made or changed, unless a filter leaves that stack out"
)


def is_made_elsewhere(kind: str) -> bool:
    """Return whether a resource makes resources of another stack, which are not in the payload."""
    return kind in _HERE or kind == _IN_OTHER_ACCOUNTS or kind.endswith(_MODULE)


def unseen(kinds: Mapping[str, str], reasons: Mapping[str, str], *, judged: bool) -> Iterator[str]:
    """Yield a sentence about each resource that is not judged.

    `kinds` are types by name, `reasons` why some are not judged.

    `judged`: whether the hook is called for the resources of stacks. Raises RequestError if nothing judges a resource.
    """
    for name, kind in kinds.items():
        if kind == _IN_OTHER_ACCOUNTS:
            yield f"{quote(name)}: what the StackSet makes is judged by the hooks of its accounts and Regions, if any"
        elif is_made_elsewhere(kind):
            if not judged:
                raise RequestError(
                    f"what {quote(name)} ({kind}) makes is not in the payload, and the hook is not asked about the "
                    "resources of stacks: add RESOURCE to its Operations"
                )
            yield f"{quote(name)} ({kind}): {_WHEN_MADE}"
        elif name in reasons:
            yield f"{quote(name)}: {reasons[name]}"
