"""From what was read to what it means: every policy judged, with the approvals behind it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from .. import Compliance, Origin, RegistryPolicy, Repository, Trust, Verdict, judge
from ..access.registry import judge_registry
from .items import AMBIGUOUS, Ambiguous, Item, Kind, Unread
from .report import Audited, AuditReport, Scope, approvals
from .trusted import Approvals, RegistryApprovals

_ARN_PARTS = 6


class Auditor:
    """Takes what was read, one after the other, and answers the report of it all.

    `organization`: what `self` stands for in the register, where known; the owner's, whichever account it is.
    """

    def __init__(self, trust: Trust, organization: str | None) -> None:
        self._trust = trust
        self._organization = organization
        self._approvals = Approvals(trust)
        self._registry_approvals = RegistryApprovals(trust)
        self._registries: dict[tuple[str, str], RegistryPolicy] = {}
        self._audited: list[Audited] = []
        self._taken: list[Item | Ambiguous] = []
        self._errors: list[Unread] = []

    def take(self, found: Iterable[Item | Ambiguous | Unread]) -> None:
        """Judge items, and keep what could not be read."""
        for one in found:
            if isinstance(one, Unread):
                self._errors.append(one)
                continue
            audited = self._of(one)
            self._audited.append(audited)
            self._taken.append(one)
            # A verdict writes its grants when they are first read: now, while answers of AWS are awaited.
            _ = audited.verdict.grants

    def report(self, source: str, on: date, regions: Iterable[str], within: int) -> AuditReport:
        """Return all that was taken, in the order of ARNs. `regions`: those that were asked for, if they were named."""
        self._catch_up()
        audited = sorted(self._audited, key=lambda one: one.item.arn)
        scope = Scope(
            source,
            on,
            tuple(sorted({one.item.account for one in audited})),
            tuple(sorted({one.item.region for one in audited if one.item.region} | set(regions))),
        )
        used = tuple(approvals(self._trust, self._approvals.used + self._registry_approvals.used))
        return AuditReport(scope, tuple(audited), tuple(self._errors), self._trust, used, within)

    def _of(self, one: Item | Ambiguous) -> Audited:
        if not isinstance(one, Ambiguous):
            return self._judged(one)
        audited = self._worst(one)
        if audited.item.kind is Kind.REGISTRY:
            unread = RegistryPolicy(unread=f"it is {AMBIGUOUS}: {one.places}")
            self._registries[audited.item.account, audited.item.region] = unread
        return audited

    def _catch_up(self) -> None:
        """Judge anew what was read before the policy of its registry: files have no order."""
        for place, (one, audited) in enumerate(zip(self._taken, self._audited, strict=True)):
            registry = self._registries.get((audited.item.account, audited.item.region))
            if registry is not None and audited.registry is not registry and audited.item.kind is Kind.REPOSITORY:
                self._audited[place] = self._of(one)

    def _judged(self, item: Item) -> Audited:
        repository = repository_of(item, self._organization)
        if item.kind is Kind.REGISTRY:
            self._registries[item.account, item.region] = RegistryPolicy(item.policy, item.scope)
            verdict = judge_registry(item.policy, repository, self._trust, Origin.DEPLOYED)
            return Audited(item, repository, verdict, self._registry_approvals.of(item.policy, repository, verdict))
        own = verdict = judge(item.policy, repository, self._trust, Origin.DEPLOYED)
        registry = self._registries.get((item.account, item.region))
        if registry is not None:
            verdict = judge(item.policy, repository, self._trust, Origin.DEPLOYED, registry=registry)
        if item.note:
            verdict = replace(verdict, notes=(*verdict.notes, item.note))
        # What the registry policy lets in, and by whose word, is said where that is reported.
        approved = self._approvals.of(item.policy, repository, own)
        return Audited(item, repository, verdict, approved, registry=registry)

    def _worst(self, found: Ambiguous) -> Audited:
        """Judge all that a repository may have; what the others open is in the notes."""
        *others, worst = sorted(map(self._judged, found.items), key=_how_bad)
        said = f"{AMBIGUOUS}: {found.places}; the worst counts"
        more = [reason for other in reversed(others) for reason in _findings(other.verdict)]
        known = {*_findings(worst.verdict)}
        notes = [f"another recording: {reason}" for reason in dict.fromkeys(more) if reason not in known]
        verdict = replace(worst.verdict, notes=(*worst.verdict.notes, said, *notes))
        return replace(worst, verdict=verdict, places=found.places)


def _how_bad(one: Audited) -> tuple[object, ...]:
    """Return what orders verdicts, the same in whatever order they come."""
    verdict = one.verdict
    severity = -1 if verdict.severity is None else verdict.severity
    return verdict.compliance is Compliance.NON_COMPLIANT, severity, len(verdict.grants), str(one.item.policy)


def _findings(verdict: Verdict) -> Iterator[str]:
    yield from (grant.reason for grant in verdict.grants)
    yield from (undecided.reason for undecided in verdict.undecided)
    yield from (f"{invalid.at}: {invalid.reason}" for invalid in verdict.invalid)


def repository_of(item: Item, organization: str | None) -> Repository:
    """Return whose policy it is; `organization` is the owner's, where known. Raises ValueError: no account."""
    parts = item.arn.split(":", _ARN_PARTS - 1)
    return Repository(
        item.account,
        item.name,
        region=item.region or None,
        partition=parts[1] if len(parts) == _ARN_PARTS and parts[1] else "aws",
        organization=organization,
        tags=item.tags or {},
        tags_known=item.tags is not None,
    )
