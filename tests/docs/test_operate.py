"""docs/operate.md: its table names every alarm, and its queries use existing fields of the log."""

from __future__ import annotations

import re

from organization.sources import template
from tests.docs.markdown import page
from website import log_lines

OPERATE = page("docs/operate.md")
_LANGUAGE = frozenset(["filter", "stats", "latest", "by", "sort", "desc", "like", "or", "display", "sum", "max", "bin"])
"""Words of CloudWatch Logs Insights."""


def first_column(head: str) -> list[str]:
    """Return the names in the first column of the table with that head."""
    (rows,) = (rows for rows in OPERATE.tables() if rows[0][0] == head)
    return [name for row in rows[1:] for name in row[0].split(", ")]


def test_a_query_asks_for_messages_and_fields_that_the_log_has() -> None:
    lines = log_lines.said()["lines"]
    messages = {line["message"] for line in lines}
    fields = {name for line in lines for name in log_lines.fields_of(line)} | {"message", "level"}
    queries = [block.text for block in OPERATE.blocks("text")]
    assert len(queries) == 3
    for query in queries:
        assert set(re.findall(r'message = "([^"]+)"', query)) <= messages
        words = re.findall(r"(?<![@.\w])[A-Za-z]\w*", re.sub(r'"[^"]*"|/[^/]*/|as \w+', "", query))
        assert {one for one in words if one not in _LANGUAGE} <= fields | {"result", "seen"}


def test_every_alarm_is_explained() -> None:
    whole = template()
    alarms = [name for name, one in whole["Resources"].items() if one["Type"] == "AWS::CloudWatch::Alarm"]
    explained = {name.removesuffix(" (central rule)") for name in first_column("alarm")}
    assert explained == set(alarms)
