"""Text: the lines of the file, with a caret under the statement, as a person sees them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import OPEN, OWNER, Run
from tests.cli.test_process import COLOUR, ESCAPE, on_a_terminal

from .conftest import Checked


def test_the_statement_with_a_caret_under_it(checked: Checked) -> None:
    lines = checked("text", "ecr/open.json").out.splitlines()
    assert lines[:5] == [
        "CRITICAL  ecr/open.json:4:5  policy (repository)",
        '     3 |   "Statement": [',
        "     4 |     {",
        "       |     ^",
        '     5 |       "Sid": "AllowAll",',
    ]
    assert any(line.startswith("    because   any AWS account can take the repository over") for line in lines)
    assert any(line.startswith("    witness   arn:aws:iam::999988887777:role/outsider may call") for line in lines)
    assert any(line.startswith("    way out   remove: ") for line in lines)
    assert lines[-1] == "1 policy: 0 compliant, 1 non-compliant"


def test_every_policy_is_listed(checked: Checked, folder: Path) -> None:
    (folder / "note.txt").write_text("hello")
    out = checked("text", "ecr", "note.txt").out
    assert "COMPLIANT ecr/safe.json:1:1  policy (repository)\n" in out
    assert "UNDECIDED ecr/undecided.json" in out
    assert "INVALID   ecr/invalid.json" in out
    assert "skipped   note.txt: " in out
    assert out.endswith("6 policies: 1 compliant, 5 non-compliant, 1 skipped\n")


@pytest.mark.parametrize(
    "before, caret",
    [
        pytest.param("", 0, id="at its beginning"),
        pytest.param(" " * 3, 3, id="indented"),
        pytest.param("\t\t", 2, id="tabs"),
        pytest.param(" " * 200, 30, id="far to the right"),
    ],
)
def test_the_caret_stands_under_the_place(checked: Checked, folder: Path, before: str, caret: int) -> None:
    statement = json.dumps(OPEN["Statement"][0])
    (folder / "one.json").write_text(f'{{"Version": "2012-10-17", "Statement": [\n{before}{statement}]}}\n')
    lines = checked("text", "one.json").out.splitlines()
    place = next(number for number, line in enumerate(lines) if line.endswith("^"))
    assert lines[place].index("^") == 9 + caret
    assert lines[place - 1][9 + caret] == "{"
    assert len(lines[place - 1]) < 110


def test_wide_characters_before_the_place(checked: Checked, folder: Path) -> None:
    policy = {"Id": "日本語", **OPEN}
    (folder / "wide.json").write_text(json.dumps(policy, ensure_ascii=False))
    lines = checked("text", "wide.json").out.splitlines()
    place = next(number for number, line in enumerate(lines) if line.endswith("^"))
    from rich.cells import cell_len

    before = lines[place - 1].partition('{"Sid"')[0]
    assert lines[place].index("^") == cell_len(before)


def test_standard_input_has_no_lines_to_show(run: Run) -> None:
    result = run("check", "--account", OWNER, "-", stdin=json.dumps(OPEN))
    assert result.status == 1
    assert " | " not in result.out
    assert "because   any AWS account" in result.out


def test_nothing_hostile_reaches_the_terminal(checked: Checked, hostile: str) -> None:
    result = checked("text", hostile)
    assert result.out.replace("\n", "").isprintable()
    assert result.err.replace("\n", "").isprintable()
    assert result.err.count("\n") == 1


def test_a_terminal_gets_colour_and_a_file_does_not(folder: Path) -> None:
    shown = on_a_terminal("check", "--account", OWNER, "ecr/open.json")
    assert COLOUR.search(shown)
    assert "     4 |     {" in ESCAPE.sub("", shown)
    plain = on_a_terminal("check", "--account", OWNER, "ecr/open.json", environment={"NO_COLOR": "1"})
    assert not COLOUR.search(plain)
    assert on_a_terminal("check", "--account", OWNER, "ecr/open.json", "--output", "report.txt") == ""
    assert "\x1b" not in (folder / "report.txt").read_text()


def test_notes_are_told(checked: Checked, folder: Path) -> None:
    stale = {"Statement": {"Effect": "Allow", "Principal": {"AWS": "AROAEXAMPLEEXAMPLEEXA"}, "Action": "ecr:PutImage"}}
    answer = {"registryId": OWNER, "repositoryName": "base/python", "policyText": json.dumps(stale)}
    (folder / "stale.json").write_text(json.dumps(answer))
    out = checked("text", "stale.json").out
    assert out.startswith("COMPLIANT ")
    assert "    note      " in out
