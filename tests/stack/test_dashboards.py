"""organization/dashboards.yaml: the queries and the dashboard show what the rule really writes."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from ecr_crossaccount.sources.aws.metrics import NAMESPACE, Metric
from samcli.yamlhelper import yaml_parse

from tests.stack.cloudformation import ROOT, Stack
from tests.stack.linting import cfn_lint

Json = dict[str, Any]

PATH = "organization/dashboards.yaml"
TEMPLATE: Json = yaml_parse((ROOT / PATH).read_text(encoding="utf-8"))
QUERIES = [name for name, one in TEMPLATE["Resources"].items() if one["Type"] == "AWS::Config::StoredQuery"]
COLUMNS = {
    "AWS::Config::ResourceCompliance": {
        "configuration.targetResourceId",
        "configuration.targetResourceType",
        "configuration.configRuleList",
        "configuration.configRuleList.configRuleName",
        "configuration.configRuleList.complianceType",
    },
    "AWS::ECR::Repository": {"configuration"},
    "AWS::ECR::RegistryPolicy": {"configuration"},
}
"""Properties of the types, besides those of every item.

https://github.com/awslabs/aws-config-resource-schema/tree/master/config/properties/resource-types
"""
OF_EVERY_ITEM = {"accountId", "awsRegion", "resourceId", "resourceType", "COUNT(*)"}


def widgets(**chosen: str) -> list[Json]:
    body = Stack(TEMPLATE, Dashboard="true", **chosen).properties("Overview")["DashboardBody"]
    found: list[Json] = json.loads(body)["widgets"]
    return found


def test_cfn_lint_takes_it() -> None:
    assert cfn_lint([PATH]) == (0, "")


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_asks_for_properties_that_its_type_has(name: str) -> None:
    properties = Stack(TEMPLATE).properties(name)
    expression = properties["QueryExpression"]
    (type_,) = re.findall(r"resourceType = '([^']+)'", expression)
    asked = re.findall(r"COUNT\(\*\)|\b[a-z]\w*(?:\.\w+)*\b(?=,| (?:=|LIKE|WHERE)|$)", expression)
    assert set(asked) <= COLUMNS[type_] | OF_EVERY_ITEM
    assert asked
    assert len(expression) <= 4096
    assert len(properties["QueryDescription"]) <= 256


def test_the_rule_of_a_conformance_pack_is_found_by_the_beginning_of_its_name() -> None:
    expression = Stack(TEMPLATE, RuleName="ecr-access").properties("OpenRepositories")["QueryExpression"]
    assert "configRuleName LIKE 'ecr-access%'" in expression


@pytest.mark.parametrize("function, dimensions", [("", "AccountId,RuleName"), ("ecr-rule", "FunctionName")])
def test_the_dashboard_shows_metrics_that_the_rule_sends(function: str, dimensions: str) -> None:
    body = json.dumps(widgets(FunctionName=function))
    searched = re.findall(r"SEARCH\('\{([^}]*)\} MetricName=\\+\"(\w+)\\+\"'", body)
    assert {scope for scope, _ in searched} == {f"{NAMESPACE},{dimensions}"}
    assert {name for _, name in searched} == {one.value for one in Metric if one is not Metric.LEFT}


def test_with_a_log_group_it_lists_repositories_by_lines_that_the_rule_writes() -> None:
    written = yaml_parse((ROOT / "website/log_lines.yaml").read_text(encoding="utf-8"))
    messages = {one["message"] for one in written["lines"] if "rule" in one["in"]}
    listed = [one["properties"]["query"] for one in widgets(LogGroup="/rule/log") if one["type"] == "log"]
    named = [name for query in listed for name in re.findall(r"'([a-zA-Z ]+)'", query)]
    assert len(listed) == 2
    assert set(named) <= messages
    assert all(query.startswith("SOURCE '/rule/log' | ") for query in listed)


def test_there_is_no_dashboard_to_pay_for_unless_it_is_asked_for() -> None:
    assert not Stack(TEMPLATE).condition(TEMPLATE["Resources"]["Overview"]["Condition"])


def test_the_pictures_show_what_the_template_defines() -> None:
    """`make reference` draws them, and tests/docs/test_reference.py compares them with the code."""
    picture = html.unescape((ROOT / "docs" / "dashboard.svg").read_text(encoding="utf-8"))
    shown = widgets(LogGroup="/rule/log")
    for one in shown:
        labels = [each["label"] for (each,) in one["properties"].get("metrics", [])]
        assert all(f">{text}</text>" in picture for text in (one["properties"]["title"], *labels))
    stored = [TEMPLATE["Resources"][name]["Properties"]["QueryName"] for name in QUERIES]
    page = (ROOT / "docs" / "dashboards.md").read_text(encoding="utf-8")
    for name in ("dashboard", *stored):
        assert f"]({name}.svg)" in page
        assert (ROOT / "docs" / f"{name}.svg").exists()
