"""The Denies of a registry policy: they hold for every repository, whatever its own policy allows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from ..policy.document import Effect, Policy, Statement
from ..policy.texts import statements_in
from .judge import Repository
from .judgement import Origin
from .registry import judge_registry
from .trust import Trust
from .verdict import Compliance

_EVERYTHING = {"Effect": "Allow", "Principal": "*", "Action": "ecr:*", "Resource": "*"}
"""The most that the policies of repositories could allow."""


def denies_of(policy: Policy) -> frozenset[Statement]:
    """Return the Denies of a policy, each once however often and under whichever Sid it is written."""
    return frozenset(one._replace(number=0, sid=None) for one in policy.statements if one.effect is Effect.DENY)


def denies_alone(policy: object) -> dict[str, object] | None:
    """Return the Denies of a policy's JSON object as a policy of the same version; None if it has none."""
    denies = [
        one for one in statements_in(policy) if isinstance(one, Mapping) and one.get("Effect") == Effect.DENY.value
    ]
    return {**cast("Mapping[str, object]", policy), "Statement": denies} if denies else None


def is_fence(policy: object, registry: Repository, trust: Trust, origin: Origin = Origin.PROPOSED) -> bool:
    """Tell whether the Denies of a policy's JSON object keep out everyone untrusted, whatever other policies allow."""
    denies = denies_alone(policy)
    if denies is None:
        return False
    fenced = {**denies, "Statement": [_EVERYTHING, *cast("list[object]", denies["Statement"])]}
    return judge_registry(fenced, registry, trust, origin).compliance is Compliance.COMPLIANT
