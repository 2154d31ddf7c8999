"""The step that remediates, as a person does it in AWS Config."""

from __future__ import annotations

from ecr_crossaccount import Origin, Strategy, plan
from ecr_crossaccount.products.automation.write_policy import meaning

from . import recorded, remediation
from .cases import Case, verdict, where
from .clock import wait_for
from .live import live_policy
from .record import Comparison, same
from .session import Session
from .subjects import REMEDIATED, REMEDIATED_CONFIG, is_remediated

_REMEDIATION_SECONDS = 5400
_RESULT_SECONDS = 2700
_STATE = {False: "SUCCEEDED, the planned policy", True: "FAILED, the policy as it was"}
"""The expected outcome, by whether the plan is refused."""


def remediate(session: Session) -> None:
    """Remediate every open repository. Compare the policies with the plans, and then the results in Config."""
    remediation.check_writes(session.clients)
    cases = [case for case in session.cases if is_remediated(case)]
    _start_and_compare(session, cases)
    _compare_results(session, cases)


def _start_and_compare(session: Session, cases: list[Case]) -> None:
    repositories = [session.sandbox.repository(case.name) for case in cases]
    remediation.start(session.clients, repositories)
    found: dict[str, tuple[str, str]] = {}

    def settled() -> bool | None:
        found.update(remediation.states(session.clients, repositories))
        return all(name in found and found[name][0] in remediation.SETTLED for name in repositories) or None

    try:
        wait_for(session.clock, "the end of every remediation", _REMEDIATION_SECONDS, settled)
    finally:
        for case, repository in zip(cases, repositories, strict=True):
            if repository in found and found[repository][0] in remediation.SETTLED:
                session.record.settle(_beside_plan(session, case, *found[repository]))


def _beside_plan(session: Session, case: Case, state: str, said: str) -> Comparison:
    repository, before = session.sandbox.repository(case.name), session.record.policies[case.name]
    planned = plan(before, where(session.sandbox, repository), session.trust, Strategy.NARROW, Origin.DEPLOYED)
    now = live_policy(session.clients, repository)
    if same_policy(now, before):
        left = "the policy as it was"
    else:
        left = "the planned policy" if same_policy(now, planned.text) else "another policy"
    return same(case.name, REMEDIATED, _STATE[planned.refused is not None], f"{state}, {left}", said)


def same_policy(one: str | None, other: str | None) -> bool:
    """Return whether two policies mean the same. None is no policy."""
    return meaning(one or "null") == meaning(other or "null")


def _compare_results(session: Session, cases: list[Case]) -> None:
    """Compare the results in Config with the verdicts on the current policies."""
    wanted = {}
    for case in cases:
        repository = session.sandbox.repository(case.name)
        now = verdict(session.sandbox, repository, live_policy(session.clients, repository), session.trust)
        wanted[repository] = now.compliance.value
    shown: dict[str, str] = {}

    def caught_up() -> bool | None:
        shown.update({name: result.compliance for name, result in recorded.results(session.clients).items()})
        return all(shown.get(name) == compliance for name, compliance in wanted.items()) or None

    try:
        wait_for(session.clock, "AWS Config to see what was remediated", _RESULT_SECONDS, caught_up)
    finally:
        for repository, compliance in wanted.items():
            case_name, seen = session.repositories[repository], shown.get(repository)
            if seen is not None:
                session.record.settle(same(case_name, REMEDIATED_CONFIG, compliance, seen))
