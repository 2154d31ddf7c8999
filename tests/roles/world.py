"""Generated accounts: a few roles that trust outsiders and each other, with policies, boundaries and repositories.

The generator knows what people write, and not how the product searches: no class of callers, and no form of a call.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from hypothesis import strategies as st

from tests.roles.second import AUDIENCE, ISSUER, Call, Token, World, outsiders

OWNER, VENDOR, OTHER, FRESH = "111122223333", "222233334444", "333344445555", "998877665544"
OWN_ORG, OTHER_ORG = "o-ownorg00001", "o-named000001"
NAMES = ("a", "b", "path/c")
ARNS = tuple(f"arn:aws:iam::{OWNER}:role/{name}" for name in NAMES)
REPOSITORIES = tuple(f"arn:aws:ecr:eu-central-1:{OWNER}:repository/{name}" for name in ("app/web", "base"))
BOUNDARY = f"arn:aws:iam::{OWNER}:policy/boundary"
MANAGED = f"arn:aws:iam::{OWNER}:policy/managed"
PROVIDER = f"arn:aws:iam::{OWNER}:oidc-provider/{ISSUER}"
Json = Any

_PRINCIPALS = (
    "*",
    {"AWS": "*"},
    {"AWS": VENDOR},
    {"AWS": f"arn:aws:iam::{VENDOR}:root"},
    {"AWS": [f"arn:aws:iam::{VENDOR}:role/ci", f"arn:aws:iam::{OTHER}:user/bob"]},
    {"AWS": f"arn:aws:iam::{OWNER}:root"},
    *({"AWS": arn} for arn in ARNS),
    {"AWS": [f"arn:aws:sts::{OWNER}:assumed-role/a/s1", f"arn:aws:sts::{OWNER}:assumed-role/c/s2"]},
)
_STS = ("sts:AssumeRole", "sts:*", "sts:Assume*", ["sts:AssumeRole", "sts:TagSession"], "sts:TagSession", "*",
        ["sts:AssumeRole", "sts:SetSourceIdentity"], "sts:SetSourceIdentity")  # fmt: skip
_ECR = ("ecr:BatchGetImage", "ecr:PutImage", "ecr:*", "ecr:Batch*", "*")
_CALLS_OF_IDENTITY = (*_STS[:4], *_ECR)
_ROLE_RESOURCES = ("*", *ARNS, f"arn:aws:iam::{OWNER}:role/*", *REPOSITORIES, "arn:aws:ecr:*:*:repository/app/*")
_CONDITIONS: tuple[tuple[str, tuple[str, ...], tuple[Json, ...]], ...] = (
    ("sts:ExternalId", ("StringEquals", "StringLike", "StringNotEquals"), ("x", "y", "*")),
    ("sts:RoleSessionName", ("StringEquals", "StringLike", "StringNotEquals"), ("s1", "s*", "s2")),
    ("aws:RequestTag/p", ("StringEquals", "StringNotEquals", "StringEqualsIfExists", "Null"), ("1", "2", "true")),
    ("sts:SourceIdentity", ("StringEquals", "Null", "StringNotEquals"), ("alice", "true", "bob")),
    ("aws:SourceIdentity", ("StringEquals", "Null"), ("alice", "true")),
    ("aws:PrincipalTag/p", ("StringEquals", "StringNotEquals", "StringEqualsIfExists", "Null"), ("1", "2", "true")),
    ("aws:PrincipalOrgID", ("StringEquals", "StringNotEquals", "StringEqualsIfExists"), (OWN_ORG, OTHER_ORG, "o-x")),
    ("aws:PrincipalAccount", ("StringEquals", "StringNotEquals", "StringLike"), (OWNER, VENDOR, "2222*")),
    ("aws:PrincipalArn", ("ArnLike", "StringLike", "StringNotEquals", "ArnNotLike"), (*ARNS, "arn:aws:iam::*:role/ci")),
    ("aws:userid", ("StringLike", "StringNotLike"), ("AROA*:s1", "*:s2")),
)


_WEB = ("sts:AssumeRoleWithWebIdentity", "sts:AssumeRole*", "sts:*")
_SUBJECT_TESTS = ("StringEquals", "StringLike", "StringLike", "StringNotLike", "ForAnyValue:StringLike",
                  "ForAllValues:StringLike", "StringLikeIfExists")  # fmt: skip
_SUBJECT_PATTERNS = ("repo:acme/app:*", "repo:acme/*", "repo:acme*", "repo:*", "*acme/app*", "*", "repo:ac?e/app:*",
                     "repo:acme/app:ref:refs/heads/main", "repo:acme@12/app@34:*", "repo:*@12/app@34:*",
                     "repo:acme/*:pull_request", "repo:acme/a*", "environment:*")  # fmt: skip
_TOKENS = (
    Token("repo:acme/app:ref:refs/heads/main", "acme/app"),
    Token("repo:acme/api:pull_request", "acme/api"),
    Token("repo:acme-x/app:ref:refs/heads/main", "acme-x/app"),
    Token("repo:evil/x:ref:refs/heads/acme/app", "evil/x"),
    Token("repo:acme@12/app@34:ref:refs/heads/main", "acme/app"),
    Token("repo:evil@1/x@2:ref:refs/heads/@12/app@34:workflow:w", "evil/x"),
    Token("environment:production:repo:evil/x", "evil/x"),
)


@st.composite
def _with_token(draw: st.DrawFn) -> dict[str, Json]:
    """Return a statement about workflows of GitHub."""
    effect = "Deny" if draw(st.integers(0, 9)) == 0 else "Allow"
    found: dict[str, Json] = {"Effect": effect, "Principal": {"Federated": PROVIDER}}
    found["Action"] = draw(st.sampled_from(_WEB))
    if draw(st.integers(0, 4)):
        subjects = draw(st.lists(st.sampled_from(_SUBJECT_PATTERNS), min_size=1, max_size=2, unique=True))
        audience = draw(st.sampled_from(({}, {"StringEquals": {f"{ISSUER}:aud": AUDIENCE}})))
        found["Condition"] = {**audience}
        operator = draw(st.sampled_from(_SUBJECT_TESTS))
        found["Condition"][operator] = {**found["Condition"].get(operator, {}), f"{ISSUER}:sub": subjects}
    return found


@st.composite
def _condition(draw: st.DrawFn) -> dict[str, Json]:
    key, operators, values = draw(st.sampled_from(_CONDITIONS))
    operator = draw(st.sampled_from(operators))
    value = draw(st.sampled_from([one for one in values if (one == "true") == (operator == "Null")] or ["true"]))
    return {operator: {key: value}}


@st.composite
def _statement(draw: st.DrawFn, actions: tuple[Json, ...], *, trust: bool, denies: int = 5) -> dict[str, Json]:
    found: dict[str, Json] = {"Effect": "Deny" if draw(st.integers(0, denies)) == 0 else "Allow"}
    found["Action"] = draw(st.sampled_from(actions))
    if trust:
        found["Principal"] = draw(st.sampled_from(_PRINCIPALS))
    else:
        found["Resource"] = draw(st.sampled_from(_ROLE_RESOURCES))
    if draw(st.integers(0, 2)) == 0:
        found["Condition"] = draw(_condition())
    return found


def _policy(draw: st.DrawFn, actions: tuple[Json, ...], *, trust: bool, most: int = 3) -> Json:
    statement = _statement(actions, trust=trust)
    if trust and actions is _STS:
        statement = st.one_of(statement, statement, _with_token())
    statements = draw(st.lists(statement, min_size=1, max_size=most))
    return {"Version": "2012-10-17", "Statement": statements}


def _named(name: str, arn: str) -> dict[str, Json]:
    unique = f"AROA{name.upper().replace('/', '')}XXXXXXXXXXXXXXXX"
    return {"Path": "/", "RoleName": name.rpartition("/")[2], "RoleId": unique, "Arn": arn}


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Return an account, and everything that the second program tries in it."""
    roles: list[dict[str, Json]] = []
    for name, arn in zip(NAMES, ARNS, strict=True):
        if roles and draw(st.integers(0, 3)) == 0:  # a role like the one before
            roles.append({**roles[-1], **_named(name, arn)})
            continue
        role: dict[str, Json] = {
            **_named(name, arn),
            "AssumeRolePolicyDocument": _policy(draw, _STS, trust=True),
            "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": _policy(draw, _CALLS_OF_IDENTITY, trust=False)}][
                : draw(st.integers(0, 1)) + draw(st.integers(0, 1))
            ],
            "AttachedManagedPolicies": [{"PolicyName": "managed", "PolicyArn": MANAGED}][: draw(st.integers(0, 1))],
            "Tags": [{"Key": "p", "Value": "2"}][: draw(st.integers(0, 1))],
        }
        if draw(st.integers(0, 3)) == 0:
            role["PermissionsBoundary"] = {"PermissionsBoundaryArn": BOUNDARY}
        roles.append(role)
    managed = [
        {
            "Arn": arn,
            "DefaultVersionId": "v1",
            "PolicyVersionList": [
                {
                    "VersionId": "v1",
                    "IsDefaultVersion": True,
                    "Document": _policy(draw, _CALLS_OF_IDENTITY, trust=False),
                }
            ],
        }
        for arn in (BOUNDARY, MANAGED)
    ]
    details = {"RoleDetailList": roles, "Policies": managed, "UserDetailList": [], "GroupDetailList": []}
    policies = [draw(st.none() | st.just("policy")) for _ in REPOSITORIES]
    repositories = {
        arn: _policy(draw, _ECR, trust=True, most=2) if one else None
        for arn, one in zip(REPOSITORIES, policies, strict=True)
    }
    tags = ((), (("p", "1"),), (("p", "2"),))
    calls = tuple(
        Call(external, session, some, source)
        for external in (None, "x")
        for session in ("s1", "s2")
        for some in tags
        for source in (None, "alice")
    )
    callers = outsiders((VENDOR, OTHER, FRESH), (None, OTHER_ORG, OWN_ORG))
    return World(OWNER, OWN_ORG, callers, calls, details, repositories, _TOKENS)


def documents_of(world: World) -> list[tuple[Callable[[Json], None], Json]]:
    """Return each document of a world, with a function that puts another one in its place."""
    places: list[tuple[dict[str, Json], str]] = []
    for role in world.details["RoleDetailList"]:
        role["RolePolicyList"] = [{**one} for one in role["RolePolicyList"]]
        places += [(role, "AssumeRolePolicyDocument"), *((one, "PolicyDocument") for one in role["RolePolicyList"])]
    places += [(one["PolicyVersionList"][0], "Document") for one in world.details["Policies"]]
    return [(partial(holder.__setitem__, name), holder[name]) for holder, name in places]
