"""Restoring a backup: only the stack's own, only if it is compliant now, and with the same questions as before."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fakes.ecr import as_written
from tests.fakes.models import ServiceError
from tests.remediation.conftest import BUCKET, REGION, REPOSITORY, Account, trusting
from tests.remediation.document import ACCOUNT, APPROVAL, DocumentError, Json
from tests.remediation.events import called
from tests.remediation.interpreter import Execution
from tests.remediation.test_branches import PARTNER, STRANGER, of
from tests.wording import sentence

pytestmark = pytest.mark.slow

STRANGER_TOO = ({"account": "222233334444"}, {"account": "999988887777", "access": "ADMIN"})


@pytest.fixture
def closed(account: Account) -> Execution:
    """A closed repository. The run has its backup."""
    account.furnish(of(PARTNER, STRANGER))
    ran = account.remediate()
    account.world.execution = "0a1b2c3d-0000-4000-8000-000000000002"
    return ran


def test_a_dry_run_shows_what_it_would_open(account: Account, closed: Execution) -> None:
    shown = account.restore(closed, DryRun="true")
    assert (shown.status, shown.steps[-1]) == ("Success", "end")
    assert "CRITICAL: account 999988887777" in shown.outputs["lookAtBackup.Report"]
    assert as_written(shown.outputs["lookAtBackup.Wanted"]) == of(PARTNER, STRANGER)
    assert account.policy() == of(PARTNER)


def test_a_policy_that_is_not_compliant_is_not_put_back(account: Account, closed: Execution) -> None:
    ran = account.restore(closed)
    assert (ran.status, ran.steps, account.policy()) == ("Failed", ["lookAtBackup"], of(PARTNER))
    assert sentence("look_at_backup.backup_not_compliant_add") in ran.message
    assert "CRITICAL: account 999988887777" in ran.message


def test_what_is_trusted_by_now_is_put_back_and_what_it_replaces_is_backed_up(
    account: Account, closed: Execution
) -> None:
    account.trust = trusting(*STRANGER_TOO)
    ran = account.restore(closed)
    assert (ran.status, account.policy()) == ("Success", of(PARTNER, STRANGER))
    again = account.backups()[ran.outputs["backUp.Key"]]
    assert as_written(again["policy"]) == of(PARTNER)
    assert again["replaced_by"] == closed.outputs["backUp.Key"]
    assert again["replaced_by_version"] == closed.outputs["backUp.Version"]


@pytest.mark.usefixtures("open_registry")
def test_what_the_registry_policy_leaves_open_is_said(account: Account, closed: Execution) -> None:
    account.trust = trusting(*STRANGER_TOO)
    ran = account.restore(closed)
    assert (ran.status, account.policy()) == ("Success", of(PARTNER, STRANGER))
    assert ran.outputs["lookAtBackup.Compliance"] == ran.outputs["check.Compliance"] == "NON_COMPLIANT"
    assert sentence("left.registry_policy_still_grants_access") in ran.outputs["lookAtBackup.Report"]
    assert sentence("left.registry_policy_still_grants_access") in ran.outputs["check.Report"]


def test_where_approval_is_required_a_person_decides(account: Account, closed: Execution) -> None:
    account.trust = trusting(*STRANGER_TOO)
    account.chosen |= APPROVAL
    account.world.approve = lambda _: False
    ran = account.restore(closed)
    assert (ran.status, ran.steps[-1], account.policy()) == ("Failed", "approve", of(PARTNER))
    account.world.approve = lambda _: True
    assert account.restore(closed).status == "Success"
    assert account.policy() == of(PARTNER, STRANGER)


def test_trust_that_ends_while_the_approver_sleeps_stops_it(account: Account, closed: Execution) -> None:
    account.trust = trusting(*STRANGER_TOO)
    account.chosen |= APPROVAL

    def approve(_: Json) -> bool:
        account.trust = trusting({"account": "222233334444"})
        return True

    account.world.approve = approve
    ran = account.restore(closed)
    assert (ran.status, ran.steps[-1], account.policy()) == ("Failed", "lookAgain", of(PARTNER))


def test_another_policy_by_the_time_of_the_approval_is_not_replaced(account: Account, closed: Execution) -> None:
    account.trust = trusting(*STRANGER_TOO)
    account.chosen |= APPROVAL
    newer = of(PARTNER | {"Sid": "Newer"})

    def approve(_: Json) -> bool:
        account.ecr.set_repository_policy(repositoryName=REPOSITORY, policyText=json.dumps(newer))
        return True

    account.world.approve = approve
    ran = account.restore(closed)
    assert (ran.status, ran.steps[-1], account.policy()) == ("Failed", "lookAgain", newer)
    assert sentence("approved.policy_repository_changed") in ran.message


def test_what_was_stored_is_judged_and_stays(account: Account, closed: Execution) -> None:
    account.trust = trusting(*STRANGER_TOO)

    def meanwhile(step: str) -> None:
        if step == "check":
            account.trust = trusting()

    account.world.before = meanwhile
    ran = account.restore(closed)
    assert (ran.status, ran.steps[-1], account.policy()) == ("Failed", "check", of(PARTNER, STRANGER))
    assert sentence("check.policy_written_not_compliant") in ran.message


def test_a_backup_that_was_written_over_is_restored_as_it_was(account: Account, closed: Execution) -> None:
    """The version is pinned."""
    account.trust = trusting(*STRANGER_TOO)
    key = closed.outputs["backUp.Key"]
    forged = {**account.backups()[key], "policy": json.dumps(of(PARTNER))}
    account.s3.put_object(Bucket=BUCKET, Key=key, Body=json.dumps(forged).encode(), ChecksumAlgorithm="SHA256")
    assert account.restore(closed).status == "Success"
    assert account.policy() == of(PARTNER, STRANGER)


@pytest.mark.parametrize("version", ["null", "", "a b", "x" * 513])
def test_without_a_version_nothing_is_started(account: Account, closed: Execution, version: str) -> None:
    with pytest.raises(DocumentError, match="BackupVersion"):
        account.restore(closed, BackupVersion=version)


def put(account: Account, key: str, body: bytes, **checksum: Any) -> Execution:  # noqa: ANN401 - passed on
    """Put an object into the bucket, and return a run that could have it as its backup."""
    version = account.s3.put_object(Bucket=BUCKET, Key=key, Body=body, **checksum)["VersionId"]
    return Execution(outputs={"backUp.Key": key, "backUp.Version": version})


@pytest.mark.parametrize(
    "change, problem",
    [
        ({"repository": "team/other"}, "is of repository `team/other`, not of `team/base`"),
        ({"account": "999988887777"}, "is of account `999988887777`"),
        ({"region": "us-east-1"}, "is of region `us-east-1`"),
        ({"execution": "0a1b2c3d-0000-4000-8000-00000000000f"}, "is not where the run `0a1b2c3d"),
        ({"version": 2}, "is not a backup"),
        ({"policy": {}}, "is not a backup"),
        ({"policy": "{"}, "is not JSON"),
    ],
)
def test_a_backup_of_something_else_is_refused(account: Account, closed: Execution, change: Json, problem: str) -> None:
    key = closed.outputs["backUp.Key"]
    body = json.dumps({**account.backups()[key], **change}).encode()
    ran = account.restore(put(account, key, body, ChecksumAlgorithm="SHA256"))
    assert (ran.status, ran.steps[-1]) == ("Failed", "lookAtBackup")
    assert problem in ran.message
    assert account.policy() == of(PARTNER)


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1"])
def test_what_has_not_the_checksum_that_the_stack_stores_is_refused(
    account: Account, closed: Execution, algorithm: str
) -> None:
    account.trust = trusting(*STRANGER_TOO)
    key = closed.outputs["backUp.Key"]
    body = account.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    ran = account.restore(put(account, key, body, ChecksumAlgorithm=algorithm))
    assert (ran.status, account.policy()) == ("Failed", of(PARTNER))
    assert sentence("read_backup.does_not_sha_stack") in ran.message


def test_what_is_damaged_is_refused(account: Account, closed: Execution, monkeypatch: pytest.MonkeyPatch) -> None:
    from moto.s3.models import FakeKey

    account.trust = trusting(*STRANGER_TOO)
    kept: Any = FakeKey.value
    monkeypatch.setattr(FakeKey, "value", property(lambda key: kept.fget(key).replace(b" ", b"\t", 1)))
    assert account.restore(closed).status == "Failed"
    monkeypatch.undo()
    assert account.policy() == of(PARTNER)


@pytest.mark.parametrize("body", [b"\xff\xfe", b"{}" * 600_000, b"[]"])
def test_what_is_no_backup_is_refused(account: Account, body: bytes) -> None:
    account.furnish(None)
    key = f"{ACCOUNT}/{REGION}/{REPOSITORY}/2026-11-25_12.00.00-0a1b.json"
    assert "not a backup" in account.restore(put(account, key, body, ChecksumAlgorithm="SHA256")).message


def test_there_is_no_restoring_on_a_repository_that_is_gone(account: Account, closed: Execution) -> None:
    account.ecr.delete_repository(repositoryName=REPOSITORY)
    ran = account.restore(closed)
    assert (ran.status, ran.steps[-1]) == ("Failed", "lookAtBackup")
    assert sentence("look_at_backup.no_repository_team_base_2") in ran.message


# --- access that the backup's policy would take away ---

PUSHER = {"Sid": "Pusher", "Effect": "Allow", "Principal": {"AWS": "999988887777"}, "Action": "ecr:PutImage"}
PUSHED = called("PutImage")


@pytest.fixture
def granted_since(account: Account, closed: Execution) -> Execution:
    """Since the run, another account was trusted, and given access that the backup does not give."""
    account.trust = trusting(*STRANGER_TOO)
    account.trail.events = [PUSHED]
    newer = of(PARTNER, PUSHER)
    account.ecr.set_repository_policy(repositoryName=REPOSITORY, policyText=json.dumps(newer))
    return backup_with(account, closed, of(PARTNER))


def backup_with(account: Account, run: Execution, policy: Json | None) -> Execution:
    """Return a run with a backup in the stack's form and a different policy."""
    key = run.outputs["backUp.Key"]
    body = json.dumps({**account.backups()[key], "policy": json.dumps(policy)}).encode()
    return put(account, key, body, ChecksumAlgorithm="SHA256")


