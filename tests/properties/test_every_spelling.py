"""A law: where the judgement says that nobody gets in, no value of a key does, however it is spelt.

`python -m tests.properties.test_every_spelling 100000` tries so many policies.
"""

from __future__ import annotations

import random
import sys

import pytest
from ecr_crossaccount import Compliance, Repository, Trust, judge

from tests.properties.oracle import Request, allows
from tests.properties.spelled import KEYS, Key, policy_on, requests_for
from tests.properties.world import OWNER, Policy

_REPOSITORY = Repository(OWNER)
_POLICIES = 100
"""For each key; the figure in docs/semantics.md is of a longer run."""


def _slips_in(seed: str, key: Key) -> tuple[Policy, Request | None, int]:
    draw = random.Random(seed)  # noqa: S311 - the same policies every time
    policy = policy_on(draw, key)
    if judge(policy, _REPOSITORY, Trust.nobody()).compliance is not Compliance.COMPLIANT:
        return policy, None, 0
    requests = list(requests_for(draw, key, policy))
    found = next((one for one in requests if allows(policy, one, _REPOSITORY)), None)
    return policy, found, len(requests)


@pytest.mark.parametrize("key", KEYS, ids=[key.name for key in KEYS])
def test_where_nobody_gets_in_no_spelling_of_a_value_does(key: Key) -> None:
    tried = 0
    for serial in range(_POLICIES):
        policy, found, requests = _slips_in(f"{key.name} {serial}", key)
        assert found is None, (policy, found)
        tried += requests
    assert tried, "some policy lets nobody in"


def main(policies: int) -> int:
    """Try so many policies, print those that a request slips into, and return the exit status."""
    slipped, tried = 0, 0
    for serial in range(policies):
        key = KEYS[serial % len(KEYS)]
        policy, found, requests = _slips_in(f"long {serial}", key)
        tried += requests
        if found is not None:
            slipped += 1
            print(policy, found.principal, found.context.get(key.name), sep="\n  ")
    print(f"{policies} policies, {tried} requests to those that let nobody in, {slipped} slipped in")
    return 1 if slipped else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
