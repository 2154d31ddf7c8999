"""Sources of Terraform in JSON: what a text, a number, an array and an object come to."""

from __future__ import annotations

import json

import pytest
from ecr_crossaccount.sources.files.files import File
from ecr_crossaccount.sources.formats.hcl.evaluate import evaluate
from ecr_crossaccount.sources.formats.hcl.grammar import read_json_source

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


SOURCES: list[tuple[object, object]] = [
    ({"resource": {"a": {"b": {"x": 1}}}}, [("resource", ("a", "b"), ["x"], [])]),
    ({"data": {"a": {"b": {"x": 1}}}}, [("data", ("a", "b"), ["x"], [])]),
    *(({kind: {"b": {"x": 1}}}, [(kind, ("b",), ["x"], [])]) for kind in ("variable", "output", "module", "provider")),
    *(({kind: {"x": 1}}, [(kind, (), ["x"], [])]) for kind in ("locals", "terraform")),
    ({"other": {"x": 1}}, []),
    ({"locals": 5, "module": {"a": 5}, "resource": {"a": 5}}, []),
    ([{"locals": {"x": 1}}, {"locals": [{"y": 1}, {"z": 1}]}], [("locals", (), [one], []) for one in "xyz"]),
    ({"resource": {"a": {"b": [{"x": 1}, {"y": 1}]}}}, [("resource", ("a", "b"), [one], []) for one in "xy"]),
    *(
        ({"resource": {"a": {"b": {name: {"x": 1}}}}}, [("resource", ("a", "b"), [], [])])
        for name in ("lifecycle", "depends_on", "provisioner", "connection")
    ),
    *(
        ({"resource": {"a": {"b": {name: [{"x": 1}, {}]}}}}, [("resource", ("a", "b"), [], [name, name])])
        for name in [
            "statement",
            "principals",
            "not_principals",
            "condition",
            "content",
            "vars",
            "replication_configuration",
            "rule",
            "destination",
            "repository_filter",
        ]
    ),
    *(
        ({"resource": {"a": {"b": {name: "${x}"}}}}, [("resource", ("a", "b"), [name], [])])
        for name in ("replication_configuration", "rule", "destination", "repository_filter", "other")
    ),
    (
        {"resource": {"a": {"b": {"dynamic": {"statement": [{"x": 1}, {}], "condition": {}}}}}},
        [("resource", ("a", "b"), [], ["dynamic statement", "dynamic statement", "dynamic condition"])],
    ),
    *(
        ({"provider": {"aws": {name: {"x": 1}}}}, [("provider", ("aws",), [], [name])])
        for name in ("assume_role", "assume_role_with_web_identity")
    ),
    ({"provider": {"aws": {"statement": {"x": 1}}}}, [("provider", ("aws",), ["statement"], [])]),
    ({"variable": {"a": {"validation": {"x": 1}, "rule": {}}}}, [("variable", ("a",), ["rule"], ["validation"])]),
    *(
        (
            {kind: {"a": {"statement": {}, "rule": {}, "dynamic": {}}}},
            [(kind, ("a",), ["statement", "rule", "dynamic"], [])],
        )
        for kind in ("module", "output")
    ),
]
"""A file, and its blocks: the type, the labels, the arguments, and the types and labels of the inner blocks."""


@pytest.mark.parametrize("written, expected", SOURCES, ids=range(len(SOURCES)))
def test_the_blocks_of_a_file(written: object, expected: object) -> None:
    source = read_json_source(File("main.tf.json", json.dumps(written), named=True))
    assert [
        (one.type, one.labels, [*one.attributes], [" ".join((each.type, *each.labels)) for each in one.blocks])
        for one in source.blocks
    ] == expected


def test_the_places_and_the_text_of_arguments() -> None:
    text = '{"locals":\n {"x": "a",\n  "y": [1],\n "z": ""}}'
    (block,) = read_json_source(File("main.tf.json", text, named=True)).blocks
    said = block.attributes
    assert {name: (one.at.file, one.at.line, one.at.column, one.source) for name, one in said.items()} == {
        "x": ("main.tf.json", 2, 8, "a"),
        "y": ("main.tf.json", 3, 8, "…"),
        "z": ("main.tf.json", 4, 7, "…"),
    }
    values = read_json_source(File("a.tfvars.json", '{"a": 1}', named=True))
    assert (values.blocks, [*values.attributes]) == ((), ["a"])
    (fault,) = read_json_source(File("main.tf.json", "{\n x", named=True)).faults
    assert fault[:2] == (2, 2)


def test_the_type_of_a_variable_is_an_expression_in_a_text() -> None:
    written = {"variable": {"a": {"type": "list(string)", "default": "list(string)"}}, "module": {"m": {"type": "x"}}}
    variable, call = read_json_source(File("main.tf.json", json.dumps(written), named=True)).blocks
    kinds = [type(one.expression).__name__ for one in (*variable.attributes.values(), *call.attributes.values())]
    assert kinds == ["Call", "Template", "Template"]
