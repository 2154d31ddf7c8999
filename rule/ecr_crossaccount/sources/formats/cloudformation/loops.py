"""`Fn::ForEach`: loops are unrolled before the rest of the template is read.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ....documents.holes import Hole, Holed, text_of
from ...files.values.nodes import Fields, Node, parts_of, text_in
from .template import Template

LOOP = "Fn::ForEach::"
MOST_ROUNDS = 10_000
"""The most rounds of all loops of one template. CloudFormation stops at 500 resources."""

MOST_MADE = 10_000_000
"""The most characters and values that all loops of one template make.

CloudFormation takes templates of at most 1 MB.
"""


class LoopError(ValueError):
    """A loop that cannot be unrolled. `line`: where it is."""

    def __init__(self, reason: str, line: int) -> None:
        self.line = line
        super().__init__(reason)


def unrolled(template: Template, resolve: Callable[[Node], Node | None]) -> Template:
    """Return the template without loops. Raises LoopError."""
    if LOOP not in template.text:
        return template
    return replace(template, root=_Unroller(resolve).unroll(template.root))


class _Unroller:
    def __init__(self, resolve: Callable[[Node], Node | None]) -> None:
        self._resolve = resolve
        self._rounds = 0
        self._made = 0

    def unroll(self, node: Node) -> Node:
        match node.value:
            case Fields() as fields:
                pairs: list[tuple[Node, Node]] = []
                for name, value in fields.pairs:
                    if str(name.value).startswith(LOOP):
                        pairs += self._rounds_of(value)
                    else:
                        pairs.append((name, self.unroll(value)))
                return Node(Fields(tuple(pairs)), node.line, node.column, node.block)
            case tuple() as items:
                return node.but(tuple(self.unroll(item) for item in items))
        return node

    def _rounds_of(self, loop: Node) -> list[tuple[Node, Node]]:
        """Return the fields that a loop makes. A loop has an identifier, a collection and a body."""
        if len(loop.items) != 3 or loop.items[0].text is None:
            raise LoopError("not a loop: expected an identifier, a collection and an object", loop.line)
        identifier, body = loop.items[0].text, loop.items[2]
        pairs: list[tuple[Node, Node]] = []
        for item in self._collection(loop.items[1]):
            self._rounds += 1
            if self._rounds > MOST_ROUNDS:
                raise LoopError(f"loops of more than {MOST_ROUNDS:,} rounds", loop.line)
            bound = self._bound(body, identifier, item)
            once = self.unroll(bound)
            if not isinstance(once.value, Fields):
                raise LoopError("not a loop: the repeated value is not an object", loop.line)
            pairs += once.value.pairs
        return pairs

    def _collection(self, node: Node) -> tuple[Node, ...]:
        """Return the items of the collection, or one hole if they are unknown."""
        resolved = self._resolve(node)
        if resolved is None:
            return ()
        return resolved.items if isinstance(resolved.value, tuple) else (node.but(Hole("Fn::ForEach")),)

    def _bound(self, node: Node, identifier: str, item: Node) -> Node:
        """Return the body of a loop in one round, with the identifier replaced everywhere."""
        self._made += 1
        if self._made > MOST_MADE:
            raise LoopError("loops that make more than a template may hold", node.line)
        match node.value:
            case Fields() as fields:
                if len(fields.pairs) == 1 and node.get("Ref") is not None and node.fields[0][1].text == identifier:
                    return node.but(item.value)
                pairs = (
                    (name.but(self._text(str(name.value), identifier, item)), self._bound(value, identifier, item))
                    for name, value in fields.pairs
                )
                return node.but(Fields(tuple((name.but(str(name.value)), value) for name, value in pairs)))
            case tuple() as items:
                return node.but(tuple(self._bound(one, identifier, item) for one in items))
            case str() as text:
                return Node(self._text(text, identifier, item), node.line, node.column, node.block)
        return node

    def _text(self, text: str, identifier: str, item: Node) -> str | Holed:
        value = text_in(item)
        pieces = _split(text, identifier)
        self._made += len(text) + len(pieces) * len(str(value))
        if value is None or self._made > MOST_MADE:
            return text
        parts: list[str | Hole] = []
        for number, piece in enumerate(pieces):
            parts += [*(parts_of(value) if number else ()), piece]
        return text_of(parts)


def _split(text: str, identifier: str) -> list[str]:
    return text.replace(f"&{{{identifier}}}", f"${{{identifier}}}").split(f"${{{identifier}}}")
