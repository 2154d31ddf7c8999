"""Lines, JUnit, GitHub's commands, Markdown and CSV, each parsed by a reader of its kind, with hostile names."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.wording import sentence

from .conftest import HOSTILE, POLICIES, Checked

# --- a line for each ---


def test_a_line_for_each_finding_and_the_last_of_the_text(checked: Checked, folder: Path) -> None:
    *lines, last = checked("lines").out.splitlines()
    assert last == checked("text").out.splitlines()[-1]
    assert [line.partition(": any")[0] for line in lines if line.startswith("ecr/open.json")] == [
        "ecr/open.json:4:5: CRITICAL any-write: policy",
        "ecr/open.json:4:5: HIGH service-write: policy",
    ]
    assert [line.split(" ")[2] for line in lines if line.startswith("ecr/undecided.json")] == ["undecided:"]
    assert not [line for line in lines if line.startswith("ecr/safe.json")]
    ignored = "{Statement: [{Effect: Allow, Principal: '*', Action: 'ecr:*'}]}  # ecr-crossaccount: ignore until "
    (folder / "kept.yaml").write_text(f"{ignored}2026-12-31: we know\n")
    worst, other, last = checked("lines", "kept.yaml").out.splitlines()
    assert worst.startswith("kept.yaml:1:14: SUPPRESSED CRITICAL any-write: ")
    assert " (suppressed until 2026-12-31: we know) (" in other
    assert last.startswith("1 policy: 0 compliant, 1 non-compliant, 2 suppressed: ")


# --- JUnit ---


def test_a_test_case_for_each_policy(checked: Checked, folder: Path) -> None:
    (folder / "ecr" / "half.json").write_text('{"Statement": ["ecr:*"')
    (folder / "note.txt").write_text("hello")
    result = checked("junit", "ecr", "note.txt")
    suite = ET.fromstring(result.out)[0]
    cases = {case.attrib["classname"]: case for case in suite}
    judged = {f"ecr/{name}" for name in POLICIES}
    assert set(cases) == judged | {"ecr/half.json", "note.txt"}
    failed = {name for name, case in cases.items() if case.find("failure") is not None}
    assert failed == judged - {"ecr/safe.json"}
    assert [case.find("error") is not None for case in cases.values()].count(True) == 1
    assert cases["note.txt"].find("skipped") is not None
    assert {name: suite.attrib[name] for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "8", "failures": "5", "errors": "1", "skipped": "1",
    }  # fmt: skip


def test_a_failure_says_all_and_begins_with_the_worst(checked: Checked) -> None:
    (case,) = ET.fromstring(checked("junit", "ecr/open.json").out).iter("testcase")
    failure = case.find("failure")
    assert failure is not None
    assert failure.text is not None
    assert failure.attrib["type"] == "CRITICAL"
    assert failure.text.startswith("ecr/open.json:4:5: CRITICAL any-write: ")
    assert len(failure.text.splitlines()) == 2


def test_junit_is_xml_whatever_a_policy_holds(checked: Checked, hostile: str) -> None:
    root = ET.fromstring(checked("junit", hostile).out)
    assert {element.tag for element in root.iter()} == {"testsuites", "testsuite", "testcase", "failure", "error"}


# --- GitHub ---

COMMAND = re.compile(r"::(error|warning|notice) file=([^:,]*),line=(\d+),col=(\d+),title=([^:,]*)::(.*)")


def commands(text: str) -> list[tuple[str, ...]]:
    """Return the commands in a log that has nothing else: level, file, line, column, title, message."""
    assert text == "" or text.endswith("\n")
    found = [COMMAND.fullmatch(line) for line in text.splitlines()]
    return [tuple(unquote(part) for part in one.groups()) for one in found if one] if all(found) else pytest.fail(text)


def test_annotations_stand_at_their_lines_the_worst_first(checked: Checked) -> None:
    told = commands(checked("github").out)
    assert [one[0] for one in told] == ["error", "error", "warning", "warning", "warning", "notice"]
    level, file, line, column, title, message = told[0]
    assert (level, file, line, column) == ("error", "ecr/open.json", "4", "5")
    assert title == sentence("rules.critical_any_aws")
    assert message.startswith(sentence("rules.policy_any_aws"))


def test_no_name_begins_a_command_of_its_own(checked: Checked, hostile: str) -> None:
    told = commands(checked("github", hostile).out)
    assert [one[0] for one in told] == ["error"] * 5
    assert all(one[2].isdigit() for one in told)
    assert "::error::e%0A" in told[0][5]


def test_nothing_found_is_no_command(checked: Checked) -> None:
    assert checked("github", "ecr/safe.json").out == ""


# --- GitLab ---


def test_a_code_quality_report(checked: Checked, folder: Path) -> None:
    (folder / "ecr" / "half.json").write_text('{"Statement": ["ecr:*"')
    listed = checked("gitlab").json
    assert all(set(one) == {"description", "check_name", "fingerprint", "severity", "location"} for one in listed)
    assert len({one["fingerprint"] for one in listed}) == len(listed) == 7
    assert listed[0]["location"]["path"].startswith("ecr/")
    assert [one["check_name"] for one in listed].count("unread") == 1


def test_a_code_quality_report_says_what_is_suppressed(checked: Checked, folder: Path) -> None:
    line = "# ecr-crossaccount: ignore until 2026-12-31: we know"
    template = "Resources:\n  A:\n    Type: AWS::ECR::Repository\n    Properties:\n      RepositoryPolicyText:  LINE\n"
    policy = "        Statement: [{Effect: Allow, Principal: '*', Action: 'ecr:PutImage'}]\n"
    (folder / "stack.yaml").write_text(template.replace("LINE", "") + policy)
    counted = checked("gitlab", "stack.yaml").json
    assert [one["severity"] for one in counted] == ["blocker", "critical"]
    (folder / "stack.yaml").write_text(template.replace("  A:", f"  A: {line}").replace("LINE", "") + policy)
    note, *suppressed = checked("gitlab", "stack.yaml").json
    assert (note["check_name"], note["severity"]) == ("note", "info")
    assert [one["severity"] for one in suppressed] == ["info", "info"]
    assert [one["fingerprint"] for one in suppressed] == [f"suppressed {one['fingerprint']}" for one in counted]


def test_a_code_quality_report_shows_nothing_raw(checked: Checked, hostile: str) -> None:
    result = checked("gitlab", hostile)
    assert result.out.isascii()
    assert all(one["description"].isprintable() for one in result.json)


# --- Markdown ---


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a page, with all of Markdown's features on."""
    for token in MarkdownIt("gfm-like", {"linkify": False, "html": True}).parse(text):
        yield token
        yield from token.children or ()


