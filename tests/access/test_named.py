"""The part of a register that applies to every repository with some names."""

from __future__ import annotations

import pytest
from ecr_crossaccount import Trust
from ecr_crossaccount.access.named import names_under, trust_in

from tests.access.policies import OTHER, trusting


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
    ],
)
def test_an_entry_counts_if_it_speaks_of_all_the_names(pattern: str, names: tuple[str, ...], covers: bool) -> None:  # noqa: FBT001
    found = trust_in(covering(pattern), names)
    assert any(one.covers("*") for one in found.entries) is covers


@pytest.mark.parametrize("prefix, names", [("ROOT", ("*",)), ("team", ("team/*",)), ("team/", ("team/*",))])
def test_a_prefix_is_of_the_repositories_below_it(prefix: str, names: tuple[str, ...]) -> None:
    assert names_under(prefix) == names
