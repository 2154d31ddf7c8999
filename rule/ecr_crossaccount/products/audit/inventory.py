"""Repositories in files and from an aggregator of AWS Config: their rows before they are parsed.

Files are output of the AWS CLI for AWS Config, snapshots of Config, and results of Athena queries. The format is
recognized from the content:

- `Results`, rows as JSON texts: `aws configservice select-resource-config` and `select-aggregate-resource-config`; also
  recordings of these with the answer under `data`
- `configurationItems`: `get-resource-config-history`, and a snapshot, also compressed with gzip
- `baseConfigurationItems`, `BaseConfigurationItems`: `batch-get-resource-config` and its aggregate counterpart
- rows as objects, one after the other: JSON that Amazon Athena unloads
- rows under a header: CSV of Amazon Athena

A file may contain several of the first three, one after the other, as a shell's loop over accounts writes them. Files
are read in pieces. Everything before a fault is judged, and the fault is a result like the others. An aggregator gives
a hundred repositories a call:
https://docs.aws.amazon.com/config/latest/APIReference/API_SelectAggregateResourceConfig.html
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from ...documents.json import BadJsonError, strict_value_of, values_in
from ...memo import by_value
from ...sources.aws.calls import AWS_ERRORS, reason_of
from ...sources.aws.events import REPOSITORY
from ...sources.reading.files import STANDARD_INPUT, UnreadableError, named_or_input
from ...sources.reading.json_window import Window, elements, fields, pieces_of
from .items import AuditError, Blank, Item, Unread
from .recordings import Gone, Recording, recording_of, unread_row

if TYPE_CHECKING:
    from mypy_boto3_config import ConfigServiceClient

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


class Recorded(NamedTuple):
    """A repository in a row, with the time of the recording in microseconds since 1970, or None and a reason in `time`.

    `tags` are those in an item of a snapshot, which may also have a registry policy with conditions on them.
    """

    arn: str
    moment: int | None
    time: str
    found: Item | Unread | Gone
    tags: tuple[tuple[str, str], ...] | None = None


def read_row(raw: Raw, *, blank_is_none: bool) -> Recorded | Unread | None:
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
    micros = None if recording.moment is None else (recording.moment - _BEGINNING) // _STEP
    return Recorded(found.arn or "", micros, time, found, kept)


def recordings(rows: Iterable[Raw | Item | Unread], *, blank_is_none: bool) -> Iterator[Recording | Item | Unread]:
    """Yield the recordings in rows, as input of `recordings.settled`, for a caller that needs each of them."""
    for raw in rows:
        if not isinstance(raw, Raw):
            yield raw
            continue
        one = read_row(raw, blank_is_none=blank_is_none)
        if isinstance(one, Recorded):
            moment = None if one.moment is None else moment_of(one.moment)
            answer = f" answer {raw.answer}" if raw.answer > 1 else ""
            place = f"{raw.source}{answer} row {raw.number}".lstrip()
            yield Recording(one.found, place, moment, moment.isoformat() if moment else one.time)
        elif one is not None:
            yield one


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


_A_PAGE = 100
_SELECT = (
    "SELECT accountId, awsRegion, arn, resourceId, configuration, configurationItemCaptureTime"
    f" WHERE resourceType = '{REPOSITORY}'"
)
_COUNT = f"SELECT COUNT(*) WHERE resourceType = '{REPOSITORY}'"


@by_value
class Aggregator:
    """An aggregator by name, with a client for the account and Region that it is in."""

    config: ConfigServiceClient
    name: str
    called: str = ""
    """The label of its rows, if there are several aggregators."""

    def is_of_an_organization(self) -> bool:
        """Return whether its accounts are those of one organization. Raises AuditError if it does not exist."""
        try:
            answer = self.config.describe_configuration_aggregators(ConfigurationAggregatorNames=[self.name])
        except AWS_ERRORS as error:
            raise AuditError(f"aggregator `{self.name}`: {reason_of(error)}") from None
        return any("OrganizationAggregationSource" in found for found in answer["ConfigurationAggregators"])

    def count(self) -> int | None:
        """Return the number of repositories, for showing progress, or None if it cannot be determined."""
        try:
            answer = self.config.select_aggregate_resource_config(
                Expression=_COUNT, ConfigurationAggregatorName=self.name
            )
            row: Any = strict_value_of(answer["Results"][0])
            return int(row["COUNT(*)"])
        except (LookupError, TypeError, ValueError, *AWS_ERRORS):
            return None

    def read(self) -> Iterator[Raw | Unread]:
        """Read all repositories. If a page cannot be read, yield one error for it and the pages after it."""
        pages = self.config.get_paginator("select_aggregate_resource_config").paginate(
            Expression=_SELECT, ConfigurationAggregatorName=self.name, PaginationConfig={"PageSize": _A_PAGE}
        )
        read = 0
        try:
            for page in pages:
                for text in page["Results"]:
                    read += 1
                    yield Raw(Form.TEXT, text, read, self.called, 0, "")
        except AWS_ERRORS as error:
            what = f"only the first {read:,} repositories were read" if read else "nothing was read"
            yield Unread(f"aggregator `{self.name}`: {what}: {reason_of(error)}")


_ITEMS = ("Results", "configurationItems", "baseConfigurationItems", "BaseConfigurationItems")
_DATA = "data"
_UNPROCESSED = ("unprocessedResourceKeys", "UnprocessedResourceIdentifiers")
_MORE = ("NextToken", "nextToken")
_EXPECTED = (
    "not an inventory: expected the output of `aws configservice select-aggregate-resource-config`, "
    "with `resourceId`, `arn` and `configuration` selected"
)
_LONGEST_FIELD = 16_777_216
_BEGINS_JSON = "{["


def read(paths: Iterable[Path]) -> Iterator[Raw | Unread]:
    """Read the inventories in files. An error is a result like the others, and names the file."""
    for path in paths:
        source = "standard input" if str(path) == STANDARD_INPUT else f"`{path}`"
        try:
            with named_or_input(str(path)) as file:
                yield from _rows(pieces_of(file), source, str(path))
        except (UnreadableError, BadJsonError) as error:
            yield Unread(f"{path}: {error}")


def _rows(pieces: Iterator[str], source: str, path: str) -> Iterator[Raw | Unread]:
    first = next(pieces, "")
    begin, pieces = first.lstrip(), chain((first,), pieces)
    if begin and begin[0] not in _BEGINS_JSON and NAME in begin.partition("\n")[0].lower():
        yield from _of_table(pieces, source, path)
        return
    window = Window(pieces)
    answers = unlisted = 0
    while window.peek():
        answers += 1
        reader = _Answer(window, source, path, answers, unlisted)
        yield from reader.rows()
        unlisted = reader.unlisted
    if not answers:
        yield Unread(f"{path}: empty")


class _Answer:
    """One JSON value of a file. `unlisted` is the number of rows so far that are not in a list."""

    def __init__(self, window: Window, source: str, path: str, number: int, unlisted: int) -> None:
        self._window = window
        self._source = source
        self._path = path
        self._number = number
        self.unlisted = unlisted
        self._read = 0
        self._rest: dict[str, object] = {}
        self._is_list_missing = True
        self._is_odd = False

    def rows(self) -> Iterator[Raw | Unread]:
        if self._window.peek() != "{":
            self._window.value()
            yield self._unread(_EXPECTED)
            return
        yield from self._fields(may_nest=True)
        if self._is_list_missing and any(name.lower() == NAME for name in self._rest):
            self.unlisted += 1
            yield Raw(Form.VALUE, self._rest, self.unlisted, self._source, 0, self._path)
            return
        if self._is_list_missing or self._is_odd:
            yield self._unread(_EXPECTED)
        if any(self._rest.get(name) for name in _UNPROCESSED):
            yield self._unread("AWS Config says that it did not process the whole request: repositories are missing")
        if any(self._rest.get(name) for name in _MORE):
            yield self._unread("it ends before the last page, because it has a `NextToken`: repositories are missing")

    def _fields(self, *, may_nest: bool) -> Iterator[Raw]:
        window = self._window
        for name in fields(window):
            if name in _ITEMS and window.peek() == "[":
                self._is_list_missing = False
                yield from self._list()
            elif name == _DATA and may_nest and window.peek() == "{":
                yield from self._fields(may_nest=False)
            else:
                self._is_odd = self._is_odd or name in _ITEMS
                self._rest[name] = window.value()

    def _list(self) -> Iterator[Raw]:
        window = self._window
        for _ in elements(window):
            self._read += 1
            if window.peek() == '"':
                yield Raw(Form.TEXT, window.string(), self._read, self._source, self._number, self._path)
            else:
                yield Raw(Form.SOURCE, window.source(), self._read, self._source, self._number, self._path)

    def _unread(self, reason: str) -> Unread:
        return Unread(f"{self._path}: {reason}")


def _of_table(pieces: Iterable[str], source: str, path: str) -> Iterator[Raw | Unread]:
    """Yield the rows of a table as Amazon Athena writes it: every field in quotes, and null as an empty field."""
    csv.field_size_limit(_LONGEST_FIELD)
    table = csv.reader(_lines(pieces), strict=True)
    header: list[str] = []
    number = 0
    try:
        for cells in table:
            if not header:
                header = cells
                if len({name.lower() for name in header}) < len(header):
                    yield Unread(f"{path}: a column appears twice in the header")
                    return
                continue
            number += 1
            if len(cells) != len(header):
                yield Unread(f"{path}: row {number} has {len(cells)} fields, and the header {len(header)}")
                continue
            row: Mapping[str, object] = {name: cell for name, cell in zip(header, cells, strict=True) if cell}
            yield Raw(Form.VALUE, row, number, source, 0, path)
    except csv.Error as error:
        yield Unread(f"{path}: no CSV at line {table.line_num}: {error}")


def _lines(pieces: Iterable[str]) -> Iterator[str]:
    left = ""
    for piece in pieces:
        *lines, left = (left + piece).split("\n")
        yield from (f"{line}\n" for line in lines)
        if len(left) > _LONGEST_FIELD:
            raise UnreadableError(f"a line of more than {_LONGEST_FIELD:,} characters")
    if left:
        yield left
