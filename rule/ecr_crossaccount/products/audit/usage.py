"""The last pull and push of each outside caller, and named accounts without any, from the account's CloudTrail history.

The history has at most 90 days of one account and Region, and calls of other accounts only as far as AWS records them
there. A missing event proves nothing: say "no use seen", never "unused". If the history was not read completely, or has
a caller without a name, no account is listed.
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from typing import Any

from ...judgement.values.verdict import Grant, Kind
from ...memo import by_value
from ...sources.aws.calls import AWS_ERRORS, reason_of
from ...sources.aws.retries import pages
from ..automation.find_use import (
    EVENTS_A_PAGE,
    SECONDS_A_REQUEST,
    UNKNOWN,
    EventHistory,
    TargetRepository,
    call_of,
    event_of,
)
from ..automation.steps import StepError
from ..kinds.handling import Lack
from .account import Caller
from .items import Unread, arn_of
from .rows import Audited
from .trusted import Trusted

MOST_PAGES = 600
"""The most pages of each kind of event: five minutes with two requests a second, for the newest 30,000 events."""

PULL, PUSH = "pull", "push"
_EVENTS = {"BatchGetImage": PULL, "GetDownloadUrlForLayer": PULL, "PutImage": PUSH}
"""A pull requests manifests and layers. A push ends with the manifest."""

Key = tuple[str, str]
"""A caller (an account's number, or a service), and the ARN of a repository, or "" if the event names none."""


@dataclass(slots=True)
class Usage:
    """The last `pull` and `push` of each caller and repository in the last `days`.

    `partial` has the Regions and events that were read only in part, the newest first, with the time that was reached.
    """

    days: int
    last: dict[str, dict[Key, str]] = field(default_factory=lambda: {PULL: {}, PUSH: {}})
    partial: list[tuple[str, str, str]] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)

    def note(self, what: str, key: Key, moment: str) -> None:
        """Record an event. The latest time is kept."""
        self.last[what][key] = max(moment, self.last[what].get(key, ""))

    def callers(self) -> list[str]:
        """Return every caller that was seen."""
        return sorted({caller for seen in self.last.values() for caller, _ in seen})

    def last_use(self, caller: str, what: str) -> tuple[str, tuple[str, ...]]:
        """Return when a caller last did something, or "" if never, and the repositories it used."""
        seen = {arn: moment for (one, arn), moment in self.last[what].items() if one == caller}
        return max(seen.values(), default=""), tuple(sorted(arn for arn in seen if arn))

    def to_json(self) -> dict[str, object]:
        """Return it in the form of the report's field `usage`."""
        return {
            "days": self.days,
            "callers": [self._caller(caller) for caller in self.callers()],
            "partial": [{"region": region, "event": event, "back_to": to} for region, event, to in self.partial],
        }

    def _caller(self, caller: str) -> dict[str, object]:
        arns = sorted({arn for seen in self.last.values() for one, arn in seen if one == caller})
        return {
            "caller": caller,
            "last_pull": self.last_use(caller, PULL)[0] or None,
            "last_push": self.last_use(caller, PUSH)[0] or None,
            "repositories": [
                {
                    "arn": arn or None,
                    "last_pull": self.last[PULL].get((caller, arn)),
                    "last_push": self.last[PUSH].get((caller, arn)),
                }
                for arn in arns
            ],
        }


@by_value
class Account:
    """The account and Regions whose history is read."""

    caller: Caller
    partition: str
    number: str
    regions: Sequence[str]

    def usage(self, days: int, today: date, tell: Callable[[str], None]) -> Usage:
        """Read the last `days`. Errors are in the result's `unread`. Calls `tell` to show the progress."""
        found = Usage(days)
        start = datetime.combine(today - timedelta(days=days), clock_time(), UTC)
        for region in self.regions:
            history = self.caller.cloudtrail(region)
            for event in _EVENTS:
                tell(f"reading CloudTrail, {region}, {event}")
                try:
                    self._read(history, region, event, start, found)
                except (StepError, *AWS_ERRORS) as error:
                    reason = str(error) if isinstance(error, StepError) else reason_of(error)
                    why = f"the use is unknown: {reason}"
                    found.unread.append(Unread(why, self.number, region, about=Lack.USE))
                    break
        return found

    def _read(self, history: EventHistory, region: str, name: str, start: datetime, found: Usage) -> None:
        reached = ""
        for number, page in enumerate(_pages(history, name, start)):
            if number == MOST_PAGES:
                found.partial.append((region, name, reached))
                return
            for envelope in page.get("Events", ()):
                event = event_of(envelope)
                reached = str(event.get("eventTime", reached))
                self._note(event, region, found)

    def _note(self, event: Mapping[str, Any], region: str, found: Usage) -> None:
        repository = _repository(event)
        arn = arn_of(self.partition, region, self.number, repository) if repository else ""
        call, what = (
            call_of(event, TargetRepository(self.number, repository, arn)),
            _EVENTS.get(str(event.get("eventName"))),
        )
        if call is not None and what is not None:
            found.note(what, (call.caller, arn), call.time)


def _pages(history: EventHistory, name: str, start: datetime) -> Iterator[Mapping[str, Any]]:
    """Yield pages, the newest events first, no faster than CloudTrail allows."""
    request: dict[str, Any] = {
        "LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": name}],
        "StartTime": start,
        "MaxResults": EVENTS_A_PAGE,
    }
    for page in pages(history.lookup_events, "cloudtrail", "LookupEvents", "NextToken", **request):
        yield page
        if page.get("NextToken"):
            time.sleep(SECONDS_A_REQUEST)


def _repository(event: Mapping[str, Any]) -> str:
    """Return the name of the repository that an event is about, or "" if it names none."""
    parameters, resources = event.get("requestParameters"), event.get("resources")
    name = parameters.get("repositoryName") if isinstance(parameters, dict) else None
    if isinstance(name, str):
        return name
    known = [resource for resource in resources if isinstance(resource, dict)] if isinstance(resources, list) else []
    arns = [one.get("ARN") or one.get("arn") for one in known]
    return next((arn.partition(":repository/")[2] for arn in arns if isinstance(arn, str)), "")


_NEEDS = {PULL: frozenset({"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"}), PUSH: frozenset({"ecr:PutImage"})}
"""The actions whose events are looked up. The use of other actions cannot be seen."""


@by_value
class Unseen:
    """An account that can pull or push (`what`) a repository, but was not seen doing so."""

    arn: str
    account: str
    what: str


def unseen_of(usage: Usage, repositories: Iterable[Audited]) -> Iterator[Unseen]:
    """Yield each access of an account without use, trusted or not, for the Regions that were read completely."""
    incomplete = {region for region, _, _ in usage.partial} | {one.region for one in usage.unread}
    for repository in repositories:
        if repository.item.region not in incomplete:
            held: list[Grant | Trusted] = [*repository.verdict.grants, *repository.trusted]
            known = dict.fromkeys(found for one in held for found in _uses_of(repository.item.arn, one))
            yield from (found for found in known if not _is_seen(usage, found))


def _uses_of(arn: str, held: Grant | Trusted) -> Iterator[Unseen]:
    for what, actions in _NEEDS.items():
        if held.kind is Kind.ACCOUNT and not actions.isdisjoint(held.actions):
            yield Unseen(arn, held.grantee, what)


def _is_seen(usage: Usage, one: Unseen) -> bool:
    """Return whether an event may be about this account and repository, because it may name neither."""
    callers, arns = (one.account, UNKNOWN), (one.arn, "")
    return any((caller, arn) in usage.last[one.what] for caller in callers for arn in arns)
