"""Judges one repository at a time: prepares the judgement's input, and makes a result for Config from its verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from rdklib import ComplianceType

from ...errors import AwsError
from ...judgement.admission import Origin
from ...judgement.annotation import annotation, rcp_annotation, with_trust
from ...judgement.beside import RegistryPolicy
from ...judgement.grants import NOBODY
from ...judgement.judge import Repository, judge, reads_tags
from ...judgement.values.verdict import Compliance, Kind, Severity, Undecided, Verdict
from ...memo import by_value
from ...sources.aws import log, metrics
from ...sources.aws.errors import RepositoryGoneError
from ...sources.aws.events import REPOSITORY
from ...sources.aws.owner import TAGS, Membership, Refusal, Registry
from .outcome import NOTHING, Beneath, Grounds, Lacks, Outcome, beneath, lacks_of, leave_policies_out
from .parameters import Parameters

_COMPLIANCE = {Compliance.COMPLIANT: ComplianceType.COMPLIANT, Compliance.NON_COMPLIANT: ComplianceType.NON_COMPLIANT}
_FINDINGS = ("grants", "undecided", "invalid")
_INDEPENDENT = Membership(None)
_OTHERS_ASKED = 5
"""The number of other repositories to read, to find out whether ECR answers the role at all."""
_MOST_TURNED = 10
Turned = tuple[Sequence[str], Sequence[str]]
"""The access that becomes trusted, and the access that becomes a finding, for a person."""


@by_value
class Judged:
    """A verdict about a repository, and its result for Config. `refusal` is what ECR refused.

    `beneath` are the log fields about resource control policies. `lacks` are the missing required statements. `turned`
    is the access that a changed register opens and closes.
    """

    verdict: Verdict
    evaluation: Outcome
    refusal: Refusal | None = None
    beneath: Mapping[str, object] | None = None
    lacks: Lacks = NOTHING
    turned: Turned = ((), ())

    def log_verdict(self) -> Outcome:
        """Write the verdict to the log, and return the result."""
        worst = self.lacks.severity(self.verdict)
        metrics.count_judged(worst)
        # A refused repository is not counted as undecided, because it would keep that alarm on.
        if self.refusal is not None:
            metrics.count(metrics.Metric.UNREADABLE)
        elif self.verdict.undecided:
            metrics.count(metrics.Metric.UNDECIDED)
        opens, closes = self.turned
        for metric, turned in ((metrics.Metric.OPENS, opens), (metrics.Metric.CLOSES, closes)):
            if turned:
                metrics.count(metric)
        log.info_shortened(
            "repository judged",
            _shorten,
            repository=self.evaluation.complianceResourceId,
            severity=None if worst is None else worst.name,
            **({} if self.beneath is None else {"underResourceControlPolicies": self.beneath}),
            **({} if self.lacks == NOTHING else {"required": self.lacks.told}),
            **({"byRegister": {"opens": opens, "closes": closes}} if opens or closes else {}),
            verdict=self.verdict.to_json(),
        )
        return self.evaluation


class RefusedError(AwsError):
    """ECR refuses something that a judgement needs. `verdict` is the verdict without it, or None if there is none."""

    def __init__(self, name: str, error: ClientError, refusal: Refusal, verdict: Verdict | None) -> None:
        super().__init__(str(error))
        self.name, self.error, self.refusal, self.verdict = name, error, refusal, verdict


@by_value
class RegistryJudge:
    """The judgement of one registry's repositories. `look_up` returns the organization of its account.

    `registry_policy` returns the policy of the registry, or is None if that does not count. `before` judges by the
    register of the last complete scheduled run, or is None if the register has not changed.
    """

    registry: Registry
    partition: str
    parameters: Parameters
    look_up: Callable[[], Membership]
    registry_policy: Callable[[], RegistryPolicy] | None = None
    before: RegistryJudge | None = None

    def prepare(self) -> None:
        """Read what every judgement needs, so that a failure ends a run at its start. Raises ClientError."""
        self._membership()
        self._effective_policy()
        if self.parameters.control_policies is not None:
            self.look_up()

    def live(self, name: str) -> tuple[str | None, Mapping[str, str] | None]:
        """Return the policy of a repository, and its tags, from ECR. Either is None: no policy, or no need of tags.

        It may run in several threads. `ask` may not, because a verdict makes its grants when they are first read. If
        ECR refuses tags, they are unknown here. `ask` gets the refusal again if they matter. Raises
        RepositoryGoneError, RefusedError, ClientError, BotoCoreError.
        """
        policy = self.policy(name)
        try:
            tags = self._tags(name, None) if self._may_read_tags(policy) else None
        except RefusedError:
            tags = None
        return policy, tags

    def policy(self, name: str) -> str | None:
        """Return the policy of a repository, or None if it has none. Raises the errors of `live`."""
        try:
            return self.registry.policy(name)
        except ClientError as error:
            raise _exception_of(name, error, None) from None

    def judge_refusal(self, name: str, refusal: Refusal, verdict: Verdict | None) -> Judged:
        """Return the result for a repository that ECR refuses. `verdict` is what is known without the refused part.

        It is NON_COMPLIANT, because tags are only read if the verdict without them is not compliant.
        """
        if verdict is None:
            verdict, problem = replace(NOBODY, undecided=(Undecided(None, refusal.reason),)), None
        else:
            verdict, problem = replace(verdict, notes=(*verdict.notes, refusal.reason)), refusal.short
        said = with_trust(annotation(verdict, problem), self.parameters.told)
        return Judged(verdict, Outcome(ComplianceType.NON_COMPLIANT, name, said, grounds=Grounds(verdict)), refusal)

    def answers(self, operation: str, others: Iterable[str]) -> bool:
        """Return whether ECR answers the role for any of some other repositories. Reads only a few."""
        return any(self._answers(operation, other) for other in islice(others, _OTHERS_ASKED))

    def _answers(self, operation: str, name: str) -> bool:
        try:
            self.registry.tags(name, self.partition) if operation == TAGS else self.registry.policy(name)
        except (RepositoryGoneError, ClientError, BotoCoreError):
            return False
        return True

    def judge_repository(self, name: str, policy: object, tags: Mapping[str, str] | None) -> Outcome:
        """Return the result for a repository, and write the verdict to the log. Raises the errors of `ask`."""
        return self.ask(name, policy, tags).log_verdict()

    def ask(self, name: str, policy: object, tags: Mapping[str, str] | None) -> Judged:
        """Judge a repository with a policy (None: it has none) and tags (None: unknown).

        Unknown tags are read if they could matter. Tags can turn an undecided verdict, or access that a tag denies,
        into COMPLIANT, but never the reverse. Raises the errors of `live`.
        """
        membership = _INDEPENDENT if policy is None and self._effective_policy() is None else self._membership()
        verdict = self._verdict(name, policy, tags, membership)
        if membership is _INDEPENDENT and any(grant.kind is Kind.ORGANIZATION for grant in verdict.grants):
            membership = self._owners()
            verdict = self._verdict(name, policy, tags, membership)
        if tags is None and verdict.compliance is not Compliance.COMPLIANT and self._may_read_tags(policy):
            tags = self._tags(name, verdict)
            verdict = self._verdict(name, policy, tags, membership)
        found = self._beneath(name, policy, tags, verdict)
        held, repository = self.parameters.required, self._repository(name)
        lacks = NOTHING if held is None else lacks_of(held, policy, repository, found.counting)
        counting = lacks.add_doubt(found.counting)
        compliance = lacks.compliance(counting)
        if compliance is Compliance.COMPLIANT:
            said = rcp_annotation(verdict) if found.said else ""
        else:
            problem = "; ".join((*self._problems(membership), *([found.said] if found.said else ()))) or None
            said = annotation(counting, problem, lacks.said)
        said = with_trust(said, self.parameters.told)
        outcome = Outcome(_COMPLIANCE[compliance], name, said, grounds=Grounds(counting, policy, lacks.said))
        turned = ((), ()) if self.before is None else self.before.compare_verdict(name, policy, tags, verdict)
        return Judged(counting, outcome, beneath=found.told, lacks=lacks, turned=turned)

    def compare_verdict(self, name: str, policy: object, tags: Mapping[str, str] | None, verdict: Verdict) -> Turned:
        """Return what a verdict no longer reports, and what it reports besides the verdict of this judge."""
        known = _INDEPENDENT if policy is None and self._effective_policy() is None else self._membership()
        before, after = _access_in(self._verdict(name, policy, tags, known)), _access_in(verdict)
        return sorted(before - after)[:_MOST_TURNED], sorted(after - before)[:_MOST_TURNED]

    def _beneath(self, name: str, policy: object, tags: Mapping[str, str] | None, verdict: Verdict) -> Beneath:
        controls = self.parameters.control_policies
        if controls is None or verdict.compliance is Compliance.COMPLIANT:
            return Beneath(verdict)
        membership = self.look_up()
        found = leave_policies_out(verdict, controls, self.registry.account, membership)
        if found is not None:
            return found
        left = self._verdict(name, policy, tags, membership, controls.value)
        return beneath(verdict, left, counts=self.parameters.counts_control_policies)

    def _tags(self, name: str, verdict: Verdict | None) -> Mapping[str, str]:
        try:
            return self.registry.tags(name, self.partition)
        except ClientError as error:
            raise _exception_of(name, error, verdict) from None

    def _membership(self) -> Membership:
        return self.look_up() if self.parameters.trusts_self else _INDEPENDENT

    def _owners(self) -> Membership:
        """Return the owner's organization, so that a finding says that it is. Without an answer, it does not."""
        try:
            found = self.look_up()
        except (ClientError, BotoCoreError):
            return _INDEPENDENT
        return _INDEPENDENT if found.problem else found

    def _verdict(
        self,
        name: str,
        policy: object,
        tags: Mapping[str, str] | None,
        membership: Membership,
        rcps: tuple[str, ...] = (),
    ) -> Verdict:
        repository = replace(
            self._repository(name), organization=membership.organization, tags=tags or {}, tags_known=tags is not None
        )
        trust, registry = self.parameters.trust, self._effective_policy()
        verdict = judge(policy, repository, trust, origin=Origin.DEPLOYED, registry=registry, rcps=rcps)
        problems = self._problems(membership)
        return replace(verdict, notes=(*verdict.notes, *problems)) if problems else verdict

    def _repository(self, name: str) -> Repository:
        return Repository(self.registry.account, name, region=self.registry.region, partition=self.partition)

    def _effective_policy(self) -> RegistryPolicy | None:
        """Return the registry policy, or None if there is none or it does not count."""
        found = None if self.registry_policy is None else self.registry_policy()
        return None if found is None or (found.document is None and found.unread is None) else found

    def _may_read_tags(self, policy: object) -> bool:
        registry = self._effective_policy()
        controls = self.parameters.control_policies
        documents = [policy, *(() if controls is None else controls.value)]
        documents += [] if registry is None else [registry.document]
        return any(
            not isinstance(document, str) or reads_tags(document) for document in documents if document is not None
        )

    def _problems(self, membership: Membership) -> tuple[str, ...]:
        """Return why less may be trusted than the rule's parameters say."""
        return tuple(text for text in (self.parameters.problem, membership.problem) if text)


