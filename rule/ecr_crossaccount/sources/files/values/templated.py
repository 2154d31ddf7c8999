"""Texts that another program fills in: `{{ … }}` of Helm and Ansible, and `${…}` of many tools.

Each expression is a hole. A text with statements (`{% if %}`, `{{ if }}`) is one hole, because it is unknown which of
its parts remain.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ....documents.pattern import Hole, Text, text_of
from ....errors import InternalError
from .nodes import Fields, Node

_LONGEST_NAME = 60
_LONGEST = 65_536
"""The longest text that is searched, in characters. ECR takes policies of 10,240."""

_GO_STATEMENT = re.compile(r"-?\s*(?:if|else|end|range|with|define|block|template|break|continue)\b")
_TEMPLATE_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*+"|\'(?:[^\'\\\n]|\\.)*+\'|`[^`]*+`')
_OF_IAM = re.compile(r"[a-zA-Z0-9-]+:[A-Za-z]|[*?$]\Z")
"""The beginnings of IAM's own variables, such as `${aws:username}`. They stay unchanged."""

_BRACES = re.compile(r"\{\{|\{%|\{#")
_SHELL = re.compile(r"\{\{|\{%|\{#|\$\$\{|\$\{|\$\(|\$[A-Za-z_][A-Za-z0-9_]*")
_STATEMENTS = frozenset({"{%", "{#", "$${"})
_CLOSING = {"{{": "}}", "{%": "%}", "{#": "#}", "${": "}", "$(": ")"}

Opener = Callable[[str], "Text | Hole"]
"""Returns a text with a hole for each expression that is filled in."""


def name_of(text: str) -> str:
    """Return the name of a hole for an expression of another language."""
    return " ".join(text.split())[:_LONGEST_NAME]


class _WholeError(InternalError):
    """No part of the text is known. The whole text becomes a hole, named after its beginning."""


def braces(text: str) -> Text | Hole:
    """Return a text with a hole for each `{{ … }}`."""
    return _text_with_holes(text, _BRACES)


def variables(text: str) -> Text | Hole:
    """Return a text with a hole for each `{{ … }}`, `${…}`, `$(…)` and `$NAME`. IAM's own `${aws:…}` stay."""
    return _text_with_holes(text, _SHELL)


def _text_with_holes(text: str, openings: re.Pattern[str]) -> Text | Hole:
    if openings.search(text) is None:
        return text
    if len(text) > _LONGEST:
        return Hole(name_of(text))
    try:
        return text_of(_parts(text, openings))
    except _WholeError:
        return Hole(name_of(text))


def _parts(text: str, openings: re.Pattern[str]) -> Iterator[str | Hole]:
    """Yield the literal parts and the holes of a text. Raises _WholeError."""
    here = 0
    while found := openings.search(text, here):
        opening, before = found[0], text[here : found.start()]
        if opening in _STATEMENTS:
            raise _WholeError
        end = _end(text, found) if opening in _CLOSING else found.end()
        inner = text[found.end() : end]
        here = end + len(_CLOSING.get(opening, ""))
        if opening == "${" and _OF_IAM.match(inner):
            yield before + text[found.start() : here]
            continue
        if _GO_STATEMENT.match(inner):
            raise _WholeError
        yield before.rstrip() if inner.startswith("-") else before
        yield Hole(name_of(inner.strip("-~") or opening[1:]))
        here += len(text[here:]) - len(text[here:].lstrip()) if inner.endswith("-") else 0
    yield text[here:]


def _end(text: str, opening: re.Match[str]) -> int:
    """Return where the closing mark of an opening is, ignoring marks in quoted texts. Raises _WholeError."""
    closing = _CLOSING[opening[0]]
    here = opening.end()
    while here < len(text):
        if text.startswith(closing, here):
            return here
        quoted = _TEMPLATE_STRING.match(text, here)
        here = quoted.end() if quoted else here + 1
    raise _WholeError


def expressions_to_holes(node: Node, opener: Opener = variables) -> Node:
    """Return a value with a hole for each expression in any of its texts."""
    match node.value:
        case Fields() as fields:
            return _object(node, fields, opener)
        case tuple() as items:
            return node.but(tuple(expressions_to_holes(item, opener) for item in items))
        case str() as text:
            return Node(opener(text), node.line, node.column, node.block)
    return node


def _object(node: Node, fields: Fields, opener: Opener) -> Node:
    """Return an object, or a hole if one of its names is filled in.

    In YAML, `{{ x }}` without quotes is such an object.
    """
    name = name_filled_in(fields, opener)
    if name is not None:
        return node.but(Hole(name))
    return node.but(Fields(tuple((name, expressions_to_holes(value, opener)) for name, value in fields.pairs)))


def name_filled_in(fields: Fields, opener: Opener) -> str | None:
    """Return the first name of an object that is filled in or is not a text. None if all are known."""
    for name, _ in fields.pairs:
        if not isinstance(name.value, str) or not isinstance(opener(name.value), str):
            return name_of(" ".join(_words(name)))
    return None


def _words(node: Node) -> Iterator[str]:
    for name, value in node.value.pairs if isinstance(node.value, Fields) else ():
        yield from _words(name)
        yield from _words(value)
    for item in node.items:
        yield from _words(item)
    if isinstance(node.value, str):
        yield node.value
