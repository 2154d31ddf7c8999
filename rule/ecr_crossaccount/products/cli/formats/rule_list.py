"""`check --list-rules`: every rule, for people and for programs."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from ....sources.check.rules import RULES, Rule
from ..base.atomic import write_whole
from ..base.documentation import address, link
from ..base.json_text import written
from ..base.outputs import Output
from ..base.program import InputError
from .page import SEVERITIES, Page, rendered


def show_rules(outputs: Iterable[Output]) -> None:
    """Write the rules in each requested format. Raises InputError for a format that only findings have."""
    outputs = list(outputs)
    for one in outputs:
        if one.format not in ("text", "json"):
            raise InputError(f"--list-rules has no format {one.format}: expected text or json")
    for one in outputs:
        _show(one)


def _show(output: Output) -> None:
    if output.format == "text" and output.file is None:
        _write(RULES, Page())
        return
    rules = written({"rules": [_as_json(rule) for rule in RULES]})
    text = rules if output.format == "json" else rendered(RULES, _write)
    if output.file is None:
        sys.stdout.write(text)
    else:
        write_whole(output.file, text)


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


def _write(rules: Iterable[Rule], page: Page) -> None:
    for number, rule in enumerate(rules):
        if number:
            page.line()
        page.labelled(rule.severity.name, f"{rule.id}: {rule.title}", 0, SEVERITIES[rule.severity])
        for label, text in (("why", rule.why), ("avoid", rule.avoid), ("prefer", rule.prefer), ("see", link(rule))):
            page.labelled(label, text, 0)
