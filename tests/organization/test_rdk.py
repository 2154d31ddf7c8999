"""The folder for AWS's Rule Development Kit: docs/rdk.md."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ecr_crossaccount.products.rule.parameters import Parameters

from organization.rdk.__main__ import RULE, rule_folder
from organization.sources import template
from tests.events import RULE as NAME
from tests.rule.test_parameters import TODAY
from tests.stack.cloudformation import ROOT, Stack

PARAMETERS: dict[str, Any] = json.loads((ROOT / "organization/rdk/parameters.json").read_text(encoding="utf-8"))[
    "Parameters"
]


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    return rule_folder(built, tmp_path)


def test_rdk_finds_the_rule_its_parameters_and_its_test_by_one_name(folder: Path) -> None:
    assert folder.name == RULE == PARAMETERS["RuleName"] == NAME.upper().replace("-", "_")
    assert {path.name for path in folder.iterdir() if path.is_file()} == {
        "handler.py",
        "parameters.json",
        f"{RULE}_test.py",
    }


def test_the_rule_is_the_stacks(folder: Path) -> None:
    stack = Stack(template())
    rule, function = stack.properties("Rule"), stack.properties("RuleFunction")
    assert PARAMETERS["RuleDisplayName"] == rule["ConfigRuleName"]
    assert PARAMETERS["Description"] == rule["Description"]
    assert [PARAMETERS["SourceEvents"]] == rule["Scope"]["ComplianceResourceTypes"]
    assert PARAMETERS["SourcePeriodic"] == rule["Source"]["SourceDetails"][2]["MaximumExecutionFrequency"]
    assert (PARAMETERS["SourceHandler"], PARAMETERS["SourceRuntime"]) == (function["Handler"], function["Runtime"])
    assert (folder / PARAMETERS["SourceHandler"].replace(".lambda_handler", ".py")).exists()


def test_its_parameters_are_the_rules(folder: Path) -> None:
    assert folder.exists()
    given = {**json.loads(PARAMETERS["InputParameters"]), **json.loads(PARAMETERS["OptionalParameters"])}
    asked = template()["Resources"]["Rule"]["Properties"]["InputParameters"]
    assert set(given) == set(asked) - {"trustRegisterKeepHours", "countRegistryPolicy", "countResourceControlPolicies"}
    # RDK omits blank values.
    Parameters.parse({name: value for name, value in given.items() if value}, TODAY)


def test_the_test_that_rdk_runs_passes(folder: Path) -> None:
    # Loaded like `rdk test-local`, with the function's own modules last, as in rdk.
    code = f"import sys, unittest; sys.path += [{str(folder)!r}, {str(ROOT / 'rule')!r}]; unittest.main('{RULE}_test')"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "Ran 2 tests" in ran.stderr