def test_who_would_lose_access_that_he_uses_stops_it(account: Account, granted_since: Execution) -> None:
    ran = account.restore(granted_since)
    assert (ran.status, ran.steps, account.policy()) == ("Failed", ["lookAtBackup"], of(PARTNER, PUSHER))
    assert sentence("find_use.policy_unchanged_used") in ran.message
    assert "account 999988887777: ecr:PutImage, 1 call, the last on 2026-11-20T08:00:00Z" in ran.message


def test_a_dry_run_shows_who_would_lose_access(account: Account, granted_since: Execution) -> None:
    shown = account.restore(granted_since, DryRun="true")
    assert (shown.status, account.policy()) == ("Success", of(PARTNER, PUSHER))
    assert "account 999988887777: ecr:PutImage" in shown.outputs["lookAtBackup.Use"]


def test_what_a_caller_calls_himself_stays_data(account: Account, granted_since: Execution) -> None:
    """Systems Manager replaces text in double braces, also in outputs."""
    open_to_all = {"Effect": "Allow", "Principal": "*", "Action": "ecr:PutImage"}
    account.ecr.set_repository_policy(repositoryName=REPOSITORY, policyText=json.dumps(of(open_to_all)))
    service = {"type": "AWSService", "invokedBy": "{{ AutomationAssumeRole }}.amazonaws.com"}
    account.trail.events = [called("PutImage", userIdentity=service), PUSHED]
    shown = account.restore(granted_since, DryRun="true")
    assert "account 999988887777: ecr:PutImage" in shown.outputs["lookAtBackup.Use"]
    for told in (shown.outputs["lookAtBackup.Use"], account.restore(granted_since).message):
        assert "{{" not in told
        assert "role/stack/automation" not in told


