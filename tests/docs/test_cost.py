"""The table of docs/cost.md is the output of its command, and counts what the templates have."""

from __future__ import annotations

from benchmarks.sweep.costs import CHANGES, REPOSITORIES, SIZES, always, lines
from benchmarks.sweep.organization import ALARMS, watched, watched_centrally
from organization.sources import ROOT, template
from tests.stack.test_alarms import made

PAGE = (ROOT / "docs" / "cost.md").read_text(encoding="utf-8")


def test_the_page_has_the_table_that_the_command_prints() -> None:
    assert "\n".join(lines()) + "\n" in PAGE


def test_hook_and_alarms_have_the_alarms_that_are_counted() -> None:
    for name in ("hook", "alerts"):
        assert len(made(template(f"organization/{name}.yaml"), "AWS::CloudWatch::Alarm")) == 2


def test_a_central_rule_costs_what_the_page_says() -> None:
    assert f"at most ${watched_centrally(ALARMS['All']):.2f} a month" in PAGE


def test_the_readme_says_what_the_default_costs() -> None:
    by_default = sum(one.each for one in always()) - watched(ALARMS["One"]) + watched(ALARMS["All"])
    assert f"about ${by_default:.2f} a month" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert (REPOSITORIES, CHANGES) == (50, 100)


def test_an_account_pays_less_than_a_dollar() -> None:
    assert sum(one.each for one in always()) < 1
    assert list(SIZES.values()) == [1, 600, 8_500]
