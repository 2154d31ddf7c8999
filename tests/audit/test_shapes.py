"""One judgement for all owners has the same result for each owner as a separate judgement of that owner's policy."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache

import pytest
from ecr_crossaccount import Origin, Repository, Trust, plan
from ecr_crossaccount.products.audit.items import Item
from ecr_crossaccount.products.audit.outcomes import STAND_IN, Judge, Outcome, Shapes

from benchmarks.corpus import ORGANIZATION, OWNER, REGISTER, adversarial, mixed, nasty
from tests.case_tables import ANY_DAY, Case, cases
from tests.profiles import is_nightly

pytestmark = pytest.mark.slow

TABLES = sorted({case.table for case in cases()})
ANOTHER = "098765432109"


def told(outcome: Outcome) -> object:
    """Return everything that a report shows of an outcome."""
    return outcome.policy, outcome.verdict.to_json(), outcome.trusted, outcome.used


def item(policy: object, account: str) -> Item:
    return Item(f"arn:aws:ecr:eu-central-1:{account}:repository/base/app", account, "eu-central-1", "base/app", policy)


def differs(judge: Judge, one: Item) -> object | None:
    """Return both answers if they differ. It does not matter whether the judgement was shared."""
    shared = judge.outcome(one, judge.key_of(one)).for_account(one.account)
    alone = judge.outcome(one)
    return None if told(shared) == told(alone) else (told(shared), told(alone))


@cache
def judge_of(organization: str | None) -> Judge:
    return Judge(Trust.parse(REGISTER, today=ANY_DAY), organization)


@pytest.mark.parametrize("corpus", ["mixed", "nasty", "adversarial"])
def test_every_owner_of_a_corpus_is_answered_as_if_he_were_alone(corpus: str) -> None:
    made = {"mixed": lambda: mixed("shapes", 150), "nasty": lambda: nasty("shapes", 60), "adversarial": adversarial}
    judge = judge_of(ORGANIZATION)
    owners = (ANOTHER,) if corpus == "adversarial" else (OWNER, ANOTHER)  # each of these takes long to judge
    for kind, text in made[corpus]()[: 150 if is_nightly() else 25]:
        for account in owners:
            assert differs(judge, item(text.replace(OWNER, account), account)) is None, (kind, account)


def test_a_plan_is_the_same_for_every_owner() -> None:
    trust, shapes = Trust.parse(REGISTER, today=ANY_DAY), Shapes(Trust.parse(REGISTER, today=ANY_DAY), ORGANIZATION)
    compared = 0
    for kind, text in mixed("plans", 60):
        own = text.replace(OWNER, ANOTHER)
        shape = shapes.make_shape(own, ANOTHER)
        if shape is None:
            continue
        plans = [
            plan(policy, Repository(account, "base/app", organization=ORGANIZATION), trust, origin=Origin.DEPLOYED)
            for policy, account in ((own, ANOTHER), (shape, STAND_IN))
        ]
        alone, shared = (json.dumps(one.to_json()) for one in plans)
        assert shared.replace(STAND_IN, ANOTHER) == alone, kind
        compared += 1
    assert compared > 40


@pytest.mark.parametrize("table", TABLES)
def test_every_case_is_answered_as_if_it_were_alone(table: str) -> None:
    for case in (one for one in cases() if one.table == table and isinstance(one.policy, (str, dict))):
        judge = Judge(Trust.parse({"version": 1, "trust": list(case.trust)}, today=ANY_DAY), case.organization)
        assert differs(judge, _of_case(case)) is None, case.name


def _of_case(case: Case) -> Item:
    name, region = case.repository or "base/app", case.region or "eu-central-1"
    arn = f"arn:{case.partition or 'aws'}:ecr:{region}:{case.owner}:repository/{name}"
    return Item(arn, case.owner, region, name, case.policy, dict(case.tags or {}))


def statement(principal: object, **more: object) -> str:
    one = {"Effect": "Allow", "Principal": principal, "Action": "ecr:BatchGetImage", **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [one]})


def of_number(value: object, operator: str = "StringLike") -> str:
    return statement({"AWS": "*"}, Condition={operator: {"aws:PrincipalAccount": value}})


class TestWhatIsJudgedAsItStands:
    """A number that is not compared as a whole. The results of two owners may differ."""

    @pytest.mark.parametrize(
        "policy",
        [
            of_number("1111*"),
            of_number("*3333"),
            of_number("11112222333?"),
            of_number(f"{OWNER}*"),
            of_number("${aws:PrincipalTag/account}"),
            of_number("111122223333", "NumericLessThan"),
            of_number("111122223333", "ForAnyValue:NumericLessThan"),
            of_number(1.11122223333e23),
            of_number("x").replace('"x"', '"\\u0031*"'),
            of_number("x").replace('"x"', "1.11122223333E11"),
            of_number(f"1{OWNER}"),
            of_number(f"{OWNER}1"),
            of_number(STAND_IN),
        ],
    )
    def test_parts_sizes_and_what_may_hide_one(self, policy: str) -> None:
        assert Shapes(Trust.nobody(), None).make_shape(policy, OWNER) is None

    @pytest.mark.parametrize("bare", [f": {OWNER}", f":{OWNER}", f": [{OWNER}]", f': ["1", {OWNER}]', f" :\n-{OWNER}"])
    def test_a_number_without_quotes(self, bare: str) -> None:
        policy = of_number("x").replace(': "x"', bare)
        assert Shapes(Trust.nobody(), None).make_shape(policy, OWNER) is None

    def test_a_number_that_is_no_json_is_not_made_one(self) -> None:
        owner = "012345678901"
        policy = statement({"AWS": "x"}).replace('"x"', owner)
        judge = Judge(Trust.nobody(), None)
        found = judge.outcome(item(policy, owner), judge.key_of(item(policy, owner)))
        assert found.verdict.invalid

    def test_an_owner_whom_the_register_knows(self) -> None:
        policy = statement({"AWS": OWNER})
        register = {"version": 1, "trust": [{"account": OWNER}]}
        assert Shapes(Trust.nobody(), None).make_shape(policy, OWNER) is not None
        assert Shapes(Trust.parse(register), None).make_shape(policy, OWNER) is None
        reason = {"version": 1, "trust": [{"account": ANOTHER, "reason": f"as for {OWNER}"}]}
        assert Shapes(Trust.parse(reason), None).make_shape(policy, OWNER) is None

    def test_the_account_that_requests_usually_carry(self) -> None:
        policy = statement({"AWS": "999988887777"})
        assert Shapes(Trust.nobody(), None).make_shape(policy, "999988887777") is None

    def test_an_owner_whom_a_pattern_matches_in_part_is_not_answered_with_another_s(self) -> None:
        judge, policy = Judge(Trust.nobody(), None), of_number("0987*")
        answers = [judge.outcome(one, judge.key_of(one)) for one in (item(policy, ANOTHER), item(policy, OWNER))]
        assert {answer.owner for answer in answers} == {ANOTHER, OWNER}


def test_what_is_shared_is_judged_once_for_all_owners() -> None:
    judge = Judge(Trust.nobody(), None)
    keys = {judge.key_of(item(statement({"AWS": account}), account)) for account in (OWNER, ANOTHER)}
    assert len(keys) == 1
    (key,) = keys
    assert judge.outcome(item(statement({"AWS": OWNER}), OWNER), key).owner == STAND_IN


@pytest.mark.parametrize(
    "change",
    [
        {"region": "us-east-1", "arn": f"arn:aws:ecr:us-east-1:{OWNER}:repository/base/app"},
        {"arn": f"arn:aws-cn:ecr:eu-central-1:{OWNER}:repository/base/app"},
        {"name": "other/app"},
        {"note": "taken for granted"},
        {"policy": json.loads(statement("*"))},
    ],
)
def test_what_may_change_an_answer_is_not_shared(change: dict[str, object]) -> None:
    judge, one = judge_of(None), item(statement("*"), OWNER)
    assert judge.key_of(one) != judge.key_of(replace(one, **change))  # type: ignore[arg-type]


def test_tags_count_where_a_policy_asks_for_them() -> None:
    judge, asks = judge_of(None), statement("*", Condition={"StringEquals": {"aws:ResourceTag/open": "yes"}})
    for policy, is_one in ((asks, False), (statement("*"), True)):
        keys = {judge.key_of(replace(item(policy, OWNER), tags={"open": value})) for value in ("yes", "no")}
        assert (len(keys) == 1) is is_one
