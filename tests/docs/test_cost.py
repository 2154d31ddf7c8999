"""The table of docs/cost.md is the output of its command, and counts what the templates have."""

from __future__ import annotations

import re

import pytest

from benchmarks.sweep.costs import CHANGES, REPOSITORIES, SIZES, always, chosen, lines
from benchmarks.sweep.organization import ALARMS, watched, watched_centrally
from organization.processed import expanded
from organization.sources import ROOT, template
from organization.stacks import STACKS, Stack
from tests.docs.markdown import page
from tests.stack.test_alarms import made

COST = page("docs/cost.md")
PAGE = COST.path.read_text(encoding="utf-8")


def test_the_page_has_the_table_that_the_command_prints() -> None:
    assert "\n".join(lines()) + "\n" in PAGE


def test_each_figure_has_a_source_and_its_date() -> None:
    sources = [*COST.tables()][1][1:]
    priced = [price for one in (*always(), *chosen()) for price in one.prices]
    for what, source, as_of in sources:
        assert any(price in what for price in priced), f"no line of the table is about it: {what}"
        assert "](" in source, what
        assert re.fullmatch("2026-[0-9]{2}-[0-9]{2}", as_of), what
    for one in (*always(), *chosen()):
        assert one.prices, one.what
        for price in one.prices:
            assert any(price in what for what, *_ in sources), f"no source: {price}"


@pytest.mark.parametrize("stack", STACKS, ids=lambda one: one.name)
def test_nothing_polls_a_queue(stack: Stack) -> None:
    """Lambda would poll the queue of an event source mapping all month, even if it stays empty."""
    assert "AWS::Lambda::EventSourceMapping" not in {
        one["Type"] for one in expanded(template(stack.source))["Resources"].values()
    }


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
