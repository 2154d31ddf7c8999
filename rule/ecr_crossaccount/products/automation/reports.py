"""How the planning function shows verdicts and plans: as lists that fit into the output of a step."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from ...judgement.values.verdict import NO_ACCESS, Verdict
from ...questions.plan.outcome import LONGEST_POLICY, Change

MOST_SHOWN = 10
"""The most grants and changes in an answer. The output of a step has at most 100 KB."""


def format_policy(policy: Mapping[str, object]) -> str:
    """Return a policy's text, formatted for people if it fits."""
    text = json.dumps(policy, indent=2, ensure_ascii=False)
    return text if len(text) <= LONGEST_POLICY else json.dumps(policy, separators=(",", ":"), ensure_ascii=False)


def report(verdict: Verdict) -> str:
    """Return the findings of a verdict, one on each line."""
    lines = first([f"{grant.severity.name}: {grant.reason}" for grant in verdict.grants], "grants")
    lines += first([f"undecided: {undecided.reason}" for undecided in verdict.undecided], "undecided")
    lines += first([f"invalid: {invalid.at}: {invalid.reason}" for invalid in verdict.invalid], "invalid")
    return "\n".join(lines) or f"this policy gives {NO_ACCESS}"


def changes_told(changes: Sequence[Change]) -> list[str]:
    """Return the changes of a plan with their reasons, one on each line."""
    told = [f"- {place(change.statement, change.sid)}{change.change}: {change.reason}" for change in changes]
    return first(told, "changes")


def first(lines: list[str], what: str) -> list[str]:
    """Return the first lines, and one that says how many more `what` there are."""
    more = len(lines) - MOST_SHOWN
    return [*lines[:MOST_SHOWN], f"and {more} more {what}"] if more > 0 else lines


def place(statement: int | None, sid: str | None) -> str:
    """Return the beginning of a line about a statement, or "" for the whole policy."""
    if statement is None:
        return ""
    return f"statement {statement}{f' `{sid}`' if sid else ''}: "


def short(record: dict[str, object]) -> dict[str, object]:
    """Return a verdict or a plan with shortened lists, and how many entries were left out."""
    left_out = {}
    for name, value in record.items():
        if isinstance(value, list) and len(value) > MOST_SHOWN:
            left_out[name] = len(value) - MOST_SHOWN
    shown = {name: value[:MOST_SHOWN] if isinstance(value, list) else value for name, value in record.items()}
    return shown | ({"left_out": left_out} if left_out else {})
