"""The narrowest policy for some wildcards under each pair of trusted parties. `make answers` records it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from itertools import combinations
from pathlib import Path
from typing import Any

from ecr_crossaccount import Hole, Holed, Plan, Repository, Trust, plan

from tests.check.grids import write
from tests.check.told import shown
from tests.judgement.policies import OTHER, OWNER, THIRD, account, allow, deny, policy, trusting

RECORDED = Path(__file__).with_name("every_register.json")

ORGANIZATION = "o-a1b2c3d4e5"
HERE = Repository(OWNER, "team/app", "eu-west-1", organization=ORGANIZATION)
PARTIES: tuple[Mapping[str, str], ...] = (
    {"account": OTHER},
    {"organization": ORGANIZATION},
    {"organization": "o-f6g7h8i9j0"},
    {"organization_path": f"{ORGANIZATION}/r-ab12/ou-ab12-11111111/*"},
    {"organization_path": "o-f6g7h8i9j0/r-cd34/ou-cd34-22222222/*"},
    {"service": "codebuild.amazonaws.com"},
    {"vpc": "vpc-0a1b2c3d4e5f60718"},
    {"vpc_endpoint": "vpce-0a1b2c3d4e5f60718"},
)
PULL = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
POLICIES: Mapping[str, dict[str, Any]] = {
    "everybody may pull": policy(allow("*", PULL)),
    "everybody may do everything": policy(allow("*", "ecr:*")),
    "everybody may do what patterns match": policy(allow("*", ["ecr:*ForLayer", "ecr:BatchG*", "ecr:Put*"])),
    "roles of a name": policy(allow("*", PULL, {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ci-*"}})),
    "services": policy(allow({"Service": ["codebuild.amazonaws.com", "lambda.amazonaws.com"]}, PULL)),
    "accounts": policy(allow(account(OTHER, THIRD), "ecr:*")),
    "accounts, an id and what is not known": policy(
        {
            "Sid": "Mixed",
            **allow({"AWS": [OTHER, "AROAEXAMPLEEXAMPLEEXA", Holed(("arn:aws:iam::", Hole("A"), ":root"))]}),
        }
    ),
    "whoever it is": policy(allow(Hole("P"), PULL)),
    "an order of its own": {
        "Statement": {
            "Condition": {"StringLike": {"aws:PrincipalArn": "*role/ci*"}, "Bool": {"aws:SecureTransport": "true"}},
            "Action": ["ecr:Put*", *PULL],
            "Principal": {"Service": "codebuild.amazonaws.com", "AWS": "*"},
            "Sid": "First",
            "Effect": "Allow",
        },
        "Version": "2012-10-17",
    },
    "an account": policy(allow("*", "ecr:*", {"StringEquals": {"aws:PrincipalAccount": OTHER}})),
    "the organization": policy(allow("*", "ecr:*", {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}})),
    "a path of it": policy(
        allow("*", "ecr:*", {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": PARTIES[3]["organization_path"]}})
    ),
    "all but some actions": policy({"Effect": "Allow", "Principal": "*", "NotAction": ["ecr:Delete*", "ecr:Set*"]}),
    "all but some, and a Deny": policy(
        allow("*", "*"), deny("*", "ecr:PutImage", {"StringNotEquals": {"aws:PrincipalAccount": OTHER}})
    ),
}


def registers() -> Iterator[tuple[str, Trust]]:
    """Yield the trust in each party that may read, and in each pair, whose second may read or also write."""
    for one in PARTIES:
        yield _named(one), trusting({**one, "access": "READ"})
    for one, other in combinations(PARTIES, 2):
        for access in ("READ", "WRITE"):
            pair = ({**one, "access": "READ"}, {**other, "access": access})
            yield f"{_named(one)}, {_named(other)} {access}", trusting(*pair)


def _named(party: Mapping[str, str]) -> str:
    return " ".join(*party.items())


def planned(document: dict[str, Any], trust: Trust) -> Plan:
    """Return the narrowest policy that keeps what is trusted."""
    return plan(document, HERE, trust, "narrow")


def answers(name: str) -> Mapping[str, object]:
    """Return the text that a policy becomes under each register, or why it stays; of a pair, a digest."""
    found = ((register, planned(POLICIES[name], trust)) for register, trust in registers())
    texts = {register: one.refused or json.dumps(shown(one.policy)) for register, one in found}
    return {register: _digest(text) if "," in register else text for register, text in texts.items()}


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:8]


def record() -> None:
    """Write the answers of today."""
    write(RECORDED, ((name, answers(name)) for name in POLICIES))
