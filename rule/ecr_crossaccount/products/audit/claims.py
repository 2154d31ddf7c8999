"""The two opinions about someone's access: a claim of this audit, and a finding of Access Analyzer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Self

from ...documents.document import Actions
from ...judgement.values.actions import ActionSets, access_of, access_of_names
from ...judgement.values.verdict import Access, Kind
from .access_analyzer import Finding
from .grantees import Grantee, grantee_of
from .report import AuditReport
from .rows import Audited
from .second_opinion import Says, Side


@dataclass(slots=True)
class Claim:
    """The external access of one grantee according to this audit: unapproved actions and approved ones."""

    kind: Kind
    grantee: str
    public: bool = False
    open: set[str] = field(default_factory=set)
    approved: set[str] = field(default_factory=set)
    reasons: dict[str, None] = field(default_factory=dict)

    @property
    def access(self) -> tuple[Access, ...]:
        """The access levels of all its actions."""
        return access_of_names(self.open | self.approved)

    def side(self) -> Side:
        """Return the claim as this audit's side of a comparison."""
        return Side(Says.GRANTED if self.open else Says.APPROVED, self.access, "; ".join(self.reasons))

    def covers(self, seen: Seen) -> bool:
        """Return whether the claim covers all principals of a finding."""
        return self.public or seen.about(self) or (self.kind is Kind.ANY and seen.finding.public)


@dataclass(frozen=True, slots=True)
class Seen:
    """A finding, its grantee, and its access levels."""

    finding: Finding
    grantee: Grantee
    access: frozenset[Access]

    def about(self, claim: Claim) -> bool:
        """Return whether it is about the grantee of a claim in particular, and not only about everyone."""
        return self.grantee.is_exactly(claim.kind, claim.grantee)

    @classmethod
    def of(cls, finding: Finding) -> Self:
        """Return a finding with its grantee and access levels."""
        return cls(finding, grantee_of(finding), _reach(finding.actions))

    @property
    def is_active(self) -> bool:
        """Whether it is neither archived nor resolved."""
        return self.finding.is_active


def claims_of(report: AuditReport, one: Audited) -> Iterable[Claim]:
    """Return this audit's claim about each grantee, approved or not.

    For a repository, only its own policy counts. A second opinion does not analyze the registry policy, which has its
    own entry.
    """
    found: dict[tuple[Kind, str], Claim] = {}
    for grant in (grant for grant in one.verdict.grants if grant.document is one.own):
        claim = found.setdefault((grant.kind, grant.grantee), Claim(grant.kind, grant.grantee, grant.public))
        claim.open.update(grant.actions)
        claim.reasons[grant.reason] = None
    for trusted in one.trusted:
        claim = found.setdefault((trusted.kind, trusted.grantee), Claim(trusted.kind, trusted.grantee))
        claim.approved.update(trusted.actions)
        entry = report.trust.entries[trusted.entry]
        by = f", by {entry.owner}" if entry.owner else ""
        claim.reasons[f"trust[{trusted.entry}] approves it{by}: {entry.reason or 'no reason given'}"] = None
    return found.values()


@lru_cache(maxsize=1024)
def _reach(actions: tuple[str, ...]) -> frozenset[Access]:
    """Return the access levels of a finding's actions. A finding without actions may allow all of them."""
    if not actions:
        return frozenset(Access)
    element = Actions(negated=False, patterns=actions)
    return frozenset(access_of(ActionSets().allowed(element)[0]))
