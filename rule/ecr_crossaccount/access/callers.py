"""Condition keys that tell of the AWS principal who calls, and of his session.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html (global keys)
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html (keys of sessions)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from .charset import ANY, DIGIT, LOWER, LOWER_OR_HYPHEN, NAME, PATH, UNKNOWN
from .domains import NAME_IN_PATH, PLAIN, Options, Reading, Strings
from .scene import SOME_ACCOUNT, SOME_ORGANIZATION, Fixed, Meaning, Outsider, Sort
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
from .tokens import NOTHING, Tokens, literal, star
from .typed import Addresses, Times

ABSENT = Fixed(None)
USUAL = "outsider"
"""The name that witnesses bear where any will do."""

Rows = dict[str, Callable[[Outsider, str], Meaning]]


def principal(scene: Outsider, key: str) -> Meaning:
    """`aws:PrincipalArn`, with the keys that show the same name; the role's ARN for its sessions too."""
    if scene.account == SOME_ACCOUNT:
        return _some_principal(scene)
    arn, start = "aws:principalarn", f"arn:{scene.place.partition}"
    iam, sts = f"{start}:iam::{scene.account}:", f"{start}:sts::{scene.account}:"
    match scene.sort:
        case Sort.ROOT:
            return Fixed((f"{iam}root",))
        case Sort.FEDERATED:
            readings = {arn: Reading(f"{sts}federated-user/"), "aws:userid": Reading(f"{scene.account}:")}
            return Strings(readings, (NAMES,), usual=USUAL)
        case Sort.USER:
            readings = {arn: Reading(f"{iam}user/"), "aws:username": NAME_IN_PATH}
            return Strings(readings, (NAMES, PATHS), usual=USUAL)
        case Sort.ROLE:
            return Strings({arn: Reading(f"{iam}role/")}, (NAMES, PATHS), usual=USUAL)
        case _:
            assert_never(scene.sort)


_RESOURCES = {
    Sort.ROOT: ("iam", ":root", (NOTHING,)),
    Sort.FEDERATED: ("sts", ":federated-user/", (NAMES,)),
    Sort.USER: ("iam", ":user/", (NAMES, PATHS)),
    Sort.ROLE: ("iam", ":role/", (NAMES, PATHS)),
}


def _some_principal(scene: Outsider) -> Strings:
    """A principal of an account that is not asked for by its number: the account is part of the string."""
    service, kind, names = _RESOURCES[scene.sort]
    readings = {
        "aws:principalarn": Reading(f"arn:{scene.place.partition}:{service}::"),
        "aws:principalaccount": Reading(end=":", charset=DIGIT),
    }
    if scene.sort is Sort.ROOT:
        readings["aws:userid"] = Reading(end=":", charset=DIGIT)
    if scene.sort is Sort.USER:
        user = ACCOUNT + literal(kind)
        readings["aws:username"] = Reading(leads=(user, user + star(PATH) + literal("/")), charset=NAME)
    shapes = tuple(ACCOUNT + literal(kind) + name for name in names)
    never = tuple(literal(f"{number}:") + star(ANY) for number in _asked_apart(scene))
    return Strings(readings, shapes, never=never)


def _asked_apart(scene: Outsider) -> tuple[str, ...]:
    """The accounts that "some other account" is none of: those inside, and those asked for by their number."""
    return (*scene.inside.accounts, *scene.apart.accounts)


def _userid(scene: Outsider, key: str) -> Meaning:
    match scene.sort:
        case Sort.ROOT if scene.account == SOME_ACCOUNT:
            return _some_principal(scene)
        case Sort.FEDERATED if scene.account == SOME_ACCOUNT:
            return Strings({key: PLAIN}, (), unsure=(ACCOUNT + literal(":") + NAMES,))
        case Sort.ROOT:
            return Fixed((scene.account,))
        case Sort.FEDERATED:
            return principal(scene, key)
        case Sort.USER:
            unknown, real = unique_id("AIDA")
            return Strings({key: PLAIN}, (unknown,), unsure=(real,))
        case Sort.ROLE:
            unknown, real = (shape + literal(":") + NAMES for shape in unique_id("AROA"))
            return Strings({key: PLAIN}, (unknown,), unsure=(real,))
        case _:
            assert_never(scene.sort)


def _username(scene: Outsider, key: str) -> Meaning:
    return principal(scene, key) if scene.sort is Sort.USER else ABSENT


def paths_of(key: str, organization: str | None, *, fresh: bool, optional: bool = False) -> Meaning:
    """The place in an organization; a `fresh` one has a root and units that nobody has heard of."""
    if organization is None:
        return Fixed(None, many=True)
    shapes = organization_paths(organization, UNKNOWN if fresh else LOWER)
    return Strings({key: PLAIN}, shapes, optional=optional)


