"""Remediation in the stack: off by default, pinned, with least privilege, and with protected backups."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

import pytest
from ecr_crossaccount.sources.register.lists import trust_of
from moto.events.models import EventPattern

from organization.derived import derived
from tests.remediation.document import ROLE, Document, check_value
from tests.rule.test_parameters import TODAY
from tests.stack.cloudformation import ROOT, Stack
from tests.stack.test_template import input_parameters

Json = dict[str, Any]

MODES = ["Off", "Manual", "ManualWithApproval", "Automatic", "AutomaticWithApproval"]


APPROVAL: Json = {
    "RemediationApprovalTopic": "arn:aws:sns:eu-central-1:111122223333:Automation-approvals",
    "RemediationApprovers": ["arn:aws:iam::111122223333:role/security"],
}


def test_nothing_of_it_is_made_unless_it_is_chosen(template: Json) -> None:
    assert not Stack(template).condition("Remediates")
    assert all(Stack(template, Remediation=mode).condition("Remediates") for mode in MODES[1:])
    assert template["Resources"]["RemediationConfiguration"]["Condition"] == "ConfigRemediates"
    assert not Stack(template).condition("ConfigRemediates")
    made = {name for name, one in template["Resources"].items() if one.get("Condition") == "Remediates"}
    assert made == {
        "RemediateDocument",
        "RestoreDocument",
        "PlanFunction",
        "PlanFunctionLog",
        "PlanFunctionRole",
        "AutomationRole",
        "BackupBucket",
        "BackupBucketPolicy",
        "RemediationFailed",
        "RemediationFailures",
        "RemediationFailuresPolicy",
    }


def test_a_stack_of_its_own_would_repeat_the_parameters_that_the_decision_counts(template: Json) -> None:
    resources = template["Resources"]
    *_, last = template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    places = dict.fromkeys(["TrustRegister", "ResourceControlPolicies"], "ssm:/place")
    without = Stack(template, AlarmTopic="create", SecurityHub="true", **places)
    of_it = [name for name, one in resources.items() if "Condition" in one and not without.condition(one["Condition"])]
    assert {"PlanFunction", "RemediateDocument", "RemediationConfiguration", "FindingStarts", "PlanFails"} <= {*of_it}
    interface: Json = {"AWS::CloudFormation::Interface": {"ParameterGroups": [], "ParameterLabels": {}}}
    alone = derived(template, [*of_it, "RegisterMemory", "ReadRegister"], {"Metadata": interface, "Resources": {}})
    twice = alone["Parameters"].keys() - {*last["Parameters"]}
    decision = (ROOT / "docs" / "decisions" / "automation.md").read_text(encoding="utf-8")
    assert f"Its {len(last['Parameters'])} parameters are the last group" in decision
    assert f"{len(twice)} of the other {len(template['Parameters']) - len(last['Parameters'])} parameters" in decision


@pytest.mark.parametrize("severity", ["LOW", "MEDIUM", "HIGH", "CRITICAL"])
@pytest.mark.parametrize("dry", ["true", "false"])
@pytest.mark.parametrize("mode", MODES[1:])
def test_config_starts_by_itself_only_runs_that_narrow_or_fail(
    template: Json, mode: str, dry: str, severity: str
) -> None:
    """By one reading of its documentation, it would count attempts of the others, and finally stop."""
    chosen: Json = {"Remediation": mode, "RemediationDryRun": dry, "RemediationMinimumSeverity": severity}
    stack = Stack(template, **chosen, **APPROVAL)
    found = stack.properties("RemediationConfiguration")
    by_itself = mode.startswith("Automatic")
    by_config = by_itself and dry == "false" and severity == "LOW"
    assert found["Automatic"] is by_config
    assert ("MaximumAutomaticAttempts" in found, "RetryAttemptSeconds" in found) == (by_config, by_config)
    assert found["ConfigRuleName"] == "<Rule>"
    assert (found["TargetType"], found["TargetId"]) == ("SSM_DOCUMENT", "<RemediateDocument>")
    events = {name: stack.condition(template["Resources"][name]["Condition"]) for name in STARTERS}
    assert events == {
        "FindingStarts": by_itself and not by_config,
        "ChangeStarts": by_itself and not by_config and dry == "false",
    }


STARTERS = ("FindingStarts", "ChangeStarts")
FINDING: Json = {
    "version": "0",
    "source": "aws.config",
    "detail-type": "Config Rules Compliance Change",
    "detail": {
        "resourceId": "team/base",
        "resourceType": "AWS::ECR::Repository",
        "configRuleName": "<Rule>",
        "messageType": "ComplianceChangeNotification",
        "newEvaluationResult": {"complianceType": "NON_COMPLIANT", "annotation": "public"},
    },
}
"""https://docs.aws.amazon.com/config/latest/developerguide/monitor-config-with-cloudwatchevents.html"""
CHANGE: Json = {
    "version": "0",
    "source": "aws.config",
    "detail-type": "Config Configuration Item Change",
    "detail": {
        "messageType": "ConfigurationItemChangeNotification",
        "configurationItemDiff": {"changedProperties": {}, "changeType": "UPDATE"},
        "configurationItem": {"resourceId": "team/base", "resourceType": "AWS::ECR::Repository"},
    },
}


