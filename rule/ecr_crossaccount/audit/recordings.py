"""Which of several recordings of a repository counts: the latest; where nothing tells which that is, each of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ..automation.write_policy import meaning
from ..config_rule.errors import EventError
from ..config_rule.events import moment_of
from ..policy.problems import first_of, quoted
from ..policy.strict_json import strict_value_of
from .config_items import Gone, item_of
from .items import Ambiguous, Item, Unread

_PLACES = 5
_MILLISECONDS = 100_000_000_000
"""From here on a number is not a time in seconds: it would be in the year 5138."""


@dataclass(frozen=True, slots=True)
class Recording:
    """What AWS Config says of one repository, and where that stands.

    `moment`: when it was recorded; None where that is not known, for which `time` is the reason.
    """

    found: Item | Unread | Gone
    place: str
    moment: datetime | None
    time: str

    @property
    def words(self) -> str:
        """The place, and what makes it one of several."""
        return f"{self.place} ({'deleted, ' if isinstance(self.found, Gone) else ''}{self.time})"


def recording_of(row: Mapping[str, object], place: str) -> Recording | None:
    """Return what `row`, a configuration item or a row of a query, records; None for other resources."""
    found = item_of(row)
    if found is None:
        return None
    captured = row.get("configurationItemCaptureTime")
    moment = _moment(captured)
    if moment is not None:
        return Recording(found, place, moment, moment.isoformat())
    unknown = "no time" if captured in (None, "") else f"{quoted(captured)} is not a time"
    return Recording(found, place, None, unknown)


def _moment(captured: object) -> datetime | None:
    """Return a time as one of Config's answers or the AWS CLI writes it: ISO 8601, or a number of seconds."""
    try:
        number = float(captured)  # type: ignore[arg-type]  # what is not a number raises
    except (TypeError, ValueError, OverflowError):
        return _written(captured)
    if isinstance(captured, bool):
        return None
    try:
        return datetime.fromtimestamp(number / 1000 if abs(number) >= _MILLISECONDS else number, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _written(captured: object) -> datetime | None:
    if not isinstance(captured, str) or ":" not in captured:  # a day alone is too little to tell which is the latest
        return None
    try:
        return moment_of(captured).astimezone(UTC)
    except (EventError, OverflowError):
        return None


@dataclass(slots=True)
class _Latest:
    """The recordings of one repository any of which may be the latest."""

    dated: list[Recording] = field(default_factory=list)
    undated: list[Recording] = field(default_factory=list)

    def add(self, one: Recording) -> None:
        if one.moment is None:
            self.undated.append(one)
            return
        latest = self.dated[0].moment if self.dated else None
        if latest is None or one.moment > latest:
            self.dated = [one]
        elif one.moment == latest:
            self.dated.append(one)

    def settled(self) -> Iterator[Item | Ambiguous | Unread]:
        shown = any(isinstance(one.found, Item) for one in self.dated)
        # Of one moment there is one state: a recording that does not show the policy adds nothing to one that does.
        dated = [one for one in self.dated if not (shown and isinstance(one.found, Unread))]
        yield from _settled(sorted([*dated, *self.undated], key=lambda one: one.place))


def settled(recordings: Iterable[Recording | Item | Unread]) -> Iterator[Item | Ambiguous | Unread]:
    """Yield each repository that is recorded once; at once what needs no settling, and what could not be read."""
    latest: dict[str, _Latest] = {}
    for one in recordings:
        if isinstance(one, (Item, Unread)):
            yield one
        elif one.found.arn is None:
            yield one.found
        else:
            latest.setdefault(one.found.arn, _Latest()).add(one)
    for of_one in latest.values():
        yield from of_one.settled()


def _settled(candidates: list[Recording]) -> Iterator[Item | Ambiguous | Unread]:
    items: dict[object, Item] = {}
    for one in candidates:
        if isinstance(one.found, Item):
            items.setdefault(_meaning(one.found), one.found)
    unread = next((one.found for one in candidates if isinstance(one.found, Unread)), None)
    if items:
        yield _together(tuple(items.values()), candidates)
    if unread is not None:
        yield unread


def _together(items: tuple[Item, ...], candidates: list[Recording]) -> Item | Ambiguous:
    if len(items) == 1 and not any(isinstance(one.found, Gone) for one in candidates):
        return items[0]
    return Ambiguous(items, first_of([one.words for one in candidates], _PLACES))


def _meaning(item: Item) -> object:
    """Return what two items share if they say the same."""
    tags = None if item.tags is None else tuple(sorted(item.tags.items()))
    if item.policy is None:
        return None, tags
    try:
        text = item.policy if isinstance(item.policy, str) else json.dumps(item.policy)
        strict_value_of(text)
        return json.dumps(meaning(text), sort_keys=True), tags
    except (TypeError, ValueError, RecursionError):  # no policy, so nobody knows what it means
        return repr(item.policy) if isinstance(item.policy, str) else id(item.policy), tags
