"""The page about comparing: its example is reproducible, its tables are complete, and its workflow is valid."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from ecr_crossaccount.judgement.values.verdict import Severity
from ecr_crossaccount.products.cli import main
from ecr_crossaccount.products.cli.base.program import COMPARED

from tests.docs.markdown import ROOT, page

PAGE = page("docs/diff.md")
TEXT = PAGE.path.read_text(encoding="utf-8")


def test_the_example_prints_what_the_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, block in zip(("old.json", "new.json"), PAGE.blocks("json"), strict=True):
        (tmp_path / name).write_text(block.text, encoding="utf-8")
    (example,) = PAGE.blocks("console")
    command, _, shown = example.text.partition("\n")
    assert main.main(command.removeprefix("$ ecr-crossaccount ").split()) == 1
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == (shown, "")


def test_what_fails_and_the_statuses_are_told() -> None:
    told = [
        name
        for row in re.findall(r"^\| (`[A-Z`, ]+`) \| opened", TEXT, re.MULTILINE)
        for name in re.findall("[A-Z]+", row)
    ]
    assert {"CHANGE", *(one.name for one in Severity)} == set(told)
    assert {int(number) for number in re.findall(r"^\| (\d+) \|", TEXT, re.MULTILINE)} == {*COMPARED, 70}


def test_the_workflow_names_inputs_that_the_action_has() -> None:
    workflow, _ = (yaml.safe_load(block.text) for block in PAGE.blocks("yaml"))
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    steps = workflow["jobs"]["ecr"]["steps"]
    used = next(step["with"] for step in steps if "ecr-crossaccount@" in step.get("uses", ""))
    assert set(used) <= set(action["inputs"])
    assert action["inputs"]["comment"]["default"] in steps[-1]["run"]
