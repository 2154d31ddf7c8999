"""Data with places: the contents of JSON and YAML files, each value with the line and column where it begins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ....documents.holes import Hole, Holed
from ....documents.strict_json import RepeatedNames

Scalar = str | int | float | bool | Hole | Holed | None


@dataclass(frozen=True, slots=True)
class Fields:
    """The names and values of an object, in order. A name may appear twice."""

    pairs: tuple[tuple[Node, Node], ...] = ()

    def names(self) -> Iterator[str]:
        """Return the names, in order."""
        return (str(name.value) for name, _ in self.pairs)

    def items(self) -> Iterator[tuple[str, Node]]:
        """Return the names with their values, in order."""
        return ((str(name.value), value) for name, value in self.pairs)


@dataclass(frozen=True, slots=True)
class Node:
    """A value and where it begins, counted from 1. `block`: whether it is a YAML text in lines of its own."""

    value: Scalar | tuple[Node, ...] | Fields
    line: int = 1
    column: int = 1
    block: bool = False

    def get(self, name: str) -> Node | None:
        """Return the field with this name, the last one if there are several. None if this is not an object."""
        if not isinstance(self.value, Fields):
            return None
        return next((value for key, value in reversed(self.value.pairs) if key.value == name), None)

    @property
    def fields(self) -> tuple[tuple[str, Node], ...]:
        """The fields of an object; empty for any other value."""
        return tuple(self.value.items()) if isinstance(self.value, Fields) else ()

    @property
    def items(self) -> tuple[Node, ...]:
        """The items of a list; empty for any other value."""
        return self.value if isinstance(self.value, tuple) else ()

    @property
    def text(self) -> str | None:
        """The text; None for any other value."""
        return self.value if isinstance(self.value, str) else None

    def but(self, value: Scalar | tuple[Node, ...] | Fields) -> Node:
        """Return another value in the same place."""
        return Node(value, self.line, self.column)


def plain(node: Node) -> object:
    """Return the value in the form that the policy reader takes: dict, list, text, number, hole."""
    match node.value:
        case Fields() as fields:
            pairs = [(name, plain(value)) for name, value in fields.items()]
            value = dict(pairs)
            return value if len(value) == len(pairs) else RepeatedNames(pairs)
        case tuple() as items:
            return [plain(item) for item in items]
        case scalar:
            return scalar


def mapped(node: Node, change: Callable[[Node], Node]) -> Node:
    """Return a value with `change` of each value in it that is neither an object nor a list. Names stay."""
    match node.value:
        case Fields() as fields:
            return node.but(Fields(tuple([(name, mapped(value, change)) for name, value in fields.pairs])))
        case tuple() as items:
            return node.but(tuple([mapped(item, change) for item in items]))
    return change(node)


def repeated(node: Node) -> Iterator[Node]:
    """Yield each repeated name of an object, at any depth of `node`."""
    seen: set[object] = set()
    for name, value in node.value.pairs if isinstance(node.value, Fields) else ():
        if name.value in seen:
            yield name
        seen.add(name.value)
        yield from repeated(value)
    for item in node.items:
        yield from repeated(item)


def twice_in(node: Node) -> tuple[str, ...]:
    """Return the names that appear more than once in the object itself."""
    counted = Counter(name for name, _ in node.fields)
    return tuple(name for name, times in counted.items() if times > 1)


def statements_of(policy: Node) -> tuple[Node, ...]:
    """Return the statements of a policy as nodes. A single statement becomes a list of one."""
    statements = policy.get("Statement")
    if statements is None:
        return ()
    return statements.items if isinstance(statements.value, tuple) else (statements,)


def node_of(value: object) -> Node:
    """Return a node without a place, from a value that the policy reader takes: dict, list, text, number, hole."""
    match value:
        case Mapping():
            return Node(Fields(tuple((Node(str(name)), node_of(one)) for name, one in value.items())))
        case list() | tuple():
            return Node(tuple(map(node_of, value)))
    scalar: Scalar = value  # type: ignore[assignment] # only scalars are left
    return Node(scalar)
