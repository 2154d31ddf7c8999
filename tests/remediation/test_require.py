"""The strategy `require` in the documents: statements are added and kept. A run with open access does not succeed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ecr_crossaccount import Required
from ecr_crossaccount.sources.register.content import Location
from ecr_crossaccount.sources.register.stores import Held

from tests.fakes.ecr import as_written
from tests.remediation.conftest import Account, trusting
from tests.remediation.document import ACCOUNT, APPROVAL, Json
from tests.remediation.events import called
from tests.remediation.test_branches import ANYBODY, PARTNER, STRANGER, of
from tests.wording import sentence

FRIEND = "222233334444"
PLACE = Location.parse("s3://required/ecr.json")


def perimeter(*accounts: str, **more: object) -> dict[str, Any]:
    condition = {
        "StringNotEqualsIfExists": {"aws:PrincipalAccount": [ACCOUNT, *accounts]},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    }
    deny = {"Sid": "Perimeter", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "ecr:*", "Condition": condition}
    return deny | more


PERIMETER = perimeter(FRIEND)


def requiring(*statements: Json, version: str = "v1") -> Held[Required | None]:
    digest = f"{len(json.dumps(statements)):064}"
    return Held(PLACE, "requiredStatements", Required.parse(list(statements)), version, digest)


@pytest.fixture(autouse=True)
def strategy(account: Account) -> None:
    account.chosen["RemediationStrategy"] = "require"
    account.required = requiring(PERIMETER)


# --- added and kept ---


def test_what_is_missing_is_put_in_backed_up_and_judged(account: Account) -> None:
    account.furnish(of(PARTNER))
    ran = account.remediate()
    assert (ran.status, ran.failures) == ("Success", {})
    assert account.policy() == of(PARTNER, PERIMETER)
    assert ran.outputs["check.Compliance"] == "COMPLIANT"
    report = ran.outputs["look.Report"].splitlines()
    assert report[0] == f"required: `{PLACE}`, version v1, SHA-256 {account.required.digest}"  # type: ignore[union-attr]
    assert any("required statement `Perimeter` added" in line for line in report)
    assert report[-2:] == ["what stays open afterwards:", sentence("planner.policy_gives_no_untrusted")]
    ((_, backup),) = account.backups().items()
    assert as_written(backup["policy"]) == of(PARTNER)
    assert backup["plan"]["strategy"] == "require"
    assert backup["plan"]["required"] == {"place": str(PLACE), "version": "v1", "sha256": account.required.digest}  # type: ignore[union-attr]


def test_a_statement_that_differs_is_replaced_whole(account: Account) -> None:
    account.furnish(of(PARTNER, PERIMETER | {"Action": "ecr:PutImage"}))
    assert account.remediate().status == "Success"
    assert account.policy() == of(PARTNER, PERIMETER)


def test_a_policy_that_has_it_is_left_alone(account: Account) -> None:
    account.furnish(of(PARTNER, PERIMETER))
    ran = account.remediate()
    assert (ran.status, ran.outputs["look.Decision"]) == ("Success", "Compliant")
    assert sentence("planner.policy_required_statements") in ran.outputs["look.Message"]
    assert account.backups() == {}


def test_a_repository_without_a_policy_gets_one_and_restore_takes_it_away(account: Account) -> None:
    account.furnish(None)
    ran = account.remediate()
    assert (ran.status, account.policy()) == ("Success", of(PERIMETER))
    account.world.execution = "0a1b2c3d-0000-4000-8000-000000000002"
    assert account.restore(ran).status == "Success"
    assert account.policy() is None


def test_a_repository_that_is_gone_ends_the_run(account: Account) -> None:
    ran = account.remediate()
    assert (ran.status, ran.outputs["look.Decision"]) == ("Success", "Gone")


def test_restore_puts_the_old_policy_back_says_what_it_lacks_and_the_next_run_puts_it_in_again(
    account: Account,
) -> None:
    account.furnish(of(PARTNER))
    ran = account.remediate()
    account.world.execution = "0a1b2c3d-0000-4000-8000-000000000002"
    back = account.restore(ran)
    assert (back.status, account.policy()) == ("Success", of(PARTNER))
    report = back.outputs["lookAtBackup.Report"]
    assert report.startswith(sentence("planner.does_not_required_statements"))
    assert "`s3://required/ecr.json`, version v1" in report
    assert sentence("planner.next_remediation_strategy") in report
    account.world.execution = "0a1b2c3d-0000-4000-8000-000000000003"
    assert account.remediate().status == "Success"
    assert account.policy() == of(PARTNER, PERIMETER)


def test_restore_works_while_nobody_can_read_what_is_required(account: Account) -> None:
    account.furnish(of(PARTNER))
    ran = account.remediate()
    account.required = Held(
        PLACE, "requiredStatements", None, problem="it cannot be used (NoSuchKey)", detail="no such key"
    )
    account.world.execution = "0a1b2c3d-0000-4000-8000-000000000002"
    back = account.restore(ran)
    assert (back.status, account.policy()) == ("Success", of(PARTNER))
    assert back.outputs["lookAtBackup.Report"].startswith(sentence("planner.whether_required_statements"))


def test_a_dry_run_shows_the_plan_and_changes_nothing(account: Account) -> None:
    account.furnish(of(PARTNER))
    ran = account.remediate(DryRun="true")
    assert (ran.status, as_written(ran.outputs["look.Wanted"])) == ("Success", of(PARTNER, PERIMETER))
    assert account.policy() == of(PARTNER)


def test_a_missing_statement_alone_is_low(account: Account) -> None:
    account.furnish(of(PARTNER))
    ran = account.remediate(MinimumSeverity="MEDIUM")
    assert (ran.status, ran.outputs["look.Decision"]) == ("Success", "BelowSeverity")
    assert sentence("planner.statement_missing_low") in ran.outputs["look.Message"]
    assert account.policy() == of(PARTNER)


# --- open access is not a success ---


def test_what_it_leaves_open_is_said_before_and_fails_the_run_after(account: Account) -> None:
    account.furnish(of(ANYBODY))
    ran = account.remediate()
    assert (ran.status, ran.steps[-1]) == ("Failed", "check")
    assert account.policy() == of(ANYBODY, PERIMETER)
    left = "any AWS service, acting for any account, can pull"
    assert left in ran.outputs["look.Report"].partition("what stays open afterwards:")[2]
    assert sentence("planner.required_statements_stays") in ran.message
    assert sentence("planner.close_remediate_strategy") in ran.message
    assert left in ran.message
    assert sentence("check.stays_policy_before", backup_key=ran.outputs["backUp.Key"]) in ran.message


def test_where_nothing_is_missing_and_something_is_open_the_run_fails(account: Account) -> None:
    account.furnish(of(ANYBODY, PERIMETER))
    ran = account.remediate()
    assert (ran.status, ran.steps) == ("Failed", ["look"])
    assert "the policy is unchanged" in ran.message
    assert sentence("planner.required_statements_stays") in ran.message
    assert sentence("planner.close_remediate_strategy") in ran.message
    assert account.policy() == of(ANYBODY, PERIMETER)


def test_a_written_policy_that_lacks_it_again_fails_the_run(account: Account) -> None:
    account.furnish(of(PARTNER))

    def meanwhile(step: str) -> None:
        if step == "check":
            account.ecr.set_repository_policy(repositoryName="team/base", policyText=json.dumps(of(PARTNER)))

    account.world.before = meanwhile
    ran = account.remediate()
    assert (ran.status, ran.steps[-1]) == ("Failed", "check")
    assert sentence("planner.does_not_required_statements_perimeter") in ran.message


# --- refusals ---


def refused(account: Account, policy: Json, *words: str) -> None:
    account.furnish(policy)
    ran = account.remediate()
    assert (ran.status, ran.steps) == ("Failed", ["look"])
    for word in ("the policy is unchanged", *words):
        assert word in ran.message
    assert account.policy() == policy
    assert account.backups() == {}


def test_whom_the_register_trusts_is_not_shut_out(account: Account) -> None:
    account.required = requiring(perimeter())
    cut = sentence("require.would_deny_access")
    refused(account, of(PARTNER), cut, "RemediationCutTrusted, and needs approval")


def test_without_approval_cutting_is_not_accepted_whatever_the_parameter_says(account: Account) -> None:
    account.required = requiring(perimeter())
    account.chosen["RemediationCutTrusted"] = "true"
    refused(account, of(PARTNER), sentence("require.would_deny_access_trusted"))


@pytest.mark.parametrize("cut", ["false", "true"])
def test_a_lock_out_is_refused_whatever_is_accepted(account: Account, cut: str) -> None:
    account.required = requiring(perimeter(Condition={"Bool": {"aws:SecureTransport": ["true", "false"]}}))
    account.chosen |= APPROVAL | {"RemediationCutTrusted": cut}
    refused(account, of(PARTNER), sentence("require.could_change_delete"))


def test_what_nobody_can_decide_is_refused(account: Account) -> None:
    account.required = requiring(
        perimeter(Condition={"StringEquals": {"aws:PrincipalAccount": "${aws:SourceAccount}"}})
    )
    refused(account, of(PARTNER) | {"Version": "2008-10-17"}, "which need version 2012-10-17")


def test_what_cannot_be_read_changes_nothing_and_says_what_to_do(account: Account) -> None:
    problem = sentence("required.required_statements_cannot")
    account.required = Held(PLACE, "requiredStatements", None, problem=problem, detail="no such key")
    account.furnish(of(ANYBODY))
    ran = account.remediate()
    assert (ran.status, ran.steps) == ("Failed", ["look"])
    assert sentence("planner.no_such_key_correct", problem=problem, place=PLACE) in ran.message
    assert account.policy() == of(ANYBODY)


def test_a_stack_that_names_no_place_says_so(account: Account) -> None:
    account.required = None
    account.furnish(of(ANYBODY))
    ran = account.remediate()
    assert ran.status == "Failed"
    assert "RequiredStatements" in ran.message
    assert account.policy() == of(ANYBODY)


# --- approval ---


def test_an_approver_sees_the_version_whom_it_shuts_out_and_what_stays_open(account: Account) -> None:
    account.furnish(of(ANYBODY, PARTNER))
    account.required = requiring(perimeter())
    account.chosen |= APPROVAL | {"RemediationCutTrusted": "true", "RemediationForce": "true"}
    messages: list[str] = []

    def approve(inputs: Json) -> bool:
        messages.append(inputs["Message"])
        return True

    account.world.approve = approve
    ran = account.remediate()
    assert account.policy() == of(ANYBODY, PARTNER, perimeter())
    assert ran.steps[-1] == "check"
    (message,) = messages
    assert sentence("planner.required_statements_version", place=PLACE) in message
    assert sentence("planner.denies_access_trusted") in message
    assert "Afterwards: MEDIUM: any AWS service" in message
    assert sentence("planner.shut_out_although") in ran.outputs["look.Report"]


def changing(account: Account, change: Any) -> Json:  # noqa: ANN401 - a function
    """Run with approval, while something changes before the approval. Returns the failures."""
    account.furnish(of(PARTNER, ALSO))
    account.required = requiring(perimeter())
    account.chosen |= APPROVAL | {"RemediationCutTrusted": "true"}

    def approve(_: Json) -> bool:
        change()
        return True

    account.world.approve = approve
    ran = account.remediate()
    assert (ran.status, ran.steps[-1]) == ("Failed", "lookAgain")
    assert account.policy() == of(PARTNER, ALSO)
    return {"message": ran.message}


ALSO = {"Sid": "Also", "Effect": "Allow", "Principal": {"AWS": "333344445555"}, "Action": "ecr:BatchGetImage"}


def test_who_is_trusted_since_and_would_be_shut_out_was_not_approved(account: Account) -> None:
    def trust() -> None:
        account.trust = trusting({"account": FRIEND}, {"account": "333344445555"})

    message = changing(account, trust)["message"]
    changed = sentence("approved.required_statements_principals")
    assert sentence("approved.since_approval_asked_2", changed=changed) in message


def test_a_file_that_changed_since_was_not_approved(account: Account) -> None:
    def publish() -> None:
        account.required = requiring(perimeter(), version="v2")

    assert sentence("approved.required_statements_principals") in changing(account, publish)["message"]


# --- recent use ---


def test_use_by_those_who_keep_their_access_does_not_stop_it(account: Account) -> None:
    account.furnish(of(PARTNER))
    account.trail.events = [called("BatchGetImage", FRIEND, at="2026-11-20T08:00:00Z")]
    ran = account.remediate()
    assert (ran.status, account.policy()) == ("Success", of(PARTNER, PERIMETER))


def test_use_by_those_who_lose_it_stops_it(account: Account) -> None:
    account.furnish(of(PARTNER, STRANGER))
    account.trail.events = [called("BatchGetImage", "999988887777", at="2026-11-20T08:00:00Z")]
    ran = account.remediate()
    assert (ran.status, ran.steps) == ("Failed", ["look"])
    assert "account 999988887777: ecr:BatchGetImage, 1 call" in ran.message
    account.trail.events = [called("PutImage", FRIEND, at="2026-11-20T08:00:00Z")]
    account.ecr.set_repository_policy(
        repositoryName="team/base", policyText=json.dumps(of(PARTNER | {"Action": "ecr:*"}))
    )
    assert "account 222233334444: ecr:PutImage" in account.remediate().message


def test_use_by_who_is_shut_out_with_approval_stops_it(account: Account) -> None:
    account.furnish(of(PARTNER))
    account.required = requiring(perimeter())
    account.chosen |= APPROVAL | {"RemediationCutTrusted": "true"}
    account.trail.events = [called("BatchGetImage", FRIEND, at="2026-11-20T08:00:00Z")]
    ran = account.remediate()
    assert (ran.status, ran.steps) == ("Failed", ["look"])
    assert "account 222233334444: ecr:BatchGetImage" in ran.message


# --- beside another strategy ---


@pytest.mark.parametrize("minimum, status", [("LOW", "Failed"), ("MEDIUM", "Success")])
def test_a_run_that_narrows_does_not_call_a_policy_done_that_lacks_what_is_required(
    account: Account, minimum: str, status: str
) -> None:
    account.chosen["RemediationStrategy"] = "narrow"
    account.furnish(of(PARTNER))
    ran = account.remediate(MinimumSeverity=minimum)
    assert ran.status == status
    told = ran.outputs.get("look.Message", ran.message)
    assert sentence("planner.does_not_required_statements_perimeter") in told
    assert sentence("planner.remediate_strategy_require") in told
    assert account.policy() == of(PARTNER)


def test_nor_a_repository_without_a_policy(account: Account) -> None:
    account.chosen["RemediationStrategy"] = "narrow"
    account.furnish(None)
    ran = account.remediate()
    assert (ran.status, ran.steps) == ("Failed", ["look"])
    assert sentence("planner.does_not_required_statements_perimeter") in ran.message
    assert sentence("planner.remediate_strategy_require") in ran.message
    account.required = None
    ran = account.remediate()
    assert (ran.status, ran.outputs["look.Decision"]) == ("Success", "NoPolicy")
    assert ran.outputs["look.Message"] == "nothing was changed: `team/base` has no policy"
    assert account.policy() is None
