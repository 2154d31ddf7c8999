"""Condition keys that tell of the AWS principal who calls, and of his session.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html (global keys)
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html (keys of sessions)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from ..patterns.charset import ANY, DIGIT, LOWER, LOWER_OR_HYPHEN, NAME, PATH, UNKNOWN
from ..patterns.tokens import NOTHING, Tokens, literal, star
from .domains import NAME_IN_PATH, PLAIN, Options, Reading, Strings
from .request import SOME_ACCOUNT, SOME_ORGANIZATION, Fixed, Meaning, PrincipalRequest, PrincipalType
from .shapes import (
    ACCOUNT,
    ANY_TEXT,
    DIGITS,
    LABELS,
    NAMES,
    PATHS,
    PLAIN_RESOURCE,
    REGION_OF_ARN,
    TAG_VALUE,
    UNKNOWN_TEXT,
    VPC,
    WHOLE_NUMBERS,
    WORDS,
    organization_paths,
    unique_id,
)
from .typed_domains import Addresses, Times

ABSENT = Fixed(None)
USUAL = "outsider"
"""The name that witnesses bear where any will do."""

Rows = dict[str, Callable[[PrincipalRequest, str], Meaning]]


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
    service, kind, names = _RESOURCES[request.principal_type]
    readings = {
        "aws:principalarn": Reading(f"arn:{request.repository.partition}:{service}::"),
        "aws:principalaccount": Reading(end=":", charset=DIGIT),
    }
    if request.principal_type is PrincipalType.ROOT:
        readings["aws:userid"] = Reading(end=":", charset=DIGIT)
    if request.principal_type is PrincipalType.USER:
        user = ACCOUNT + literal(kind)
        readings["aws:username"] = Reading(leads=(user, user + star(PATH) + literal("/")), charset=NAME)
    shapes = tuple(ACCOUNT + literal(kind) + name for name in names)
    never = tuple(literal(f"{number}:") + star(ANY) for number in _told_apart(request))
    return Strings(readings, shapes, never=never)


def _told_apart(request: PrincipalRequest) -> tuple[str, ...]:
    """The accounts that "some other account" is none of: those inside, and those asked for by their number."""
    return (*request.trusted.accounts, *request.named_apart.accounts)


def _userid(request: PrincipalRequest, key: str) -> Meaning:
    match request.principal_type:
        case PrincipalType.ROOT if request.account == SOME_ACCOUNT:
            return _some_principal(request)
        case PrincipalType.FEDERATED if request.account == SOME_ACCOUNT:
            return Strings({key: PLAIN}, (), unsure=(ACCOUNT + literal(":") + NAMES,))
        case PrincipalType.ROOT:
            return Fixed((request.account,))
        case PrincipalType.FEDERATED:
            return principal(request, key)
        case PrincipalType.USER:
            unknown, real = unique_id("AIDA")
            return Strings({key: PLAIN}, (unknown,), unsure=(real,))
        case PrincipalType.ROLE:
            unknown, real = (shape + literal(":") + NAMES for shape in unique_id("AROA"))
            return Strings({key: PLAIN}, (unknown,), unsure=(real,))
        case _:
            assert_never(request.principal_type)


def _username(request: PrincipalRequest, key: str) -> Meaning:
    return principal(request, key) if request.principal_type is PrincipalType.USER else ABSENT


def paths_of(key: str, organization: str | None, *, fresh: bool, optional: bool = False) -> Meaning:
    """The place in an organization; a `fresh` one has a root and units that nobody has heard of."""
    if organization is None:
        return Fixed(None, many=True)
    shapes = organization_paths(organization, UNKNOWN if fresh else LOWER)
    return Strings({key: PLAIN}, shapes, optional=optional)


def _membership(request: PrincipalRequest, key: str) -> Meaning:
    """`aws:PrincipalOrgPaths`, with the organization at its head where that is not asked for by its id."""
    if request.organization != SOME_ORGANIZATION:
        return paths_of(key, request.organization, fresh=request.fresh)
    readings = {"aws:principalorgpaths": PLAIN, "aws:principalorgid": Reading(end="/", charset=LOWER_OR_HYPHEN)}
    others = (*request.trusted.organizations, *request.named_apart.organizations)
    never = tuple(literal(f"{name}/") + star(ANY) for name in others)
    return Strings(readings, organization_paths(None, LOWER), never=never)


def _account(request: PrincipalRequest, key: str) -> Meaning:
    return _some_principal(request) if request.account == SOME_ACCOUNT else Fixed((request.account,))


def _organization(request: PrincipalRequest, key: str) -> Meaning:
    if request.organization == SOME_ORGANIZATION:
        return _membership(request, key)
    return Fixed((request.organization,) if request.organization else None)


def principal_tag(request: PrincipalRequest, key: str) -> Meaning:
    """`aws:PrincipalTag/…`: the outsider tags his roles and users as he likes. Root has no tags."""
    if request.principal_type is PrincipalType.ROOT:
        return ABSENT
    return Strings({key: PLAIN}, (TAG_VALUE,), optional=True)


def _text(shape: Tokens, *odd: Tokens) -> Callable[[PrincipalRequest, str], Meaning]:
    """A text that the caller chooses, or leaves out; whether it may be an `odd` one is not documented."""
    return lambda request, key: Strings({key: PLAIN}, (shape,), optional=True, unsure=odd)


_FREE = _text(ANY_TEXT, star(ANY))


def _session(meaning: Callable[[PrincipalRequest, str], Meaning]) -> Callable[[PrincipalRequest, str], Meaning]:
    """A key that only sessions of roles carry."""
    return lambda request, key: meaning(request, key) if request.principal_type is PrincipalType.ROLE else ABSENT


def _session_arn(
    *kinds: tuple[str, Tokens], region: Tokens = REGION_OF_ARN
) -> Callable[[PrincipalRequest, str], Meaning]:
    """An ARN in the caller's own account, so that it moves with `aws:PrincipalAccount`."""

    def meaning(request: PrincipalRequest, key: str) -> Meaning:
        starts = [
            literal(f"arn:{request.repository.partition}:{service}:") + region + literal(":") for service, _ in kinds
        ]
        if request.account == SOME_ACCOUNT:
            # Which account this is and which the ARN names are not searched together: absence alone is sure.
            shapes = tuple(start + ACCOUNT + literal(":") + kind[1] for start, kind in zip(starts, kinds, strict=True))
            never = tuple(start + literal(f"{one}:") + star(ANY) for start in starts for one in _told_apart(request))
            return Strings({key: PLAIN}, (), optional=True, unsure=shapes, never=never)
        own = literal(f"{request.account}:")
        shapes = tuple(start + own + kind[1] for start, kind in zip(starts, kinds, strict=True))
        return Strings({key: PLAIN}, shapes, optional=True)

    return _session(meaning)


