"""What has changed since an earlier audit, as values: the field `changes` of a report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ...judgement.values.verdict import Access, Undecided


@dataclass(frozen=True, slots=True)
class Change:
    """Access of one grantee to one repository that has changed.

    `other` is the state of the same access in the other report: `approved` or `refused`.
    """

    arn: str
    kind: str
    grantee: str
    access: tuple[Access, ...]
    actions: tuple[str, ...]
    other: str

    def to_json(self, other: str) -> dict[str, object]:
        """Return the change, with its state in the other report in a field named `other`."""
        return {
            "arn": self.arn,
            "kind": self.kind,
            "grantee": self.grantee,
            "access": [access.value for access in self.access],
            "actions": list(self.actions),
            other: self.other,
        }


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why it cannot be determined whether access has changed. `change`: `new`, `gone` or `approved`."""

    arn: str
    change: str
    why: Undecided

    def to_json(self) -> dict[str, object]:
        """Return the doubt as its fields."""
        return {"arn": self.arn, "change": self.change, **self.why.to_json()}


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything that has changed since the audit of the day `since`.

    - `new`: unapproved access that was not open in the earlier report.
    - `gone`: the reverse.
    - `approved`: approved access that did not exist in the earlier report.
    - `undecided`: what cannot be determined.
    - `appeared`: repositories that did not exist, and `not_read_before`: those that the earlier audit did not read.
    - `results`: repositories by ARN whose compliance has changed, with both values.
    - `missing`: repositories of the earlier report that this one does not have, or whose registry policy it could not
      read.
    """

    since: str
    new: tuple[Change, ...]
    gone: tuple[Change, ...]
    approved: tuple[Change, ...]
    undecided: tuple[Doubt, ...]
    appeared: tuple[str, ...]
    not_read_before: tuple[str, ...]
    vanished: tuple[str, ...]
    results: tuple[tuple[str, str, str], ...]
    missing: tuple[str, ...]

    @property
    def other_results(self) -> tuple[tuple[str, str, str], ...]:
        """The results that have changed without any access that has: the policy has a date, for example."""
        told = {one.arn for each in (self.new, self.gone, self.approved, self.undecided) for one in each}
        return tuple(one for one in self.results if one[0] not in told and one[0] not in self.missing)

    def to_json(self) -> dict[str, object]:
        """Return the changes in the form of the report's field `changes`."""
        return {
            "since": self.since,
            "new": [change.to_json("before") for change in self.new],
            "gone": [change.to_json("now") for change in self.gone],
            "approved": [change.to_json("before") for change in self.approved],
            "undecided": [doubt.to_json() for doubt in self.undecided],
            "appeared": list(self.appeared),
            "not_read_before": list(self.not_read_before),
            "vanished": list(self.vanished),
            "compliance": [{"arn": arn, "was": was, "is": now} for arn, was, now in self.results],
            "not_compared": list(self.missing),
        }


def merged(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return the changes, those of several statements about the same access as one."""
    found: dict[tuple[str, str, str, str], Change] = {}
    for one in changes:
        key = (one.arn, one.kind, one.grantee, one.other)
        known = found.get(key, one)
        access = tuple(each for each in Access if each in known.access or each in one.access)
        found[key] = replace(one, access=access, actions=tuple(sorted({*known.actions, *one.actions})))
    return tuple(found.values())
