"""The backups of `remediate`: private, never overwritten, on the disk before ECR changes, and read strictly."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ecr_crossaccount.products.cli.live import name_of
from hypothesis import given
from hypothesis import strategies as some
from moto.ecr.models import ECRBackend

from tests.fakes.ecr import as_written
from tests.fakes.models import ServiceError
from tests.profiles import examples
from tests.remediation.by_hand import BACKUP, Terminal, backup_of
from tests.remediation.conftest import Account
from tests.remediation.test_branches import PARTNER, STRANGER, of
from tests.wording import sentence

NAMES = some.from_regex(r"[a-z0-9]+([._-][a-z0-9]+)*(/[a-z0-9]+([._-][a-z0-9]+)*)*", fullmatch=True)
"""https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html: at most 256 characters."""


def place(name: str, account: str = "111122223333", region: str = "eu-central-1") -> dict[str, str]:
    return {"Account": account, "Region": region, "Repository": name}


def test_a_backup_is_for_its_owner_alone_whatever_the_mask(account: Account, terminal: Terminal) -> None:
    account.furnish(of(STRANGER))
    mask = os.umask(0)
    try:
        assert terminal("--yes").status == 0
    finally:
        os.umask(mask)
    assert stat.S_IMODE(Path(BACKUP).stat().st_mode) == 0o600


def test_two_backups_of_one_moment_are_both_kept(account: Account, terminal: Terminal) -> None:
    account.furnish(of(STRANGER))
    Path(BACKUP).write_text("precious", encoding="utf-8")
    assert terminal("--yes").status == 0
    another = BACKUP.replace(".json", "-2.json")
    assert sorted(path.name for path in Path.cwd().glob("*.json")) == sorted([BACKUP, another])
    assert Path(BACKUP).read_text(encoding="utf-8") == "precious"
    assert as_written(json.loads(Path(another).read_text(encoding="utf-8"))["policy"]) == of(STRANGER)


def test_a_file_that_is_named_and_exists_is_not_written_over(account: Account, terminal: Terminal) -> None:
    account.furnish(of(STRANGER))
    Path("old.json").write_text("precious", encoding="utf-8")
    Path("link.json").symlink_to("nowhere.json")
    for name in ("old.json", "link.json", "/dev/null"):
        ran = terminal("--yes", "--backup", name)
        assert (ran.status, account.policy()) == (3, of(STRANGER))
        assert sentence("backups.exists_name_another", name=name) in ran.err
    assert Path("old.json").read_text(encoding="utf-8") == "precious"
    assert not Path("nowhere.json").exists()


def test_a_file_for_the_backup_that_cannot_be_is_refused_before_anybody_is_asked(
    account: Account, terminal: Terminal
) -> None:
    account.furnish(of(STRANGER))
    Path("old.json").write_text("precious", encoding="utf-8")
    for name in ("old.json", "no/such/folder/new.json"):
        ran = terminal("--backup", name, typed="y")
        assert (ran.status, account.policy()) == (3, of(STRANGER))
        assert f"`{name}`" in ran.err
        assert "[y/N]" not in ran.out


@given(some.lists(some.one_of(NAMES.filter(lambda name: len(name) <= 256)), min_size=2, max_size=3, unique=True))
@examples(40)
def test_different_repositories_have_different_backups(names: list[str]) -> None:
    moment = datetime(2026, 11, 25, 12, tzinfo=UTC)
    assert len({name_of(place(name), moment) for name in names}) == len(names)


@pytest.mark.parametrize(
    "one, other",
    [
        (("team/base", "111122223333", "eu-central-1"), ("team_base", "111122223333", "eu-central-1")),
        (("team/base", "111122223333", "eu-central-1"), ("team/base", "222233334444", "eu-central-1")),
        (("team/base", "111122223333", "eu-central-1"), ("team/base", "111122223333", "us-east-1")),
        (("a" * 255 + "b", "111122223333", "eu-central-1"), ("a" * 256, "111122223333", "eu-central-1")),
    ],
)
def test_what_differs_in_one_thing_has_another_name_that_a_file_may_have(
    one: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    moment = datetime(2026, 11, 25, 12, tzinfo=UTC)
    names = {name_of(place(*each), moment) for each in (one, other)}
    assert len(names) == 2
    assert all(len(name.encode()) <= 255 - len("-1000") and "/" not in name for name in names)


def test_the_backup_is_on_the_disk_before_ecr_is_changed(
    account: Account, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.furnish(of(STRANGER, PARTNER))
    events: list[str] = []
    sync, write = os.fsync, ECRBackend.set_repository_policy

    def fsync(descriptor: int) -> None:
        events.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        sync(descriptor)

    def set_repository_policy(self: ECRBackend, *given: Any, **named: Any) -> object:  # noqa: ANN401 - passed on
        events.append("ECR")
        return write(self, *given, **named)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(ECRBackend, "set_repository_policy", set_repository_policy)
    assert terminal("--yes").status == 0
    assert events == ["file", "folder", "ECR"]


@pytest.mark.usefixtures("terminal")
def test_where_the_disk_takes_no_backup_nothing_is_written_to_ecr(account: Account) -> None:
    account.furnish(of(STRANGER))
    account.trail.fault = ServiceError("AccessDeniedException", "no")  # its clock does not move for another process
    command = [sys.executable, "-B", "-m", "ecr_crossaccount", "remediate", "team/base", "--yes", "--force"]
    run = subprocess.run(
        ["bash", "-c", 'ulimit -f 0; exec "$@"', "bash", *command], capture_output=True, text=True, check=False
    )
    assert run.returncode == 3, run.stderr
    assert "cannot write `team+base.111122223333.eu-central-1." in run.stderr
    assert account.policy() == of(STRANGER)
    assert [path.name for path in Path.cwd().iterdir()] == ["trust.yaml"]


def test_where_the_folder_is_missing_nothing_is_written_to_ecr(account: Account, terminal: Terminal) -> None:
    account.furnish(of(STRANGER))
    ran = terminal("--yes", "--backup", "nowhere/old.json")
    assert (ran.status, account.policy()) == (3, of(STRANGER))
    assert sentence("locking.cannot_write_nowhere_old") in ran.err


def test_a_backup_under_an_older_name_is_restored(account: Account, terminal: Terminal) -> None:
    account.furnish(of(PARTNER, STRANGER))
    terminal("--yes")
    Path(BACKUP).rename("team_base-2026-11-25_12.00.00.json")
    assert terminal("restore", "team_base-2026-11-25_12.00.00.json", "--yes").status == 0
    assert account.policy() == of(PARTNER, STRANGER)


DEEP = '{"Statement": ' + "[" * 300 + "]" * 300 + "}"


@pytest.mark.parametrize(
    "policy, problem",
    [
        ("[]", sentence("backups.policy_backup_json")),
        ('"x"', "the policy in `backup.json` is a text"),
        ("7", "the policy in `backup.json` is a number"),
        ("true", "the policy in `backup.json` is true or false"),
        ("NaN", sentence("json.cannot_read_not_json")),
        (
            '{"Version": "2012-10-17",\n "Statement": [Infinity]}',
            sentence("json.not_json_line_column_infinity_not_json"),
        ),
        ('{"Statement": [],\n "Statement": []}', sentence("json.not_json_line_column_statement")),
        ('{"Statement": [{"Sid": "a", "Sid": "b"}]}', sentence("json.not_json_line_column_sid")),
        (r'{"Statement": [], "St\u0061tement": []}', "`Statement` appears twice"),
        ("{} {}", sentence("json.not_json_line_column_after")),
        ("", "not JSON at line 1 column 1: expecting value"),
        (DEEP, "nested more than 200 levels deep"),
        ('{"a": ' + "9" * 5000 + "}", sentence("json.number_more_than_digits")),
    ],
    ids=lambda value: value[:40],
)
def test_what_is_no_policy_is_not_put_back(account: Account, terminal: Terminal, policy: str, problem: str) -> None:
    account.furnish(of(PARTNER))
    Path("backup.json").write_text(backup_of(policy=policy), encoding="utf-8")
    ran = terminal("restore", "backup.json", "--yes")
    assert (ran.status, problem in ran.err) == (3, True), ran.err
    assert account.policy() == of(PARTNER)
    assert not Path(BACKUP).exists()


@pytest.mark.parametrize(
    "text, problem",
    [
        ("{", sentence("json.backup_json_not_backup")),
        ('{"version": 1}', sentence("members.not_backup_expected_object")),
        ("[1]", sentence("members.not_backup_expected_object")),
        ('{"version": NaN}', "not a backup: not JSON at line 1 column 13"),
        (backup_of()[:-1] + ', "policy": "{}"}', sentence("json.policy_appears_twice")),
        ("[" * 100_000, "nested more than 200 levels deep"),
        (" " * 1_048_577, "not a backup: larger than 1 MB"),
        (b"\xff{}\xfe", "not a backup: not text in UTF-8"),
        (None, "cannot read `backup.json`: no such file"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_no_backup_is_not_put_back(
    account: Account, terminal: Terminal, text: str | bytes | None, problem: str
) -> None:
    account.furnish(of(PARTNER))
    if text is not None:
        Path("backup.json").write_bytes(text.encode() if isinstance(text, str) else text)
    ran = terminal("restore", "backup.json", "--yes")
    assert (ran.status, problem in ran.err) == (3, True), ran.err
    assert account.policy() == of(PARTNER)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_an_encoding_that_another_shell_has_made_of_it_is_read(
    account: Account, terminal: Terminal, encoding: str
) -> None:
    account.furnish(of(STRANGER))
    Path("backup.json").write_text(backup_of(policy=json.dumps(of(PARTNER))), encoding=encoding)
    assert terminal("restore", "backup.json", "--yes").status == 0
    assert account.policy() == of(PARTNER)


@pytest.mark.parametrize(
    "where, told",
    [
        ({"account": "222233334444"}, "is of account `222233334444`, not of `111122223333`"),
        ({"region": "us-east-1"}, "is of region `us-east-1`, not of `eu-central-1`"),
        ({"repository": "team/other"}, "is of repository `team/other`, not of `team/base`"),
        (
            {"account": "222233334444", "repository": "team/other"},
            "is of account `222233334444`, not of `111122223333`, and of repository `team/other`, not of `team/base`",
        ),
    ],
)
def test_a_backup_from_elsewhere_is_put_back_only_where_the_caller_says_so(
    account: Account, terminal: Terminal, where: dict[str, str], told: str
) -> None:
    account.furnish(of(STRANGER))
    Path("backup.json").write_text(backup_of(policy=json.dumps(of(PARTNER)), **where), encoding="utf-8")
    ran = terminal("restore", "backup.json", "team/base", "--yes")
    assert (ran.status, account.policy()) == (3, of(STRANGER))
    assert sentence("restore.nothing_written_give", told=told) in ran.err
    ran = terminal("restore", "backup.json", "team/base", "--yes", "--from-elsewhere")
    assert (ran.status, ran.err) == (0, f"ecr-crossaccount: note: `backup.json` {told}\n")
    assert account.policy() == of(PARTNER)
