"""The policies of nearly every repository: grants to accounts and services, a few of them with a condition."""

from __future__ import annotations

import random
from collections.abc import Callable

from .words import (
    CHECKED_PULL,
    LOOK,
    MANAGE,
    ORGANIZATION,
    OWNER,
    PULL,
    PUSH,
    REGIONS,
    SERVICES,
    TEAMS,
    TRUSTED,
    Json,
    Policies,
    Statements,
    account,
    compact,
    name,
    organization_path,
    pretty,
    principal,
    some,
    source,
)

_ACTION_LISTS = (PULL, CHECKED_PULL, (*CHECKED_PULL, *LOOK), (*CHECKED_PULL, *PUSH), (*CHECKED_PULL, *PUSH, *LOOK))


_Kind = Callable[[random.Random], Statements]


def plain(seed: str, count: int) -> Policies:
    """Return policies without a condition and without a Deny, all different."""
    return _policies(seed, count, _PLAIN)


def mixed(seed: str, count: int) -> Policies:
    """Return policies as in an organization's registries: six in ten plain, the rest with conditions or Denies."""
    return _policies(seed, count, _MIXED)


def _policies(seed: str, count: int, kinds: dict[_Kind, int]) -> Policies:
    rng = source(seed)
    drawn = rng.choices(list(kinds), weights=list(kinds.values()), k=count)
    return [(kind.__name__.strip("_"), _text(rng, kind(rng))) for kind in drawn]


def _text(rng: random.Random, statements: Statements) -> str:
    """Return the policy with these statements. Each has its own Sid, so that every text is different."""
    for statement in statements:
        statement["Sid"] = f"{rng.choice(TEAMS)}{rng.randrange(10**9)}"
    version = rng.choice(("2008-10-17", "2012-10-17", "2012-10-17"))
    policy: Json = {"Version": version, "Statement": list(statements)}
    return rng.choice((compact, pretty, pretty))(policy)


def _allow(grantee: Json, actions: Json, condition: Json = None) -> dict[str, Json]:
    statement: dict[str, Json] = {"Effect": "Allow", "Principal": grantee, "Action": actions}
    if condition is not None:
        statement["Condition"] = condition
    return statement


def _pull(rng: random.Random) -> Json:
    return list(rng.choice(_ACTION_LISTS[:3]))


def _owner_only(rng: random.Random) -> Statements:
    return [_allow({"AWS": f"arn:aws:iam::{OWNER}:root"}, rng.choice(("ecr:*", list(PULL))))]


def _one_account(rng: random.Random) -> Statements:
    return [_allow({"AWS": principal(rng, rng.choice((account(rng), *TRUSTED)))}, _pull(rng))]


def _many_accounts(rng: random.Random) -> Statements:
    grantees = [principal(rng, account(rng)) for _ in range(rng.randint(2, 12))]
    return [_allow({"AWS": grantees}, _pull(rng))]


def _build_and_deploy(rng: random.Random) -> Statements:
    builder = f"arn:aws:iam::{TRUSTED[1]}:role/{name(rng)}"
    readers = [f"arn:aws:iam::{number}:root" for number in TRUSTED]
    return [_allow({"AWS": builder}, list(_ACTION_LISTS[4])), _allow({"AWS": readers}, list(CHECKED_PULL))]


def _everything_to_one(rng: random.Random) -> Statements:
    return [_allow({"AWS": principal(rng, account(rng))}, rng.choice(("ecr:*", ["ecr:*"], list(MANAGE))))]


def _anybody(rng: random.Random) -> Statements:
    return [_allow(rng.choice(("*", {"AWS": "*"})), rng.choice(("ecr:*", list(PULL), list(LOOK))))]


def _service(rng: random.Random) -> Statements:
    return [_allow({"Service": f"{rng.choice(SERVICES)}.amazonaws.com"}, list(PULL))]


def _several(rng: random.Random) -> Statements:
    kinds = rng.choices((_owner_only, _one_account, _many_accounts, _service), k=rng.randint(2, 4))
    return [statement for kind in kinds for statement in kind(rng)]


def _function_of(rng: random.Random) -> Statements:
    number = rng.choice((OWNER, OWNER, account(rng)))
    function = f"arn:aws:lambda:{rng.choice(REGIONS)}:{number}:function:*"
    return [_allow({"Service": "lambda.amazonaws.com"}, list(PULL), {"StringLike": {"aws:sourceArn": function}})]


def _service_of(rng: random.Random) -> Statements:
    grantee = {"Service": f"{rng.choice(SERVICES)}.amazonaws.com"}
    return [_allow(grantee, list(PULL), {"StringEquals": {"aws:SourceAccount": OWNER}})]


def _organization(rng: random.Random) -> Statements:
    return [_allow("*", _pull(rng), {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}})]


def _organizational_units(rng: random.Random) -> Statements:
    paths: list[Json] = [organization_path(rng) + "*" for _ in range(rng.randint(1, 4))]
    return [_allow("*", _pull(rng), {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": paths}})]


def _roles_of_the_organization(rng: random.Random) -> Statements:
    condition: Json = {
        "StringEquals": {"aws:PrincipalOrgID": ORGANIZATION},
        "ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::*:role/{name(rng)}*"},
    }
    return [_allow("*", _pull(rng), condition)]


def _accounts_by_condition(rng: random.Random) -> Statements:
    numbers: list[Json] = [account(rng) for _ in range(rng.randint(1, 5))]
    return [_allow({"AWS": "*"}, _pull(rng), {"StringEquals": {"aws:PrincipalAccount": numbers}})]


def _denied_to_strangers(rng: random.Random) -> Statements:
    condition: Json = {"StringNotEquals": {"aws:PrincipalOrgID": ORGANIZATION}}
    guard: dict[str, Json] = {"Effect": "Deny", "Principal": "*", "Action": "ecr:*", "Condition": condition}
    return [*_anybody(rng), guard]


def _denied_changes(rng: random.Random) -> Statements:
    keepers: Json = [f"arn:aws:iam::{OWNER}:role/{name(rng)}" for _ in range(rng.randint(1, 3))]
    condition: Json = {"ArnNotLike": {"aws:PrincipalArn": keepers}}
    changes = some(rng, (*MANAGE, *PUSH), 2, 6)
    guard: dict[str, Json] = {"Effect": "Deny", "Principal": "*", "Action": changes, "Condition": condition}
    return [*_many_accounts(rng), guard]


_PLAIN: dict[_Kind, int] = {
    _owner_only: 2,
    _one_account: 5,
    _many_accounts: 5,
    _build_and_deploy: 3,
    _everything_to_one: 1,
    _anybody: 1,
    _service: 2,
    _several: 3,
}
_MIXED: dict[_Kind, int] = _PLAIN | {
    _function_of: 5,
    _service_of: 1,
    _organization: 3,
    _organizational_units: 1,
    _roles_of_the_organization: 1,
    _accounts_by_condition: 1,
    _denied_to_strangers: 1,
    _denied_changes: 2,
}
