"""The judgement and the oracle on the same policies, side by side."""

from __future__ import annotations

from ecr_crossaccount import Origin

from tests.properties.oracle import IDS, Request, allows
from tests.properties.world import conditions_of
from tests.strategies import Situation


def allowed(situation: Situation, request: Request) -> bool | None:
    """Return the oracle's answer about a request, or None if it cannot tell."""
    deployed = situation.origin is Origin.DEPLOYED
    return allows(situation.policy, request, situation.repository, deployed=deployed)


def refused(situation: Situation, request: Request) -> bool:
    """Return whether the oracle refuses a request.

    If a policy names a unique id, the oracle cannot tell which principal has it. Then it must only not allow the
    request.
    """
    found = allowed(situation, request)
    return found is False or (found is None and _names_a_unique_id(situation))


def _names_a_unique_id(situation: Situation) -> bool:
    compared = (one for statement in situation.statements for one in conditions_of(statement))
    return any(
        key.lower() == "aws:userid" and any(str(value)[:4] in IDS for value in values) for _, key, values in compared
    )


def is_agreed_upon(situation: Situation) -> bool:
    """Return whether the oracle allows every witness of a policy."""
    witnesses = (grant.witness for grant in situation.verdict().grants)
    return all(allowed(situation, Request(one.principal, one.action, one.context)) is True for one in witnesses)
