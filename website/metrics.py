"""The page of metrics: the docstrings of the metrics in the code, and the alarms on them in the templates."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

from ecr_crossaccount.sources.aws import metrics

from website.tables import items, table
from website.templates import alarms, templates

_FILTER = "AWS::Logs::MetricFilter"
_HEAD = f"""\
<!-- Written by `make reference` from rule/ecr_crossaccount/sources/aws/metrics.py and the templates. -->

# Metrics

Every metric that the functions send to CloudWatch. The namespace is `{metrics.NAMESPACE}`.
[Operate](operate.md#alarms) says what to do when an alarm goes off."""
_FORMAT = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html"
_RULE = f"""\
The rule's function writes them in the [embedded metric format]({_FORMAT}), in the log line
[`metrics`](log.md#the-rules-function). The unit is `Count`. CloudWatch bills a metric for the hours in which it is
sent, so the function sends a metric only if there is something to count. A repository that is judged twice in an
invocation counts twice."""
_FOR_MANY = f"""\
A function for many accounts has the environment variable `{metrics.METRICS_BY}` with the value `FunctionName`. Then
`FunctionName` is the only dimension, so there is one set of metrics for all accounts. The log line still has the
account and the rule."""
_FIGURES = """\
Each invocation writes these figures in the same line. They are not metrics, so they cost only the log line.
[A query](operate.md#metrics) adds them up."""
_DIMENSIONS = {
    "AccountId": "the account that owns the repositories",
    "RuleName": "the name of the rule in AWS Config",
}


def page() -> str:
    """Return the page."""
    watched = _watched()
    meanings = described(metrics.Metric)
    alarms_on = {name: f". Alarm: {text}" for name, text in watched.items()}
    sent = ((f"`{one.value}`", meanings[one.name] + alarms_on.get(one.value, "")) for one in metrics.Metric)
    figures = ((f"`{one.value}`", described(metrics.Figure)[one.name]) for one in metrics.Figure)
    dimensions = " and ".join(f"`{name}` ({_DIMENSIONS[name]})" for name in metrics.DIMENSIONS)
    parts = [
        _HEAD,
        "## The rule",
        _RULE,
        items(sent),
        f"The dimensions are {dimensions}.",
        _FOR_MANY,
        "## Figures in the log only",
        _FIGURES,
        items(figures),
        "## Metrics from the log",
        "A metric filter makes these metrics from log lines. They have no dimensions, and the unit is `None`.",
        table(("metric", "template", "counts log lines that match", "alarms"), _filtered(watched)),
    ]
    return "\n\n".join(parts) + "\n"


def described(names: type[StrEnum]) -> dict[str, str]:
    """Return the docstring below the name of each member in the code. Raises ValueError if one is missing."""
    tree = ast.parse(Path(str(metrics.__file__)).read_text(encoding="utf-8"))
    (body,) = (one.body for one in tree.body if isinstance(one, ast.ClassDef) and one.name == names.__name__)
    found = {}
    for statement, text in pairwise(body):
        if isinstance(statement, ast.Assign) and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
            found[ast.unparse(statement.targets[0])] = str(text.value.value)
    if missing := [one.name for one in names if one.name not in found]:
        raise ValueError(f"say below {', '.join(missing)} of {names.__name__} what it counts: docs/metrics.md shows it")
    return found


def _watched() -> dict[str, str]:
    """Return the alarms that watch each of our metrics, with the templates that have them."""
    places: dict[str, dict[str, list[str]]] = {}
    for template, name, alarm in alarms():
        if alarm["Namespace"] == metrics.NAMESPACE:
            places.setdefault(_name(alarm["MetricName"]), {}).setdefault(name, []).append(template.file)
    return {
        metric: "; ".join(f"{name} (`{'`, `'.join(files)}`)" for name, files in found.items())
        for metric, found in places.items()
    }


def _filtered(watched: dict[str, str]) -> Iterator[tuple[str, ...]]:
    for template in templates():
        for resource in template.content["Resources"].values():
            if resource["Type"] == _FILTER:
                properties = resource["Properties"]
                for one in properties["MetricTransformations"]:
                    name = _name(one["MetricName"])
                    pattern = f"`{properties['FilterPattern']}` in `{properties['LogGroupName']['Ref']}`"
                    yield f"`{name}`", f"`{template.file}`", pattern, watched.get(name, "")


def _name(name: object) -> str:
    return str(name["Fn::Sub"] if isinstance(name, dict) else name)
