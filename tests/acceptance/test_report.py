"""The report shows open questions, escapes foreign text, and masks completely."""

from __future__ import annotations

import json
import re

import pytest
import yaml

from acceptance.__main__ import main
from acceptance.cases import cases
from acceptance.clock import SystemClock
from acceptance.masking import Mask, unmasked
from acceptance.questions import PAYLOAD, QUESTIONS
from acceptance.record import Agreement, Answer, Comparison, Record, same
from acceptance.report import to_json, to_markdown
from acceptance.run import status
from acceptance.sandbox import PARTNER, Sandbox
from organization.sources import ROOT
from tests.acceptance.cloud import ACCOUNT, REGION, START
from tests.acceptance.deploying import InProcess


def record(*comparisons: Comparison) -> Record:
    found = Record(Sandbox(ACCOUNT, REGION), QUESTIONS, START, ended=START)
    found.answers = {one.key: Answer("seen", Agreement.AGREES) for one in QUESTIONS}
    for one in comparisons:
        found.settle(one)
    return found


def test_a_run_that_saw_nothing_answers_nothing() -> None:
    found = Record(Sandbox(ACCOUNT, REGION), QUESTIONS, START)
    assert status(found) == 2
    text = to_markdown(found, cases(), unmasked)
    assert text.startswith("# Acceptance: not everything was answered\n")
    assert text.count("not answered") == len(QUESTIONS)
    assert "✅" not in text


def test_the_status_is_that_of_the_worst() -> None:
    good, bad = same("a", "x", "1", "1"), same("b", "x", "1", "2")
    assert status(record(good)) == 0
    assert status(record(good, Comparison("c", "x"))) == 2
    assert status(record(good, bad, Comparison("c", "x"))) == 1
    left = record(good, bad)
    left.left.append("stack")
    assert status(left) == 3


def test_what_differs_comes_first() -> None:
    text = to_markdown(record(same("agreeing", "x", "1", "1"), same("differing", "x", "1", "2")), cases(), unmasked)
    assert 0 < text.index("| differing |") < text.index("| agreeing |")


def test_foreign_text_is_no_markup() -> None:
    hostile = "</code>|<img src=x>\n# [x](https://example.com) @someone `y` \x1b[31m\u202e"
    found = record(same("a", "x", hostile, "1", hostile))
    found.answers[PAYLOAD.key] = Answer(hostile, Agreement.DIFFERS)
    found.left.append(hostile)
    text = to_markdown(found, cases(), unmasked)
    assert "<img" not in text
    assert "](https" not in text
    assert "@someone" not in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert not [line for line in text.splitlines() if line.startswith("# [")]
    assert json.loads(to_json(found, cases(), unmasked))["left"] == [hostile]


def test_a_mask_is_the_same_word_everywhere_and_in_no_longer_number() -> None:
    mask = Mask(Sandbox(ACCOUNT, REGION))
    assert mask(f"{ACCOUNT} {PARTNER} 999988887777") == "SANDBOX PARTNER ACCOUNT-4"
    assert mask(f"arn:aws:iam::999988887777:root o-zzzzzzzzzz o-a1b2c3d4e5 1{ACCOUNT}") == (
        f"arn:aws:iam::ACCOUNT-4:root ORGANIZATION-5 o-a1b2c3d4e5 1{ACCOUNT}"
    )


def test_a_report_is_sent_with_the_form_and_kept_in_the_folder(capsys: pytest.CaptureFixture[str]) -> None:
    """The form names options that the command has, the files that it writes, and its mask."""
    form = yaml.safe_load((ROOT / ".github" / "ISSUE_TEMPLATE" / "acceptance.yml").read_text(encoding="utf-8"))
    with pytest.raises(SystemExit):
        main(["--help"], SystemClock(), InProcess(), input)
    known = capsys.readouterr().out
    text = json.dumps(form)
    assert {"--only", "--tables", "--mask"} <= {*re.findall(r"--[a-z]+", text)}
    assert all(option in known for option in re.findall(r"--[a-z]+", text))
    required = {part["id"] for part in form["body"] if part.get("validations", {}).get("required")}
    assert required == {"summary", "report"}
    (masked,) = [part for part in form["body"] if part["type"] == "checkboxes"]
    assert all(option["required"] for option in masked["attributes"]["options"])
    for page in ("docs/acceptance.md", "acceptance/reports/README.md"):
        assert f"*{form['name']}*" in (ROOT / page).read_text(encoding="utf-8")
    for written in ("report.md", "report.json", "build/acceptance"):
        assert written in text
