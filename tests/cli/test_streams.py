"""Standard streams and files that cannot be written or read. None of them changes the status of a verdict."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from ecr_crossaccount.products.cli.base.program import ExitStatus

from tests.wording import sentence

from .conftest import OPEN, OWNER, Run, Write, command

FULL = Path("/dev/full")
needs_a_full_device = pytest.mark.skipif(not FULL.exists(), reason="the system has no device that is always full")


@needs_a_full_device
@pytest.mark.parametrize("what", ["missing.json", "--no-such-option", ""])
def test_bad_input_is_3_also_where_standard_error_takes_nothing(what: str) -> None:
    with FULL.open("wb") as full:
        done = subprocess.run(command("judge", *filter(None, [what])), stdout=subprocess.PIPE, stderr=full, check=False)
    assert (done.returncode, done.stdout) == (3, b"")


@needs_a_full_device
def test_a_result_that_cannot_be_written_is_3_also_where_standard_error_takes_nothing(write: Write) -> None:
    with FULL.open("wb") as full:
        argv = command("judge", "--owner", OWNER, write(OPEN))
        assert subprocess.run(argv, stdout=full, stderr=full, check=False).returncode == 3


def test_bad_input_is_3_also_where_nobody_reads_standard_error() -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    done = subprocess.run(command("judge", "missing.json"), stdout=subprocess.PIPE, stderr=theirs, check=False)
    os.close(theirs)
    assert (done.returncode, done.stdout) == (3, b"")


@needs_a_full_device
def test_a_crash_is_70_also_where_standard_error_takes_nothing(write: Write) -> None:
    code = (
        "import ecr_crossaccount.products.cli.judge as judge, ecr_crossaccount.__main__ as it, sys\n"
        "judge.documentation.verify = lambda: 1 / 0\n"
        "sys.exit(it.process())"
    )
    argv = [*command()[:1], "-c", code, "judge", "--owner", OWNER, write(OPEN)]
    with FULL.open("wb") as full:
        assert subprocess.run(argv, stdout=subprocess.PIPE, stderr=full, check=False).returncode == ExitStatus.CRASHED


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="the system has no such file")
def test_a_batch_that_cannot_be_read_is_said_to_be_just_that(run: Run) -> None:
    answer = run("judge", "--jsonl", "/proc/self/mem")  # it opens, and fails when it is read
    assert (answer.status, answer.out) == (3, "")
    assert answer.err == "ecr-crossaccount: cannot read `/proc/self/mem`: input/output error\n"


def test_a_working_folder_that_was_deleted_is_not_one_without_policies(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    code = 'cd "$1" && rmdir "$1" && shift && exec "$@"'
    argv = ["bash", "-c", code, "-", str(folder), *command("check", "--no-config", "--account", OWNER, ".")]
    done = subprocess.run(argv, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (3, b"")
    assert sentence("check.cannot_check_working").encode() in done.stderr


@pytest.mark.parametrize(
    "argv, says",
    [
        (("--format", "text=a", "--format", "json=./a"), "`./a` is named for two outputs"),
        (("--format", "json=."), sentence("outputs.cannot_write_folder")),
        (("--format", "text=no/such/folder/a"), sentence("locking.no_folder_no_such_folder")),
    ],
)
def test_outputs_that_cannot_be_are_refused_before_anything_is_read(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, argv: tuple[str, ...], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for judging in (("check", "--account", OWNER, "p.json"), ("audit", "p.json")):
        answer = run(*judging, *argv)
        assert (answer.status, answer.out) == (3, "")
        assert says in answer.err
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "argv",
    [
        ("check", "--account", OWNER, "--format", "json=./p.json", "p.json"),
        ("check", "--account", OWNER, "--trust", "p.json", "--format", "text=p.json", "q.json"),
        ("check", "--account", OWNER, "--rcp", "q.json", "--rcp", "p.json", "--format", "text=p.json", "q.json"),
        ("check", "--account", OWNER, "--registry-policy", "p.json", "--format", "text=link.json", "q.json"),
        ("audit", "p.json", "--format", "html=p.json"),
        ("diff", "--account", OWNER, "p.json", "q.json", "--format", "text=p.json"),
        ("ask", "--who", "222233334444", "--can", "pull", "--owner", OWNER, "--format", "text=p.json", "p.json"),
    ],
)
def test_no_report_replaces_what_is_read(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, argv: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("p.json", "q.json"):
        (tmp_path / name).write_text(json.dumps(OPEN))
    (tmp_path / "link.json").symlink_to("p.json")
    answer = run(*argv)
    assert (answer.status, json.loads((tmp_path / "p.json").read_text())) == (3, OPEN)
    assert sentence("outputs.read_too_would") in answer.err


def test_a_baseline_may_be_replaced_by_the_report_that_is_compared_with_it(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.json").write_text(json.dumps(OPEN))
    first = ("check", "--account", OWNER, "--format", "json=base.json", "p.json")
    assert (run(*first).status, run(*first, "--baseline", "base.json").status) == (1, 0)


@pytest.mark.parametrize("html", ["report", "no/such/folder/page.html", "."])
def test_a_page_is_an_output_too(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, html: str) -> None:
    monkeypatch.chdir(tmp_path)
    answer = run("audit", "p.json", "--format", "json=report", "--format", f"html={html}")
    assert (answer.status, answer.out, list(tmp_path.iterdir())) == (3, "", [])
    assert f"`{html}`" in answer.err


def test_a_folder_that_nobody_may_write_is_said_at_once(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(os, "access", lambda path, _: str(path) != str(tmp_path))  # root may write everywhere
    answer = run("audit", "p.json", "--format", f"text={tmp_path}/report")
    assert answer.err == f"ecr-crossaccount: cannot write `{tmp_path}/report`: permission denied\n"


def test_one_device_takes_several_outputs(run: Run, write: Write) -> None:
    argv = ("--format", f"json={os.devnull}", "--format", f"sarif={os.devnull}")
    assert run("check", "--account", OWNER, write(OPEN), *argv).status == 1
