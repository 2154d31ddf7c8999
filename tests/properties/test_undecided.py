"""The share of undecided policies among those whose parts all have a documented meaning."""

from __future__ import annotations

import pytest
from ecr_crossaccount import Verdict

from tests.properties.undecided import CAUSES, cause, is_undecided, verdicts

MOST = 0.02
"""`docs/semantics.md` has the share of 20,000 policies. A sample of 2,000 may be slightly above it."""


@pytest.fixture(scope="module")
def every() -> list[Verdict]:
    return verdicts(2_000)


def test_few_policies_are_undecided(every: list[Verdict]) -> None:
    assert sum(map(is_undecided, every)) <= MOST * len(every)
    assert any(one.grants for one in every)
    assert any(not one.grants and not one.undecided for one in every)


def test_what_a_doubt_hangs_on_is_told_from_its_reason(every: list[Verdict]) -> None:
    found = {cause(one) for one in every if is_undecided(one)}
    assert len(found - {CAUSES[-1][0]}) >= len(CAUSES) - 2  # the rarest may be missing in such a small sample
