"""docs/organization.md: its files are in a release, its figures are the command's, and its snippets are usable."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docs.markdown import ROOT, page
from tests.docs.named_tests import exists, named_by
from tests.organization.releases import Json, Release, functions
from tests.organization.test_invariants import WITHOUT_CENTRAL
from tests.stack.cloudformation import Stack
from tests.stack.test_regions import WITHOUT

PAGE = page("docs/organization.md")
TEXT = PAGE.path.read_text(encoding="utf-8")
LZA_RULE = {"name", "type", "description", "inputParameters", "customRule"}
LZA_CUSTOM = {"lambda", "periodic", "maximumExecutionFrequency", "configurationChanges", "triggeringResources"}
LZA_LAMBDA = {"sourceFilePath", "handler", "runtime", "rolePolicyFile", "timeout"}
LZA_STACKSET = {"name", "template", "capabilities", "deploymentTargets", "regions", "parameters"}
"""Fields of Landing Zone Accelerator 1.15's schemas (security-config, customizations-config) that the page uses."""
CFCT = {
    "name",
    "description",
    "resource_file",
    "deploy_method",
    "deployment_targets",
    "regions",
    "parameters",
}
"""Fields of a resource in the manifest of version 2021-03-15."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Release:
    return Release.of_functions(functions(tmp_path_factory.mktemp("built")))


def snippet(name: str) -> Any:  # noqa: ANN401 - YAML
    (text,) = [block.text for block in PAGE.blocks("yaml") if block.text.startswith(f"# {name}\n")]
    return yaml.safe_load(text)


def test_every_file_of_a_release_is_explained(made: Release) -> None:
    for key in made.files:
        stem = key.rpartition("-")[0] + "-…" + Path(key).suffix if key.startswith(("functions", "templates")) else key
        assert f"`{stem}`" in TEXT, key


def test_what_is_deployed_by_hand_is_in_a_command(made: Release) -> None:
    commands = "".join(block.text for block in PAGE.blocks("shell"))
    for key in made.files:
        if "/" not in key:
            assert f"build/release/{key}" in commands


def test_commands_give_parameters_that_the_templates_have_and_all_that_they_need(made: Release) -> None:
    for block in PAGE.blocks("shell"):
        for command in block.text.replace("\\\n", " ").split("aws cloudformation deploy")[1:]:
            words = command.split("done")[0].split()
            (path,) = [word for word in words if word.startswith("build/release/")]
            name = Path(path).stem
            template = made.of_buckets(name.removesuffix("-*")) if "/templates/" in path else made.template(name)
            assert_parameters(template, {word.partition("=")[0] for word in words if "=" in word})


@pytest.mark.parametrize("name", ["hook", "alerts"])
def test_a_stackset_gives_parameters_that_the_template_has_and_all_that_it_needs(made: Release, name: str) -> None:
    (block,) = [one.text for one in PAGE.blocks("shell") if f"echo templates/{name}-*.json" in one.text]
    assert "$template" in block
    given = re.findall("ParameterKey=([A-Za-z]+),ParameterValue=", block)
    assert_parameters(made.of_buckets(name), set(given))


def assert_parameters(template: Json, given: set[str]) -> None:
    asked = template["Parameters"]
    assert given <= set(asked)
    assert {key for key, one in asked.items() if "Default" not in one} <= given


def test_each_event_has_a_row_with_the_alarm_that_tells_it(made: Release) -> None:
    (rows,) = [rows[1:] for rows in PAGE.tables() if rows[0][0] == "event"]
    assert all(len(row) == 3 and all(row) for row in rows)
    events = " ".join(row[0] for row in rows)
    for word in ("joins", "leaves", "is suspended", "trust ends", "the rule fails"):
        assert word in events
    account = json.loads(made.stored("account").content)
    named = {alarm for row in rows for alarm in re.findall(r"\b(?:[A-Z][a-z]+){2,}\b", row[1])}
    assert named >= {"TrustEndsSoon", "RuleFails"}
    alarms = {name for name, one in account["Resources"].items() if one["Type"] == "AWS::CloudWatch::Alarm"}
    assert named <= alarms | {"StackSets"}
    assert "as `AlarmTopic`" in TEXT
    assert "AlarmTopic" in account["Parameters"]
    assert all(said in TEXT for said in ("To update", "to go back"))


def test_the_regions_that_lack_something_are_those_of_the_schemas() -> None:
    for region in WITHOUT:
        assert f"`{region}`" in TEXT
    assert {one for one in WITHOUT_CENTRAL if not one.startswith(("cn-", "us-gov-"))} == {"me-central-1"}
    assert "aws-cn, aws-us-gov, `me-central-1`" in TEXT


def test_landing_zone_accelerator_deploys_the_template(made: Release) -> None:
    (stackset,) = snippet("customizations-config.yaml")["customizations"]["cloudFormationStackSets"]
    assert set(stackset) == LZA_STACKSET
    given = {one["name"] for one in stackset["parameters"]}
    account = json.loads(made.stored("account").content)["Parameters"]
    assert given <= set(account)
    assert {name for name, one in account.items() if "Default" not in one} <= given


def test_landing_zone_accelerator_makes_the_rule_of_the_archive(made: Release) -> None:
    (rules,) = snippet("security-config.yaml")["awsConfig"]["ruleSets"]
    (rule,) = rules["rules"]
    custom = rule["customRule"]
    assert (set(rule), set(custom), set(custom["lambda"])) == (LZA_RULE, LZA_CUSTOM, LZA_LAMBDA)
    stack = Stack(json.loads(made.stored("account").content))
    function, shipped = stack.properties("RuleFunction"), stack.properties("Rule")
    of_lambda = custom["lambda"]
    assert (of_lambda["handler"], of_lambda["runtime"]) == (function["Handler"], function["Runtime"])
    assert of_lambda["timeout"] == function["Timeout"]
    assert Path(of_lambda["rolePolicyFile"]).name in {Path(key).name for key in made.files}
    assert rule["name"] == shipped["ConfigRuleName"]
    assert custom["triggeringResources"]["lookupValue"] == shipped["Scope"]["ComplianceResourceTypes"]
    assert rule["inputParameters"].items() <= shipped["InputParameters"].items()


def test_its_role_may_what_the_functions_may_but_queue_and_log(made: Release) -> None:
    policy = json.loads(made.files["lza/rule-role.json"].content)
    assert "Fn::" not in json.dumps(policy)
    (own,) = Stack(json.loads(made.stored("account").content)).properties("RuleFunctionRole")["Policies"]
    expected = {one["Sid"]: one["Action"] for one in own["PolicyDocument"]["Statement"]}
    assert {one["Sid"]: one["Action"] for one in policy["Statement"]} == {
        sid: action for sid, action in expected.items() if sid not in ("GoOnWithSweep", "WriteLog")
    }
    resources = {one["Resource"] for one in policy["Statement"]}
    assert resources == {"*", "arn:*:ecr:*:*:repository/*", "arn:*:config:*:*:config-rule/*"}


def test_control_tower_deploys_the_template(made: Release) -> None:
    manifest = snippet("manifest.yaml")
    (resource,) = manifest["resources"]
    assert set(resource) == CFCT
    assert (resource["deploy_method"], str(manifest["version"])) == ("stack_set", "2021-03-15")
    given = {one["parameter_key"] for one in resource["parameters"]}
    assert given <= set(json.loads(made.stored("account").content)["Parameters"])


def test_the_tests_that_it_names_are_there() -> None:
    named = named_by(PAGE)
    assert named
    assert [one for one in named if not exists(one)] == []


def test_the_picture_is_there() -> None:
    assert (ROOT / "docs" / "organization.svg").read_text(encoding="utf-8").startswith("<svg ")
