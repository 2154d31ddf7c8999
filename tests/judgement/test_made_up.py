"""What a witness makes up: accounts, organizations and ids that neither the policy nor the register names."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ecr_crossaccount import Kind, Verdict

from tests.judgement.policies import OTHER, OWNER, account, allow, deny, verdict

IDS = {"role": "AROA", "user": "AIDA"}


def everybody_but(accounts: list[str], organizations: list[str]) -> list[dict[str, Any]]:
    """Return an Allow for any account, and Denies that name accounts and organizations without any effect."""
    named = {"aws:PrincipalAccount": accounts, "aws:PrincipalOrgID": organizations}
    conditions = {key: values for key, values in named.items() if values}
    return [allow("*"), *([deny("*", "*", {"StringEquals": conditions})] if conditions else [])]


def test_a_stranger_has_an_account_that_nobody_has_named() -> None:
    """The first few are written down, and any number more are made up."""
    seen: list[str] = []
    for _ in range(9):
        found = verdict(*everybody_but(seen, []))
        (number,) = {one.witness.values("aws:PrincipalAccount")[0] for one in found.grants if one.kind is Kind.ANY}
        assert re.fullmatch(r"[0-9]{12}", number)
        assert number not in {*seen, OWNER}
        seen.append(number)


def test_a_stranger_has_none_of_the_accounts_that_the_register_names() -> None:
    seen: list[str] = []
    for _ in range(7):
        found = verdict(allow("*"), trust=[{"account": one} for one in seen])
        (number,) = {one.witness.values("aws:PrincipalAccount")[0] for one in found.grants if one.kind is Kind.ANY}
        assert number not in seen
        seen.append(number)


def test_some_organization_has_an_id_that_nobody_has_named() -> None:
    seen: list[str] = []
    for _ in range(7):
        member = {"Null": {"aws:PrincipalOrgID": "false"}}
        others = [deny("*", "*", {"StringEquals": {"aws:PrincipalOrgID": seen}})] if seen else []
        found = verdict(allow({"AWS": "*"}, condition=member), *others)
        (name,) = {value for one in found.grants for value in one.witness.values("aws:PrincipalOrgID")}
        assert re.fullmatch(r"o-[a-z0-9]{10}", name)
        assert name not in seen
        seen.append(name)


def test_the_organization_of_a_service_is_made_up_as_a_callers_is() -> None:
    found = verdict(allow({"Service": "lambda.amazonaws.com"}, condition={"StringLike": {"aws:SourceOrgID": "o-*"}}))
    shown = {one.grantee: one.witness for one in found.grants}
    for grantee, one in shown.items():
        (name,) = one.values("aws:SourceOrgID")
        assert re.fullmatch(r"o-[a-z0-9]{10,32}", name)
        assert grantee == "lambda.amazonaws.com for any account" or name in grantee


@pytest.mark.parametrize(
    "principal, form",
    [
        (account(OTHER), "role"),
        ({"AWS": f"arn:aws:iam::{OTHER}:role/ci"}, "role"),
        ({"AWS": f"arn:aws:iam::{OTHER}:user/path/ci"}, "user"),
        ({"AWS": f"arn:aws:sts::{OTHER}:assumed-role/ci/job"}, "role"),
        ({"AWS": f"arn:aws:sts::{OTHER}:federated-user/ci"}, "federated-user"),
    ],
)
@pytest.mark.parametrize("condition", [None, {"Bool": {"aws:SecureTransport": "true"}}], ids=["plain", "searched"])
def test_ids_have_the_form_that_aws_gives_them(principal: object, form: str, condition: object) -> None:
    (grant,) = verdict(allow(principal, condition=condition)).grants
    shown = grant.witness.context
    arn, userid = str(shown["aws:PrincipalArn"]), str(shown["aws:userid"])
    assert arn.split(":")[5].partition("/")[0] == form
    name = arn.rpartition("/")[2]
    match form:
        case "federated-user":
            assert userid == f"{OTHER}:{name}"
        case "user":
            assert re.fullmatch(r"AIDA[A-Z0-9]{17}", userid)
            assert shown["aws:username"] == name == "ci"
        case _:
            assert re.fullmatch(r"AROA[A-Z0-9]{17}:.+", userid)
    assert ("aws:username" in shown) is (form == "user")


def texts(found: Verdict) -> list[str]:
    shown = [value for grant in found.grants for key in grant.witness.context for value in grant.witness.values(key)]
    return [*shown, *(grant.witness.principal for grant in found.grants), *(grant.grantee for grant in found.grants)]


@pytest.mark.parametrize(
    "condition",
    [
        {"StringLike": {"aws:userid": "AROA*:*"}},
        {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:*:ref:refs/heads/main"}},
        {"StringLike": {"aws:PrincipalAccount": "2*"}},
        {"StringLike": {"aws:PrincipalOrgPaths": "o-*/r-*/ou-*"}},
        {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-*/r-*/ou-*"}},
        {"StringLike": {"aws:SourceVpce": "vpce-*"}},
        {"ArnLike": {"aws:SourceVpcArn": "arn:aws:ec2:*:*:vpc/*"}},
        {"Null": {"identitystore:UserId": "false"}},
        {"Null": {"accounts.google.com:sub": "false"}},
    ],
)
def test_nothing_is_shown_that_is_only_a_mark_of_the_search(condition: object) -> None:
    """The search has characters for what nobody chooses. A reader sees real ones."""
    found = verdict(allow("*", condition=condition))
    assert all(text.isprintable() and "\ue000" not in text and "some other" not in text for text in texts(found))
