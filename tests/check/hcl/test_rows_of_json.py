"""Sources of Terraform in JSON: what a text, a number, an array and an object come to."""

from __future__ import annotations

import json

import pytest
from ecr_crossaccount.sources.files.files import File
from ecr_crossaccount.sources.formats.hcl.evaluate import evaluate
from ecr_crossaccount.sources.formats.hcl.json_source import read_json_source

from .test_expressions import module, shown

ROWS: list[tuple[object, object]] = [
    ("plain", "plain"),
    ("", ""),
    ("a \\ b", "a \\ b"),
    ('a "b"', 'a "b"'),
    ("a\nb", "a\nb"),
    (5, 5),
    (True, True),
    (None, None),
    (["a", 1], ["a", 1]),
    ({"a": {"b": "c"}}, {"a": {"b": "c"}}),
    ({'${upper("a")}': "b"}, {"A": "b"}),
    ("${1 + 1}", 2),
    ("a${1 + 1}", "a2"),
    ("a \\ ${1 + 1}", "a \\ 2"),
    ('a "b" ${1 + 1}', 'a "b" 2'),
    ("a\n${1 + 1}", "a\n2"),
    ('${upper("c")} "d"', 'C "d"'),
    ('${upper("c")} "d" ${upper("e")} "f"', 'C "d" E "f"'),
    ('${{a = "x"}.a} "d"', 'x "d"'),
    ('%{ if true }"y"%{ else }"n"%{ endif }', '"y"'),
    ('${jsonencode({a = "b"})}', '{"a":"b"}'),
    ("$${x} ${1}", "${x} 1"),
    ("${", "<…>"),
    ("${var.x}", "<var.x>"),
    ("a-${var.x}", "a-<var.x>"),
]


@pytest.mark.parametrize("written, expected", ROWS, ids=[json.dumps(one) for one, _ in ROWS])
def test_a_value(written: object, expected: object) -> None:
    source = read_json_source(File("main.tf.json", json.dumps({"locals": {"x": written}}), named=True))
    assert not source.faults
    assert shown(evaluate(source.blocks[0].attributes["x"].expression, module().scope)) == expected
