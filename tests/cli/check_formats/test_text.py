"""Text: the lines of the file, with a caret below the statement, as a person sees them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import OPEN, OWNER, Run
from tests.cli.test_process import COLOUR, ESCAPE, on_a_terminal
from tests.wording import sentence

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
    assert any(line.startswith(sentence("rules.because_any_aws")) for line in lines)
    assert any(line.startswith("    witness   arn:aws:iam::999988887777:role/outsider may call") for line in lines)
    assert any(line.startswith("    way out   remove: ") for line in lines)
    assert lines[-1] == "1 policy: 0 compliant, 1 non-compliant"


def test_every_policy_is_listed(checked: Checked, folder: Path) -> None:
    (folder / "note.txt").write_text("hello")
    out = checked("text", "ecr", "note.txt").out
    assert "ecr/safe.json" not in out, "a compliant policy without a note is counted"
    assert "UNDECIDED ecr/undecided.json" in out
    assert "INVALID   ecr/invalid.json" in out
    assert "skipped   note.txt: " in out
    assert out.count(sentence("way_out.way_out_write")) == 1
    assert out.count(sentence("way_out.way_out_correct")) == 1
    assert out.endswith("6 policies: 1 compliant, 5 non-compliant (1 undecided, 1 invalid), 1 skipped\n")


def test_a_folder_without_anything_of_ecr_is_not_told_as_if_it_had_been_judged(checked: Checked, folder: Path) -> None:
    (folder / "empty").mkdir()
    result = checked("text", "empty")
    assert (result.status, result.out) == (0, sentence("check_text.policies_no_ecr_policy"))


def test_the_excerpt_ends_with_the_file(checked: Checked, folder: Path) -> None:
    (folder / "line.json").write_text(json.dumps(OPEN) + "\n")
    shown = [line[:9] for line in checked("text", "line.json").out.splitlines() if " | " in line]
    assert shown == ["     1 | ", "       | "]


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
    assert on_a_terminal("check", "--account", OWNER, "ecr/open.json", "--format", "text=report.txt") == ""
    assert "\x1b" not in (folder / "report.txt").read_text()


def test_notes_are_told(checked: Checked, folder: Path) -> None:
    stale = {"Statement": {"Effect": "Allow", "Principal": {"AWS": "AROAEXAMPLEEXAMPLEEXA"}, "Action": "ecr:PutImage"}}
    answer = {"registryId": OWNER, "repositoryName": "base/python", "policyText": json.dumps(stale)}
    (folder / "stale.json").write_text(json.dumps(answer))
    out = checked("text", "stale.json").out
    assert out.startswith("COMPLIANT ")
    assert "    note      " in out


BLOCK = """\
Resources:
  Kept:
    Type: AWS::ECR::Repository
    Properties:
      RepositoryPolicyText:
        Statement:
          # ecr-crossaccount: ignore until 2026-12-31: we know
          - Effect: Allow
            Principal: {AWS: "222233334444"}
            Action: ecr:BatchGetImage
          - Effect: Allow
            Principal: {AWS: "333344445555"}
            Action: ecr:BatchGetImage

  Other:
    Type: AWS::ECR::Repository
"""


def test_an_excerpt_ends_with_its_statement(checked: Checked, folder: Path) -> None:
    (folder / "stack.yaml").write_text(BLOCK)
    lines = checked("text", "stack.yaml").out.splitlines()
    assert "    13 |             Action: ecr:BatchGetImage" in lines
    assert not [line for line in lines if "Other:" in line]
    shown = [line for line in checked("text", "ecr/open.json").out.splitlines() if " | " in line]
    assert shown[-1].endswith(" |     }")


def test_what_does_not_count_is_told_in_short(checked: Checked, folder: Path) -> None:
    (folder / "stack.yaml").write_text(BLOCK)
    lines = checked("text", "stack.yaml").out.splitlines()
    place = lines.index("SUPPRESSED stack.yaml:8:13  Kept (repository)")
    assert lines[place + 1] == "    MEDIUM    account 222233334444 gets READ"
    assert lines[place + 2] == ""
    assert lines[place + 3].startswith("MEDIUM    stack.yaml:11:13")
    assert "    note      statement 0 is suppressed until 2026-12-31: we know" in lines
    assert lines[-1] == "2 policies: 1 compliant, 1 non-compliant, 1 suppressed: MEDIUM until 2026-12-31"


def test_what_a_baseline_knows_is_told_in_short(run: Run, folder: Path) -> None:
    argv = ("check", "--account", OWNER, "ecr/open.json")
    (folder / "baseline.json").write_text(run(*argv, "--format", "json").out)
    result = run(*argv, "--baseline", "baseline.json")
    assert result.status == 0
    assert result.out.startswith("KNOWN     ecr/open.json:4:5  policy (repository)\n    CRITICAL  any AWS account gets")


NEEDLESS = """\
Resources:
  Kept:
    Type: AWS::ECR::Repository
    Properties:
      RepositoryPolicyText:
        Statement:
          # ecr-crossaccount: ignore until 2026-12-31: we know
          - Effect: Allow
            Principal: {AWS: "111122223333"}
            Action: ecr:BatchGetImage
  Bare:
    Type: AWS::ECR::Repository
"""


def test_an_empty_line_ends_whatever_takes_more_than_one(run: Run, folder: Path) -> None:
    (folder / "needless.yaml").write_text(NEEDLESS)
    argv = ("check", "--account", OWNER, "ecr/open.json", "needless.yaml", "ecr/undecided.json", "ecr/safe.json")
    (folder / "baseline.json").write_text(run(*argv, "--format", "json").out)
    told = run(*argv, "--baseline", "baseline.json").out
    kinds = [[line.split()[0] for line in block.splitlines()] for block in told.split("\n\n")]
    assert kinds == [
        ["KNOWN", "CRITICAL", "HIGH"],
        ["COMPLIANT", "note"],
        ["KNOWN", "UNDECIDED"],
        ["trust", "5"],
    ]
