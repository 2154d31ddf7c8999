"""The cases of `tests/cases/roles/*.json`: an account with its roles and repositories, and who has access from outside.

A row has these fields:

- `name`: a sentence about what it shows. `why`: the rule that decides it.
- `roles`: by name, with its path. `trust` is a list of statements, `allows` those of an inline policy, `managed` those
  of a managed policy, `boundary` those of a boundary, `tags` its tags. A statement is one of IAM, in which `Effect` is
  `Allow`, `Action` of a trust policy is `sts:AssumeRole`, and `Resource` of other policies is `*` unless it says so.
- `repositories`: by name, a list of such statements, or null. Left out: one repository `app` without a policy.
- `register`: entries of the trust register. `details`: fields of the answer of IAM that replace the usual ones.
- `ways`: who has access for certain, as `whom > role > role > repository: ACCESS ACCESS`.
- `undecided`: who may have access, in the same form without it. `unread`: words of a reason that concerns the account.
- `approved`: who has access that the register covers, as in `ways`.
- `leaves`: `whom > role: roles of other accounts`.
- `more`: `whom > role: action action`. `notes`: words of a note.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ecr_crossaccount.judgement.values.trust import Trust
from ecr_crossaccount.products.audit.roles import details
from ecr_crossaccount.questions.roles.answer import Approved, Through, WayIn
from ecr_crossaccount.questions.roles.house import Account, Repository
from ecr_crossaccount.questions.roles.outsiders import Outsider
from ecr_crossaccount.questions.roles.through import search_roles

from tests.case_tables import ANY_DAY

DIRECTORY = Path(__file__).parents[1] / "cases" / "roles"
OWNER, ORGANIZATION = "111122223333", "o-ownorg00001"
Json = Any


@dataclass(frozen=True)
class RoleCase:
    """One row."""

    name: str
    why: str
    roles: dict[str, Json]
    ways: list[str]
    undecided: list[str]
    more: list[str]
    repositories: dict[str, Json]
    register: list[Json]
    details: dict[str, Json]
    unread: list[str]
    notes: list[str]
    approved: list[str]
    leaves: list[str]
    organization: str | None

    @classmethod
    def of(cls, row: dict[str, Json]) -> RoleCase:
        """Read a row. Raises TypeError for a field that no row has."""
        usual: dict[str, Json] = {
            "ways": [],
            "undecided": [],
            "more": [],
            "register": [],
            "unread": [],
            "notes": [],
            "approved": [],
            "leaves": [],
            "details": {},
        }
        usual |= {"repositories": {"app": None}, "organization": ORGANIZATION}
        unknown = {*row} - {one.name for one in fields(cls)}
        if unknown:
            raise TypeError(f"{row['name']}: {sorted(unknown)}")
        return cls(**{**usual, **row})

    def answer(self) -> Through:
        """Return the product's answer."""
        read = details([("the answer", {**self._details(), **self.details})])
        repositories = tuple(
            Repository(_arn(name), name, "eu-central-1", None if policy is None else _policy(policy))
            for name, policy in self.repositories.items()
        )
        trust = Trust.parse({"version": 1, "trust": self.register}, ANY_DAY)
        roles = read.roles.get(OWNER, ())
        return search_roles(Account(OWNER, roles, repositories, "aws", self.organization, (), read.unread), trust)

    def _details(self) -> dict[str, Json]:
        managed: list[Json] = []
        roles = [self._role(name, role, managed) for name, role in self.roles.items()]
        return {"RoleDetailList": roles, "Policies": managed, "IsTruncated": False}

    def _role(self, name: str, role: dict[str, Json], managed: list[Json]) -> dict[str, Json]:
        short = name.rpartition("/")[2]
        found = {
            "Arn": f"arn:aws:iam::{OWNER}:role/{name}",
            "RoleName": short,
            "RoleId": f"AROA{short.upper().replace('-', '')}XXXXXXXXXXXXXXXX",
            "AssumeRolePolicyDocument": _policy(role.get("trust", []), Action="sts:AssumeRole"),
            "RolePolicyList": [],
            "AttachedManagedPolicies": [],
            "Tags": [{"Key": key, "Value": value} for key, value in role.get("tags", {}).items()],
        }
        if "allows" in role:
            document = _policy(role["allows"], Resource="*")
            found["RolePolicyList"] = [{"PolicyName": "own", "PolicyDocument": document}]
        for field in ("managed", "boundary"):
            if field in role:
                arn = f"arn:aws:iam::{OWNER}:policy/{short}-{field}"
                version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": _policy(role[field], Resource="*")}
                managed.append({"Arn": arn, "DefaultVersionId": "v1", "PolicyVersionList": [version]})
                if field == "managed":
                    found["AttachedManagedPolicies"] = [{"PolicyName": "managed", "PolicyArn": arn}]
                else:
                    found["PermissionsBoundary"] = {"PermissionsBoundaryArn": arn}
        return {**found, **role.get("details", {})}


def _arn(name: str) -> str:
    return f"arn:aws:ecr:eu-central-1:{OWNER}:repository/{name}"


def _policy(statements: Json, **usual: str) -> Json:
    if not isinstance(statements, list):
        return statements
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **_usual(one, usual)} for one in statements]}


def _usual(statement: Json, usual: dict[str, str]) -> dict[str, Json]:
    return {**{key: value for key, value in usual.items() if f"Not{key}" not in statement}, **statement}


def said(outsider: Outsider, chain: tuple[str, ...], *rest: str) -> str:
    """Return a way in the form of a row, without its access."""
    return " > ".join([outsider.name, *(one.partition(":role/")[2] for one in chain), *rest])


def ways_of(answer: Through) -> set[str]:
    """Return the ways of an answer in the form of a row."""
    return _with_access(answer.ways)


def approved_of(answer: Through) -> set[str]:
    """Return what is approved in the form of a row."""
    return _with_access(answer.approved)


def _with_access(some: Iterable[WayIn | Approved]) -> set[str]:
    found: dict[str, set[str]] = {}
    for way in some:
        for arn in way.repositories:
            place = said(way.outsider, way.chain, arn.partition(":repository/")[2])
            found.setdefault(place, set()).update(one.value for one in way.access)
    order = ("READ", "WRITE", "ADMIN")
    return {f"{place}: {' '.join(one for one in order if one in access)}" for place, access in found.items()}


def doubts_of(answer: Through) -> set[str]:
    """Return the doubts of an answer in the form of a row."""
    return {
        said(one.outsider, one.chain, arn.partition(":repository/")[2])
        for one in answer.perhaps
        for arn in one.repositories
    }


def more_of(answer: Through) -> set[str]:
    """Return what more is possible in the form of a row."""
    return {f"{said(one.outsider, one.chain)}: {' '.join(one.actions)}" for one in answer.more}


def leaves_of(answer: Through) -> set[str]:
    """Return the chains that leave the account in the form of a row."""
    return {f"{said(one.outsider, one.chain)}: {' '.join(one.roles)}" for one in answer.leaves}


def cases() -> Iterator[RoleCase]:
    """Yield the rows of all tables."""
    for path in sorted(DIRECTORY.glob("*.json")):
        yield from map(RoleCase.of, json.loads(path.read_text("utf-8")))
