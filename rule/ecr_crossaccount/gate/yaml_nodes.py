"""YAML with the place of every value, and CloudFormation's short intrinsics written out.

Scalars are text whatever they look like, as CloudFormation hands them on: `Version: 2012-10-17` is no date and
`012345678901` no number in base eight. Read from the parser's events with a stack of its own, so that no nesting,
no alias that repeats an alias and none that contains itself can exhaust anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from .nodes import Fields, Node, Scalar

DEEPEST = 100
"""Levels of nesting."""

MOST_VALUES = 500_000
"""Values in one document, counted with what its aliases repeat."""

_TRUTHS = frozenset({"True", "TRUE", "False", "FALSE"})
"""Spellings of truth values, which CloudFormation hands on as `true` and `false`."""
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TAGS_OF_YAML = "tag:yaml.org,2002:"
_MERGE = "<<"
_WHOLE_NAMES = frozenset({"!Ref", "!Condition"})
"""Tags whose long form has no `Fn::` before it."""


class BadYamlError(ValueError):
    """A text that is not YAML as read here; `reason` says why, `line` and `column` where."""

    def __init__(self, reason: str, line: int, column: int) -> None:
        self.reason, self.line, self.column = reason, line, column
        super().__init__(f"not YAML at line {line} column {column}: {reason}")


def read_yaml(text: str) -> tuple[Node, ...]:
    """Return the documents in `text`. Raises BadYamlError."""
    reader = _Reader()
    try:
        for event in _events(text):
            reader.take(event)
    except yaml.MarkedYAMLError as error:
        mark: Any = error.problem_mark or error.context_mark
        raise BadYamlError(str(error.problem or error.context), mark.line + 1, mark.column + 1) from None
    except yaml.reader.ReaderError as error:
        raise BadYamlError(str(error.reason), *_at(text, error.position)) from None
    except UnicodeEncodeError as error:
        # A text of JSON may hold half of a surrogate pair, as `\\ud800`; libyaml takes bytes.
        raise BadYamlError("half of a surrogate pair", *_at(text, error.start)) from None
    return tuple(reader.documents)


def _at(text: str, position: int) -> tuple[int, int]:
    before = text[:position]
    return before.count("\n") + 1, position - before.rfind("\n")


def _events(text: str) -> Iterator[yaml.Event]:
    return yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@dataclass(slots=True)
class _Open:
    """A collection that is being read; `first` is how many values had been counted before it."""

    mapping: bool
    tag: str | None
    anchor: str | None
    line: int
    column: int
    first: int
    members: list[Node] = field(default_factory=list)


class _Reader:
    def __init__(self) -> None:
        self.documents: list[Node] = []
        self._open: list[_Open] = []
        self._anchored: dict[str, tuple[Node, int]] = {}
        self._count = 0

    def take(self, event: yaml.Event) -> None:
        """Read one event. Raises BadYamlError."""
        match event:
            case yaml.ScalarEvent():
                self._scalar(event)
            case yaml.AliasEvent():
                self._alias(event)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._start(event)
            case yaml.CollectionEndEvent():
                self._end()
            case yaml.DocumentStartEvent():
                self._anchored.clear()

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        plain = bool(event.implicit[0]) and event.tag is None
        value: Scalar = None if plain and event.value in _NULLS else str(event.value)
        if plain and value in _TRUTHS:
            value = str(value).lower()
        node = Node(value, *_place(event), event.style in ("|", ">"))
        self._done(_tagged(node, event.tag), event.anchor, 1)

    def _alias(self, event: yaml.AliasEvent) -> None:
        line, column = _place(event)
        if any(one.anchor == event.anchor for one in self._open):
            raise BadYamlError(f"`*{event.anchor}` stands inside what it repeats", line, column)
        if event.anchor not in self._anchored:
            raise BadYamlError(f"`*{event.anchor}` repeats nothing that came before it", line, column)
        node, size = self._anchored[str(event.anchor)]
        self._arrive(size, line, column)
        self._add(node)

    def _start(self, event: Any) -> None:  # noqa: ANN401 - one of two events without a common class
        line, column = _place(event)
        if len(self._open) >= DEEPEST:
            raise BadYamlError(f"nested more than {DEEPEST} levels deep", line, column)
        mapping = isinstance(event, yaml.MappingStartEvent)
        self._arrive(1, line, column)
        self._open.append(_Open(mapping, event.tag, event.anchor, line, column, self._count - 1))

    def _end(self) -> None:
        done = self._open.pop()
        members = done.members
        value = _fields(members) if done.mapping else tuple(members)
        node = _tagged(Node(value, done.line, done.column), done.tag)
        self._done(node, done.anchor, self._count - done.first, counted=True)

    def _done(self, node: Node, anchor: str | None, size: int, *, counted: bool = False) -> None:
        if not counted:
            self._arrive(size, node.line, node.column)
        if anchor is not None:
            self._anchored[anchor] = (node, size)
        self._add(node)

    def _arrive(self, size: int, line: int, column: int) -> None:
        self._count += size
        if self._count > MOST_VALUES:
            raise BadYamlError(f"more than {MOST_VALUES:,} values, with those that aliases repeat", line, column)

    def _add(self, node: Node) -> None:
        if self._open:
            self._open[-1].members.append(node)
        else:
            self.documents.append(node)


def _place(event: Any) -> tuple[int, int]:  # noqa: ANN401 - the two parsers have a class of marks each
    return event.start_mark.line + 1, event.start_mark.column + 1


def _fields(members: list[Node]) -> Fields:
    """Return an object from its names and values in turn, with what `<<` merges into it."""
    pairs = list(zip(members[::2], members[1::2], strict=True))
    if not any(name.value == _MERGE for name, _ in pairs):
        return Fields(tuple(pairs))
    merged = [(name, value) for name, value in pairs if name.value != _MERGE]
    sources = [one for name, value in pairs if name.value == _MERGE for one in value.items or (value,)]
    for one in sources:
        known = {str(name.value) for name, _ in merged}
        more = one.value.pairs if isinstance(one.value, Fields) else ()
        merged += [(name, value) for name, value in more if str(name.value) not in known]
    return Fields(tuple(merged))


def _tagged(node: Node, tag: str | None) -> Node:
    """Return `!Sub x` as `{"Fn::Sub": x}`; a tag of YAML's own says nothing that matters here."""
    if tag is None or tag == "!" or tag.startswith(_TAGS_OF_YAML) or not tag.startswith("!"):
        return node
    if tag in _WHOLE_NAMES:
        name = tag[1:]
    else:
        name = f"Fn::{tag[1:]}"
        if tag == "!GetAtt" and isinstance(node.value, str):
            node = _attribute(node)
    return node.but(Fields(((node.but(name), node),)))


def _attribute(node: Node) -> Node:
    """Return `!GetAtt A.B` in its long form, a list of two."""
    resource, _, attribute = str(node.value).partition(".")
    return node.but((node.but(resource), node.but(attribute)))
