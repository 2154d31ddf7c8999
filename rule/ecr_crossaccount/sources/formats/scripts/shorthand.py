"""The shorthand syntax of the AWS CLI for a structure: `rules=[{destinations=[{region=…,registryId=…}]}]`.

https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-shorthand.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ....documents.holes import Text
from ...files.values.nodes import Fields, Node, Stencil

_TOKEN = re.compile(
    r"""\s*(?: (?P<mark>[\[\]{},=]) | '(?P<single>(?:\\.|[^'\\])*)' | "(?P<double>(?:\\.|[^"\\])*)"
        | (?P<bare>[^\s\[\]{},='"\\@]+) )""",
    re.VERBOSE | re.DOTALL,
)
_MOST_NESTED = 8
_TEXT = "a text"


class _NoShorthandError(ValueError):
    """The text is not in a shorthand syntax that is supported here."""


_Tokens = list[tuple[str, str]]
"""Marks and texts, in reverse order."""


def read_shorthand(text: Text) -> Node | None:
    """Return the structure in a text. None if it is not supported, for example if a value is in a file."""
    stencil = Stencil(text)
    try:
        tokens = list(_tokens(stencil.text))[::-1]
        pairs = _pairs(tokens, _MOST_NESTED)
    except _NoShorthandError:
        return None
    return None if tokens else stencil.node(Node(pairs))


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    end = 0
    text = text.rstrip()
    while end < len(text):
        found = _TOKEN.match(text, end)
        if found is None:
            raise _NoShorthandError
        end = found.end()
        kind = str(found.lastgroup)
        quoted = kind in ("single", "double")
        yield (
            (found[kind], "")
            if kind == "mark"
            else (
                _TEXT,
                re.sub(r"\\(.)", r"\1", found[kind], flags=re.DOTALL) if quoted else found[kind],
            )
        )


def _take(tokens: _Tokens, wanted: str) -> str:
    kind, text = tokens.pop() if tokens else ("", "")
    if kind != wanted:
        raise _NoShorthandError
    return text


def _is_next(tokens: _Tokens, mark: str) -> bool:
    if tokens and tokens[-1][0] == mark:
        tokens.pop()
        return True
    return False


def _pairs(tokens: _Tokens, depth: int) -> Fields:
    """Read `NAME=VALUE,…`."""
    pairs: list[tuple[Node, Node]] = []
    while not pairs or _is_next(tokens, ","):
        name = Node(_take(tokens, _TEXT))
        _take(tokens, "=")
        pairs.append((name, _value(tokens, depth)))
    return Fields(tuple(pairs))


def _value(tokens: _Tokens, depth: int) -> Node:
    if not depth:
        raise _NoShorthandError
    if _is_next(tokens, "{"):
        fields = _pairs(tokens, depth - 1)
        _take(tokens, "}")
        return Node(fields)
    if not _is_next(tokens, "["):
        return Node(_take(tokens, _TEXT))
    items: list[Node] = []
    if not _is_next(tokens, "]"):
        while not items or _is_next(tokens, ","):
            items.append(_value(tokens, depth - 1))
        _take(tokens, "]")
    return Node(tuple(items))
