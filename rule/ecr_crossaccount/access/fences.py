"""The Denies of a registry policy. They apply to every repository, whatever its own policy allows."""

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
"""The most that the policies of repositories can allow."""


def denies_of(policy: Policy) -> frozenset[Statement]:
    """Return the Denies of a policy. Equal ones appear once, even if their Sids differ."""
    return frozenset(one._replace(number=0, sid=None) for one in policy.statements if one.effect is Effect.DENY)


def denies_alone(policy: object) -> dict[str, object] | None:
    """Return the Denies of a policy's JSON object as a policy of the same version, or None if it has none."""
    denies = [
        one for one in statements_in(policy) if isinstance(one, Mapping) and one.get("Effect") == Effect.DENY.value
    ]
    return {**cast("Mapping[str, object]", policy), "Statement": denies} if denies else None


def is_fence(policy: object, registry: Repository, trust: Trust, origin: Origin = Origin.PROPOSED) -> bool:
    """Return whether a policy's Denies keep out everyone who is not trusted, whatever other policies allow."""
    denies = denies_alone(policy)
    if denies is None:
        return False
    fenced = {**denies, "Statement": [_EVERYTHING, *cast("list[object]", denies["Statement"])]}
    return judge_registry(fenced, registry, trust, origin).compliance is Compliance.COMPLIANT
