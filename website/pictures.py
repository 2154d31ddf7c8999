"""Pictures of the dashboard and of the answers to the queries, drawn from their template with sample data.

What a picture shows is in organization/dashboards.yaml: places, titles, graphs, labels and columns. The values are made
up. A metric or column without a sample is an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from typing import Any

from organization.sources import template

Json = Mapping[str, Any]

TEMPLATE = "organization/dashboards.yaml"
_UNIT, _MARGIN, _ROW = 40, 6, 22
_LONGEST = 50
"""The most characters that a cell shows."""
_COLOURS = ("#cf222e", "#bc4c00", "#9a6700", "#0969da", "#1a7f37", "#8250df")
_STYLE = (
    "<style>.box{fill:#ffffff;stroke:#8c959f}.grid{stroke:#d0d7de}text{fill:#1f2328}.small{fill:#57606a;font-size:12px}"
    ".head{font-weight:600}@media (prefers-color-scheme: dark){.box{fill:#161b22;stroke:#6e7681}.grid{stroke:#30363d}"
    "text{fill:#e6edf3}.small{fill:#9da7b3}}</style>"
)
_VALUES: Mapping[str, str] = {
    "AWS::Region": "eu-central-1",
    "LogGroup": "/aws/lambda/rule",
    "Dimensions": "FunctionName",
}
_DAYS: Mapping[str, Sequence[int]] = {
    "NonCompliantCritical": (2, 2, 2, 1, 1, 1, 1, 3, 1, 1, 0, 0, 0, 0),
    "NonCompliantHigh": (4, 4, 4, 4, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2),
    "NonCompliantMedium": (6, 6, 5, 5, 5, 5, 7, 7, 6, 6, 6, 4, 4, 4),
    "NonCompliantLow": (3, 3, 3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2),
    "Undecided": (2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1),
    "Unreadable": (0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0),
    "RegisterProblems": (0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0),
    "SweepsCompleted": (40, 40, 40, 40, 40, 39, 39, 40, 40, 41, 41, 41, 41, 41),
    "AccountsOverdue": (0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0),
    "ApprovalsEnding": (0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 2, 2, 2),
    "RegisterChanges": (0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0),
    "RegisterOpens": (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0),
    "RegisterCloses": (0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0),
    "RemediationExceptions": (0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0),
    "SecurityHubRefused": (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
}
"""The values of each metric on the days of two weeks."""
_READER = '{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999988887777:root"}, "Action": "ecr:BatchGetImage"}'
_SAMPLES: Mapping[str, Sequence[str]] = {
    "accountId": ("111122223333", "111122223333", "444455556666"),
    "awsRegion": ("eu-central-1", "us-east-1", "eu-central-1"),
    "resourceId": ("base/python", "team/api", "tools/scanner"),
    "configuration": (f"… {_READER} …", "{}", f"… {_READER} …"),
    "configuration.targetResourceId": ("base/python", "team/api", "tools/scanner"),
    "configuration.configRuleList": (
        "[{configRuleName: ecr-repository-cross-account-access-check, complianceType: NON_COMPLIANT}]",
    )
    * 3,
    "COUNT(*)": ("7", "1", "3"),
    "@timestamp": ("2026-12-01 09:00:12", "2026-12-01 09:00:11", "2026-11-30 16:42:03"),
    "account": ("111122223333", "111122223333", "444455556666"),
    "repository": ("base/python", "team/api", "tools/scanner"),
    "severity": ("CRITICAL", "MEDIUM", "HIGH"),
    "message": ("ECR refuses a repository", "repository could not be read", "ECR refuses a repository"),
    "reason": (
        "AccessDeniedException: explicit deny in a resource-based policy",
        "ServerException",
        "AccessDeniedException",
    ),
}
"""Three values of each column."""


def widgets() -> list[Json]:
    """Return the widgets of the dashboard, with its lists."""
    text, chosen = template(TEMPLATE)["Resources"]["Overview"]["Properties"]["DashboardBody"]["Fn::Sub"]
    lists = chosen["Lists"]["Fn::If"][1]["Fn::Sub"]
    for name, value in {"Lists": lists, **_VALUES}.items():
        text = text.replace(f"${{{name}}}", value)
    found: list[Json] = json.loads(text)["widgets"]
    return found


def dashboard() -> str:
    """Return the picture of the dashboard."""
    shown = widgets()
    height = max(one["y"] + one["height"] for one in shown) * _UNIT
    return _picture("Dashboard", 24 * _UNIT, height, [line for one in shown for line in _widget(one)])


def queries() -> Mapping[str, Callable[[], str]]:
    """Return what draws the answer to each query, by the path of the picture."""
    stored = [one for one in template(TEMPLATE)["Resources"].values() if one["Type"] == "AWS::Config::StoredQuery"]
    return {f"docs/{name}.svg": draw for name, draw in map(_query, (one["Properties"] for one in stored))}


def _query(properties: Json) -> tuple[str, Callable[[], str]]:
    expression = properties["QueryExpression"]
    text = expression["Fn::Sub"] if isinstance(expression, dict) else expression
    columns = re.split(r",\s*", re.split(r"\s+WHERE\s+", text)[0].removeprefix("SELECT "))
    name = properties["QueryName"]
    place = (0, 0, 24 * _UNIT, 6 * _ROW + 2 * _MARGIN)
    return name, lambda: _picture(name, *place[2:], list(_table(place, name, columns)))


def _picture(title: str, width: int, height: int, lines: Sequence[str]) -> str:
    start = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        'font-family="system-ui, sans-serif" font-size="13">'
    )
    note = "<!-- Written by `make reference` from organization/dashboards.yaml. The values are made up. -->"
    return "\n".join([start, note, f"<title>{escape(title)}</title>", _STYLE, *lines, "</svg>", ""])


def _widget(one: Json) -> Iterator[str]:
    place = (one["x"] * _UNIT, one["y"] * _UNIT, one["width"] * _UNIT, one["height"] * _UNIT)
    properties = one["properties"]
    if one["type"] == "log":
        (fields,) = re.findall(r"\| fields ([^|]+?) \|", properties["query"])
        return _table(place, properties["title"], fields.split(", "))
    return _graph(place, properties)


def _frame(place: tuple[int, int, int, int], title: str) -> Iterator[str]:
    x, y, width, height = place
    box = f'x="{x + _MARGIN}" y="{y + _MARGIN}" width="{width - 2 * _MARGIN}" height="{height - 2 * _MARGIN}"'
    yield f'<rect class="box" {box} rx="4"/>'
    yield f'<text class="head" x="{x + 16}" y="{y + 26}">{escape(title)}</text>'


def _table(place: tuple[int, int, int, int], title: str, columns: Sequence[str]) -> Iterator[str]:
    x, y, width, _ = place
    yield from _frame(place, title)
    rows = [columns, *zip(*(_SAMPLES[name] for name in columns), strict=True)]
    widths = [max(len(str(row[at])) for row in rows) for at in range(len(columns))]
    share = (width - 32) / sum(min(one, _LONGEST) + 3 for one in widths)
    for number, row in enumerate(rows):
        at, kind = float(x + 16), "small head" if number == 0 else "small"
        for text, longest in zip(row, widths, strict=True):
            shown = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
            yield f'<text class="{kind}" x="{at:.0f}" y="{y + 50 + number * _ROW}">{escape(shown)}</text>'
            at += (min(longest, _LONGEST) + 3) * share


def _graph(place: tuple[int, int, int, int], properties: Json) -> Iterator[str]:
    x, y, width, height = place
    yield from _frame(place, properties["title"])
    named = [
        (one["label"], re.findall(r'MetricName="(\w+)"', one["expression"])[0]) for (one,) in properties["metrics"]
    ]
    series = [(label, list(_DAYS[metric])) for label, metric in named]
    shown = [(label, values) for label, values in series]
    if properties.get("stacked"):
        shown = [
            (label, [sum(other[day] for _, other in series[: number + 1]) for day in range(len(values))])
            for number, (label, values) in enumerate(series)
        ]
    top = max((max(values) for _, values in shown), default=0) or 1
    left, right, low, high = x + 46, x + width - 20, y + height - 80, y + 42
    for part in (0, 0.5, 1):
        level = low - part * (low - high)
        yield f'<line class="grid" x1="{left}" y1="{level:.0f}" x2="{right}" y2="{level:.0f}"/>'
        yield f'<text class="small" x="{left - 6}" y="{level + 4:.0f}" text-anchor="end">{part * top:g}</text>'
    for number, (_, values) in reversed(list(enumerate(shown))):
        step = (right - left) / (len(values) - 1)
        points = [f"{left + day * step:.0f},{low - one / top * (low - high):.0f}" for day, one in enumerate(values)]
        colour = _COLOURS[number % len(_COLOURS)]
        if properties.get("stacked"):
            area = " ".join([f"{left},{low}", *points, f"{right},{low}"])
            yield f'<polygon points="{area}" fill="{colour}" fill-opacity="0.75"/>'
        else:
            yield f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}" stroke-width="2"/>'
    at, row = left, 0
    for number, (label, _) in enumerate(shown):
        needed = 26 + 7 * len(label)
        if at + needed > right:
            at, row = left, row + 1
        line = y + height - 58 + row * 18
        yield f'<rect x="{at}" y="{line - 9}" width="10" height="10" fill="{_COLOURS[number % len(_COLOURS)]}"/>'
        yield f'<text class="small" x="{at + 15}" y="{line}">{escape(label)}</text>'
        at += needed
