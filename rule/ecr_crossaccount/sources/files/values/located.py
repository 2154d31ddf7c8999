"""A policy that is a text inside a file: its statements, and where in the file each of them begins."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import accumulate, pairwise

from ....documents.holes import Holed
from ....documents.json_grammar import BadJsonError
from .holed import Stencil
from .json_nodes import read_json
from .nodes import Node, statements_of

At = tuple[int, int]
"""Line and column, counted from 1."""

_REFERENCE = re.compile(r"\$\{[^{}]*\}|\{\{[^{}]*\}\}")
"""References that CloudFormation and Pulumi, or Helm and Ansible, fill in later."""


def policy_in(text: Node, source: str) -> tuple[Node, tuple[At, ...]]:
    """Return the policy in `text`, a text of the file `source`, and the places of its statements.

    A text that is not JSON is returned unchanged, so that the judgement reports the fault.
    """
    root = parsed(text)
    written = text.text
    return root, () if written is None or root is text else places_in(text, written, source)


def parsed(text: Node) -> Node:
    """Return the JSON in a text. Holes may be inside its strings or in place of values.

    A text that is not JSON is returned unchanged.
    """
    if isinstance(text.value, str):
        if not text.value.strip():
            return text
        try:
            return _placed(read_json(text.value), text)
        except BadJsonError:
            return text
    if not isinstance(text.value, Holed):
        return text
    stencil = Stencil(text.value)
    try:
        return _placed(stencil.node(read_json(_quoted(stencil))), text)
    except BadJsonError:
        return text


_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)


def _quoted(stencil: Stencil) -> str:
    """Return the stencilled text with quotes around each hole that is in place of a value."""
    pieces: list[str] = []
    end = 0
    marks = re.compile(f"[{stencil.marks}]")
    for found in _STRING.finditer(stencil.text):
        pieces += [marks.sub(_in_quotes, stencil.text[end : found.start()]), found[0]]
        end = found.end()
    return "".join([*pieces, marks.sub(_in_quotes, stencil.text[end:])])


def _in_quotes(found: re.Match[str]) -> str:
    return f'"{found[0]}"'


def _placed(root: Node, text: Node) -> Node:
    """Return a value from a text with the place of the text, because only this place in the file is known."""
    return Node(root.value, text.line, text.column)


def places_of(text: Node | None, written: Node, policy: Node, resolved: Node, source: str) -> tuple[At, ...]:
    """Return where the statements of a policy are: as objects of the file, or inside one of its texts.

    `policy`: the policy in `resolved`. `written`: the same value as the file has it. `text`: the text in the file, if
    the policy is a text.
    """
    statements = statements_of(policy)
    if policy is resolved:
        return tuple((one.line, one.column) for one in statements)
    places = places_in(text, text.text, source) if text and text.text else ()
    return places if len(places) == len(statements) else ((written.line, written.column),) * len(statements)


def places_in(text: Node, written: str, source: str) -> tuple[At, ...]:
    """Return where the statements of the policy `written`, which begins at `text` in `source`, begin.

    It may contain `${…}` and `{{…}}`. Returns an empty tuple if it is not JSON.
    """
    try:
        root = read_json(_REFERENCE.sub(lambda found: "1" * len(found[0]), written))
    except BadJsonError:
        return ()
    starts = [0]
    for line in written.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    offsets = [starts[one.line - 1] + one.column - 1 for one in statements_of(root)]
    return _in_source(text, written, offsets, source)


def _in_source(text: Node, written: str, offsets: list[int], source: str) -> tuple[At, ...]:
    """Follow the text through the file. The two differ only in spaces, quotes and escapes."""
    begin = sorted({0, *offsets})
    counts = accumulate((len(_bare(written[start:end])) for start, end in pairwise(begin)), initial=0)
    wanted = dict(zip(begin, counts, strict=True))
    line, column = text.line, text.column
    found: dict[int, At] = {}
    seen = 0
    lines = _lines(source)
    if text.block:
        line, column = line + 1, 1
    sought = _bare(written[: max(offsets, default=0) + 1])
    while seen < len(sought) and line <= len(lines):
        here = lines[line - 1]
        for place in range(column, len(here) + 1):
            character = here[place - 1]
            if character == sought[seen]:
                seen += 1
                found.setdefault(seen, (line, place))
                if seen == len(sought):
                    break
        line, column = line + 1, 1
    return tuple(found.get(wanted[offset] + 1, (text.line, text.column)) for offset in offsets)


@lru_cache(maxsize=1)
def _lines(source: str) -> list[str]:
    """Return the lines of a file. It is cached because many texts of one file are searched."""
    return source.split("\n")


def _bare(text: str) -> str:
    """Return `text` without spaces, quotes and backslashes, which quoting and folding may change."""
    return re.sub(r"[\s\"'\\]", "", text)
