"""The tables of named changes, each with what it opens and closes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from ecr_crossaccount import Repository, Trust
from ecr_crossaccount.questions.change.answer import Difference, Opened

from tests.case_tables import ANY_DAY, DIRECTORY, OWNER
from tests.change.comparing import (
    cache_difference,
    difference,
    public_difference,
    registry_difference,
    replication_difference,
)
from tests.wording import says

_COMPARE = {
    "repositories": difference,
    "registries": registry_difference,
    "public": public_difference,
    "replication": replication_difference,
    "caches": cache_difference,
}
_FIELDS = {
    "name", "why", "old", "new", "organization", "region", "trust",
    "opened", "closed", "undecided_opened", "undecided_closed",
}  # fmt: skip


def _cases() -> list[Any]:
    found = []
    for table in sorted((DIRECTORY / "differences").glob("*.json")):
        for case in json.loads(table.read_text("utf-8")):
            assert case.keys() <= _FIELDS, case["name"]
            found.append(pytest.param(table.stem, case, id=f"{table.stem}: {case['name']}"))
    return found


def difference_of(table: str, case: Mapping[str, Any]) -> Difference:
    old, new = (_policy(table, case[name]) for name in ("old", "new"))
    repository = Repository(OWNER, region=case.get("region"), organization=case.get("organization"))
    trust = Trust.parse({"version": 1, "trust": case.get("trust", [])}, today=ANY_DAY)
    return _COMPARE[table](old, new, repository, trust)


def _policy(table: str, given: object) -> object:
    is_policy = table in ("repositories", "registries", "public") and isinstance(given, list)
    return {"Version": "2012-10-17", "Statement": given} if is_policy else given


def _assert_said(found: Opened, wanted: Sequence[Sequence[str]], doubts: Sequence[str], answer: str) -> None:
    changes = [(one.grant.kind.value, one.grant.grantee, one.grant.access, one.otherwise) for one in found.changes]
    assert len(changes) == len(wanted), answer
    for kind, grantee, access, otherwise in wanted:
        assert any(
            (kind, access) == (one[0], ",".join(each.value for each in one[2]))
            and one[1].startswith(grantee)
            and otherwise in one[3]
            for one in changes
        ), answer
    assert bool(found.undecided) == bool(doubts), answer
    for words in doubts:
        assert any(says(one.reason, words) for one in found.undecided), answer


@pytest.mark.parametrize("table, case", _cases())
def test_case(table: str, case: Mapping[str, Any]) -> None:
    found = difference_of(table, case)
    answer = json.dumps(found.to_json(), indent=1)
    _assert_said(found.opened, case.get("opened", []), case.get("undecided_opened", []), answer)
    _assert_said(found.closed, case.get("closed", []), case.get("undecided_closed", []), answer)
    assert found.is_none == (not case.keys() & {"opened", "closed", "undecided_opened", "undecided_closed"})


@pytest.mark.parametrize("table, case", _cases())
def test_back_is_the_same_the_other_way_round(table: str, case: Mapping[str, Any]) -> None:
    there, back = difference_of(table, case), difference_of(table, {**case, "old": case["new"], "new": case["old"]})
    for one, other in ((there.opened, back.closed), (there.closed, back.opened)):
        assert [each.grant for each in one.changes] == [each.grant for each in other.changes]
        assert bool(one.undecided) == bool(other.undecided)
