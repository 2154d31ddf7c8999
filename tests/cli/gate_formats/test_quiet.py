"""`check --quiet` shows only what needs work."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import OPEN, OWNER, SAFE, Run

from .conftest import Checked

CHECK = ("check", "--account", OWNER)


def test_a_clean_run_is_one_line(run: Run, folder: Path) -> None:
    (folder / "note.txt").write_text("hello")
    (folder / "old").mkdir()
    (folder / "old" / "x.json").write_text(json.dumps(OPEN))
    done = run(*CHECK, "-q", "ecr/safe.json", "note.txt", "old", "--exclude", "x.json")
    assert (done.status, done.err) == (0, "")
    assert done.out == "1 policy: 1 compliant, 0 non-compliant, 1 skipped, 1 excluded\n"


def test_what_fails_is_told_as_without_it(run: Run, checked: Checked) -> None:
    quiet, whole = run(*CHECK, "--quiet", "ecr").out, checked("text").out
    assert quiet != whole
    assert "COMPLIANT ecr/safe.json" not in quiet
    assert [line for line in whole.splitlines() if not line.startswith("COMPLIANT ")] == quiet.splitlines()


@pytest.mark.usefixtures("folder")
def test_what_does_not_fail_is_not_told(run: Run) -> None:
    done = run(*CHECK, "--quiet", "ecr/reader.json", "ecr/undecided.json", "--fail-on", "HIGH")
    assert (done.status, done.out) == (0, "2 policies: 0 compliant, 2 non-compliant (1 undecided)\n")
    assert done.err == "ecr-crossaccount: note: nothing fails, because no finding is HIGH or worse\n"
    done = run(*CHECK, "--quiet", "ecr/open.json", "ecr/reader.json", "--fail-on", "HIGH")
    assert "ecr/open.json:4:5" in done.out
    assert "ecr/reader.json" not in done.out


def test_what_is_suppressed_is_told_in_short_and_what_is_known_is_counted(run: Run, folder: Path) -> None:
    line = "{Statement: [{Effect: Allow, Principal: '*', Action: 'ecr:*'}]}  # ecr-crossaccount: ignore until "
    (folder / "kept.yaml").write_text(f"{line}2026-12-31: we know\n")
    done = run(*CHECK, "--quiet", "kept.yaml")
    assert done.out == (
        "SUPPRESSED kept.yaml:1:14  policy (repository)\n"
        "    CRITICAL  any AWS account gets READ, WRITE, ADMIN\n"
        "    HIGH      any AWS service for any account gets READ, WRITE, ADMIN\n"
        "1 policy: 0 compliant, 1 non-compliant, 2 suppressed: CRITICAL until 2026-12-31, HIGH until 2026-12-31\n"
    )
    (folder / "known.json").write_text(run(*CHECK, "--format", "json", "ecr/open.json").out)
    done = run(*CHECK, "--quiet", "ecr/open.json", "--baseline", "known.json")
    assert (done.status, done.out.count("\n")) == (0, 1)


def test_errors_and_what_was_not_judged_are_never_hidden(run: Run, folder: Path) -> None:
    (folder / "half.json").write_text('{"Statement": [')
    away = "Resources: {Away: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: 'https://x/ecr.yaml'}}}"
    (folder / "away.yaml").write_text(away)
    done = run(*CHECK, "--quiet", "half.json", "away.yaml")
    assert done.status == 3
    assert done.err.startswith("ecr-crossaccount: half.json:1: not JSON")
    assert done.out.startswith("unjudged  away.yaml:1:13  Away: ")
    assert done.out.count("\n") == 2


def test_a_file_of_text_is_quiet_too_and_the_other_forms_are_whole(run: Run, folder: Path) -> None:
    (folder / "safe.json").write_text(json.dumps(SAFE))
    whole = run(*CHECK, "--format", "json", "safe.json").out
    assert run(*CHECK, "--quiet", "--output", "out.txt", "--format", "json", "safe.json").out == whole
    assert (folder / "out.txt").read_text() == "1 policy: 1 compliant, 0 non-compliant\n"
