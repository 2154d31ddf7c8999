"""The checks after an approval, which may take days."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.remediation.conftest import REPOSITORY, Account, trusting
from tests.remediation.document import APPROVAL
from tests.remediation.events import called
from tests.remediation.test_branches import PARTNER, STRANGER, of
from tests.wording import sentence

TAGGED = PARTNER | {
    "Sid": "Tagged",
    "Principal": {"AWS": "444455556666"},
    "Condition": {"StringEquals": {"aws:ResourceTag/open": "yes"}},
}


@pytest.fixture(autouse=True)
def asking(account: Account) -> None:
    account.chosen |= APPROVAL


def meanwhile(account: Account, then: Callable[[], object]) -> None:
    """Let something happen before the approval."""

    def approve(_: object) -> bool:
        then()
        return True

    account.world.approve = approve


def test_what_is_still_as_it_was_is_written(account: Account) -> None:
    account.furnish(of(PARTNER, STRANGER))
    ran = account.remediate()
    assert (ran.status, account.policy()) == ("Success", of(PARTNER))
    assert ran.steps[:5] == ["look", "mayItBeWritten", "approve", "lookAgain", "mayItStillBeWritten"]


def test_use_that_began_while_the_approver_slept_stops_the_run(account: Account) -> None:
    account.furnish(of(PARTNER, STRANGER))

    def used() -> None:
        account.world.now = "2026-11-29_12.00.00"
        account.trail.events = [called("BatchGetImage", at="2026-11-28T08:00:00Z")]

    meanwhile(account, used)
    ran = account.remediate()
    assert (ran.status, ran.steps[-1], account.policy()) == ("Failed", "lookAgain", of(PARTNER, STRANGER))
    assert "account 999988887777: ecr:BatchGetImage, 1 call, the last on 2026-11-28T08:00:00Z" in ran.message


def test_under_force_use_that_the_approver_did_not_see_stops_the_run(account: Account) -> None:
    account.chosen["RemediationForce"] = "true"
    account.furnish(of(STRANGER))

    def used() -> None:
        account.trail.events = [called("BatchGetImage")]

    meanwhile(account, used)
    ran = account.remediate()
    assert (ran.status, account.policy()) == ("Failed", of(STRANGER))
    assert sentence("approved.since_approval_asked") in ran.message


def test_a_tag_that_changes_what_would_be_written_stops_the_run(account: Account) -> None:
    account.furnish(of(TAGGED, STRANGER))
    arn = account.ecr.describe_repositories()["repositories"][0]["repositoryArn"]
    meanwhile(account, lambda: account.ecr.tag_resource(resourceArn=arn, tags=[{"Key": "open", "Value": "yes"}]))
    ran = account.remediate()
    assert (ran.status, ran.steps[-1], account.policy()) == ("Failed", "lookAgain", of(TAGGED, STRANGER))
    assert sentence("approved.policy_would_written") in ran.message


def test_trust_that_changes_what_would_be_written_stops_the_run(account: Account) -> None:
    account.furnish(of(PARTNER, STRANGER))

    def nobody() -> None:
        account.trust = trusting()

    meanwhile(account, nobody)
    ran = account.remediate()
    assert (ran.status, account.policy()) == ("Failed", of(PARTNER, STRANGER))
    assert sentence("approved.policy_would_written") in ran.message


def test_another_policy_by_then_stops_the_run(account: Account) -> None:
    account.furnish(of(STRANGER))
    other = json.dumps(of(STRANGER | {"Sid": "Another"}))
    meanwhile(account, lambda: account.ecr.set_repository_policy(repositoryName=REPOSITORY, policyText=other))
    ran = account.remediate()
    assert (ran.status, account.policy()) == ("Failed", json.loads(other))
    assert sentence("approved.policy_repository_changed") in ran.message


def test_a_policy_that_is_compliant_by_then_is_left_alone(account: Account) -> None:
    account.furnish(of(STRANGER))
    closed = json.dumps(of(PARTNER))
    meanwhile(account, lambda: account.ecr.set_repository_policy(repositoryName=REPOSITORY, policyText=closed))
    ran = account.remediate()
    assert (ran.status, ran.steps[-1], account.policy()) == ("Success", "end", of(PARTNER))
    assert "the policy is compliant" in ran.outputs["lookAgain.Message"]
