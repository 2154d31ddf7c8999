"""The access that a change of policy takes away, and from which principals."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ecr_crossaccount import Repository, Trust
from ecr_crossaccount.products.automation.cuts import Cuts, cuts, keeping
from ecr_crossaccount.products.automation.find_use import Use, loss

Json = dict[str, Any]

OURS = Repository("111122223333", "team/base", tags_known=True)
PULL = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]


def allow(principal: object, action: object = PULL, **other: object) -> Json:
    return {"Effect": "Allow", "Principal": principal, "Action": action} | other


def of(*statements: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def change(old: Json, new: Json | None, *trusted: str) -> Cuts:
    return cuts(json.dumps(old), new, OURS, frozenset(trusted))


ANYBODY = allow({"AWS": "*"})
ALL = {"any": PULL, "any AWS service": PULL}
"""The principals that an Allow for `*` may allow."""
NAMED = allow({"AWS": "222233334444"})
OF_ORGANIZATION = allow({"AWS": "*"}, Condition={"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}})


def test_a_policy_that_is_deleted_takes_everything() -> None:
    found = change(of(NAMED, ANYBODY), None)
    assert found.cut == {"222233334444": PULL} | ALL
    assert (found.kept, found.conditional) == ({}, {})


def test_a_statement_that_stays_takes_nothing_and_keeps_what_it_gives() -> None:
    found = change(of(NAMED, ANYBODY), of(NAMED))
    assert found.cut == ALL
    assert found.kept == {"222233334444": PULL}


def test_a_statement_may_move() -> None:
    assert change(of(ANYBODY, NAMED), of(NAMED, ANYBODY)).cut == {}


def test_a_wildcard_that_is_confined_is_cut_for_anybody_and_kept_under_a_condition() -> None:
    found = change(of(ANYBODY), of(OF_ORGANIZATION), "o-a1b2c3d4e5")
    assert found.cut == ALL
    assert found.conditional == {"organization": PULL, "any AWS service": PULL}
    assert found.kept == {}


VPC = {"aws:SourceVpc": "vpc-1"}
MEMBERS = {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}


@pytest.mark.parametrize(
    "old, new",
    [
        ((OF_ORGANIZATION,), (allow({"AWS": "*"}, Condition={"StringEquals": MEMBERS | VPC}),)),
        ((OF_ORGANIZATION,), (allow({"AWS": "*"}, Condition={"StringEquals": MEMBERS, "StringLike": VPC}),)),
        (
            (ANYBODY, allow({"AWS": "*"}, Condition={"StringEquals": VPC})),
            (allow({"AWS": "*"}, Condition={"StringEquals": MEMBERS | VPC}),),
        ),
        ((OF_ORGANIZATION,), ({**OF_ORGANIZATION, "Sid": "A"}, {**NAMED, "Effect": "Deny"})),
    ],
)
def test_members_of_an_organization_keep_nothing_for_certain_under_more_than_that(
    old: tuple[Json, ...], new: tuple[Json, ...]
) -> None:
    found = change(of(*old), of(*new), "o-a1b2c3d4e5")
    assert found.cut
    assert found.conditional["any"] == PULL
    assert "organization" not in found.conditional


@pytest.mark.parametrize(
    "named, trusted, kept",
    [
        ("o-a1b2c3d4e5", ["o-a1b2c3d4e5"], True),
        (["o-a1b2c3d4e5", "o-z9y8x7w6v5"], ["o-a1b2c3d4e5"], True),
        (["o-a1b2c3d4e5", "o-z9y8x7w6v5"], ["o-a1b2c3d4e5", "o-z9y8x7w6v5"], True),
        ("o-z9y8x7w6v5", ["o-a1b2c3d4e5"], False),  # as the policy of a backup may have it
        ("o-a1b2c3d4e5", ["o-a1b2c3d4e5", "o-z9y8x7w6v5"], False),  # it is unknown in which of the two an account is
        ("o-a1b2c3d4e5", [], False),
    ],
)
def test_members_keep_something_only_where_every_trusted_organization_is_let_in(
    named: str | list[str], trusted: list[str], *, kept: bool
) -> None:
    confined = allow({"AWS": "*"}, Condition={"StringEquals": {"aws:PrincipalOrgID": named}})
    found = change(of(ANYBODY), of(confined), *trusted)
    assert found.cut == ALL
    assert ("organization" in found.conditional) is kept
    assert ("any" in found.conditional) is not kept


def test_members_keep_what_they_had_under_the_same_condition() -> None:
    before = allow({"AWS": "*"}, Condition={"StringEquals": VPC})
    after = allow({"AWS": "*"}, Condition={"StringEquals": MEMBERS | VPC})
    assert change(of(before), of(after), "o-a1b2c3d4e5").conditional["organization"] == PULL


@pytest.mark.parametrize("condition", [{"StringEquals": MEMBERS}, {"StringEquals": MEMBERS | VPC}])
def test_a_not_principal_keeps_nothing_for_the_whole_organization(condition: Json) -> None:
    """A member that it leaves out has nothing, whatever the others have."""
    before = allow({"AWS": "*"}, Condition=condition)
    after = {**before, "NotPrincipal": {"AWS": ["111122223333", "222233334444"]}}
    del after["Principal"]
    found = change(of(before), of(after), "o-a1b2c3d4e5")
    assert "organization" not in found.conditional
    use = Use("222233334444", "ecr:BatchGetImage", 1, "yesterday")
    assert loss(use, found.to_json(), frozenset({"222233334444"}))


def test_what_is_left_of_the_same_access_by_another_statement_is_still_cut_by_the_one_that_goes() -> None:
    through = allow({"AWS": "*"}, Condition={"StringEquals": {"aws:SourceVpc": "vpc-0123456789abcdef0"}})
    found = change(of(ANYBODY, through), of(through))
    assert found.cut == ALL
    assert found.conditional == ALL


def test_an_account_keeps_for_certain_only_what_is_given_to_it_as_a_whole_and_without_a_condition() -> None:
    role = allow({"AWS": "arn:aws:iam::222233334444:role/ci"})
    confined = NAMED | {"Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}
    for left in (role, confined):
        found = change(of(ANYBODY, left), of(left))
        assert found.kept == {}
        assert found.conditional["222233334444"] == PULL


def test_under_another_deny_nothing_is_kept_for_certain() -> None:
    deny = {"Effect": "Deny", "Principal": "*", "Action": "ecr:PutImage"}
    assert change(of(ANYBODY, NAMED), of(NAMED, deny)).kept == {}
    assert change(of(ANYBODY, NAMED, deny), of(deny, NAMED)).kept == {"222233334444": PULL}


def test_a_manifest_without_its_layers_is_of_no_use() -> None:
    found = change(of(allow({"AWS": "222233334444"})), of(allow({"AWS": "222233334444"}, "ecr:BatchGetImage")))
    assert found.cut == {"222233334444": PULL}
    assert found.kept == {}


def test_a_service_that_is_confined_to_the_owner_goes_on_for_the_owner() -> None:
    confined = allow(
        {"Service": "lambda.amazonaws.com"}, Condition={"StringEquals": {"aws:SourceAccount": "111122223333"}}
    )
    found = change(of(allow({"Service": "lambda.amazonaws.com"})), of(confined))
    assert found.cut == {"lambda.amazonaws.com": PULL}
    assert found.conditional == {"lambda.amazonaws.com": PULL}


def test_services_may_go_on_for_the_owner_where_everybody_is_confined_to_it() -> None:
    own = allow("*", Condition={"StringEquals": {"aws:SourceAccount": "111122223333"}})
    assert change(of(allow("*")), None).cut == ALL
    assert change(of(allow("*")), of(own)).conditional == {"any AWS service": PULL}


def test_a_statement_of_which_nobody_can_tell_may_have_given_what_it_allows() -> None:
    through = allow({"AWS": "*"}, Condition={"StringEquals": {"aws:SourceVpc": "vpc-0123456789abcdef0"}})
    assert change(of(through), None).cut == ALL  # whether a service has access is undecided
    assert change(of(through, NAMED), of(through)).cut == {"222233334444": PULL}


@pytest.mark.parametrize(
    "actions, asked",
    [
        (PULL, ("BatchGetImage", "GetDownloadUrlForLayer")),
        ("ecr:GetDownloadUrlForLayer", ("GetDownloadUrlForLayer",)),
        ([*PULL, "ecr:BatchCheckLayerAvailability"], ("BatchCheckLayerAvailability", "BatchGetImage", PULL[1][4:])),
        (["ecr:PutImage", "ecr:BatchCheckLayerAvailability"], ("PutImage",)),
        (["ecr:PutImage", "ecr:UploadLayerPart", "ecr:InitiateLayerUpload"], ("PutImage",)),
        (["ecr:SetRepositoryPolicy", "ecr:BatchDeleteImage"], ("BatchDeleteImage", "SetRepositoryPolicy")),
    ],
)
def test_a_call_that_tells_of_others_is_asked_for_in_their_place(actions: object, asked: tuple[str, ...]) -> None:
    assert change(of(allow("*", actions)), None).ask == asked


def test_where_it_cannot_be_told_what_was_allowed_everything_is_cut() -> None:
    unreadable = allow("*", Condition={"NoSuchOperator": {"aws:SourceIp": "x"}})
    found = change(of(unreadable), None)
    assert set(found.cut) == {"any", "any AWS service"}
    assert "ecr:DeleteRepository" in found.cut["any"]
    assert "PutImage" in found.ask


def test_a_statement_that_stands_alone_need_not_be_in_a_list() -> None:
    assert cuts(json.dumps({"Statement": ANYBODY}), None, OURS, frozenset()).cut == ALL


def test_grantees_with_the_same_actions_stand_together() -> None:
    other = allow({"AWS": ["333344445555", "444455556666"]})
    assert change(of(NAMED, other), None).to_json()["cut"] == [
        {"who": ["222233334444", "333344445555", "444455556666"], "actions": PULL}
    ]


def test_where_there_was_no_policy_nobody_loses_access() -> None:
    assert cuts(None, of(NAMED, ANYBODY), OURS, frozenset()).cut == {}


def test_another_deny_may_take_what_a_statement_that_stays_gives() -> None:
    denied = of(NAMED, ANYBODY, NAMED | {"Effect": "Deny"})
    found = change(of(NAMED, ANYBODY), denied)
    assert found.cut == {"222233334444": PULL} | ALL
    assert found.kept == {}


def test_a_deny_that_goes_takes_nothing() -> None:
    fence = NAMED | {"Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    found = change(of(NAMED, fence), of(NAMED))
    assert found.cut == {}
    assert found.kept == {"222233334444": PULL}


def test_a_variable_that_the_version_no_longer_fills_in_may_take_access() -> None:
    same_team = {"StringEquals": {"aws:PrincipalTag/team": "${aws:PrincipalTag/of}"}}
    own = allow({"AWS": "222233334444"}, Condition=same_team)
    older = {"Version": "2008-10-17", "Statement": [own]}
    assert change(of(own), older).cut == {"222233334444": PULL}
    assert change(of(own), of(own)).cut == {}


def test_where_trust_is_proven_to_be_kept_it_is_kept_by_number_and_by_organization_and_no_more() -> None:
    deny = {"Sid": "P", "Effect": "Deny", "Principal": "*", "Action": "*", "Condition": {"Bool": {"aws:x": "true"}}}
    wide = allow({"AWS": "*"}, ["ecr:BatchGetImage", "ecr:PutImage"])
    found = change(of(wide), of(wide, deny))
    trust = [{"account": "222233334444"}, {"organization": "o-a1b2c3d4e5", "access": "WRITE"}]
    circles = Trust.parse({"version": 1, "trust": trust}).circles(None)
    kept = keeping(found, circles)
    assert found.kept == {}
    assert "organization" not in found.conditional
    assert kept.kept == {"222233334444": ["ecr:BatchGetImage"]}
    assert kept.conditional == {**found.conditional, "organization": ["ecr:BatchGetImage", "ecr:PutImage"]}
    assert (kept.cut, kept.ask) == (found.cut, found.ask)
