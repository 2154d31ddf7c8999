"""Matching resources of the old and the new files: by address, otherwise by repository."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ecr_crossaccount.judgement.kinds.table import ResourceKind as Kind
from ecr_crossaccount.sources.check.changed import Files, pairs_of, relative
from ecr_crossaccount.sources.files.values.nodes import Place
from ecr_crossaccount.sources.found.context import Context
from ecr_crossaccount.sources.found.found import NOTHING, FoundPolicy

OWNER, OTHER = "111122223333", "222233334444"
OLD, NEW = (Files(NOTHING, Context(), relative(root)) for root in ("old", "new"))
REPOSITORY = FoundPolicy(Place("old/a.yaml", 3, 1), "Base", Kind.REPOSITORY, None, names=("base",), account=OWNER)
MOVED = replace(REPOSITORY, at=Place("new/b.yaml", 7, 1), resource="Renamed")


def pairs(before: list[FoundPolicy], after: list[FoundPolicy]) -> list[tuple[int | None, int | None]]:
    """Return the positions of each pair in the lists, or None if one is missing."""
    return [
        (
            next((place for place, one in enumerate(before) if one is pair.before), None),
            next((place for place, one in enumerate(after) if one is pair.after), None),
        )
        for pair in pairs_of(before, after, OLD, NEW)
    ]


def test_the_same_address_is_the_same_resource_whatever_its_name_is() -> None:
    here = replace(REPOSITORY, at=Place("new/a.yaml", 9, 1), names=("other",))
    assert pairs([REPOSITORY], [MOVED, here]) == [(None, 0), (0, 1)]


@pytest.mark.parametrize("difference", [{"account": OTHER}, {"region": "eu-west-1"}, {"kind": Kind.CREATION_TEMPLATE}])
def test_what_is_at_the_same_address_of_another_owner_or_kind_is_another(difference: dict[str, Any]) -> None:
    here = replace(REPOSITORY, at=Place("new/a.yaml", 3, 1), **difference)
    assert pairs([REPOSITORY], [here]) == [(None, 0), (0, None)]


def test_elsewhere_the_repository_of_the_name_is_the_same() -> None:
    assert pairs([REPOSITORY], [MOVED]) == [(0, 0)]


@pytest.mark.parametrize(
    "difference",
    [{"names": ("other",)}, {"account": OTHER}, {"region": "eu-west-1"}, {"kind": Kind.CREATION_TEMPLATE}],
)
def test_elsewhere_another_name_owner_region_or_kind_is_another(difference: dict[str, Any]) -> None:
    assert pairs([REPOSITORY], [replace(MOVED, **difference)]) == [(None, 0), (0, None)]


def test_repositories_whose_names_are_not_known_are_not_the_same() -> None:
    unknown = replace(REPOSITORY, names=("*",))
    assert pairs([unknown], [replace(MOVED, names=("*",))]) == [(None, 0), (0, None)]


@pytest.mark.parametrize("kind", [Kind.REGISTRY, Kind.REPLICATION])
def test_a_registry_has_one_policy_and_one_replication_whatever_they_are_called(kind: Kind) -> None:
    before, after = (replace(one, kind=kind, names=("*",)) for one in (REPOSITORY, MOVED))
    assert pairs([before], [after]) == [(0, 0)]
    for other in (replace(after, account=OTHER), replace(after, region="eu-west-1")):
        assert pairs([before], [other]) == [(None, 0), (0, None)]


def test_which_of_two_it_was_cannot_be_told() -> None:
    again = replace(MOVED, resource="Again")
    assert pairs([REPOSITORY], [MOVED, again]) == [(None, 0), (None, 1), (0, None)]
    twin = replace(REPOSITORY, resource="Twin")
    assert pairs([REPOSITORY, twin], [MOVED]) == [(None, 0), (0, None), (1, None)]
    assert pairs([REPOSITORY, twin], [MOVED, again]) == [(None, 0), (None, 1), (0, None), (1, None)]


def test_of_two_at_one_address_each_has_one_partner() -> None:
    here = replace(REPOSITORY, at=Place("new/a.yaml", 3, 1))
    assert pairs([REPOSITORY, replace(REPOSITORY)], [here]) == [(0, 0), (1, None)]
