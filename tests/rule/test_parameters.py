from __future__ import annotations

import json
from datetime import date

import pytest
from ecr_crossaccount import Access
from ecr_crossaccount.products.rule.evaluator import CrossAccountEvaluator
from ecr_crossaccount.products.rule.parameters import Parameters
from rdklib import InvalidParametersError

from tests.events import event, with_policy
from tests.fakes import FakeConfigService
from tests.rule.test_change import PULL, policy

TODAY = date(2026, 11, 20)


def parse(**parameters: object) -> Parameters:
    return Parameters.parse(parameters, TODAY)


def trusted(parameters: Parameters) -> list[tuple[str, str, Access]]:
    return [(entry.subject.value, entry.name, entry.access) for entry in parameters.trust.entries]


def test_lists_become_one_trust_register() -> None:
    parameters = parse(
        trustedAccounts="222233334444, 333344445555",
        trustedWriteAccounts="444455556666",
        trustedOrganizations="self,o-a1b2c3d4e5",
        trustedOrganizationPaths="o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*",
        trustedServices="lambda.amazonaws.com",
    )
    assert trusted(parameters) == [
        ("account", "222233334444", Access.READ),
        ("account", "333344445555", Access.READ),
        ("account", "444455556666", Access.WRITE),
        ("organization", "self", Access.READ),
        ("organization", "o-a1b2c3d4e5", Access.READ),
        ("organization_path", "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*", Access.READ),
        ("service", "lambda.amazonaws.com", Access.READ),
    ]


@pytest.mark.parametrize(
    "said", [{}, {"trustedOrganizations": ""}, {"trustedOrganizations": " , "}, {"trustedOrganizations": "none"}]
)
def test_nobody_is_trusted_unless_it_is_said(said: dict[str, object]) -> None:
    parameters = parse(**said)
    assert trusted(parameters) == []
    assert not parameters.trusts_self


def test_self_trusts_the_own_organization() -> None:
    parameters = parse(trustedOrganizations="self")
    assert trusted(parameters) == [("organization", "self", Access.READ)]
    assert parameters.trusts_self


@pytest.mark.parametrize("blank", ["", "  ", ",", " , ,"])
def test_blank_lists_trust_nobody(blank: str) -> None:
    assert trusted(parse(trustedAccounts=blank, trustedOrganizations="none")) == []


@pytest.mark.parametrize(
    "parameters, name, value",
    [
        ({"trustedAccounts": "222233334444,12345"}, "trustedAccounts", "12345"),
        ({"trustedWriteAccounts": "arn:aws:iam::222233334444:root"}, "trustedWriteAccounts", "arn:aws:iam::222233334"),
        ({"trustedOrganizations": "o-1"}, "trustedOrganizations", "o-1"),
        ({"trustedOrganizations": "none,o-a1b2c3d4e5"}, "trustedOrganizations", "none"),
        ({"trustedOrganizations": "Self"}, "trustedOrganizations", "Self"),
        ({"trustedOrganizationPaths": "*/r-ab12/*"}, "trustedOrganizationPaths", "*/r-ab12/*"),
        ({"trustedServices": "lambda"}, "trustedServices", "lambda"),
        ({"trustedAccounts": ["222233334444"]}, "trustedAccounts", "a list of 1"),
        ({"trustedAccounts": 222233334444}, "trustedAccounts", "222233334444"),
        ({"trustedAccounts": True}, "trustedAccounts", "True"),
        ({"trustedAcounts": "222233334444"}, "trustedAcounts", "222233334444"),
        ({"ExecutionRoleName": "two words"}, "ExecutionRoleName", "two words"),
        ({"ExecutionRoleName": "arn:aws:iam::222233334444:role/x"}, "ExecutionRoleName", "arn:aws:iam"),
        ({"ExecutionRoleRegion": "Frankfurt"}, "ExecutionRoleRegion", "Frankfurt"),
        ({"AssumeRoleMode": "perhaps"}, "AssumeRoleMode", "perhaps"),
        ({"AssumeRoleMode": 1}, "AssumeRoleMode", "1"),
    ],
)
def test_a_bad_value_is_named_with_its_parameter(parameters: dict[str, object], name: str, value: str) -> None:
    with pytest.raises(InvalidParametersError) as raised:
        parse(**parameters)
    assert f"`{name}`" in str(raised.value)
    assert value in str(raised.value)


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(InvalidParametersError) as raised:
        parse(trustedAccounts="1,2", trustedServices="lambda", AssumeRoleMode="perhaps", extra="")
    for name in ("trustedAccounts", "trustedServices", "AssumeRoleMode", "extra"):
        assert f"`{name}`" in str(raised.value)
    assert str(raised.value).count("trustedAccounts") >= 2


def test_bad_parameters_fail_the_invocation_and_report_nothing(
    evaluator: CrossAccountEvaluator, config: FakeConfigService
) -> None:
    with pytest.raises(InvalidParametersError, match="`trustedAccounts`"):
        evaluator.handle(event("change-policy-text", trustedAccounts="me"))
    assert config.calls == []


@pytest.mark.parametrize(
    "action, parameters, expected",
    [
        (PULL, {"trustedAccounts": "222233334444"}, "COMPLIANT"),
        ("ecr:*", {"trustedAccounts": "222233334444"}, "NON_COMPLIANT"),
        ("ecr:PutImage", {"trustedWriteAccounts": "222233334444"}, "COMPLIANT"),
        (PULL, {"trustedWriteAccounts": "222233334444"}, "COMPLIANT"),
        (PULL, {"trustedAccounts": "333344445555"}, "NON_COMPLIANT"),
    ],
)
def test_trust_reaches_the_judgement(
    evaluator: CrossAccountEvaluator,
    config: FakeConfigService,
    action: object,
    parameters: dict[str, object],
    expected: str,
) -> None:
    evaluator.handle(with_policy(policy({"AWS": "222233334444"}, action)) | {"ruleParameters": json.dumps(parameters)})
    assert config.results["demodev"]["ComplianceType"] == expected


def test_a_trusted_service_may_act_without_a_source(
    evaluator: CrossAccountEvaluator, config: FakeConfigService
) -> None:
    pull = policy({"Service": "lambda.amazonaws.com"}, PULL)
    evaluator.handle(with_policy(pull))
    assert config.results["demodev"]["ComplianceType"] == "NON_COMPLIANT"
    evaluator.handle(with_policy(pull) | {"ruleParameters": json.dumps({"trustedServices": "lambda.amazonaws.com"})})
    assert config.results["demodev"]["ComplianceType"] == "COMPLIANT"
