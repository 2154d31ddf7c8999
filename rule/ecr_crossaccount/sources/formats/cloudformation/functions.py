"""Functions on texts and lists. They return a value as far as the arguments are known, else a hole."""

from __future__ import annotations

import re
from typing import Protocol

from ....documents.holes import Hole, Holed, text_of
from ...files.values.nodes import Fields, Node, parts_of, text_in
from .texts import Parts

Resolved = Node | None
"""A resolved value. None represents `AWS::NoValue`."""


class Resolver(Protocol):
    """A resolver for the arguments of functions."""

    def resolve(self, node: Node) -> Resolved:
        """Return a value without intrinsic functions."""

    def text(self, node: Node | None) -> str | Holed | Hole | None:
        """Return a resolved scalar as text; None for any other value."""

    def static(self, text: str | Holed | Hole) -> str | Holed | Hole:
        """Return a text with a hole for each part that is stored elsewhere."""


def join(resolver: Resolver, argument: Node) -> Resolved:
    """Return the result of `Fn::Join`, of a delimiter and a list."""
    if len(argument.items) != 2:
        return Node(Hole("Fn::Join"))
    delimiter, values = resolver.text(argument.items[0]), resolver.resolve(argument.items[1])
    if delimiter is None or values is None or not isinstance(values.value, tuple):
        return Node(_made_of("Fn::Join", values))
    parts = Parts()
    for number, item in enumerate(values.items):
        text = text_in(item)
        if text is None or parts.too_long:
            return Node(Hole("Fn::Join"))
        parts.add(*(parts_of(delimiter) if number else ()), *parts_of(text))
    return Node(resolver.static(text_of(parts.parts)))


def split(resolver: Resolver, argument: Node) -> Resolved:
    """Return the result of `Fn::Split`: a list, or a hole if its length is unknown."""
    pieces, rest = _split(resolver, argument)
    if rest is not None:
        return Node(Hole(f"Fn::Split {rest.name}"))
    return Node(tuple(Node(piece) for piece in pieces))


def _split(resolver: Resolver, argument: Node) -> tuple[list[str], Hole | None]:
    """Return the pieces that are certain, and the hole that the rest depends on."""
    delimiter = resolver.text(argument.items[0]) if len(argument.items) == 2 else None
    source = resolver.text(argument.items[1]) if len(argument.items) == 2 else None
    if not isinstance(delimiter, str) or not delimiter or source is None:
        return [], Hole("Fn::Split")
    if isinstance(source, str):
        return source.split(delimiter), None
    parts = parts_of(source)
    before = parts[0] if isinstance(parts[0], str) else ""
    hole = next(part for part in parts if isinstance(part, Hole))
    return before.split(delimiter)[:-1], hole


def select(resolver: Resolver, argument: Node) -> Resolved:
    """Return the result of `Fn::Select`. In a split text, the pieces before its first hole are known."""
    index = resolver.text(argument.items[0]) if len(argument.items) == 2 else None
    if not isinstance(index, str) or not re.fullmatch("[0-9]{1,6}", index):
        return Node(Hole("Fn::Select"))
    place, values = int(index), argument.items[1]
    split = values.get("Fn::Split") if isinstance(values.value, Fields) and len(values.fields) == 1 else None
    if split is not None:
        pieces, hole = _split(resolver, split)
        if place < len(pieces):
            return Node(pieces[place])
        return Node(Hole(f"Fn::Select {place} {hole.name if hole else ''}".strip()))
    resolved = resolver.resolve(values)
    if resolved is not None and place < len(resolved.items):
        return resolved.items[place]
    return Node(_made_of(f"Fn::Select {place}", resolved))


def length(resolver: Resolver, argument: Node) -> Resolved:
    """Return the result of `Fn::Length`."""
    resolved = resolver.resolve(argument)
    if resolved is not None and isinstance(resolved.value, tuple):
        return Node(str(len(resolved.value)))
    return Node(Hole("Fn::Length"))


def _made_of(function: str, value: Resolved) -> Hole:
    """Return the hole for the result of a function with an unknown argument, named after both."""
    return Hole(f"{function} {value.value.name}" if value and isinstance(value.value, Hole) else function)
