"""The result of a comparison: plain, immutable values without any computation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...documents.problems import Invalid
from ...judgement.values.verdict import Grant, Severity, Undecided
from ...memo import by_value


@dataclass(frozen=True, slots=True)
class Change:
    """Access that one state gives and the other does not.

    `grant`: the statement that gives it, with a request that only its state allows. `otherwise`: the reason why the
    other state does not allow it. `by_trust`: whether the other state allows it too, but to someone whom it trusts.
    """

    grant: Grant
    otherwise: str = ""
    by_trust: bool = False


@by_value
class Opened:
    """The access that one state gives and the other does not.

    `undecided`: the part of it that cannot be determined, or that exists under a condition. `invalid`: the elements of
    the state that IAM would not accept.
    """

    changes: tuple[Change, ...] = ()
    undecided: tuple[Undecided, ...] = ()
    invalid: tuple[Invalid, ...] = ()

    def grants(self) -> tuple[Grant, ...]:
        """Return the grants of the changes."""
        return tuple(change.grant for change in self.changes)

    @property
    def is_nothing(self) -> bool:
        """Whether it is certain that nothing is opened."""
        return not self.changes and not self.undecided

    @property
    def severity(self) -> Severity | None:
        """The worst severity, or None if nothing is opened."""
        known = (
            *(change.grant.severity for change in self.changes),
            *(undecided.severity for undecided in self.undecided),
        )
        return max(known, default=None)


@by_value
class Difference:
    """The access that a change opens, which is new, and closes, which no longer exists."""

    opened: Opened = Opened()
    closed: Opened = Opened()

    @property
    def invalid(self) -> tuple[tuple[Invalid, ...], tuple[Invalid, ...]]:
        """The elements of the old and of the new policy that IAM would not accept."""
        return self.closed.invalid, self.opened.invalid

    @property
    def is_none(self) -> bool:
        """Whether it is certain that the change opens and closes nothing."""
        return self.opened.is_nothing and self.closed.is_nothing

    def to_json(self) -> dict[str, object]:
        """Return the difference as its fields, ready for `json.dumps`."""
        return {
            "opened": [_change_json(change) for change in self.opened.changes],
            "closed": [_change_json(change) for change in self.closed.changes],
            "undecided": {
                "opened": [_undecided_json(undecided) for undecided in self.opened.undecided],
                "closed": [_undecided_json(undecided) for undecided in self.closed.undecided],
            },
            "invalid": {
                name: [{"at": fault.at, "reason": fault.reason} for fault in faults]
                for name, faults in zip(("old", "new"), self.invalid, strict=True)
            },
        }


def _change_json(change: Change) -> Mapping[str, object]:
    return {**change.grant.to_json(), "otherwise": change.otherwise, "by_trust": change.by_trust}


def _undecided_json(one: Undecided) -> Mapping[str, object]:
    return {name: value for name, value in one.to_json().items() if name != "document"}
