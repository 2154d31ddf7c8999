"""The result of a plan, as plain, immutable values."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum

from ...documents.problems import Invalid
from ...judgement.values.verdict import Verdict
from .written import Written, plain, text_of


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
                {"statement": one.statement, "sid": one.sid, "change": one.change, "reason": one.reason}
                for one in self.changes
            ],
            "invalid": [{"at": one.at, "reason": one.reason} for one in self.invalid],
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
