"""Condition keys about the AWS principal that calls and its session, and keys that the caller fills.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principal-properties
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-role-session-properties
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import assert_never

from ..patterns.charsets import ANY, DIGIT, GENERIC, LOWER, LOWER_OR_HYPHEN, NAME, PATH, TEXT, UNKNOWN
from ..patterns.numbers import IPV4
from ..patterns.tokens import NOTHING, Tokens, exactly, literal, star
from .domains import Options, Strings
from .request import SOME_ACCOUNT, SOME_ORGANIZATION, CallerRule, Fixed, Meaning, PrincipalRequest, PrincipalType
from .shapes import (
    ACCOUNT,
    ANY_TEXT,
    DIGITS,
    LABELS,
    LATER_TAG_VALUE,
    NAME_IN_PATH,
    NAMES,
    ONE_OF_LIST,
    PATHS,
    PLAIN,
    PLAIN_RESOURCE,
    REGION_OF_ARN,
    TAG_VALUE,
    UNKNOWN_TEXT,
    WHOLE_NUMBERS,
    WORDS,
    Reading,
    beginning,
    organization_paths,
    some,
    unique_id,
)
from .typed_domains import Addresses, Lists, Times

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


Rule = Callable[[object, str], Meaning]
"""A rule of a key that means the same in every request."""


def text(*shapes: Tokens, odd: Sequence[Tokens] = (), usual: str = "") -> Rule:
    """Return a rule for a text that the caller chooses or omits.

    AWS does not document whether it can be an `odd` one. `usual` is one that is easy to read.
    """
    unsure = tuple(odd)
    return lambda _request, key: Strings({key: PLAIN}, shapes, optional=True, unsure=unsure, usual=usual)


free = text(ANY_TEXT, odd=[star(ANY)])
"""The rule for any text, or none."""
principal_tag = text(TAG_VALUE, odd=[LATER_TAG_VALUE])
"""The rule of `aws:PrincipalTag/…`. An outsider can tag their own roles and users freely."""
presence = text(UNKNOWN_TEXT, odd=[ANY_TEXT])
"""The rule of a key about which an outsider can choose whether it is present, but not its value."""
age = text(*WHOLE_NUMBERS, odd=[DIGITS], usual="300")
"""The rule for a number of seconds, as AWS writes it. It is absent if no MFA device was used."""


def user_agent(_request: PrincipalRequest, key: str) -> Meaning:
    """Return the domain of any text. AWS says that it is always present, but not what it is if a client sends none."""
    return Strings({key: PLAIN}, (ANY_TEXT,), perhaps_absent=True, unsure=(star(ANY),))


def free_list(_request: PrincipalRequest, key: str) -> Meaning:
    """Return the domain of any texts, or none. What a list of one empty text means is not documented."""
    return Lists(Strings({key: PLAIN}, (some(TEXT),), unsure=(star(ANY),)))


Kind = tuple[str, Tokens]
"""The service of an ARN, and the part that follows the account."""


def own_arn(*kinds: Kind, odd: Sequence[Kind] = (), region: Tokens = REGION_OF_ARN) -> CallerRule:
    """Return a rule for an ARN in the caller's own account, of one of these kinds.

    AWS does not document whether it ever sends one of an `odd` kind.
    """

    def meaning(request: PrincipalRequest, key: str) -> Meaning:
        def start(kind: Kind) -> Tokens:
            return literal(f"arn:{request.repository.partition}:{kind[0]}:") + region + literal(":")

        if request.account == SOME_ACCOUNT:
            # The account of the caller and the account in the ARN are not searched together. So only absence is sure.
            every = (*kinds, *odd)
            shapes = tuple(start(kind) + ACCOUNT + literal(":") + kind[1] for kind in every)
            others = (literal(f"{one}:") + star(ANY) for one in told_apart(request))
            never = tuple(start(kind) + other for other in others for kind in every)
            return Strings({key: PLAIN}, (), optional=True, unsure=shapes, never=never)
        own = literal(f"{request.account}:")
        sure, unsure = (tuple(start(kind) + own + kind[1] for kind in some) for some in (kinds, odd))
        return Strings({key: PLAIN}, sure, optional=True, unsure=unsure)

    return meaning


_OWNER, _NUMBER = exactly(UNKNOWN, 8), literal("@") + exactly(UNKNOWN, 9)
_OF_REPOSITORY = literal("repo:") + _OWNER + _NUMBER + literal("/") + LABELS + _NUMBER + literal(":")
_SUBJECTS = (
    *(_OF_REPOSITORY + literal(f"ref:refs/{kind}/") + LABELS for kind in ("heads", "tags")),
    _OF_REPOSITORY + literal("environment:") + LABELS,
    _OF_REPOSITORY + literal("pull_request"),
)

_USUAL_SUBJECT = f"repo:{GENERIC * 8}@{GENERIC * 9}/app@{GENERIC * 9}:ref:refs/heads/main"

subject_of_github = text(*_SUBJECTS, odd=[ANY_TEXT], usual=_USUAL_SUBJECT)
"""The rule for the subject of a GitHub workflow. It can be absent. Anyone can have repositories on GitHub.

For a new repository, the subject begins with the names and ids of the owner and the repository. Nobody can choose the
id, or an owner's name that the policy names literally. An organization can choose other claims for its subjects. The
page has examples, and does not say which texts no subject can be.
https://docs.github.com/en/actions/reference/security/oidc#example-subject-claims
"""


def issue_time(_request: PrincipalRequest, key: str) -> Meaning:
    """Return the domain of any moment, or none.

    The caller chooses when to sign in, and does not need temporary credentials.
    """
    return Times(key, None, None, optional=True)


def options(sure: Iterable[str | None], unsure: Iterable[str | None] = ()) -> Rule:
    """Return a rule for one of some values, or absence (None). It cannot be determined if one of `unsure` is possible.

    If the caller chooses what runs with its role, it chooses one of the values that AWS lists, or none.
    """
    known, others = (tuple(value if value is None else (value,) for value in some) for some in (sure, unsure))
    return lambda _request, key: Options(key, known, others)


flag = options([None, "true", "false"])
"""The rule for true, false and absent. The caller chooses how to sign in."""


def instance_address(_request: PrincipalRequest, key: str) -> Meaning:
    """Return the domain of a private IPv4 address. The caller can give the instance any."""
    return Addresses(key, private=True, versions=(IPV4,), optional=True)


def provider(request: PrincipalRequest, key: str) -> Meaning:
    """Return the domain of an identity provider: an ARN in the caller's account, or the name of a public one."""
    if request.account == SOME_ACCOUNT:
        return Strings({key: PLAIN}, (), optional=True, unsure=(ANY_TEXT,))
    own = literal(f"arn:{request.repository.partition}:iam::{request.account}:")
    shapes = (own + literal("saml-provider/") + NAMES, own + literal("oidc-provider/") + PLAIN_RESOURCE, PLAIN_RESOURCE)
    return Strings({key: PLAIN}, shapes, optional=True)


INSTANCE = literal("instance/") + LABELS
MANAGED_INSTANCE = literal("managed-") + INSTANCE
BUILD = literal("build/") + WORDS + literal(":") + WORDS
BATCH = literal("build-batch/") + WORDS + literal(":") + WORDS
PROJECT = literal("project/") + WORDS
FUNCTION = literal("function:") + WORDS
VERSION = FUNCTION + literal(":") + PLAIN_RESOURCE
"""The parts that follow the account in the ARNs of sessions."""
