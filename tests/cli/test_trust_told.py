"""Every report says which trust it used."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest
from ecr_crossaccount.products.cli.base.outputs import Forms
from ecr_crossaccount.products.cli.formats import choices

from tests.cli.conftest import OWNER, Run, Write

PULL = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "222233334444"}, "Action": "ecr:BatchGetImage"}]}
REGISTER = "version: 1\ntrust:\n  - account: '222233334444'\n  - account: '333344445555'\n"
INVENTORY = "demo/inventory.json"
COMMANDS: list[tuple[str, Forms]] = [
    ("check --account {owner} {policy}", choices.CHECK_FORMATS),
    ("judge --account {owner} {policy}", choices.JUDGE_FORMATS),
    ("plan --account {owner} {policy}", choices.PLAN_FORMATS),
    ("diff --account {owner} {policy} {policy}", choices.DIFF_FORMATS),
    ("ask --account {owner} --can pull {policy}", choices.ASK_FORMATS),
    ("audit {inventory}", choices.AUDIT_FORMATS),
]
NO_REPORTS = {"RULE_FORMATS"}
"""Formats of lists that depend on no trust."""


def test_every_table_of_formats_is_tried() -> None:
    tables = {name for name in vars(choices) if name.endswith("_FORMATS")}
    tried = [forms for _, forms in COMMANDS]
    assert {name for name in tables if getattr(choices, name) not in tried} == NO_REPORTS


POLICIES = {"policy", "cloudformation", "terraform"}
"""The formats of `plan` that are the planned policy, for a pipe or a file of code."""


@pytest.mark.parametrize(
    "line, form", [(line, form) for line, forms in COMMANDS for form in forms if form not in POLICIES]
)
def test_a_report_says_which_trust_it_used(run: Run, write: Write, line: str, form: str) -> None:
    register = write(REGISTER, "register.yaml")
    command = line.format(policy=write(PULL, "policy.json"), inventory=INVENTORY, owner=OWNER).split()
    with_it = run(*command, "--trust", register, "--format", form)
    without = run(*command, "--no-trust", "--format", form)
    if form == "json":
        digest = sha256(Path(register).read_bytes()).hexdigest()
        assert json.loads(with_it.out)["register"] == {"file": register, "sha256": digest, "entries": 2}
        assert json.loads(without.out)["register"] is None
    else:
        assert "2 entries" in with_it.out + with_it.err
        assert "nobody" in (without.out + without.err).lower().partition("trust")[2]


def test_standard_error_repeats_no_trust_that_a_report_shows(run: Run, write: Write) -> None:
    policy = write(PULL, "policy.json")
    assert "trust" not in run("check", "--account", OWNER, policy, "--no-trust").err
    assert "trust: nobody" in run("check", "--account", OWNER, policy, "--no-trust", "--format", "csv").err
