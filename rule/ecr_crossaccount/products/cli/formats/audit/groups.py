"""The content of an audit's text, collected in one pass over the repositories: similar findings are grouped."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import TypeVar

from .....judgement.values.verdict import Access, Grant, Severity
from ....audit.outcomes import Outcome
from ....audit.report import AuditReport
from ....audit.rows import Audited, audited
from ....audit.shapes import STAND_IN
from ..words import who
from .known import Doubt, doubts, in_words, known_in
from .names import SHOWN

_AT_HAND = 4096
"""The most outcomes whose content is kept."""


@dataclass(slots=True)
class Members:
    """Repositories that arrive in the order of their ARNs: their number, and the first few."""

    count: int = 0
    first: list[str] = field(default_factory=list)
    _last: str = ""

    def add(self, arn: str) -> None:
        """Count a repository. Repeated calls with the same ARN count once."""
        if arn == self._last:
            return
        self._last = arn
        self.count += 1
        if len(self.first) < SHOWN:
            self.first.append(arn)


@dataclass(slots=True)
class Gets:
    """A grantee who has the same access to several repositories, and the reasons."""

    severity: Severity
    subject: str
    access: str
    grant: Grant
    members: Members = field(default_factory=Members)
    reasons: dict[str, Members] = field(default_factory=dict)


@dataclass(slots=True)
class Groups:
    """Everything to show about repositories, in the order in which they arrive."""

    grants: dict[tuple[Severity, str, str], Gets] = field(default_factory=dict)
    doubts: dict[Doubt, Members] = field(default_factory=dict)
    trusted: dict[tuple[int, str, str], Members] = field(default_factory=dict)
    known: dict[str, Members] = field(default_factory=dict)
    known_findings: int = 0
    ambiguous: list[tuple[str, str]] = field(default_factory=list)

    def worst_first(self) -> list[Gets]:
        """Return the grants, the worst first."""
        return sorted(self.grants.values(), key=attrgetter("severity"), reverse=True)

    def add(self, arn: str, said: _Said) -> None:
        """Add the content for one repository."""
        for grant, subject, access, reason in said.grants:
            key = (grant.severity, subject, access)
            group = self.grants.get(key)
            if group is None:
                group = self.grants[key] = Gets(*key, grant)
            group.members.add(arn)
            _members(group.reasons, reason).add(arn)
        for doubt in said.doubts:
            _members(self.doubts, doubt).add(arn)
        for one in said.trusted:
            _members(self.trusted, one).add(arn)
        for line in said.known:
            _members(self.known, line).add(arn)
        self.known_findings += len(said.known)
        if said.places is not None:
            self.ambiguous.append((arn, said.places))


@dataclass(frozen=True, slots=True)
class _Said:
    """The content for an outcome. `names_owner` says whether the owner's account number must be inserted."""

    grants: tuple[tuple[Grant, str, str, str], ...]
    """Each with the grantee, the access, and the reason."""
    doubts: tuple[Doubt, ...]
    trusted: tuple[tuple[int, str, str], ...]
    known: tuple[str, ...]
    places: str | None
    names_owner: bool

    @property
    def is_empty(self) -> bool:
        return not (self.grants or self.doubts or self.trusted or self.known or self.places)

    def of(self, account: str) -> _Said:
        """Return a copy with the account number of one owner."""

        def own(text: str) -> str:
            return text.replace(STAND_IN, account)

        return replace(
            self,
            grants=tuple((grant, own(subject), access, own(reason)) for grant, subject, access, reason in self.grants),
            doubts=tuple((label, own(reason)) for label, reason in self.doubts),
            trusted=tuple((entry, own(subject), access) for entry, subject, access in self.trusted),
        )


def groups_of(report: AuditReport) -> Groups:
    """Return the content for a report."""
    found, rows = Groups(), report.audited
    at_hand: dict[int, _Said] = {}
    for arn, number in rows.numbered():
        said = at_hand.get(number)
        if said is None:
            if len(at_hand) >= _AT_HAND:
                at_hand.clear()
            said = at_hand[number] = _said(rows.store[number])
        if said.is_empty:
            continue
        if report.known is not None:
            found.add(arn, _without_known(report, audited(arn, rows.place_of(arn), rows.store[number])))
        else:
            found.add(arn, said.of(rows.place_of(arn)[0]) if said.names_owner else said)
    return found


def _said(one: Outcome | Audited) -> _Said:
    verdict = one.verdict
    grants = tuple(
        (grant, who(grant.kind, grant.grantee), _access(grant.access), grant.reason) for grant in verdict.grants
    )
    uncertain = tuple(doubts(verdict))
    trusted = tuple((one.entry, who(one.kind, one.grantee), _access(one.access)) for one in one.trusted)
    texts = [
        *(text for _, subject, _, reason in grants for text in (subject, reason)),
        *(reason for _, reason in uncertain),
        *(subject for _, subject, _ in trusted),
    ]
    names_owner = any(STAND_IN in text for text in texts)
    return _Said(grants, uncertain, trusted, (), one.places, names_owner)


def _without_known(report: AuditReport, one: Audited) -> _Said:
    """Return the findings of a repository that are not in the baseline, and in short those that are."""
    said, known = _said(one), known_in(report, one)
    return replace(
        said,
        grants=tuple(what for what in said.grants if what[0] not in known),
        doubts=tuple(what for what in said.doubts if what not in known),
        known=tuple(map(in_words, known)),
    )


def _access(access: Iterable[Access]) -> str:
    return ", ".join(one.value for one in access)


_Key = TypeVar("_Key")


def _members(groups: dict[_Key, Members], key: _Key) -> Members:
    found = groups.get(key)
    if found is None:
        found = groups[key] = Members()
    return found
