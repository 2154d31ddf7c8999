"""docs/automation.md: its steps and outputs are those of the shipped documents."""

from __future__ import annotations

import re

from tests.docs.markdown import ROOT, page
from tests.remediation.document import APPROVAL, deployed

AUTOMATION = page("docs/automation.md")
DOCUMENT = deployed(ROOT / "remediation" / "remediate.yaml", **APPROVAL)


def table(*head: str) -> list[list[str]]:
    (found,) = (rows for rows in AUTOMATION.tables() if rows[0] == list(head))
    return found[1:]


def test_the_steps_are_those_of_the_document_in_its_order() -> None:
    told = [
        name
        for row in table("step of *remediate*", "what it does", "when it ends")
        for name in re.findall(r"`(\w+)`", row[0])
    ]
    steps = [step["name"] for step in DOCUMENT["mainSteps"] if step["action"] != "aws:branch"]
    assert told == [name for name in steps if name != "end"]


def test_every_output_that_the_page_names_is_one() -> None:
    steps = {step["name"]: step for step in DOCUMENT["mainSteps"]}
    restore = deployed(ROOT / "remediation" / "restore.yaml", **APPROVAL)
    steps |= {step["name"]: step for step in restore["mainSteps"]}
    named = re.findall(r"`(\w+)\.(\w+)`", AUTOMATION.path.read_text(encoding="utf-8"))
    outputs = [(name, output) for name, output in named if name in steps]
    assert outputs
    for name, output in outputs:
        assert output in [one["Name"] for one in steps[name]["outputs"]], name
