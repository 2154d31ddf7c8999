"""Rows of an AWS Config response before they are parsed, and what each of them records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import NamedTuple, cast

from ...documents.json_grammar import BadJsonError
from ...documents.strict_json import strict_value_of, values_in
from .config_items import Gone, unread_row
from .items import Blank, Item, Unread
from .recordings import Recording, recording_of

NAME = "resourceid"
_NAMES = {
    name.lower(): name
    for name in (
        "accountId",
        "awsAccountId",
        "awsRegion",
        "arn",
        "configuration",
        "configurationItemCaptureTime",
        "configurationItemStatus",
        "resourceId",
        "resourceType",
        "tags",
    )
}
"""The fields of a configuration item by their lowercase names, because Amazon Athena has no uppercase names."""
COLUMNS = frozenset(_NAMES)
"""The possible column names of an Amazon Athena result."""
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_STEP = timedelta(microseconds=1)


class Form(Enum):
    """The form of a row's content."""

    TEXT = "a text, which is JSON"
    SOURCE = "JSON as it is written"
    VALUE = "a value"


class Raw(NamedTuple):
    """A row of the response `answer` of a source. `path` names the file in error messages."""

    form: Form
    content: object
    number: int
    source: str
    answer: int
    path: str


def is_row(value: Mapping[str, object]) -> bool:
    """Return whether an object is a row."""
    return any(name.lower() == NAME for name in value)


class Recorded(NamedTuple):
    """A repository in a row, with the time of the recording in microseconds since 1970, or None and a reason in `time`.

    `tags` are those in an item of a snapshot, which may also have a registry policy with conditions on them.
    """

    arn: str
    moment: int | None
    time: str
    found: Item | Unread | Gone
    tags: tuple[tuple[str, str], ...] | None = None


def recorded(raw: Raw, *, blank_is_none: bool) -> Recorded | Unread | None:
    """Return what a row records, None for another kind of resource, or Unread if it names no repository."""
    prefix = f"{raw.path}: row {raw.number}" if raw.path else f"row {raw.number}"
    try:
        row = _value(raw)
    except BadJsonError as error:
        reason = f"{prefix}: {error}" if raw.path else f"a row of the aggregator is {error}"
        return unread_row(reason, str(raw.content))
    if not isinstance(row, Mapping):
        return Unread(f"{prefix} is not an object" if raw.path else "a row of the aggregator is not an object")
    if NAME in row:
        named = {_NAMES.get(name.lower(), name): value for name, value in row.items()}
        if len(named) < len(row):
            return unread_row(f"{prefix}: two names of fields differ only in upper and lower case", str(row))
        row = named
    recording = recording_of(cast("Mapping[str, object]", row), "")
    if recording is None:
        return None
    found = recording.found
    if found.arn is None:
        return replace(found, reason=f"{prefix}: {found.reason}") if raw.path else found
    if blank_is_none and isinstance(found, Blank):
        found = found.item
    time = "" if recording.moment else recording.time
    tags = found.tags if raw.form is not Form.TEXT and isinstance(found, Item) else None
    kept = None if tags is None else tuple(sorted(tags.items()))
    return Recorded(found.arn or "", _micros(recording), time, found, kept)


def recordings(rows: Iterable[Raw | Item | Unread], *, blank_is_none: bool) -> Iterator[Recording | Item | Unread]:
    """Yield the recordings in rows, as input of `recordings.settled`, for a caller that needs each of them."""
    for raw in rows:
        if not isinstance(raw, Raw):
            yield raw
            continue
        one = recorded(raw, blank_is_none=blank_is_none)
        if isinstance(one, Recorded):
            moment = None if one.moment is None else moment_of(one.moment)
            answer = f" answer {raw.answer}" if raw.answer > 1 else ""
            place = f"{raw.source}{answer} row {raw.number}".lstrip()
            yield Recording(one.found, place, moment, moment.isoformat() if moment else one.time)
        elif one is not None:
            yield one


def _micros(recording: Recording) -> int | None:
    return None if recording.moment is None else (recording.moment - _BEGINNING) // _STEP


def moment_of(micros: int) -> datetime:
    """Return the time for a number of microseconds since 1970."""
    return _BEGINNING + micros * _STEP


def _value(raw: Raw) -> object:
    match raw.form:
        case Form.TEXT:
            return strict_value_of(str(raw.content))
        case Form.SOURCE:
            return next(values_in(str(raw.content)))
        case Form.VALUE:
            return raw.content
