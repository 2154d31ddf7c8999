"""`remediate` with an AWS that changes or fails during a question, or right after the policy was written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from ecr_crossaccount.products.audit import account
from moto.core.exceptions import JsonRESTError
from moto.ecr.models import ECRBackend

from tests.pauses import skip_pauses
from tests.remediation.by_hand import BACKUP, Terminal, backup_of
from tests.remediation.conftest import REPOSITORY, Account
from tests.remediation.test_branches import PARTNER, STRANGER, of
from tests.wording import sentence

GONE = sentence("look_at_backup.no_repository_team_base")
OPEN = of(PARTNER, STRANGER)


def fails(monkeypatch: pytest.MonkeyPatch, operation: str, code: str = "AccessDeniedException") -> None:
    """Let an operation of ECR fail from now on."""

    def failing(*_: object, **__: object) -> object:
        raise JsonRESTError(code, "not any more")

    monkeypatch.setattr(ECRBackend, operation, failing)


def after_writing(monkeypatch: pytest.MonkeyPatch, then: Callable[[], object]) -> None:
    """Let something happen after a policy was written, and before it is read back."""
    write = ECRBackend.set_repository_policy

    def set_repository_policy(self: ECRBackend, *given: Any, **named: Any) -> object:  # noqa: ANN401 - passed on
        written: object = write(self, *given, **named)
        monkeypatch.setattr(ECRBackend, "set_repository_policy", write)
        then()
        return written

    monkeypatch.setattr(ECRBackend, "set_repository_policy", set_repository_policy)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command call AWS once, or repeat at once when throttled. A user would wait for eight attempts."""

    def config(**given: Any) -> Config:  # noqa: ANN401 - passed on
        return Config(**{**given, "retries": {"mode": "standard", "total_max_attempts": 1}})

    monkeypatch.setattr(account, "Config", config)
    skip_pauses(monkeypatch)


@pytest.mark.parametrize("options", [(), ("restore", "old.json")], ids=["remediate", "restore"])
def test_a_repository_that_vanishes_while_the_prompt_waits_is_said_to_be_gone(
    account: Account, terminal: Terminal, options: tuple[str, ...]
) -> None:
    account.furnish(OPEN)
    Path("old.json").write_text(backup_of(), encoding="utf-8")
    ran = terminal(*options, typed="y\n", meanwhile=lambda: account.ecr.delete_repository(repositoryName=REPOSITORY))
    assert (ran.status, ran.err) == (3, f"ecr-crossaccount: {GONE}: nothing was written\n")
    _, _, told = ran.out.partition("[y/N] ")
    assert told == f"the old policy is in {BACKUP}\n"


@pytest.mark.parametrize("options", [(), ("restore", "old.json")], ids=["remediate", "restore"])
def test_a_policy_that_is_deleted_while_the_prompt_waits_stays_deleted(
    account: Account, terminal: Terminal, options: tuple[str, ...]
) -> None:
    account.furnish(OPEN)
    Path("old.json").write_text(backup_of(policy=json.dumps(of(STRANGER))), encoding="utf-8")
    ran = terminal(
        *options, typed="y\n", meanwhile=lambda: account.ecr.delete_repository_policy(repositoryName=REPOSITORY)
    )
    assert (ran.status, account.policy()) == (3, None)
    assert sentence("write_policy.policy_team_base") in ran.err


def test_a_policy_that_is_changed_while_the_prompt_waits_is_left(account: Account, terminal: Terminal) -> None:
    account.furnish(of(STRANGER))
    changed = json.dumps(of(PARTNER))
    ran = terminal(
        typed="y\n",
        meanwhile=lambda: account.ecr.set_repository_policy(repositoryName=REPOSITORY, policyText=changed),
    )
    assert (ran.status, account.policy()) == (3, of(PARTNER))
    assert "was changed meanwhile" in ran.err


def test_credentials_that_become_those_of_another_account_write_nothing_there(
    account: Account, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.furnish(OPEN)

    def switch() -> None:
        monkeypatch.setenv("MOTO_ACCOUNT_ID", "222233334444")  # the account of the caller's credentials
        account.furnish(OPEN)

    ran = terminal(typed="y\n", meanwhile=switch)
    assert (ran.status, ran.err) == (3, f"ecr-crossaccount: {GONE}: nothing was written\n")
    assert account.policy() == OPEN
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "111122223333")
    assert account.policy() == OPEN


