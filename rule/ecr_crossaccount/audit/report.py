"""All that one audit found, and its JSON form, which the next audit reads again to tell what has changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

from .. import Origin, Severity, Trust, Verdict, judge
from ..access.trust import Entry
from ..access.verdict import Grant, Undecided
from ..provenance import NOTHING_BEHIND, Provenance
from .changes import FORMAT, Changes
from .control_policies import ControlPolicies
from .items import AMBIGUOUS, SETTINGS, Kind, Unread
from .outcomes import trust_for
from .rows import Audited, Rows
from .second_opinion import Disagreement, SecondOpinion
from .trusted import Trusted
from .unseen import Held, Unseen, unseen_of
from .usage import Usage

__all__ = ["Approval", "AuditReport", "Audited", "Rows", "Scope", "approvals"]


@dataclass(frozen=True, slots=True)
class Scope:
    """What was asked: `source` in words, and where; accounts and Regions are those of the repositories found.

    `unseen_registries`: of how many registries of these the source does not show whether they have a policy.
    `settings_read`: whether it shows creation templates, replication and pull-through caches.
    """

    source: str
    on: date
    accounts: tuple[str, ...]
    regions: tuple[str, ...]
    unseen_registries: int = 0
    settings_read: bool = False


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


@dataclass(frozen=True)
class AuditReport:
    """Everything that one audit found.

    `within`: how many days ahead approvals that expire are named. `changes`: since an earlier audit, if one was given.
    `usage`: what CloudTrail shows, `second_opinion`: what IAM Access Analyzer says, each if it was asked. `known`: what
    an earlier audit had found. `rcps`: the resource control policies under which it is said what is left.
    """

    scope: Scope
    audited: Rows
    errors: tuple[Unread, ...]
    trust: Trust
    approvals: tuple[Approval, ...]
    within: int
    changes: Changes | None = None
    usage: Usage | None = None
    second_opinion: SecondOpinion | None = None
    provenance: Provenance = NOTHING_BEHIND
    known: frozenset[tuple[object, ...]] = frozenset()
    rcps: ControlPolicies | None = None

    @cached_property
    def repositories(self) -> Rows:
        """The repositories, without what else was judged."""
        return self.audited.of(Kind.REPOSITORY)

    @cached_property
    def registries(self) -> Rows:
        """The registries that have a policy of their own."""
        return self.audited.of(Kind.REGISTRY)

    @cached_property
    def settings(self) -> Mapping[Kind, Rows]:
        """The settings of registries that open them, by their kind."""
        return {kind: self.audited.of(kind) for kind in SETTINGS}

    @property
    def templates(self) -> Rows:
        """The creation templates."""
        return self.settings[Kind.CREATION_TEMPLATE]

    @property
    def compliant(self) -> int:
        """How many repositories are compliant."""
        rows = self.repositories
        return sum(times for number, times in rows.counted().items() if rows.store.compliant[number])

    @property
    def beyond(self) -> tuple[Disagreement, ...]:
        """What only a second opinion sees, and nothing explains."""
        return tuple(self.second_opinion.beyond_ours) if self.second_opinion else ()

    @property
    def read_nothing(self) -> bool:
        """Whether something could not be read, and nothing else was."""
        return bool(self.errors) and not self.audited

    @property
    def unused(self) -> tuple[Approval, ...]:
        """The approvals that no policy needs, of those that were read; nobody knows of any where none was read."""
        if self.read_nothing:
            return ()
        return tuple(approval for approval in self.approvals if not approval.used_by)

    @property
    def expiring(self) -> tuple[Approval, ...]:
        """The approvals that are in use and end within the given days, the next first."""
        until = self.scope.on + timedelta(days=self.within)
        ending = [one for one in self.approvals if one.used_by and not one.expired and _ends(one.entry) <= until]
        return tuple(sorted(ending, key=lambda approval: _ends(approval.entry)))

    @property
    def unseen(self) -> tuple[Unseen, ...]:
        """What accounts outside may do to repositories and were not seen doing; nothing where nobody looked."""
        return tuple(unseen_of(self.usage, self._held())) if self.usage else ()

    def _held(self) -> Iterator[Held]:
        for one in self.repositories:
            holders: list[Grant | Trusted] = [*one.verdict.grants, *one.trusted]
            for held in holders:
                yield Held(one.item.arn, one.item.region, held.kind, held.grantee, held.actions)

    @property
    def severities(self) -> Counter[Severity]:
        """How many repositories have a worst finding of each severity."""
        rows, found = self.repositories, Counter[Severity]()
        for number, times in rows.counted().items():
            severity = rows.store.severity(number)
            if severity is not None:
                found[severity] += times
        return found

    def to_json(self) -> dict[str, object]:
        """Return the report as its JSON value."""
        return {
            **self.head(),
            "repositories": [self.fields(one) for one in self.repositories],
            **self.tail(),
        }

    def head(self) -> dict[str, object]:
        """Return what stands before the repositories."""
        return {
            "format": FORMAT,
            "audited": {
                "source": self.scope.source,
                "on": self.scope.on.isoformat(),
                "accounts": list(self.scope.accounts),
                "regions": list(self.scope.regions),
                "unseen_registries": self.scope.unseen_registries,
                **{field.value: self.scope.settings_read for field in SETTINGS.values()},
            },
            "summary": self._summary(),
        }

    def tail(self) -> dict[str, object]:
        """Return what stands behind them."""
        return {
            "registries": [self.fields(one) for one in self.registries],
            **{SETTINGS[kind].value: [self.fields(one) for one in rows] for kind, rows in self.settings.items()},
            "errors": [error.to_json() for error in self.errors],
            "trust": [approval.to_json() for approval in self.approvals],
            "unused_trust": [approval.number for approval in self.unused],
            "expiring_trust": [approval.number for approval in self.expiring],
            **self.provenance.to_json(),
            **(self.rcps.to_json() if self.rcps else {}),
            **({"changes": self.changes.to_json()} if self.changes else {}),
            **({"usage": {**self.usage.to_json(), "unseen": self._unseen_json()}} if self.usage else {}),
            **({"second_opinion": self.second_opinion.to_json()} if self.second_opinion else {}),
        }

    def _unseen_json(self) -> list[dict[str, object]]:
        return [one.to_json() for one in self.unseen]

    def _summary(self) -> dict[str, object]:
        severities, compliant = self.severities, self.compliant
        return {
            "repositories": len(self.repositories),
            "compliant": compliant,
            "non_compliant": len(self.repositories) - compliant,
            "severities": {severity.name: severities[severity] for severity in reversed(Severity)},
            "errors": len(self.errors),
        }

    def fields(self, one: Audited) -> dict[str, object]:
        """Return one of the repositories, of the registries, or of their settings."""
        item, severity = one.item, one.verdict.severity
        return {
            "arn": item.arn,
            "account": item.account,
            "region": item.region,
            "name": item.name,
            "kind": item.kind.value,
            **one.verdict.to_json(),
            **self._under_json(one),
            "severity": severity.name if severity else None,
            "trusted": [trusted.to_json(self.trust.entries) for trusted in one.trusted],
        }

    def under_rcps(self, one: Audited) -> Verdict | None:
        """Return what is left of a repository, or a template, under resource control policies; None if there are none.

        Of several recordings the worst counts, which need not be the one of which most is left.
        """
        if self.rcps is None or one.item.kind not in (Kind.REPOSITORY, Kind.CREATION_TEMPLATE):
            return None
        trust, account = trust_for(one.item, self.trust), one.item.account
        texts = self.rcps.texts(account)
        found = judge(one.item.policy, one.repository, trust, Origin.DEPLOYED, registry=one.registry, rcps=texts)
        if one.places is not None:
            doubt = Undecided(None, f"the access that remains is unknown: the account is {AMBIGUOUS}: {one.places}")
            found = replace(found, undecided=(*found.undecided, doubt))
        return self.rcps.leaves(account, found)

    def _under_json(self, one: Audited) -> dict[str, object]:
        under = self.under_rcps(one)
        return {} if under is None else {"under_rcp": under.to_json()}


def _ends(entry: Entry) -> date:
    return entry.expires or date.max


def approvals(trust: Trust, used: Counter[int]) -> Iterator[Approval]:
    """Yield every entry of the register with its use."""
    for number, entry in enumerate(trust.entries):
        yield Approval(number, entry, used[number], trust.expired(entry))
