"""The access that a policy change has opened, compared with the remembered policy, and replication to other accounts.

Reads from ECR only what it needs. A change of the rules replicates. A backfill, which copies existing images,
replicates too.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from ...documents.document import Document
from ...judgement.beside import RegistryPolicy, Scope
from ...judgement.judge import Repository
from ...judgement.kinds.table import GOVERNED
from ...judgement.kinds.table import ResourceKind as Kind
from ...judgement.values.trust import Trust
from ...judgement.values.verdict import Severity
from ...memo import by_value
from ...questions.change.answer import Opened
from ...questions.change.opening import NEW, OLD, opened_access
from ...questions.change.states import Form, State
from ...sources.register.lists import TrustNow
from .alert import (
    Alert,
    Because,
    Closing,
    Finding,
    News,
    closed_for_now,
    closing,
    findings_of,
    look_at,
    merge_findings,
    opening,
    putting_back,
)
from .changes import PolicyCall, Record, Stated, Subject, ask_for_tags, make_repository, object_of, state_of, text_of
from .memory import Live, PolicyRefusedError, Remembered

BACKFILL = "StartReplicationBackfill"


def backfill_alert(record: Record, registry: Repository, trust: Trust) -> Alert | None:
    """Return the alarm about existing images that are copied to an untrusted account, or None if none are."""
    destination = object_of(record.response, "destination") or object_of(record.request, "destination")
    configuration = {"rules": [{"destinations": [destination] if destination else []}]}
    copied = State(Kind.REPLICATION, registry, trust, (Form(configuration),))
    found = News(findings_of(opened_access(None, copied)), Because.BACKFILL)
    if not found.findings:
        return None
    number = text_of(record.response, "replicationBackfillId")
    stop = ["aws", "ecr", "stop-replication-backfill", "--region", record.region, "--replication-backfill-id"]
    effect = "stops the copying; what has been copied stays"
    return Alert(
        found.severity,
        "images copied to another account",
        Subject(Kind.REPLICATION, record.owner, record.region, "").called,
        record,
        found.findings,
        found.because.value,
        closing=None if number is None else Closing(shlex.join([*stop, number]), effect),
    )


def deleting(before: State | None, after: State) -> tuple[Finding, ...]:
    """Return the note that deletions are replicated, unless this and the rules are unchanged."""
    if before is not None and before.forms == after.forms:
        return ()
    return tuple(Finding(Severity.LOW, note) for form in after.forms for note in after.verdict(form).notes)


_ANY_POLICY = RegistryPolicy(unread="it is not read")
_NO_ACCESS = '{"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}}'
"""The policy of a registry that closes the most."""
_UNKNOWN = "a policy that may have been there"
_OTHER = {Scope.V1: Scope.V2, Scope.V2: Scope.V1, Scope.UNKNOWN: Scope.UNKNOWN}


@by_value
class AccountTrust(TrustNow):
    """The trust for one account. `organization` is its own, and `problems` are reasons why too little may be trusted.

    `unread` is the reason why the register cannot be used now, even if an earlier version counts.
    """

    organization: str | None = None
    problems: tuple[str, ...] = ()
    unread: str | None = None


@dataclass(frozen=True)
class Comparer:
    """Compares one change with the last change that was seen, `before`, which is None if there was none."""

    live: Live
    trusted: AccountTrust
    change: PolicyCall
    before: Remembered | None
    after: Stated

    @property
    def is_late(self) -> bool:
        """Whether a change was seen earlier that, as far as is known, was not made before this one."""
        return self.before is not None and self.before.at >= self.change.at

    @property
    def later(self) -> Stated | None:
        """The policy that a later change set, or None if this change is the last one, or if that is unknown."""
        return self.before.policy if self.before is not None and self.is_late else None

    @property
    def known(self) -> Stated | None:
        """The previous policy, or None if it is unknown."""
        known, after, sets_scope = self.change.before, self.after, self.change.scope is not None
        if known is None and self.before is not None and not self.is_late:
            known = self.before.policy
        if known is None and sets_scope:
            known = replace(after, scope=Scope.UNKNOWN)
        if known is None:
            return None
        if known.scope is Scope.UNKNOWN:
            known = replace(known, scope=_OTHER[after.scope] if sets_scope else after.scope)
        return replace(known, applied_for=after.applied_for) if known.text is None else known

    def find_news(self) -> News:
        """Return what is new."""
        findings = self._findings()
        if self.change.subject.kind is Kind.REPLICATION and not self.is_late:
            known = None if self.known is None else self._state(self.known)
            findings = merge_findings(findings, deleting(known, self._state(self.after)))
        return News(findings, self._because())

    def alert(self, record: Record, found: News) -> Alert:
        """Return the alarm about what is new, with the command that closes it."""
        opened, link = opening(record, self.change.subject, found), look_at(self.change.subject)
        return replace(opened, notes=self.trusted.problems, closing=self._closing(found), link=link)

    def _closing(self, found: News) -> Closing | None:
        """Return the command that closes the access.

        If another policy gives the access, a Deny of the previous policy prevented it. Then the command restores the
        previous policy.
        """
        subject, known = self.change.subject, None if self.is_late else self.known
        policy = self.later or self.after
        state = self._state(policy)
        documents = {None if finding.grant is None else finding.grant.document for finding in found.findings}
        is_elsewhere = subject.kind is not Kind.REGISTRY and documents == {Document.REGISTRY}
        if is_elsewhere or opened_access(None, state).is_nothing:
            return putting_back(subject, known, policy)
        return closing(subject, known, policy, self.trusted.trust, state.repository)

    def _because(self) -> Because:
        if self.is_late:
            return Because.LATE
        if self.known is None:
            return Because.UNKNOWN
        if self.change.scope is not None:
            return Because.SCOPE
        return Because.NEW if self._state(self.after).is_within(self._state(self.known)) else Because.USES

    def _findings(self) -> tuple[Finding, ...]:
        subject = self.change.subject
        alone = self._compare_states(None)
        if subject.kind not in GOVERNED:
            return findings_of(alone)
        if alone.is_nothing and self._compare_states(_ANY_POLICY).is_nothing:
            return ()
        try:
            registry = self.live.registry_policy(subject)
        except PolicyRefusedError as error:
            return findings_of(alone, self._compare_states(RegistryPolicy(unread=str(error))))
        found = alone if registry is None else self._compare_states(registry)
        return closed_for_now(alone) if found.is_nothing else findings_of(found)

    def _compare_states(self, registry: RegistryPolicy | None) -> Opened:
        """Return what is opened. If changes arrived out of order, also what the later one opens."""
        after = self._state(self.after, registry)
        # A registry's policy that is not known may have denied everything.
        is_registry = self.change.subject.kind is Kind.REGISTRY
        known = self.known or (Stated(_NO_ACCESS, scope=self.after.scope) if is_registry else None)
        before = None if known is None else self._state(known, registry)
        names = (_UNKNOWN if self.known is None else OLD, NEW)
        asked = self.change.asked
        states = [after]
        if asked is not None:
            states.append(self._state(replace(self.after, text=asked.text, origin=asked.origin), registry))
        found = [opened_access(before, state, names, at_once=self.change.scope is None) for state in states]
        if self.later is not None:
            found.append(opened_access(after, self._state(self.later, registry)))
        return Opened(
            tuple(change for each in found for change in each.changes),
            tuple(undecided for each in found for undecided in each.undecided),
        )

    def _state(self, policy: Stated, registry: RegistryPolicy | None = None) -> State:
        return state_of(self.change.subject, policy, self.trusted.trust, self._repository(registry), registry)

    def _repository(self, registry: RegistryPolicy | None) -> Repository:
        """Return the subject as the judgement takes it, with its tags if a policy depends on them."""
        policies = (one.text for one in (self.known, self.after, self.change.asked, self.later) if one is not None)
        asks = ask_for_tags(self.change.subject, (*policies, None if registry is None else registry.document))
        return make_repository(self.change.subject, self.trusted.organization, self._tags if asks else None)

    @cached_property
    def _tags(self) -> Mapping[str, str] | None:
        return self.live.tags(self.change.subject)
