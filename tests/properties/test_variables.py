"""A law: if the judgement says that there is no access, keys that match policy variables give none either.

`python -m tests.properties.test_variables 100000` tests that many policies. A word after the number selects others.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator

import pytest
from ecr_crossaccount import Repository

from tests.profiles import share_of
from tests.properties.oracle import Request, Value
from tests.properties.slipping import Trial, assert_nobody_slips_in, report, trial
from tests.properties.world import OWNER, Policy

pytestmark = pytest.mark.slow

_REPOSITORY = Repository(OWNER, organization="o-ownerowner", tags={"team": "red"})
_POLICIES = share_of(500)
"""The number of policies for each kind of caller. The figure in docs/semantics.md is from a longer run."""
_REQUESTS = 60
_ACCOUNTS = ("222233334444", "877777777777", "812345678901", "123456789012", "900000000000")
_ORGANIZATIONS = ("o-zzzzzzzzzz", "o-z123456789", "o-a1b2c3d4e5", "o-outside000")
_TEXTS = ("8", "x", "red", "o-z", "value", "ci", *_ACCOUNTS, *_ORGANIZATIONS)
_TAG, _NAME = "aws:PrincipalTag/team", "aws:SourceIdentity"
_OF_CALLERS = (
    "aws:PrincipalAccount",
    "aws:PrincipalOrgID",
    "aws:PrincipalArn",
    "aws:userid",
    "aws:username",
    _TAG,
    _NAME,
)
_OF_SERVICES = ("aws:SourceAccount", "aws:SourceOrgID", "aws:SourceArn")
_OF_ALL = ("aws:ResourceAccount", "aws:ResourceOrgID", "aws:ResourceTag/team")
_PARTS = ("*", "8*", "o-z*", "*8*", "?*", "2222*", "*:role/*", "arn:aws:iam::*", "arn:aws:lambda:*")
_OPERATORS = ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase", "ArnLike")
_ALIKE = {
    "aws:SecureTransport": "true",
    "aws:CurrentTime": "2026-12-01T00:00:00Z",
    "aws:EpochTime": "1796083200",
    "aws:ResourceAccount": OWNER,
    "aws:ResourceOrgID": "o-ownerowner",
    "aws:ResourceTag/team": "red",
}


def _value(draw: random.Random, keys: tuple[str, ...], operator: str) -> str:
    variable = f"${{{draw.choice((*keys, *keys, draw.choice(_OF_ALL)))}}}"
    shapes = (
        variable,
        variable,
        variable,
        f"o-{variable}",
        f"arn:aws:iam::{variable}:role/ci",
        f"{variable}*",
        f"*{variable}",
    )
    wild = operator.endswith("Like")
    return draw.choice((draw.choice(shapes), draw.choice(_PARTS if wild else _TEXTS), draw.choice(_TEXTS)))


def _block(draw: random.Random, keys: tuple[str, ...], most: int) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    if draw.random() < 0.4:
        # One key equals another, and one of them also has a condition of its own.
        one, other = draw.sample(keys, 2)
        found[draw.choice(("StringEquals", "StringLike", "StringEqualsIgnoreCase"))] = {one: [f"${{{other}}}"]}
        operator = draw.choice(("StringLike", "StringNotLike", "NumericLessThan", "NumericGreaterThan"))
        values = ["900000000000"] if operator.startswith("Numeric") else [draw.choice(_PARTS)]
        found[operator] = {draw.choice((one, other)): values}
        return found
    for _ in range(draw.randint(1, most)):
        operator = draw.choice(_OPERATORS)
        values = [_value(draw, keys, operator) for _ in range(draw.choice((1, 1, 2)))]
        found[operator + draw.choice(("", "", "", "IfExists"))] = {
            draw.choice((*keys, *keys, draw.choice(_OF_ALL))): values
        }
    return found


def policy_on(draw: random.Random, keys: tuple[str, ...], principal: object) -> Policy:
    """Return an Allow with up to three conditions on two related keys, and sometimes a Deny with others."""
    keys = tuple(draw.sample(keys, 2))
    allow = {"Effect": "Allow", "Principal": principal, "Action": "ecr:BatchGetImage"}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "*"}
    no_service = {**deny, "Condition": {"Bool": {"aws:PrincipalIsAWSService": "true"}}}
    statements = [{**allow, "Condition": _block(draw, keys, 3)}]
    statements += [{**deny, "Condition": _block(draw, keys, 2)} for _ in range(draw.choice((0, 0, 1)))]
    return {"Version": "2012-10-17", "Statement": [*statements, *([no_service] if principal == "*" else [])]}


def callers(draw: random.Random) -> Iterator[Request]:
    """Yield requests of principals whose names and tags repeat their account, organization or each other."""
    for _ in range(_REQUESTS):
        account, organization = draw.choice(_ACCOUNTS), draw.choice((None, *_ORGANIZATIONS))
        kind = draw.choice(("role", "user", "root"))
        names = [text for text in (account, organization, "ci", "red", draw.choice(_TEXTS)) if text]
        name = draw.choice(names)
        arn = f"arn:aws:iam::{account}:{kind}" + ("" if kind == "root" else f"/{name}")
        context: dict[str, Value] = {
            **_ALIKE,
            "aws:PrincipalArn": arn,
            "aws:PrincipalAccount": account,
            "aws:PrincipalType": {"role": "AssumedRole", "user": "User", "root": "Account"}[kind],
            "aws:PrincipalIsAWSService": "false",
            "aws:ViaAWSService": "false",
            "aws:SourceIp": "198.51.100.7",
            "aws:userid": account
            if kind == "root"
            else {"role": f"AROAEXAMPLEQ9W8E7R6T5:{name}"}.get(kind, "AIDAEXAMPLEQ9W8E7R6T5"),
        }
        if organization:
            context["aws:PrincipalOrgID"] = organization
            context["aws:PrincipalOrgPaths"] = (f"{organization}/r-abcd/",)
        if kind == "user":
            context["aws:username"] = name
        if kind != "root" and draw.random() < 0.8:
            context[_TAG] = draw.choice([*names, arn])
        if kind == "role" and draw.random() < 0.6:
            context[_NAME] = draw.choice(names)
        yield Request(arn, "ecr:BatchGetImage", context)


def services(draw: random.Random) -> Iterator[Request]:
    """Yield requests of a service that acts for accounts."""
    for _ in range(_REQUESTS):
        account, organization = draw.choice(_ACCOUNTS), draw.choice((None, *_ORGANIZATIONS))
        context: dict[str, Value] = {
            **_ALIKE,
            "aws:PrincipalIsAWSService": "true",
            "aws:PrincipalServiceName": "lambda.amazonaws.com",
            "aws:PrincipalServiceNamesList": ("lambda.amazonaws.com",),
        }
        if draw.random() < 0.8:
            context["aws:SourceAccount"] = account
        if draw.random() < 0.8:
            context["aws:SourceArn"] = f"arn:aws:lambda:us-east-1:{account}:function:{draw.choice(_TEXTS)}"
        if organization and draw.random() < 0.8:
            context["aws:SourceOrgID"] = organization
        yield Request("lambda.amazonaws.com", "ecr:BatchGetImage", context)


KINDS = {
    "callers": (_OF_CALLERS, "*", callers),
    "services": (_OF_SERVICES, {"Service": "lambda.amazonaws.com"}, services),
}


def _tried(seed: str, kind: str) -> Trial:
    draw = random.Random(seed)  # noqa: S311 - the same policies every time
    keys, principal, requests = KINDS[kind]
    return trial(policy_on(draw, keys, principal), _REPOSITORY, lambda: requests(draw))


@pytest.mark.parametrize("kind", KINDS)
def test_where_nobody_gets_in_no_equal_keys_do(kind: str) -> None:
    assert_nobody_slips_in(_tried(f"{kind} {serial}", kind) for serial in range(_POLICIES))


if __name__ == "__main__":
    kinds = tuple(KINDS)
    count, seed = int(sys.argv[1]), " ".join(sys.argv[2:]) or "long"
    sys.exit(report(_tried(f"{seed} {serial}", kinds[serial % len(kinds)]) for serial in range(count)))