def test_a_comment_for_a_pull_request(checked: Checked) -> None:
    text = checked("markdown").out
    assert text.startswith(sentence("markdown.ecr_access_outside_non"))
    assert [token.type for token in tokens(text)].count("tr_open") == 1 + 6
    assert (
        "🟥 CRITICAL | <code>ecr/open&#46;json&#58;4</code> | <code>policy</code> | <code>any AWS account</code> gets"
        in text
    )
    assert "nothing confines the caller" in text


def test_a_clean_comment(checked: Checked, folder: Path) -> None:
    assert checked("markdown", "ecr/safe.json").out == sentence("verdict.ecr_access_outside")
    (folder / "half.json").write_text("{")
    (folder / "note.txt").write_text("hello")
    text = checked("markdown", "ecr/safe.json", "half.json", "note.txt").out
    assert text.endswith("\n1 skipped.\n\nTrust: <code>nobody</code>.\n")
    assert text.startswith(sentence("verdict.ecr_access_outside_not"))
    assert "- <code>half&#46;json&#58;1</code>: <code>" in text


def test_hostile_names_are_only_code(checked: Checked, hostile: str) -> None:
    text = checked("markdown", hostile).out
    found = list(tokens(text))
    kinds = {token.type for token in found}
    assert not {"link_open", "image"} & kinds
    html = {token.content.strip() for token in found if token.type in ("html_inline", "html_block")}
    assert html == {
        "<code>", "</code>", sentence("markdown.details_summary_why"), "</details>",
    }  # fmt: skip
    assert [token.type for token in found].count("tr_open") == 1 + 4
    assert [token.type for token in found].count("td_open") == 5 * 4
    outside = re.sub(r"^(`{3,})text\n.*?^\1$", "", text, flags=re.DOTALL | re.MULTILINE)
    assert "@octocat" not in outside
    assert "\x1b" not in text


def test_a_long_report_is_cut(checked: Checked, folder: Path) -> None:
    many = folder / "many"
    many.mkdir()
    for number in range(60):
        (many / f"{number:02}.json").write_text((folder / "ecr" / "reader.json").read_text())
    text = checked("markdown", "many").out
    assert "… and 10 more." in text
    assert len(text) < 65_536


# --- CSV ---


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_row_for_everything(checked: Checked, folder: Path) -> None:
    (folder / "ecr" / "half.json").write_text('{"Statement": ["ecr:*"')
    (folder / "note.txt").write_text("hello")
    found = rows(checked("csv", "ecr", "note.txt").out)
    assert [one["compliance"] for one in found].count("COMPLIANT") == 1
    assert [one["compliance"] for one in found].count("UNREAD") == 1
    assert [one["compliance"] for one in found].count("SKIPPED") == 1
    first = next(one for one in found if one["file"] == "ecr/open.json")
    assert (first["line"], first["severity"], first["sid"], first["public"]) == ("4", "CRITICAL", "AllowAll", "yes")
    assert first["access"] == "READ WRITE ADMIN"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", " =", "＝", "\r="])  # noqa: RUF001 - for spreadsheets
def test_no_cell_is_a_formula(checked: Checked, folder: Path, start: str) -> None:
    evil = f"{start}cmd|' /C calc'!A0"
    policy = (folder / "ecr" / "open.json").read_text().replace('"AllowAll"', json.dumps(evil))
    (folder / "evil.json").write_text(policy)
    for row in rows(checked("csv", "evil.json").out):
        for cell in row.values():
            assert not cell.lstrip().startswith(("=", "+", "-", "@", "\t", "\r", "＝")), cell  # noqa: RUF001 - as above


def test_hostile_names_stay_in_their_cells(checked: Checked, hostile: str) -> None:
    found = rows(checked("csv", hostile).out)
    assert [one["compliance"] for one in found] == ["NON_COMPLIANT"] * 4 + ["UNREAD"]
    assert all(None not in one for one in found)
    assert HOSTILE.partition("\x1b")[0] in found[0]["sid"]
