"""The service control policy that keeps what an organization deployed: it fits, and denies what it should."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from tests.differential.conftest import simulator
from tests.differential.simulator import Question, Simulator
from tests.organization.releases import Release
from tests.organization.test_central import central, evaluation, of_members
from tests.properties.oracle import Request
from tests.properties.world import Policy
from tests.stack.cloudformation import ROOT

__all__ = ["simulator"]

FILE = Path(ROOT / "organization" / "scp.json")
SCP: Policy = json.loads(FILE.read_text(encoding="utf-8"))
LARGEST = 5_120
MEMBER = "222233334444"
STACK = "StackSet-ecr-crossaccount-7f0c1a2b-1111-2222-3333-444455556666"
HERE = f"eu-central-1:{MEMBER}"
ADMINISTRATOR, DEPLOYER, PUBLISHER = "Administrator", "stacksets-exec-0d1f2a3b", "ecr-crossaccount-publisher"
RESOURCES = {
    "iam:DeleteRole": f"arn:aws:iam::{MEMBER}:role/ecr-crossaccount-evaluation",
    "iam:UpdateAssumeRolePolicy": f"arn:aws:iam::{MEMBER}:role/ecr-crossaccount-automation-eu-central-1",
    "iam:PutRolePolicy": f"arn:aws:iam::{MEMBER}:role/StackSet-ecr-crossaccoun-AutomationRole-1A2B3C",
    "cloudformation:DeleteStack": f"arn:aws:cloudformation:{HERE}:stack/{STACK}/0d1f",
    "ssm:UpdateDocument": f"arn:aws:ssm:{HERE}:document/ecr-crossaccount-remediate-0d1f2a3b4c5d",
    "ssm:DeleteDocument": f"arn:aws:ssm:{HERE}:document/{STACK}-RestoreDocument-1A2B",
    "lambda:UpdateFunctionConfiguration": f"arn:aws:lambda:{HERE}:function:StackSet-ecr-crossaccoun-RuleFunction-1A2B",
    "lambda:PutFunctionConcurrency": f"arn:aws:lambda:{HERE}:function:ecr-crossaccount-plan",
    "cloudwatch:DeleteAlarms": f"arn:aws:cloudwatch:{HERE}:alarm:{STACK}-RuleFails-1A2B",
    "events:DisableRule": f"arn:aws:events:{HERE}:rule/{STACK}-FindingStarts-1A2B",
    "logs:DeleteLogGroup": f"arn:aws:logs:{HERE}:log-group:{STACK}-RuleFunctionLog-1A2B",
    "sqs:PurgeQueue": f"arn:aws:sqs:{HERE}:{STACK}-SweepQueue-1A2B.fifo",
    "s3:DeleteObjectVersion": "arn:aws:s3:::stackset-ecr-crossaccount-7f0c-backupbucket-1a2b/222233334444/x",
    "config:StopConfigurationRecorder": "*",
    "config:DeleteEvaluationResults": f"arn:aws:config:{HERE}:config-rule/config-rule-a1b2c3",
}
OTHERS = {
    "iam:DeleteRole": f"arn:aws:iam::{MEMBER}:role/my-role",
    "cloudformation:DeleteStack": f"arn:aws:cloudformation:{HERE}:stack/my-stack/0d1f",
    "ssm:UpdateDocument": f"arn:aws:ssm:{HERE}:document/my-document",
    "lambda:UpdateFunctionCode": f"arn:aws:lambda:{HERE}:function:my-function",
    "s3:PutObject": "arn:aws:s3:::my-bucket/key",
    "ssm:PutParameter": f"arn:aws:ssm:{HERE}:parameter/my/parameter",
    "config:PutConfigRule": f"arn:aws:config:{HERE}:config-rule/config-rule-a1b2c3",
    "ecr:SetRepositoryPolicy": f"arn:aws:ecr:{HERE}:repository/base/app",
}


def answer(simulator: Simulator, role: str, action: str, resource: str) -> str:
    arn = f"arn:aws:iam::{MEMBER}:role/{role}"
    request = Request(arn, action, {"aws:PrincipalArn": arn, "aws:PrincipalAccount": MEMBER})
    everything: Policy = {"Version": "2012-10-17", "Statement": []}
    return next(simulator.answers([Question(everything, MEMBER, request, scp=SCP, resource=resource)]))


@pytest.mark.node
@pytest.mark.parametrize("action, resource", RESOURCES.items())
def test_a_members_administrator_changes_nothing_of_it_and_stacksets_do(
    simulator: Simulator, action: str, resource: str
) -> None:
    assert answer(simulator, ADMINISTRATOR, action, resource) == "ExplicitlyDenied"
    assert answer(simulator, DEPLOYER, action, resource) == "Allowed"


@pytest.mark.node
@pytest.mark.parametrize("action, resource", OTHERS.items())
def test_what_is_a_members_own_is_his(simulator: Simulator, action: str, resource: str) -> None:
    assert answer(simulator, ADMINISTRATOR, action, resource) == "Allowed"


@pytest.mark.node
@pytest.mark.parametrize("action", ["iam:CreateRole", "iam:UpdateAssumeRolePolicy", "iam:AttachRolePolicy"])
@pytest.mark.parametrize("role", [ADMINISTRATOR, DEPLOYER])
def test_nobody_makes_himself_the_deployer(simulator: Simulator, role: str, action: str) -> None:
    posing = f"arn:aws:iam::{MEMBER}:role/stacksets-exec-mine"
    assert answer(simulator, role, action, posing) == "ExplicitlyDenied"


@pytest.mark.node
@pytest.mark.parametrize(
    "action, resource",
    [
        ("s3:PutObject", "arn:aws:s3:::ecr-crossaccount-trust-111122223333/register.yaml"),
        ("ssm:PutParameter", f"arn:aws:ssm:{HERE}:parameter/ecr-crossaccount/trust"),
    ],
)
def test_the_register_is_written_by_its_publisher_alone(simulator: Simulator, action: str, resource: str) -> None:
    assert answer(simulator, ADMINISTRATOR, action, resource) == "ExplicitlyDenied"
    assert answer(simulator, PUBLISHER, action, resource) == "Allowed"


def test_it_fits_as_the_command_line_sends_it() -> None:
    assert len(FILE.read_text(encoding="utf-8")) <= LARGEST


def test_it_only_denies() -> None:
    assert {one["Effect"] for one in statements()} == {"Deny"}
    assert len({one["Sid"] for one in statements()}) == len(statements())


def statements() -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(json.dumps(SCP["Statement"]))
    return found


def is_protected(action: str, arn: str) -> bool:
    """Tell whether a statement with the action names the ARN."""
    for one in statements():
        resources = one["Resource"] if isinstance(one["Resource"], list) else [one["Resource"]]
        if action in str(one["Action"]) and any(fnmatchcase(arn, str(pattern)) for pattern in resources):
            return True
    return False


def test_the_names_of_the_templates_are_those_that_it_protects(made: Release) -> None:
    members = of_members(made, Remediation="Automatic")
    roles = [
        central(made).properties("RuleFunctionRole")["RoleName"],
        evaluation(made)["RoleName"],
        members.properties("AutomationRole")["RoleName"],
    ]
    assert all(is_protected("iam:DeleteRole", f"arn:aws:iam::{MEMBER}:role/{role}") for role in roles)
    for name in ("RemediateDocument", "RestoreDocument"):
        document = members.properties(name)["Name"]
        assert is_protected("ssm:UpdateDocument", f"arn:aws:ssm:{HERE}:document/{document}")
    plan = central(made, MembersRemediate="true").properties("PlanFunction")["FunctionName"]
    assert is_protected("lambda:UpdateFunctionCode", f"arn:aws:lambda:{HERE}:function:{plan}")
