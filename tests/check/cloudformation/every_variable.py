"""Each source of a variable of the Serverless Framework in each form: its value in each case.

`make answers` records it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.check.grids import repositories, values_in, write

RECORDED = Path(__file__).with_name("every_variable.json")

CUSTOM: dict[str, Any] = {
    "a": "A",
    "empty": "",
    "none": None,
    "map": {"dev": "1", "prod": "2"},
    "one": {"dev": {"k": "3"}},
    "deep": {"dev": {"k": "7"}, "prod": {"m": "8"}, "text": "t", "none": None, "list": ["9"], "marked": "${opt:map}"},
    "list": ["x", "y"],
    "flag": True,
    "key": "dev",
    "next": "${self:custom.a}",
    "circle": "${self:custom.circle}",
    "of_stage": "${self:custom.map.${sls:stage}}",
    "m-dev": "4",
}
FILES = {"o.yml": "k: 5\nm: {dev: 6}\nv: ${self:custom.a}\n", "l.json": "[7, 8]", "bad.yml": "a: [", "js.js": "x"}
SOURCES = (
    "self:custom.a",
    "self:custom.a.b",
    "self:custom.none",
    "self:custom.empty",
    "self:custom.absent",
    "self:custom.map",
    "self:custom.map.dev",
    "self:custom.map.absent",
    "self:custom.map.${opt:stage}",
    "self:custom.map.${opt:stage, 'dev'}",
    "self:custom.map.${self:custom.key}",
    "self:custom.one.${opt:stage}.k",
    "self:custom.deep.${opt:stage}.k",
    "self:custom.deep.${opt:stage}.k.${opt:other}",
    "self:custom.deep.${opt:stage}.${opt:other}",
    "self:custom.deep.${opt:stage}.0",
    "self:custom.m-${opt:stage}",
    "self:custom.${env:W}",
    "self:custom.list",
    "self:custom.list.1",
    "self:custom.list.9",
    "self:custom.flag",
    "self:custom.next",
    "self:custom.circle",
    "self:custom.of_stage",
    "self:provider.stage",
    "self:service",
    "self:",
    "opt:stage",
    "opt:other",
    "sls:stage",
    "sls:instanceId",
    "param:p",
    "env:W",
    "aws:region",
    "aws:accountId",
    "AWS::Region",
    "file(./o.yml)",
    "file(./o.yml):k",
    "file(./o.yml):m.${opt:stage}",
    "file(./o.yml):v",
    "file(./o.yml):absent",
    "file(./${opt:stage}.yml):k",
    "file(./absent.yml):k",
    "file(./bad.yml):a",
    "file(./l.json):1",
    "file(./js.js):x",
    "file(../outside.yml):k",
    "cf:stack.out",
    "cf(eu-west-1):stack.out",
    "ssm:/path",
    "s3:bucket/key",
    "strToBool(true)",
    "strToBool(${opt:flag})",
    "'text'",
    '"text"',
    "5",
    "true",
    "null",
    "",
)
FORMS = ("${X}", "a-${X}-b", "${X, 'd'}", "${X, self:custom.a}", "${self:custom.absent, X}", "${opt:x, X}", "${X}${X}")


def answers(source: str) -> Mapping[str, object]:
    """Return the values of each form with a source, one for each case."""
    texts: dict[str, object] = {form: form.replace("X", source) for form in FORMS}
    texts["Fn::Sub"] = {"Fn::Sub": f"${{AWS::Region}}-${{{source}}}"}
    provider = {"name": "aws", "stage": "${opt:stage, 'dev'}"}
    resources = {"Resources": repositories(texts.values())}
    service = {"service": "shop", "provider": provider, "custom": CUSTOM, "resources": resources}
    return dict(zip(texts, values_in({"serverless.yml": json.dumps(service), **FILES}), strict=True))


def record() -> None:
    """Write the answers of today."""
    write(RECORDED, ((source, answers(source)) for source in SOURCES))
