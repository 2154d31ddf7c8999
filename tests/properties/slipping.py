"""Whether a request slips into a policy that, as the judgement says, lets nobody in: a short trial, or a long one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from ecr_crossaccount import Compliance, Repository, Trust, judge

from tests.properties.oracle import Request, allows
from tests.properties.world import Policy


class Trial(NamedTuple):
    """A policy, the request that slipped into it, and how many were tried."""

    policy: Policy
    slipped: Request | None
    requests: int


def trial(policy: Policy, repository: Repository, requests: Callable[[], Iterable[Request]]) -> Trial:
    """Send requests to a policy that lets nobody in; to any other, none."""
    if judge(policy, repository, Trust.nobody()).compliance is not Compliance.COMPLIANT:
        return Trial(policy, None, 0)
    tried = list(requests())
    return Trial(policy, next((one for one in tried if allows(policy, one, repository)), None), len(tried))


def assert_nobody_slips_in(trials: Iterable[Trial]) -> None:
    """Fail at the first policy that a request slips into, and where no policy lets nobody in."""
    tried = 0
    for one in trials:
        assert one.slipped is None, (one.policy, one.slipped)
        tried += one.requests
    assert tried, "some policy lets nobody in"


def report(trials: Iterable[Trial]) -> int:
    """Print the policies that a request slips into, with the request, and a summary; return the exit status."""
    policies = slipped = tried = 0
    for one in trials:
        policies, tried = policies + 1, tried + one.requests
        if one.slipped is not None:
            slipped += 1
            print(one.policy, one.slipped.principal, dict(one.slipped.context), sep="\n  ")
    print(f"{policies} policies, {tried} requests to those that let nobody in, {slipped} slipped in")
    return 1 if slipped else 0
