"""What a plan answers: plain, immutable values."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum

from ..access.verdict import Verdict
from ..policy.problems import Invalid
from .written import Written, plain, text_of


class Strategy(StrEnum):
    """How a plan deals with what is open.

    `narrow` keeps what is trusted, `remove` takes out every statement that offends, `delete` the whole policy.
    `require` closes nothing by itself: it puts in the statements that an organization requires.
    """

    NARROW = "narrow"
    REMOVE = "remove"
    DELETE = "delete"
    REQUIRE = "require"


class Action(StrEnum):
    """What is to be done about the repository's policy: nothing, SetRepositoryPolicy, DeleteRepositoryPolicy."""

    NONE = "none"
    SET = "set"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a statement, and why; `statement` is None where the whole policy is meant."""

    statement: int | None
    sid: str | None
    change: str
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done about a policy.

    `policy` is what the repository has afterwards, None for no policy. `invalid` holds what IAM would not accept in
    the policy as it is. `refused` says why nothing is changed although the policy is not compliant. `became` holds
    what each statement of the old policy becomes, in order; it is empty unless statements change. `after` is the
    verdict on the policy that the repository then has, of a plan that need not close everything: of `require`.
    `shut_out` names whom of the inside that plan shuts out, the owner included, where that was accepted.
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
        """The policy as it is to be written, in its shortest form; None if none is."""
        return None if self.action is not Action.SET or self.policy is None else text_of(self.policy)

    def to_json(self) -> dict[str, object]:
        """Return the plan as the fields of the batch form, ready for `json.dumps`.

        A policy that is left as it is may hold what JSON cannot say, or be nested without end: then it is None.
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
