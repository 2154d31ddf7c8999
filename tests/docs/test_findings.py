"""docs/findings.md: each policy to avoid has a finding of the severity in the table, and each to prefer has none."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest
import yaml
from ecr_crossaccount import Compliance, Repository, Trust, Verdict, judge

from tests.docs.markdown import Block, page

FINDINGS = page("docs/findings.md")
TODAY = date(2026, 11, 25)
OURS = Repository(account="111122223333", organization="o-a1b2c3d4e5")
EXAMPLES = FINDINGS.blocks("json")
SECTIONS = list(dict.fromkeys(block.heading for block in EXAMPLES))
SEVERITY = {
    "Any AWS account": "CRITICAL",
    "A condition that confines nobody": "HIGH",
    "A network that the policy names": "MEDIUM",
    "A named account": "MEDIUM",
    "More than trust covers": "CRITICAL",
    "An approval that has expired": "MEDIUM",
    "An organization": "MEDIUM",
    "A pattern that reaches too far": "HIGH",
    "A service that acts for others": "MEDIUM",
    "Settings only": "LOW",
    "Undecided": "MEDIUM",
    "Invalid": "MEDIUM",
}


def judged(block: Block) -> Verdict:
    """Judge an example with the page's own register."""
    register, *_ = FINDINGS.blocks("yaml")
    trust = Trust.parse(yaml.safe_load(register.text), today=TODAY)
    return judge(json.loads(block.text), OURS, trust)


def pair(section: str) -> tuple[Block, Block]:
    """Return the policy to avoid and the policy to prefer."""
    avoid, prefer = (block for block in EXAMPLES if block.heading == section)
    return avoid, prefer


def test_every_section_of_the_table_is_there_in_its_order() -> None:
    (table,) = FINDINGS.tables()
    listed = [re.sub(r"\[(.*)\]\(.*\)", r"\1", row[0]) for row in table[1:]]
    assert listed == SECTIONS == list(SEVERITY)


@pytest.mark.parametrize("section", SECTIONS)
def test_what_to_avoid_is_found(section: str) -> None:
    verdict = judged(pair(section)[0])
    assert verdict.compliance is Compliance.NON_COMPLIANT
    assert verdict.severity is not None
    assert verdict.severity.name == SEVERITY[section]
    assert bool(verdict.grants) != (section in ("Undecided", "Invalid"))


@pytest.mark.parametrize("section", SECTIONS)
def test_what_to_prefer_is_compliant(section: str) -> None:
    assert judged(pair(section)[1]).compliance is Compliance.COMPLIANT


def test_an_expired_approval_says_when() -> None:
    avoid, _ = pair("An approval that has expired")
    assert "expired on 2026-06-30" in judged(avoid).grants[0].reason


def test_what_is_beyond_trust_is_all_that_is_granted() -> None:
    avoid, _ = pair("More than trust covers")
    assert [access.value for access in judged(avoid).access] == ["WRITE", "ADMIN"]


@pytest.mark.parametrize("section, field", [("Undecided", "undecided"), ("Invalid", "invalid")])
def test_what_is_no_grant_is_the_section_it_stands_in(section: str, field: str) -> None:
    assert getattr(judged(pair(section)[0]), field)
