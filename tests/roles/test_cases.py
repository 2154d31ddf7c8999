"""Access through roles, row by row: `tests/cases/roles`."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from tests.roles.cases import RoleCase, approved_of, cases, doubts_of, leaves_of, more_of, ways_of

ROWS = tuple(cases())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_case(row: RoleCase) -> None:
    answer = row.answer()
    assert ways_of(answer) == {*row.ways}
    assert doubts_of(answer) == {*row.undecided}, [one.reason for one in answer.perhaps]
    assert more_of(answer) == {*row.more}
    assert approved_of(answer) == {*row.approved}
    assert all(one.entries for one in answer.approved), "an entry of the register covers it"
    assert leaves_of(answer) == {*row.leaves}
    for words in row.unread:
        assert any(words in reason for reason in answer.unread), answer.unread
    assert bool(answer.unread) == bool(row.unread), answer.unread
    for words in row.notes:
        assert any(words in note for note in answer.notes), answer.notes
    assert answer.is_nobody == (not (row.ways or row.undecided or row.more or row.unread))


@pytest.mark.no_cover
def test_each_request_starts_the_session_of_the_next() -> None:
    """In a chain, the session that sends a request is one of the role that the request before it assumed."""
    hops = [way.hops for row in ROWS for way in row.answer().ways]
    assert hops
    for calls in hops:
        for one, following in pairwise(calls):
            assert one.witness.action.startswith("sts:AssumeRole")
            assert following.witness.principal.split("/")[1] == one.resource.rpartition("/")[2]


def test_names_are_unique() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS)


def test_there_are_enough() -> None:
    assert len(ROWS) >= 80


def test_a_chain_to_many_repositories_is_followed_once() -> None:
    """The requests of a chain are written once, so that they do not use up the work budget."""
    (row,) = [one for one in ROWS if one.name == "a chain of three is followed"]
    names = [f"app-{number}" for number in range(3_000)]
    answer = replace(row, repositories=dict.fromkeys(names)).answer()
    assert [len(way.repositories) for way in answer.ways] == [len(names)]
    assert not answer.perhaps


def test_each_approval_on_the_way_to_a_role_is_told() -> None:
    """Two entries approve the ways by two first roles. If either is removed, its way is no longer approved."""
    (row,) = [one for one in ROWS if one.name == "a chain of two is followed"]
    first = row.roles["a"]
    entries = [{"account": "222233334444", "role": name} for name in ("a", "c")]
    entries += [{"github": "acme/app"}, {"account": "999988887777"}]
    answer = replace(row, roles={**row.roles, "c": first}, register=entries).answer()
    assert [(one.chain[0].rpartition("/")[2], one.entries) for one in answer.approved] == [("a", (0,)), ("c", (1,))]
    assert not answer.ways