def _access_in(verdict: Verdict) -> set[str]:
    undecided = {"undecided"} if verdict.undecided else set()
    return {f"{access.value} by {grant.grantee}" for grant in verdict.grants for access in grant.access} | undecided


def _exception_of(name: str, error: ClientError, verdict: Verdict | None) -> RefusedError | ClientError:
    refusal = Refusal.from_error(error)
    return error if refusal is None else RefusedError(name, error, refusal, verdict)


def _shorten(fields: Mapping[str, Any]) -> Mapping[str, object] | None:
    """Return the fields of a line with half of the verdict's longest list of findings: the most severe half."""
    verdict = fields["verdict"]
    longest = max(_FINDINGS, key=lambda name: len(verdict[name]))
    found = sorted(verdict[longest], key=_severity, reverse=True)
    kept = found[: len(found) // 2]
    if not found:
        return None
    left_out = verdict.get("leftOut", 0) + len(found) - len(kept)
    return {**fields, "verdict": {**verdict, longest: kept, "leftOut": left_out}}


def _severity(finding: Mapping[str, str]) -> Severity:
    return Severity[finding.get("severity", Severity.MEDIUM.name)]


def not_applicable(name: str, kind: str = REPOSITORY) -> Outcome:
    """Return the result for something that is not, or no longer, a repository in scope."""
    log.info("not applicable", repository=name)
    return Outcome(ComplianceType.NOT_APPLICABLE, name, kind=kind)
