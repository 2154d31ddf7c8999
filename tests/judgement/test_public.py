"""A public repository: everyone may pull, and the policy decides who may push."""

from __future__ import annotations

import pytest
from ecr_crossaccount import Access, Compliance, Hole, Holed, Repository, Verdict
from ecr_crossaccount.judgement.kinds.public import judge_public

from tests.judgement.policies import OTHER, OWNER, account, allow, deny, policy, trusting

NAMED = [account(OTHER), "ecr-public:PutImage"]
PUSH = Hole("What")


def verdict(*statements: object) -> Verdict:
    return judge_public(policy(*statements), Repository(OWNER, name="tools/x"), trusting())


def test_pulling_is_no_finding_and_pushing_is() -> None:
    pull = ["ecr-public:BatchCheckLayerAvailability", "ecr-public:DescribeImages", "ecr-public:Get*"]
    assert verdict(allow("*", pull)).compliance is Compliance.COMPLIANT
    found = verdict(allow(account(OTHER), ["ecr-public:PutImage", *pull]))
    assert (found.external, found.public, found.access) == (True, False, (Access.WRITE,))
    (grant,) = found.grants
    assert (grant.actions, grant.witness.action) == (("ecr-public:PutImage",), "ecr-public:PutImage")
    assert "ecr-public:PutImage" in grant.reason


@pytest.mark.parametrize("action", ["*", "ecr-public:*", "ecr*:Put*", "ECR-PUBLIC:PutImage", "ecr-public:Set*"])
def test_patterns_name_the_changing_actions_that_they_match(action: str) -> None:
    assert verdict(allow("*", action)).public


@pytest.mark.parametrize(
    "action",
    [
        "BatchDeleteImage",
        "CompleteLayerUpload",
        "DeleteRepository",
        "DeleteRepositoryPolicy",
        "InitiateLayerUpload",
        "PutImage",
        "PutRepositoryCatalogData",
        "SetRepositoryPolicy",
        "TagResource",
        "UntagResource",
        "UploadLayerPart",
    ],
)
def test_each_action_that_changes_a_repository_is_found_by_itself(action: str) -> None:
    (grant,) = verdict(allow(account(OTHER), f"ecr-public:{action}")).grants
    assert grant.actions == (f"ecr-public:{action}",)


@pytest.mark.parametrize("action", ["ecr:*", "s3:*", "ecr:PutImage", "ecr-public:CreateRepository"])
def test_other_services_and_the_registry_are_none_of_it(action: str) -> None:
    assert verdict(allow("*", action)).compliance is Compliance.COMPLIANT


def test_not_action_and_deny() -> None:
    element = {"Effect": "Allow", "Principal": "*", "NotAction": "ecr-public:Put*"}
    found = verdict(element)
    assert "ecr-public:PutImage" not in found.grants[0].actions
    assert "ecr-public:UploadLayerPart" in found.grants[0].actions
    assert verdict(element, deny("*", "ecr-public:*")).compliance is Compliance.COMPLIANT


def test_an_action_of_which_the_beginning_is_known_is_one_of_those_that_begin_so() -> None:
    trust = trusting({"account": OTHER, "access": "WRITE", "reason": "pushes"})
    for start, is_decided in (("ecr-public:Upload", True), ("ecr-public:Set", False)):
        document = policy(allow(account(OTHER), [Holed((start, PUSH))]))
        found = judge_public(document, Repository(OWNER, name="tools/x"), trust)
        assert (found.compliance is Compliance.COMPLIANT) is is_decided


NOT_KNOWN = [
    ("ecr-public:", PUSH),
    ("ECR-PUBLIC:", PUSH),
    ("ecr-*:", PUSH),
    ("e?r-public:Put", PUSH),
    ("ecr-", PUSH, ":PutImage"),
    ("ecr-", PUSH, ":Put", PUSH),
    ("ecr", PUSH, "lic:PUT", PUSH, "e"),
    ("ecr", PUSH),
    ("ecr", PUSH, "Image"),
    ("ecr-pub", PUSH, "put", PUSH),
    ("e*", PUSH),
    (PUSH, ":PutImage"),
    (PUSH,),
]


@pytest.mark.parametrize("parts", NOT_KNOWN, ids=lambda parts: str(Holed(parts)))
def test_actions_that_are_not_known_are_undecided(parts: tuple[str | Hole, ...]) -> None:
    (doubt,) = verdict(allow("*", [Holed(parts)])).undecided
    assert doubt.statement == 0
    assert str(Holed(parts)) in doubt.reason


@pytest.mark.parametrize("parts", NOT_KNOWN, ids=lambda parts: str(Holed(parts)))
def test_what_a_hole_may_exempt_is_undecided(parts: tuple[str | Hole, ...]) -> None:
    element = {"Effect": "Allow", "Principal": "*", "NotAction": [Holed(parts)]}
    assert verdict(element).undecided
    only = {**element, "NotAction": [Holed(parts), "ecr-public:*"]}
    assert verdict(only).compliance is Compliance.COMPLIANT


@pytest.mark.parametrize(
    "parts",
    [("s3:", PUSH), ("ecr:", PUSH), ("ecr-private:", PUSH), ("s3", PUSH), (PUSH, ":ListBucket"), (PUSH, "lic")],
    ids=lambda parts: str(Holed(parts)),
)
def test_a_hole_that_is_no_action_of_public_repositories_names_none_and_exempts_none(
    parts: tuple[str | Hole, ...],
) -> None:
    assert verdict(allow("*", [Holed(parts)])).compliance is Compliance.COMPLIANT
    found = verdict({"Effect": "Allow", "Principal": "*", "NotAction": [Holed(parts)]})
    assert (found.public, found.undecided) == (True, ())
    assert "ecr-public:SetRepositoryPolicy" in found.grants[0].actions
    deny_rest = {"Effect": "Deny", "Principal": "*", "NotAction": [Holed(parts)]}
    assert verdict(allow("*", "ecr-public:PutImage"), deny_rest).compliance is Compliance.COMPLIANT


def test_what_a_hole_cannot_exempt_is_a_finding() -> None:
    found = verdict({"Effect": "Allow", "Principal": "*", "NotAction": [Holed(("ecr-public:Put", PUSH))]})
    assert found.public
    assert "ecr-public:PutImage" not in found.grants[0].actions
    assert "ecr-public:UploadLayerPart" in found.grants[0].actions
    deny_rest = {"Effect": "Deny", "Principal": "*", "NotAction": [Holed(("ecr-public:Put", PUSH))]}
    assert verdict(allow("*", "ecr-public:UploadLayerPart"), deny_rest).compliance is Compliance.COMPLIANT
    assert verdict(allow("*", "ecr-public:PutImage"), deny_rest).undecided


@pytest.mark.parametrize("document", [PUSH, Holed((PUSH,)), {"Statement": PUSH}, {"Statement": [PUSH]}])
def test_a_policy_or_a_statement_that_is_not_known_is_undecided(document: object) -> None:
    found = judge_public(document, Repository(OWNER, name="tools/x"), trusting())
    assert found.compliance is Compliance.NON_COMPLIANT
    assert [one.statement for one in found.undecided] == [0]
