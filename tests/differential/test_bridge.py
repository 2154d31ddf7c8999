"""The bridge, with requests whose answer is obvious. A suite with constant answers would find nothing."""

from __future__ import annotations

import pytest

from tests.differential.simulator import Question, Simulator, SimulatorError, install
from tests.properties.oracle import Request, Value
from tests.properties.world import OWNER, Policy, Statement

pytestmark = pytest.mark.node

CALLER = "arn:aws:iam::222233334444:role/ci"
SESSION = "arn:aws:sts::222233334444:assumed-role/ci/alice"
PULL = "ecr:BatchGetImage"


def _policy(principal: object, effect: str = "Allow", **more: object) -> Policy:
    statements: list[Statement] = [{"Effect": "Allow", "Principal": principal, "Action": "ecr:*", **more}]
    if effect == "Deny":
        statements.insert(0, {"Effect": "Deny", "Principal": "*", "Action": "ecr:Batch*"})
    return {"Version": "2012-10-17", "Statement": statements}


ORGANIZATION = {"StringEquals": {"aws:PrincipalOrgID": "o-ownorg00001"}}
UNIT = {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-ownorg00001/*"}}
MEMBER: dict[str, Value] = {"aws:PrincipalOrgID": "o-ownorg00001"}
PATHS: dict[str, Value] = {"aws:PrincipalOrgPaths": ("o-ownorg00001/r-ab12/",)}


@pytest.mark.parametrize(
    "policy, principal, context, answer",
    [
        pytest.param(_policy("*"), CALLER, {}, "Allowed", id="anybody, a role"),
        pytest.param(_policy({"AWS": "222233334444"}), CALLER, {}, "Allowed", id="account, a role"),
        pytest.param(_policy({"AWS": "222233334444"}), SESSION, {}, "Allowed", id="account, a session"),
        pytest.param(_policy({"AWS": CALLER}), SESSION, {}, "Allowed", id="role, its session"),
        pytest.param(_policy({"AWS": SESSION}), SESSION, {}, "Allowed", id="session, itself"),
        pytest.param(_policy({"AWS": SESSION}), SESSION + "x", {}, "ImplicitlyDenied", id="session, another"),
        pytest.param(
            _policy({"AWS": "222233334444"}), "arn:aws:iam::222233334444:root", {}, "Allowed", id="account, root"
        ),
        pytest.param(
            _policy({"AWS": "222233334444"}), "arn:aws:iam::222233334444:user/b", {}, "Allowed", id="account, a user"
        ),
        pytest.param(
            _policy({"AWS": "222233334444"}),
            "arn:aws:sts::222233334444:federated-user/c",
            {},
            "Allowed",
            id="federation",
        ),
        pytest.param(_policy({"AWS": "333344445555"}), CALLER, {}, "ImplicitlyDenied", id="another account"),
        pytest.param(_policy({"Service": "lambda.amazonaws.com"}), "lambda.amazonaws.com", {}, "Allowed", id="service"),
        pytest.param(
            _policy({"Service": "lambda.amazonaws.com"}), CALLER, {}, "ImplicitlyDenied", id="service, a role"
        ),
        pytest.param(_policy("*", Condition=ORGANIZATION), CALLER, MEMBER, "Allowed", id="organization, a member"),
        pytest.param(
            _policy("*", Condition=ORGANIZATION), CALLER, {}, "ImplicitlyDenied", id="organization, a stranger"
        ),
        pytest.param(_policy("*", Condition=UNIT), CALLER, PATHS, "Allowed", id="unit, several values"),
        pytest.param(_policy("*", "Deny"), CALLER, {}, "ExplicitlyDenied", id="denied"),
    ],
)
def test_it_answers_what_the_policy_says(
    simulator: Simulator, policy: Policy, principal: str, context: dict[str, Value], answer: str
) -> None:
    assert list(simulator.answers([Question(policy, OWNER, Request(principal, PULL, context))])) == [answer]


def test_answers_keep_the_order_of_many_questions(simulator: Simulator) -> None:
    accounts = [f"{number:012}" for number in range(1000)]
    questions = [
        Question(_policy({"AWS": "000000000500"}), OWNER, Request(f"arn:aws:iam::{account}:root", PULL, {}))
        for account in accounts
    ]
    assert [answer == "Allowed" for answer in simulator.answers(questions)] == [n == 500 for n in range(1000)]


def test_what_it_cannot_evaluate_is_an_error_and_not_a_refusal(simulator: Simulator) -> None:
    with pytest.raises(SimulatorError, match="neither"):
        simulator.allows(
            Question({"Statement": [{"Effect": "Allow", "Principal": "*"}]}, OWNER, Request(CALLER, PULL, {}))
        )
    assert simulator.allows(Question(_policy("*"), OWNER, Request(CALLER, PULL, {})))


def test_without_node_the_suite_fails_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SimulatorError, match="not on PATH"):
        install()
