"""The page about the formats of `check` names all formats and rules."""

from __future__ import annotations

import re

from ecr_crossaccount.products.cli.formats.choices import CHECK_FORMATS
from ecr_crossaccount.products.cli.formats.sarif import LEVELS, SCORES
from ecr_crossaccount.sources.check.rules import RULES

from tests.docs.markdown import page

TEXT = page("docs/formats.md").path.read_text(encoding="utf-8")


def test_every_format_has_its_row() -> None:
    assert re.findall(r"^\| `(\w+)`(?: \(default\))? \|", TEXT, re.MULTILINE) == list(CHECK_FORMATS)


def test_every_rule_stands_with_its_severity() -> None:
    told: dict[str, tuple[str, ...]] = {}
    for names, severity, score, level in re.findall(
        r"^\| (`.+`) \| ([A-Z]+) \| ([\d.]+) \| (\w+) \|", TEXT, re.MULTILINE
    ):
        told |= dict.fromkeys(re.findall(r"`([\w-]+)`", names), (severity, score, level))
    assert told == {rule.id: (rule.severity.name, SCORES[rule.severity], LEVELS[rule.severity]) for rule in RULES}
