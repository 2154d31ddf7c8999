"""Laws of the cuts, tested with every case of the tables: access that was possible before and is not after is cut."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import pytest
from ecr_crossaccount import Grant, Kind, Origin, Repository, Strategy, Trust, judge, plan
from ecr_crossaccount.errors import QuestionError
from ecr_crossaccount.products.automation.cuts import cuts
from ecr_crossaccount.products.automation.find_use import Use, loss
from ecr_crossaccount.questions.ask.ask import ask
from ecr_crossaccount.questions.ask.question import Question, caller_of, given_of, wanted_of
from ecr_crossaccount.questions.ask.replies import Answer

from tests.case_tables import ANY_DAY, Case, cases
from tests.plan_tables import CLOSING, PlanCase, plan_cases

MEMBERSHIP = "aws:PrincipalOrgID"
USED = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:PutImage")
ALL: list[Case | PlanCase] = [*cases(), *plan_cases()]


def granted(policy: object, repository: Repository) -> Iterator[tuple[str, str]]:
    """Yield who has access, and to which action, without trust."""
    for grant in judge(policy, repository, Trust.nobody(), Origin.DEPLOYED).grants:
        yield from ((name_of(grant), action) for action in grant.actions)


def name_of(grant: Grant) -> str:
    if grant.kind is Kind.SERVICE:
        return grant.grantee.partition(" for ")[0]
    return grant.grantee if grant.kind is Kind.ACCOUNT else str(grant.kind.value)


class Changed(NamedTuple):
    """A policy before and after a plan, and the organizations that are trusted."""

    case: Case | PlanCase
    repository: Repository
    old: str
    new: object
    organizations: frozenset[str]


def changed(strategy: Strategy) -> Iterator[Changed]:
    for case in ALL:
        policy = case.policy if isinstance(case.policy, str) else json.dumps(case.policy)
        repository = Repository(case.owner, **case.repository_fields())
        trust = Trust.parse(case.register, today=ANY_DAY)
        found = plan(policy, repository, trust, strategy, Origin.DEPLOYED)
        if found.action.value != "none":
            circles = trust.about(repository.name).circles(repository.organization)
            yield Changed(case, repository, policy, found.policy, circles[0].organizations)


@pytest.mark.parametrize("strategy", CLOSING)
def test_whoever_could_and_cannot_any_more_is_cut(strategy: Strategy) -> None:
    compared = 0
    for case, repository, old, new, _ in changed(strategy):
        lost = set(granted(old, repository)) - set(granted(new, repository))
        told = cuts(old, new, repository, frozenset())
        cut = {(who, action) for who, actions in told.cut.items() for action in actions}
        assert lost <= cut, case.name
        assert not any(told.kept.get(who) and action in told.kept[who] for who, action in lost), case.name
        compared += 1
    assert compared > 300


@pytest.mark.parametrize("strategy", CLOSING)
def test_a_member_of_a_trusted_organization_that_used_what_it_loses_is_named(strategy: Strategy) -> None:
    """Also one that a policy names, to leave it out."""
    compared = 0
    for case, repository, old, new, organizations in changed(strategy):
        told = cuts(old, new, repository, organizations).to_json()
        accounts = {*re.findall("[0-9]{12}", old), "999988887777"} - {case.owner}
        for account, organization, action in product(sorted(accounts), sorted(organizations), USED):
            question = Question(caller_of(account), wanted_of(action), given_of({MEMBERSHIP: (organization,)}))
            before, after = (answer_to(one, repository, question) for one in (old, new))
            if before in (Answer.ALLOWED, Answer.DEPENDS) and after is Answer.DENIED:
                assert loss(Use(account, action, 1, "yesterday"), told, frozenset({account})), (case.name, account)
                compared += 1
    assert compared > 10


def answer_to(policy: object, repository: Repository, question: Question) -> Answer:
    try:
        return ask(policy, repository, question, Trust.nobody(), Origin.DEPLOYED).reply.answer
    except QuestionError:  # the caller cannot be a member of this organization
        return Answer.UNDECIDED
