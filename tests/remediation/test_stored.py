"""ECR stores a policy in its own form, and refuses principals that it does not know: tests/fakes/ecr.py."""

from __future__ import annotations

import json

import pytest

from tests.fakes import ecr
from tests.fakes.ecr import as_written, stored
from tests.remediation.by_hand import Terminal
from tests.remediation.conftest import REPOSITORY, Account, trusting
from tests.remediation.events import called
from tests.remediation.test_branches import PARTNER, STRANGER, of

pytestmark = pytest.mark.slow


def live(account: Account) -> object:
    return as_written(account.ecr.get_repository_policy(repositoryName=REPOSITORY)["policyText"])


def test_the_fake_rewrites_what_ecr_rewrites() -> None:
    text = json.dumps(of(PARTNER))
    assert stored(text) != text
    assert '"AWS": "arn:aws:iam::222233334444:root"' in stored(text)
    assert as_written(stored(text)) == of(PARTNER)


def test_what_was_written_is_compared_by_what_it_says(account: Account) -> None:
    account.furnish(of(PARTNER, STRANGER))
    ran = account.remediate()
    assert (ran.status, ran.failures) == ("Success", {})
    assert live(account) == of(PARTNER)
    account.world.execution = "0a1b2c3d-0000-4000-8000-000000000002"
    account.trust = trusting({"account": "222233334444"}, {"account": "999988887777", "access": "ADMIN"})
    assert account.restore(ran).status == "Success"
    assert live(account) == of(PARTNER, STRANGER)


def test_a_command_compares_by_what_it_says_too(account: Account, terminal: Terminal) -> None:
    account.furnish(of(PARTNER, STRANGER))
    assert terminal("--yes", "--backup", "one.json").status == 0
    assert live(account) == of(PARTNER)


def test_a_principal_that_ecr_does_not_know_leaves_the_policy_as_it_was(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.furnish(of(PARTNER, STRANGER))
    monkeypatch.setattr(ecr, "UNKNOWN", {"222233334444"})
    ran = account.remediate()
    assert ran.status == "Failed"
    assert "Principal not found" in ran.message
    assert live(account) == of(PARTNER, STRANGER)


def test_use_that_cloudtrail_does_not_show_yet_is_not_proven_absent(account: Account) -> None:
    account.furnish(of(PARTNER, STRANGER))
    account.trail.delay = 900
    account.trail.events = [called("BatchGetImage", at="2026-11-25T11:55:00Z")]
    ran = account.remediate(DryRun="true")
    assert ran.outputs["look.Use"].startswith("no use seen")
    account.world.sleep(1800)
    account.world.now = "2026-11-25_12.30.00"
    assert "999988887777" in account.remediate(DryRun="true").outputs["look.Use"]
