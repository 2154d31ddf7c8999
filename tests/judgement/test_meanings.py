"""Meanings of keys that judgements share. They are compared by identity, and never dropped during a judgement."""

from __future__ import annotations

from ecr_crossaccount.judgement.context.keys import SharedMeanings, meanings_for
from ecr_crossaccount.judgement.context.request import PrincipalRequest, PrincipalType

from tests.judgement.test_key_table import REPOSITORIES

REPOSITORY = REPOSITORIES[0]
ROLE = PrincipalRequest(REPOSITORY, "333344445555", None, fresh=True)
USER = ROLE._replace(principal_type=PrincipalType.USER)


def test_kinds_of_requests_share_what_a_key_means_in_both() -> None:
    shared = SharedMeanings()

    assert shared.of(ROLE)["aws:sourceip"] is shared.of(USER)["aws:sourceip"]
    assert shared.of(ROLE)["aws:principalarn"] is not shared.of(USER)["aws:principalarn"]


def test_keys_that_move_together_share_a_domain() -> None:
    user = SharedMeanings().of(USER)

    assert user["aws:username"] is user["aws:principalarn"]


def test_the_next_judgement_takes_what_the_last_one_found_out() -> None:
    assert meanings_for(REPOSITORY).of(ROLE)["aws:sourceip"] is meanings_for(REPOSITORY).of(ROLE)["aws:sourceip"]


def test_what_has_grown_large_serves_the_judgements_that_have_it_and_no_other() -> None:
    shared = meanings_for(REPOSITORY)
    early = shared.of(ROLE)["aws:sourceip"]
    of_tags = {id(shared.of(ROLE)[f"aws:principaltag/{number}"]) for number in range(2000)}

    assert len(of_tags) == 2000
    assert meanings_for(REPOSITORY) is not shared
    assert shared.of(ROLE)["aws:sourceip"] is early
    assert meanings_for(REPOSITORY).of(ROLE)["aws:sourceip"] is not early