def matched(stack: Stack, event: Any) -> list[str]:  # noqa: ANN401 - as in EventBridge
    return [
        name
        for name in STARTERS
        if EventPattern.load(json.dumps(stack.properties(name)["EventPattern"])).matches_event(event)
    ]


def test_a_finding_and_a_change_of_a_repository_start_a_run_and_nothing_else(template: Json) -> None:
    stack = Stack(template, Remediation="Automatic", RemediationMinimumSeverity="CRITICAL", RemediationDryRun="false")
    assert (matched(stack, FINDING), matched(stack, CHANGE)) == (["FindingStarts"], ["ChangeStarts"])
    for event, change in (
        (FINDING, {"newEvaluationResult": {"complianceType": "COMPLIANT"}}),
        (FINDING, {"configRuleName": "another"}),
        (FINDING, {"resourceType": "AWS::S3::Bucket"}),
        (CHANGE, {"configurationItem": {"resourceType": "AWS::S3::Bucket"}}),
        (CHANGE, {"configurationItemDiff": {"changeType": "DELETE"}}),
    ):
        assert matched(stack, {**event, "detail": event["detail"] | change}) == []


@pytest.mark.parametrize("dry", ["true", "false"])
@pytest.mark.parametrize("name, event", [("FindingStarts", FINDING), ("ChangeStarts", CHANGE)])
def test_what_an_event_passes_is_what_the_document_takes(template: Json, name: str, event: Json, dry: str) -> None:
    chosen: Json = {"Remediation": "Automatic", "RemediationDryRun": dry}
    (target,) = Stack(template, **chosen).properties(name)["Targets"]
    assert target["Arn"].endswith(":automation-definition/<RemediateDocument>:1")
    assert target["RoleArn"] == "<StarterRole.Arn>"
    ((variable, path),) = target["InputTransformer"]["InputPathsMap"].items()
    value: Any = {"detail": event["detail"]}
    for part in path.removeprefix("$.").split("."):
        value = value[part]
    passed = json.loads(target["InputTransformer"]["InputTemplate"].replace(f"<{variable}>", json.dumps(value)))
    assert passed == {"RepositoryName": ["team/base"], "DryRun": [dry]}
    declared = Document.load(ROOT / "remediation" / "remediate.yaml", **chosen).parameters
    for name_, (one,) in passed.items():
        check_value(name_, declared[name_], one)


def test_an_event_that_could_not_start_a_run_goes_where_failures_ring(template: Json) -> None:
    chosen: Json = {"Remediation": "Automatic", "RemediationMinimumSeverity": "HIGH", "RemediationDryRun": "false"}
    stack = Stack(template, **chosen)
    for name in STARTERS:
        (target,) = stack.properties(name)["Targets"]
        assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 86_400, "MaximumRetryAttempts": 185}
        assert target["DeadLetterConfig"] == {"Arn": "<RemediationFailures.Arn>"}
    _, allowed = stack.properties("RemediationFailuresPolicy")["PolicyDocument"]["Statement"]
    senders = ["<RemediationFailed.Arn>", "<FindingStarts.Arn>", "<ChangeStarts.Arn>"]
    assert allowed["Condition"] == {"ArnEquals": {"aws:SourceArn": senders}}


