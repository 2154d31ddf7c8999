"""Requests that are really possible from outside, aimed at what a policy contains.

Names that the caller chooses are from the policy's own literals, because a gap would be there. What AWS sets (account,
organization, type of principal) is always consistent, as docs/semantics.md describes it.
"""

from __future__ import annotations

import datetime as dt
import fnmatch
import re
from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from tests.properties.oracle import GITHUB, Request, Value
from tests.properties.world import (
    FRESH,
    FRESH_ORG,
    NAMED,
    NAMED_ORG,
    OTHER,
    OWN_ORG,
    OWNER,
    READER,
    SERVICES,
    TRUSTED,
    TRUSTED_ORG,
    UNIT,
    conditions_of,
)
from tests.strategies import Situation

RANKS = {"READ": 0, "WRITE": 1, "ADMIN": 2}
READ = (
    "BatchCheckLayerAvailability BatchGetImage BatchGetRepositoryScanningConfiguration DescribeImageReplicationStatus "
    "DescribeImages DescribeImageScanFindings DescribeImageSigningStatus DescribeRepositories GetDownloadUrlForLayer "
    "GetImageCopyStatus GetLifecyclePolicy GetLifecyclePolicyPreview GetRepositoryPolicy ListImages ListImageReferrers "
    "ListTagsForResource"
)
WRITE = (
    "BatchDeleteImage BatchImportUpstreamImage CompleteLayerUpload InitiateLayerUpload PutImage ReplicateImage "
    "StartImageScan StartLifecyclePolicyPreview TagResource UntagResource UpdateImageStorageClass UploadLayerPart"
)
ADMIN = (
    "SetRepositoryPolicy DeleteRepositoryPolicy DeleteRepository PutLifecyclePolicy DeleteLifecyclePolicy "
    "PutImageScanningConfiguration PutImageTagMutability"
)
ACTIONS = {
    f"ecr:{action}": access
    for access, row in (("READ", READ), ("WRITE", WRITE), ("ADMIN", ADMIN))
    for action in row.split()
}
# Most requests use these. The others add little except their number.
_TELLING = (
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
    "ecr:ListImages",
    "ecr:PutImage",
    "ecr:SetRepositoryPolicy",
)

_ASKED = (*_TELLING * 8, *ACTIONS)


def access_of(action: str) -> str:
    """Return READ, WRITE or ADMIN. An action that is not in the table is a WRITE."""
    return ACTIONS.get(action, "WRITE")


_CHOSEN = {
    "aws:principaltag/team": r"[\w .:/=+@-]{0,256}",
    "aws:useragent": "[ -~]+",
    "aws:referer": "[ -~]+",
    "aws:multifactorauthpresent": "true|false",
    "aws:multifactorauthage": r"\d+",
    "aws:tokenissuetime": r"20[012]\d-.*",
    "aws:sourceidentity": r"[\w+=,.@-]{2,64}",
    "aws:federatedprovider": r"[\w./:-]+",
    "saml:sub": r"[\w@.-]+",
    GITHUB: r"repo:new@1234567/[\w.-]+@7654321:(ref:refs/heads/|environment:)[\w-]+",
}
_ALWAYS_NEW = {
    "aws:principaltag/team": "outside",
    "aws:useragent": "docker",
    "aws:referer": "outside",
    "aws:multifactorauthpresent": "true",
    "aws:multifactorauthage": "60",
    "aws:tokenissuetime": "2026-06-01T08:00:00Z",
    "aws:sourceidentity": "outside",
    "aws:federatedprovider": "outside",
    "saml:sub": "outside",
    GITHUB: "repo:new@1234567/outside@7654321:ref:refs/heads/main",
}
_OF_ROLES = {"aws:sourceidentity", "aws:federatedprovider", "saml:sub", GITHUB}
_SESSION_ARN = {
    "lambda:sourcefunctionarn": "arn:{partition}:lambda:eu-west-1:{account}:function:f",
    "ec2:sourceinstancearn": "arn:{partition}:ec2:eu-west-1:{account}:instance/i-0123456789abcdef0",
}


