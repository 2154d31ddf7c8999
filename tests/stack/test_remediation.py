"""Remediation in the stack: off unless chosen, pinned, least-privileged, and the way back kept safe."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

import pytest
from ecr_crossaccount.config_rule.lists import trust_of

from tests.config_rule.test_parameters import TODAY
from tests.remediation.document import Document, check_value
from tests.stack.conftest import ROOT
from tests.stack.test_template import input_parameters

Json = dict[str, Any]

MODES = ["Off", "Manual", "ManualWithApproval", "Automatic", "AutomaticWithApproval"]
REMEDIATE = Document.load(ROOT / "remediation" / "remediate.yaml")


class Stack:
    """What CloudFormation makes of the intrinsics that stand in the remediation's resources."""

    def __init__(self, template: Json, **chosen: object) -> None:
        self.template = template
        self.values: Json = {name: one.get("Default", "") for name, one in template["Parameters"].items()} | chosen
        self.values |= {"AWS::AccountId": "111122223333", "AWS::Region": "eu-central-1", "AWS::Partition": "aws"}
        self.values |= {"AWS::URLSuffix": "amazonaws.com", "AWS::StackName": "ecr-crossaccount"}

    def condition(self, name: str) -> bool:
        return bool(self.resolved(self.template["Conditions"][name]))

    def properties(self, name: str) -> Json:
        found: Json = self.resolved(self.template["Resources"][name]["Properties"])
        return found

    def resolved(self, value: Any) -> Any:  # noqa: ANN401 - JSON
        if isinstance(value, list):
            found = [self.resolved(one) for one in value]
            return [one for one in found if one is not None]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((name, argument),) = value.items()
            if name in ("Ref", "Condition") or name.startswith("Fn::"):
                return self._intrinsic(name, argument)
        parts = {key: self.resolved(one) for key, one in value.items()}
        return {key: one for key, one in parts.items() if one is not None}

    def _intrinsic(self, name: str, argument: Any) -> Any:  # noqa: ANN401, C901, PLR0911, PLR0912 - a line an intrinsic
        match name:
            case "Ref":
                return None if argument == "AWS::NoValue" else self.values.get(argument, f"<{argument}>")
            case "Fn::GetAtt":
                return f"<{'.'.join(argument)}>"
            case "Fn::If":
                return self.resolved(argument[1] if self.condition(argument[0]) else argument[2])
            case "Fn::Equals":
                return str(self.resolved(argument[0])) == str(self.resolved(argument[1]))
            case "Fn::Not":
                return not self.resolved(argument[0])
            case "Condition":
                return self.condition(argument)
            case "Fn::And":
                return all(self.resolved(one) for one in argument)
            case "Fn::Or":
                return any(self.resolved(one) for one in argument)
            case "Fn::Join":
                return argument[0].join(self.resolved(argument[1]))
            case "Fn::Split":
                return self.resolved(argument[1]).split(argument[0])
            case "Fn::Select":
                return self.resolved(argument[1])[int(argument[0])]
            case "Fn::Sub":
                text, names = argument if isinstance(argument, list) else (argument, {})
                known = self.values | self.resolved(names)
                return re.sub(r"\$\{([^}]+)\}", lambda found: str(known.get(found[1], f"<{found[1]}>")), text)
            case _:
                raise AssertionError(f"{name} is used nowhere here")


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
    }


@pytest.mark.parametrize("mode", MODES[1:])
def test_config_starts_it_by_itself_only_if_told_to(template: Json, mode: str) -> None:
    found = Stack(template, Remediation=mode, **APPROVAL).properties("RemediationConfiguration")
    by_itself = mode.startswith("Automatic")
    assert found["Automatic"] is by_itself
    assert ("MaximumAutomaticAttempts" in found, "RetryAttemptSeconds" in found) == (by_itself, by_itself)
    assert found["ConfigRuleName"] == "<Rule>"
    assert (found["TargetType"], found["TargetId"]) == ("SSM_DOCUMENT", "<RemediateDocument>")


def test_the_version_is_pinned_and_is_the_shipped_content(template: Json) -> None:
    assert template["Resources"]["RemediationConfiguration"]["Properties"]["TargetVersion"] == "1"
    for name, file in (("RemediateDocument", "remediate.yaml"), ("RestoreDocument", "restore.yaml")):
        document = template["Resources"][name]["Properties"]
        # Without a name, and replaced rather than updated, a changed document is a new one whose version is 1.
        assert set(document) == {"DocumentType", "Content"}
        location = document["Content"]["Fn::Transform"]["Parameters"]["Location"]
        assert location == f"remediation/{file}"
        assert (ROOT / location).is_file()


@pytest.mark.parametrize("mode", MODES[1:])
def test_what_config_passes_is_what_the_document_takes(template: Json, mode: str) -> None:
    stack = Stack(template, Remediation=mode, RemediationOrganizationAccounts=["222233334444"], **APPROVAL)
    passed = stack.properties("RemediationConfiguration")["Parameters"]
    assert passed.pop("RepositoryName") == {"ResourceValue": {"Value": "RESOURCE_ID"}}
    made_with_the_stack = {"AutomationAssumeRole", "PlanFunction", "BackupBucket", "ConfigRuleName"}
    for name, value in passed.items():
        values = value["StaticValue"]["Values"]
        assert len(values) <= 25
        assert all(1 <= len(str(one)) <= 256 for one in values)
        if name not in made_with_the_stack:
            declared = REMEDIATE.parameters[name]
            check_value(name, declared, values if declared["type"] == "StringList" else str(*values))
    assert set(passed) >= made_with_the_stack
    assert set(passed) | {"RepositoryName"} <= set(REMEDIATE.parameters)
    assert "Force" not in passed
    assert passed["DryRun"] == {"StaticValue": {"Values": ["true"]}}
    assert passed["Approval"]["StaticValue"]["Values"] == ["required" if "Approval" in mode else "not-required"]
    assert ("Approvers" in passed) == ("Approval" in mode)


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
    assert taken["Condition"] == {"StringEquals": {"aws:SourceAccount": "111122223333"}}


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
        "Plan": "<PlanFunction.Arn>",
        "KeepAndReadBackups": "<BackupBucket.Arn>/111122223333/eu-central-1/*",
        "EvaluateAgain": "<Rule.Arn>",
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
        assert bucket["ObjectLockConfiguration"]["Rule"]["DefaultRetention"] == {"Mode": "GOVERNANCE", "Days": days}


def test_backups_travel_encrypted(template: Json) -> None:
    policy = Stack(template).properties("BackupBucketPolicy")["PolicyDocument"]
    (statement,) = policy["Statement"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Resource"] == ["<BackupBucket.Arn>", "<BackupBucket.Arn>/*"]
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
