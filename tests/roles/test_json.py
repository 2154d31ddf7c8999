"""The answer as JSON, for each row of `tests/cases/roles`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.roles.cases import RoleCase, cases

ROWS = tuple(cases())
Json = Any


def _said(one: Json, *rest: str) -> str:
    return " > ".join([one["grantee"], *(arn.partition(":role/")[2] for arn in one["chain"]), *rest])


def _name(repository: str) -> str:
    return repository.partition(":repository/")[2]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_json_has_the_whole_answer(row: RoleCase) -> None:
    shown = json.loads(json.dumps(row.answer().to_json()))
    found: dict[str, set[str]] = {}
    for way in shown["ways"]:
        for arn in way["repositories"]:
            found.setdefault(_said(way, _name(arn)), set()).update(way["access"])
    assert found == {place: {*access.split()} for place, _, access in (one.rpartition(": ") for one in row.ways)}
    undecided = {_said(one, _name(arn)) for one in shown["undecided"] for arn in one["repositories"]}
    assert undecided == {*row.undecided}
    assert all(one["reason"] and one["access"] for one in shown["undecided"])
    assert {f"{_said(one)}: {' '.join(one['actions'])}" for one in shown["more_is_possible"]} == {*row.more}
    assert shown["complete"] == (not (row.undecided or row.unread))
    assert bool(shown["unread"]) == bool(row.unread)
    assert shown["roles"] == (0 if "RoleDetailList" in row.details else len(row.roles))


@pytest.mark.parametrize("row", [one for one in ROWS if one.ways], ids=lambda row: row.name)
def test_the_hops_of_a_way_are_its_chain(row: RoleCase) -> None:
    for way in json.loads(json.dumps(row.answer().to_json()))["ways"]:
        *assuming, last = way["hops"]
        assert [hop["resource"] for hop in assuming] == way["chain"]
        assert all(hop["action"].startswith("sts:AssumeRole") for hop in assuming)
        assert (last["resource"], last["action"] in way["actions"]) == (way["repositories"][0], True)
        assert all(hop["principal"] for hop in way["hops"][1:])
        values = [value for hop in way["hops"] for value in hop["context"].values()]
        assert all(isinstance(value, str) or all(isinstance(one, str) for one in value) for value in values)


def test_a_key_with_several_values_is_a_list() -> None:
    (row,) = [one for one in ROWS if one.name == "the names of tags are the caller's choice"]
    (way,) = json.loads(json.dumps(row.answer().to_json()))["ways"]
    context = way["hops"][0]["context"]
    assert context["aws:TagKeys"] == ["team", "cost"]
    assert isinstance(context["sts:RoleSessionName"], str)