def _filled(pattern: str, filler: str = "x") -> str:
    """Return a text that the pattern matches: wildcards become letters, and variables a fixed word."""
    return re.sub(r"\$\{[^}]*\}", "ci", pattern).replace("*", filler).replace("?", filler)


def literals_of(situation: Situation, key: str) -> list[str]:
    """Return the values that the policy compares with a key, with wildcards filled in."""
    return [
        _filled(str(value))
        for statement in situation.statements
        for _, name, values in conditions_of(statement)
        for value in values
        if name.lower() == key
    ]


@st.composite
def outside_requests(draw: st.DrawFn, situation: Situation) -> Request:
    """Draw a request from outside that trust does not cover, with an action of the table."""
    mentioned = {name.lower() for statement in situation.statements for _, name, _ in conditions_of(statement)}
    action = draw(st.sampled_from(_ASKED))
    services = sorted(set(SERVICES) & set(re.findall(r"[a-z.-]+\.amazonaws\.com", str(situation.statements))))
    if draw(st.integers(0, 9)) < (3 if services else 1):
        return draw(service_requests(situation, services or list(SERVICES), action))
    principal, context = draw(callers(situation, mentioned))
    request = Request(principal, action, context | draw(tags_sent(action, situation)) | draw(common_keys(situation)))
    return request if is_outside(request, situation) else draw(_uncovered(request, situation))


@st.composite
def service_requests(draw: st.DrawFn, situation: Situation, services: list[str], action: str) -> Request:
    """Draw a request by a service for an outside account, or by an AWS principal if trust covers them all."""
    principal, context = draw(service_callers(services, situation))
    request = Request(principal, action, context | draw(common_keys(situation)))
    return request if is_outside(request, situation) else draw(_uncovered(request, situation))


@st.composite
def _uncovered(draw: st.DrawFn, request: Request, situation: Situation) -> Request:
    """Draw the same request from an account that is not named anywhere."""
    nothing_said = Situation({"Statement": []}, situation.repository)
    principal, context = draw(callers(nothing_said, set(), (FRESH,), (None,)))
    return Request(
        principal, request.action, context | draw(tags_sent(request.action, situation)) | draw(common_keys(situation))
    )


@st.composite
def common_keys(draw: st.DrawFn, situation: Situation) -> dict[str, Value]:
    moment = draw(st.sampled_from(("2026-06-01T09:30:00Z", "2031-06-01T11:00:00Z", "2100-02-01T00:00:00Z")))
    epoch = dt.datetime.fromisoformat(moment).timestamp()
    common: dict[str, Value] = {
        "aws:CurrentTime": moment,
        "aws:EpochTime": str(int(epoch)),
        "aws:SecureTransport": "true",
        "aws:ResourceAccount": OWNER,
    }
    if situation.repository.region:
        common["aws:RequestedRegion"] = situation.repository.region
    if situation.repository.organization:
        common["aws:ResourceOrgID"] = situation.repository.organization
    for key, value in situation.repository.tags.items():
        common |= {f"aws:ResourceTag/{key}": value, f"ecr:ResourceTag/{key}": value}
    return common


@st.composite
def callers(
    draw: st.DrawFn,
    situation: Situation,
    mentioned: set[str],
    accounts: Sequence[str] = (FRESH, NAMED, OTHER, TRUSTED, READER, "111198765432", "333344445550"),
    organizations: Sequence[str | None] = (None, FRESH_ORG, NAMED_ORG, TRUSTED_ORG, OWN_ORG),
) -> tuple[str, dict[str, Value]]:
    """Draw an AWS principal of one of the accounts, with its keys."""
    partition = situation.repository.partition
    account = draw(st.sampled_from(accounts))
    organization = draw(st.sampled_from(organizations))
    kind = draw(st.sampled_from(("role", "role", "session", "user", "federated", "root")))
    principal, context = draw(_identity(kind, f"arn:{partition}", account, literals_of(situation, "aws:principalarn")))
    context["aws:PrincipalAccount"] = account
    context["aws:PrincipalIsAWSService"] = "false"
    if organization:
        unit = draw(st.sampled_from((UNIT, "r-zz99/ou-zz99-22222222/")))
        context |= {"aws:PrincipalOrgID": organization, "aws:PrincipalOrgPaths": (f"{organization}/{unit}",)}
    context |= draw(_network(situation)) | draw(_way(situation))
    for key in sorted(mentioned & set(_CHOSEN)):
        if not (kind == "root" and "tag" in key) and (kind in {"role", "session"} or key not in _OF_ROLES):
            context |= draw(_chosen(key, literals_of(situation, key)))
    if kind in {"role", "session"}:
        for key in sorted(mentioned & set(_SESSION_ARN)):
            if draw(st.booleans()):
                context[key] = _SESSION_ARN[key].format(partition=partition, account=account)
    return principal, context