def _presence(request: PrincipalRequest, key: str) -> Meaning:
    """Of these an outsider chooses whether they are there, and not what they hold."""
    return Strings({key: PLAIN}, (UNKNOWN_TEXT,), optional=True, unsure=(ANY_TEXT,))


def _age(request: PrincipalRequest, key: str) -> Meaning:
    """A number of seconds, as AWS writes one, or nothing where no device was asked."""
    return Strings({key: PLAIN}, WHOLE_NUMBERS, optional=True, unsure=(DIGITS,), usual="300")


def _assumed_root(request: PrincipalRequest, key: str) -> Meaning:
    if request.principal_type not in (PrincipalType.ROLE, PrincipalType.ROOT):
        return ABSENT
    return Options(key, (None, ("true",), ("false",)))


def _provider(request: PrincipalRequest, key: str) -> Meaning:
    """An identity provider of the caller's own account, by its ARN, or a public one by its name."""
    if request.account == SOME_ACCOUNT:
        return Strings({key: PLAIN}, (), optional=True, unsure=(ANY_TEXT,))
    own = literal(f"arn:{request.repository.partition}:iam::{request.account}:")
    shapes = (own + literal("saml-provider/") + NAMES, own + literal("oidc-provider/") + PLAIN_RESOURCE, PLAIN_RESOURCE)
    return Strings({key: PLAIN}, shapes, optional=True)


_INSTANCE = literal("instance/") + LABELS
_BUILD = literal("build/") + WORDS + literal(":") + WORDS

CALLER: Rows = {
    "aws:principalarn": principal,
    "aws:principalaccount": _account,
    "aws:principalorgid": _organization,
    "aws:principalorgpaths": _membership,
    "aws:principaltype": lambda request, key: Fixed((request.principal_type.value,)),
    "aws:userid": _userid,
    "aws:username": _username,
    "aws:useragent": _FREE,
    "aws:referer": _FREE,
    "aws:sourceidentity": _text(NAMES),
    "aws:multifactorauthpresent": lambda request, key: Options(key, (None, ("true",), ("false",))),
    "aws:multifactorauthage": _age,
    "aws:tokenissuetime": lambda request, key: Times(key, None, None, optional=True),
}
SESSION: Rows = {
    "ec2:sourceinstancearn": _session_arn(("ec2", _INSTANCE)),
    "ssm:sourceinstancearn": _session_arn(("ec2", _INSTANCE), ("ssm", literal("managed-") + _INSTANCE)),
    "lambda:sourcefunctionarn": _session_arn(("lambda", literal("function:") + WORDS)),
    "codebuild:buildarn": _session_arn(("codebuild", _BUILD)),
    "codebuild:projectarn": _session_arn(("codebuild", literal("project/") + WORDS)),
    "aws:chatbotsourcearn": _session_arn(("chatbot", PLAIN_RESOURCE), region=NOTHING),
    "aws:signinsessionarn": _session_arn(("signin", PLAIN_RESOURCE)),
    "aws:federatedprovider": _session(_provider),
    "aws:assumedroot": _assumed_root,
    "aws:ec2instancesourcevpc": _session(_text(VPC)),
    "aws:ec2instancesourceprivateipv4": _session(lambda request, key: Addresses(key, private=True, optional=True)),
    "ec2:roledelivery": _session(_presence),
    "glue:roleassumedby": _session(_presence),
    "glue:credentialissuingservice": _session(_presence),
    "identitystore:userid": _session(_presence),
    "saml:namequalifier": _session(_presence),
    "saml:sub": _session(_FREE),
    "saml:sub_type": _session(_FREE),
}
ISSUER: Rows = {
    "sub": _session(_presence),
    "aud": _session(_FREE),
    "amr": _session(_FREE),
    "id": _session(_FREE),
}
"""Keys behind the name of an OpenID Connect issuer, as in `accounts.google.com:aud`."""
