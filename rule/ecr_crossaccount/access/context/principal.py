"""Condition keys that tell of the AWS principal who calls.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principal-properties
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import assert_never

from ..patterns.charset import DIGIT, LOWER, LOWER_OR_HYPHEN, NAME, PATH, UNKNOWN
from ..patterns.tokens import NOTHING, Tokens, literal, star
from .domains import Strings
from .readings import NAME_IN_PATH, ONE_OF_LIST, PLAIN, Reading
from .request import SOME_ACCOUNT, SOME_ORGANIZATION, Fixed, Meaning, PrincipalRequest, PrincipalType
from .shapes import ACCOUNT, NAMES, PATHS, TAG_VALUE, beginning, organization_paths, unique_id

USUAL = "outsider"
"""The name that witnesses bear where any will do."""


def principal(request: PrincipalRequest, key: str) -> Meaning:
    """`aws:PrincipalArn`, with the keys that show the same name; the role's ARN for its sessions too."""
    if request.account == SOME_ACCOUNT:
        return _some_principal(request)
    arn, start = "aws:principalarn", f"arn:{request.repository.partition}"
    iam, sts = f"{start}:iam::{request.account}:", f"{start}:sts::{request.account}:"
    match request.principal_type:
        case PrincipalType.ROOT:
            return Fixed((f"{iam}root",))
        case PrincipalType.FEDERATED:
            readings = {arn: Reading(f"{sts}federated-user/"), "aws:userid": Reading(f"{request.account}:")}
            return Strings(readings, (NAMES,), usual=USUAL)
        case PrincipalType.USER:
            readings = {arn: Reading(f"{iam}user/"), "aws:username": NAME_IN_PATH}
            return Strings(readings, (NAMES, PATHS), usual=USUAL)
        case PrincipalType.ROLE:
            return Strings({arn: Reading(f"{iam}role/")}, (NAMES, PATHS), usual=USUAL)
        case _:
            assert_never(request.principal_type)


_RESOURCES = {
    PrincipalType.ROOT: ("iam", ":root", (NOTHING,)),
    PrincipalType.FEDERATED: ("sts", ":federated-user/", (NAMES,)),
    PrincipalType.USER: ("iam", ":user/", (NAMES, PATHS)),
    PrincipalType.ROLE: ("iam", ":role/", (NAMES, PATHS)),
}


def _some_principal(request: PrincipalRequest) -> Strings:
    """A principal of an account that is not asked for by its number: the account is part of the string."""
    readings, shapes = _of_some_account(request.principal_type, request.repository.partition)
    return Strings(readings, shapes, never=_told_apart(request))


@lru_cache(maxsize=64)
def _of_some_account(principal_type: PrincipalType, partition: str) -> tuple[Mapping[str, Reading], tuple[Tokens, ...]]:
    service, kind, names = _RESOURCES[principal_type]
    readings = {
        "aws:principalarn": Reading(f"arn:{partition}:{service}::"),
        "aws:principalaccount": Reading(end=":", charset=DIGIT),
    }
    if principal_type is PrincipalType.ROOT:
        readings["aws:userid"] = Reading(end=":", charset=DIGIT)
    if principal_type is PrincipalType.USER:
        user = ACCOUNT + literal(kind)
        readings["aws:username"] = Reading(leads=(user, user + star(PATH) + literal("/")), charset=NAME)
    return readings, tuple(ACCOUNT + literal(kind) + name for name in names)


def _told_apart(request: PrincipalRequest) -> tuple[Tokens, ...]:
    """What begins with the number of one of those accounts."""
    return tuple([beginning(f"{number}:") for number in told_apart(request)])


def told_apart(request: PrincipalRequest) -> tuple[str, ...]:
    """The accounts that "some other account" is none of: those inside, and those asked for by their number."""
    return (*request.trusted.accounts, *request.named_apart.accounts)


def userid(request: PrincipalRequest, key: str) -> Meaning:
    """`aws:userid`, which for root and federated users has the account in it."""
    match request.principal_type:
        case PrincipalType.ROOT if request.account == SOME_ACCOUNT:
            return _some_principal(request)
        case PrincipalType.FEDERATED if request.account == SOME_ACCOUNT:
            return Strings({key: PLAIN}, (), unsure=(ACCOUNT + literal(":") + NAMES,), never=_told_apart(request))
        case PrincipalType.ROOT:
            return Fixed((request.account,))
        case PrincipalType.FEDERATED:
            return principal(request, key)
        case PrincipalType.USER:
            unknown, real = unique_id("AIDA")
            return Strings({key: PLAIN}, (unknown,), unsure=(real,))
        case PrincipalType.ROLE:
            unknown, real = _IDS_OF_ROLES
            return Strings({key: PLAIN}, (unknown,), unsure=(real,))
        case _:
            assert_never(request.principal_type)


_IDS_OF_ROLES = tuple(shape + literal(":") + NAMES for shape in unique_id("AROA"))


def paths_of(key: str, organization: str | None, *, fresh: bool, optional: bool = False) -> Meaning:
    """The place in an organization; a `fresh` one has a root and units that nobody has heard of."""
    if organization is None:
        return Fixed(None, many=True)
    shapes = organization_paths(organization, UNKNOWN if fresh else LOWER)
    return Strings({key: ONE_OF_LIST}, shapes, optional=optional)


def membership(request: PrincipalRequest, key: str) -> Meaning:
    """`aws:PrincipalOrgPaths`, with the organization at its head where that is not asked for by its id."""
    if request.organization != SOME_ORGANIZATION:
        return paths_of(key, request.organization, fresh=request.fresh)
    readings = {"aws:principalorgpaths": ONE_OF_LIST, "aws:principalorgid": Reading(end="/", charset=LOWER_OR_HYPHEN)}
    others = (*request.trusted.organizations, *request.named_apart.organizations)
    never = tuple([beginning(f"{name}/") for name in others])
    return Strings(readings, organization_paths(None, LOWER), never=never)


def account(request: PrincipalRequest, key: str) -> Meaning:
    """`aws:PrincipalAccount`: part of the ARN, where the account is not asked for by its number."""
    return _some_principal(request) if request.account == SOME_ACCOUNT else Fixed((request.account,))


def organization(request: PrincipalRequest, key: str) -> Meaning:
    """`aws:PrincipalOrgID`: part of the path, where the organization is not asked for by its id."""
    if request.organization == SOME_ORGANIZATION:
        return membership(request, key)
    return Fixed((request.organization,) if request.organization else None)


def principal_type(request: PrincipalRequest, _key: str) -> Meaning:
    """`aws:PrincipalType`."""
    return Fixed((request.principal_type.value,))


def principal_tag(_request: PrincipalRequest, key: str) -> Meaning:
    """`aws:PrincipalTag/…`: the outsider tags his roles and users as he likes."""
    return Strings({key: PLAIN}, (TAG_VALUE,), optional=True)


def is_no_service(_request: PrincipalRequest, _key: str) -> Meaning:
    """`aws:PrincipalIsAWSService`."""
    return Fixed(("false",))
