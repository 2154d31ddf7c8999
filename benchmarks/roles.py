"""Measure access through roles: an account with 5,000 roles and 500 repositories, in processor time.

`make bench-roles` prints how long it takes in three accounts.

- In the usual one, most roles trust a service, one in ten trusts the account, and one in twenty an outside account or a
  GitHub repository. Roles and repositories have the usual conditions.
- In the second one, every role may assume every other: each trusts all roles of the account, by a wildcard or by the
  account's number, and may call `sts:AssumeRole` on `*`.
- In the third one, no role is like another either: each has a trust policy and permissions of its own.
"""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

from ecr_crossaccount.judgement.values.trust import Trust
from ecr_crossaccount.products.audit.roles import details
from ecr_crossaccount.questions.roles.house import Account, Repository
from ecr_crossaccount.questions.roles.through import search_roles

OWNER, ORGANIZATION, GITHUB = "111122223333", "o-ownorg00001", "token.actions.githubusercontent.com"
_PULL = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]


def _document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **one} for one in statements]}


def _trust(number: int) -> dict[str, Any]:
    """Return the trust policy of a role."""
    if number % 40 == 0:
        outside = {"AWS": f"arn:aws:iam::{222233330000 + number}:root"}
        condition = {"StringEquals": {"sts:ExternalId": f"id-{number}"}}
        return _document({"Principal": outside, "Action": "sts:AssumeRole", "Condition": condition})
    if number % 40 == 1:
        provider = {"Federated": f"arn:aws:iam::{OWNER}:oidc-provider/{GITHUB}"}
        condition = {"StringLike": {f"{GITHUB}:sub": f"repo:acme/app-{number}:*"}}
        return _document({"Principal": provider, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": condition})
    if number % 10 == 2:
        return _document({"Principal": {"AWS": f"arn:aws:iam::{OWNER}:root"}, "Action": "sts:AssumeRole"})
    return _document({"Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"})


def _permissions(number: int) -> dict[str, Any]:
    """Return the inline policy of a role."""
    repository = f"arn:aws:ecr:eu-central-1:{OWNER}:repository/team-{number % 50}/*"
    logs = {"Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"}
    if number % 3:
        return _document(logs, {"Action": [*_PULL, "ecr:PutImage"], "Resource": repository})
    assumed = f"arn:aws:iam::{OWNER}:role/role-{number % 500}2"
    return _document(logs, {"Action": "sts:AssumeRole", "Resource": assumed})


_INSIDE = f"arn:aws:iam::{OWNER}:role/role-*"


def _many_to_many(number: int, trust: dict[str, Any], own: dict[str, Any], *, apart: bool) -> None:
    """Let a role assume and be assumed by every other."""
    everyone = {"Principal": {"AWS": "*"}, "Action": ["sts:AssumeRole", "sts:TagSession"]}
    by_name = {**everyone, "Condition": {"ArnLike": {"aws:PrincipalArn": _INSIDE}}}
    by_account = {**everyone, "Principal": {"AWS": OWNER}}
    if apart:
        by_account["Condition"] = {"StringLike": {"aws:PrincipalTag/team": [f"team-{number}", "*"]}}
    trust["Statement"].append({"Effect": "Allow", **(by_name if number % 2 else by_account)})
    assumed = [_INSIDE, f"arn:aws:iam::{OWNER}:role/*{number}"] if apart else "*"
    own["Statement"].append({"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"], "Resource": assumed})


def account(kind: str, roles: int, repositories: int) -> Account:
    """Return the account of a kind."""
    documents = [(_trust(number), _permissions(number)) for number in range(roles)]
    for number, (trust, own) in enumerate(documents):
        if kind != "usual":
            _many_to_many(number, trust, own, apart=kind == "apart")
    found = [
        {
            "Arn": f"arn:aws:iam::{OWNER}:role/role-{number}",
            "RoleId": f"AROA{number:017}",
            "AssumeRolePolicyDocument": documents[number][0],
            "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": documents[number][1]}],
            "AttachedManagedPolicies": [],
            "Tags": [],
        }
        for number in range(roles)
    ]
    inside = {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}}
    shared = json.dumps(_document({"Principal": "*", "Action": _PULL, "Condition": inside}))
    policies = [None, None, shared, None]
    made = tuple(
        Repository(
            f"arn:aws:ecr:eu-central-1:{OWNER}:repository/team-{number % 50}/app-{number}",
            f"team-{number % 50}/app-{number}",
            "eu-central-1",
            policies[number % 4],
        )
        for number in range(repositories)
    )
    read = details([("the account", {"RoleDetailList": found, "Policies": []})])
    return Account(OWNER, read.roles[OWNER], made, organization=ORGANIZATION)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--roles", type=int, default=5_000)
    parser.add_argument("--repositories", type=int, default=500)
    arguments = parser.parse_args()
    for kind in ("usual", "many to many", "apart"):
        asked = account(kind, arguments.roles, arguments.repositories)
        start = time.process_time()
        found = search_roles(asked, Trust.nobody())
        seconds = time.process_time() - start
        print(
            f"{kind}: {arguments.roles:,} roles, {arguments.repositories:,} repositories: {seconds:.1f} s of processor "
            f"time; {len(found.ways):,} ways, {len(found.perhaps):,} undecided, {len(found.unread):,} unread"
        )


if __name__ == "__main__":
    main()
