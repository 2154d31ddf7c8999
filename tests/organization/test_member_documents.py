"""A member's documents in operation: they call the central planning function, and narrow their account's policy."""

from __future__ import annotations

import json

import pytest
from ecr_crossaccount.products.automation.planner import answer

from tests.organization.releases import Release
from tests.remediation.conftest import BUCKET, COMMON, Account, account, moto
from tests.remediation.document import ACCOUNT, ROLE, Document
from tests.remediation.interpreter import run
from tests.stack.cloudformation import Stack

__all__ = ["account", "moto"]

CENTRAL = "444455556666"
PLAN = f"arn:aws:lambda:eu-central-1:{CENTRAL}:function:ecr-crossaccount-plan"
OPEN = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": ["222233334444", "999988887777"]},
            "Action": "ecr:BatchGetImage",
        }
    ],
}


@pytest.fixture
def remediate(made: Release) -> Document:
    """Return the document as the StackSet deploys it in the account."""
    names = {"AutomationRole.Arn": ROLE, "BackupBucket": BUCKET}
    chosen = {"CentralAccount": CENTRAL, "Remediation": "Automatic", "RemediationDryRun": "false"}
    stack = Stack(json.loads(made.stored("members").content), names, **{"AWS::AccountId": ACCOUNT, **chosen})
    return Document.parse("remediate", stack.properties("RemediateDocument")["Content"])


def test_the_policy_is_narrowed_to_what_the_central_side_trusts(account: Account, remediate: Document) -> None:
    account.functions.functions = {PLAN: lambda request: answer(request, account.trust)}
    account.furnish(OPEN)
    done = run(remediate, account.world, **COMMON)
    assert done.status == "Success"
    (statement,) = account.policy()["Statement"]
    assert "999988887777" not in json.dumps(statement)
    assert "222233334444" in json.dumps(statement)
    assert len(account.backups()) == 1


def test_nothing_is_changed_where_the_central_function_does_not_answer(account: Account, remediate: Document) -> None:
    account.functions.functions = {}
    account.furnish(OPEN)
    done = run(remediate, account.world, **COMMON)
    assert done.status == "Failed"
    assert account.policy() == OPEN
