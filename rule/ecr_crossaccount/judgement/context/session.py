"""Condition keys about the caller's session, and keys that the caller fills.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-role-session-properties
"""

from __future__ import annotations

from collections.abc import Sequence

from ..patterns.charset import ANY, GENERIC, TEXT, UNKNOWN
from ..patterns.samples import IPV4
from ..patterns.tokens import Tokens, exactly, literal, star
from .domains import Options, Strings
from .key import CallerRule
from .lists import Lists
from .principal import told_apart
from .readings import PLAIN
from .request import SOME_ACCOUNT, Meaning, PrincipalRequest
from .shapes import (
    ACCOUNT,
    ANY_TEXT,
    DIGITS,
    LABELS,
    NAMES,
    PLAIN_RESOURCE,
    REGION_OF_ARN,
    UNKNOWN_TEXT,
    WHOLE_NUMBERS,
    WORDS,
    some,
)
from .typed_domains import Addresses, Times


def text(shape: Tokens, *odd: Tokens) -> CallerRule:
    """Return a rule for a text that the caller chooses or omits.

    AWS does not document whether it can be an `odd` one.
    """
    return lambda _request, key: Strings({key: PLAIN}, (shape,), optional=True, unsure=odd)


free = text(ANY_TEXT, star(ANY))
"""The rule for any text, or none."""


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


def presence(_request: PrincipalRequest, key: str) -> Meaning:
    """Return the domain of a key. An outsider can choose whether it is present, but not its value."""
    return Strings({key: PLAIN}, (UNKNOWN_TEXT,), optional=True, unsure=(ANY_TEXT,))


_OWNER, _NUMBER = exactly(UNKNOWN, 8), literal("@") + exactly(UNKNOWN, 9)
_OF_REPOSITORY = literal("repo:") + _OWNER + _NUMBER + literal("/") + LABELS + _NUMBER + literal(":")
_SUBJECTS = (
    *(_OF_REPOSITORY + literal(f"ref:refs/{kind}/") + LABELS for kind in ("heads", "tags")),
    _OF_REPOSITORY + literal("environment:") + LABELS,
    _OF_REPOSITORY + literal("pull_request"),
)

_USUAL_SUBJECT = f"repo:{GENERIC * 8}@{GENERIC * 9}/app@{GENERIC * 9}:ref:refs/heads/main"


def subject_of_github(_request: PrincipalRequest, key: str) -> Meaning:
    """Return the domain of the subject of a GitHub workflow. It can be absent. Anyone can have repositories on GitHub.

    For a new repository, the subject begins with the names and ids of the owner and the repository. Nobody can choose
    the id, or an owner's name that the policy names literally. An organization can choose other claims for its
    subjects. The page has examples, and does not say which texts no subject can be.
    https://docs.github.com/en/actions/reference/security/oidc#example-subject-claims
    """
    return Strings({key: PLAIN}, _SUBJECTS, optional=True, unsure=(ANY_TEXT,), usual=_USUAL_SUBJECT)


def age(_request: PrincipalRequest, key: str) -> Meaning:
    """Return the domain of a number of seconds, as AWS writes it. It is absent if no MFA device was used."""
    return Strings({key: PLAIN}, WHOLE_NUMBERS, optional=True, unsure=(DIGITS,), usual="300")


def flag(_request: PrincipalRequest, key: str) -> Meaning:
    """Return the options true, false and absent. The caller chooses how to sign in."""
    return Options(key, (None, ("true",), ("false",)))


def issue_time(_request: PrincipalRequest, key: str) -> Meaning:
    """Return the domain of any moment, or none.

    The caller chooses when to sign in, and does not need temporary credentials.
    """
    return Times(key, None, None, optional=True)


def one_of(*values: str, odd: Sequence[str] = ()) -> CallerRule:
    """Return a rule for one of the values that AWS lists, or none. The caller chooses what runs with its role.

    AWS does not document whether a value is ever written in an `odd` way.
    """
    unsure = tuple((value,) for value in odd)
    return lambda _request, key: Options(key, (None, *((value,) for value in values)), unsure)


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