@st.composite
def _identity(draw: st.DrawFn, kind: str, arn: str, account: str, literals: list[str]) -> tuple[str, dict[str, Value]]:
    aimed = [
        tail for text in literals for tail in (text.rpartition("/")[2], text) if re.fullmatch(r"[\w+=,.@-]{2,32}", tail)
    ]
    name = draw(st.sampled_from(("ci", "deep", "bob", "carol", "outside", *aimed, f"x{OWNER}x")))
    path = draw(st.sampled_from(("/", "/build/", f"/{OWNER}/", f"/:{OWNER}:role/")))
    if kind == "root":
        principal = f"{arn}:iam::{account}:root"
        return principal, {"aws:PrincipalArn": principal, "aws:PrincipalType": "Account", "aws:userid": account}
    if kind == "federated":
        principal = f"{arn}:sts::{account}:federated-user/{name}"
        more: dict[str, Value] = {"aws:PrincipalType": "FederatedUser", "aws:userid": f"{account}:{name}"}
        return principal, {"aws:PrincipalArn": principal, **more}
    if kind == "user":
        principal = f"{arn}:iam::{account}:user{path}{name}"
        more = {"aws:PrincipalType": "User", "aws:userid": "AIDAOUTSIDER00000001", "aws:username": name}
        return principal, {"aws:PrincipalArn": principal, **more}
    role = f"{arn}:iam::{account}:role{path}{name}"
    session = draw(st.sampled_from(("alice", "ci", OWNER)))
    more = {"aws:PrincipalType": "AssumedRole", "aws:userid": f"AROAOUTSIDER00000001:{session}"}
    principal = role if kind == "role" else f"{arn}:sts::{account}:assumed-role/{name}/{session}"
    return principal, {"aws:PrincipalArn": role, **more}


@st.composite
def _network(draw: st.DrawFn, situation: Situation) -> dict[str, Value]:
    """Draw either an address on the internet or a VPC endpoint."""
    if draw(st.booleans()):
        return {
            "aws:SourceIp": draw(
                st.sampled_from(("203.0.113.9", "198.51.100.7", "8.8.8.8", "130.5.5.5", "2001:db8::9"))
            )
        }
    vpcs = [text for text in literals_of(situation, "aws:sourcevpc") if re.fullmatch("vpc-[0-9a-f]{17}", text)]
    endpoints = [text for text in literals_of(situation, "aws:sourcevpce") if re.fullmatch("vpce-[0-9a-f]{17}", text)]
    return {
        "aws:SourceVpc": draw(st.sampled_from(("vpc-00000000000000009", *vpcs))),
        "aws:SourceVpce": draw(st.sampled_from(("vpce-00000000000000009", *endpoints))),
        "aws:VpcSourceIp": draw(st.sampled_from(("10.1.2.3", "203.0.113.9"))),
        "aws:VpceAccount": FRESH,
        "aws:VpceOrgID": FRESH_ORG,
        "aws:VpceOrgPaths": (f"{FRESH_ORG}/{UNIT}",),
    }


@st.composite
def _way(draw: st.DrawFn, situation: Situation) -> dict[str, Value]:
    """Draw a direct call, or a call that services forward."""
    if draw(st.integers(0, 3)):
        return {"aws:ViaAWSService": "false"}
    named = [text for text in literals_of(situation, "aws:calledvia") if text.endswith(".amazonaws.com")]
    services = st.sampled_from((*named, "athena.amazonaws.com", "cloudformation.amazonaws.com"))
    via = tuple(draw(st.lists(services, min_size=1, max_size=2)))
    one = {"aws:CalledViaFirst": via[0], "aws:CalledViaLast": via[-1]}
    return {"aws:ViaAWSService": "true", "aws:CalledVia": via, **one}


