"""`trust add` beside other writers of the register: every entry is kept, or its author is told that it is not."""

from __future__ import annotations

import fcntl
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from ecr_crossaccount.products.cli import register_edit
from ecr_crossaccount.products.cli.base.atomic import LONGEST_WAIT
from ecr_crossaccount.products.cli.register import open_register

from tests.wording import sentence

from .conftest import TODAY, Run, command

REGISTER = 'version: 1\ntrust:\n  - account: "222233334444"  # the first\n'
SAID = ("--reason", "the partner builds on our images", "--expires", "2099-03-31")
AT_ONCE = 6


def add(file: Path, account: str = "333344445555") -> list[str]:
    """Return the arguments that add an account to a register."""
    return ["trust", "add", str(file), "--account", account, *SAID]


def accounts_in(register: Path) -> list[str]:
    """Return the accounts of a register in its order."""
    return [entry.name for entry in open_register(str(register), TODAY).trust.entries]


def names_in(folder: Path) -> list[str]:
    """Return the names in a folder."""
    return sorted(path.name for path in folder.iterdir())


@contextmanager
def held(register: Path) -> Iterator[None]:
    """Hold the lock of a register, like another run in the middle of its change."""
    lock = register.with_name(f".{register.name}.lock")
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    lock.unlink(missing_ok=True)


