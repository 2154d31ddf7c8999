"""A policy that stands in a file as a text: its statements, and where in the file each of them begins."""

from __future__ import annotations

import re

from .json_nodes import BadJsonError, read_json
from .nodes import Node, statements_of

At = tuple[int, int]
"""Line and column, counted from 1."""

_REFERENCE = re.compile(r"\$\{[^{}]*\}")


def policy_in(text: Node, source: str) -> tuple[Node, tuple[At, ...]]:
    """Return the policy that `text`, a text in the file `source`, holds, and the places of its statements.

    What is no JSON comes back as the text itself, for the judgement to say what is wrong with it.
    """
    written = text.text or ""
    try:
        root = read_json(written)
    except BadJsonError:
        return text, ()
    return root, places_in(text, written, source)


def places_in(text: Node, written: str, source: str) -> tuple[At, ...]:
    """Return where the statements of the policy `written`, which stands at `text` in `source`, begin.

    `${…}` may stand in it. Empty where the text is no JSON as it is written.
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
    """Follow the text through the file: they differ in spaces, quotes and escapes alone."""
    wanted = {offset: len(_bare(written[:offset])) for offset in offsets}
    line, column = text.line, text.column
    found: dict[int, At] = {}
    seen = 0
    lines = source.split("\n")
    if text.block:
        line, column = line + 1, 1
    sought = _bare(written[: max(offsets, default=0) + 1])
    while seen < len(sought) and line <= len(lines):
        for place, character in enumerate(lines[line - 1][column - 1 :], start=column):
            if seen < len(sought) and character == sought[seen]:
                seen += 1
                found.setdefault(seen, (line, place))
        line, column = line + 1, 1
    return tuple(found.get(wanted[offset] + 1, (text.line, text.column)) for offset in offsets)


def _bare(text: str) -> str:
    """Return what a quoted or folded text keeps of `text`: neither spaces nor what its quotes may escape."""
    return re.sub(r"[\s\"'\\]", "", text)
