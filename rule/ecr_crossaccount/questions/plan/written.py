"""The policy as its author wrote it: a JSON object. A plan replaces parts of it, and keeps the rest unchanged."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import cast

from ...documents.holes import Hole, Holed, Text
from ...documents.problems import Problems
from ...documents.reader import read_json

LONGEST_POLICY = 10_240
"""Characters that ECR accepts.
https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_SetRepositoryPolicy.html (policyText)"""


class Style(Enum):
    """How a plan writes a policy: readable, or as short as possible if the readable form is too long."""

    PLAIN = "plain"
    SHORT = "short"


Written = Mapping[str, object]
"""A policy, or one of its statements, as a JSON object."""


def document_of(policy: object) -> Written | None:
    """Return a policy, given as text or as a mapping, as its JSON object, or None if it is not one."""
    value = read_json(policy, Problems()) if isinstance(policy, str) else policy
    return cast("Written", value) if isinstance(value, Mapping) else None


def statements_of(document: Written) -> list[object]:
    """Return the statements, in order. A single statement need not be in a list."""
    body = document.get("Statement", [])
    return list(body) if isinstance(body, (list, tuple)) else [body]


def with_statements(document: Written, statements: Sequence[object]) -> Written:
    """Return the policy with other statements. A single statement stays outside a list if the original was."""
    alone = len(statements) == 1 and not isinstance(document["Statement"], (list, tuple))
    return {**document, "Statement": statements[0] if alone else list(statements)}


def one_or_many(value: object) -> list[object]:
    """Return the entries of an element that has one entry or a list of them."""
    return list(value) if isinstance(value, (list, tuple)) else [value]


def like(original: object, entries: Sequence[Text]) -> object:
    """Return entries in the author's form: one entry stays outside a list if the original was."""
    found = [_plainly(entry) for entry in entries]
    return found[0] if len(found) == 1 and not isinstance(original, (list, tuple)) else found


def _plainly(entry: Text) -> object:
    """Return the hole if the entry is only a hole, otherwise the entry."""
    return entry.parts[0] if isinstance(entry, Holed) and entry.parts == entry.holes[:1] else entry


def replaced(statement: Written, changes: Mapping[str, tuple[str, object]]) -> Written:
    """Return a statement with elements replaced in place: `{"NotAction": ("Action", …)}`."""
    kept = dict(changes.get(name, (name, value)) for name, value in statement.items())
    return {**kept, **{name: value for old, (name, value) in changes.items() if old not in statement}}


def text_of(document: Written, style: Style = Style.SHORT) -> str:
    """Return a policy as text, without blanks if the style is short."""
    separators = (",", ":") if style is Style.SHORT else (", ", ": ")
    return json.dumps(plain(document), separators=separators, ensure_ascii=False)


def plain(value: object) -> object:
    """Return a JSON value with its holes written as `<name>`, so that it can be shown and measured."""
    match value:
        case Mapping():
            return {str(name): plain(inner) for name, inner in value.items()}
        case list() | tuple():
            return [plain(inner) for inner in value]
        case Hole() | Holed():
            return str(value)
    return value


def has_holes(value: object) -> bool:
    """Return whether a JSON value has a hole. Does not recurse, so the depth does not matter."""
    rest = [value]
    while rest:
        match rest.pop():
            case Hole() | Holed():
                return True
            case Mapping() as fields:
                rest.extend(fields.values())
            case list() | tuple() as items:
                rest.extend(items)
    return False
