"""The reader of ordinary statements agrees with the careful one, and returns nothing if that finds a fault."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

import pytest
from ecr_crossaccount.documents import parse as reading
from ecr_crossaccount.documents.document import Policy, identities
from ecr_crossaccount.documents.json import RepeatedNames
from ecr_crossaccount.documents.parse import ordinary, ordinary_policy
from ecr_crossaccount.documents.pattern import Hole, Holed
from hypothesis import given
from hypothesis import strategies as st

from tests.profiles import examples
from tests.strategies import broken_policies, policies

OTHER = "222233334444"
ROOT = f"arn:aws:iam::{OTHER}:root"
PLAIN: dict[str, Any] = {"Sid": "Pull", "Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": ["ecr:BatchGetImage"]}

_HOLE = Holed(("arn:aws:iam::", Hole("Partner"), ":root"))
_ANYTHING: tuple[Any, ...] = (None, True, 1, 1.5, "", "*", "\ud800", "é", [], {}, [None], [[]], [{}], Hole("X"), _HOLE)
_NAMES: tuple[Any, ...] = (
    OTHER,
    ROOT,
    f"arn:aws-cn:iam::{OTHER}:role/path/to/role",
    f"arn:aws:iam::{OTHER}:user/ci",
    f"arn:aws:sts::{OTHER}:assumed-role/ci/job",
    f"arn:aws:iam::{OTHER}:role/*",
    f"arn:aws:iam::{OTHER}:root/",
    f"arn:aws:iam::{OTHER}",
    f"{OTHER}:root",
    f"arn:nowhere:iam::{OTHER}:root",
    f"{OTHER}\n",
    f"{OTHER}\n{OTHER}",
    f"{OTHER}\r{OTHER}",
    f"{OTHER}\nanybody",
    f"anybody\n{OTHER}",
    "٢٢٢٢٣٣٣٣٤٤٤٤",
    "AROAEXAMPLEID0000001",
    "everybody",
    *_ANYTHING,
)
_SERVICES: tuple[Any, ...] = ("lambda.amazonaws.com", "lambda.amazonaws.com\n", "lambda", "*.amazonaws.com", *_ANYTHING)
_ACTIONS: tuple[Any, ...] = ("ecr:*", "ecr:Get?", "*", "**", "ecr:New", "ecr:", "ecr: x", "ecr:*\n", *_ANYTHING)


_LINES: tuple[list[str], ...] = (
    [f"{OTHER}\n{OTHER}"],
    [f"{OTHER}\nanybody", OTHER],
    [OTHER, f"anybody\n{OTHER}"],
    [f"{OTHER}\n"],
    [""],
    [],
)


def _element(values: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    one = st.sampled_from(values)
    return one | st.lists(one, max_size=3) | st.lists(one, max_size=3).map(tuple)


_principals = _element(_NAMES) | st.fixed_dictionaries(
    {}, optional={"AWS": _element(_NAMES), "Service": _element(_SERVICES), "Federated": st.just("x")}
)
_VALUES: tuple[Any, ...] = ("true", "o-ownorg0001", "arn:*", "${aws:username}", "7", "2026-01-01", *_ANYTHING)
_OPERATORS = ("Bool", "StringLike", "ForAllValues:StringEquals", "DateLessThan", "NumericEquals", "Null", "Equals", "")
_KEYS = ("aws:SecureTransport", "aws:securetransport", "aws:PrincipalOrgID", "aws:TagKeys", "", "é")
_conditions = st.sampled_from(_ANYTHING) | st.dictionaries(
    st.sampled_from(_OPERATORS),
    st.sampled_from(_ANYTHING) | st.dictionaries(st.sampled_from(_KEYS), _element(_VALUES), max_size=3),
    max_size=2,
)
_statements = st.fixed_dictionaries(
    {},
    optional={
        "Sid": st.sampled_from(("Pull", *_ANYTHING)),
        "Effect": st.sampled_from(("Allow", "Allow", "Deny", "allow", *_ANYTHING)),
        "Principal": _principals,
        "NotPrincipal": _principals,
        "Action": _element(_ACTIONS),
        "NotAction": _element(_ACTIONS),
        "Condition": _conditions,
    },
)
_lists = st.fixed_dictionaries(
    {"Statement": st.lists(_statements | st.sampled_from(_ANYTHING), max_size=3)},
    optional={
        "Version": st.sampled_from(("2012-10-17", "2008-10-17", "2012-10-18", *_ANYTHING)),
        "Id": st.sampled_from(("Shared", *_ANYTHING)),
        "Statements": st.just([]),
    },
)


def _carefully(policy: object) -> Policy:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "ordinary", lambda *_, **__: None)
        patch.setattr(reading, "ordinary_policy", lambda *_: None)
        return reading.parse(policy)


@given(_lists | policies() | broken_policies())
@examples(1_000)
def test_both_readers_say_the_same(policy: object) -> None:
    assert reading.parse(policy) == _carefully(policy)


@pytest.mark.parametrize("name", _NAMES, ids=repr)
def test_a_name_beside_a_good_one_is_read_as_it_stands(name: object) -> None:
    for names in ([name], [ROOT, name], [name, ROOT]):
        policy = {"Statement": [{**PLAIN, "Principal": {"AWS": names}}]}
        assert reading.parse(policy) == _carefully(policy)


@pytest.mark.parametrize("names", _LINES, ids=repr)
def test_names_are_read_together_and_each_by_itself(names: list[str]) -> None:
    assert identities(names) is None
    assert identities([OTHER, *names, ROOT]) is None or not names


@pytest.mark.parametrize("element", PLAIN)
@pytest.mark.parametrize("value", _ANYTHING, ids=repr)
def test_an_element_that_is_something_else_is_read_as_it_stands(element: str, value: object) -> None:
    policy = {"Statement": [{**PLAIN, element: value}]}
    assert reading.parse(policy) == _carefully(policy)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"Effect": "Deny"},
        {"Principal": "*"},
        {"Principal": {"AWS": [ROOT, OTHER, f"arn:aws:iam::{OTHER}:role/build/ci"]}},
        {"Principal": {"Service": "lambda.amazonaws.com"}},
        {"Principal": {"Service": ["lambda.amazonaws.com"], "AWS": OTHER}},
        {"Principal": {"AWS": "*"}},
        {"Principal": {"Service": "lambda.amazonaws.com", "AWS": ["*"]}},
        {"Action": "ecr:*"},
        {"Condition": {"Bool": {"aws:SecureTransport": "true"}}},
        {"Condition": {"StringLike": {"aws:PrincipalOrgID": ["o-*", "o-ownorg0001"], "aws:username": "${aws:userid}"}}},
    ],
    ids=str,
)
def test_what_policies_usually_say_is_ordinary(changes: dict[str, object]) -> None:
    statement = {**PLAIN, **changes}
    assert ordinary(3, statement) == _carefully({"Statement": [{}, {}, {}, statement]}).statements[0]
    del statement["Sid"]
    assert ordinary(0, statement) == _carefully({"Statement": [statement]}).statements[0]


@pytest.mark.parametrize("principals", ["*", {"AWS": "*"}, {"AWS": [OTHER, ROOT], "Service": "lambda.amazonaws.com"}])
@pytest.mark.parametrize("actions", ["*", ["ecr:PutImage", "ecr:Delete*"]])
def test_what_is_said_of_all_others_is_ordinary(principals: object, actions: object) -> None:
    statement = {"Effect": "Deny", "NotPrincipal": principals, "NotAction": actions}
    assert ordinary(0, statement) == _carefully({"Statement": [statement]}).statements[0]
    assert ordinary(0, {**statement, "Action": "*"}) is None
    assert ordinary(0, {**statement, "Principal": "*"}) is None
    assert ordinary(0, {"Effect": "Deny", "Principal": "everybody", "NotAction": actions}) is None
    assert ordinary(0, {**statement, "NotPrincipal": "everybody"}) is None
    assert ordinary(0, {**statement, "NotAction": "ecr"}) is None


@pytest.mark.parametrize("version", ["2012-10-17", "2008-10-17", "2012-10-18", *_ANYTHING], ids=repr)
def test_a_version_is_read_as_it_stands(version: object) -> None:
    policy = {"Version": version, "Statement": [PLAIN]}
    assert reading.parse(policy) == _carefully(policy)


def test_a_policy_of_ordinary_statements_is_ordinary() -> None:
    policy = {"Version": "2012-10-17", "Statement": [PLAIN, {**PLAIN, "Effect": "Deny"}]}
    assert ordinary_policy(policy) == _carefully(policy)
    assert ordinary_policy({**policy, "Id": "Shared"}) is None
    assert ordinary_policy({"Statement": [PLAIN, {**PLAIN, "Condition": {}}]}) is None
    assert ordinary_policy(RepeatedNames([("Statement", []), ("Statement", [PLAIN])])) is None


@pytest.mark.parametrize(
    "block",
    [
        *_ANYTHING,
        {"Equals": {"aws:username": "ci"}},
        {1: {"aws:username": "ci"}},
        {"Bool": {}},
        {"Bool": "true"},
        {"Bool": {"": "true"}},
        {"Bool": {"é": "true"}},
        {"Bool": {1: "true"}},
        {"Bool": {"aws:SecureTransport": [True]}},
        {"StringEquals": {"aws:username": ["ci", "é"]}},
        {"NumericEquals": {"aws:EpochTime": "${aws:username}"}},
        {"NumericEquals": {"aws:EpochTime": "seven"}},
        {"StringEquals": {"aws:username": "ci", "aws:UserName": "ci"}},
        RepeatedNames([("Null", {"aws:username": "true"}), ("Null", {"aws:username": "false"})]),
    ],
    ids=repr,
)
def test_conditions_with_something_odd_are_left_to_the_careful_reader(block: object) -> None:
    statement = {**PLAIN, "Condition": block}
    assert ordinary(0, statement, "2012-10-17") is None
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    assert reading.parse(policy) == _carefully(policy)


def test_an_object_that_names_something_twice_is_not_ordinary() -> None:
    assert ordinary(0, RepeatedNames([*PLAIN.items(), ("Effect", "Deny")])) is None
    assert ordinary(0, {**PLAIN, "Principal": RepeatedNames([("AWS", ROOT), ("AWS", OTHER)])}) is None


def _frozen(value: object) -> object:
    """Return a value in other containers: with tuples for lists, and with mappings that are no `dict`."""
    if type(value) is dict:
        return MappingProxyType({key: _frozen(each) for key, each in value.items()})
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _elements() -> Iterator[dict[str, Any]]:
    for name in _NAMES:
        yield {"Principal": {"AWS": [ROOT, name]}}
    for service in _SERVICES:
        yield {"Principal": {"Service": ["lambda.amazonaws.com", service]}}
        yield {"Principal": {"AWS": OTHER, "Service": service}}
    for action in _ACTIONS:
        yield {"Action": ["ecr:ListImages", action]}
    for value in _VALUES:
        for operator in _OPERATORS:
            yield {"Condition": {operator: {"aws:TagKeys": ["x", value]}}}
        yield {"Condition": {"StringLike": {"aws:TagKeys": value}}}
        yield {"Condition": {"StringLike": value}}
        yield {"Condition": value}
        yield {"Resource": ["*", value]}
        yield {"Sid": value}
        yield {"Effect": value}


def test_a_statement_in_other_containers_has_the_same_parts_and_faults_at_the_same_places() -> None:
    for changes in _elements():
        policy = {"Version": "2012-10-17", "Statement": [{**PLAIN, **changes}]}
        known, found = reading.parse(policy), reading.parse(_frozen(policy))
        assert found.statements == known.statements, changes
        assert [one.at for one in found.invalid] == [one.at for one in known.invalid], changes
