"""Alarms about random changes of a policy, under random registry policies, and whether a second program agrees.

`python -m tests.properties.alarming 4000` sends that many, always the same ones. A word after the number selects
others.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import dataclass, replace

from ecr_crossaccount import Kind, RegistryPolicy, Scope, Severity
from ecr_crossaccount.judgement.grants import severity
from ecr_crossaccount.judgement.kinds.table import ResourceKind
from ecr_crossaccount.judgement.values.actions import mask_of
from ecr_crossaccount.products.alerts.alert import Finding
from ecr_crossaccount.products.alerts.changes import Stated
from ecr_crossaccount.questions.change.answer import Opened
from ecr_crossaccount.questions.change.opening import opened_access
from ecr_crossaccount.questions.change.states import Form, State
from hypothesis import strategies as st

from tests.alerts.comparing import news
from tests.profiles import sample
from tests.properties.agreement import allowed
from tests.properties.differing import told
from tests.properties.mutations import pairs
from tests.properties.oracle import Request
from tests.properties.outsiders import outside_requests
from tests.properties.world import Policy, statements_of
from tests.strategies import Situation, statements
from tests.wording import sentence

CLOSED = sentence("alert.closed_now_deny")
_REGIONS = {"aws": "eu-west-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
OF_V1 = ("ecr:ReplicateImage", "ecr:BatchImportUpstreamImage")
"""The actions on a repository to which a registry policy of scope V1 applies."""
_UNREAD = RegistryPolicy(unread="it is not shown")


@dataclass(frozen=True, slots=True)
class Case:
    """A change of a repository's policy, the policy of its registry, and requests from outside that are aimed at it."""

    before: Situation
    after: Situation
    registry: Policy | None
    scope: Scope
    requests: tuple[Request, ...]

    @property
    def beside(self) -> RegistryPolicy | None:
        return None if self.registry is None else RegistryPolicy(json.dumps(self.registry), self.scope)

    def opened(self, registry: RegistryPolicy | None) -> Opened:
        """Return what the change opens under a registry policy."""
        return opened_access(state(self.before, registry), state(self.after, registry))

    def findings(self, registry: RegistryPolicy | None) -> tuple[Finding, ...]:
        """Return what the alarm about the change says under a registry policy."""
        repository, trust = self.before.repository, self.before.trust
        return news(stated(self.before), stated(self.after), repository, trust, registry=registry).findings

    def lets_in(self, situation: Situation, request: Request) -> bool | None:
        """Return whether the second program allows a request under the registry policy."""
        applies = self.registry is not None and (self.scope is Scope.V2 or request.action in OF_V1)
        more = statements_of(self.registry) if self.registry is not None and applies else []
        bare = [{name: value for name, value in one.items() if name != "Resource"} for one in more]
        return allowed(situation.with_statements([*situation.statements, *bare]), request)


def stated(situation: Situation) -> Stated:
    """Return the policy of a situation as an alarm knows it."""
    return Stated(json.dumps(situation.policy), situation.origin)


def state(situation: Situation, registry: RegistryPolicy | None) -> State:
    """Return the repository of a situation under a registry policy."""
    form = Form(json.dumps(situation.policy), registry=registry)
    return State(ResourceKind.REPOSITORY, situation.repository, situation.trust, (form,), origin=situation.origin)


@st.composite
def registries(draw: st.DrawFn, situation: Situation) -> Policy:
    """Draw a registry policy of the same version, most often of Denies alone."""
    partition, effect = situation.repository.partition, draw(st.sampled_from(("Deny", "Deny", None)))
    found = [draw(statements(partition, effect)) for _ in range(draw(st.sampled_from((1, 1, 2))))]
    head = {name: value for name, value in situation.policy.items() if name == "Version"}
    return {**head, "Statement": [one | {"Resource": "*"} for one in found]}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw a change. In one case of three, the registry has no policy."""
    before, after = draw(pairs())
    repository = replace(before.repository, region=_REGIONS[before.repository.partition])
    before, after = (replace(one, repository=repository) for one in (before, after))
    registry = draw(registries(before)) if draw(st.integers(0, 2)) else None
    scope = draw(st.sampled_from((Scope.V2, Scope.V2, Scope.V1)))
    requests = tuple(draw(outside_requests(one)) for one in (before, after, after) for _ in range(3))
    return Case(before, after, registry, scope, requests)


def wrong(case: Case, counts: Counter[str]) -> list[str]:
    """Compare an alarm with what is opened, count the result, and return the disagreements."""
    registry = case.beside
    engine, alone = case.opened(registry), case.opened(None)
    told, refused = case.findings(registry), case.findings(_UNREAD)
    closed = bool(told) and all(one.sentence.startswith(CLOSED) for one in told)
    counts["changes"] += 1
    counts["something is opened"] += not engine.is_nothing
    counts["closed for now"] += closed
    counts["silent"] += not told
    faults = []
    if bool(told) == (engine.is_nothing and (registry is None or alone.is_nothing)):
        faults.append("rings where nothing opened, or is silent")
    if engine.is_nothing and told and not closed:
        faults.append("a finding, and nothing is opened")
    if not engine.is_nothing and _severity(told) < (engine.severity or 0):
        faults.append("less severe than what is opened")
    if _severity(refused) < max(alone.severity or 0, case.opened(_UNREAD).severity or 0):
        faults.append("less severe if the registry's policy is not shown")
    if case.before.policy.get("Version") == case.after.policy.get("Version") and not engine.invalid:
        faults += [fault for one in case.requests for fault in _missed(case, one, told, counts)]
    return [f"{fault}\n{case.before.policy}\n{case.after.policy}\n{registry}\n{told}" for fault in faults]


def _severity(findings: tuple[Finding, ...]) -> int:
    return max((one.severity for one in findings), default=0)


def _missed(case: Case, request: Request, told: tuple[Finding, ...], counts: Counter[str]) -> list[str]:
    """Return why an alarm does not cover a request that is newly allowed: it is silent, or says that it is closed."""
    counts["requests"] += 1
    if case.lets_in(case.after, request) is not True or case.lets_in(case.before, request) is True:
        return []
    counts["requests that are newly allowed"] += 1
    kind = Kind.SERVICE if request.is_service else Kind.ACCOUNT
    least = severity(kind, mask_of((request.action,)), public=False)
    unsure = any(one.sentence.startswith("undecided: ") for one in told)
    open_now = tuple(one for one in told if not one.sentence.startswith(CLOSED))
    is_told = _severity(open_now) >= (min(least, Severity.MEDIUM) if unsure else least)
    return [] if is_told else [f"not told: {request}"]


def main(count: int, seed: str = "") -> int:
    """Print the results for that many changes, and return the exit status."""
    counts: Counter[str] = Counter()
    faults = [fault for case in sample(cases(), count, seed=seed) for fault in wrong(case, counts)]
    return told(counts, faults)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), *sys.argv[2:]))
