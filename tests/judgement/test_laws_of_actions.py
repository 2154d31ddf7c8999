"""Sets of actions, compared with a small evaluator that fills every hole with a few texts; and what each action is."""

from __future__ import annotations

import fnmatch
import itertools

import pytest
from ecr_crossaccount import Access, Hole, Holed, Kind, Severity
from ecr_crossaccount.documents.document import Actions
from ecr_crossaccount.documents.pattern import Text
from ecr_crossaccount.judgement.grants import severity
from ecr_crossaccount.judgement.reasons import telling_action, telling_of
from ecr_crossaccount.judgement.values.actions import (
    CONTRADICTED,
    EVERY,
    EVERY_OF_REGISTRY,
    KNOWN,
    ActionSets,
    access_of,
    access_of_names,
    mask_of,
    split,
)

from tests.properties.outsiders import ADMIN, READ, WRITE

OF_REPOSITORY = {
    **dict.fromkeys(READ.split(), Access.READ),
    **dict.fromkeys(WRITE.split(), Access.WRITE),
    **dict.fromkeys(ADMIN.split(), Access.ADMIN),
}
OF_REGISTRY = {
    "DescribePullThroughCacheRules": Access.READ,
    "DescribeReplicationBackfillResults": Access.READ,
    "ListReplicationBackfills": Access.READ,
    "ValidatePullThroughCacheRule": Access.READ,
    "CreateRepository": Access.WRITE,
    "StartReplicationBackfill": Access.WRITE,
    "StopReplicationBackfill": Access.WRITE,
    "DeletePullThroughCacheRule": Access.WRITE,
    "UpdatePullThroughCacheRule": Access.WRITE,
    "CreatePullThroughCacheRule": Access.WRITE,
}
ALL = OF_REPOSITORY | OF_REGISTRY
SETTINGS = {
    "BatchCheckLayerAvailability",
    "BatchGetRepositoryScanningConfiguration",
    "DescribeImageReplicationStatus",
    "DescribeImageSigningStatus",
    "DescribeRepositories",
    "GetImageCopyStatus",
    "GetLifecyclePolicy",
    "GetRepositoryPolicy",
    "ListTagsForResource",
    "DescribePullThroughCacheRules",
    "DescribeReplicationBackfillResults",
    "ListReplicationBackfills",
    "ValidatePullThroughCacheRule",
}
"""READ actions that show a repository or a registry, and no images."""
CHANGES_NOTHING = {"StartImageScan", "StartLifecyclePolicyPreview"}


def test_the_actions_are_these() -> None:
    assert {f"ecr:{name}" for name in ALL} == KNOWN


@pytest.mark.parametrize("name", ALL)
def test_what_an_action_is(name: str) -> None:
    mask = mask_of([f"ecr:{name}"])
    assert access_of(mask) == access_of_names([f"ECR:{name.upper()}"]) == (ALL[name],)
    assert [rank for rank, _ in split(mask)] == [ALL[name].rank]
    tampers = ALL[name] is not Access.READ and name not in CHANGES_NOTHING
    worst = Severity.CRITICAL if tampers else Severity.LOW if name in SETTINGS else Severity.MEDIUM
    for kind in (Kind.ACCOUNT, Kind.ORGANIZATION, Kind.ANY):
        assert severity(kind, mask, public=False) is worst
    assert severity(Kind.SERVICE, mask, public=False) is min(worst, Severity.HIGH)
    in_public = Severity.HIGH if worst is Severity.MEDIUM else worst
    assert severity(Kind.ANY, mask, public=True) is in_public


def test_a_set_with_more_than_settings_is_as_severe_as_the_worst_of_it() -> None:
    for one, other in itertools.product(("DescribeRepositories", "BatchGetImage", "PutImage"), repeat=2):
        names = [f"ecr:{one}", f"ecr:{other}"]
        alone = [severity(Kind.ACCOUNT, mask_of([name]), public=False) for name in names]
        assert severity(Kind.ACCOUNT, mask_of(names), public=False) is max(alone)


def test_a_set_tells_its_names_in_the_order_of_the_table() -> None:
    sets = ActionSets()
    names = [f"ecr:{name}" for name in ALL]
    bits = {name: sets.bit_of(name) for name in names}
    ordered = sorted(names, key=bits.__getitem__)
    assert len({*bits.values()}) == len(names)
    for start, step in itertools.product(range(9), (1, 2, 3, 5, 7, 11)):
        some = ordered[start::step]
        assert sets.names(sum(bits[name] for name in some)) == tuple(some)
        assert telling_of(sets, sum(bits[name] for name in some)) == telling_action(some)


# --- patterns ---

