"""One repository at a time: what the judgement is asked with, and how its answer becomes a result for Config."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from rdklib import ComplianceType, Evaluation

from .. import Compliance, Origin, Repository, Verdict, judge
from ..access.judge import reads_tags
from ..access.verdict import Severity
from . import log, metrics
from .annotation import annotation
from .events import REPOSITORY
from .organizations import Membership
from .parameters import Parameters
from .repositories import Registry

_COMPLIANCE = {
    Compliance.COMPLIANT: ComplianceType.COMPLIANT,
    Compliance.NON_COMPLIANT: ComplianceType.NON_COMPLIANT,
}
_FINDINGS = ("grants", "undecided", "invalid")
_INDEPENDENT = Membership(None)


@dataclass(frozen=True, slots=True)
class Live:
    """The policy of a repository, None if it has none, and its tags, None if the policy does not ask for them."""

    policy: str | None
    tags: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict about a repository, and the result for Config that it leads to."""

    verdict: Verdict
    evaluation: Evaluation

    def logged(self) -> Evaluation:
        """Write the verdict to the log, and return the result."""
        worst = self.verdict.severity
        metrics.count_verdict(self.verdict)
        log.info_shortened(
            "repository judged",
            _shortened,
            repository=self.evaluation.complianceResourceId,
            severity=None if worst is None else worst.name,
            verdict=self.verdict.to_json(),
        )
        return self.evaluation


@dataclass(frozen=True, slots=True)
class Judgement:
    """The judgement of one registry's repositories. `look_up` answers the organization of its account."""

    registry: Registry
    partition: str
    parameters: Parameters
    look_up: Callable[[], Membership]

    def prepare(self) -> None:
        """Look up what every policy is judged with, so that a failure ends a run at its start. Raises ClientError."""
        self._membership()

    def live(self, name: str) -> Live:
        """Return a repository as ECR shows it. Raises RepositoryGone, ClientError, BotoCoreError.

        Fit for several threads, which `ask` is not: a verdict writes out its grants when they are first read.
        """
        policy = self.registry.policy(name)
        tags = self.registry.tags(name, self.partition) if policy is not None and reads_tags(policy) else None
        return Live(policy, tags)

    def of(self, name: str, policy: object, tags: Mapping[str, str] | None) -> Evaluation:
        """Return the result for a repository, and write the verdict to the log. Raises what `ask` raises."""
        return self.ask(name, policy, tags).logged()

    def ask(self, name: str, policy: object, tags: Mapping[str, str] | None) -> Judged:
        """Judge a repository with a policy (None: it has none) and tags (None: not known).

        Tags are looked up where they are not known and could matter: knowing them can turn what is undecided, or what
        is denied by a tag, into COMPLIANT, and never the reverse. Raises RepositoryGone, ClientError, BotoCoreError.
        """
        membership = _INDEPENDENT if policy is None else self._membership()
        verdict = self._verdict(name, policy, tags, membership)
        if tags is None and verdict.compliance is not Compliance.COMPLIANT and _may_read_tags(policy):
            verdict = self._verdict(name, policy, self.registry.tags(name, self.partition), membership)
        compliance, said = _COMPLIANCE[verdict.compliance], annotation(verdict, membership.problem)
        return Judged(verdict, Evaluation(compliance, name, REPOSITORY, said))

    def _membership(self) -> Membership:
        return self.look_up() if self.parameters.trusts_self else _INDEPENDENT

    def _verdict(self, name: str, policy: object, tags: Mapping[str, str] | None, membership: Membership) -> Verdict:
        repository = Repository(
            self.registry.account,
            name,
            region=self.registry.region,
            partition=self.partition,
            organization=membership.organization,
            tags=tags or {},
            tags_known=tags is not None,
        )
        verdict = judge(policy, repository, self.parameters.trust, origin=Origin.DEPLOYED)
        return replace(verdict, notes=(*verdict.notes, membership.problem)) if membership.problem else verdict


def _shortened(fields: Mapping[str, Any]) -> Mapping[str, object] | None:
    """Return the fields of a line with half as many findings in the verdict's longest list, the worst of them."""
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


def _may_read_tags(policy: object) -> bool:
    return not isinstance(policy, str) or reads_tags(policy)


def not_applicable(name: str, kind: str = REPOSITORY) -> Evaluation:
    """Return the result for what is no repository in scope (any more)."""
    log.info("not applicable", repository=name)
    return Evaluation(ComplianceType.NOT_APPLICABLE, name, kind)
