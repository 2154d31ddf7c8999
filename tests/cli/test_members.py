"""`--trust FILE` with a list: the accounts of the organization, for the commands that judge."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from tests.wording import sentence

from .conftest import NEIGHBOUR, OPEN, OWNER, SAFE, Run, Write

ORGANIZATION = "o-a1b2c3d4e5"
REGISTER = {"version": 1, "trust": [{"organization": "self", "members": True}]}


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecr_crossaccount.products.cli.base.clock.now", lambda: datetime(2026, 6, 30, tzinfo=UTC))


def members(**fields: object) -> str:
    listed = {
        "version": 1,
        "organization": ORGANIZATION,
        "listed": "2026-06-29T06:00:00Z",
        "accounts": [{"account": "222233334444"}],
    }
    return json.dumps(listed | fields)


@pytest.fixture
def judged(write: Write) -> list[str]:
    """Return the arguments of a judgement with a register that covers the organization's members."""
    policy = write(NEIGHBOUR, "policy.json")
    return ["judge", "--owner", OWNER, "--organization", ORGANIZATION, "--trust", write(REGISTER, "trust.json"), policy]


def test_a_named_member_is_trusted(run: Run, write: Write, judged: list[str]) -> None:
    assert run(*judged).status == 1
    assert run(*judged, "--trust", write(members(), "members.json")).status == 0


def test_the_file_can_be_a_setting(run: Run, write: Write, judged: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECR_CROSSACCOUNT_MEMBERS", write(members(), "members.json"))
    assert run(*judged).status == 0


def test_a_list_that_is_too_old_covers_nobody_and_says_so(run: Run, write: Write, judged: list[str]) -> None:
    old = write(members(listed="2026-06-20T06:00:00Z"), "members.json")
    done = run(*judged, "--trust", old)
    assert done.status == 1
    assert sentence("members.note_covers_nobody", old=old) in done.err


@pytest.mark.parametrize(
    "text, reason",
    [
        (members(version=2), sentence("members.version_not_version_list")),
        (members(accounts=[{"account": "1"}]), sentence("judge.accounts_account_not_account_2")),
        (members()[:-1] + ', "version": 1}', "appears twice"),
    ],
)
def test_a_list_that_cannot_be_read_is_an_error(
    run: Run, write: Write, judged: list[str], text: str | bytes, reason: str
) -> None:
    done = run(*judged, "--trust", write(text, "members.json"))
    assert (done.status, done.out) == (3, "")
    assert reason in done.err


def test_a_second_register_is_refused(run: Run, judged: list[str]) -> None:
    done = run(*judged, "--trust", "nowhere.json")
    assert done.status == 3
    assert sentence("ask.register_too_expected") in done.err


def test_a_command_without_members_says_so(run: Run, write: Write) -> None:
    done = run("guardrail", "rcp", "--organization", ORGANIZATION, "--trust", write(members(), "members.json"))
    assert done.status == 3
    assert sentence("options.list_members_command") in done.err


@pytest.mark.parametrize("policy, status", [(SAFE, 0), (OPEN, 1)])
def test_check_and_plan_take_it_too(run: Run, write: Write, policy: object, status: int) -> None:
    listed, register = write(members(), "members.json"), write(REGISTER, "trust.json")
    common = ["--organization", ORGANIZATION, "--trust", register, "--trust", listed]
    assert run("plan", "--owner", OWNER, *common, write(NEIGHBOUR, "neighbour.json")).status == 0
    folder = write(policy, "policy.json")
    assert run("check", "--account", OWNER, *common, folder).status == status
