"""Actions by their names."""

from __future__ import annotations

import pytest
from ecr_crossaccount import Access
from ecr_crossaccount.documents.document import Actions
from ecr_crossaccount.documents.pattern import Hole, Holed, Text
from ecr_crossaccount.judgement.values.actions import EVERY, ActionSets, access_of_names, unlisted_matches


@pytest.mark.parametrize(
    "names, access",
    [
        ([], ()),
        (["ecr:BatchGetImage"], (Access.READ,)),
        (["ECR:batchgetimage", "ecr:PutImage"], (Access.READ, Access.WRITE)),
        (["ecr:SetRepositoryPolicy"], (Access.ADMIN,)),
        (["ecr:NobodyKnowsThisOne"], (Access.WRITE,)),
    ],
)
def test_names_tell_what_access_they_hold(names: list[str], access: tuple[Access, ...]) -> None:
    assert access_of_names(names) == access


@pytest.mark.parametrize(
    "names, text, found",
    [
        (["ecr:NewAction", "ecr:PutImage"], "ECR:*", ("ecr:NewAction",)),
        (["ecr:NewAction", "ecr:NewAction"], "ecr:new?ction", ("ecr:NewAction",)),
        (["ecr:NewAction"], "ecr:Put*", ()),
        ([Holed(("ecr:New", Hole("X")))], "ecr:*Image", ("ecr:New<X>",)),
        ([Holed(("ecr:New", Hole("X")))], "ecr:Put*", ()),
        ([Holed(("ecr:New", Hole("X")))], "ecr:?ew*", ("ecr:New<X>",)),
        ([Holed((Hole("X"),))], "ecr:Put*", ("<X>",)),
    ],
)
def test_what_no_table_names_and_a_pattern_may_match(names: list[Text], text: str, found: tuple[str, ...]) -> None:
    assert unlisted_matches(names, text) == found


def test_every_action_has_a_bit() -> None:
    sets = ActionSets()
    mask, _ = sets.allowed_actions(Actions(negated=False, patterns=("ecr:NewAction", "ecr:PutImage")))
    assert sets.others == ("ecr:NewAction",)
    assert sets.bit_of("ecr:NewAction") | sets.bit_of("ecr:putimage") == mask


def test_each_action_has_a_bit_of_its_own_whether_a_table_names_it_or_not() -> None:
    sets = ActionSets()
    names = ["ecr:PutImage", "ecr:BrandNew", "ecr:NewerStill", "ecr:BatchGetImage"]
    allowed, _ = sets.allowed_actions(Actions(negated=False, patterns=tuple(names)))
    bits = [sets.bit_of(name) for name in names]
    assert sum(bits) == allowed
    assert len(set(bits)) == len(names) == allowed.bit_count()
    assert sets.bit_of("ecr:putimage") == bits[0]


@pytest.mark.parametrize("denied", ["ecr:*y", "ecr:*body", "ecr:Copy?*", "ecr:Copy", "ecr:*ZZ0*"])
def test_a_deny_counts_for_an_action_with_a_hole_only_if_it_matches_every_filling(denied: str) -> None:
    sets = ActionSets()
    _, perhaps = sets.allowed_actions(Actions(negated=False, patterns=(Holed(("ecr:Copy", Hole("X"))),)))
    assert perhaps == sets.denied_actions(Actions(negated=False, patterns=("ecr:Cop*",))) != 0
    assert not sets.denied_actions(Actions(negated=False, patterns=(denied,))) & perhaps


@pytest.mark.parametrize(
    "parts, actions",
    [
        ((Hole("X"),), "new"),
        ((Hole("X"), "BatchGetImage"), "new"),
        ((Hole("X"), ":BatchGetImage"), "known"),
        ((Hole("X"), ":Batch"), "new"),
        (("e", Hole("X"), ":putimage"), "known"),
        (("ecr:", Hole("X")), "new"),
        (("ECR", Hole("X"), "Image"), "new"),
        (("s3:", Hole("X")), "known"),
        (("ecr:", Hole("X"), "*"), "known"),
    ],
)
def test_an_action_with_a_hole_may_be_one_that_no_table_names(parts: tuple[str | Hole, ...], actions: str) -> None:
    sets = ActionSets()
    _, perhaps = sets.allowed_actions(Actions(negated=False, patterns=(Holed(parts),)))
    assert (actions == "new") is bool(perhaps & ~EVERY)
