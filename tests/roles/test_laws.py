"""Laws of access through roles, checked with the second program on generated accounts."""

from __future__ import annotations

from datetime import date

from ecr_crossaccount.judgement.values.trust import Trust
from ecr_crossaccount.products.audit.account_details import details
from ecr_crossaccount.questions.roles.answer import Through
from ecr_crossaccount.questions.roles.house import Account, Repository
from ecr_crossaccount.questions.roles.through import through
from hypothesis import given

from tests.profiles import examples, slow_examples
from tests.roles.second import World
from tests.roles.world import worlds

NOBODY = Trust((), date(2026, 12, 1))


def asked(world: World) -> Through:
    """Return the product's answer about a world."""
    repositories = tuple(
        Repository(arn, arn.partition(":repository/")[2], "eu-central-1", policy)
        for arn, policy in world.repositories.items()
    )
    roles = details([("the account", world.details)]).roles[world.owner]
    return through(Account(world.owner, roles, repositories, organization=world.organization), NOBODY)


@slow_examples(600)
@given(worlds())
def test_nobody_whom_the_second_program_lets_in_is_missed(world: World) -> None:
    """What a chain of requests reaches is told as a way, or as a doubt about the same role and repository."""
    found = asked(world)
    told = {(way.chain[-1], way.repository) for way in found.ways}
    told |= {(one.chain[-1], arn) for one in found.perhaps for arn in one.repositories}
    for role, arn, action in world.reached():
        assert (role, arn) in told, (role, arn, action)


@examples(600)
@given(worlds())
def test_the_requests_of_a_way_are_allowed_one_by_one(world: World) -> None:
    """Each hop of a way that is told for certain is a request that the second program allows."""
    for way in asked(world).ways:
        hops = [(hop.witness.action, hop.resource, dict(hop.witness.context)) for hop in way.hops]
        assert world.replayed(hops), way
