"""What the judgement and the oracle say of the same policies, side by side."""

from __future__ import annotations

from ecr_crossaccount import Origin
from ecr_crossaccount.difference.answer import Difference
from ecr_crossaccount.difference.policies import difference

from tests.properties.oracle import Request, allows
from tests.strategies import Situation


def difference_of(before: Situation, after: Situation) -> Difference:
    """What `difference` says of two policies of one repository."""
    origins = (before.origin, before.origin)
    return difference(before.policy, after.policy, before.repository, before.trust, origins)


def allowed(situation: Situation, request: Request) -> bool | None:
    """What the oracle says of a request, None if it cannot tell."""
    deployed = situation.origin is Origin.DEPLOYED
    return allows(situation.policy, request, situation.repository, deployed=deployed)


def is_agreed_upon(situation: Situation) -> bool:
    """Whether the oracle allows every witness of a policy."""
    witnesses = (grant.witness for grant in situation.verdict().grants)
    return all(allowed(situation, Request(one.principal, one.action, one.context)) is True for one in witnesses)
