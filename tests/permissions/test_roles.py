"""Every role that we ship grants each action on each type of resource that AWS requires for it.

The requirements are read from AWS's service authorization reference: authorization.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from organization import sources
from organization.central import role_policy
from tests.acceptance.permissions import POLICY
from tests.organization.releases import Release, functions
from tests.permissions.authorization import Statement, problems_of
from tests.stack.cloudformation import Stack

Json = dict[str, Any]

_ARNS = {
    "AWS::DynamoDB::Table": "arn:aws:dynamodb:eu-central-1:111122223333:table/made",
    "AWS::IAM::Role": "arn:aws:iam::111122223333:role/made",
    "AWS::KMS::Key": "arn:aws:kms:eu-central-1:111122223333:key/0d1f",
    "AWS::Lambda::Function": "arn:aws:lambda:eu-central-1:111122223333:function:made",
    "AWS::Logs::LogGroup": "arn:aws:logs:eu-central-1:111122223333:log-group:made:*",
    "AWS::S3::Bucket": "arn:aws:s3:::made",
    "AWS::SNS::Topic": "arn:aws:sns:eu-central-1:111122223333:made",
    "AWS::SQS::Queue": "arn:aws:sqs:eu-central-1:111122223333:made",
    "AWS::StepFunctions::StateMachine": "arn:aws:states:eu-central-1:111122223333:stateMachine:made",
    "AWS::Serverless::Function": "arn:aws:lambda:eu-central-1:111122223333:function:made",
}
"""What Fn::GetAtt with Arn returns. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"""
_REFERRED = {
    "AWS::SNS::Topic": _ARNS["AWS::SNS::Topic"],
    "AWS::SSM::Document": "made",
    "AWS::SSM::Parameter": "/made",
    "AWS::StepFunctions::StateMachine": _ARNS["AWS::StepFunctions::StateMachine"],
}
"""What Ref returns where a statement needs it."""

_KEY = "arn:aws:kms:eu-central-1:111122223333:key/0d1f"
_PLACES = ("s3://registers/trust.json", "ssm:/ecr/trust", "appconfig:abc1234/def5678/ghi9012")
_MADE: Json = {"SecurityHub": "true", "AlarmTopic": "create", "LogKey": _KEY, "BackupKmsKey": _KEY}
_REMEDIATING: tuple[Json, ...] = (
    {"Remediation": "Automatic", "RemediationDryRun": "false"},
    {"Remediation": "Automatic"},
    {"Remediation": "AutomaticWithApproval", "RemediationApprovalTopic": "create"},
    {
        "Remediation": "ManualWithApproval",
        "RemediationApprovalTopic": "arn:aws:sns:eu-central-1:111122223333:Automation-us",
        "RemediationApprovalKey": _KEY,
    },
)
_WITHOUT_A_REGISTER: Json = {
    "Name": "ours",
    "OrganizationId": "o-a1b2c3d4e5",
    "TrustMembers": "s3://registers/members.json",
}
_WITH_A_REGISTER = tuple(
    _MADE
    | chosen
    | {
        "TrustRegister": place,
        "ResourceControlPolicies": place,
        "RequiredStatements": place,
        "TrustRegisterKey": _KEY,
        "TrustMembers": "s3://registers/members.json",
        "TrustMembersKey": _KEY,
        "Topic": topic,
        "TopicKey": _KEY,
        "Name": "ours",
        "CentralAccount": "444455556666",
        "OrganizationId": "o-a1b2c3d4e5",
        "Regions": ["eu-central-1"],
        "MemberAccounts": ["111122223333"],
        "MembersRemediate": "true",
        "PackStarts": starts,
        "RemediatedByConfig": "true",
    }
    for chosen in _REMEDIATING
    for place in _PLACES
    for topic in ("create", "arn:aws:sns:eu-central-1:111122223333:theirs")
    for starts in ("Nobody", "Config")
)
_ALL = (_WITHOUT_A_REGISTER, *_WITH_A_REGISTER)
"""Parameters of stacks that have every statement in some form. A template takes those that it has."""


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Json]:
    """Return every template of a release, with its one-line functions, by its key without a digest."""
    return Release.of_functions(functions(tmp_path_factory.mktemp("built"))).templates()


def _names(template: Json) -> Json:
    resources = {name: one["Type"] for name, one in template["Resources"].items()}
    arns = {f"{name}.Arn": _ARNS[kind] for name, kind in resources.items() if kind in _ARNS}
    return arns | {name: _REFERRED[kind] for name, kind in resources.items() if kind in _REFERRED}


def _policies(template: Json, stack: Stack) -> Iterator[tuple[str, Json]]:
    """Yield each statement of each role in a stack, with the role's name in the template."""
    for name, resource in template["Resources"].items():
        if resource["Type"] not in ("AWS::IAM::Role", "AWS::IAM::Policy"):
            continue
        if "Condition" in resource and not stack.condition(resource["Condition"]):
            continue
        properties = stack.properties(name)
        whose = [one.strip("<>") for one in properties.get("Roles", [])] or [name]
        own = properties.get("Policies", []) if resource["Type"] == "AWS::IAM::Role" else [properties]
        documents = [one["PolicyDocument"] for one in own]
        for role in whose:
            for document in documents:
                yield from ((role, statement) for statement in document["Statement"])


