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

    assert shared.for_kind(ROLE)["aws:sourceip"] is shared.for_kind(USER)["aws:sourceip"]
    assert shared.for_kind(ROLE)["aws:principalarn"] is not shared.for_kind(USER)["aws:principalarn"]


def test_keys_that_move_together_share_a_domain() -> None:
    user = SharedMeanings().for_kind(USER)

    assert user["aws:username"] is user["aws:principalarn"]


def test_the_next_judgement_takes_what_the_last_one_found_out() -> None:
    assert (
        meanings_for(REPOSITORY).for_kind(ROLE)["aws:sourceip"]
        is meanings_for(REPOSITORY).for_kind(ROLE)["aws:sourceip"]
    )


def test_what_has_grown_large_serves_the_judgements_that_have_it_and_no_other() -> None:
    shared = meanings_for(REPOSITORY)
    early = shared.for_kind(ROLE)["aws:sourceip"]
    of_tags = {id(shared.for_kind(ROLE)[f"aws:principaltag/{number}"]) for number in range(2000)}

    assert len(of_tags) == 2000
    assert meanings_for(REPOSITORY) is not shared
    assert shared.for_kind(ROLE)["aws:sourceip"] is early
    assert meanings_for(REPOSITORY).for_kind(ROLE)["aws:sourceip"] is not early
