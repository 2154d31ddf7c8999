"""Repositories in files: output of the AWS CLI for AWS Config, snapshots of Config, and results of Athena queries.

The format is recognized from the content:

- `Results`, rows as JSON texts: `aws configservice select-resource-config` and `select-aggregate-resource-config`; also
  recordings of these with the answer under `data`
- `configurationItems`: `get-resource-config-history`, and a snapshot, also compressed with gzip
- `baseConfigurationItems`, `BaseConfigurationItems`: `batch-get-resource-config` and its aggregate counterpart
- rows as objects, one after the other: JSON that Amazon Athena unloads
- rows under a header: CSV of Amazon Athena

A file may contain several of the first three, one after the other, as a shell's loop over accounts writes them. Files
are read in pieces. Everything before a fault is judged, and the fault is a result like the others.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ...documents.json_grammar import BadJsonError
from ...sources.reading.files import STANDARD_INPUT, UnreadableError, named_or_input
from ...sources.reading.json_window import Window, elements, fields
from ...sources.reading.pieces import pieces_of
from .items import Unread
from .raw import NAME, Form, Raw, is_row

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
                yield from _rows(_Pieces(pieces_of(file)), source, str(path))
        except (UnreadableError, BadJsonError) as error:
            yield Unread(f"{path}: {error}")


class _Pieces:
    """The pieces of a text. The first piece is available before iteration."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self.first = next(pieces, "")

    def __iter__(self) -> Iterator[str]:
        yield self.first
        yield from self._pieces


def _rows(pieces: _Pieces, source: str, path: str) -> Iterator[Raw | Unread]:
    begin = pieces.first.lstrip()
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
        if self._is_list_missing and is_row(self._rest):
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
