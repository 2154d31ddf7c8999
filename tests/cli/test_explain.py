"""`explain`: every rule, known key and known action has an explanation, and nothing else has one."""

from __future__ import annotations

import pytest
from ecr_crossaccount.judgement.context.keys import NAMES
from ecr_crossaccount.judgement.values.actions import KNOWN
from ecr_crossaccount.sources.check.rules import RULES

from tests.docs.markdown import ROOT

from .conftest import OPEN, OWNER, Run, Write


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_has_the_section_of_the_page(run: Run, rule: object) -> None:
    said = run("explain", rule.id)  # type: ignore[attr-defined]
    first, *rest = said.out.splitlines()
    assert (said.status, first) == (0, f"{rule.id}, {rule.severity.name}: {rule.title}")  # type: ignore[attr-defined]
    page = (ROOT / "docs" / "findings.md").read_text(encoding="utf-8")
    assert "**" not in said.out
    assert "```" not in said.out
    assert (rest.count("Avoid"), rest.count("Prefer")) == (1, 1)
    blocks = [line for line in rest if line.startswith("  ")]
    assert blocks
    assert all(line.removeprefix("  ") in page.splitlines() for line in blocks)


def test_a_rule_has_its_own_short_examples_where_the_page_is_not(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecr_crossaccount.products.cli.explain.installed_page", lambda: None)
    _, *rest = run("explain", "any-read").out.splitlines()
    assert [line.split()[0] for line in rest] == ["why", "avoid", "prefer"]


def test_a_key_says_who_sets_it_and_where_aws_says_so(run: Run) -> None:
    for name in NAMES.values():
        said = run("explain", name.upper()).out
        assert said.startswith(f"{name}, a condition key\n")
        assert "  set by  " in said
        assert "  see     https://" in said
    assert run("explain", "aws:ResourceTag/team").out.startswith("aws:ResourceTag/, a condition key\n")


def test_an_action_says_the_access_that_it_gives(run: Run) -> None:
    for name in KNOWN:
        assert run("explain", name.lower()).out.startswith(f"{name}, an action\n  access  ")
    assert "access  WRITE" in run("explain", "ecr:PutImage").out


@pytest.mark.parametrize("word, meant", [("any-wrte", "any-write"), ("PutImage", "ecr:PutImage"), ("\x1b[2J", "")])
def test_another_word_is_an_error_with_what_was_meant(run: Run, word: str, meant: str) -> None:
    said = run("explain", word)
    assert (said.status, said.out) == (3, "")
    assert (f"did you mean `{meant}`?" in said.err) is bool(meant)
    assert "\x1b" not in said.err


def test_a_finding_names_the_command_that_explains_it(run: Run, write: Write) -> None:
    assert "any-write, ecr-crossaccount explain any-write" in run("judge", "--owner", OWNER, write(OPEN)).out
