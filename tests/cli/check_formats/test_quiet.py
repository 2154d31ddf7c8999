"""The text of `check` shows what needs work."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import OPEN, OWNER, SAFE, Run
from tests.wording import sentence

CHECK = ("check", "--account", OWNER)


def test_a_clean_run_says_what_it_left_out(run: Run, folder: Path) -> None:
    (folder / "note.txt").write_text("hello")
    (folder / "old").mkdir()
    (folder / "old" / "x.json").write_text(json.dumps(OPEN))
    done = run(*CHECK, "ecr/safe.json", "note.txt", "old", "--exclude", "x.json")
    assert (done.status, done.err) == (0, "")
    skipped, excluded, _, last = done.out.splitlines()
    assert skipped.startswith("skipped   note.txt: ")
    assert excluded == "excluded  `x.json`: old/x.json"
    assert last == "1 policy: 1 compliant, 0 non-compliant, 1 skipped, 1 excluded"


def test_what_is_suppressed_is_told_in_short(run: Run, folder: Path) -> None:
    line = "{Statement: [{Effect: Allow, Principal: '*', Action: 'ecr:*'}]}  # ecr-crossaccount: ignore until "
    (folder / "kept.yaml").write_text(f"{line}2026-12-31: we know\n")
    done = run(*CHECK, "kept.yaml")
    assert done.out == sentence("schema.suppressed_kept_yaml")


def test_errors_and_what_was_not_judged_are_never_hidden(run: Run, folder: Path) -> None:
    (folder / "half.json").write_text('{"Statement": [')
    away = "Resources: {Away: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: 'https://x/ecr.yaml'}}}"
    (folder / "away.yaml").write_text(away)
    done = run(*CHECK, "half.json", "away.yaml")
    assert done.status == 3
    assert done.err.startswith("ecr-crossaccount: half.json:1: not JSON")
    assert done.out.startswith("unjudged  away.yaml:1:13  Away: ")
    assert done.out.count("\n") == 2


def test_a_file_of_text_is_short_too_and_the_other_forms_are_whole(run: Run, folder: Path) -> None:
    (folder / "safe.json").write_text(json.dumps(SAFE))
    whole = run(*CHECK, "--format", "json", "safe.json").out
    assert run(*CHECK, "--format", "text=out.txt", "--format", "json", "safe.json").out == whole
    assert (folder / "out.txt").read_text() == "trust     nobody\n1 policy: 1 compliant, 0 non-compliant\n"
