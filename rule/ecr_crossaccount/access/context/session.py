"""Condition keys that tell of the caller's session, and those that he fills himself.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-role-session-properties
"""

from __future__ import annotations

from collections.abc import Sequence

from ..patterns.charset import ANY, GENERIC, UNKNOWN
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
)
from .typed_domains import Addresses, Times


def text(shape: Tokens, *odd: Tokens) -> CallerRule:
    """A text that the caller chooses, or leaves out; whether it may be an `odd` one is not documented."""
    return lambda _request, key: Strings({key: PLAIN}, (shape,), optional=True, unsure=odd)


free = text(ANY_TEXT, star(ANY))
"""Any text, or nothing."""


def user_agent(_request: PrincipalRequest, key: str) -> Meaning:
    """Any text: AWS says that it is always there, and not what it holds where a client sends none."""
    return Strings({key: PLAIN}, (ANY_TEXT,), perhaps_absent=True, unsure=(star(ANY),))


def free_list(_request: PrincipalRequest, key: str) -> Meaning:
    """Any texts, or nothing."""
    return Lists(Strings({key: PLAIN}, (ANY_TEXT,), unsure=(star(ANY),)))


Kind = tuple[str, Tokens]
"""The service of an ARN, and what follows the account in it."""


def own_arn(*kinds: Kind, odd: Sequence[Kind] = (), region: Tokens = REGION_OF_ARN) -> CallerRule:
    """An ARN in the caller's own account, of one of some kinds.

    Whether one of an `odd` kind is ever sent is not documented.
    """

    def meaning(request: PrincipalRequest, key: str) -> Meaning:
        def start(kind: Kind) -> Tokens:
            return literal(f"arn:{request.repository.partition}:{kind[0]}:") + region + literal(":")

        if request.account == SOME_ACCOUNT:
            # Which account this is and which the ARN names are not searched together: absence alone is sure.
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
    """Of these an outsider chooses whether they are there, and not what they hold."""
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
    """The subject of a workflow of GitHub, for everybody can have repositories there, or nothing.

    Of a new repository it begins with the owner's and the repository's names and ids: the id, and an owner's name that
    the policy writes out, nobody chooses. In every other form it is made of claims, each with a colon before its value;
    only the context of a pull request, where nothing else is included, has none.

    https://docs.github.com/en/actions/reference/security/oidc#example-subject-claims
    """
    others = (ANY_TEXT + literal(":") + ANY_TEXT, literal("pull_request"))
    return Strings({key: PLAIN}, _SUBJECTS, optional=True, unsure=others, usual=_USUAL_SUBJECT)


def age(_request: PrincipalRequest, key: str) -> Meaning:
    """A number of seconds, as AWS writes one, or nothing where no device was asked."""
    return Strings({key: PLAIN}, WHOLE_NUMBERS, optional=True, unsure=(DIGITS,), usual="300")


def flag(_request: PrincipalRequest, key: str) -> Meaning:
    """True, false or absent: it is for the caller to choose how he signs in."""
    return Options(key, (None, ("true",), ("false",)))


def issue_time(_request: PrincipalRequest, key: str) -> Meaning:
    """Any moment, or none: the caller chooses when he signs in, and may do without temporary credentials."""
    return Times(key, None, None, optional=True)


def one_of(*values: str, odd: Sequence[str] = ()) -> CallerRule:
    """One of a few values that AWS lists, or nothing; whether one is written in an `odd` way is not documented.

    The caller chooses what runs with his role.
    """
    unsure = tuple((value,) for value in odd)
    return lambda _request, key: Options(key, (None, *((value,) for value in values)), unsure)


def instance_address(_request: PrincipalRequest, key: str) -> Meaning:
    """A private IPv4 address, whichever he gives the instance."""
    return Addresses(key, private=True, versions=(IPV4,), optional=True)


def provider(request: PrincipalRequest, key: str) -> Meaning:
    """An identity provider of the caller's own account, by its ARN, or a public one by its name."""
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
"""What follows the account in the ARNs of sessions."""
