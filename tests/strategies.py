"""Hypothesis strategies for repository policies, realistic and extreme, and for their circumstances.

Everything is in one small world, so that policies and callers often match. It has an owner, accounts that trust may
cover, accounts that a policy only names, and one that no policy names: `tests/properties/world.py`.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, TypeVar

from ecr_crossaccount import Origin, Repository, Trust, Verdict, judge
from hypothesis import strategies as st

from tests.properties.world import (
    ACCOUNTS,
    KEYS,
    NAMED,
    OPERATORS,
    OTHER,
    OWN_ORG,
    OWNER,
    READER,
    SERVICES,
    TODAY,
    TRUSTED,
    TRUSTED_ORG,
    UNIT,
    Key,
    Policy,
    Statement,
    statements_of,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Situation:
    """A policy and all other arguments of `judge`."""

    policy: Policy
    repository: Repository
    entries: tuple[Statement, ...] = ()
    origin: Origin = Origin.PROPOSED
    today: dt.date = field(default=TODAY, repr=False)

    @property
    def trust(self) -> Trust:
        return Trust.parse({"version": 1, "trust": list(self.entries)}, today=self.today)

    @property
    def statements(self) -> list[Statement]:
        """Return the policy's statements. A single one is a list of one."""
        return statements_of(self.policy)

    def verdict(self) -> Verdict:
        return judge(self.policy, self.repository, self.trust, self.origin)

    def with_policy(self, policy: Policy) -> Situation:
        return replace(self, policy=policy)

    def with_statements(self, statements: Sequence[Statement]) -> Situation:
        return self.with_policy({**self.policy, "Statement": list(statements)})


def _chance(percent: int) -> st.SearchStrategy[bool]:
    """Return a strategy that is True in about that many of a hundred draws, and shrinks to False."""
    return _sampled((False,) * (100 - percent) + (True,) * percent)


@cache
def _sampled(values: tuple[T, ...]) -> st.SearchStrategy[T]:
    return st.sampled_from(values)