def _forms(template: Json) -> set[tuple[str, str]]:
    """Return the roles of a template, and the statements of each as JSON, once for each form that they take."""
    found = set()
    for chosen in _ALL:
        roles: dict[str, list[Json]] = {}
        for role, statement in _policies(template, Stack(template, _names(template), **chosen)):
            roles.setdefault(role, []).append(statement)
        found |= {(role, json.dumps(statements)) for role, statements in roles.items()}
    return found


def _sids(value: object) -> set[str]:
    """Return the names of all statements of IAM policies that a value has in any branch."""
    if isinstance(value, list):
        return {sid for one in value for sid in _sids(one)}
    if not isinstance(value, dict):
        return set()
    own = {value["Sid"]} if "Sid" in value else set()
    return own | _sids(list(value.values()))


def test_every_role_may_do_what_it_is_for(templates: Mapping[str, Json]) -> None:
    found = {
        f"{key}: {role}: {problem}"
        for key, template in templates.items()
        for role, statements in _forms(template)
        for problem in problems_of([Statement(one) for one in json.loads(statements)])
    }
    assert sorted(found) == []


def test_every_statement_of_every_role_is_looked_at(templates: Mapping[str, Json]) -> None:
    kinds = ("AWS::IAM::Role", "AWS::IAM::Policy")
    counted = 0
    for key, template in templates.items():
        roles = [one for one in template["Resources"].values() if one["Type"] in kinds]
        looked_at = {statement["Sid"] for _, text in _forms(template) for statement in json.loads(text)}
        policies = [one for one in roles if one["Type"] != "AWS::IAM::Role" or "Policies" in one["Properties"]]
        assert _sids([one["Properties"].get("Policies", one["Properties"]) for one in policies]) == looked_at, key
        counted += len(roles)
    assert counted > 10


@pytest.mark.parametrize(
    "statements",
    [
        pytest.param(role_policy(sources.template())["Statement"], id="a function that the RDK deploys"),
        pytest.param(json.loads(POLICY.read_text(encoding="utf-8"))["Statement"], id="acceptance/policy.json"),
    ],
)
def test_a_policy_for_people_or_tools_allows_what_it_is_for(statements: list[Json]) -> None:
    assert [*problems_of([Statement(one) for one in statements])] == []


@pytest.mark.parametrize(
    "statement, problem",
    [
        (
            {"Action": "ssm:StartAutomationExecution", "Resource": "arn:aws:ssm:eu-central-1:111122223333:document/a"},
            "ssm:StartAutomationExecution requires automation-execution,",
        ),
        ({"Action": "ecr:GetRegistryPolicy", "Resource": "arn:aws:ecr:eu-central-1:111122223333:x"}, " requires *,"),
        ({"Action": "s3:PutObject", "Resource": "arn:aws:s3:::bucket"}, "requires accesspointobject or object,"),
        (
            {"Action": "sns:Publish", "Resource": ["arn:aws:sns:eu-central-1:1:a", "arn:aws:sqs:eu-central-1:1:a"]},
            "no action of it takes arn:aws:sqs:",
        ),
        (
            {
                "Action": "sns:Publish",
                "Resource": "*",
                "Condition": {"StringEquals": {"kms:ViaService": "sns.amazonaws.com"}},
            },
            "sns:Publish has no kms:ViaService",
        ),
    ],
)
def test_what_aws_would_refuse_is_found(statement: Json, problem: str) -> None:
    assert any(problem in one for one in problems_of([Statement(statement)]))


def test_an_action_that_aws_does_not_have_is_found() -> None:
    with pytest.raises(AssertionError, match="AWS has no action ecr:GetPolicies"):
        list(problems_of([Statement({"Action": "ecr:GetPolicies", "Resource": "*"})]))
