"""A law: if the judgement says that there is no access, no value of a key gives access, in any spelling.

`python -m tests.properties.test_every_spelling 100000` tests that many policies. A word after the number selects
others.
"""

from __future__ import annotations

import random
import sys

import pytest
from ecr_crossaccount import Repository

from tests.properties.slipping import Trial, assert_nobody_slips_in, report, trial
from tests.properties.spelled import KEYS, Key, policy_on, requests_for
from tests.properties.world import OWNER

_REPOSITORY = Repository(OWNER)
_POLICIES = 100
"""The number of policies for each key. The figure in docs/semantics.md is from a longer run."""


def _tried(seed: str, key: Key) -> Trial:
    draw = random.Random(seed)  # noqa: S311 - the same policies every time
    policy = policy_on(draw, key)
    return trial(policy, _REPOSITORY, lambda: requests_for(draw, key, policy))


@pytest.mark.parametrize("key", KEYS, ids=[key.name for key in KEYS])
def test_where_nobody_gets_in_no_spelling_of_a_value_does(key: Key) -> None:
    assert_nobody_slips_in(_tried(f"{key.name} {serial}", key) for serial in range(_POLICIES))


if __name__ == "__main__":
    count, seed = int(sys.argv[1]), " ".join(sys.argv[2:]) or "long"
    sys.exit(report(_tried(f"{seed} {serial}", KEYS[serial % len(KEYS)]) for serial in range(count)))