def _pick(values: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    """Return a strategy for copies of these values, because a test may change what it gets."""
    return st.sampled_from(tuple(json.dumps(value) for value in values)).map(json.loads)


_keys = _sampled(tuple(key for key in KEYS for _ in range(key.weight)))
_spellings = _sampled((str, str, str, str, str, str, str.lower, str.upper))


@st.composite
def operators(draw: st.DrawFn, key: Key) -> str:
    """Draw an operator for a key: nearly always of its family, with every prefix and suffix of IAM."""
    if draw(_chance(8)):
        return "ForAnyValue:Null" if draw(_chance(25)) else "Null"
    family = draw(_sampled(tuple(OPERATORS))) if draw(_chance(2)) else key.family
    base: str = draw(_sampled(OPERATORS[family]))
    suffix = "IfExists" if draw(_chance(20)) else ""
    prefix = draw(_sampled(("ForAnyValue:", "ForAllValues:"))) if draw(_chance(75 if key.many else 10)) else ""
    return f"{prefix}{base}{suffix}"


@st.composite
def conditions(draw: st.DrawFn, partition: str, keys: st.SearchStrategy[Key] = _keys) -> Statement:
    """Draw a Condition element of one to three operators, with varying key case and one-element lists."""
    block: Statement = {}
    for _ in range(draw(_sampled((1, 1, 1, 2, 2, 3)))):
        key = draw(keys)
        operator = draw(operators(key))
        pool = ("true", "false") if operator.endswith("Null") else key.literals(partition)
        values = draw(st.lists(_sampled(pool), min_size=0 if draw(_chance(2)) else 1, max_size=3, unique=True))
        spelt = draw(_spellings)(key.name)
        bare = len(values) == 1 and not draw(_chance(30))
        block.setdefault(operator, {})[spelt] = values[0] if bare else values
    return block


# --- principals, actions, statements ------------------------------------------------------------------------------


@cache
def _aws_principals(partition: str) -> st.SearchStrategy[str]:
    named = tuple(
        f"arn:{partition}:{rest}"
        for account in (*ACCOUNTS, NAMED)
        for rest in (
            f"iam::{account}:root",
            f"iam::{account}:role/ci",
            f"iam::{account}:role/build/deep/ci-1",
            f"iam::{account}:user/bob",
            f"sts::{account}:assumed-role/ci/alice",
            f"sts::{account}:federated-user/carol",
        )
    )
    return _sampled((*ACCOUNTS * 3, *named, "AROAEXAMPLEID0000001", "AIDAEXAMPLEID0000001", "*", "*"))


_anybody = _pick(("*", {"AWS": "*"}, {"AWS": ["*"]}, "*"))
_nasty_principals = _pick(
    (
        {"AWS": "arn:aws:iam::333344445555:role/*"},
        {"Service": "*"},
        {"Federated": "cognito-identity.amazonaws.com"},
        {"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"},
        {"AWS": []},
        {},
        [],
        {"AWS": "arn:aws-iso:iam::333344445555:root"},
        {"aws": NAMED},
        None,
        {"AWS": "everybody"},
    )
)


@st.composite
def principals(draw: st.DrawFn, partition: str) -> Any:  # noqa: ANN401 - any JSON value can be there
    """Draw the value of a Principal or NotPrincipal element."""
    form = draw(_sampled(("any",) * 30 + ("aws",) * 45 + ("service",) * 15 + ("both",) * 9 + ("nasty",)))
    if form == "any":
        return draw(_anybody)
    if form == "nasty":
        return draw(_nasty_principals) if draw(_chance(50)) else {"AWS": draw(st.text(max_size=8))}
    entries: Statement = {}
    if form in {"aws", "both"}:
        entries["AWS"] = draw(_one_or_more(_aws_principals(partition)))
    if form in {"service", "both"}:
        entries["Service"] = draw(_one_or_more(_sampled(SERVICES)))
    return entries


@st.composite
def _one_or_more(draw: st.DrawFn, values: st.SearchStrategy[str]) -> str | list[str]:
    many = draw(st.lists(values, min_size=1, max_size=3, unique=True))
    return many[0] if len(many) == 1 and not draw(_chance(30)) else many


_PULL = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
_PUSH = [*_PULL, "ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload", "ecr:PutImage"]
_ACTIONS: tuple[Any, ...] = (
    _PULL,
    _PULL,
    _PULL,
    _PUSH,
    "ecr:*",
    "ecr:*",
    "*",
    "ecr:Get*",
    "ECR:batchgetIMAGE",
    "ecr:BatchGetImage",
    "*:*",
    "e?r:*",
    ["ecr:Describe*", "ecr:List*"],
    "ecr:SetRepositoryPolicy",
    "ecr:GetAuthorizationToken",
    "s3:GetObject",
    "ecr:Put*",
    ["ecr:TagResource", "ecr:UntagResource"],
    "ecr:CreateRepository",
    "ecr:SomethingNew",
    "ecr:*Layer*",
    "ecr:?e*",
    [],
)
_NOT_ACTIONS: tuple[Any, ...] = (
    "ecr:BatchGetImage",
    _PULL,
    "ecr:*",
    "*",
    "ecr:Put*",
    "s3:*",
    ["ecr:*Policy*", "ecr:D*"],
)


actions, _not_actions = _pick(_ACTIONS), _pick(_NOT_ACTIONS)


@st.composite
def nasty_statements(draw: st.DrawFn, partition: str, effect: str | None = None) -> Statement:
    """Draw any statement of IAM's grammar, and sometimes one outside it."""
    statement: Statement = {}
    if draw(_chance(40)):
        statement["Sid"] = draw(_sampled(("Read", "Write", "GuardRail", "x1")))
    statement["Effect"] = effect or draw(_sampled(("Allow", "Allow", "Deny")))
    statement["NotPrincipal" if draw(_chance(5)) else "Principal"] = draw(principals(partition))
    negated = draw(_chance(8))
    statement["NotAction" if negated else "Action"] = draw(_not_actions if negated else actions)
    if draw(_chance(60)):
        statement["Condition"] = draw(conditions(partition)) if draw(_chance(98)) else {}
    if draw(_chance(1)):
        statement["Resource"] = "*"
    return statement


@cache
def _realistic(partition: str) -> tuple[Statement, ...]:
    """Return typical statements: the grants of the guides, their guardrails, and their well-known mistakes."""
    org = {"StringEquals": {"aws:PrincipalOrgID": OWN_ORG}}
    outside_org = {"StringNotEquals": {"aws:PrincipalOrgID": OWN_ORG}}
    outside_org_if_known = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": OWN_ORG}}
    people = {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}
    function = {"StringLike": {"aws:sourceArn": f"arn:{partition}:lambda:eu-west-1:{OWNER}:function:*"}}

    def allow(principal: object, action: object = _PULL, **more: object) -> Statement:
        return {"Effect": "Allow", "Principal": principal, "Action": action, **more}

    def deny(condition: object, principal: object = "*", action: object = "ecr:*") -> Statement:
        return {"Effect": "Deny", "Principal": principal, "Action": action, "Condition": condition}

    return (
        allow({"AWS": f"arn:{partition}:iam::{OWNER}:root"}, "ecr:*"),
        allow({"AWS": f"arn:{partition}:iam::{TRUSTED}:root"}),
        allow({"AWS": f"arn:{partition}:iam::{TRUSTED}:root"}, "ecr:*"),
        allow({"AWS": [f"arn:{partition}:iam::{NAMED}:root", f"arn:{partition}:iam::{OTHER}:root"]}),
        allow({"AWS": f"arn:{partition}:iam::{NAMED}:role/ci"}, _PUSH),
        allow("*"),
        allow("*", Condition=org),
        allow({"AWS": "*"}, Condition={"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"{OWN_ORG}/{UNIT}*"}}),
        allow("*", Condition={"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": f"{OWN_ORG}/{UNIT}*"}}),
        allow("*", Condition={"StringLike": {"aws:PrincipalArn": f"arn:{partition}:iam::*:role/ci"}, **org}),
        allow("*", Condition={"StringLike": {"aws:PrincipalArn": f"*{OWNER}*"}}),
        allow("*", Condition={"StringLike": {"aws:PrincipalArn": f"arn:*:iam::{OWNER}:role/*"}}),
        allow("*", Condition={"ArnLike": {"aws:PrincipalArn": f"arn:*:iam::{OWNER}:role/*"}}),
        allow("*", Condition={"StringEqualsIfExists": {"aws:SourceAccount": OWNER}}),
        allow("*", Condition={"StringEqualsIfExists": {"aws:PrincipalOrgID": OWN_ORG}}),
        allow("*", Condition={"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "0.0.0.0/0"]}}),
        allow("*", Condition={"StringEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0"}}),
        allow({"Service": "lambda.amazonaws.com"}),
        allow({"Service": "lambda.amazonaws.com"}, Condition=function),
        allow({"Service": "lambda.amazonaws.com"}, Condition={"StringEquals": {"aws:SourceAccount": NAMED}}),
        allow({"Service": "codebuild.amazonaws.com"}, Condition={"StringEquals": {"aws:SourceAccount": OWNER}}),
        deny(outside_org),
        deny(outside_org, {"AWS": "*"}, "*"),
        deny({**outside_org, **people}),
        deny({**outside_org_if_known, "StringNotEquals": {"aws:PrincipalAccount": [OWNER, TRUSTED]}}),
        deny({"Bool": {"aws:SecureTransport": "false"}}),
        deny({"StringNotLike": {"aws:PrincipalOrgPaths": f"{OWN_ORG}/*"}}),
        deny({"ForAnyValue:StringNotEquals": {"aws:PrincipalOrgID": OWN_ORG}}),
        deny(
            {"ArnNotLike": {"aws:PrincipalArn": f"arn:{partition}:iam::{OWNER}:role/*"}},
            action=["ecr:Put*", "ecr:*Policy"],
        ),
        deny({"Null": {"aws:SourceAccount": "false"}, "StringNotEquals": {"aws:SourceAccount": OWNER}}),
        deny({"StringNotEqualsIfExists": {"aws:SourceOrgID": OWN_ORG}}),
        {"Effect": "Deny", "NotPrincipal": {"AWS": f"arn:{partition}:iam::{OWNER}:root"}, "Action": "ecr:Delete*"},
    )


@cache
def statements(partition: str, effect: str | None = None) -> st.SearchStrategy[Statement]:
    usual = tuple(each for each in _realistic(partition) if effect in (None, each["Effect"]))
    return st.one_of(nasty_statements(partition, effect), nasty_statements(partition, effect), _pick(usual))


@st.composite
def policies(draw: st.DrawFn, partition: str = "aws") -> Policy:
    """Draw a repository policy as a mapping, with one to four statements."""
    policy: Policy = {}
    version = draw(_sampled(("2012-10-17",) * 12 + ("2008-10-17", None)))
    if version:
        policy["Version"] = version
    found = draw(_guarded(partition) if draw(_chance(30)) else _mixed(partition))
    policy["Statement"] = found[0] if len(found) == 1 and draw(_chance(25)) else found
    return policy


@st.composite
def _mixed(draw: st.DrawFn, partition: str) -> list[Statement]:
    return [draw(statements(partition)) for _ in range(draw(_sampled((1, 1, 2, 2, 2, 3, 3, 4))))]


@st.composite
def _guarded(draw: st.DrawFn, partition: str) -> list[Statement]:
    """Draw a wide grant with Denies. Any open access is a gap in the Denies."""
    wide = {"Effect": "Allow", "Principal": draw(_anybody), "Action": draw(_sampled(("ecr:*", "ecr:*Get*", "*")))}
    denies = [draw(statements(partition, "Deny")) for _ in range(draw(_sampled((1, 1, 2, 3))))]
    return draw(st.permutations([wide, *denies]))


# --- the rest of a situation --------------------------------------------------------------------------------------

_WHO: tuple[Statement, ...] = (
    {"account": TRUSTED},
    {"account": TRUSTED},
    {"account": TRUSTED},
    {"account": TRUSTED},
    {"account": READER},
    {"account": NAMED},
    {"organization": OWN_ORG},
    {"organization": OWN_ORG},
    {"organization": TRUSTED_ORG},
    {"organization_path": f"{OWN_ORG}/{UNIT}*"},
    {"organization_path": f"{TRUSTED_ORG}/*"},
    {"service": "lambda.amazonaws.com"},
    {"vpc": "vpc-0123456789abcdef0"},
    {"vpc_endpoint": "vpce-0123456789abcdef0"},
)


@st.composite
def entries(draw: st.DrawFn) -> Statement:
    """Draw one entry of a trust register."""
    entry = {**draw(_pick(_WHO)), "reason": "pulls base images", "owner": "platform@example.com"}
    if draw(_chance(60)):
        entry["access"] = draw(_sampled(("READ", "WRITE", "ADMIN", "ADMIN")))
    if draw(_chance(15)):
        entry["repositories"] = draw(st.lists(_sampled(("base/*", "base/app", "other/*", "*")), min_size=1, max_size=2))
    if draw(_chance(15)):
        entry["expires"] = draw(_sampled(("2025-12-31", "2026-06-01", "2030-01-31")))
    return entry


@st.composite
def repositories(draw: st.DrawFn, partition: str) -> Repository:
    region = {"aws": "eu-west-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}[partition]
    return Repository(
        OWNER,
        name=draw(_sampled(("base/app", "team/app"))),
        region=draw(_sampled((region, region, None))),
        partition=partition,
        organization=draw(_sampled((OWN_ORG, OWN_ORG, None))),
        tags=draw(_pick(({}, {"team": "ci"}))),
        tags_known=draw(st.booleans()),
    )


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    """Draw a policy, its repository, a trust register and the origin of the policy."""
    partition = draw(_sampled(("aws",) * 12 + ("aws-cn", "aws-us-gov")))
    return Situation(
        draw(policies(partition)),
        draw(repositories(partition)),
        tuple(draw(st.lists(entries(), max_size=3))),
        draw(_sampled((Origin.PROPOSED, Origin.DEPLOYED))),
    )


@st.composite
def situations_about(draw: st.DrawFn, key: Key) -> Situation:
    """Draw a policy about a single key: it allows everyone, denies everyone, or both."""
    about = conditions("aws", st.just(key))
    wide = {"Principal": draw(_anybody), "Action": draw(_sampled(("ecr:*", "ecr:*Get*", "ecr:*Tag*")))}
    allow, deny = draw(_sampled(((True, False), (True, True), (False, True))))
    found = [{"Effect": "Allow", **wide, **({"Condition": draw(about)} if allow else {})}]
    if deny:
        found.append({"Effect": "Deny", "Principal": "*", "Action": "*", "Condition": draw(about)})
    policy = {"Version": "2012-10-17", "Statement": found}
    return Situation(policy, draw(repositories("aws")), tuple(draw(st.lists(entries(), max_size=1))))


# --- anything at all ----------------------------------------------------------------------------------------------

_scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    _sampled(("*", "Allow", "Deny", "ecr:*", OWNER, "StringEquals", "aws:PrincipalArn", "2012-10-17", "\ud800", "${")),
)
_names = st.one_of(
    st.text(max_size=6),
    _sampled(
        (
            "Version",
            "Statement",
            "Effect",
            "Principal",
            "NotPrincipal",
            "Action",
            "NotAction",
            "Condition",
            "Resource",
            "Sid",
            "Id",
            "AWS",
            "Service",
            "StringEquals",
            "StringLike",
            "ForAnyValue:StringLike",
            "aws:PrincipalArn",
        )
    ),
)
json_values = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_names, inner, max_size=5), max_leaves=20
)


@st.composite
def broken_policies(draw: st.DrawFn) -> Any:  # noqa: ANN401 - any JSON value
    """Draw a policy with one inner value replaced by any JSON value, because almost valid policies are the hardest."""
    policy = draw(policies())
    place: Any = policy
    while True:
        name = draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        deeper = place[name]
        if not (isinstance(deeper, dict | list) and deeper) or draw(_chance(25)):
            place[name] = draw(json_values)
            return policy
        place = deeper
