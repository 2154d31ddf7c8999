"""docs/operate.md: its tables name every metric and every alarm that there is."""

from __future__ import annotations

from ecr_crossaccount.config_rule.metrics import Metric

from organization.sources import template
from tests.docs.markdown import page

OPERATE = page("docs/operate.md")


def first_column(head: str) -> list[str]:
    """Return the names in the first column of the table with that head."""
    (rows,) = (rows for rows in OPERATE.tables() if rows[0][0] == head)
    return [name for row in rows[1:] for name in row[0].split(", ")]


def test_every_metric_is_explained() -> None:
    assert first_column("metric") == [metric.value for metric in Metric]


def test_every_alarm_is_explained() -> None:
    whole = template()
    alarms = [name for name, one in whole["Resources"].items() if one["Type"] == "AWS::CloudWatch::Alarm"]
    explained = {name.removesuffix(" (central rule)") for name in first_column("alarm")}
    assert explained == set(alarms)
