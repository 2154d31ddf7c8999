"""How much is undecided of policies that say nothing that AWS leaves without a meaning."""

from __future__ import annotations

from tests.properties.undecided import is_undecided, verdicts

MOST = 0.02
"""`docs/semantics.md` has the share of 20,000 policies; a sample of 2,000 may be a little above it."""


def test_few_policies_are_undecided() -> None:
    every = verdicts(2_000)
    assert sum(map(is_undecided, every)) <= MOST * len(every)
    assert any(one.grants for one in every)
    assert any(not one.grants and not one.undecided for one in every)
