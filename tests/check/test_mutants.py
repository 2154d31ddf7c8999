"""Templates that are broken at random: each gets an answer, and none ends the run."""

from __future__ import annotations

import contextlib
import json
import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from ecr_crossaccount.products.cli.formats import check_reports
from ecr_crossaccount.sources.check.findings import report_of
from ecr_crossaccount.sources.files.files import File
from ecr_crossaccount.sources.files.values.documents import read_yaml
from ecr_crossaccount.sources.files.values.nodes import plain
from ecr_crossaccount.sources.formats.dispatch import read_file
from ecr_crossaccount.sources.found.context import Context
from ecr_crossaccount.sources.reading.yaml_events import BadYamlError

from tests.cli.conftest import OWNER

TABLES = Path(__file__).with_name("cases")
_ARGUMENTS: tuple[Any, ...] = (None, [], 5, "A.B", "0")
_ONE = ("Ref", "Fn::Sub", "Fn::If", "Fn::GetAtt", "Condition")
_TWO = ("Fn::Join", "Fn::Split", "Fn::Select", "Fn::Equals")
ODD: list[Any] = [
    *(None, "", "x", 5, True, [], {}, [None], "*", "${x}", "{{resolve:ssm:x}}", "\ud800", 1e300),
    *({name: value} for name in _ONE for value in _ARGUMENTS),
    *({name: [value, value]} for name in _TWO for value in _ARGUMENTS),
    *({"Fn::ForEach::Z": value} for value in (5, ["x", ["1"], {"k${x}": 1}], [5, 5, 5])),
    {"Fn::If": [{"a": 1}, 2, 3]},
    {"Fn::Sub": ["${a}", "x"]},
    {"Fn::FindInMap": ["a", "b", "c"]},
    {"Fn::GetAtt": "A.Outputs.B"},
    {"Fn::Transform": 5},
    {"Fn::Length": 5},
]


def templates() -> list[object]:
    rows = [
        row for table in sorted(TABLES.glob("*.yaml")) for row in yaml.load(table.read_text("utf-8"), yaml.CSafeLoader)
    ]
    found: list[object] = []
    for row in rows:
        with contextlib.suppress(BadYamlError):  # a script, or the content of a case about broken files
            found += [plain(read_yaml(row["text"])[0])] if "text" in row else []
    return found


def spoilt(value: object, chance: random.Random) -> object:
    if chance.random() < 0.05:
        return chance.choice(ODD)
    if isinstance(value, dict):
        kept = {name: spoilt(one, chance) for name, one in value.items() if chance.random() > 0.01}
        return kept | ({"Fn::Transform": chance.choice(ODD)} if chance.random() < 0.02 else {})
    if isinstance(value, list):
        return [spoilt(one, chance) for one in value]
    return value


@pytest.mark.parametrize("seed", range(8))
def test_a_spoilt_template_is_answered(seed: int) -> None:
    chance, every = random.Random(seed), templates()  # noqa: S311 - to break templates
    context = Context(account=OWNER)
    for _ in range(60):
        text = json.dumps(spoilt(chance.choice(every), chance))
        report = report_of(read_file(File("spoilt.json", text, named=True), context), context)
        assert json.loads(check_reports.as_json(report))
