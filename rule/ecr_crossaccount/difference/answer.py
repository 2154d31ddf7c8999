"""The result of a comparison: plain, immutable values without any computation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..access.verdict import Grant, Severity, Undecided
from ..policy.problems import Invalid


@dataclass(frozen=True, slots=True)
class Change:
    """Access that one of two policies gives and the other does not.

    `grant`: the statement that gives it, with a request that only its policy allows. `otherwise`: the reason why the
    other policy does not allow it.
    """

    grant: Grant
    otherwise: str


@dataclass(frozen=True, slots=True)
class Direction:
    """The access that one policy gives and the other does not.

    `undecided`: the part of it that cannot be determined.
    """

    changes: tuple[Change, ...] = ()
    undecided: tuple[Undecided, ...] = ()

    @property
    def severity(self) -> Severity | None:
        """The worst severity, or None if nothing changed. An undecided statement counts as MEDIUM."""
        known = [one.grant.severity for one in self.changes]
        return max([*known, *([Severity.MEDIUM] if self.undecided else [])], default=None)


@dataclass(frozen=True, slots=True)
class Difference:
    """The access that a change of a policy opens and closes.

    `opened`: access that is new. `closed`: access that no longer exists. `invalid`: the elements of the old and of the
    new policy that IAM would not accept.
    """

    opened: Direction
    closed: Direction
    invalid: tuple[tuple[Invalid, ...], tuple[Invalid, ...]] = ((), ())

    @property
    def is_none(self) -> bool:
        """Whether it is certain that the change opens and closes nothing."""
        return self.opened == self.closed == Direction()

    def to_json(self) -> dict[str, object]:
        """Return the difference as its fields, ready for `json.dumps`."""
        return {
            "opened": [_change_json(one) for one in self.opened.changes],
            "closed": [_change_json(one) for one in self.closed.changes],
            "undecided": {
                "opened": [_undecided_json(one) for one in self.opened.undecided],
                "closed": [_undecided_json(one) for one in self.closed.undecided],
            },
            "invalid": {
                name: [{"at": fault.at, "reason": fault.reason} for fault in faults]
                for name, faults in zip(("old", "new"), self.invalid, strict=True)
            },
        }


def _change_json(change: Change) -> Mapping[str, object]:
    return {**change.grant.to_json(), "otherwise": change.otherwise}


def _undecided_json(one: Undecided) -> Mapping[str, object]:
    return {"statement": one.statement, "reason": one.reason}
