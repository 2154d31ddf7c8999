"""Laws of access through roles, checked with the second program on generated accounts."""

from __future__ import annotations

import json
from datetime import date

import pytest
from ecr_crossaccount.judgement.beside import RegistryPolicy, Scope
from ecr_crossaccount.judgement.values.actions import access_of_names
from ecr_crossaccount.judgement.values.trust import Trust
from ecr_crossaccount.products.audit.roles import details
from ecr_crossaccount.questions.roles.answer import Through
from ecr_crossaccount.questions.roles.house import Account, Repository
from ecr_crossaccount.questions.roles.through import search_roles
from hypothesis import given
from hypothesis import strategies as st

from tests.profiles import examples, slow_examples
from tests.roles import hops
from tests.roles.second import ISSUER, Caller, Token, World, like
from tests.roles.world import documents_of, worlds

pytestmark = pytest.mark.no_cover

NOBODY = Trust((), date(2026, 12, 1))


def asked(world: World, trust: Trust = NOBODY) -> Through:
    """Return the product's answer about a world."""
    registry = RegistryPolicy(json.dumps(world.registry), Scope.V2) if world.registry else None
    repositories = tuple(
        Repository(arn, arn.partition(":repository/")[2], "eu-central-1", policy, registry, world.tags, tags_known=True)
        for arn, policy in world.repositories.items()
    )
    roles = details([("the account", world.details)]).roles[world.owner]
    rcps = (json.dumps(world.rcp),) if world.rcp else ()
    return search_roles(Account(world.owner, roles, repositories, organization=world.organization, rcps=rcps), trust)


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
        for _, role, arn, action in world.reached_by(token):
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


@slow_examples(200)
@given(st.integers(0, 2**32))
def test_no_chain_and_no_approval_hides_anyone(number: int) -> None:
    """What someone reaches is told of them, by the last role and the repository, unless the register approves it."""
    world, entries = hops.world(number), hops.register(number)
    found = asked(world, Trust.parse({"version": 1, "trust": entries}, NOBODY.today))
    told = {
        (way.outsider, way.chain[-1], arn, one) for way in found.ways for arn in way.repositories for one in way.access
    }
    told |= {
        (one.outsider, one.chain[-1], arn, a) for one in found.perhaps for arn in one.repositories for a in one.access
    }
    everyone: list[Caller | Token] = [*world.callers, *world.tokens]
    for caller in everyone:
        for first, role, arn, action in world.reached_by(caller):
            access = access_of_names([action])[0]
            assert hops.is_covered(entries, caller, first, arn, action) or any(
                [role, arn, access] == rest and hops.is_of(who.kind.value, who.name, caller) for who, *rest in told
            ), (caller, role, arn, action)


@examples(600)
@given(worlds())
def test_the_requests_of_a_way_are_allowed_one_by_one(world: World) -> None:
    """Each hop of a way that is told for certain is a request that the second program allows."""
    for way in asked(world).ways:
        hops = [(hop.witness.action, hop.resource, dict(hop.witness.context)) for hop in way.hops]
        assert world.replayed(hops), way
