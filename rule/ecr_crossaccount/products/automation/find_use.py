"""Recent use: the outside callers in CloudTrail's event history, and whether a change would cut them off.

The history has 90 days of management events of one account and Region. A missing call proves nothing. So the answer is
"no use seen", never "unused".
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from .steps import StepError, inert

EVENTS_A_PAGE = 50
SECONDS_A_REQUEST = 0.5
"""LookupEvents: two requests a second for an account and Region, one attribute a request, 90 days back.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""
RESOURCE_PAGES = 20
"""The most pages to read by the repository's name.

They can show use early, but it is not documented which form of the name ECR records. Only the pages of each EventName
can show that there was no use.
"""
READING_SECONDS = 540
"""The most time for the step. A script of an Automation document ends after 600 seconds."""
BACK_OFF = (1, 2, 4, 8, 16, 32, 32, 32)
THROTTLED = frozenset({"ThrottlingException", "Throttling", "RequestLimitExceeded"})
SOURCES = frozenset({"ecr.amazonaws.com", "ecr.amazonaws.com.cn"})
"""`ecr-public.amazonaws.com` is a different registry with the same names of calls."""
REFUSED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "Client.UnauthorizedOperation"})
"""Codes of calls that no policy allowed. Every other error is an answer to a caller with access."""
NO_SERVICE = frozenset({"AWS Internal", "ecr.amazonaws.com"})
"""Values of `invokedBy` for the docker commands of users. They do not mean that a service acts."""
UNKNOWN = "a caller whom the event does not name"
MOST_LINES = 40


class EventHistory(Protocol):
    """The part of CloudTrail's client that is used here."""

    def lookup_events(self, **request: object) -> Mapping[str, Any]:
        """Return a page of events. Raises ClientError, BotoCoreError."""


class TargetRepository(NamedTuple):
    """The repository, by its owner's account number, its name and its ARN."""

    account: str
    repository: str
    arn: str


class Call(NamedTuple):
    """A call from outside that was allowed, whether or not it succeeded.

    `caller` is an account's number, a service's name or UNKNOWN.
    """

    caller: str
    action: str
    time: str
    identity: str


class Use(NamedTuple):
    """All calls with the same caller and action."""

    caller: str
    action: str
    calls: int
    last: str


class Clock(NamedTuple):
    """The functions that return the time and wait."""

    now: Callable[[], float]
    sleep: Callable[[float], None]


def search_for_use(cloudtrail: EventHistory, events: Mapping[str, Any], end: datetime, clock: Clock) -> dict[str, str]:
    """Search the history up to `end` for use of the access that a change takes away: the `Cuts` from `planner`."""
    cuts: dict[str, Any] = json.loads(events["Cuts"])
    if not cuts["cut"]:
        return {"Status": "NoUseSeen", "Report": "nobody outside would lose access"}
    place = TargetRepository(events["Account"], events["Repository"], events["Arn"])
    span = f"in this Region's last {events['Days']} days"
    calls: list[Call] = []
    problem = ""
    try:
        start = end - timedelta(days=int(events["Days"]))
        for event in history(cloudtrail, place, cuts["ask"], (start, end), clock):
            call = call_of(event, place)
            if call is not None:
                calls.append(call)
    except StepError as error:
        problem = str(error)
    members = frozenset(events["OrganizationAccounts"])
    lines = [line for use in uses(calls) if (line := loss(use, cuts, members))]
    if lines:
        return {"Status": "InUse", "Report": "\n".join([f"used {span}, and cut by the new policy:", *_first(lines)])}
    if problem:
        return {"Status": "Unreadable", "Report": f"who uses `{place.repository}` cannot be determined: {problem}"}
    return {"Status": "NoUseSeen", "Report": f"no use seen {span} by those who would lose access"}


def history(
    cloudtrail: EventHistory,
    place: TargetRepository,
    names: Iterable[str],
    span: tuple[datetime, datetime],
    clock: Clock,
) -> Iterator[Mapping[str, Any]]:
    """Yield the events of a span that are about the repository or have one of `names`. Raises StepError."""
    pace = _Pace(clock)
    for form in (place.repository, place.arn):
        yield from _pages(cloudtrail, ("ResourceName", form), span, pace, RESOURCE_PAGES)
    for name in names:
        yield from _pages(cloudtrail, ("EventName", name), span, pace, None)