HOLE = Hole("X")
FILLINGS = ("", "a", "Image", "ecr:PutImage", "Nothing:Like", "q" * 70)
"""Values for a hole. The first ones make an action of the table of some pattern, the last one of none."""
PATTERNS: tuple[Text, ...] = (
    "*", "ecr:*", "ECR:PUTIMAGE", "ecr:*Image", "ecr:Put*", "ecr:?utImage", "ecr:Get*Policy*", "e*r:List*", "s3:*",
    "ecr:GetAuthorizationToken", "ecr:CreateRepository", "ecr:Start*", "*PullThrough*", "ecr:putimage ", "ecr:",
    "ecr:BrandNew", "ecr:*New", "ecr:Brand?ew", "ECR:BRANDNEW", "ecr-public:PutImage", "*:BatchDelete*",
    Holed((HOLE,)), Holed(("ecr:", HOLE)), Holed(("ecr:Put", HOLE)), Holed((HOLE, "Image")),
    Holed((HOLE, ":PutImage")), Holed(("ecr:Batch", HOLE, "Image")), Holed(("s3:", HOLE)), Holed(("ec", HOLE)),
    Holed((HOLE, "Authorization", "Token")), Holed(("ecr:Brand", HOLE)),
)  # fmt: skip


def filled(text: Text) -> list[str]:
    """Return what a pattern may be once its hole has a value."""
    if isinstance(text, str):
        return [text]
    values = ("".join(part if isinstance(part, str) else value for part in text.parts) for value in FILLINGS)
    tails = [f"ecr:{name}" for name in ALL]
    return [*values, *(one for one in tails if may_become(text, one))]


def may_become(text: Holed, action: str) -> bool:
    wild = "".join(part if isinstance(part, str) else "*" for part in text.parts)
    return matched(wild, action)


def matched(text: str, action: str) -> bool:
    escaped = text.lower().replace("[", "[[]")
    return fnmatch.fnmatchcase(action.lower(), escaped)


def certainly(text: Text, action: str) -> bool:
    return isinstance(text, str) and matched(text, action)


def possibly(text: Text, action: str) -> bool:
    return any(matched(one, action) for one in filled(text))


COUPLES = [(one,) for one in PATTERNS] + list(itertools.pairwise(PATTERNS)) + [("ecr:Put*", Holed((HOLE, "Image")))]


@pytest.mark.parametrize("reach", [EVERY, EVERY_OF_REGISTRY, CONTRADICTED], ids=["repository", "registry", "one"])
@pytest.mark.parametrize("negated", [False, True], ids=["Action", "NotAction"])
def test_the_actions_that_an_element_names(reach: int, *, negated: bool) -> None:
    sets = ActionSets(reach)
    bits = {f"ecr:{name}": ActionSets().bit_of(f"ecr:{name}") for name in ALL}
    reached = {name for name, bit in bits.items() if bit & reach}
    table = sum(bits.values())
    for patterns in COUPLES:
        sure = {name for name in bits if any(certainly(one, name) for one in patterns)}
        maybe = {name for name in bits if any(possibly(one, name) for one in patterns)}
        element = Actions(negated=negated, patterns=patterns)
        allowed, perhaps = sets.allowed_actions(element)
        wanted = (reached - maybe, reached - sure) if negated else (reached & sure, reached & maybe)
        assert [sum(bits[name] for name in names) for names in wanted] == [allowed & table, perhaps & table], patterns
        denied = ActionSets(reach).denied_actions(element) & table & reach
        certain = reached - maybe if negated else reached & sure
        assert denied == sum(bits[name] for name in certain), patterns


NEW = ("ecr:BrandNew", "ecr:CopyThing", "ecr:Newer")


@pytest.mark.parametrize("negated", [False, True], ids=["Action", "NotAction"])
def test_a_deny_of_actions_that_no_table_has(*, negated: bool) -> None:
    sets = ActionSets()
    sets.allowed_actions(Actions(negated=False, patterns=NEW))
    bits = {name: sets.bit_of(name) for name in NEW}
    for patterns in COUPLES:
        sure = {name for name in NEW if any(certainly(one, name) for one in patterns)}
        holed = not all(isinstance(one, str) for one in patterns)
        wanted = (set() if holed else set(NEW) - sure) if negated else sure
        denied = sets.denied_actions(Actions(negated=negated, patterns=patterns))
        assert denied & sum(bits.values()) == sum(bits[name] for name in wanted), patterns


@pytest.mark.parametrize("written", ["ecr:BrandNew", "ECR:brandnew", "eCr:BRANDNEW"])
def test_an_action_that_no_table_has_is_one_in_any_spelling(written: str) -> None:
    sets = ActionSets()
    known, _ = sets.allowed_actions(Actions(negated=False, patterns=(written, "ecr:OtherNew")))
    again, _ = sets.allowed_actions(Actions(negated=False, patterns=("ecr:brandNEW",)))
    assert again & known == again != 0
    assert len(sets.others) == 2
    assert access_of(again) == (Access.WRITE,)


@pytest.mark.parametrize("written", ["s3:BrandNew", "ecr:Brand*", "ecr:Bran?", "ecr:GetAuthorizationToken", "BrandNew"])
def test_what_is_no_new_action_of_ecr_has_no_bit(written: str) -> None:
    sets = ActionSets()
    assert sets.allowed_actions(Actions(negated=False, patterns=(written,))) == (0, 0)
    assert sets.others == ()