@pytest.mark.parametrize("alarms", ["All", "One", "None"])
@pytest.mark.parametrize("mode", ["Off", "Manual", "Automatic"])
def test_what_failed_is_kept_however_many_alarms_there_are(template: Json, alarms: str, mode: str) -> None:
    """Events about remediations that could not start are kept: the resources that they name exist."""
    stack = Stack(template, Alarms=alarms, Remediation=mode)
    kept = ("RemediationFailures", "RemediationFailuresPolicy", "RemediationFailed")
    there = [stack.condition(template["Resources"][name]["Condition"]) for name in kept]
    assert there == [mode != "Off"] * 3
    assert stack.condition(template["Outputs"]["RemediationFailuresUrl"]["Condition"]) == (mode != "Off")
    rings = stack.condition(template["Resources"]["RemediationFails"]["Condition"])
    assert rings == (mode != "Off" and alarms == "All")


def test_events_may_start_the_document_with_its_role_and_nothing_else(template: Json) -> None:
    role = Stack(template).properties("StarterRole")
    (taken,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert taken["Principal"] == {"Service": "events.amazonaws.com"}
    assert taken["Condition"] == {"StringEquals": {"aws:SourceAccount": "111122223333"}}
    start, with_role = role["Policies"][0]["PolicyDocument"]["Statement"]
    assert (start["Action"], with_role["Action"]) == ("ssm:StartAutomationExecution", "iam:PassRole")
    assert [one.rpartition("111122223333:")[2] for one in start["Resource"]] == [
        "automation-execution/*",  # required, as the document is: tests/permissions/test_roles.py
        "automation-definition/<RemediateDocument>:*",
        "document/<RemediateDocument>",
    ]
    assert with_role["Resource"] == "<AutomationRole.Arn>"
    assert with_role["Condition"] == {"StringEquals": {"iam:PassedToService": "ssm.amazonaws.com"}}


def test_the_version_is_pinned_and_is_the_shipped_content(template: Json) -> None:
    assert template["Resources"]["RemediationConfiguration"]["Properties"]["TargetVersion"] == "1"
    for name, file in (("RemediateDocument", "remediate.yaml"), ("RestoreDocument", "restore.yaml")):
        document = template["Resources"][name]["Properties"]
        # A changed document without a name is replaced, not updated, so it is a new one with version 1.
        assert set(document) == {"DocumentType", "Content"}
        location = document["Content"]["Fn::Transform"]["Parameters"]["Location"]
        assert location == f"remediation/{file}"
        assert (ROOT / location).is_file()


@pytest.mark.parametrize("dry", ["true", "false"])
@pytest.mark.parametrize("mode", MODES[1:])
def test_what_config_passes_is_what_the_document_takes(template: Json, mode: str, dry: str) -> None:
    chosen: Json = {"Remediation": mode, "RemediationDryRun": dry, "RemediationMinimumSeverity": "HIGH", **APPROVAL}
    passed = Stack(template, **chosen).properties("RemediationConfiguration")["Parameters"]
    assert passed.pop("RepositoryName") == {"ResourceValue": {"Value": "RESOURCE_ID"}}
    given = {name: value["StaticValue"]["Values"] for name, value in passed.items()}
    assert given == {
        "AutomationAssumeRole": ["<AutomationRole.Arn>"],  # automatic remediation must pass it
        "MinimumSeverity": ["HIGH"],
        "DryRun": [dry],
    }
    names = {"AutomationRole.Arn": ROLE}
    declared = Document.load(ROOT / "remediation" / "remediate.yaml", **chosen).parameters
    for name, (value,) in given.items():
        check_value(name, declared[name], names.get(value.strip("<>"), value))
    assert set(declared) == {"RepositoryName", *given}


@pytest.mark.parametrize("name", ["RemediateDocument", "RestoreDocument"])
def test_what_a_document_refers_to_is_in_the_template(template: Json, name: str) -> None:
    location = template["Resources"][name]["Properties"]["Content"]["Fn::Transform"]["Parameters"]["Location"]
    text = (ROOT / location).read_text(encoding="utf-8")
    referred = set(re.findall(r"Ref: (\w+)\b(?!::)", text)) | set(re.findall(r'Fn::GetAtt": \[(\w+)', text))
    conditions = set(re.findall(r'Fn::If": \[(\w+)', text)) | set(re.findall(r"Fn::If:\n\s+- (\w+)", text))
    assert referred
    assert referred <= set(template["Resources"]) | set(template["Parameters"])
    assert conditions <= set(template["Conditions"])
    assert "!Ref" not in text, "AWS::Include takes the long form alone"


def test_controls_are_within_what_config_takes(template: Json) -> None:
    limits = {
        "RemediationAttempts": (1, 25),
        "RemediationRetrySeconds": (1, 2_678_000),
        "RemediationConcurrencyPercent": (1, 100),
        "RemediationErrorPercent": (1, 100),
        "RemediationRecentUseDays": (1, 90),
    }
    for name, limit in limits.items():
        parameter = template["Parameters"][name]
        assert (parameter["MinValue"], parameter["MaxValue"]) == limit
        assert limit[0] <= parameter["Default"] <= limit[1]


def test_approval_needs_a_topic_and_somebody(template: Json) -> None:
    rule = template["Rules"]["ApprovalNeedsSomebodyToAsk"]
    assert [mode for mode in MODES if Stack(template, Remediation=mode).resolved(rule["RuleCondition"])] == [
        "ManualWithApproval",
        "AutomaticWithApproval",
    ]
    assert len(rule["Assertions"]) == 2


def test_plan_and_rule_trust_the_same(template: Json) -> None:
    choices: Json = {
        "TrustedOrganizations": ["self", "none", "self, o-a1b2c3d4e5"],
        "TrustedOrganizationPaths": ["", "o-a1b2c3d4e5/r-ab12/*"],
        "TrustedAccounts": ["", "222233334444,333344445555"],
        "TrustedWriteAccounts": ["", "444455556666"],
        "TrustedServices": ["", "lambda.amazonaws.com"],
    }
    for values in itertools.product(*choices.values()):
        chosen = dict(zip(choices, values, strict=True))
        variables = Stack(template, Remediation="Manual", **chosen).properties("PlanFunction")["Environment"]
        of_plan = trust_of(json.loads(variables["Variables"]["RULE_PARAMETERS"]), TODAY)
        assert of_plan.entries == trust_of(input_parameters(template, **chosen), TODAY).entries


def test_the_planning_function_may_do_nothing_but_write_its_log(template: Json) -> None:
    role = Stack(template).properties("PlanFunctionRole")
    ((statement,),) = [policy["PolicyDocument"]["Statement"] for policy in role["Policies"]]
    assert statement["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    assert statement["Resource"] == "<PlanFunctionLog.Arn>"
    (taken,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert taken["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_only_systems_manager_of_this_account_takes_the_automation_role(template: Json) -> None:
    (statement,) = Stack(template).properties("AutomationRole")["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "ssm.amazonaws.com"}
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "111122223333"},
        "ArnLike": {"aws:SourceArn": "arn:aws:ssm:eu-central-1:111122223333:automation-execution/*"},
    }


@pytest.mark.parametrize("mode", MODES[1:])
def test_the_automation_role_reaches_this_region_and_this_bucket_only(template: Json, mode: str) -> None:
    (policy,) = Stack(template, Remediation=mode, **APPROVAL).properties("AutomationRole")["Policies"]
    resources = {s["Sid"]: s["Resource"] for s in policy["PolicyDocument"]["Statement"]}
    expected = {
        "ReadAndWritePolicies": "arn:aws:ecr:eu-central-1:111122223333:repository/*",
        "AskWhoUsesWhatAndWhichOrganization": "*",
        "ReadRegistryPolicy": "*",
        "Plan": "<PlanFunction.Arn>",
        "KeepAndReadBackups": "<BackupBucket.Arn>/111122223333/eu-central-1/*",
    }
    topic = {"AskForApproval": APPROVAL["RemediationApprovalTopic"]} if "Approval" in mode else {}
    assert resources == expected | topic


@pytest.mark.parametrize("days", [0, 30])
def test_backups_are_versioned_encrypted_private_and_outlive_the_stack(template: Json, days: int) -> None:
    resource = template["Resources"]["BackupBucket"]
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")
    bucket = Stack(template, BackupLockDays=days).properties("BackupBucket")
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert bucket.get("ObjectLockEnabled", False) is bool(days)
    if days:
        assert bucket["ObjectLockConfiguration"]["Rule"]["DefaultRetention"] == {
            "Mode": "GOVERNANCE",
            "Days": str(days),
        }


def test_backups_travel_encrypted(template: Json) -> None:
    policy = Stack(template).properties("BackupBucketPolicy")["PolicyDocument"]
    statement, _ = policy["Statement"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Resource"] == ["<BackupBucket.Arn>", "<BackupBucket.Arn>/*"]
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_nobody_but_the_automation_role_writes_backups(template: Json) -> None:
    _, statement = Stack(template).properties("BackupBucketPolicy")["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Principal"]) == ("Deny", "*")
    assert set(statement["Action"]) == {"s3:PutObject", "s3:ReplicateObject"}
    assert statement["Resource"] == "<BackupBucket.Arn>/*"
    assert statement["Condition"] == {"ArnNotEquals": {"aws:PrincipalArn": "<AutomationRole.Arn>"}}


KEY = "arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d"


@pytest.mark.parametrize(
    "chosen, encryption",
    [
        ({}, {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}),
        (
            {"BackupKmsKey": KEY},
            {
                "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY},
                "BucketKeyEnabled": True,
            },
        ),
    ],
)
def test_backups_are_encrypted_with_the_key_that_is_chosen(template: Json, chosen: Json, encryption: Json) -> None:
    stack = Stack(template, **chosen)
    found = stack.properties("BackupBucket")["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert found == [encryption]
    statements = stack.properties("AutomationRole")["Policies"][0]["PolicyDocument"]["Statement"]
    assert [one for one in statements if "kms:Decrypt" in one["Action"]] == (
        [
            {
                "Sid": "EncryptAndDecryptBackups",
                "Effect": "Allow",
                "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                "Resource": KEY,
                "Condition": {"StringEquals": {"kms:ViaService": "s3.eu-central-1.amazonaws.com"}},
            }
        ]
        if chosen
        else []
    )


@pytest.mark.parametrize("days", [0, 400])
def test_backups_are_kept_for_ever_or_for_the_days_that_are_chosen(template: Json, days: int) -> None:
    rules = Stack(template, BackupDays=days).properties("BackupBucket")["LifecycleConfiguration"]["Rules"]
    assert all(rule["Status"] == "Enabled" for rule in rules)
    expiring = [rule for rule in rules if "ExpirationInDays" in rule]
    assert [rule["ExpirationInDays"] for rule in expiring] == ([str(days)] if days else [])
    assert all(rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1} for rule in expiring)


def test_a_statement_of_a_queues_policy_names_that_queue_alone_or_sqs_refuses_it(template: Json) -> None:
    policies = [
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::SQS::QueuePolicy"
    ]
    queues = [name for name, resource in template["Resources"].items() if resource["Type"] == "AWS::SQS::Queue"]
    assert sorted(queue["Ref"] for policy in policies for queue in policy["Queues"]) == sorted(queues)
    for policy in policies:
        (queue,) = policy["Queues"]
        for one in policy["PolicyDocument"]["Statement"]:
            assert one["Resource"] == {"Fn::GetAtt": [queue["Ref"], "Arn"]}
