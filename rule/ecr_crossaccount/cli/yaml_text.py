"""YAML as data and nothing else, with the place of every value.

Read from the parser's events, not by PyYAML's constructors, for what those would do to a register that people
write by hand: `account: 012345678901` is a number in base eight to YAML 1.1 and a day is an object; here only
null, true, false and short decimal numbers are not text. A repeated name is an error, no tag builds an object,
and aliases neither repeat without end nor contain themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from .errors import InputError

MOST_VALUES = 100_000
"""Values in one document, counted with what its aliases repeat."""

DEEPEST = 50
"""Levels of nesting."""

Place = tuple[int, int]
"""Line and column, counted from 1."""


class YamlError(InputError, ValueError):
    """A text that is not YAML as read here; `place` says where, `reason` why."""

    def __init__(self, reason: str, place: Place) -> None:
        self.reason = reason
        self.place = place
        super().__init__(f"line {place[0]} column {place[1]}: {reason}")


@dataclass(frozen=True, slots=True)
class YamlText:
    """A document's value, as JSON's types, and the place of each value by its path, `trust[2].account` for one."""

    value: object
    places: dict[str, Place]


def read_yaml(text: str) -> YamlText:
    """Return what `text` says. Raises YamlError."""
    reader = _Reader()
    try:
        for event in _events(text):
            reader.take(event)
    except yaml.MarkedYAMLError as error:
        place = _place_at(error.problem_mark or error.context_mark)
        raise YamlError(f"not YAML: {error.problem or error.context}", place) from None
    except yaml.reader.ReaderError as error:
        raise YamlError(f"not YAML: {error.reason}", _place_of(text, error.position)) from None
    return YamlText(reader.root, reader.places)


def _events(text: str) -> Iterator[yaml.Event]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.parse(text, Loader=loader)


def _place_at(mark: Any) -> Place:  # noqa: ANN401 - the two parsers have a class each
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _place_of(text: str, position: int) -> Place:
    before = text[:position]
    return before.count("\n") + 1, position - before.rfind("\n")


@dataclass(slots=True)
class _Collection:
    """A mapping or sequence that is being read."""

    value: dict[str, object] | list[object]
    path: str
    anchor: str | None
    first: int  # how many values had been counted before it
    name: str | None = field(default=None)  # of a mapping: the name whose value comes next

    def path_of_next(self) -> str:
        if isinstance(self.value, list):
            return f"{self.path}[{len(self.value)}]"
        return f"{self.path}.{self.name}" if self.path else str(self.name)


class _Reader:
    """Builds the value from events with a stack of its own, so that nesting cannot exhaust the interpreter's."""

    def __init__(self) -> None:
        self.root: object = None
        self.places: dict[str, Place] = {}
        self._documents = 0
        self._count = 0
        self._open: list[_Collection] = []
        self._anchored: dict[str, tuple[object, int]] = {}

    def take(self, event: yaml.Event) -> None:
        """Read one event. Raises YamlError."""
        place = _place_at(event.start_mark)
        match event:
            case yaml.DocumentStartEvent():
                self._start_document(place)
            case yaml.ScalarEvent():
                self._scalar(event, place)
            case yaml.AliasEvent():
                self._alias(str(event.anchor), place)
            case yaml.MappingStartEvent():
                self._start(event, {}, place)
            case yaml.SequenceStartEvent():
                self._start(event, [], place)
            case yaml.CollectionEndEvent():
                self._end()

    def _start_document(self, place: Place) -> None:
        self._documents += 1
        if self._documents > 1:
            raise YamlError("a second document, where one is expected", place)

    def _scalar(self, event: yaml.ScalarEvent, place: Place) -> None:
        if self._awaits_name():
            self._name(event, place)
            return
        path = self._arrive(1, place)
        value = _meaning(event, place)
        self._remember(event.anchor, value, 1)
        self._attach(value, path)

    def _alias(self, anchor: str, place: Place) -> None:
        if self._awaits_name():
            raise YamlError(f"an alias, `*{anchor}`, in place of a name", place)
        if any(anchor == collection.anchor for collection in self._open):
            raise YamlError(f"`*{anchor}` stands inside what it repeats", place)
        if anchor not in self._anchored:
            raise YamlError(f"`*{anchor}` repeats nothing that came before it", place)
        value, size = self._anchored[anchor]
        self._attach(value, self._arrive(size, place))

    def _start(self, event: Any, value: dict[str, object] | list[object], place: Place) -> None:  # noqa: ANN401 - one of two events without a common class
        if self._awaits_name():
            raise YamlError("a mapping or list in place of a name", place)
        if event.tag is not None:
            raise YamlError(f"a tag, `{event.tag}`, where plain data are expected", place)
        if len(self._open) == DEEPEST:
            raise YamlError(f"nested more than {DEEPEST} levels deep", place)
        path = self._arrive(1, place)
        self._open.append(_Collection(value, path, event.anchor, self._count - 1))

    def _end(self) -> None:
        done = self._open.pop()
        self._remember(done.anchor, done.value, self._count - done.first)
        self._attach(done.value, done.path)

    def _awaits_name(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].value, dict) and self._open[-1].name is None

    def _name(self, event: yaml.ScalarEvent, place: Place) -> None:
        mapping = self._open[-1]
        if event.value in mapping.value:
            raise YamlError(f"`{event.value}` stands twice", place)
        mapping.name = event.value
        self.places[mapping.path_of_next()] = place

    def _arrive(self, size: int, place: Place) -> str:
        """Count `size` values that start at `place`, and return the path of the first."""
        self._count += size
        if self._count > MOST_VALUES:
            raise YamlError(f"more than {MOST_VALUES:,} values, with those that aliases repeat", place)
        path = self._open[-1].path_of_next() if self._open else ""
        # A value in a mapping is best found by its name, whose place is known already.
        self.places.setdefault(path, place)
        return path

    def _attach(self, value: object, path: str) -> None:
        if not path or not self._open:
            self.root = value
            return
        collection = self._open[-1]
        if isinstance(collection.value, list):
            collection.value.append(value)
        else:
            collection.value[str(collection.name)] = value
            collection.name = None

    def _remember(self, anchor: str | None, value: object, size: int) -> None:
        if anchor is not None:
            self._anchored[anchor] = (value, size)


_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,8})")
"""Short enough that no account number is one."""

_WORDS: dict[str, object] = {"": None, "~": None, "null": None, "true": True, "false": False}
_TEXT_TAG = "tag:yaml.org,2002:str"


def _meaning(event: yaml.ScalarEvent, place: Place) -> object:
    if event.tag not in (None, "!", _TEXT_TAG):
        raise YamlError(f"a tag, `{event.tag}`, where plain data are expected", place)
    is_plain = event.implicit[0]
    if is_plain and event.value in _WORDS:
        return _WORDS[event.value]
    if is_plain and _NUMBER.fullmatch(event.value):
        return int(event.value)
    return str(event.value)
