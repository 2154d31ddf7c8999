"""docs/remediation.md: the policy before becomes the policy after. remediation/README.md: the AWS CLI."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from ecr_crossaccount import Plan, Repository, Trust, plan

from tests.docs.markdown import page
from tests.wording import sentence

PLANS = page("docs/remediation.md")
REQUIRED = page("docs/required-statements.md")
BY_HAND = page("remediation/README.md")
OURS = Repository(account="111122223333", organization="o-a1b2c3d4e5")
_EXAMPLE = re.compile(
    r"^### (?P<title>[^\n]+)\n\n\*\*Before\*\*\n\n```json\n(?P<before>.+?)```\n\n"
    r"\*\*After\*\*\n\n```json\n(?P<after>.+?)```$",
    re.MULTILINE | re.DOTALL,
)


class Example(NamedTuple):
    title: str
    before: str
    after: str


EXAMPLES = [Example(*found.group(1, 2, 3)) for found in _EXAMPLE.finditer(PLANS.path.read_text("utf-8"))]


def planned(example: Example) -> Plan:
    register = yaml.safe_load(PLANS.blocks("yaml")[0].text)
    return plan(json.loads(example.before), OURS, Trust.parse(register, today=date(2026, 11, 25)))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_example(example: Example) -> None:
    assert json.dumps(planned(example).policy) == json.dumps(json.loads(example.after))


def test_every_example_of_the_page_is_run() -> None:
    assert len(PLANS.blocks("json")) == 2 * len(EXAMPLES)
    assert len(EXAMPLES) == PLANS.path.read_text("utf-8").count("\n**Before**\n")


def test_the_perimeter_of_the_page_leaves_services_open(tmp_path: Path) -> None:
    (perimeter,) = REQUIRED.blocks("yaml")
    register = "version: 1\ntrust: [{organization: self}]\n"
    files = {"perimeter.yaml": perimeter.text, "trust.yaml": register, "open.json": EXAMPLES[0].before}
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (block,) = REQUIRED.blocks("text")
    command, _, shown = block.text.removeprefix("$ ").partition("\n")
    ran = f'ecr-crossaccount() {{ "{sys.executable}" -m ecr_crossaccount "$@"; }}\n{command}'
    done = subprocess.run(["bash", "-c", ran], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    first, last = shown.split("…\n")
    assert done.stdout.startswith(first)
    assert done.stdout.endswith(last)


def test_what_is_planned_by_hand_is_judged_compliant_by_hand(tmp_path: Path) -> None:
    lines = [line for block in BY_HAND.blocks("shell") for line in block.text.splitlines()]
    ours = [line for line in lines if line.startswith("ecr-crossaccount ")]
    assert [line.split()[1] for line in ours] == ["plan", "plan", "judge"]
    named = {"Effect": "Allow", "Principal": {"AWS": ["222233334444", "444455556666"]}, "Action": "ecr:BatchGetImage"}
    (tmp_path / "before.json").write_text(json.dumps({"Statement": [named]}), encoding="utf-8")
    trust = "version: 1\ntrust:\n  - {account: '222233334444', repositories: ['team/*']}\n"
    (tmp_path / "trust.yaml").write_text(trust, encoding="utf-8")
    command = f'repository=team/base\necr-crossaccount() {{ "{sys.executable}" -m ecr_crossaccount "$@"; }}\n'
    done = subprocess.run(
        ["bash", "-c", command + "\n".join(ours)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(sentence("remediate.compliant_no_untrusted_external"))
    (kept,) = json.loads((tmp_path / "after.json").read_text(encoding="utf-8"))["Statement"]
    assert kept["Principal"] == {"AWS": ["222233334444"]}
