"""Which of several recordings of a repository counts: the latest one, or all of them if the latest is unknown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ...documents.problems import first_of, quoted
from ...documents.strict_json import strict_value_of
from ...sources.aws.errors import EventError
from ...sources.aws.events import moment_of
from ..automation.write_policy import meaning
from .config_items import Gone, item_of
from .items import Ambiguous, Item, Unread

_PLACES = 5
_MILLISECONDS = 100_000_000_000
"""A number from here on is not a time in seconds, because it would be in the year 5138 or later."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording of one repository by AWS Config, and its place.

    `moment` is the time of the recording, or None if it is unknown; `time` is then the reason.
    """

    found: Item | Unread | Gone
    place: str
    moment: datetime | None
    time: str

    @property
    def words(self) -> str:
        """The place, and the state and time that distinguish this recording from others."""
        return f"{self.place} ({'deleted, ' if isinstance(self.found, Gone) else ''}{self.time})"


def recording_of(row: Mapping[str, object], place: str) -> Recording | None:
    """Return the recording in `row`, a configuration item or a row of a query, or None for another resource."""
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
    """Return a time from a response of Config or the AWS CLI, in ISO 8601 or as a number of seconds."""
    try:
        number = float(captured)  # type: ignore[arg-type] # raises for other values
    except (TypeError, ValueError, OverflowError):
        return _written(captured)
    if isinstance(captured, bool):
        return None
    try:
        return datetime.fromtimestamp(number / 1000 if abs(number) >= _MILLISECONDS else number, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _written(captured: object) -> datetime | None:
    if not isinstance(captured, str) or ":" not in captured:  # a day alone does not show which is the latest
        return None
    try:
        return moment_of(captured).astimezone(UTC)
    except (EventError, OverflowError):
        return None


@dataclass(slots=True)
class _Latest:
    """The recordings of one repository that may be the latest."""

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
        # One moment has one state, so a recording without the policy adds nothing to one with it.
        dated = [one for one in self.dated if not (shown and isinstance(one.found, Unread))]
        yield from _settled(sorted([*dated, *self.undated], key=lambda one: one.place))


def settled(recordings: Iterable[Recording | Item | Unread]) -> Iterator[Item | Ambiguous | Unread]:
    """Yield each repository once. Items that need no settling and errors are yielded immediately."""
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
    """Return a key that is equal for two items with the same policy and tags."""
    tags = None if item.tags is None else tuple(sorted(item.tags.items()))
    if item.policy is None:
        return None, tags
    try:
        text = item.policy if isinstance(item.policy, str) else json.dumps(item.policy)
        strict_value_of(text)
        return json.dumps(meaning(text), sort_keys=True), tags
    except (TypeError, ValueError, RecursionError):  # not a policy, so its meaning is unknown
        return repr(item.policy) if isinstance(item.policy, str) else id(item.policy), tags
