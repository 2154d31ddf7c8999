"""Each row of known_faults.py is still needed: the pinned iam-simulate gives an answer that differs from IAM's.

A row that fails here is no longer needed. iam-simulate was corrected, so remove the row.
"""

from __future__ import annotations

from typing import Any

import pytest
from ecr_crossaccount import Repository

from tests.differential.known_faults import FAULTS, REWRITES, comparable
from tests.differential.simulator import Question, Simulator
from tests.properties.oracle import Request, Value
from tests.properties.world import OWNER, Policy, Statement

pytestmark = pytest.mark.node

ARN = "arn:aws:iam::222233334444:"
REPOSITORY = Repository(OWNER, name="base/app", region="eu-west-1")


def _request(principal: str = f"{ARN}role/ci", **context: Value) -> Request:
    keys = {f"aws:{name}": value for name, value in context.items()}
    return Request(principal, "ecr:BatchGetImage", {"aws:PrincipalArn": principal, **keys})


def _when(operator: str, key: str, value: Any, **element: Any) -> Statement:  # noqa: ANN401 - parts of a JSON policy
    return {"Effect": "Allow", "Principal": "*", "Action": "ecr:*", "Condition": {operator: {key: value}}, **element}


def _deny(statement: Statement) -> list[Statement]:
    return [{"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}, {**statement, "Effect": "Deny"}]


USER, SESSION = f"{ARN}user/bob", "arn:aws:sts::222233334444:assumed-role/ci/alice"
FEDERATED = "arn:aws:sts::222233334444:federated-user/bob"

# name of the fault: statements, request, and IAM's answer, or None if it is unknown
SHOWN: dict[str, tuple[list[Statement], Request, bool | None]] = {
    "version": ([_when("StringLike", "aws:username", "${aws:username}")], _request(USER, username="bob"), False),
    "null variable": ([_when("StringNotEquals", "aws:userid", "${aws:username}")], _request(userid="A:b"), True),
    "default of many": (
        [_when("StringLike", "aws:userid", "${aws:CalledVia, 'x'}")],
        _request(userid="x", CalledVia=("a.com", "b.com")),
        False,
    ),
    "default's form": ([_when("StringLike", "aws:userid", "${aws:username,'x'}")], _request(userid="x"), True),
    "variable in an ARN": (
        [_when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::${aws:PrincipalAccount}:role/*")],
        _request(PrincipalAccount="222233334444"),
        True,
    ),
    "escapes": ([_when("StringEquals", "aws:userid", "${*}")], _request(userid="*"), True),
    "unclosed variable": ([_when("StringNotLike", "aws:userid", "${aws:username")], _request(userid="x"), None),
    "another type": ([_when("Bool", "aws:username", "false")], _request(USER, username="bob"), None),
    "number as text": (
        [_when("StringEquals", "aws:PrincipalTag/level", 1e81)],
        _request(**{"PrincipalTag/level": "1000000000000000000000000000000000"}),
        None,
    ),
    "empty value": (
        [_when("ForAllValues:StringEquals", "aws:PrincipalTag/env", "prod")],
        _request(**{"PrincipalTag/env": ""}),
        True,
    ),
    "NotPrincipal": (_deny({"NotPrincipal": {"AWS": SESSION}, "Action": "*"}), _request(), None),
    "path of a role": (
        [{"Effect": "Allow", "Principal": {"AWS": f"{ARN}role/a/ci"}, "Action": "*"}],
        Request(SESSION, "ecr:BatchGetImage", {"aws:PrincipalArn": f"{ARN}role/b/ci"}),
        False,
    ),
    "federation": (
        [{"Effect": "Allow", "Principal": {"AWS": USER}, "Action": "*"}],
        _request(FEDERATED.replace("bob", "tim")),
        True,
    ),
    "uncertain Deny": (
        _deny({"Principal": {"AWS": "*"}, "Action": "*"}),
        Request("lambda.amazonaws.com", "ecr:BatchGetImage", {}),
        None,
    ),
}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_known_fault_is_still_one(simulator: Simulator, fault: Any) -> None:  # noqa: ANN401 - a row of the table
    statements, request, truth = SHOWN[fault.name]
    policy: Policy = {"Version": "2008-10-17" if fault.name == "version" else "2012-10-17", "Statement": statements}
    assert comparable(policy, request, REPOSITORY).fault == fault.name
    assert simulator.allows(Question(policy, OWNER, request)) is not truth


REWRITTEN: dict[str, tuple[Statement, Request, bool]] = {
    "IPv4 /0": (_when("IpAddress", "aws:SourceIp", "0.0.0.0/0"), _request(SourceIp="8.8.8.8"), True),
    "bare IPv4": (_when("NotIpAddress", "aws:SourceIp", "8.8.8.8"), _request(SourceIp="2001:db8::9"), True),
    "epoch seconds": (
        _when("DateGreaterThan", "aws:CurrentTime", "4102444800"),
        _request(CurrentTime="2026-06-01T09:30:00Z"),
        False,
    ),
    "exponents": (_when("NumericLessThan", "aws:MultiFactorAuthAge", "1e3"), _request(MultiFactorAuthAge="60"), True),
}


@pytest.mark.parametrize("rewrite", REWRITES, ids=lambda rewrite: rewrite.name)
def test_a_rewrite_corrects_the_answer(simulator: Simulator, rewrite: Any) -> None:  # noqa: ANN401 - a row of the table
    statement, request, truth = REWRITTEN[rewrite.name]
    policy: Policy = {"Version": "2012-10-17", "Statement": [statement]}
    said = comparable(policy, request, REPOSITORY)
    assert said.fault is None
    assert simulator.allows(Question(policy, OWNER, request)) is not truth
    assert simulator.allows(Question(said.policy, OWNER, request)) is truth


def test_a_wildcard_in_the_service_part_is_asked_in_other_words(simulator: Simulator) -> None:
    policy: Policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "e?r:Batch*"}],
    }
    said = comparable(policy, _request(), REPOSITORY)
    assert not simulator.allows(Question(policy, OWNER, _request()))
    assert simulator.allows(Question(said.policy, OWNER, _request()))
