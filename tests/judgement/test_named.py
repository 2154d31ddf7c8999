"""The part of a register that applies to every repository with some names."""

from __future__ import annotations

import pytest
from ecr_crossaccount import Hole, Holed, Trust
from ecr_crossaccount.judgement.values.trust import contains, names_under, trust_in

from tests.judgement.policies import OTHER, trusting


def covering(pattern: str) -> Trust:
    return trusting({"account": OTHER, "repositories": [pattern], "reason": "the team"})


@pytest.mark.parametrize(
    "pattern, names, covers",
    [
        ("base/app", ("base/app",), True),
        ("base/app", ("base/other",), False),
        ("base/*", ("base/app", "base/other"), True),
        ("base/*", ("base/app", "tools/x"), False),
        ("base/*", ("base/*",), True),
        ("base/*", ("*",), False),
        ("base/a*", ("base/*",), False),
        ("base/?", ("base/*",), False),
        ("*", ("*",), True),
        ("team/*0*", ("team/*",), False),
        ("team/?*", ("team/*",), True),
        ("team/??*", ("team/*",), False),
        ("*", ("team/*", "base"), True),
        ("team*", ("team/*",), True),
        ("team/*", ("team*",), False),
        ("team?*", ("team*",), False),
        ("team*", ("team*",), True),
        ("*/app", ("team/*-app",), False),
        ("team/*app", ("team/*-app",), True),
        ("team/*-*", ("team/*-app",), True),
        ("*e*", ("t*e*m*",), True),
        ("team/*/*", ("team/*",), False),
    ],
)
def test_an_entry_counts_if_it_speaks_of_all_the_names(pattern: str, names: tuple[str, ...], covers: bool) -> None:  # noqa: FBT001
    found = trust_in(covering(pattern), names)
    assert any(one.covers("*") for one in found.entries) is covers


def test_the_patterns_of_one_entry_cover_names_together() -> None:
    halves = ["team/*a", *(f"team/*{character}" for character in "bcdefghijklmnopqrstuvwxyz0123456789")]
    entry = {"account": OTHER, "repositories": halves, "reason": "the team"}
    assert trust_in(trusting(entry), ("team/*",)).entries
    assert not trust_in(trusting({**entry, "repositories": halves[1:]}), ("team/*",)).entries


def test_an_entry_that_takes_too_many_steps_to_decide_covers_nothing() -> None:
    costly = [f"*{character}{'?' * 20}" for character in "abcdefghijklmnopqrstuvwxyz0123456789._-/"]
    entry = {"account": OTHER, "repositories": costly, "reason": "the team"}
    assert trust_in(trusting(entry), ("x" * 30,)).entries
    assert not trust_in(trusting(entry), (f"{'x' * 30}*",)).entries


@pytest.mark.parametrize("prefix, names", [("ROOT", ("*",)), ("team", ("team/*",)), ("team/", ("team/*",))])
def test_a_prefix_is_of_the_repositories_below_it(prefix: str, names: tuple[str, ...]) -> None:
    assert names_under(prefix) == names


@pytest.mark.parametrize(
    "pattern, name, contained",
    [
        ("team/*", "team/app", True),
        ("team/*", "team/*", True),
        ("team/*", "team/app/*", True),
        ("team/*", Holed(("team/", Hole("x"))), True),
        ("team/*", "team-app", False),
        ("team/*", "team", False),
        ("team/*", "team*", False),
        ("team/*", Holed(("team", Hole("x"))), False),
        ("team/*", Holed((Hole("x"), "team/")), False),
        ("*", "team", True),
        ("team", "team", True),
        ("team", "team/app", False),
        (Holed(("team/", Hole("x"), "*")), Holed(("team/", Hole("x"), "*")), True),
        (Holed(("team/", Hole("x"), "*")), "team/app", False),
    ],
)
def test_a_pattern_of_names_contains_what_it_certainly_matches(
    pattern: str | Holed, name: str | Holed, *, contained: bool
) -> None:
    assert contains(pattern, name) is contained
