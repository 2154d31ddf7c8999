"""Each page of decisions is in their index, and each decision has a date, a state, a reason and a limit of words."""

from __future__ import annotations

import re
from pathlib import Path

from tests.docs.markdown import Page

DIRECTORY = Path(__file__).parents[2] / "docs" / "decisions"
PAGES = {path.name: path.read_text(encoding="utf-8") for path in sorted(DIRECTORY.glob("*.md"))}
DATED = re.compile(r"\*20[0-9]{2}-[0-9]{2}-[0-9]{2}, in force[^*]*\.\* ")
FOLDED = "Also decided"
LONGEST = 200
"""Words of one decision. Most have about 110."""


def test_each_page_is_in_the_index() -> None:
    (table,) = Page(DIRECTORY / "README.md").tables()
    links = re.findall(r"\(([^)]+)\)", "".join(row[0] for row in table[1:]))
    assert sorted(links) == sorted(set(PAGES) - {"README.md"})


def test_each_decision_has_a_date_a_state_and_an_alternative() -> None:
    sections = {
        (name, heading): text.strip()
        for name, page in PAGES.items()
        for heading, _, text in (section.partition("\n") for section in page.split("\n## ")[1:])
    }
    decisions = {key: text for key, text in sections.items() if key[1] != FOLDED}
    assert decisions
    assert [key for key, text in decisions.items() if not DATED.match(text)] == []
    assert [key for key, text in decisions.items() if "Not taken: " not in text] == []
    assert [key for key, text in decisions.items() if len(text.split()) > LONGEST] == []
    folded = [line for key, text in sections.items() if key[1] == FOLDED for line in text.splitlines()]
    assert [line for line in folded if not re.search(r"\(20[0-9-]{8}[,)]", line)] == []


def test_all_decisions_together_are_short() -> None:
    assert sum(len(text.split()) for text in PAGES.values()) <= 7000
