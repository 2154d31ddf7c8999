"""The rules of `check`: how a baseline, a suppression and code scanning identify a finding."""

from __future__ import annotations

from pathlib import Path

from ecr_crossaccount.judgement.values.verdict import Severity
from ecr_crossaccount.sources.check.rules import RULES

KNOWN = {
    "any-write": Severity.CRITICAL,
    "any-read": Severity.HIGH,
    "any-settings": Severity.LOW,
    "account-write": Severity.CRITICAL,
    "account-read": Severity.MEDIUM,
    "account-settings": Severity.LOW,
    "organization-write": Severity.CRITICAL,
    "organization-read": Severity.MEDIUM,
    "organization-settings": Severity.LOW,
    "service-write": Severity.HIGH,
    "service-read": Severity.MEDIUM,
    "service-settings": Severity.LOW,
    "network-read": Severity.MEDIUM,
    "undecided": Severity.MEDIUM,
    "invalid": Severity.MEDIUM,
}


ANCHORS = {
    "any": "any-aws-account",
    "account": "a-named-account",
    "organization": "an-organization",
    "service": "a-service-that-acts-for-others",
    "network": "a-network-that-the-policy-names",
    "undecided": "undecided",
    "invalid": "invalid",
}


def test_each_rule_has_the_section_of_its_grantee_or_that_of_settings() -> None:
    found = {rule.id: rule.anchor for rule in RULES}
    assert found == {
        name: "settings-only" if name.endswith("-settings") else ANCHORS[name.partition("-")[0]] for name in KNOWN
    }


def test_rules_keep_their_names_and_severities() -> None:
    assert {rule.id: rule.severity for rule in RULES} == KNOWN


def test_a_rule_says_what_to_avoid_and_what_to_prefer() -> None:
    assert [rule.id for rule in RULES if not (rule.title and rule.why and rule.avoid and rule.prefer)] == []


def test_each_rule_has_its_section_on_the_page_of_findings() -> None:
    page = (Path(__file__).parents[2] / "docs" / "findings.md").read_text(encoding="utf-8")
    headings = [line.lstrip("# ").lower().replace(" ", "-") for line in page.splitlines() if line.startswith("#")]
    assert [rule.anchor for rule in RULES if rule.anchor not in headings] == []