@pytest.mark.parametrize("text", [REGISTER, None], ids=["a register", "none yet"])
def test_of_many_who_add_at_once_each_gets_an_entry(tmp_path: Path, text: str | None) -> None:
    register = tmp_path / "trust.yaml"
    if text is not None:
        register.write_text(text, encoding="utf-8")
    accounts = [f"{number:012}" for number in range(AT_ONCE)]
    runs = [
        subprocess.Popen(command(*add(register, account)), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for account in accounts
    ]
    told = [run.communicate(timeout=120) for run in runs]
    assert [run.returncode for run in runs] == [0] * AT_ONCE, told
    assert sorted(accounts_in(register)) == sorted([*accounts, *(["222233334444"] if text else [])])
    assert names_in(tmp_path) == ["trust.yaml"]


def test_a_register_that_changes_between_reading_and_writing_is_left_as_it_is_then(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    register = tmp_path / "trust.yaml"
    register.write_text(REGISTER, encoding="utf-8")
    made = register_edit.with_entry

    def meanwhile(*given: object) -> str:
        register.write_text(f"{REGISTER}  # by an editor\n", encoding="utf-8")
        return made(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(register_edit, "with_entry", meanwhile)
    result = run(*add(register))
    assert (result.status, result.out) == (3, "")
    assert sentence("atomic.changed_someone_else", register=register) in result.err
    assert register.read_text(encoding="utf-8") == f"{REGISTER}  # by an editor\n"
    assert names_in(tmp_path) == ["trust.yaml"]


def test_a_register_that_appears_meanwhile_is_not_written_over(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    register = tmp_path / "trust.yaml"
    made = register_edit.with_entry

    def meanwhile(*given: object) -> str:
        register.write_text(REGISTER, encoding="utf-8")
        return made(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(register_edit, "with_entry", meanwhile)
    result = run(*add(register))
    assert (result.status, sentence("atomic.exists_not_written_over") in result.err) == (3, True)
    assert register.read_text(encoding="utf-8") == REGISTER


def test_a_register_that_vanishes_meanwhile_is_not_made_anew(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    register = tmp_path / "trust.yaml"
    register.write_text(REGISTER, encoding="utf-8")
    made = register_edit.with_entry

    def meanwhile(*given: object) -> str:
        register.unlink()
        return made(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(register_edit, "with_entry", meanwhile)
    result = run(*add(register))
    assert (result.status, "was changed by someone else" in result.err) == (3, True)
    assert names_in(tmp_path) == []


def test_who_waits_says_so_and_gives_up_in_time(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    passed = [0.0]
    monkeypatch.setattr("ecr_crossaccount.products.cli.base.clock.monotonic", lambda: passed[0])
    monkeypatch.setattr(
        "ecr_crossaccount.products.cli.base.clock.sleep", lambda seconds: passed.append(passed.pop() + seconds)
    )
    register = tmp_path / "trust.yaml"
    register.write_text(REGISTER, encoding="utf-8")
    with held(register):
        result = run(*add(register))
    waiting, refused = result.err.splitlines()
    assert (result.status, result.out) == (3, "")
    assert waiting.endswith(sentence("locking.waiting_another_process", register=register))
    assert f"has been changing `{register}` for {LONGEST_WAIT:.0f} seconds" in refused
    assert LONGEST_WAIT <= passed[0] < LONGEST_WAIT + 1
    assert register.read_text(encoding="utf-8") == REGISTER


def test_who_waits_gets_its_turn(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    register = tmp_path / "trust.yaml"
    register.write_text(REGISTER, encoding="utf-8")
    lock = held(register)
    lock.__enter__()
    monkeypatch.setattr("ecr_crossaccount.products.cli.base.clock.sleep", lambda _: lock.__exit__(None, None, None))
    assert run(*add(register)).status == 0
    assert accounts_in(register) == ["222233334444", "333344445555"]


def test_a_run_that_was_killed_keeps_nobody_out(run: Run, tmp_path: Path) -> None:
    register = tmp_path / "trust.yaml"
    register.write_text(REGISTER, encoding="utf-8")
    script = (
        "import sys, time\nfrom ecr_crossaccount.products.cli.base.atomic import only_one\n"
        "with only_one(sys.argv[1], print):\n    print('held', flush=True)\n    time.sleep(600)\n"
    )
    killed = subprocess.Popen([sys.executable, "-c", script, str(register)], stdout=subprocess.PIPE)
    assert killed.stdout is not None
    assert killed.stdout.readline() == b"held\n"
    killed.send_signal(signal.SIGKILL)
    killed.wait(timeout=60)
    killed.stdout.close()
    assert names_in(tmp_path) == [".trust.yaml.lock", "trust.yaml"]
    assert run(*add(register)).status == 0
    assert names_in(tmp_path) == ["trust.yaml"]


def test_a_link_stays_a_link_and_both_its_names_share_one_lock(run: Run, tmp_path: Path) -> None:
    (tmp_path / "governance").mkdir()
    register, link = tmp_path / "governance" / "real.yaml", tmp_path / "trust.yaml"
    link.symlink_to("governance/real.yaml")
    assert run(*add(link)).status == 0  # the link may exist before its target
    register.chmod(0o640)
    assert run(*add(link, "444455556666")).status == 0
    assert link.is_symlink()
    assert accounts_in(register) == ["333344445555", "444455556666"]
    assert stat.S_IMODE(register.stat().st_mode) == 0o640
    assert names_in(tmp_path) == ["governance", "trust.yaml"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")
def test_a_register_keeps_its_owner(run: Run, tmp_path: Path) -> None:
    register = tmp_path / "trust.yaml"
    register.write_text(REGISTER, encoding="utf-8")
    os.chown(register, 65534, 65533)
    assert run(*add(register)).status == 0
    assert (register.stat().st_uid, register.stat().st_gid) == (65534, 65533)


def test_a_folder_that_takes_no_file_is_said(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    register = tmp_path / "trust.yaml"
    register.write_text(REGISTER, encoding="utf-8")
    opened = os.open

    def read_only(path: object, flags: int, *mode: int) -> int:
        if flags & os.O_CREAT:  # the answer of a read-only file system, also for root
            raise OSError(30, "Read-only file system", path)
        return opened(path, flags, *mode)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", read_only)
    pauses: list[float] = []
    monkeypatch.setattr("ecr_crossaccount.products.cli.base.clock.sleep", pauses.append)
    result = run(*add(register))
    assert (result.status, result.out) == (3, "")
    assert f"cannot lock `{register}` by `{tmp_path / '.trust.yaml.lock'}`: read-only file system" in result.err
    assert pauses == []


@pytest.mark.parametrize("kind", ["folder", "link"])
def test_what_stands_in_the_place_of_the_lock_is_said(run: Run, tmp_path: Path, kind: str) -> None:
    register, lock = tmp_path / "trust.yaml", tmp_path / ".trust.yaml.lock"
    register.write_text(REGISTER, encoding="utf-8")
    (tmp_path / "precious").write_text("kept", encoding="utf-8")
    if kind == "folder":
        lock.mkdir()
    else:
        lock.symlink_to("precious")
    result = run(*add(register))
    assert (result.status, "cannot lock" in result.err) == (3, True)
    assert register.read_text(encoding="utf-8") == REGISTER
    assert (tmp_path / "precious").read_text(encoding="utf-8") == "kept"
