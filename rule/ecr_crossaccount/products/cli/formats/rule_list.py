"""Every rule, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ....sources.check.rules import Rule
from ..base.documentation import address, link
from ..base.json_text import render_json
from .page import SEVERITIES, Page


def as_json(rules: Sequence[Rule]) -> str:
    """Return the rules as one JSON object."""
    return render_json({"rules": [_as_json(rule) for rule in rules]})


def _as_json(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.id,
        "severity": rule.severity.name,
        "title": rule.title,
        "why": rule.why,
        "avoid": rule.avoid,
        "prefer": rule.prefer,
        "helpUri": address(rule),
    }


def show(rules: Iterable[Rule], page: Page) -> None:
    """Write the rules on a page."""
    for number, rule in enumerate(rules):
        if number:
            page.line()
        page.field(rule.severity.name, f"{rule.id}: {rule.title}", 0, SEVERITIES[rule.severity])
        for label, text in (("why", rule.why), ("avoid", rule.avoid), ("prefer", rule.prefer), ("see", link(rule))):
            page.field(label, text, 0)
