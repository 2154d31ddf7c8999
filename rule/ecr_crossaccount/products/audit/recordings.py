"""Repositories as AWS Config records them, and which of several recordings of one counts.

It is the latest one, or all of them if the latest is unknown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ...documents.document import PARTITIONS, is_region, partition_of
from ...documents.json import strict_value_of
from ...documents.problems import first_of, quote
from ...judgement.beside import RegistryPolicy
from ...judgement.kinds.table import ResourceKind as Kind
from ...memo import by_value
from ...sources.aws.errors import EventError
from ...sources.aws.events import REPOSITORY, RepositoryItem, decode_json, moment_of
from ..automation.write_policy import meaning
from .items import EVERY, Ambiguous, Blank, Item, Unread, arn_of

_REGISTRY = "AWS::ECR::RegistryPolicy"
_KINDS = (REPOSITORY, _REGISTRY)
_POLICY = "PolicyText"
_MENTIONED = re.compile(rf"{_REGISTRY}|(?<!Repository){_POLICY}")
"""Matches a text that is not JSON but may be the damaged row of a registry policy."""

# Not a set, because a status may be an unhashable value.
_GONE = ("ResourceDeleted", "ResourceDeletedNotRecorded")
_NO_POLICY = (
    "AWS Config has not recorded whether it has a policy: audit its account itself, or let Config record it again"
)
_NO_REGISTRY_POLICY = "AWS Config has not recorded its text: audit its account itself, or let Config record it again"
_BLANK = (
    "AWS Config shows no policy, which can also mean that it may not read it: audit the account itself, "
    "or give --blank-is-none to treat each such repository as one without a policy"
)
_TAKEN = "AWS Config shows no policy, which --blank-is-none treats as none"


@by_value
class Gone:
    """A repository that was deleted."""

    arn: str


def item_of(row: Mapping[str, object]) -> Item | Unread | Gone | None:
    """Return the repository or registry policy in `row`, or None for other resources.

    `row` is a configuration item or a row of a query.
    """
    kind = row.get("resourceType")
    if isinstance(kind, str) and kind not in _KINDS:
        return None
    is_registry = kind == _REGISTRY or (not isinstance(kind, str) and _shows_registry_policy(row))
    return _registry_policy_in(row) if is_registry else _repository_in(row)


def unread_row(reason: str, text: str) -> Unread:
    """Return the error for an unusable row. If its text mentions a registry policy, it may be that of any registry."""
    if _MENTIONED.search(text) is None:
        return Unread(reason)
    return Unread(reason, registry=RegistryPolicy(unread=f"{reason}, and nothing says whose registry it is"))


def _shows_registry_policy(row: Mapping[str, object]) -> bool:
    configuration = row.get("configuration")
    if isinstance(configuration, str):
        return _POLICY in configuration and _MENTIONED.search(configuration) is not None
    return isinstance(configuration, Mapping) and _POLICY in configuration


def _repository_in(row: Mapping[str, object]) -> Item | Unread | Gone:
    row = _with_arn(row)
    try:
        item = _parse_row(row)
    except EventError as error:
        return Unread(_says_too_little(row, "a repository", error))
    arn = arn_of(item.partition, item.region, item.account, item.name)
    named = row.get("arn") or row.get("ARN")
    if named and named != arn:
        odd = EventError(f"its ARN is {quote(named)}, and its fields are those of {quote(arn)}")
        return Unread(_says_too_little(row, "a repository", odd))
    if row.get("configurationItemStatus") in _GONE:
        return Gone(arn)
    if item.is_blank:
        empty = Item(arn, item.account, item.region, item.name, None, item.tags, note=_TAKEN)
        return Blank(_BLANK, item.account, item.region, arn, item=empty)
    if item.policy is None:
        return Unread(_NO_POLICY, item.account, item.region, arn)
    return Item(arn, item.account, item.region, item.name, item.policy, item.tags)


def _registry_policy_in(row: Mapping[str, object]) -> Item | Unread | Gone:
    try:
        item = _with_region(_parse_row(_as_repository(row)))
    except EventError as error:
        return _unread_registry(row, _says_too_little(row, "a registry policy", error))
    arn = arn_of(item.partition, item.region, item.account, item.name)
    if row.get("configurationItemStatus") in _GONE:
        return Gone(arn)
    if item.policy is None:  # also if blank, because a registry without a policy has no item
        unread = RegistryPolicy(unread=_NO_REGISTRY_POLICY)
        reason = f"the registry policy: {_NO_REGISTRY_POLICY}"
        return Unread(reason, item.account, item.region, arn, registry=unread)
    return Item(arn, item.account, item.region, item.name, item.policy, item.tags, Kind.REGISTRY)


def _unread_registry(row: Mapping[str, object], reason: str) -> Unread:
    """Return the error for a damaged row of a registry policy, with the affected account and Region, if known."""
    region = row.get("awsRegion")
    known = region if isinstance(region, str) and is_region(region) else ""
    try:
        item = _parse_row({**row, "resourceId": EVERY, "configuration": {}, "awsRegion": known})
    except EventError:
        why = f"{reason}, so nothing says whose registry it is; let AWS Config record it again"
        return Unread(why, None, known or None, registry=RegistryPolicy(unread=why))
    why = f"{reason}; audit its account itself, or let Config record it again"
    return Unread(why, item.account, item.region, registry=RegistryPolicy(unread=why))


def _with_region(item: RepositoryItem) -> RepositoryItem:
    if not item.region:
        raise EventError("the event has no `awsRegion`")
    return item


def _says_too_little(row: Mapping[str, object], what: str, error: EventError) -> str:
    name = row.get("resourceId")
    label = f"`{name}`" if isinstance(name, str) else "it"
    return f"no configuration item of {what}: {str(error).replace('the event', label)}"


def _parse_row(row: Mapping[str, object]) -> RepositoryItem:
    item = RepositoryItem.parse(row, {})
    if item.region and not is_region(item.region):
        raise EventError(f"{quote(item.region)} is not a Region")
    if item.region and item.partition in PARTITIONS and partition_of(item.region) != item.partition:
        raise EventError(f"{quote(item.region)} is not a Region of the partition {quote(item.partition)}")
    return item


def _as_repository(row: Mapping[str, object]) -> Mapping[str, object]:
    """Return the row of a registry policy as that of a repository whose name matches all. Raises EventError."""
    configuration = row.get("configuration")
    if isinstance(configuration, str):
        configuration = decode_json(configuration, "`configuration`")
    text = configuration.get(_POLICY) if isinstance(configuration, Mapping) else None
    return {**row, "resourceId": EVERY, "configuration": {"RepositoryPolicyText": text} if text else {}}


def _with_arn(row: Mapping[str, object]) -> Mapping[str, object]:
    """Return the row with its ARN, which a query may have selected only in the configuration."""
    if row.get("arn") or row.get("ARN"):
        return row
    configuration = row.get("configuration")
    if isinstance(configuration, str):
        try:
            configuration = decode_json(configuration, "`configuration`")
        except EventError:
            return row
    return {**row, "arn": configuration.get("Arn")} if isinstance(configuration, Mapping) else row


_PLACES = 5
_MILLISECONDS = 100_000_000_000
"""A number from here on is not a time in seconds, because it would be in the year 5138 or later."""


@by_value
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
    unknown = "no time" if captured in (None, "") else f"{quote(captured)} is not a time"
    return Recording(found, place, None, unknown)


def _moment(captured: object) -> datetime | None:
    """Return a time from a response of Config or the AWS CLI, in ISO 8601 or as a number of seconds."""
    try:
        number = float(captured)  # type: ignore[arg-type] # raises for other values
    except (TypeError, ValueError, OverflowError):
        return _parse_time(captured)
    if isinstance(captured, bool):
        return None
    try:
        return datetime.fromtimestamp(number / 1000 if abs(number) >= _MILLISECONDS else number, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _parse_time(captured: object) -> datetime | None:
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

    def settle(self) -> Iterator[Item | Ambiguous | Unread]:
        shown = any(isinstance(recording.found, Item) for recording in self.dated)
        # One moment has one state, so a recording without the policy adds nothing to one with it.
        dated = [recording for recording in self.dated if not (shown and isinstance(recording.found, Unread))]
        yield from _settle_candidates(sorted([*dated, *self.undated], key=lambda one: one.place))


def settle_recordings(recordings: Iterable[Recording | Item | Unread]) -> Iterator[Item | Ambiguous | Unread]:
    """Yield each repository once. Items that need no settling and errors are yielded immediately."""
    latest: dict[str, _Latest] = {}
    for recording in recordings:
        if isinstance(recording, (Item, Unread)):
            yield recording
        elif recording.found.arn is None:
            yield recording.found
        else:
            latest.setdefault(recording.found.arn, _Latest()).add(recording)
    for of_one in latest.values():
        yield from of_one.settle()


def _settle_candidates(candidates: list[Recording]) -> Iterator[Item | Ambiguous | Unread]:
    items: dict[object, Item] = {}
    for candidate in candidates:
        if isinstance(candidate.found, Item):
            items.setdefault(_meaning(candidate.found), candidate.found)
    unread = next((candidate.found for candidate in candidates if isinstance(candidate.found, Unread)), None)
    if items:
        yield _together(tuple(items.values()), candidates)
    if unread is not None:
        yield unread


def _together(items: tuple[Item, ...], candidates: list[Recording]) -> Item | Ambiguous:
    if len(items) == 1 and not any(isinstance(candidate.found, Gone) for candidate in candidates):
        return items[0]
    return Ambiguous(items, first_of([candidate.words for candidate in candidates], _PLACES))


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
