"""Texts that are not a policy, or that try to break a reader. Each gets an answer with a place and a reason."""

from __future__ import annotations

import pytest
from ecr_crossaccount.documents.elements import LONGEST_TEXT
from ecr_crossaccount.documents.parse import parse
from ecr_crossaccount.documents.problems import quote

from tests.wording import sentence

STATEMENT = '{"Effect": "Allow", "Principal": "*", "Action": %s}'


def faults(policy: object) -> list[str]:
    read = parse(policy)
    return [f"{one.at}: {one.reason}" for one in read.invalid]


def test_a_number_is_shown_up_to_eighty_digits() -> None:
    assert quote(10**80 - 1) == f"`{'9' * 80}`"
    assert quote(10**80) == sentence("json.number_more_than")


@pytest.mark.parametrize("nothing", [None, "", "  \n", {}, "{}", "null"])
def test_no_policy_is_no_fault(nothing: object) -> None:
    assert parse(nothing) == parse(None)
    assert faults(nothing) == []


@pytest.mark.parametrize(
    "text, fault",
    [
        ('"a', sentence("json.not_json_line_column_unterminated_string")),
        ("{", sentence("json.not_json_line_column_expecting")),
        ('{"Version": NaN}', sentence("json.not_json_line_column_nan")),
        ('{"a": -Infinity}', sentence("json.not_json_line_column_infinity")),
        (
            '{"Statement": ' + "9" * 5000 + "}",
            sentence("json.not_json_line_column_digits"),
        ),
        ("[" * 100_000, sentence("json.not_json_line_column_nested")),
        ('{"a":' * 50_000, sentence("json.not_json_line_column_nested_more")),
        (
            '{"Statement": ' + "[" * 300 + "]" * 300 + "}",
            sentence("json.not_json_line_column_nested_more_than"),
        ),
        (" " * LONGEST_TEXT + "{}", sentence("documents.characters_more_than")),
    ],
    ids=["text", "half", "NaN", "infinity", "number", "lists", "objects", "whole", "long"],
)
def test_what_is_no_json_is_said_in_one_line(text: str, fault: str) -> None:
    assert [one[: len(fault)] for one in faults(text)] == [fault]


@pytest.mark.parametrize(
    "value, sort",
    [
        ([], "a list"),
        (7, "a number"),
        (1.5, "a number"),
        (True, "a boolean"),
        ({1}, "a set"),
        (b"{}", "a bytes"),
    ],
)
def test_a_policy_that_is_no_object(value: object, sort: str) -> None:
    assert faults(value) == [sentence("parse.expected_policy_json", sort=sort)]


def test_every_fault_is_reported_at_once() -> None:
    text = """{
        "Version": "2020-01-01", "Id": 3, "Comment": "x",
        "Statement": [
            7,
            {"Effect": "allow", "Principal": "x", "Action": ["s3"], "Extra": 1},
            {"Principal": {"AWS": ["*", 5, "x"], "Service": [null, "*", "a.b"], "Federated": "x", "Other": "x"}},
            {"Effect": "Allow", "Principal": "*", "NotPrincipal": "*", "Action": "*", "NotAction": "*", "Sid": [1]}
        ]
    }"""
    assert [one.partition(": ")[0] for one in faults(text)] == [
        "$",
        "$.Version",
        "$.Id",
        "$.Statement[0]",
        "$.Statement[1]",
        "$.Statement[1].Effect",
        "$.Statement[1].Principal",
        "$.Statement[1].Action[0]",
        "$.Statement[2]",
        "$.Statement[2].Principal.AWS[1]",
        "$.Statement[2].Principal.AWS[2]",
        "$.Statement[2].Principal.Service[0]",
        "$.Statement[2].Principal.Service[1]",
        "$.Statement[2].Principal.Federated",
        "$.Statement[2].Principal.Other",
        "$.Statement[2]",
        "$.Statement[3]",
        "$.Statement[3]",
        "$.Statement[3].Sid",
    ]


@pytest.mark.parametrize(
    "text, fault",
    [
        ('{"Statement": [], "Statement": []}', "$: names `Statement` twice"),
        (
            '{"Statement": {"Effect": "Allow", "Effect": "Deny", "Principal": "*", "Action": "*"}}',
            "$.Statement: names `Effect` twice",
        ),
        (
            '{"Statement": {"Effect": "Allow", "Principal": {"AWS": "*", "AWS": "111122223333"}, "Action": "*"}}',
            "$.Statement.Principal: names `AWS` twice",
        ),
    ],
)
def test_a_name_that_stands_twice(text: str, fault: str) -> None:
    assert faults(text) == [fault]


