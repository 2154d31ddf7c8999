"""docs/remediation.md: each policy before becomes the policy after, or the plan is refused as the page says."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import NamedTuple

import pytest
import yaml
from ecr_crossaccount import Action, Plan, Repository, Trust, plan

from tests.docs.markdown import page

REMEDIATION = page("docs/remediation.md")
FINDINGS = page("docs/findings.md")
OURS = Repository(account="111122223333", organization="o-a1b2c3d4e5")
_EXAMPLE = re.compile(
    r"^### (?P<title>[^\n]+)\n\n\*\*Before\*\*\n\n```json\n(?P<before>.+?)```\n\n"
    r"(?:\*\*After\*\*\n\n```json\n(?P<after>.+?)```|\*\*Refused\*\*: (?P<refused>[^\n]+))$",
    re.MULTILINE | re.DOTALL,
)


class Example(NamedTuple):
    title: str
    before: str
    after: str | None
    refused: str | None


EXAMPLES = [Example(*found.group(1, 2, 3, 4)) for found in _EXAMPLE.finditer(REMEDIATION.path.read_text("utf-8"))]


def planned(example: Example) -> Plan:
    register = yaml.safe_load(REMEDIATION.blocks("yaml")[0].text)
    return plan(json.loads(example.before), OURS, Trust.parse(register, today=date(2026, 11, 25)))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_example(example: Example) -> None:
    found = planned(example)
    if example.after is None:
        assert found.action is Action.NONE
        assert found.refused == example.refused
    else:
        assert json.dumps(found.policy) == json.dumps(json.loads(example.after))


def test_every_example_of_the_page_is_run() -> None:
    blocks = REMEDIATION.blocks("json")
    assert len(blocks) == sum(1 + (example.after is not None) for example in EXAMPLES)
    assert len(EXAMPLES) == REMEDIATION.path.read_text("utf-8").count("\n**Before**\n")


def test_every_kind_of_finding_is_shown() -> None:
    (table,) = FINDINGS.tables()
    kinds = {re.sub(r"\[(.*)\]\(.*\)", r"\1", row[0]) for row in table[1:]}
    assert kinds - {example.title for example in EXAMPLES} == {"Settings only"}, "which is cut as any other access"
