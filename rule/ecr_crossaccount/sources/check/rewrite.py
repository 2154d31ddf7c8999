"""Replace a policy in the file that contains it: the region of the file, and the new text.

This works only if the policy is written out as JSON or YAML, and the text in the file reads as the policy that was
judged. Text with an intrinsic function, a variable or an alias is never replaced.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from ...documents.json import BadJsonError
from ...memo import by_value
from ..files.values.documents import documents
from ..files.values.nodes import Place, plain
from ..reading.yaml_events import BadYamlError, events, place_at


@by_value
class Rewrite:
    """A region of a file and the text that replaces it. The end is exclusive, and counted from 1."""

    start: Place
    end_line: int
    end_column: int
    text: str


def rewrite(text: str, at: Place, policy: object, wanted: Mapping[str, object]) -> Rewrite | None:
    """Return how to replace `policy` at a place in a file's text by the `wanted` one.

    Returns None if the text at that place does not read as the policy.
    """
    start = _offset(text, at)
    if start is None:
        return None
    in_flow = text.startswith("{", start)
    end = (_end_of_json(text, start) if in_flow else None) or _end_of_yaml(text, at)
    if end is None or not _reads_as(text[start:end], at.column - 1, policy):
        return None
    written = _flow(text, wanted, start) if in_flow else _block(wanted, at.column - 1)
    before = text[:end]
    return Rewrite(at, before.count("\n") + 1, end - (before.rfind("\n") + 1) + 1, written)


def _offset(text: str, at: Place) -> int | None:
    lines = text.split("\n")
    if not (0 < at.line <= len(lines) and 0 < at.column <= len(lines[at.line - 1])):
        return None
    return sum(len(line) + 1 for line in lines[: at.line - 1]) + at.column - 1


def _end_of_json(text: str, start: int) -> int | None:
    """Return where the object that begins at `start` ends. The text is valid, so only the end is searched."""
    try:
        return json.JSONDecoder().raw_decode(text, start)[1]
    except (ValueError, RecursionError):
        return None


def _end_of_yaml(text: str, at: Place) -> int | None:
    """Return where the mapping that begins at a place ends: after its last value, before any comments."""
    depth, end = 0, None
    try:
        for event in _events_from(text, at):
            if getattr(event, "anchor", None) is not None:  # an alias elsewhere may repeat it
                return None
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if isinstance(event, yaml.ScalarEvent) or event.end_mark.index > event.start_mark.index:
                end = int(event.end_mark.index)
            if depth == 0:
                return end
    except (yaml.YAMLError, UnicodeEncodeError):
        return None
    return None


def _events_from(text: str, at: Place) -> Iterator[Any]:
    started = False
    for event in events(text):
        if isinstance(event, yaml.MappingStartEvent) and place_at(event.start_mark) == (at.line, at.column):
            started = True
        if started:
            yield event


def _reads_as(written: str, indent: int, policy: object) -> bool:
    try:
        roots = documents(re.sub(rf"^ {{{indent}}}", "", written, flags=re.MULTILINE))
    except (BadJsonError, BadYamlError):
        return False
    return len(roots) == 1 and plain(roots[0]) == policy


def _flow(text: str, policy: Mapping[str, object], start: int) -> str:
    """Return a policy as JSON, in lines like those of the file. In YAML it is one line, which needs no indentation."""
    if not text.lstrip().startswith("{"):
        return json.dumps(policy, ensure_ascii=False)
    line = text[text.rfind("\n", 0, start) + 1 :]
    indent = line[: len(line) - len(line.lstrip())]
    step = re.search(r"\n( +|\t+)", text)
    lines = json.dumps(policy, indent=step[1] if step else 2, ensure_ascii=False).split("\n")
    return f"\n{indent}".join(lines)


def _block(policy: Mapping[str, object], indent: int) -> str:
    written: str = yaml.safe_dump(dict(policy), sort_keys=False, width=110, allow_unicode=True)
    return f"\n{' ' * indent}".join(written.rstrip("\n").split("\n"))
