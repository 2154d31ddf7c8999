"""What a comparison answers: plain, immutable values that every caller reads and none computes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..access.verdict import Grant, Severity, Undecided
from ..policy.problems import Invalid


@dataclass(frozen=True, slots=True)
class Change:
    """Access that one of two policies gives and the other does not.

    `grant`: by a statement of the policy that gives it, with a request that only this one lets in.
    `otherwise`: why the other policy does not.
    """

    grant: Grant
    otherwise: str


@dataclass(frozen=True, slots=True)
class Direction:
    """What one policy gives that another one does not; `undecided`: what of that cannot be determined."""

    changes: tuple[Change, ...] = ()
    undecided: tuple[Undecided, ...] = ()

    @property
    def severity(self) -> Severity | None:
        """The worst severity; what is undecided counts as MEDIUM; None if there is nothing."""
        known = [one.grant.severity for one in self.changes]
        return max([*known, *([Severity.MEDIUM] if self.undecided else [])], default=None)


@dataclass(frozen=True, slots=True)
class Difference:
    """What a change of a policy opens and closes.

    `opened`: who gets in now and did not before. `closed`: who did and does no longer. `invalid`: what of the old and
    of the new policy IAM would not accept.
    """

    opened: Direction
    closed: Direction
    invalid: tuple[tuple[Invalid, ...], tuple[Invalid, ...]] = ((), ())

    @property
    def is_none(self) -> bool:
        """Whether the change certainly opens and closes nothing."""
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
