"""The syntax of the variables of the Serverless Framework: where they are in a text, and what they consist of.

https://www.serverless.com/framework/docs/guides/variables
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ....documents.holes import Hole, Holed, Text, text_of
from ...files.values.nodes import Fields, Node, parts_of

_START = re.compile(r"\$\{\s*(?:[a-z][a-zA-Z0-9]*(?:\(|:(?!:))|\$\{)")
"""The beginning of a variable of the framework. `${Name}` and `${AWS::Region}` are CloudFormation's."""
_OF_IAM = re.compile(r"\$\{\s*aws:[A-Z]")
FILE = re.compile(r"file\((.*)\)(?:\s*:\s*(.*))?", re.DOTALL)
"""A source that is a file, perhaps with the address of a value in it."""
_MARKED = re.compile(r"\$\{\s*(?:self|opt|sls|param|file|env|ssm|cf|s3)[:(]")
_NAMES = re.compile(r"\b[a-z][a-zA-Z0-9]*:[\w./~-]+")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
STAGE = "opt:stage"
"""The option for the stage of a deployment."""


def is_marked(text: str) -> bool:
    """Return whether a text has variables of the framework."""
    return _MARKED.search(text) is not None


def names_in(text: str) -> tuple[str, ...]:
    """Return the names of the variables in a text, such as `opt:stage`. The user can give their values."""
    return (*dict.fromkeys(_NAMES.findall(text)), STAGE) if is_marked(text) else ()


def plain_name(name: str) -> str:
    """Return the name of an input without its default."""
    return name.partition(",")[0]


def alone(text: str) -> str | None:
    """Return the content of a text that is one variable, or None."""
    text = text.strip()
    spans = list(variables_in(text))
    return text[2:-1] if spans == [(0, len(text))] else None


def variables_in(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each variable of a text begins and ends. Variables inside others are not among them."""
    here = 0
    while found := _START.search(text, here):
        here = found.end()
        if _OF_IAM.match(text, found.start()):
            continue
        end = _end(text, found.start() + 2)
        if end is None:
            return
        here = end
        yield found.start(), end


def _end(text: str, start: int) -> int | None:
    """Return the end of a variable whose content begins at `start`; None if it has none."""
    depth, here = 1, start
    while here < len(text):
        quoted = _QUOTED.match(text, here) if depth == 1 else None
        if quoted:
            here = quoted.end()
            continue
        depth += text.startswith("${", here) - (text[here] == "}")
        here += 1
        if not depth:
            return here
    return None


def sources_of(inner: str) -> Iterator[str]:
    """Yield the sources of a variable, which commas separate."""
    depth, begin, here = 0, 0, 0
    while here < len(inner):
        quoted = _QUOTED.match(inner, here)
        if quoted:
            here = quoted.end()
            continue
        depth += (inner[here] in "({") - (inner[here] in ")}")
        if inner[here] == "," and not depth:
            yield inner[begin:here].strip()
            begin = here + 1
        here += 1
    yield inner[begin:].strip()


def pieces_of(text: Text, separator: str) -> list[Text | Hole]:
    """Return the pieces of a text between separators."""
    pieces: list[list[str | Hole]] = [[]]
    for part in parts_of(text):
        first, *others = part.split(separator) if isinstance(part, str) else (part,)
        pieces[-1].append(first)
        pieces += [[one] for one in others]
    found = [text_of(one) for one in pieces]
    return [one.parts[0] if isinstance(one, Holed) and len(one.parts) == 1 else one for one in found]


def steps_of(path: Text) -> list[Text | Hole]:
    """Return the names in a path."""
    return [one.strip() if isinstance(one, str) else one for one in pieces_of(path, ".")]


def members_of(node: Node) -> Iterator[tuple[str, Node]]:
    """Yield the fields of an object, or the items of a list by their index."""
    yield from node.fields
    yield from ((str(number), item) for number, item in enumerate(node.items))


def member(node: Node, step: str) -> Node | None:
    """Return a field of an object or an item of a list, or None."""
    if step.isdecimal() and node.items:
        return node.items[int(step)] if int(step) < len(node.items) else None
    return node.get(step)


def may_have(node: Node | None, steps: Sequence[Text | Hole]) -> bool:
    """Return whether a value may have something at a path."""
    for step in steps:
        if node is None or not isinstance(step, str) or not isinstance(node.value, (Fields, tuple)):
            return node is not None and (node.text is None or is_marked(node.text) or not isinstance(step, str))
        node = member(node, step)
    return node is not None and node.value is not None


def at_path(node: Node, names: Sequence[str]) -> Node | None:
    """Return the value under several names, or None."""
    found: Node | None = node
    for name in names:
        found = found.get(name) if found is not None else None
    return found
