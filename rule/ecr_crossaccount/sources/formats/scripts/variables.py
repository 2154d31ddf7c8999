"""The variables of a script. A value is known if it is set once, on every path to its use."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

_ASSIGNS = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?:\[[^\]]*\])?\+?=")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FOREIGN = frozenset({"source", ".", "eval"})
"""Commands that may set any variable. A reference, `declare -n`, may do so too."""

_SETTERS = frozenset({"read", "mapfile", "readarray", "printf", "getopts", "unset"})
_PREFIXES = frozenset({"builtin", "command"})
"""Words before the command that is run."""

_BRANCHES = frozenset({"elif_clause", "else_clause"})
_BLOCKS = _BRANCHES | {"program", "compound_statement", "do_group", "if_statement", "case_item"}
"""Blocks that run from beginning to end, except for their branches."""

_LOOPS = frozenset({"for_statement", "c_style_for_statement", "while_statement", "select_statement"})


class Variables:
    """The places where each variable of a script is set."""

    def __init__(self, nodes: Sequence[Node], data: bytes) -> None:
        self._data = data
        self._values: dict[str, list[Node | None]] = {}
        self._places: dict[str, list[Node]] = {}
        self._foreign: list[Node] = []
        for node in nodes:
            for name, value in self._set_by(node):
                self._values.setdefault(name, []).append(value)
                self._places.setdefault(name, []).append(node)

    def value(self, name: str, use: Node) -> Node | None:
        """Return the node with the value of a variable where it is used; None if it cannot be determined."""
        values = self._values.get(name, [])
        value = values[0] if len(values) == 1 else None
        if value is None or value.end_byte > use.start_byte or not is_passed(value, use):
            return None
        foreign = any(value.end_byte < place.start_byte < use.start_byte for place in self._foreign)
        return None if foreign else value

    def is_set(self, name: str, use: Node) -> bool:
        """Return whether the script may set a variable."""
        return name in self._values or any(place.start_byte < use.start_byte for place in self._foreign)

    def is_same(self, name: str, first: Node, use: Node) -> bool:
        """Return whether a variable, known or not, has the same value in `first` and at `use`."""
        return not any(may_run_between(one, first, use) for one in (*self._places.get(name, ()), *self._foreign))

    def _raw(self, node: Node) -> str:
        return self._data[node.start_byte : node.end_byte].decode(errors="replace")

    def _set_by(self, node: Node) -> Iterator[tuple[str, Node | None]]:
        """Yield the variables that a node sets, with the node of the value, or None if it is unknown."""
        match node.type:
            case "variable_assignment":
                yield self._assigned(node)
            case "for_statement" | "select_statement":
                variable = node.child_by_field_name("variable")
                yield self._raw(variable) if variable is not None else "", None
            case "command":
                yield from self._by_command(node)
            case "declaration_command":
                if any(self._raw(one).startswith("-") and "n" in self._raw(one) for one in node.named_children):
                    self._foreign.append(node)
            case "unset_command":
                yield from ((name, None) for name in _NAME.findall(self._raw(node)))

    def _assigned(self, node: Node) -> tuple[str, Node | None]:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        plain = any(one.type == "=" for one in node.children)
        before_command = node.parent is not None and node.parent.type == "command"
        shown = _NAME.match(self._raw(name)) if name is not None else None
        whole = shown is not None and name is not None and shown[0] == self._raw(name)
        return (shown[0] if shown else ""), (value if plain and whole and not before_command else None)

    def _by_command(self, node: Node) -> Iterator[tuple[str, Node | None]]:
        words = [self._raw(one) for one in node.named_children]
        called = [self._raw(one) for one in node.named_children if one.type != "variable_assignment"]
        command, *arguments = [*itertools.dropwhile(_PREFIXES.__contains__, called)] or [""]
        if command in _FOREIGN:
            self._foreign.append(node)
        if command in _SETTERS:
            body = _read_body(node) if command == "read" else None
            names = [word for word in arguments if _NAME.fullmatch(word)]
            yield from ((name, body if names == [name] else None) for name in names)
        yield from ((found[1], None) for word in words for found in [_ASSIGNS.match(word)] if found)


def _read_body(command: Node) -> Node | None:
    """Return the heredoc that a `read` takes."""
    around = command.parent.named_children if command.parent is not None else []
    found = [two for one in around if one.type == "heredoc_redirect" for two in one.named_children]
    bodies = [one for one in found if one.type == "heredoc_body"]
    return bodies[0] if len(bodies) == 1 else None


def is_passed(value: Node, use: Node) -> bool:
    """Return whether every path to `use` passes `value`: the block that contains `value` also contains `use`."""
    block = value.parent
    while block is not None and block.type in _PARTS:
        block = block.parent
    last, around = use, use.parent
    while block is not None and around is not None:
        if around.id == block.id:
            return block.type in _BLOCKS and last.type not in _BRANCHES
        last, around = around, around.parent
    return False


def may_run_between(node: Node, first: Node, use: Node) -> bool:
    """Return whether a node may run after `first`, which always runs before `use`, and before `use` itself."""
    if first.end_byte <= node.start_byte < use.start_byte:
        return True
    outer, inner = _function(node), _function(use)
    if inner is not None and _function(first) != inner:
        return True
    if outer is not None and outer != inner:
        return True
    again = (one for one in _above(use) if one.type in _LOOPS and one.start_byte > first.start_byte)
    return any(one.end_byte >= node.end_byte > use.end_byte for one in again)


def _above(node: Node) -> Iterator[Node]:
    around = node.parent
    while around is not None:
        yield around
        around = around.parent


def _function(node: Node) -> Node | None:
    return next((one for one in _above(node) if one.type == "function_definition"), None)


_PARTS = frozenset(
    {"variable_assignment", "variable_assignments", "declaration_command", "heredoc_redirect", "redirected_statement"}
)
"""Nodes around an assignment that do not make it conditional."""
