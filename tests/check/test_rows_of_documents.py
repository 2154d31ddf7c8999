"""The rows of `aws_iam_policy_document`: what the attributes and blocks of the data source come to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from ecr_crossaccount import Hole, Holed
from ecr_crossaccount.sources.files.values.nodes import Place
from ecr_crossaccount.sources.files.values.partial import (
    Case,
    Conditional,
    Encoded,
    Placed,
    Question,
    Value,
    either,
    ways,
)
from ecr_crossaccount.sources.formats.aws_provider.document import document

from tests.check.hcl.test_expressions import shown

X, Y = Hole("x"), Hole("y")
Q = Question("q", "q holds", "q fails")


def statement(**more: Value) -> dict[str, Value]:
    return {"actions": ["a"], **more}


def text(*statements: object, **more: object) -> str:
    return json.dumps({"Statement": statements, **more})


def perhaps(value: Value, *questions: Question) -> Conditional:
    return Conditional(value, X, tuple(Case(one, holds=True) for one in questions))


def made(attributes: Mapping[str, Value]) -> Any:  # noqa: ANN401 - a policy
    return shown(document(attributes).value)


OPERATORS = ("StringEquals", "StringLike", "ArnEquals", "ArnLike", "StringNotEquals", "StringNotLike", "Bool", "Null")
HEADS: list[tuple[Mapping[str, Value], tuple[str, object]]] = [
    ({}, ("2012-10-17", None)),
    ({"version": "2008-10-17"}, ("2008-10-17", None)),
    ({"version": X}, ("2012-10-17", None)),
    ({"policy_id": "i"}, ("2012-10-17", "i")),
    ({"policy_id": X}, ("2012-10-17", "<x>")),
    ({"policy_id": "i", "override_json": text(Id="j")}, ("2012-10-17", "j")),
    ({"policy_id": "i", "source_json": text(Id="j")}, ("2012-10-17", "i")),
    ({"policy_id": "i", "override_json": text()}, ("2012-10-17", "i")),
    ({"version": "2008-10-17", "source_json": text(Version="2012-10-17")}, ("2012-10-17", None)),
    ({"source_json": text(Version="2008-10-17")}, ("2012-10-17", None)),
    ({"version": "2008-10-17", "source_json": text()}, ("2008-10-17", None)),
]
"""Attributes, and the version and ID of the document."""
STATEMENTS: list[tuple[Mapping[str, Value], list[object]]] = [
    (
        {
            "source_json": text({"Sid": "1"}),
            "source_policy_documents": [text({"Sid": "2"}), text({"Sid": "3"})],
            "statement": [statement(sid="4")],
            "override_policy_documents": [text({"Sid": "5"})],
            "override_json": text({"Sid": "6"}),
        },
        [
            {"Sid": "1"},
            {"Sid": "2"},
            {"Sid": "3"},
            {"Sid": "4", "Effect": "Allow", "Action": ["a"]},
            {"Sid": "5"},
            {"Sid": "6"},
        ],
    ),
    ({"source_policy_documents": text({"Sid": "2"})}, [{"Sid": "2"}]),
    ({"source_policy_documents": (text({"Sid": "2"}), text({"Sid": "3"}))}, [{"Sid": "2"}, {"Sid": "3"}]),
    ({"source_json": json.dumps({"Statement": {"Sid": "1"}})}, [{"Sid": "1"}]),
    ({"source_json": "{}"}, []),
    (
        {"source_json": text({"Sid": "1", "Effect": "Deny"}, {"Sid": "2"}), "statement": [statement(sid="1")]},
        [{"Sid": "1", "Effect": "Allow", "Action": ["a"]}, {"Sid": "2"}],
    ),
    ({"source_json": text({"Effect": "Deny"}, {"Effect": "Deny"})}, [{"Effect": "Deny"}, {"Effect": "Deny"}]),
    (
        {"source_json": text({"Sid": "", "Effect": "Deny"}, {"Sid": "", "Effect": "Deny"})},
        [{"Sid": "", "Effect": "Deny"}, {"Sid": "", "Effect": "Deny"}],
    ),
    (
        {
            "source_json": text({"Sid": "1", "Effect": "Deny"}, {"Effect": "Deny"}, {"Sid": "2", "Effect": "Allow"}),
            "override_json": X,
        },
        [
            {"Sid": "1", "Effect": "Deny", "Condition": {"StringEquals": "<x>"}},
            {"Effect": "Deny"},
            {"Sid": "2", "Effect": "Allow"},
            "<x>",
        ],
    ),
    (
        {"source_json": X, "statement": [statement(sid="1", effect="Deny")]},
        ["<x>", {"Sid": "1", "Effect": "Deny", "Action": ["a"]}],
    ),
    ({"override_json": "[]"}, ["<policy>"]),
    ({"override_json": "{"}, ["<a policy that is not JSON>"]),
    ({"override_json": ""}, []),
    (
        {"source_json": text({"Sid": "1", "Effect": "Deny"}), "statement": [statement(sid=X)]},
        [
            {"Sid": "1", "Effect": "Deny", "Condition": {"StringEquals": "<x>"}},
            {"Sid": "<x>", "Effect": "Allow", "Action": ["a"]},
        ],
    ),
    (
        {"source_json": text({"Sid": "1", "Effect": "Deny"}), "statement": [statement(sid=Holed(("a", X)))]},
        [
            {"Sid": "1", "Effect": "Deny", "Condition": {"StringEquals": "<x>"}},
            {"Sid": "a<x>", "Effect": "Allow", "Action": ["a"]},
        ],
    ),
    (
        {
            "source_json": text({"Sid": "1", "Effect": "Deny", "Condition": {"StringEquals": {"k": "v"}}}),
            "override_json": X,
        },
        [{"Sid": "1", "Effect": "Deny", "Condition": {"StringEquals": {"k": "v"}, "StringLike": "<x>"}}, "<x>"],
    ),
    (
        {
            "source_json": text({"Sid": "1", "Effect": "Deny", "Condition": {one: {} for one in OPERATORS}}),
            "override_json": X,
        },
        [{"Sid": "1", "Effect": "Deny", "Condition": "<x>"}, "<x>"],
    ),
    (
        {"source_json": text({"Sid": "1", "Effect": "Deny", "Condition": "x"}), "override_json": X},
        [{"Sid": "1", "Effect": "Deny", "Condition": "<x>"}, "<x>"],
    ),
    (
        {"source_json": text({"Sid": "1", "Effect": "Deny"}), "statement": [perhaps(statement(sid="1"))]},
        [
            {"Sid": "1", "Effect": "Deny", "Condition": {"StringEquals": "<x>"}},
            "{'Sid': '1', 'Effect': 'Allow', 'Action': ['a']}?",
        ],
    ),
    (
        {"statement": [perhaps(statement(sid="1")), statement(sid="1", actions=["b"])]},
        [{"Sid": "1", "Effect": "Allow", "Action": ["b"]}],
    ),
    ({"source_json": perhaps(text({"Sid": "1"}))}, ["<x>"]),
    ({"source_json": perhaps(text({"Sid": "1"}), Q)}, ["{'Sid': '1'}?"]),
    (
        {"override_json": perhaps(Encoded({"Statement": [perhaps({"Sid": "1"}, Q), perhaps({"Sid": "2"})]}), Q)},
        ["{'Sid': '1'}?", "{'Sid': '2'}?"],
    ),
    ({"override_json": either(Q, text({"Sid": "1"}), text({"Sid": "2"}), X)}, ["{'Sid': '1'}?", "{'Sid': '2'}?"]),
    ({"override_json": either(Q, text({"Sid": "1"}), None, X)}, ["{'Sid': '1'}?"]),
    ({"override_json": Encoded({"Statement": [{"Sid": "1"}]})}, [{"Sid": "1"}]),
    ({"override_json": Encoded('{"Statement":[{"Sid":"1"}]}')}, [{"Sid": "1"}]),
    ({"override_json": Encoded(X)}, ["<x>"]),
    ({"statement": X}, ["<x>"]),
    ({"statement": Holed(("a", X))}, ["<x>"]),
    ({"statement": [X, statement()]}, ["<x>", {"Effect": "Allow", "Action": ["a"]}]),
    ({"statement": ["s"]}, ["<statement>"]),
    ({"statement": statement()}, [{"Effect": "Allow", "Action": ["a"]}]),
    ({"statement": [perhaps(statement(), Q)]}, ["{'Effect': 'Allow', 'Action': ['a']}?"]),
    ({"statement": [perhaps(Y)]}, ["<x>"]),
    (
        {
            "version": "2008-10-17",
            "statement": [
                {
                    "resources": ["&{a}"],
                    "principals": [{"type": "AWS", "identifiers": ["&{a}"]}],
                    "condition": [{"test": "T", "variable": "k", "values": ["&{a}"]}],
                }
            ],
        },
        [
            {
                "Effect": "Allow",
                "Principal": {"AWS": ["&{a}"]},
                "Resource": ["&{a}"],
                "Condition": {"T": {"k": ["&{a}"]}},
            }
        ],
    ),
    (
        {"statement": [statement(sid=Holed(("a", X))), statement(sid=Holed(("a", X)), actions=["b"])]},
        [{"Sid": "a<x>", "Effect": "Allow", "Action": ["b"]}],
    ),
    (
        {"statement": [perhaps(statement(sid="1", effect="Deny"))], "override_json": X},
        ["{'Sid': '1', 'Effect': 'Deny', 'Action': ['a']}?", "<x>"],
    ),
    ({"override_json": perhaps(either(Q, "1", "2", Y), Question("r", "", ""))}, ["<y>"]),
    ({"override_json": Encoded({"Statement": ({"Sid": "1"}, {"Sid": "2"})})}, [{"Sid": "1"}, {"Sid": "2"}]),
]
BLOCKS: list[tuple[Mapping[str, Value], object]] = [
    (
        {
            "sid": "s",
            "effect": "Deny",
            "actions": ["a"],
            "not_actions": ["b"],
            "resources": ["c"],
            "not_resources": ["d"],
        },
        {"Sid": "s", "Effect": "Deny", "Action": ["a"], "NotAction": ["b"], "Resource": ["c"], "NotResource": ["d"]},
    ),
    (
        {
            "sid": "",
            "effect": "",
            "actions": [],
            "not_actions": None,
            "resources": [],
            "not_resources": None,
            "principals": [],
            "not_principals": None,
            "condition": [],
        },
        {"Effect": "Allow"},
    ),
    (
        {"sid": 1, "actions": [1, True, False, 1.5, ["x", ["y"]], None]},
        {"Sid": "1", "Effect": "Allow", "Action": ["1", "true", "false", "1.5", "x", "y"]},
    ),
    (
        {
            "actions": ["&{a}"],
            "resources": ["&{a}", Holed(("&{", X)), perhaps("&{b}"), either(Q, "&{c}", "&{d}", X)],
            "not_actions": ["&{b}"],
        },
        {"Effect": "Allow", "Action": ["&{a}"], "NotAction": ["&{b}"], "Resource": ["${a}", "${<x>", "${b}?", "<x>"]},
    ),
    ({"not_resources": ["&{a}"]}, {"Effect": "Allow", "NotResource": ["${a}"]}),
    (
        {
            "sid": "&{a}",
            "principals": [{"type": "AWS", "identifiers": ["&{a}"]}],
            "not_principals": [{"type": "AWS", "identifiers": ["&{a}"]}],
            "condition": [{"test": "T", "variable": "k", "values": ["&{a}", ["&{b}"]]}],
        },
        {
            "Sid": "&{a}",
            "Effect": "Allow",
            "Principal": {"AWS": ["${a}"]},
            "NotPrincipal": {"AWS": ["${a}"]},
            "Condition": {"T": {"k": ["${a}", "${b}"]}},
        },
    ),
    (
        statement(
            principals=[{"type": "AWS", "identifiers": ["p"]}], not_principals=[{"type": "AWS", "identifiers": ["q"]}]
        ),
        {"Effect": "Allow", "Principal": {"AWS": ["p"]}, "NotPrincipal": {"AWS": ["q"]}, "Action": ["a"]},
    ),
    (statement(principals=[{"type": "AWS", "identifiers": ["p"]}], not_principals=X), "<x>"),
    (statement(not_actions=[X]), "<x>"),
    (statement(resources=X, not_resources=["a"]), "<x>"),
    ({"actions": X}, {"Effect": "Allow", "Action": ["<x>"]}),
    (statement(principals=X), {"Effect": "Allow", "Principal": "<x>", "Action": ["a"]}),
    (statement(principals=Holed(("a", X))), {"Effect": "Allow", "Principal": "<x>", "Action": ["a"]}),
    (
        statement(principals={"type": "AWS", "identifiers": "p"}),
        {"Effect": "Allow", "Principal": {"AWS": ["p"]}, "Action": ["a"]},
    ),
    (
        statement(principals=[{"type": X, "identifiers": ["p"]}]),
        {"Effect": "Allow", "Principal": "<x>", "Action": ["a"]},
    ),
    (statement(principals=[{"identifiers": ["p"]}]), {"Effect": "Allow", "Principal": "<principals>", "Action": ["a"]}),
    (statement(principals=[X]), {"Effect": "Allow", "Principal": "<x>", "Action": ["a"]}),
    (statement(principals=["p"]), {"Effect": "Allow", "Principal": "<principals>", "Action": ["a"]}),
    (
        statement(
            principals=[
                {"type": "AWS", "identifiers": ["p"]},
                perhaps({"type": "AWS", "identifiers": ["q", Conditional("r", Y)]}, Q),
            ]
        ),
        {"Effect": "Allow", "Principal": {"AWS": ["p", "q?", "r?"]}, "Action": ["a"]},
    ),
    (
        statement(
            principals=[
                {"type": "AWS", "identifiers": ["p"]},
                {"type": "Service", "identifiers": ["q"]},
                {"type": "AWS", "identifiers": ["r"]},
            ]
        ),
        {"Effect": "Allow", "Principal": {"AWS": ["p", "r"], "Service": ["q"]}, "Action": ["a"]},
    ),
    (
        statement(principals=[{"type": "*", "identifiers": ["*"]}]),
        {"Effect": "Allow", "Principal": "*", "Action": ["a"]},
    ),
    (
        statement(principals=[{"type": "*", "identifiers": ["*"]}, {"type": "*", "identifiers": ["*"]}]),
        {"Effect": "Allow", "Principal": {"*": ["*", "*"]}, "Action": ["a"]},
    ),
    (
        statement(principals=[{"type": "*", "identifiers": ["*"]}, {"type": "AWS", "identifiers": ["p"]}]),
        {"Effect": "Allow", "Principal": {"*": ["*"], "AWS": ["p"]}, "Action": ["a"]},
    ),
    (
        statement(principals=[{"type": "*", "identifiers": ["p"]}]),
        {"Effect": "Allow", "Principal": {"*": ["p"]}, "Action": ["a"]},
    ),
    (
        statement(principals=[{"type": "*", "identifiers": ["p", X]}]),
        {"Effect": "Allow", "Principal": "<x>", "Action": ["a"]},
    ),
    (statement(condition=X), {"Effect": "Allow", "Action": ["a"], "Condition": "<x>"}),
    (statement(condition=Holed(("a", X))), {"Effect": "Allow", "Action": ["a"], "Condition": "<x>"}),
    (
        statement(
            condition=[
                {"test": "T", "variable": "k", "values": ["1"]},
                {"test": "T", "variable": "k", "values": ["2"]},
                {"test": "T", "variable": "l", "values": ["3"]},
                {"test": "U", "variable": "k", "values": [4]},
            ]
        ),
        {"Effect": "Allow", "Action": ["a"], "Condition": {"T": {"k": ["1", "2"], "l": ["3"]}, "U": {"k": ["4"]}}},
    ),
    (
        statement(condition={"test": "T", "variable": "k", "values": "1"}),
        {"Effect": "Allow", "Action": ["a"], "Condition": {"T": {"k": ["1"]}}},
    ),
    (
        statement(
            condition=[{"test": X, "variable": "k", "values": ["1"]}, {"test": "T", "variable": "k", "values": ["1"]}]
        ),
        {"Effect": "Allow", "Action": ["a"], "Condition": {"T": {"k": ["1"]}, "StringEquals": "<x>"}},
    ),
    (
        statement(condition=[{"test": "T", "variable": X, "values": ["1"]}]),
        {"Effect": "Allow", "Action": ["a"], "Condition": {"StringEquals": "<x>"}},
    ),
    (
        statement(condition=[{"variable": "k", "values": ["1"]}]),
        {"Effect": "Allow", "Action": ["a"], "Condition": {"StringEquals": "<condition>"}},
    ),
    (
        statement(condition=[X, Y]),
        {"Effect": "Allow", "Action": ["a"], "Condition": {"StringEquals": "<x>", "StringLike": "<y>"}},
    ),
    (
        statement(condition=[perhaps({"test": "T", "variable": "k", "values": ["1"]})]),
        {"Effect": "Allow", "Action": ["a"], "Condition": {"StringEquals": "<x>"}},
    ),
    (
        {"actions": ("a", "b"), "resources": (("c",), ("&{d}",))},
        {"Effect": "Allow", "Action": ["a", "b"], "Resource": ["c", "${d}"]},
    ),
    (
        statement(principals=({"type": "AWS", "identifiers": ("p",)},), condition=({"test": "T", "variable": "k"},)),
        {"Effect": "Allow", "Principal": {"AWS": ["p"]}, "Action": ["a"], "Condition": {"T": {"k": []}}},
    ),
]
ASKED: list[tuple[Mapping[str, Value], list[object], list[object]]] = [
    ({"source_json": perhaps(text({"Sid": "1"}), Q)}, [{"Sid": "1"}], []),
    (
        {"override_json": perhaps(Encoded({"Statement": [perhaps({"Sid": "1"}, Q), perhaps({"Sid": "2"})]}), Q)},
        [{"Sid": "1"}, "{'Sid': '2'}?"],
        ["{'Sid': '2'}?"],
    ),
    ({"override_json": either(Q, text({"Sid": "1"}), text({"Sid": "2"}), X)}, [{"Sid": "1"}], [{"Sid": "2"}]),
    ({"override_json": either(Q, text({"Sid": "1"}), None, X)}, [{"Sid": "1"}], []),
    ({"statement": [perhaps(statement(), Q)]}, [{"Effect": "Allow", "Action": ["a"]}], []),
    (
        {
            "statement": [
                statement(
                    principals=[
                        {"type": "AWS", "identifiers": ["p"]},
                        perhaps({"type": "AWS", "identifiers": ["q", Conditional("r", Y)]}, Q),
                    ]
                )
            ]
        },
        [{"Effect": "Allow", "Principal": {"AWS": ["p", "q", "r?"]}, "Action": ["a"]}],
        [{"Effect": "Allow", "Principal": {"AWS": ["p", "r?"]}, "Action": ["a"]}],
    ),
    (
        {
            "statement": [
                {
                    "actions": ["&{a}"],
                    "resources": ["&{a}", Holed(("&{", X)), perhaps("&{b}"), either(Q, "&{c}", "&{d}", X)],
                    "not_actions": ["&{b}"],
                }
            ]
        },
        [
            {
                "Effect": "Allow",
                "Action": ["&{a}"],
                "NotAction": ["&{b}"],
                "Resource": ["${a}", "${<x>", "${b}?", "${c}"],
            }
        ],
        [
            {
                "Effect": "Allow",
                "Action": ["&{a}"],
                "NotAction": ["&{b}"],
                "Resource": ["${a}", "${<x>", "${b}?", "${d}"],
            }
        ],
    ),
]
"""Attributes that depend on a question, and the statements where it holds and where it fails."""


@pytest.mark.parametrize("attributes, expected", HEADS, ids=range(len(HEADS)))
def test_the_version_and_the_id_of_a_document(attributes: Mapping[str, Value], expected: tuple[str, object]) -> None:
    found = made(attributes)
    assert (found["Version"], found.get("Id")) == expected


@pytest.mark.parametrize("attributes, expected", STATEMENTS, ids=range(len(STATEMENTS)))
def test_the_statements_of_a_document(attributes: Mapping[str, Value], expected: list[object]) -> None:
    assert made(attributes)["Statement"] == expected


@pytest.mark.parametrize("block, expected", BLOCKS, ids=range(len(BLOCKS)))
def test_the_statement_of_a_block(block: Mapping[str, Value], expected: object) -> None:
    assert made({"statement": [block]})["Statement"] == [expected]


@pytest.mark.parametrize("attributes, yes, no", ASKED, ids=range(len(ASKED)))
def test_the_statements_for_each_answer(attributes: Mapping[str, Value], yes: list[object], no: list[object]) -> None:
    forms: Any = ways(document(attributes))
    found = {words: [shown(one) for one in form.value["Statement"]] for words, form in forms}
    assert found == {"q holds": yes, "q fails": no}


@pytest.mark.parametrize("number, forms", [(1, 2), (2, 4), (3, 8), (4, 1)])
def test_the_forms_of_conditions_that_may_be_missing(number: int, forms: int) -> None:
    blocks = [
        perhaps({"test": "T", "variable": str(one), "values": ["v"]}, Question(one, f"{one}+", f"{one}-"))
        for one in range(number)
    ]
    found: Any = ways(document({"statement": [statement(condition=blocks)]}))
    assert len(found) == forms
    for words, form in found if forms > 1 else ():
        there = {word[0]: ["v"] for word in words.split(" and ") if word[1] == "+"}
        made_of = {"Effect": "Allow", "Action": ["a"]}
        assert form.value["Statement"] == [{**made_of, "Condition": {"T": there}} if there else made_of]


def test_a_statement_keeps_its_place() -> None:
    at, other = Place("a.tf", 3, 1), Place("b.tf", 5, 1)
    deny = Placed({"sid": "1", "effect": "Deny"}, at)
    found: Any = document({"statement": [deny], "override_json": X}, other).value
    assert (found.at, found["Statement"][0].at) == (other, at)


def test_conditions_that_ask_the_same_are_one_question() -> None:
    blocks = [perhaps({"test": "T", "variable": str(one), "values": ["v"]}, Q) for one in range(5)]
    assert len(ways(document({"statement": [statement(condition=blocks)]}))) == 2
