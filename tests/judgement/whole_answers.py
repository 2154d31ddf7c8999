"""Whole answers, with every word that a user reads: one question of each kind of document and of each kind of finding.

`whole_answers.json` has the answers, with each finding in a line of its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ecr_crossaccount import Hole, Holed, Origin, RegistryPolicy, Repository, Scope, Trust, Verdict, judge
from ecr_crossaccount.judgement.annotation import annotation
from ecr_crossaccount.judgement.kinds.exchanges import judge_cache, judge_replication
from ecr_crossaccount.judgement.kinds.public import judge_public
from ecr_crossaccount.judgement.kinds.registry import judge_registry
from ecr_crossaccount.judgement.values.members import Members

from tests.judgement.policies import DAY, OTHER, OWNER, THIRD, account, allow, deny, policy, trusting

ANSWERS = Path(__file__).with_name("whole_answers.json")

OWN_ORG, THEIR_ORG = "o-ownorg00001", "o-a1b2c3d4e5"
HERE = Repository(OWNER, "app", region="eu-west-1", organization=OWN_ORG)
SOMEWHERE = Repository(OWNER)
LAMBDA = {"Service": "lambda.amazonaws.com"}
ARN = f"arn:aws:ecr:eu-west-1:{OWNER}:repository/"


def on(statement: dict[str, Any], *names: str) -> dict[str, Any]:
    return {**statement, "Resource": [ARN + name for name in names]}


_MEMBERS = Members.parse(
    {
        "version": 1,
        "organization": THEIR_ORG,
        "listed": datetime(2026, 11, 30, tzinfo=UTC).isoformat(),
        "accounts": [{"account": OTHER, "path": f"{THEIR_ORG}/r-ab12/"}],
    }
)
_TRUST = {
    "nobody": Trust.nobody(),
    "expired": trusting(
        {"account": OTHER, "expires": "2026-11-30"},
        {"organization": THEIR_ORG, "expires": "2026-11-29"},
        {"service": "lambda.amazonaws.com", "expires": "2026-11-28"},
        {"account": THIRD, "expires": "2026-11-27"},
    ),
    "members": Trust.parse({"version": 1, "trust": [{"organization": THEIR_ORG, "members": True}]}, DAY, _MEMBERS),
    "networks": trusting({"vpc": "vpc-1"}, {"vpc_endpoint": "vpce-1"}, {"organization": "self"}),
    "other members": trusting({"organization": "self", "members": True}),
}
_EVERYBODY = policy(
    {"Sid": "Everybody", **allow("*", "ecr:*")},
    allow(account(OTHER, THIRD), ["ecr:BatchGetImage", "ecr:PutImage"]),
    allow({"AWS": f"arn:aws:sts::{OTHER}:assumed-role/ci/job"}, "ecr:ListImages"),
    deny("*", "ecr:DeleteRepository", {"StringNotEquals": {"aws:PrincipalOrgID": OWN_ORG}}),
)
_BY_KIND = policy(
    allow("*", "ecr:DescribeImages", {"StringEquals": {"aws:PrincipalOrgID": THEIR_ORG}}),
    allow("*", "ecr:BatchGetImage", {"StringLike": {"aws:PrincipalOrgID": "o-b*"}}),
    allow(LAMBDA, "ecr:BatchGetImage", {"StringEquals": {"aws:SourceAccount": THIRD}}),
    allow(LAMBDA, "ecr:BatchGetImage", {"StringEquals": {"aws:SourceOrgID": THEIR_ORG}}),
    allow(LAMBDA, "ecr:PutImage"),
    allow(account(OTHER), "ecr:BatchGetImage"),
    allow("*", "ecr:PutImage", {"StringEquals": {"aws:SourceVpce": "vpce-2"}}),
)
_ODD = policy(
    allow(account("AROAEXAMPLEEXAMPLE123"), "ecr:BatchGetImage"),
    allow(account(OTHER), Holed(("ecr:", Hole("Action")))),
    allow("*", "ecr:BatchGetImage", {"Bool": {"aws:MultiFactorAuthPresent": "yes"}}),
    allow("*", "ecr:BatchGetImage", {"StringEquals": {"aws:NewKey": ["x"]}}),
    {"Effect": "Allow", "NotPrincipal": {"AWS": OWNER}, "NotAction": ["ecr:*Image*", "ecr:Set*"]},
    {"Effect": "Allow", "Principal": {"Federated": "x"}, "Action": "nothing"},
)
_STORED = policy(
    {**allow(account(OTHER, "AIDAEXAMPLEEXAMPLE123")), "Resource": f"{ARN}app"},
    {**deny("*", "ecr:PutImage"), "Resource": f"{ARN}other"},
    allow(account(OTHER), "ecr:PutImage"),
)
_NETWORKS = policy(
    allow("*", "ecr:BatchGetImage", {"StringEquals": {"aws:SourceVpc": ["vpc-1", "vpc-2"]}}),
    allow("*", "ecr:ListImages", {"StringEquals": {"aws:PrincipalOrgID": THEIR_ORG, "aws:SourceVpce": "vpce-1"}}),
)
_CHINA = policy(allow("*", "ecr:BatchGetImage", {"ArnLike": {"aws:PrincipalArn": f"arn:aws-cn:iam::{OTHER}:role/*"}}))
_REGISTRY = policy(
    {"Sid": "Rep", **on(allow(account(OTHER), ["ecr:ReplicateImage", "ecr:CreateRepository"]), "*")},
    on(allow("*", ["ecr:BatchGetImage", "ecr:PutImage"]), "open/*"),
    on(allow(LAMBDA, "ecr:BatchGetImage", {"StringEquals": {"aws:SourceAccount": THIRD}}), "base/*"),
    on(deny("*", "ecr:PutImage"), "open/closed*"),
    on(allow("*", "ecr:*", {"StringEquals": {"aws:NewKey": "x"}}), "x"),
    on(allow(account(THIRD), "ecr:CreatePullThroughCacheRule"), "*"),
    allow(account(THIRD)),
)
_CONTROL = {
    "Version": "2012-10-17",
    "Statement": [
        {
            **deny("*", "ecr:BatchGetImage", {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": OWN_ORG}}),
            "Sid": "Perimeter",
            "Resource": "*",
        }
    ],
}
_PUBLIC = policy(
    {"Sid": "Push", **allow(account(OTHER), ["ecr-public:PutImage", "ecr-public:Upload*", "ecr:PutImage"])},
    allow("*", "ecr-public:Describe*"),
    deny(account(OTHER), "ecr-public:UploadLayerPart"),
)
_REPLICATED = {
    "Rules": [
        {
            "Destinations": [
                {"Region": "eu-west-1", "RegistryId": one} for one in (OTHER, OWNER, Hole("Partner"), "x")
            ],
            "RepositoryFilters": [{"Filter": "base/", "FilterType": "PREFIX_MATCH"}],
            "DeleteReplication": True,
        }
    ]
}
_CACHED = {
    "EcrRepositoryPrefix": "vendor",
    "UpstreamRegistryUrl": f"{OTHER}.dkr.ecr.eu-west-1.amazonaws.com",
    "CustomRoleArn": f"arn:aws:iam::{THIRD}:role/pull",
}

QUESTIONS: Mapping[str, Callable[[], Verdict]] = {
    "everybody": lambda: judge(_EVERYBODY, HERE, _TRUST["nobody"]),
    "everybody, somewhere": lambda: judge(_EVERYBODY, SOMEWHERE, _TRUST["nobody"]),
    "each kind of grantee": lambda: judge(_BY_KIND, HERE, _TRUST["nobody"]),
    "approvals that are over": lambda: judge(_BY_KIND, HERE, _TRUST["expired"]),
    "members": lambda: judge(_BY_KIND, HERE, _TRUST["members"]),
    "members that are not known": lambda: judge(_BY_KIND, SOMEWHERE, _TRUST["other members"]),
    "what is odd": lambda: judge(_ODD, HERE, _TRUST["nobody"]),
    "what ECR has stored": lambda: judge(_STORED, HERE, _TRUST["nobody"], Origin.DEPLOYED),
    "what is stored, proposed": lambda: judge(_STORED, HERE, _TRUST["nobody"]),
    "networks": lambda: judge(_NETWORKS, SOMEWHERE, _TRUST["networks"]),
    "another partition": lambda: judge(_CHINA, SOMEWHERE, _TRUST["nobody"]),
    "a registry": lambda: judge_registry(_REGISTRY, HERE, _TRUST["nobody"]),
    "a registry, somewhere": lambda: judge_registry(_REGISTRY, SOMEWHERE, _TRUST["nobody"]),
    "beside a registry policy of scope V2": lambda: judge(
        _BY_KIND, HERE, _TRUST["nobody"], registry=RegistryPolicy(_REGISTRY, Scope.V2)
    ),
    "beside a registry policy of an unknown scope": lambda: judge(
        _BY_KIND, HERE, _TRUST["nobody"], registry=RegistryPolicy(policy(on(allow("*", "ecr:*"), "*")))
    ),
    "beside a registry policy that was not read": lambda: judge(
        None, HERE, _TRUST["nobody"], registry=RegistryPolicy(scope=Scope.V2, unread="AccessDenied")
    ),
    "beside a resource control policy": lambda: judge(
        _BY_KIND, HERE, _TRUST["nobody"], rcps=[_CONTROL, {"Version": "2008-10-17"}]
    ),
    "a public repository": lambda: judge_public(_PUBLIC, Repository(OWNER, "app"), _TRUST["nobody"]),
    "replication": lambda: judge_replication(_REPLICATED, HERE, _TRUST["nobody"]),
    "a cache": lambda: judge_cache(_CACHED, HERE, _TRUST["nobody"]),
}


def answer(name: str) -> dict[str, Any]:
    """Return the whole answer to a question."""
    found = QUESTIONS[name]()
    return {**found.to_json(), "annotation": annotation(found)}


def record() -> None:
    """Write the answers of today, each finding in a line of its own."""
    answers = [f" {json.dumps(name)}: {_written(answer(name))}" for name in QUESTIONS]
    ANSWERS.write_text("{\n" + ",\n".join(answers) + "\n}\n", "utf-8")


def _written(fields: Mapping[str, Any]) -> str:
    lines = [f"  {json.dumps(name)}: {_in_lines(value)}" for name, value in fields.items()]
    return "{\n" + ",\n".join(lines) + "\n }"


def _in_lines(value: object) -> str:
    if not (isinstance(value, list) and value and isinstance(value[0], dict)):
        return json.dumps(value)
    return "[\n" + ",\n".join(f"   {json.dumps(one)}" for one in value) + "\n  ]"
