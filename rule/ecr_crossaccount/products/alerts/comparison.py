"""The findings of an alarm: what a change has opened, as `difference` says, and why it counts as new."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from ...judgement.values.verdict import Grant, Severity
from ...questions.change.answer import Opened


class Because(Enum):
    """Why access counts as new."""

    NEW = "the previous policy did not allow it"
    UNKNOWN = "what was there before is not known, so everything that is open is reported"
    USES = "what the template is used for has grown or is not known, so everything that it opens is reported"
    SCOPE = "the registry's policy applies to other actions from now on"
    BACKFILL = "existing images are copied too, even if they were replicated before"
    LATE = "the changes of this policy did not arrive in order, so everything that is open is reported"


@dataclass(frozen=True, slots=True)
class Finding:
    """Access that is open, or an element that cannot be decided."""

    severity: Severity
    sentence: str
    grant: Grant | None = None


@dataclass(frozen=True, slots=True)
class News:
    """The new findings, most severe first, and why they count as new."""

    findings: tuple[Finding, ...]
    because: Because

    @property
    def severity(self) -> Severity:
        """The highest severity. There must be at least one finding."""
        return max(one.severity for one in self.findings)


def findings_of(*opened: Opened) -> tuple[Finding, ...]:
    """Return what is opened as findings, most severe first."""
    changes = (Finding(one.grant.severity, one.grant.reason, one.grant) for each in opened for one in each.changes)
    doubts = (Finding(one.severity, f"undecided: {one.reason}") for each in opened for one in each.undecided)
    return merged(changes, doubts)


def closed_for_now(opened: Opened) -> tuple[Finding, ...]:
    """Return what a policy opens, if a Deny of the registry's policy closes all of it.

    It opens again when such a Deny is removed, which does not show in the repository's policy.
    """
    why = "closed for now, by a Deny of the registry's policy"
    return tuple(replace(one, severity=Severity.LOW, sentence=f"{why}: {one.sentence}") for one in findings_of(opened))


def merged(*parts: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings of all parts, most severe first, and each sentence once."""
    found = {one.sentence: one for part in parts for one in part}
    return tuple(sorted(found.values(), key=lambda one: -one.severity))
