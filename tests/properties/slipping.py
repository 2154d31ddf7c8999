"""Tests whether a request is allowed by a policy that the judgement calls closed: a short or a long run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from ecr_crossaccount import Compliance, Repository, Trust, judge

from tests.properties.oracle import Request, allows
from tests.properties.world import Policy


class Trial(NamedTuple):
    """A policy, the request that it wrongly allowed, and the number of requests."""

    policy: Policy
    slipped: Request | None
    requests: int


def trial(policy: Policy, repository: Repository, requests: Callable[[], Iterable[Request]]) -> Trial:
    """Send requests to a policy that gives no access. For any other policy, send none."""
    if judge(policy, repository, Trust.nobody()).compliance is not Compliance.COMPLIANT:
        return Trial(policy, None, 0)
    tried = list(requests())
    return Trial(policy, next((one for one in tried if allows(policy, one, repository)), None), len(tried))


def assert_nobody_slips_in(trials: Iterable[Trial]) -> None:
    """Assert that no policy allows a request, and that at least one policy gives no access."""
    tried = 0
    for one in trials:
        assert one.slipped is None, (one.policy, one.slipped)
        tried += one.requests
    assert tried, "some policy lets nobody in"


def report(trials: Iterable[Trial]) -> int:
    """Print the policies that allow a request, with the request, and a summary. Returns the exit status."""
    policies = slipped = tried = 0
    for one in trials:
        policies, tried = policies + 1, tried + one.requests
        if one.slipped is not None:
            slipped += 1
            print(one.policy, one.slipped.principal, dict(one.slipped.context), sep="\n  ")
    print(f"{policies} policies, {tried} requests to those that let nobody in, {slipped} slipped in")
    return 1 if slipped else 0