def test_a_stack_that_forces_it_takes_access_that_is_in_use(account: Account, granted_since: Execution) -> None:
    account.chosen["RemediationForce"] = "true"
    assert account.restore(granted_since).status == "Success"
    assert account.policy() == of(PARTNER)


def test_use_before_the_days_that_the_stack_asks_for_does_not_count(account: Account, granted_since: Execution) -> None:
    account.chosen["RemediationRecentUseDays"] = 4
    ran = account.restore(granted_since)
    assert (ran.status, account.policy()) == ("Success", of(PARTNER))
    assert ran.outputs["lookAtBackup.Use"].startswith(sentence("find_use.no_use_seen_regions_regions"))


def test_use_that_cannot_be_read_stops_it(account: Account, granted_since: Execution) -> None:
    account.trail.fault = ServiceError("AccessDeniedException", "not authorized to perform: cloudtrail:LookupEvents")
    ran = account.restore(granted_since)
    assert (ran.status, account.policy()) == ("Failed", of(PARTNER, PUSHER))
    assert "who uses `team/base` cannot be determined: CloudTrail answered" in ran.message


def test_where_nobody_loses_access_cloudtrail_is_not_asked(account: Account, closed: Execution) -> None:
    account.trust = trusting(*STRANGER_TOO)
    account.trail.requests.clear()
    ran = account.restore(closed)
    assert (ran.status, ran.outputs["lookAtBackup.Use"]) == ("Success", sentence("find_use.nobody_outside_would"))
    assert account.trail.requests == []


def test_a_deny_of_the_backup_takes_access_too(account: Account, granted_since: Execution) -> None:
    deny = {**PUSHER, "Sid": "NoPush", "Effect": "Deny"}
    ran = account.restore(backup_with(account, granted_since, of(PARTNER, PUSHER, deny)))
    assert (ran.status, account.policy()) == ("Failed", of(PARTNER, PUSHER))
    assert "account 999988887777: ecr:PutImage" in ran.message


def test_a_backup_of_no_policy_takes_all_access(account: Account, granted_since: Execution) -> None:
    ran = account.restore(backup_with(account, granted_since, None))
    assert (ran.status, account.policy()) == ("Failed", of(PARTNER, PUSHER))
    assert "account 999988887777: ecr:PutImage" in ran.message


def test_use_that_begins_while_the_approver_sleeps_stops_it(account: Account, granted_since: Execution) -> None:
    account.chosen |= APPROVAL
    account.trail.events = []

    def approve(_: Json) -> bool:
        account.trail.events = [PUSHED]
        return True

    account.world.approve = approve
    ran = account.restore(granted_since)
    assert (ran.status, ran.steps[-1], account.policy()) == ("Failed", "lookAgain", of(PARTNER, PUSHER))
