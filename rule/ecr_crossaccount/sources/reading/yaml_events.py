"""The only YAML reader, based on the parser's events. Each kind of file defines the values that it makes.

PyYAML's constructors are not used, because they change what people write: an account number may become octal, a day an
object, and a tag constructs one. Collections are on a separate stack, and values repeated by aliases are counted. So
deep nesting, aliases of aliases and recursive aliases cannot exhaust memory or time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

import yaml

from ...errors import InputError
from ...memo import by_value

Place = tuple[int, int]
"""Line and column, counted from 1."""

_Made = TypeVar("_Made")


class BadYamlError(InputError):
    """A text that is not YAML as read here. `reason` says why, and `line` and `column` say where.

    `message` is the reason. It says if the text is not YAML at all.
    """

    def __init__(self, reason: str, line: int, column: int, *, is_yaml: bool = True) -> None:
        self.reason, self.line, self.column = reason, line, column
        self.message = reason if is_yaml else f"not YAML: {reason}"
        super().__init__(f"not YAML at line {line} column {column}: {reason}")


@by_value
class Limits:
    """The limits of a text: levels of nesting, values (with names and those that aliases repeat), and documents."""

    deepest: int
    most: int
    documents: int | None = None


class Making(Protocol[_Made]):
    """Converts the values of a text. Raises BadYamlError for a value that is not allowed."""

    def scalar(self, event: yaml.ScalarEvent, place: Place, /) -> _Made:
        """Return the value of a scalar."""

    def items(self, items: list[_Made], tag: str | None, place: Place, /) -> _Made:
        """Return the value of a sequence."""

    def fields(self, fields: list[tuple[_Made, _Made]], tag: str | None, place: Place, /) -> _Made:
        """Return the value of a mapping from pairs of names and values. A name may appear twice."""

    def repeat(self, known: _Made, anchor: str, place: Place, /) -> _Made:
        """Return the value of an alias that repeats a known value."""


def read(text: str, making: Making[_Made], limits: Limits) -> list[_Made]:
    """Return the values that `making` makes of the documents in `text`. Raises BadYamlError."""
    reader = _Reader(making, limits)
    try:
        for event in events(text):
            reader.take(event)
    except yaml.MarkedYAMLError as error:
        place = place_at(error.problem_mark or error.context_mark)
        raise BadYamlError(_tab_at(text, place) or str(error.problem or error.context), *place, is_yaml=False) from None
    except yaml.reader.ReaderError as error:
        raise BadYamlError(str(error.reason), *_place_of(text, error.position), is_yaml=False) from None
    except UnicodeEncodeError as error:
        # JSON text may contain half of a surrogate pair, such as `\\ud800`, but libyaml takes bytes.
        raise BadYamlError("half of a surrogate pair", *_place_of(text, error.start), is_yaml=False) from None
    return reader.documents


def events(text: str) -> Iterator[yaml.Event]:
    """Return the parser's events. Raises the parser's errors, yaml.YAMLError and UnicodeEncodeError."""
    return iter(getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text).get_event, None)


def place_at(mark: Any) -> Place:  # noqa: ANN401 - the two parsers have different classes of marks
    """Return the place of a mark, or the beginning if there is none."""
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _tab_at(text: str, place: Place) -> str | None:
    """Return a message if an invalid line is indented with a tab, or has a tab where it fails. Otherwise None."""
    line = text.split("\n")[place[0] - 1 : place[0]]
    before = line[0][: place[1]] if line else ""
    indented = "\t" in before[: len(before) - len(before.lstrip())] or before.endswith("\t")
    return "a tab: YAML is indented with spaces" if indented else None


def _place_of(text: str, position: int) -> Place:
    before = text[:position]
    return before.count("\n") + 1, position - before.rfind("\n")


@dataclass(slots=True)
class _Open(Generic[_Made]):
    """A collection that is being read. `first` is the number of values counted before it."""

    is_mapping: bool
    tag: str | None
    anchor: str | None
    place: Place
    first: int
    members: list[_Made] = field(default_factory=list)


class _Reader(Generic[_Made]):
    def __init__(self, making: Making[_Made], limits: Limits) -> None:
        self.documents: list[_Made] = []
        self._making = making
        self._limits = limits
        self._begun = 0
        self._count = 0
        self._open: list[_Open[_Made]] = []
        self._anchored: dict[str, tuple[_Made, int]] = {}

    def take(self, event: yaml.Event) -> None:
        """Process one event. Raises BadYamlError."""
        place = place_at(event.start_mark)
        match event:
            case yaml.ScalarEvent():
                self._arrive(1, place)
                self._done(self._making.scalar(event, place), event.anchor, 1)
            case yaml.CollectionEndEvent():
                self._end()
            case yaml.CollectionStartEvent():
                self._start(event, place)
            case yaml.AliasEvent():
                self._alias(str(event.anchor), place)
            case yaml.DocumentStartEvent():
                self._document(place)

    def _document(self, place: Place) -> None:
        self._anchored.clear()
        self._begun += 1
        if self._limits.documents is not None and self._begun > self._limits.documents:
            raise BadYamlError("a second document, where one is expected", *place)

    def _alias(self, anchor: str, place: Place) -> None:
        if any(anchor == one.anchor for one in self._open):
            raise BadYamlError(f"`*{anchor}` is inside the node that it repeats", *place)
        if anchor not in self._anchored:
            raise BadYamlError(f"`*{anchor}` repeats nothing that came before it", *place)
        known, size = self._anchored[anchor]
        self._arrive(size, place)
        self._add(self._making.repeat(known, anchor, place))

    def _start(self, event: yaml.CollectionStartEvent, place: Place) -> None:
        if len(self._open) >= self._limits.deepest:
            raise BadYamlError(f"nested more than {self._limits.deepest} levels deep", *place)
        self._arrive(1, place)
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        self._open.append(_Open(is_mapping, event.tag, event.anchor, place, self._count - 1))

    def _end(self) -> None:
        done = self._open.pop()
        if done.is_mapping:
            fields = list(zip(done.members[::2], done.members[1::2], strict=True))
            made = self._making.fields(fields, done.tag, done.place)
        else:
            made = self._making.items(done.members, done.tag, done.place)
        self._done(made, done.anchor, self._count - done.first)

    def _arrive(self, size: int, place: Place) -> None:
        self._count += size
        if self._count > self._limits.most:
            raise BadYamlError(f"more than {self._limits.most:,} values, with those that aliases repeat", *place)

    def _done(self, made: _Made, anchor: str | None, size: int) -> None:
        if anchor is not None:
            self._anchored[anchor] = (made, size)
        self._add(made)

    def _add(self, made: _Made) -> None:
        if self._open:
            self._open[-1].members.append(made)
        else:
            self.documents.append(made)
