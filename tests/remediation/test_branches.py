"""Every way through the shipped documents."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.remediation import interpreter
from tests.remediation.conftest import ACCOUNT, BUCKET, REGION, REPOSITORY, Account
from tests.remediation.document import Json
from tests.remediation.events import called

ANYBODY = {"Sid": "Everybody", "Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}
PARTNER = {"Sid": "Partner", "Effect": "Allow", "Principal": {"AWS": "222233334444"}, "Action": "ecr:BatchGetImage"}
STRANGER = {"Sid": "Stranger", "Effect": "Allow", "Principal": {"AWS": "999988887777"}, "Action": "ecr:*"}
REFUSAL = "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Principal not found'"


def of(*statements: Json) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def test_a_compliant_policy_is_left_alone(account: Account) -> None:
    account.furnish(of(PARTNER))
    ran = account.remediate()
    assert (ran.status, ran.outputs["readPlan.Decision"]) == ("Success", "Compliant")
    assert ran.steps[-1] == "endUnchanged"
    assert "the policy is compliant" in ran.outputs["endUnchanged.Message"]
    assert account.policy() == of(PARTNER)
    assert account.backups() == {}


@pytest.mark.parametrize("state", ["NoPolicy", "Gone"])
def test_where_there_is_no_policy_or_no_repository_there_is_nothing_to_do(account: Account, state: str) -> None:
    if state == "NoPolicy":
        account.furnish(None)
    ran = account.remediate()
    assert (ran.status, ran.outputs["readPolicy.State"]) == ("Success", state)
    assert ran.steps == ["readPolicy", "isThereAPolicy", "endWithoutPolicy"]


def test_a_dry_run_shows_the_plan_and_changes_nothing(account: Account) -> None:
    account.furnish(of(PARTNER, STRANGER))
    ran = account.remediate(DryRun="true")
    assert (ran.status, ran.steps[-1]) == ("Success", "endDryRun")
    assert json.loads(ran.outputs["readPlan.Wanted"]) == of(PARTNER)
    assert "999988887777" in ran.outputs["readPlan.Report"]
    assert ran.outputs["findRecentUse.Report"].startswith("no use seen in this Region's last 30 days")
    assert ran.outputs["endDryRun.Message"].startswith("a dry run: nothing was changed. no use seen")
    assert account.policy() == of(PARTNER, STRANGER)
    assert account.backups() == {}


def test_a_policy_is_narrowed_backed_up_and_judged_again(account: Account) -> None:
    account.furnish(of(PARTNER, STRANGER))
    ran = account.remediate()
    assert (ran.status, ran.failures) == ("Success", {})
    assert account.policy() == of(PARTNER)
    assert ran.outputs["checkVerdict.Compliance"] == "COMPLIANT"
    assert account.config.started == ["ecr-repository-cross-account-access-check"]
    ((key, backup),) = account.backups().items()
    assert key == f"{ACCOUNT}/{REGION}/{REPOSITORY}/2026-11-25_12.00.00-{account.world.execution}.json"
    assert key == ran.outputs["backUp.Key"]
    assert json.loads(backup["policy"]) == of(PARTNER, STRANGER)
    assert backup["verdict"]["compliance"] == "NON_COMPLIANT"
    assert backup["plan"]["action"] == "set"
    assert backup["execution"] == account.world.execution


def test_a_policy_of_which_nothing_remains_is_deleted(account: Account) -> None:
    account.furnish(of(STRANGER))
    ran = account.remediate()
    assert (ran.status, ran.outputs["writePolicy.Outcome"]) == ("Success", "Deleted")
    assert account.policy() is None
    assert ran.outputs["checkVerdict.Compliance"] == "COMPLIANT"


@pytest.mark.parametrize("strategy, left", [("remove", of(PARTNER)), ("delete", None)])
def test_the_strategy_decides_what_goes(account: Account, strategy: str, left: Json | None) -> None:
    account.furnish(of(PARTNER, ANYBODY))
    assert account.remediate(Strategy=strategy).status == "Success"
    assert account.policy() == left


def test_access_in_use_stops_the_run_with_account_action_and_last_time(account: Account) -> None:
    account.furnish(of(PARTNER, STRANGER))
    account.trail.events = [called("BatchGetImage", "999988887777", at="2026-11-20T08:00:00Z")]
    ran = account.remediate()
    assert (ran.status, ran.steps[-1]) == ("Failed", "stopInUse")
    assert "account 999988887777: ecr:BatchGetImage, 1 call, the last on 2026-11-20T08:00:00Z" in ran.message
    assert "the policy is unchanged" in ran.message
    assert account.policy() == of(PARTNER, STRANGER)
    assert account.backups() == {}


def test_access_in_use_is_cut_if_forced(account: Account) -> None:
    account.furnish(of(PARTNER, STRANGER))
    account.trail.events = [called("BatchGetImage", "999988887777", at="2026-11-20T08:00:00Z")]
    ran = account.remediate(Force="true")
    assert ran.status == "Success"
    assert "account 999988887777" in ran.outputs["findRecentUse.Report"]
    assert account.policy() == of(PARTNER)


def test_use_before_the_days_that_count_does_not_stop_it(account: Account) -> None:
    account.furnish(of(STRANGER))
    account.trail.events = [called("BatchGetImage", "999988887777", at="2026-11-20T08:00:00Z")]
    ran = account.remediate(RecentUseDays="3")
    assert ran.status == "Success"
    assert "last 3 days" in ran.outputs["findRecentUse.Report"]


@pytest.mark.parametrize("force, status", [("false", "Failed"), ("true", "Success")])
def test_where_cloudtrail_cannot_be_read_it_stops_unless_forced(account: Account, force: str, status: str) -> None:
    from tests.fakes.config_service import ServiceError

    account.furnish(of(STRANGER))
    account.trail.fault = ServiceError("AccessDeniedException", "not for you")
    ran = account.remediate(Force=force)
    assert ran.status == status
    assert "cannot be told: CloudTrail answered" in ran.outputs["findRecentUse.Report"]
    assert (account.policy() is None) == (force == "true")


def test_a_policy_changed_meanwhile_is_left_as_it_is_now(account: Account) -> None:
    account.furnish(of(STRANGER))

    def meanwhile(step: str) -> None:
        if step == "writePolicy":
            account.ecr.set_repository_policy(repositoryName=REPOSITORY, policyText=json.dumps(of(PARTNER, STRANGER)))

    account.world.before = meanwhile
    ran = account.remediate()
    assert (ran.status, ran.steps[-2:]) == ("Failed", ["writePolicy", "putBack"])
    assert "was changed meanwhile" in ran.failures["writePolicy"]
    assert "was changed meanwhile" in ran.message
    assert account.policy() == of(PARTNER, STRANGER)


def test_a_repository_deleted_meanwhile_is_no_failure(account: Account) -> None:
    account.furnish(of(STRANGER))

    def meanwhile(step: str) -> None:
        if step == "writePolicy":
            account.ecr.delete_repository(repositoryName=REPOSITORY, force=True)

    account.world.before = meanwhile
    ran = account.remediate()
    assert (ran.status, ran.outputs["writePolicy.Outcome"]) == ("Success", "Gone")


def test_a_refusal_by_ecr_names_the_deleted_principal_and_changes_nothing(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    deleted = PARTNER | {"Sid": "Old", "Principal": {"AWS": ["222233334444", "AROAEXAMPLEEXAMPLE123"]}}
    account.furnish(of(deleted, STRANGER))
    refuse(monkeypatch, times=9)
    # The plan drops deleted principals by itself; here one is deleted between plan and write.
    account.world.invoke = _planned_with(account, of(deleted))
    ran = account.remediate()
    assert (ran.status, ran.steps[-2:]) == ("Failed", ["writePolicy", "putBack"])
    assert "`AROAEXAMPLEEXAMPLE123`" in ran.failures["writePolicy"]
    assert "nothing was written" in ran.failures["writePolicy"]
    assert ran.message.endswith("the policy is unchanged")
    assert account.policy() == of(deleted, STRANGER)
    assert account.world.seconds > 30


def test_a_principal_that_iam_does_not_know_everywhere_yet_is_tried_again(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.furnish(of(PARTNER, STRANGER))
    refuse(monkeypatch, times=2)
    ran = account.remediate()
    assert (ran.status, account.policy()) == ("Success", of(PARTNER))


def test_a_policy_that_does_not_pass_the_check_is_put_back(account: Account) -> None:
    account.furnish(of(PARTNER, STRANGER))
    account.world.invoke = _planned_with(account, of(PARTNER, ANYBODY))
    ran = account.remediate()
    assert (ran.status, ran.steps[-2:]) == ("Failed", ["checkVerdict", "putBack"])
    assert "is not compliant" in ran.failures["checkVerdict"]
    assert "the old policy was put back" in ran.message
    assert account.policy() == of(PARTNER, STRANGER)


def test_what_cannot_be_read_back_is_put_back(account: Account) -> None:
    account.furnish(of(PARTNER, STRANGER))
    planner = account.world.invoke

    def broken(name: str, request: Json) -> tuple[str, bool]:
        if request["Task"] == "judge":
            return json.dumps({"errorType": "Timeout", "errorMessage": "too slow"}), True
        return planner(name, request)

    account.world.invoke = broken
    ran = account.remediate()
    assert (ran.status, ran.steps[-1]) == ("Failed", "putBack")
    assert "too slow" in ran.failures["checkVerdict"]
    assert account.policy() == of(PARTNER, STRANGER)


def test_a_write_of_which_nobody_hears_is_undone(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """Systems Manager may end the step between the write and its answer."""
    account.furnish(of(PARTNER, STRANGER))

    steps: list[str] = []
    run_script = interpreter._Run._script

    def script(self: interpreter._Run, written: Json, payload: Json) -> Json:
        answer = run_script(self, written, payload)
        if steps[-1] == "writePolicy":
            raise interpreter.StepFailedError("the step timed out")
        return answer

    monkeypatch.setattr(interpreter._Run, "_script", script)
    account.world.before = steps.append
    ran = account.remediate()
    assert (ran.status, ran.failures["writePolicy"]) == ("Failed", "the step timed out")
    assert ran.message.endswith("the old policy was put back")


def test_a_repository_that_is_gone_cannot_be_put_back(account: Account) -> None:
    account.furnish(of(STRANGER))
    account.world.invoke = _planned_with(account, of(ANYBODY))

    def meanwhile(step: str) -> None:
        if step == "putBack":
            account.ecr.delete_repository(repositoryName=REPOSITORY, force=True)

    account.world.before = meanwhile
    assert account.remediate().message.endswith("the repository is gone")


def test_a_policy_that_somebody_wrote_since_is_not_put_back_over(account: Account) -> None:
    account.furnish(of(PARTNER, STRANGER))
    account.world.invoke = _planned_with(account, of(PARTNER, ANYBODY))

    def meanwhile(step: str) -> None:
        if step == "putBack":
            account.ecr.set_repository_policy(repositoryName=REPOSITORY, policyText=json.dumps(of(PARTNER)))

    account.world.before = meanwhile
    ran = account.remediate()
    assert "was changed meanwhile: it was left as it is now" in ran.message
    assert account.policy() == of(PARTNER)


def test_a_function_that_fails_changes_nothing(account: Account) -> None:
    account.furnish(of(STRANGER))
    account.world.invoke = lambda *_: (json.dumps({"errorMessage": "no trust"}), True)
    ran = account.remediate()
    assert (ran.status, ran.steps[-1]) == ("Failed", "readPlan")
    assert "nothing was changed: no trust" in ran.message
    assert account.policy() == of(STRANGER)


def test_below_the_severity_nothing_is_done(account: Account) -> None:
    reader = STRANGER | {"Action": "ecr:BatchGetImage"}
    account.furnish(of(reader))
    ran = account.remediate(MinimumSeverity="CRITICAL")
    assert (ran.status, ran.outputs["readPlan.Decision"]) == ("Success", "BelowSeverity")
    assert account.policy() == of(reader)
    assert account.remediate(MinimumSeverity="MEDIUM").status == "Success"
    assert account.policy() is None


@pytest.mark.parametrize("approved, status", [(True, "Success"), (False, "Failed")])
def test_where_approval_is_required_a_person_decides(account: Account, *, approved: bool, status: str) -> None:
    account.furnish(of(STRANGER))
    messages: list[str] = []

    def decide(inputs: Json) -> bool:
        messages.append(inputs["Message"])
        return approved

    account.world.approve = decide
    ran = account.remediate(
        Approval="required",
        ApprovalTopic=f"arn:aws:sns:{REGION}:{ACCOUNT}:approvals",
        Approvers=[f"arn:aws:iam::{ACCOUNT}:role/security"],
    )
    assert ran.status == status
    assert (account.policy() is None) == approved
    assert REPOSITORY in messages[0]
    assert "CRITICAL: account 999988887777" in messages[0]


def test_a_backup_that_cannot_be_written_ends_the_run_before_the_write(account: Account) -> None:
    account.furnish(of(STRANGER))
    ran = account.remediate(BackupBucket="not-there")
    assert (ran.status, ran.steps[-1]) == ("Failed", "backUp")
    assert account.policy() == of(STRANGER)


def test_config_that_is_busy_is_no_failure(account: Account) -> None:
    account.furnish(of(STRANGER))
    account.config.fail("StartConfigRulesEvaluation", "LimitExceededException", times=9)
    ran = account.remediate()
    assert (ran.status, list(ran.failures)) == ("Success", ["evaluateAgain"])
    assert account.policy() is None


def test_remediating_twice_changes_nothing_more(account: Account) -> None:
    account.furnish(of(PARTNER, STRANGER))
    account.remediate()
    assert account.remediate().outputs["readPlan.Decision"] == "Compliant"
    assert len(account.backups()) == 1


def test_what_was_replaced_is_restored_after_showing_what_it_opens(account: Account) -> None:
    account.furnish(of(PARTNER, STRANGER))
    key = account.remediate().outputs["backUp.Key"]
    shown = account.restore(key, DryRun="true")
    assert (shown.status, shown.steps[-1]) == ("Success", "endDryRun")
    assert "CRITICAL: account 999988887777" in shown.outputs["showWhatItOpens.Report"]
    assert account.policy() == of(PARTNER)
    account.world.execution = "0a1b2c3d-0000-4000-8000-000000000002"
    ran = account.restore(key)
    assert (ran.status, account.policy()) == ("Success", of(PARTNER, STRANGER))
    again = account.backups()[ran.outputs["backUp.Key"]]
    assert (json.loads(again["policy"]), again["replaced_by"]) == (of(PARTNER), key)


def test_a_restored_policy_can_be_the_one_that_was_deleted(account: Account) -> None:
    account.furnish(of(STRANGER))
    key = account.remediate().outputs["backUp.Key"]
    assert account.restore(key).status == "Success"
    assert account.policy() == of(STRANGER)


@pytest.mark.parametrize(
    "change, problem",
    [
        ({"repository": "team/other"}, "is of repository `team/other`, not of `team/base`"),
        ({"account": "999988887777"}, "is of account `999988887777`"),
        ({"region": "us-east-1"}, "is of region `us-east-1`"),
        ({"version": 2}, "is no backup"),
        ({"policy": {}}, "is no backup"),
        ({"policy": "{"}, "is not JSON"),
    ],
)
def test_a_backup_of_something_else_is_refused(account: Account, change: Json, problem: str) -> None:
    account.furnish(of(STRANGER))
    key = account.remediate().outputs["backUp.Key"]
    account.s3.put_object(Bucket=BUCKET, Key=key, Body=json.dumps({**account.backups()[key], **change}).encode())
    ran = account.restore(key)
    assert (ran.status, ran.steps[-1]) == ("Failed", "readBackup")
    assert problem in ran.message
    assert account.policy() is None


@pytest.mark.parametrize("body", [b"\xff\xfe", b"{}" * 600_000, b"[]"])
def test_what_is_no_backup_is_refused(account: Account, body: bytes) -> None:
    account.furnish(None)
    key = f"{ACCOUNT}/{REGION}/{REPOSITORY}/2026-11-25_12.00.00-0a1b.json"
    account.s3.put_object(Bucket=BUCKET, Key=key, Body=body)
    assert "no backup" in account.restore(key).message


def test_there_is_no_restoring_on_a_repository_that_is_gone(account: Account) -> None:
    ran = account.restore(f"{ACCOUNT}/{REGION}/{REPOSITORY}/2026-11-25_12.00.00-0a1b.json")
    assert (ran.status, ran.steps[-1]) == ("Failed", "stopWithoutRepository")
    assert "no repository team/base" in ran.message


def refuse(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """Let ECR refuse policies as the real one does for principals that IAM does not know; moto takes them all."""
    from moto.core.exceptions import JsonRESTError
    from moto.ecr.models import ECRBackend

    left = [times]
    accept = ECRBackend.set_repository_policy

    def set_repository_policy(self: ECRBackend, **request: str) -> object:
        if left[0]:
            left[0] -= 1
            raise JsonRESTError("InvalidParameterException", REFUSAL)
        return accept(self, **request)

    monkeypatch.setattr(ECRBackend, "set_repository_policy", set_repository_policy)


def _planned_with(account: Account, policy: Json) -> Callable[[str, Json], tuple[str, bool]]:
    """Return a planning function that wants a policy of its own."""
    planner = account.planner

    def invoke(name: str, request: Json) -> tuple[str, bool]:
        text, is_error = planner(name, request)
        answered = json.loads(text)
        if request["Task"] == "plan":
            answered["Wanted"] = json.dumps(policy)
        return json.dumps(answered), is_error

    return invoke