@pytest.mark.usefixtures("impatient")
def test_throttled_after_the_answer_it_says_that_nothing_was_written(
    account: Account, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.furnish(OPEN)
    with monkeypatch.context() as patched:
        ran = terminal(typed="y\n", meanwhile=lambda: fails(patched, "get_repository_policy", "ThrottlingException"))
    assert (ran.status, account.policy()) == (3, OPEN)
    assert "GetRepositoryPolicy was throttled" in ran.err
    assert ran.err.endswith("; nothing was written\n")


@pytest.mark.usefixtures("impatient")
def test_a_refused_write_says_that_nothing_was_written(
    account: Account, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.furnish(OPEN)
    fails(monkeypatch, "set_repository_policy", "ThrottlingException")
    ran = terminal("--yes")
    assert (ran.status, account.policy()) == (3, OPEN)
    assert ran.err.endswith("; nothing was written\n")


def test_what_cannot_be_read_back_stays_and_comes_with_the_command_that_undoes_it(
    account: Account, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.furnish(OPEN)
    with monkeypatch.context() as patched:
        after_writing(patched, lambda: fails(patched, "describe_repositories"))
        ran = terminal("--yes")
    assert (ran.status, account.policy()) == (3, of(PARTNER))
    first, second = ran.err.splitlines()
    assert sentence("live.policy_written_but") in first
    assert first.endswith("; it stays")
    assert second == (sentence("remediate.put_old_policy_back") + BACKUP)
    assert "COMPLIANT" not in ran.out.partition("the old policy is in")[2]


@pytest.mark.usefixtures("impatient")
def test_a_write_whose_answer_is_lost_comes_with_the_command_that_undoes_it(
    account: Account, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.furnish(OPEN)

    def lost() -> None:
        fails(patched, "get_repository_policy")
        raise JsonRESTError("ServerException", "after it was written")

    with monkeypatch.context() as patched:
        after_writing(patched, lost)
        ran = terminal("--yes")
    assert (ran.status, account.policy()) == (3, of(PARTNER))
    first, second = ran.err.splitlines()
    assert "and the policy cannot be read" in first
    assert second.endswith(sentence("remediate.put_old_policy", backup=BACKUP))


def test_who_interrupts_after_the_write_is_told_that_nobody_has_checked_it(
    account: Account, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> object:
        raise KeyboardInterrupt

    account.furnish(OPEN)
    monkeypatch.setattr("ecr_crossaccount.products.cli.live.Live.check_stored_policy", interrupt)
    ran = terminal("--yes")
    assert (ran.status, account.policy()) == (130, of(PARTNER))
    first, second = ran.err.splitlines()
    assert first.endswith(sentence("remediate.interrupted_policy_may"))
    assert second.endswith(sentence("remediate.put_old_policy", backup=BACKUP))


def test_a_repository_deleted_right_after_it_was_written_is_not_compliant(
    account: Account, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.furnish(OPEN)
    after_writing(monkeypatch, lambda: account.ecr.delete_repository(repositoryName=REPOSITORY))
    ran = terminal("--yes")
    assert ran.status == 3
    assert f"the policy was written, but {GONE}" in ran.err
    assert "COMPLIANT" not in ran.out.partition("the old policy is in")[2]


def test_who_opens_it_again_right_after_it_was_written_is_not_written_over(
    account: Account, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.furnish(OPEN)
    opened = json.dumps(of(STRANGER))
    after_writing(monkeypatch, lambda: account.ecr.set_repository_policy(repositoryName=REPOSITORY, policyText=opened))
    ran = terminal("--yes")
    assert (ran.status, account.policy()) == (3, of(STRANGER))
    assert sentence("live.ecr_stored_not_compliant") in ran.err


def test_a_tag_that_changes_meanwhile_counts_in_the_verdict_on_what_was_written(
    account: Account, terminal: Terminal
) -> None:
    tagged = PARTNER | {
        "Principal": {"AWS": "444455556666"},
        "Condition": {"StringEquals": {"aws:ResourceTag/open": "yes"}},
    }
    account.furnish(of(tagged, STRANGER))
    arn = account.ecr.describe_repositories()["repositories"][0]["repositoryArn"]
    ran = terminal(
        typed="y\n",
        meanwhile=lambda: account.ecr.tag_resource(resourceArn=arn, tags=[{"Key": "open", "Value": "yes"}]),
    )
    assert (ran.status, account.policy()) == (3, of(tagged))
    assert sentence("live.ecr_stored_not_compliant") in ran.err


def test_a_restored_policy_is_judged_as_ecr_has_it(account: Account, terminal: Terminal) -> None:
    account.furnish(of(PARTNER))
    Path("old.json").write_text(backup_of(policy=json.dumps(OPEN)), encoding="utf-8")
    ran = terminal("restore", "old.json", "--yes")
    assert (ran.status, account.policy()) == (0, OPEN)
    assert ran.out.endswith(sentence("restore.written_ecr_now", backup=BACKUP))


def test_a_restored_policy_that_cannot_be_read_back_is_unknown(
    account: Account, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.furnish(OPEN)
    Path("old.json").write_text(backup_of(policy=json.dumps(of(PARTNER))), encoding="utf-8")
    with monkeypatch.context() as patched:
        after_writing(patched, lambda: fails(patched, "describe_repositories"))
        ran = terminal("restore", "old.json", "--yes")
    assert (ran.status, account.policy()) == (3, of(PARTNER))
    assert sentence("live.policy_written_but") in ran.err