def _membership(scene: Outsider, key: str) -> Meaning:
    """`aws:PrincipalOrgPaths`, with the organization at its head where that is not asked for by its id."""
    if scene.organization != SOME_ORGANIZATION:
        return paths_of(key, scene.organization, fresh=scene.fresh)
    readings = {"aws:principalorgpaths": PLAIN, "aws:principalorgid": Reading(end="/", charset=LOWER_OR_HYPHEN)}
    others = (*scene.inside.organizations, *scene.apart.organizations)
    never = tuple(literal(f"{name}/") + star(ANY) for name in others)
    return Strings(readings, organization_paths(None, LOWER), never=never)


def _account(scene: Outsider, key: str) -> Meaning:
    return _some_principal(scene) if scene.account == SOME_ACCOUNT else Fixed((scene.account,))


def _organization(scene: Outsider, key: str) -> Meaning:
    if scene.organization == SOME_ORGANIZATION:
        return _membership(scene, key)
    return Fixed((scene.organization,) if scene.organization else None)


def principal_tag(scene: Outsider, key: str) -> Meaning:
    """`aws:PrincipalTag/…`: the outsider tags his roles and users as he likes. Root has no tags."""
    if scene.sort is Sort.ROOT:
        return ABSENT
    return Strings({key: PLAIN}, (TAG_VALUE,), optional=True)


def _text(shape: Tokens, *odd: Tokens) -> Callable[[Outsider, str], Meaning]:
    """A text that the caller chooses, or leaves out; whether it may be an `odd` one is not documented."""
    return lambda scene, key: Strings({key: PLAIN}, (shape,), optional=True, unsure=odd)


_FREE = _text(ANY_TEXT, star(ANY))


def _session(meaning: Callable[[Outsider, str], Meaning]) -> Callable[[Outsider, str], Meaning]:
    """A key that only sessions of roles carry."""
    return lambda scene, key: meaning(scene, key) if scene.sort is Sort.ROLE else ABSENT


def _session_arn(*kinds: tuple[str, Tokens], region: Tokens = REGION_OF_ARN) -> Callable[[Outsider, str], Meaning]:
    """An ARN in the caller's own account, so that it moves with `aws:PrincipalAccount`."""

    def meaning(scene: Outsider, key: str) -> Meaning:
        starts = [literal(f"arn:{scene.place.partition}:{service}:") + region + literal(":") for service, _ in kinds]
        if scene.account == SOME_ACCOUNT:
            # Which account this is and which the ARN names are not searched together: absence alone is sure.
            shapes = tuple(start + ACCOUNT + literal(":") + kind[1] for start, kind in zip(starts, kinds, strict=True))
            never = tuple(start + literal(f"{one}:") + star(ANY) for start in starts for one in _asked_apart(scene))
            return Strings({key: PLAIN}, (), optional=True, unsure=shapes, never=never)
        own = literal(f"{scene.account}:")
        shapes = tuple(start + own + kind[1] for start, kind in zip(starts, kinds, strict=True))
        return Strings({key: PLAIN}, shapes, optional=True)

    return _session(meaning)


def _presence(scene: Outsider, key: str) -> Meaning:
    """Of these an outsider chooses whether they are there, and not what they hold."""
    return Strings({key: PLAIN}, (UNKNOWN_TEXT,), optional=True, unsure=(ANY_TEXT,))


def _age(scene: Outsider, key: str) -> Meaning:
    """A number of seconds, as AWS writes one, or nothing where no device was asked."""
    return Strings({key: PLAIN}, WHOLE_NUMBERS, optional=True, unsure=(DIGITS,), usual="300")


def _assumed_root(scene: Outsider, key: str) -> Meaning:
    if scene.sort not in (Sort.ROLE, Sort.ROOT):
        return ABSENT
    return Options(key, (None, ("true",), ("false",)))


def _provider(scene: Outsider, key: str) -> Meaning:
    """An identity provider of the caller's own account, by its ARN, or a public one by its name."""
    if scene.account == SOME_ACCOUNT:
        return Strings({key: PLAIN}, (), optional=True, unsure=(ANY_TEXT,))
    own = literal(f"arn:{scene.place.partition}:iam::{scene.account}:")
    shapes = (own + literal("saml-provider/") + NAMES, own + literal("oidc-provider/") + PLAIN_RESOURCE, PLAIN_RESOURCE)
    return Strings({key: PLAIN}, shapes, optional=True)


_INSTANCE = literal("instance/") + LABELS
_BUILD = literal("build/") + WORDS + literal(":") + WORDS

CALLER: Rows = {
    "aws:principalarn": principal,
    "aws:principalaccount": _account,
    "aws:principalorgid": _organization,
    "aws:principalorgpaths": _membership,
    "aws:principaltype": lambda scene, key: Fixed((scene.sort.value,)),
    "aws:userid": _userid,
    "aws:username": _username,
    "aws:useragent": _FREE,
    "aws:referer": _FREE,
    "aws:sourceidentity": _text(NAMES),
    "aws:multifactorauthpresent": lambda scene, key: Options(key, (None, ("true",), ("false",))),
    "aws:multifactorauthage": _age,
    "aws:tokenissuetime": lambda scene, key: Times(key, None, None, optional=True),
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
    "aws:ec2instancesourceprivateipv4": _session(lambda scene, key: Addresses(key, private=True, optional=True)),
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