@pytest.mark.parametrize(
    "condition, fault",
    [
        (3, sentence("elements.statement_condition_expected")),
        ({"Like": {}}, sentence("elements.statement_condition_like")),
        ({3: {}}, sentence("elements.statement_condition_not_condition")),
        ({"NullIfExists": {}}, sentence("elements.statement_condition_nullifexists")),
        ({"x:Bool": {}}, sentence("elements.statement_condition_bool")),
        ({"Bool": "x"}, sentence("elements.statement_condition_bool_expected")),
        ({"Bool": None}, sentence("elements.statement_condition_bool_null")),
        (
            {"Bool": {"": "x"}},
            sentence("elements.statement_condition_bool_key"),
        ),
        ({"Bool": {"k": {}}}, sentence("documents.statement_condition_bool")),
        ({"Bool": {"k": ["x", None]}}, sentence("documents.statement_condition_bool_null")),
        (
            {"Bool": {"k": "1", "K": "2"}},
            sentence("elements.statement_condition_bool_names"),
        ),
        (
            {"Bool": {"k": "${aws:username}"}},
            sentence("elements.statement_condition_bool_username"),
        ),
        ({"StringLike": {"k": float("nan")}}, sentence("documents.statement_condition_stringlike")),
        ({"NumericEquals": {"k": 10**50}}, sentence("documents.statement_condition_numericequals")),
    ],
)
def test_a_condition_that_cannot_be_read_leaves_its_statement_out(condition: object, fault: str) -> None:
    element = {"Effect": "Allow", "Principal": "*", "Action": "*", "Condition": condition}
    read = parse({"Version": "2012-10-17", "Statement": element})
    assert [f"{one.at}: {one.reason}" for one in read.invalid] == [fault]
    assert read.statements == ()


def test_numbers_and_booleans_may_stand_bare() -> None:
    written = {"StringEquals": {"a": True, "b": 5, "c": 5.0, "d": 0.5, "e": False}}
    element = {"Effect": "Allow", "Principal": "*", "Action": "*", "Condition": written}
    (read,) = parse({"Statement": element}).statements
    assert [getattr(one.values[0], "source", None) for one in read.conditions] == ["true", "5", "5", "0.5", "false"]


def test_half_a_surrogate_pair_is_no_text() -> None:
    principal = '{"AWS": ["\\ud800", "*"]}'
    text = f'{{"Statement": {{"Effect": "Allow", "Principal": {principal}, "Action": "\\udfff", "Sid": "\\ud8ff"}}}}'
    assert faults(text) == [
        sentence("documents.statement_principal_aws"),
        sentence("documents.statement_action_udfff"),
        sentence("documents.statement_sid_ud"),
    ]
    key = '{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "*", "Condition": {"Bool": {"\\ud800": "x"}}}}'
    assert "is not a condition key" in faults(key)[0]


@pytest.mark.parametrize("element", ["Principal", "NotPrincipal"])
def test_an_exception_that_cannot_be_read_leaves_its_statement_out(element: str) -> None:
    statement = {"Effect": "Deny", element: {"AWS": ["111122223333", "arn:aws:iam::*:root"]}, "Action": "*"}
    read = parse({"Statement": statement})
    assert len(read.invalid) == 1
    assert len(read.statements) == (1 if element == "Principal" else 0)


def test_resource_and_not_resource_exclude_each_other() -> None:
    both = {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "NotResource": [4]}
    assert faults({"Statement": both}) == ["$.Statement: has both Resource and NotResource"]
    assert faults({"Version": "2012-10-17"}) == ["$: has no Statement"]


@pytest.mark.parametrize(
    "value, shown",
    [
        ("ok", "`ok`"),
        ("a\nb\x1b[0m", r"`a\nb\x1b[0m`"),
        ("x" * 81, "`" + "x" * 79 + "…`"),
        (10**90, sentence("json.number_more_than")),
        ([1, 2], "`a list of 2`"),
        ({"a": 1}, "`a dict of 1`"),
        (None, "`None`"),
    ],
)
def test_input_is_quoted_on_one_short_line(value: object, shown: str) -> None:
    assert quote(value) == shown