@st.composite
def tags_sent(draw: st.DrawFn, action: str, situation: Situation) -> dict[str, Value]:
    """Draw the tags of a call that sends some."""
    names = draw(st.sampled_from((("team",), ("team", "cost"), ("other",), ("cost-center", "team"))))
    if action == "ecr:UntagResource":
        return {"aws:TagKeys": names}
    if action != "ecr:TagResource":
        return {}
    value = draw(st.sampled_from(("outside", *literals_of(situation, "aws:requesttag/team"))))
    return {"aws:TagKeys": names, **{f"aws:RequestTag/{name}": value for name in names}}


@st.composite
def _chosen(draw: st.DrawFn, key: str, literals: list[str]) -> dict[str, Value]:
    usable = [text for text in literals if re.fullmatch(_CHOSEN[key], text)]
    value = draw(st.sampled_from((None, _ALWAYS_NEW[key], *usable)))
    return {} if value is None else {key: value}


@st.composite
def service_callers(
    draw: st.DrawFn,
    services: list[str],
    situation: Situation,
    accounts: Sequence[str | None] = (None, FRESH, NAMED, OTHER, TRUSTED),
) -> tuple[str, dict[str, Value]]:
    """Draw an AWS service that acts for one of the accounts, or that does not say for which one."""
    name = draw(st.sampled_from(services))
    context: dict[str, Value] = {
        "aws:PrincipalIsAWSService": "true",
        "aws:PrincipalServiceName": name,
        "aws:PrincipalServiceNamesList": (name,),
        "aws:ViaAWSService": "false",
    }
    account = draw(st.sampled_from(accounts))
    if account:
        arn = f"arn:{situation.repository.partition}:lambda:eu-west-1:{account}:function:f"
        if name.startswith("codebuild"):
            arn = f"arn:{situation.repository.partition}:codebuild:eu-west-1:{account}:project/p"
        context |= {"aws:SourceAccount": account, "aws:SourceArn": arn}
        organization = draw(st.sampled_from((None, FRESH_ORG, NAMED_ORG, OWN_ORG)))
        if organization:
            context |= {"aws:SourceOrgID": organization, "aws:SourceOrgPaths": (f"{organization}/{UNIT}",)}
    return name, context


# --- what trust covers ----------------------------------------------------------------------------------------------


def is_outside(request: Request, situation: Situation) -> bool:
    """Return whether a request is neither the owner's nor covered by a valid register entry."""
    own = request.keys.get("aws:sourceaccount") if request.is_service else request.account
    return own != OWNER and not any(_covers(entry, request, situation) for entry in situation.entries)


def in_force(entry: Mapping[str, Any], situation: Situation) -> bool:
    """Return whether a register entry applies to the repository today."""
    names = entry.get("repositories", ["*"])
    expired = dt.date.fromisoformat(entry.get("expires", "9999-12-31")) < situation.today
    return not expired and any(fnmatch.fnmatchcase(situation.repository.name, name) for name in names)


def _covers(entry: Mapping[str, Any], request: Request, situation: Situation) -> bool:
    return (
        in_force(entry, situation)
        and RANKS[entry.get("access", "READ")] >= RANKS[access_of(request.action)]
        and _is_about(entry, request)
    )


def _is_about(entry: Mapping[str, Any], request: Request) -> bool:
    keys, side = request.keys, "source" if request.is_service else "principal"
    found = {
        "account": keys.get(f"aws:{side}account"),
        "organization": keys.get(f"aws:{side}orgid"),
        "service": request.principal,
        "vpc": keys.get("aws:sourcevpc"),
        "vpc_endpoint": keys.get("aws:sourcevpce"),
    }
    paths = keys.get(f"aws:{side}orgpaths", ())
    pattern = entry.get("organization_path")
    if pattern:
        return any(fnmatch.fnmatchcase(path, pattern) for path in paths)
    return any(entry.get(kind, "") == value for kind, value in found.items())
