"""Laws of access through roles, checked with the second program on generated accounts."""

from __future__ import annotations

from datetime import date

import pytest
from ecr_crossaccount.judgement.values.trust import Trust
from ecr_crossaccount.products.audit.account_details import details
from ecr_crossaccount.questions.roles.answer import Through
from ecr_crossaccount.questions.roles.house import Account, Repository
from ecr_crossaccount.questions.roles.through import through
from hypothesis import given
from hypothesis import strategies as st

from tests.profiles import examples, slow_examples
from tests.roles.second import ISSUER, World, like
from tests.roles.world import documents_of, worlds

pytestmark = pytest.mark.no_cover

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
    told = {(way.chain[-1], arn) for way in found.ways for arn in way.repositories}
    told |= {(one.chain[-1], arn) for one in found.perhaps for arn in one.repositories}
    for role, arn, action in world.reached():
        assert (role, arn) in told, (role, arn, action)


@slow_examples(300)
@given(worlds())
def test_nobody_with_a_token_is_told_as_someone_else(world: World) -> None:
    """What a token of GitHub reaches is told of its owner, of anyone with a token, or as a doubt."""
    found = asked(world)
    told = {(way.outsider.name, way.chain[-1], arn) for way in found.ways for arn in way.repositories}
    told |= {(one.outsider.name, one.chain[-1], arn) for one in found.perhaps for arn in one.repositories}
    for token in world.tokens:
        names = [token.whose, token.whose.partition("/")[0], ISSUER]
        names += [one for one, *_ in told if like(one.removeprefix(f"{ISSUER} "), token.subject)]
        for role, arn, action in world.reached_with(token):
            assert any((name, role, arn) in told for name in names), (token, role, arn, action)


@slow_examples(300)
@given(worlds(), st.data())
def test_what_cannot_be_read_hides_nobody(world: World, data: st.DataObject) -> None:
    """Whatever document is not JSON, or misses an element, or is missing: the answer is not that nobody has access."""
    reached = world.reached()
    place, document = data.draw(st.sampled_from(documents_of(world)))
    faults = ("{", None, {**document, "Statement": [{**one, "Effect": "?"} for one in document["Statement"]]})
    place(data.draw(st.sampled_from(faults)))
    found = asked(world)
    assert not (reached and found.is_nobody)


@examples(600)
@given(worlds())
def test_the_requests_of_a_way_are_allowed_one_by_one(world: World) -> None:
    """Each hop of a way that is told for certain is a request that the second program allows."""
    for way in asked(world).ways:
        hops = [(hop.witness.action, hop.resource, dict(hop.witness.context)) for hop in way.hops]
        assert world.replayed(hops), way
