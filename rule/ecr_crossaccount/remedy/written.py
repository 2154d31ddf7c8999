"""The policy as its author wrote it: a JSON object of which a plan replaces parts and keeps the rest as it stands."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import cast

from ..policy.holes import Hole, Holed, Text
from ..policy.problems import Problems
from ..policy.text import read_json

LONGEST_POLICY = 10_240
"""Characters that ECR keeps.
https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_SetRepositoryPolicy.html (policyText)"""


class Style(Enum):
    """How a plan writes: for a reader, or, where that would be too long, as short as it can."""

    PLAIN = "plain"
    SHORT = "short"


Written = Mapping[str, object]
"""A policy, or a statement of it, as its JSON object."""


def document_of(policy: object) -> Written | None:
    """Return a policy given as text or as a mapping as its JSON object, or None if it is none."""
    value = read_json(policy, Problems()) if isinstance(policy, str) else policy
    return cast("Written", value) if isinstance(value, Mapping) else None


def statements_of(document: Written) -> list[object]:
    """Return the statements, in order; a single one may stand without a list."""
    body = document.get("Statement", [])
    return list(body) if isinstance(body, (list, tuple)) else [body]


def with_statements(document: Written, statements: Sequence[object]) -> Written:
    """Return the policy with other statements; one that stood alone still does if it is one."""
    alone = len(statements) == 1 and not isinstance(document["Statement"], (list, tuple))
    return {**document, "Statement": statements[0] if alone else list(statements)}


def one_or_many(value: object) -> list[object]:
    """Return the entries of an element that may be one or a list of them."""
    return list(value) if isinstance(value, (list, tuple)) else [value]


def like(original: object, entries: Sequence[Text]) -> object:
    """Return entries as their author would write them: one that stood alone still does."""
    found = [_plainly(entry) for entry in entries]
    return found[0] if len(found) == 1 and not isinstance(original, (list, tuple)) else found


def _plainly(entry: Text) -> object:
    """Return an entry that is a hole and nothing else as the hole."""
    return entry.parts[0] if isinstance(entry, Holed) and entry.parts == entry.holes[:1] else entry


def replaced(statement: Written, changes: Mapping[str, tuple[str, object]]) -> Written:
    """Return a statement with elements replaced in their places: `{"NotAction": ("Action", …)}`."""
    kept = dict(changes.get(name, (name, value)) for name, value in statement.items())
    return {**kept, **{name: value for old, (name, value) in changes.items() if old not in statement}}


def text_of(document: Written, style: Style = Style.SHORT) -> str:
    """Return a policy as text, without a blank between its parts where it has to be short."""
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
    """Whether something in a JSON value is not known yet; without recursion, however deep it is."""
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