class _Pace:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._start = clock.now()
        self._next = self._start + SECONDS_A_REQUEST  # CloudTrail also counts requests by others a moment before

    def wait(self, longer: float = 0) -> None:
        """Wait until the next request may be made. Raises StepError at the time limit."""
        now = self._clock.now()
        pause = max(self._next - now, 0) + longer
        if now + pause - self._start > READING_SECONDS:
            minutes = READING_SECONDS // 60
            raise StepError(f"the history is too long for {minutes} minutes of two requests a second")
        if pause:
            self._clock.sleep(pause)
        self._next = now + pause + SECONDS_A_REQUEST


def _pages(
    cloudtrail: EventHistory,
    attribute: tuple[str, str],
    span: tuple[datetime, datetime],
    pace: _Pace,
    most: int | None,
) -> Iterator[Mapping[str, Any]]:
    request: dict[str, Any] = {
        "LookupAttributes": [{"AttributeKey": attribute[0], "AttributeValue": attribute[1]}],
        "StartTime": span[0],
        "EndTime": span[1],
        "MaxResults": EVENTS_A_PAGE,
    }
    pages = 0
    while most is None or pages < most:
        answer = _page(cloudtrail, request, pace)
        pages += 1
        for envelope in answer.get("Events", ()):
            yield event_of(envelope)
        if not answer.get("NextToken"):  # an empty page can have a token
            return
        request["NextToken"] = answer["NextToken"]


def _page(cloudtrail: EventHistory, request: Mapping[str, Any], pace: _Pace) -> Mapping[str, Any]:
    for pause in (0, *BACK_OFF):
        pace.wait(pause)
        try:
            answer: Mapping[str, Any] = cloudtrail.lookup_events(**request)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") not in THROTTLED:
                raise StepError(f"CloudTrail answered: {error}") from error
        except BotoCoreError as error:
            raise StepError(f"CloudTrail did not answer: {error}") from error
        else:
            return answer
    raise StepError("CloudTrail keeps throttling; all callers in the account share its limit, so try again later")


