"""Every path through the shipped documents."""

from __future__ import annotations

import json
from typing import Any

import pytest
from moto.core.exceptions import JsonRESTError
from moto.ecr.responses import ECRResponse

from tests.fakes.ecr import as_written
from tests.remediation import interpreter
from tests.remediation.conftest import BUCKET, REGION, REPOSITORY, Account
from tests.remediation.document import ACCOUNT, APPROVAL, Json
from tests.remediation.events import called
from tests.wording import sentence

ANYBODY = {"Sid": "Everybody", "Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}
PARTNER = {"Sid": "Partner", "Effect": "Allow", "Principal": {"AWS": "222233334444"}, "Action": "ecr:BatchGetImage"}
STRANGER = {"Sid": "Stranger", "Effect": "Allow", "Principal": {"AWS": "999988887777"}, "Action": "ecr:*"}
REFUSAL = "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Principal not found'"


def of(*statements: Json) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def test_a_compliant_policy_is_left_alone(account: Account) -> None:
    account.furnish(of(PARTNER))
    ran = account.remediate()
    assert (ran.status, ran.outputs["look.Decision"]) == ("Success", "Compliant")
    assert ran.steps[-1] == "end"
    assert "the policy is compliant" in ran.outputs["look.Message"]
    assert account.policy() == of(PARTNER)
    assert account.backups() == {}


STILL = sentence("left.registry_policy_still_grants")


@pytest.mark.usefixtures("open_registry")
@pytest.mark.parametrize("policy", [None, PARTNER])
def test_a_repository_that_only_the_registry_policy_opens_is_left_alone_and_not_called_compliant(
    account: Account, policy: Json | None
) -> None:
    account.furnish(policy and of(policy))
    ran = account.remediate()
    assert (ran.status, ran.outputs["look.Decision"], ran.steps[-1]) == ("Success", "OpenByRegistry", "end")
    assert STILL in ran.outputs["look.Message"]


@pytest.mark.usefixtures("open_registry")
def test_what_the_registry_policy_leaves_open_is_said_before_and_after(account: Account) -> None:
    account.furnish(of(PARTNER, STRANGER))
    ran = account.remediate()
    assert (ran.status, account.policy()) == ("Success", of(PARTNER))
    assert STILL in ran.outputs["look.Report"]
    assert ran.outputs["check.Compliance"] == "NON_COMPLIANT"
    assert sentence("check.policy_written_compliant") in ran.outputs["check.Report"]
    assert STILL in ran.outputs["check.Report"]


@pytest.mark.usefixtures("open_registry")
@pytest.mark.parametrize("operation", ["get_registry_policy", "get_account_setting"])
def test_a_registry_policy_that_may_not_be_read_leaves_it_undecided(
    account: Account, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    def refused(_: object) -> str:
        raise JsonRESTError("AccessDeniedException", "no")

    monkeypatch.setattr(ECRResponse, operation, refused, raising=False)
    account.furnish(of(PARTNER))
    ran = account.remediate()
    assert (ran.status, ran.outputs["look.Decision"]) == ("Success", "OpenByRegistry")
    assert sentence("left.registry_policy_grants") in ran.outputs["look.Message"]


@pytest.mark.parametrize("state", ["NoPolicy", "Gone"])
def test_where_there_is_no_policy_or_no_repository_there_is_nothing_to_do(account: Account, state: str) -> None:
    if state == "NoPolicy":
        account.furnish(None)
    ran = account.remediate()
    assert (ran.status, ran.outputs["look.Decision"]) == ("Success", state)
    assert ran.steps == ["look", "mayItBeWritten", "end"]


def test_a_dry_run_shows_the_plan_and_changes_nothing(account: Account) -> None:
    account.furnish(of(PARTNER, STRANGER))
    ran = account.remediate(DryRun="true")
    assert (ran.status, ran.steps[-1]) == ("Success", "end")
    assert as_written(ran.outputs["look.Wanted"]) == of(PARTNER)
    assert "999988887777" in ran.outputs["look.Report"]
    assert ran.outputs["look.Use"].startswith(sentence("find_use.no_use_seen_regions"))
    assert ran.outputs["look.Message"].startswith("a dry run: nothing was changed. no use seen")
    assert account.policy() == of(PARTNER, STRANGER)
    assert account.backups() == {}


def test_a_policy_is_narrowed_backed_up_and_judged_again(account: Account) -> None:
    account.furnish(of(PARTNER, STRANGER))
    ran = account.remediate()
    assert (ran.status, ran.failures) == ("Success", {})
    assert account.policy() == of(PARTNER)
    assert ran.outputs["check.Compliance"] == "COMPLIANT"
    assert ran.outputs["backUp.Version"] not in ("", "null")
    ((key, backup),) = account.backups().items()
    assert key == f"{ACCOUNT}/{REGION}/{REPOSITORY}/2026-11-25_12.00.00-{account.world.execution}.json"
    assert key == ran.outputs["backUp.Key"]
    assert as_written(backup["policy"]) == of(PARTNER, STRANGER)
    assert backup["verdict"]["compliance"] == "NON_COMPLIANT"
    assert backup["plan"]["action"] == "set"
    assert backup["execution"] == account.world.execution


def test_a_policy_of_which_nothing_remains_is_deleted(account: Account) -> None:
    account.furnish(of(STRANGER))
    ran = account.remediate()
    assert (ran.status, ran.outputs["writePolicy.Outcome"]) == ("Success", "Deleted")
    assert account.policy() is None
    assert ran.outputs["check.Compliance"] == "COMPLIANT"


@pytest.mark.parametrize("strategy, left", [("remove", of(PARTNER)), ("delete", None)])
def test_the_strategy_decides_what_goes(account: Account, strategy: str, left: Json | None) -> None:
    account.furnish(of(PARTNER, ANYBODY))
    account.chosen["RemediationStrategy"] = strategy
    assert account.remediate().status == "Success"
    assert account.policy() == left


def test_access_in_use_stops_the_run_with_account_action_and_last_time(account: Account) -> None:
    account.furnish(of(PARTNER, STRANGER))
    account.trail.events = [called("BatchGetImage", "999988887777", at="2026-11-20T08:00:00Z")]
    ran = account.remediate()
    assert (ran.status, ran.steps[-1]) == ("Failed", "look")
    assert "account 999988887777: ecr:BatchGetImage, 1 call, the last on 2026-11-20T08:00:00Z" in ran.message
    assert "the policy is unchanged" in ran.message
    assert account.policy() == of(PARTNER, STRANGER)
    assert account.backups() == {}


def test_access_in_use_is_cut_if_forced(account: Account) -> None:
    account.furnish(of(PARTNER, STRANGER))
    account.trail.events = [called("BatchGetImage", "999988887777", at="2026-11-20T08:00:00Z")]
    account.chosen["RemediationForce"] = "true"
    ran = account.remediate()
    assert ran.status == "Success"
    assert "account 999988887777" in ran.outputs["look.Use"]
    assert account.policy() == of(PARTNER)


def test_use_before_the_days_that_count_does_not_stop_it(account: Account) -> None:
    account.furnish(of(STRANGER))
    account.trail.events = [called("BatchGetImage", "999988887777", at="2026-11-20T08:00:00Z")]
    account.chosen["RemediationRecentUseDays"] = 3
    ran = account.remediate()
    assert ran.status == "Success"
    assert "last 3 days" in ran.outputs["look.Use"]


@pytest.mark.parametrize("force, status", [("false", "Failed"), ("true", "Success")])
def test_where_cloudtrail_cannot_be_read_it_stops_unless_forced(account: Account, force: str, status: str) -> None:
    from tests.fakes.models import ServiceError

    account.furnish(of(STRANGER))
    account.trail.fault = ServiceError("AccessDeniedException", "not for you")
    account.chosen["RemediationForce"] = force
    ran = account.remediate()
    assert ran.status == status
    assert "cannot be determined: CloudTrail answered" in ran.outputs.get("look.Use", ran.message)
    assert (account.policy() is None) == (force == "true")


def test_a_policy_changed_meanwhile_is_left_as_it_is_now(account: Account) -> None:
    account.furnish(of(STRANGER))

    def meanwhile(step: str) -> None:
        if step == "writePolicy":
            account.ecr.set_repository_policy(repositoryName=REPOSITORY, policyText=json.dumps(of(PARTNER, STRANGER)))

    account.world.before = meanwhile
    ran = account.remediate()
    assert (ran.status, ran.steps[-2:]) == ("Failed", ["backUp", "writePolicy"])
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
    assert ran.outputs["check.Compliance"] == "NOT_APPLICABLE"


def test_a_refusal_by_ecr_names_the_deleted_principal_and_changes_nothing(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    deleted = PARTNER | {"Sid": "Old", "Principal": {"AWS": ["222233334444", "AROAEXAMPLEEXAMPLE123"]}}
    account.furnish(of(deleted, STRANGER))
    refuse(monkeypatch, times=9)
    # The plan removes deleted principals by itself. Here one is deleted between plan and write.
    plan_with(account, of(deleted))
    ran = account.remediate()
    assert (ran.status, ran.steps[-1]) == ("Failed", "writePolicy")
    assert "`AROAEXAMPLEEXAMPLE123`" in ran.message
    assert ran.message.endswith("nothing was written")
    assert account.policy() == of(deleted, STRANGER)
    assert account.world.seconds > 30


def test_a_principal_that_iam_does_not_know_everywhere_yet_is_tried_again(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.furnish(of(PARTNER, STRANGER))
    refuse(monkeypatch, times=2)
    ran = account.remediate()
    assert (ran.status, account.policy()) == ("Success", of(PARTNER))


def test_a_policy_that_does_not_pass_the_check_stays_and_the_run_fails(account: Account) -> None:
    """The previous policy may give more access."""
    account.furnish(of(PARTNER, STRANGER))
    plan_with(account, of(PARTNER, ANYBODY))
    ran = account.remediate()
    assert (ran.status, ran.steps[-1]) == ("Failed", "check")
    assert sentence("check.policy_written_not_compliant") in ran.message
    assert sentence("check.stays_policy_before", backup_key=ran.outputs["backUp.Key"]) in ran.message
    assert account.policy() == of(PARTNER, ANYBODY)


def test_where_the_check_fails_the_narrower_policy_stays_and_the_run_fails(account: Account) -> None:
    account.furnish(of(PARTNER, STRANGER))
    planner = account.functions.functions["planner"]

    def broken(request: Json) -> object:
        if request["Task"] == "judge":
            raise TimeoutError("too slow")
        return planner(request)

    account.functions.functions["planner"] = broken
    ran = account.remediate()
    assert (ran.status, ran.steps[-1]) == ("Failed", "check")
    assert sentence("ask.could_not_checked_planning") in ran.message
    assert account.policy() == of(PARTNER)


def test_what_cannot_be_read_back_stays_and_the_run_fails(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    from moto.core.exceptions import JsonRESTError
    from moto.ecr.models import ECRBackend

    def refused(*_: object, **__: object) -> object:
        raise JsonRESTError("AccessDeniedException", "not any more")

    def meanwhile(step: str) -> None:
        if step == "check":
            monkeypatch.setattr(ECRBackend, "get_repository_policy", refused)

    account.furnish(of(PARTNER, STRANGER))
    account.world.before = meanwhile
    ran = account.remediate()
    monkeypatch.undo()
    assert (ran.status, ran.steps[-1]) == ("Failed", "check")
    assert "could not be checked: " in ran.message


def test_a_write_of_which_nobody_hears_stays_and_the_run_fails(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Systems Manager may end the step between the write and its answer."""
    account.furnish(of(PARTNER, STRANGER))

    steps: list[str] = []
    run_script = interpreter.Run.script

    def script(self: interpreter.Run, written: Json, payload: Json) -> Json:
        answer = run_script(self, written, payload)
        if steps[-1] == "writePolicy":
            raise interpreter.StepFailedError("the step timed out")
        return answer

    monkeypatch.setattr(interpreter.Run, "script", script)
    account.world.before = steps.append
    ran = account.remediate()
    assert (ran.status, ran.failures) == ("Failed", {"writePolicy": "the step timed out"})
    assert account.policy() == of(PARTNER)


def test_a_function_that_fails_changes_nothing(account: Account) -> None:
    account.furnish(of(STRANGER))

    def failing(_: Json) -> object:
        raise LookupError("no trust")

    account.functions.functions["planner"] = failing
    ran = account.remediate()
    assert (ran.status, ran.steps[-1]) == ("Failed", "look")
    assert sentence("ask.planning_function_gave") in ran.message
    assert account.policy() == of(STRANGER)


def test_below_the_severity_nothing_is_done(account: Account) -> None:
    reader = STRANGER | {"Action": "ecr:BatchGetImage"}
    account.furnish(of(reader))
    ran = account.remediate(MinimumSeverity="CRITICAL")
    assert (ran.status, ran.outputs["look.Decision"]) == ("Success", "BelowSeverity")
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
    account.chosen |= APPROVAL
    ran = account.remediate()
    assert ran.status == status
    assert (account.policy() is None) == approved
    assert REPOSITORY in messages[0]
    assert "CRITICAL: account 999988887777" in messages[0]


def test_a_backup_that_cannot_be_written_ends_the_run_before_the_write(account: Account) -> None:
    account.furnish(of(STRANGER))
    account.s3.delete_bucket(Bucket=BUCKET)
    ran = account.remediate()
    assert (ran.status, ran.steps[-1]) == ("Failed", "backUp")
    assert account.policy() == of(STRANGER)


def test_remediating_twice_changes_nothing_more(account: Account) -> None:
    account.furnish(of(PARTNER, STRANGER))
    account.remediate()
    assert account.remediate().outputs["look.Decision"] == "Compliant"
    assert len(account.backups()) == 1


def refuse(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """Let ECR refuse policies like the real one if IAM does not know a principal. moto accepts them all."""
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


def plan_with(account: Account, policy: Json) -> None:
    """Let the planning function return a given policy."""
    planner = account.functions.functions["planner"]

    def planned(request: Json) -> object:
        answered = planner(request)
        assert isinstance(answered, dict)
        return answered | ({"Wanted": json.dumps(policy)} if request["Task"] == "plan" else {})

    account.functions.functions["planner"] = planned
