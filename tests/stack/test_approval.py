"""Asking for approval: the topic, and its encryption key."""

from __future__ import annotations

from typing import Any

import pytest

from remediation.__main__ import DOCUMENTS
from tests.stack.cloudformation import Stack, assert_pattern
from tests.stack.test_remediation import APPROVAL

Json = dict[str, Any]

KEY = "arn:aws:kms:eu-central-1:111122223333:key/0d1f-2a"
WITH_APPROVAL = ["ManualWithApproval", "AutomaticWithApproval"]


def statement(stack: Stack, sid: str) -> Json | None:
    (policy,) = stack.properties("AutomationRole")["Policies"]
    return {one["Sid"]: one for one in policy["PolicyDocument"]["Statement"]}.get(sid)


def encrypting(key: str, topic: str) -> Json:
    """Return what SNS requires of a publisher: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html."""
    return {
        "Sid": "EncryptApprovals",
        "Effect": "Allow",
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
        "Resource": key,
        "Condition": {
            "StringEquals": {
                "kms:ViaService": "sns.eu-central-1.amazonaws.com",
                "kms:EncryptionContext:aws:sns:topicArn": topic,
            }
        },
    }


@pytest.mark.parametrize("mode", WITH_APPROVAL)
def test_a_topic_of_the_users_own_that_his_key_encrypts(template: Json, mode: str) -> None:
    stack = Stack(template, Remediation=mode, RemediationApprovalKey=KEY, **APPROVAL)
    assert statement(stack, "EncryptApprovals") == encrypting(KEY, APPROVAL["RemediationApprovalTopic"])
    assert not stack.condition("MakesApprovalTopic")


@pytest.mark.parametrize("mode", WITH_APPROVAL)
def test_a_topic_of_the_stack_is_encrypted_and_the_role_may_use_its_key(template: Json, mode: str) -> None:
    chosen = APPROVAL | {"RemediationApprovalTopic": "create", "Remediation": mode}
    stack = Stack(template, **chosen)
    for name in ("ApprovalTopic", "AutomationMayAsk", "TopicKey"):
        assert stack.condition(template["Resources"][name]["Condition"])
    topic = stack.properties("ApprovalTopic")
    assert topic["KmsMasterKeyId"] == "<TopicKey>"
    assert topic["TopicName"].startswith("Automation")
    assert statement(stack, "EncryptApprovals") == encrypting("<TopicKey.Arn>", "<ApprovalTopic>")
    assert statement(stack, "AskForApproval") == {
        "Sid": "AskForApproval",
        "Effect": "Allow",
        "Action": "sns:Publish",
        "Resource": "<ApprovalTopic>",
    }
    for path in DOCUMENTS:
        (approve,) = (step for step in stack.filled(path)["mainSteps"] if step["name"] == "approve")
        assert approve["inputs"]["NotificationArn"] == "<ApprovalTopic>"
    assert template["Outputs"]["ApprovalTopicArn"]["Value"] == {"Ref": "ApprovalTopic"}


def test_the_account_hands_the_key_on_by_iam_and_nobody_else_gets_it(template: Json) -> None:
    stack = Stack(template, Remediation="ManualWithApproval", **APPROVAL | {"RemediationApprovalTopic": "create"})
    (statement,) = stack.properties("TopicKey")["KeyPolicy"]["Statement"]
    assert statement["Principal"] == {"AWS": "arn:aws:iam::111122223333:root"}
    assert statement["Action"] == "kms:*"


def test_only_the_automation_publishes_and_only_over_tls(template: Json) -> None:
    stack = Stack(template, Remediation="ManualWithApproval", **APPROVAL | {"RemediationApprovalTopic": "create"})
    allow, deny = stack.properties("AutomationMayAsk")["PolicyDocument"]["Statement"]
    assert allow["Principal"] == {"AWS": "<AutomationRole.Arn>"}
    assert (deny["Effect"], deny["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


@pytest.mark.parametrize("mode", ["Off", "Manual", "Automatic"])
def test_without_approval_there_is_no_topic_and_no_use_of_a_key(template: Json, mode: str) -> None:
    stack = Stack(template, Remediation=mode, RemediationApprovalTopic="create", RemediationApprovalKey=KEY)
    assert not stack.condition("MakesApprovalTopic")
    assert not stack.condition("MakesTopic")
    assert statement(stack, "EncryptApprovals") is None


def test_a_topic_that_no_key_encrypts_needs_none(template: Json) -> None:
    assert statement(Stack(template, Remediation="ManualWithApproval", **APPROVAL), "EncryptApprovals") is None


@pytest.mark.parametrize(
    "name, accepted, refused",
    [
        (
            "RemediationApprovalTopic",
            ["", "create", "arn:aws:sns:eu-central-1:111122223333:Automation", APPROVAL["RemediationApprovalTopic"]],
            ["approvals", "arn:aws:sns:eu-central-1:111122223333:approvals", "arn:aws:sqs:a:111122223333:Automation"],
        ),
        (
            "RemediationApprovalKey",
            ["", KEY, "arn:aws-cn:kms:cn-north-1:111122223333:key/mrk-1"],
            ["alias/topic", "arn:aws:kms:eu-central-1:111122223333:alias/topic"],
        ),
    ],
)
def test_a_slip_is_caught_before_anything_is_deployed(
    template: Json, name: str, accepted: list[str], refused: list[str]
) -> None:
    assert_pattern(template, name, accepted, refused)
