"""All that one audit found, and its JSON form, which the next audit reads again to tell what has changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from .. import Compliance, RegistryPolicy, Repository, Severity, Trust, Verdict
from ..access.trust import Entry
from ..policy.document import Document
from ..provenance import NOTHING_BEHIND, Provenance
from .changes import FORMAT, Changes
from .items import Item, Kind, Unread
from .second_opinion import Disagreement, SecondOpinion
from .trusted import Trusted
from .usage import Usage


@dataclass(frozen=True, slots=True)
class Audited:
    """One repository as it was read and judged, the verdict on its policy, and what of it is approved.

    `places`: of which recordings it is the worst, if nothing told which of them is the latest. `registry`: the policy
    of its registry, if the verdict counts one.
    """

    item: Item
    repository: Repository
    verdict: Verdict
    trusted: tuple[Trusted, ...]
    places: str | None = None
    registry: RegistryPolicy | None = None

    @property
    def own(self) -> Document:
        """Which document `item` has the policy of."""
        return Document.REGISTRY if self.item.kind is Kind.REGISTRY else Document.REPOSITORY


@dataclass(frozen=True, slots=True)
class Scope:
    """What was asked: `source` in words, and where; accounts and Regions are those of the repositories found."""

    source: str
    on: date
    accounts: tuple[str, ...]
    regions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Approval:
    """An entry of the register, by its place, and how many of the audited repositories need it."""

    number: int
    entry: Entry
    used_by: int
    expired: bool

    def to_json(self) -> dict[str, object]:
        """Return the entry as the register has it, and its use."""
        entry = self.entry
        return {
            "entry": self.number,
            entry.subject.value: entry.name,
            "access": entry.access.value,
            "repositories": list(entry.repositories),
            "reason": entry.reason,
            "owner": entry.owner,
            "expires": entry.expires.isoformat() if entry.expires else None,
            "expired": self.expired,
            "used_by": self.used_by,
        }


@dataclass(frozen=True, slots=True)
class AuditReport:
    """Everything that one audit found.

    `within`: how many days ahead approvals that expire are named. `changes`: since an earlier audit, if one was given.
    `usage`: what CloudTrail shows, `second_opinion`: what IAM Access Analyzer says, each if it was asked. `known`: what
    an earlier audit had found.
    """

    scope: Scope
    audited: tuple[Audited, ...]
    errors: tuple[Unread, ...]
    trust: Trust
    approvals: tuple[Approval, ...]
    within: int
    changes: Changes | None = None
    usage: Usage | None = None
    second_opinion: SecondOpinion | None = None
    provenance: Provenance = NOTHING_BEHIND
    known: frozenset[tuple[object, ...]] = frozenset()

    @property
    def repositories(self) -> tuple[Audited, ...]:
        """The repositories, without what else was judged."""
        return tuple(one for one in self.audited if one.item.kind is Kind.REPOSITORY)

    @property
    def registries(self) -> tuple[Audited, ...]:
        """The registries that have a policy of their own."""
        return tuple(one for one in self.audited if one.item.kind is Kind.REGISTRY)

    @property
    def beyond(self) -> tuple[Disagreement, ...]:
        """What only a second opinion sees, and nothing explains."""
        return tuple(self.second_opinion.beyond_ours) if self.second_opinion else ()

    @property
    def unused(self) -> tuple[Approval, ...]:
        """The approvals that no policy needs, of those that were read."""
        return tuple(approval for approval in self.approvals if not approval.used_by)

    @property
    def expiring(self) -> tuple[Approval, ...]:
        """The approvals that are in use and end within the given days, the next first."""
        until = self.scope.on + timedelta(days=self.within)
        ending = [one for one in self.approvals if one.used_by and not one.expired and _ends(one.entry) <= until]
        return tuple(sorted(ending, key=lambda approval: _ends(approval.entry)))

    @property
    def severities(self) -> Counter[Severity]:
        """How many repositories have a worst finding of each severity."""
        worst = (one.verdict.severity for one in self.repositories)
        return Counter(severity for severity in worst if severity is not None)

    def to_json(self) -> dict[str, object]:
        """Return the report as its JSON value."""
        return {
            "format": FORMAT,
            "audited": {
                "source": self.scope.source,
                "on": self.scope.on.isoformat(),
                "accounts": list(self.scope.accounts),
                "regions": list(self.scope.regions),
            },
            "summary": self._summary(),
            "repositories": [self._fields(one) for one in self.repositories],
            "registries": [self._fields(one) for one in self.registries],
            "errors": [error.to_json() for error in self.errors],
            "trust": [approval.to_json() for approval in self.approvals],
            "unused_trust": [approval.number for approval in self.unused],
            "expiring_trust": [approval.number for approval in self.expiring],
            **self.provenance.to_json(),
            **({"changes": self.changes.to_json()} if self.changes else {}),
            **({"usage": self.usage.to_json()} if self.usage else {}),
            **({"second_opinion": self.second_opinion.to_json()} if self.second_opinion else {}),
        }

    def _summary(self) -> dict[str, object]:
        compliance = Counter(one.verdict.compliance for one in self.repositories)
        severities = self.severities
        return {
            "repositories": len(self.repositories),
            "compliant": compliance[Compliance.COMPLIANT],
            "non_compliant": compliance[Compliance.NON_COMPLIANT],
            "severities": {severity.name: severities[severity] for severity in reversed(Severity)},
            "errors": len(self.errors),
        }

    def _fields(self, one: Audited) -> dict[str, object]:
        item, severity = one.item, one.verdict.severity
        return {
            "arn": item.arn,
            "account": item.account,
            "region": item.region,
            "name": item.name,
            "kind": item.kind.value,
            **one.verdict.to_json(),
            "severity": severity.name if severity else None,
            "trusted": [trusted.to_json(self.trust.entries) for trusted in one.trusted],
        }


def _ends(entry: Entry) -> date:
    return entry.expires or date.max


def approvals(trust: Trust, used: Counter[int]) -> Iterator[Approval]:
    """Yield every entry of the register with its use."""
    for number, entry in enumerate(trust.entries):
        yield Approval(number, entry, used[number], trust.expired(entry))