def event_of(envelope: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the event in an item of LookupEvents. Raises StepError."""
    try:
        event = json.loads(envelope["CloudTrailEvent"])
    except (KeyError, TypeError, ValueError, RecursionError):
        event = None
    if not isinstance(event, dict):
        raise StepError(f"event `{envelope.get('EventId', '?')}` of the history is not a JSON object")
    return event


def call_of(event: Mapping[str, Any], place: TargetRepository) -> Call | None:
    """Return the use of the repository from outside that an event shows, or None if it shows none."""
    if str(event.get("eventSource")) not in SOURCES or str(event.get("errorCode")) in REFUSED:
        return None
    if event.get("eventName") == "GetAuthorizationToken":
        return None
    if _owner(event) not in (place.account, None) or not _concerns(event, place.repository):
        return None
    caller = _caller(event)
    if caller == place.account:
        return None
    # The copies of an event for the caller and for the owner have this id in common.
    identity = event.get("sharedEventID") or event.get("eventID") or json.dumps(event, sort_keys=True)
    return Call(caller, f"ecr:{event.get('eventName')}", str(event.get("eventTime", "?")), str(identity))


def _caller(event: Mapping[str, Any]) -> str:
    """Return the caller by `userIdentity`, never by the account that received the event."""
    identity = _object(event.get("userIdentity"))
    account = identity.get("accountId") or _account_in(identity.get("arn"))
    if account:
        return str(account)
    service = identity.get("invokedBy")
    return UNKNOWN if not isinstance(service, str) or service in NO_SERVICE else service


def _owner(event: Mapping[str, Any]) -> str | None:
    """Return the owner of the repository, or None if the event does not have it."""
    resources = [_object(one) for one in _list(event.get("resources"))]
    named = [resource.get("accountId") for resource in resources] + [_account_in(arn) for arn in _arns(event)]
    named.append(_object(event.get("requestParameters")).get("registryId"))
    return next((str(account) for account in named if account), None)


def _concerns(event: Mapping[str, Any], repository: str) -> bool:
    """Return whether an event is about the repository. An event without a repository may be."""
    parameters = _object(event.get("requestParameters"))
    arns = [*_arns(event), parameters.get("resourceArn")]
    names = [parameters.get("repositoryName"), *_list(parameters.get("repositoryNames"))]
    names += [str(arn).partition(":repository/")[2] for arn in arns if arn]
    known = {name for name in names if name and isinstance(name, str)}
    return not known or repository in known


def _arns(event: Mapping[str, Any]) -> list[object]:
    """Return the ARNs of an event's resources, which CloudTrail writes under either name."""
    resources = [_object(one) for one in _list(event.get("resources"))]
    return [resource.get("ARN") or resource.get("arn") for resource in resources]


def _account_in(arn: object) -> str | None:
    parts = arn.split(":") if isinstance(arn, str) else []
    return parts[4] or None if len(parts) > 5 else None  # noqa: PLR2004 - arn:partition:service:region:account:rest


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def uses(calls: Iterable[Call]) -> list[Use]:
    """Return the calls by caller and action, with each call counted once."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for call in calls:
        found.setdefault((call.caller, call.action), {})[call.identity] = call.time
    return [Use(caller, action, len(times), max(times.values())) for (caller, action), times in sorted(found.items())]


def loss(use: Use, cuts: Mapping[str, Any], members: frozenset[str]) -> str:
    """Return what a change takes from a use, or "" if nothing. `members` are accounts in a trusted organization.

    `cuts` has groups of grantees with their actions. `cut` are taken away, `kept` remain for every request, and
    `conditional` remain under conditions that CloudTrail does not record.
    """
    if not _gives(cuts["cut"], _all_that(use.caller), use.action) or _gives(cuts["kept"], {use.caller}, use.action):
        return ""
    organization = _gives(cuts["conditional"], {"organization"}, use.action)
    if organization and use.caller in members:
        return ""
    is_account = use.caller.isdigit()
    who = f"account {use.caller}" if is_account else use.caller
    line = f"{who}: {use.action}, {use.calls} {'call' if use.calls == 1 else 'calls'}, the last on {use.last}"
    if not _gives(cuts["conditional"], _all_that(use.caller), use.action):
        return line
    if organization and is_account:
        return f"{line}; kept only if the account is in the trusted organization: OrganizationAccounts can say so"
    return f"{line}; kept only under conditions that CloudTrail does not record"


def _gives(groups: Iterable[Mapping[str, list[str]]], names: set[str], action: str) -> bool:
    """Return whether a group gives an action to one of the names. For an unnamed caller, any group may."""
    return any(action in group["actions"] and (UNKNOWN in names or names & set(group["who"])) for group in groups)


def _all_that(caller: str) -> set[str]:
    return {caller, "any", "organization"} if caller.isdigit() else {caller, "any AWS service"}


def _first(lines: list[str]) -> list[str]:
    more = len(lines) - MOST_LINES
    return [*lines[:MOST_LINES], f"and {more} more"] if more > 0 else lines


def recent_use(found: Mapping[str, str], cuts: str, events: Mapping[str, Any]) -> dict[str, str]:
    """Search CloudTrail for use of the `cuts` of a change: `found` is the repository. Returns `Status` and `Report`."""
    cloudtrail = boto3.client("cloudtrail", config=Config(retries={"mode": "standard", "total_max_attempts": 3}))
    request = {**events, **found, "Cuts": cuts}
    return search_for_use(
        cloudtrail, request, datetime.fromtimestamp(time.time(), UTC), Clock(time.monotonic, time.sleep)
    )


def unless_in_use(use: Mapping[str, str], force: str) -> None:
    """Raise StepError if there is use, or this cannot be determined, and the stack does not force the change."""
    if use["Status"] != "NoUseSeen" and force != "true":
        raise StepError(inert(f"the policy is unchanged: {use['Report']}"))
