"""Condition keys about the AWS principal that calls.

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
from .shapes import ACCOUNT, LATER_TAG_VALUE, NAMES, PATHS, TAG_VALUE, beginning, organization_paths, unique_id

USUAL = "outsider"
"""The name in witnesses, if any name fits."""


def principal(request: PrincipalRequest, key: str) -> Meaning:
    """Return the domain of `aws:PrincipalArn` and of the keys with the same name.

    For sessions, it is the role's ARN.
    """
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
    """Return the domain of a principal of "some other account". The account is part of the string."""
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
    """Return patterns of everything that begins with one of the numbers from `told_apart`."""
    return tuple([beginning(f"{number}:") for number in told_apart(request)])


def told_apart(request: PrincipalRequest) -> tuple[str, ...]:
    """Return the accounts that "some other account" excludes: those inside, and those searched by their number."""
    return (*request.trusted.accounts, *request.named_apart.accounts)


def userid(request: PrincipalRequest, key: str) -> Meaning:
    """Return the meaning of `aws:userid`. For root and federated users, the account is in it."""
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
    """Return the domain of the path in an organization. A `fresh` one has a root and units that no policy names."""
    if organization is None:
        return Fixed(None, many=True)
    shapes = organization_paths(organization, UNKNOWN if fresh else LOWER)
    return Strings({key: ONE_OF_LIST}, shapes, optional=optional)


def membership(request: PrincipalRequest, key: str) -> Meaning:
    """Return the domain of `aws:PrincipalOrgPaths`. For "some other organization", its id is the head of the string."""
    if request.organization != SOME_ORGANIZATION:
        return paths_of(key, request.organization, fresh=request.fresh)
    readings = {"aws:principalorgpaths": ONE_OF_LIST, "aws:principalorgid": Reading(end="/", charset=LOWER_OR_HYPHEN)}
    others = (*request.trusted.organizations, *request.named_apart.organizations)
    never = tuple([beginning(f"{name}/") for name in others])
    return Strings(readings, organization_paths(None, LOWER), never=never)


def account(request: PrincipalRequest, key: str) -> Meaning:
    """Return the meaning of `aws:PrincipalAccount`. For "some other account", it is part of the ARN."""
    return _some_principal(request) if request.account == SOME_ACCOUNT else Fixed((request.account,))


def organization(request: PrincipalRequest, key: str) -> Meaning:
    """Return the meaning of `aws:PrincipalOrgID`. For "some other organization", it is part of the path."""
    if request.organization == SOME_ORGANIZATION:
        return membership(request, key)
    return Fixed((request.organization,) if request.organization else None)


def principal_type(request: PrincipalRequest, _key: str) -> Meaning:
    """Return the value of `aws:PrincipalType`."""
    return Fixed((request.principal_type.value,))


def principal_tag(_request: PrincipalRequest, key: str) -> Meaning:
    """Return the domain of `aws:PrincipalTag/…`. An outsider can tag their own roles and users freely."""
    return Strings({key: PLAIN}, (TAG_VALUE,), optional=True, unsure=(LATER_TAG_VALUE,))


def is_no_service(_request: PrincipalRequest, _key: str) -> Meaning:
    """Return the value of `aws:PrincipalIsAWSService`."""
    return Fixed(("false",))
