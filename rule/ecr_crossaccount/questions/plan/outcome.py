"""The result of a plan, and the policy as its author wrote it.

A plan replaces parts of the JSON object, and keeps the rest unchanged. The result is plain, immutable values.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import cast

from ...documents.elements import read_json
from ...documents.pattern import Hole, Holed, Text
from ...documents.problems import Invalid, Problems
from ...errors import InternalError
from ...judgement.values.verdict import Verdict


class CannotSayError(InternalError):
    """The intended change cannot be written as a policy. The message says why."""


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


def write_entries(original: object, entries: Sequence[Text]) -> object:
    """Return entries in the author's form: one entry stays outside a list if the original was."""
    found = [_plainly(entry) for entry in entries]
    return found[0] if len(found) == 1 and not isinstance(original, (list, tuple)) else found


def _plainly(entry: Text) -> object:
    """Return the hole if the entry is only a hole, otherwise the entry."""
    return entry.parts[0] if isinstance(entry, Holed) and entry.parts == entry.holes[:1] else entry


def replace_elements(statement: Written, changes: Mapping[str, tuple[str, object]]) -> Written:
    """Return a statement with elements replaced in place: `{"NotAction": ("Action", …)}`."""
    kept = dict(changes.get(name, (name, value)) for name, value in statement.items())
    return {**kept, **dict(changes.values())}


def sid_of(statement: object) -> str | None:
    """Return the Sid of a statement as text, or None if it has none."""
    sid = statement.get("Sid") if isinstance(statement, Mapping) else None
    return None if sid is None else str(sid)


class PolicyTooLongError(CannotSayError):
    """The result would have more characters than ECR accepts."""


def refuse_too_long(text: str) -> None:
    """Raise PolicyTooLongError for a policy that ECR does not accept because of its length."""
    if len(text) > LONGEST_POLICY:
        most = f"more than the {LONGEST_POLICY:,} that ECR keeps"
        raise PolicyTooLongError(f"it would take {len(text):,} characters, {most}")


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


class Strategy(StrEnum):
    """How a plan deals with untrusted access.

    `narrow` keeps trusted access, `remove` removes every offending statement, and `delete` deletes the whole policy.
    `require` closes nothing by itself: it adds the statements that an organization requires.
    """

    NARROW = "narrow"
    REMOVE = "remove"
    DELETE = "delete"
    REQUIRE = "require"


class Action(StrEnum):
    """What to do with the repository's policy: nothing, SetRepositoryPolicy or DeleteRepositoryPolicy."""

    NONE = "none"
    SET = "set"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a statement, and the reason. `statement` is None if the change is about the whole policy."""

    statement: int | None
    sid: str | None
    change: str
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do about a policy.

    - `policy`: the policy of the repository afterwards, or None for no policy.
    - `invalid`: the elements of the current policy that IAM would not accept.
    - `refused`: why nothing changes although the policy is not compliant.
    - `became`: what each statement of the old policy becomes, in order. Empty unless statements change.
    - `after`: the verdict on the resulting policy, for `require` only, which need not close everything.
    - `shut_out`: the principals inside, including the owner, that lose access by `require`, if this was accepted.
    """

    action: Action
    policy: Written | None
    changes: tuple[Change, ...] = ()
    invalid: tuple[Invalid, ...] = ()
    refused: str | None = None
    became: tuple[tuple[object, ...], ...] = field(default=(), repr=False)
    after: Verdict | None = field(default=None, repr=False)
    shut_out: tuple[str, ...] = field(default=(), repr=False)

    @property
    def text(self) -> str | None:
        """The policy to write, in its shortest form, or None if there is none to write."""
        return None if self.action is not Action.SET or self.policy is None else text_of(self.policy)

    def to_json(self) -> dict[str, object]:
        """Return the plan as the fields of the batch form, ready for `json.dumps`.

        `policy` is None if JSON cannot express it or it is nested too deeply. This can happen to a policy that is
        unchanged.
        """
        return {
            "action": self.action.value,
            "policy": _sayable(self.policy),
            "changes": [
                {"statement": change.statement, "sid": change.sid, "change": change.change, "reason": change.reason}
                for change in self.changes
            ],
            "invalid": [{"at": invalid.at, "reason": invalid.reason} for invalid in self.invalid],
            "refused": self.refused,
            **({} if self.after is None else {"after": self.after.to_json()}),
        }


def _sayable(policy: Written | None) -> object:
    try:
        shown = plain(policy)
        json.dumps(shown, allow_nan=False)
    except (ValueError, RecursionError):
        return None
    return shown
