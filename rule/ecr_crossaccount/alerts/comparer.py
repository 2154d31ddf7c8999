"""The access that a policy change has opened, compared with the remembered policy.

Reads from ECR only what it needs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from .. import Repository, Severity
from ..access.named import names_under, trust_in
from . import denies
from .alert import Alert, opening
from .changes import Change
from .closing import Closing, closing, look_at, putting_back
from .comparison import Because, Finding, Judged, Opened, everything, opened
from .live import Live, PolicyRefusedError
from .memory import Remembered
from .record import Record
from .replicating import deleting
from .subject import Kind, Stated, Subject, about, asks_for_tags, judged
from .trusting import Trusted


@dataclass(frozen=True, slots=True)
class Comparer:
    """Compares one change with the last change that was seen, `before`, which is None if there was none."""

    live: Live
    trusted: Trusted
    change: Change
    before: Remembered | None
    after: Stated

    @property
    def known(self) -> Stated | None:
        """The previous policy, or None if it is unknown."""
        if self.change.before is not None:
            return self.change.before
        return None if self.before is None else self.before.policy

    @property
    def is_late(self) -> bool:
        """Whether a change was seen earlier that, as far as is known, was not made before this one."""
        return self.before is not None and self.before.at >= self.change.at

    @property
    def current(self) -> Stated:
        """The policy that is there now, as far as is known."""
        return self.known or self.after if self.is_late else self.after

    def opened(self) -> Opened:
        """Return what is new."""
        repository = self.repository()
        found = self._compared(repository)
        found = replace(found, findings=self._under_registry(found.findings, repository))
        more = self._no_longer_denied(repository)
        is_told = found.findings or self.known is None
        return Opened(_merged(found.findings, more), found.because if is_told else Because.DENY_GONE)

    def repository(self) -> Repository:
        """Return the subject as the judgement takes it, with its tags if a policy depends on them."""
        subject = self.change.subject
        asks = asks_for_tags(subject, self.known, self.after)
        return about(subject, self.trusted.organization, self.live.tags(subject) if asks else None)

    def alert(self, record: Record, found: Opened) -> Alert:
        """Return the alarm about what is new, with the command that closes it."""
        subject, way = self.change.subject, self._closing()
        return replace(
            opening(record, subject, found),
            notes=self.trusted.problems,
            command=None if way is None else way.command,
            effect=None if way is None else way.effect,
            link=look_at(subject),
        )

    def _closing(self) -> Closing | None:
        """Return the command that closes the access.

        If this policy gives no access itself, a Deny of the previous policy prevented it. Then the command restores
        the previous policy.
        """
        subject, repository = self.change.subject, self.repository()
        if everything(self._judged(self.current, repository), Because.NEW).findings:
            return closing(subject, self.known, self.current, self.trusted.trust, repository)
        return putting_back(subject, self.known, self.current)

    def _compared(self, repository: Repository) -> Opened:
        """Return what is new. If changes arrived out of order, this is everything that either of them leaves open."""
        known = None if self.known is None else self._judged(self.known, repository)
        after = self._judged(self.after, repository)
        if not self.is_late:
            found = opened(known, after)
            is_replication = self.change.subject.kind is Kind.REPLICATION
            return replace(found, findings=_merged(found.findings, deleting(known, after) if is_replication else ()))
        later = () if known is None else opened(after, known).findings
        return Opened(_merged(everything(after, Because.LATE).findings, later), Because.LATE)

    def _under_registry(self, findings: tuple[Finding, ...], repository: Repository) -> tuple[Finding, ...]:
        """Return the findings under the Denies of the registry's policy, as far as that can be read."""
        subject = self.change.subject
        if not findings or self.is_late or subject.kind not in (Kind.REPOSITORY, Kind.TEMPLATE):
            return findings
        try:
            registry = self.live.registry_policy(subject)
        except PolicyRefusedError:
            return findings  # the registry may close it, but that is no reason to report less
        if registry is None:
            return findings
        trust = self.trusted.trust
        if subject.kind is Kind.TEMPLATE:
            trust = trust_in(trust, names_under(subject.name))
        return denies.under_registry(findings, self.after, registry, trust, repository)

    def _judged(self, policy: Stated, repository: Repository) -> Judged:
        subject = self.change.subject
        verdict = judged(subject, policy, self.trusted.trust, repository)
        match subject.kind:
            case Kind.REPLICATION:
                rules = json.loads(policy.text or "{}").get("rules", ())
                return Judged(verdict, tuple(rules) if isinstance(rules, list) else (rules,))
            case Kind.CACHE:
                return Judged(verdict, () if policy.text is None else (json.loads(policy.text),))
            case _:
                return Judged.of_policy(policy.text, verdict)

    def _no_longer_denied(self, repository: Repository) -> tuple[Finding, ...]:
        subject, trust = self.change.subject, self.trusted.trust
        known = None if self.is_late else self.known
        match subject.kind:
            case Kind.REGISTRY:
                return denies.of_registry(known, self.after, trust, repository)
            case Kind.REPOSITORY if denies.may_be_gone(known, self.after):
                try:
                    registry = self.live.registry_policy(subject)
                except PolicyRefusedError as error:
                    return (_undecided(replace(subject, kind=Kind.REGISTRY, name=""), error),)
                return () if registry is None else denies.of_repository(self.after, registry, trust, repository)
            case _:
                return ()


def _undecided(registry: Subject, error: PolicyRefusedError) -> Finding:
    reason = f"the {registry.called} may give access that the repository's policy denied, and does not show its policy"
    return Finding(Severity.MEDIUM, f"undecided: {reason}: {error}")


def _merged(*parts: Iterable[Finding]) -> tuple[Finding, ...]:
    found = {one.sentence: one for part in parts for one in part}
    return tuple(sorted(found.values(), key=lambda one: -one.severity))
