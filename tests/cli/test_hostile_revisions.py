"""Revisions whose objects are made to exhaust the machine, and what remains if the process is ended."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from ecr_crossaccount.products.cli.base import revisions

from tests.wording import sentence

from .conftest import OWNER, Run, command
from .test_diff import commit, git, repository

__all__ = ["repository"]


def bomb(folder: Path, blob: str, levels: int) -> str:
    """Commit trees that name each other ten times, and return the commit."""
    entry = f"100644 blob {blob}"
    for _ in range(levels):
        entry = "040000 tree " + git(
            folder, "mktree", stdin="".join(f"{entry}\tx{name}.json\n" for name in range(10)).encode()
        )
    return git(folder, "commit-tree", entry.split()[2], "-m", "bomb")


@pytest.mark.usefixtures("repository")
def test_a_tree_of_ten_million_names_is_refused(run: Run) -> None:
    blob = git(Path.cwd(), "hash-object", "-w", "--stdin", stdin=b"{}")
    started = time.process_time()
    done = run("diff", "--account", OWNER, "--git", f"main..{bomb(Path.cwd(), blob, 7)}")
    assert time.process_time() - started < 5
    assert done.status == 3
    assert sentence("revisions.more_than_files") in done.err


@pytest.mark.usefixtures("repository")
def test_a_tree_of_too_many_bytes_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revisions, "MOST_BYTES", 10_000)
    blob = git(Path.cwd(), "hash-object", "-w", "--stdin", stdin=b" " * 1000)
    done = run("diff", "--account", OWNER, "--git", f"main..{bomb(Path.cwd(), blob, 2)}")
    assert (done.status, "has more than 10,000 bytes" in done.err) == (3, True)


def test_a_tree_with_a_folder_of_git_is_refused(repository: Path, run: Run) -> None:
    blob = git(repository, "hash-object", "-w", "--stdin", stdin=b"{}")
    inner = git(repository, "mktree", stdin=f"100644 blob {blob}\tconfig\n".encode())
    tree = git(repository, "mktree", stdin=f"040000 tree {inner}\t.GIT\n".encode())
    bad = git(repository, "commit-tree", tree, "-m", "bad")
    done = run("diff", "--account", OWNER, "--git", f"main..{bad}")
    assert (done.status, "no path below the repository" in done.err) == (3, True)


def test_sigterm_removes_the_folder(repository: Path, tmp_path: Path) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    commit(repository)
    script = (
        "import sys, time; from ecr_crossaccount.sources.formats import dispatch; "
        "from ecr_crossaccount.products.cli.main import main; "
        "dispatch.harvest = lambda *_: time.sleep(60); sys.exit(main(sys.argv[1:]))"
    )
    environment = {**os.environ, "TMPDIR": str(folder)}
    process = subprocess.Popen(
        [command()[0], "-c", script, "diff", "--account", OWNER, "--git", "main~1..main"],
        env=environment,
        stderr=subprocess.DEVNULL,
    )
    for _ in range(600):
        if any(folder.iterdir()) and any(folder.glob("*/infra")):
            break
        time.sleep(0.1)
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 128 + signal.SIGTERM
    assert list(folder.iterdir()) == []
