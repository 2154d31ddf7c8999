"""The shapes of values that AWS gives its condition keys."""

from __future__ import annotations

from functools import lru_cache

from ..patterns.tokens import (
    ANY,
    DIGIT,
    DIGIT_BUT_ZERO,
    HOST,
    ID,
    LABEL,
    LATER_TAG,
    LETTER,
    LETTER_OR_HYPHEN,
    LOWER,
    LOWER_OR_HYPHEN,
    NAME,
    NOTHING,
    PATH,
    PLAIN,
    RESOURCE,
    TAG,
    TEXT,
    UNKNOWN,
    WORD,
    Charset,
    Tokens,
    exactly,
    literal,
    star,
)


def some(charset: Charset) -> Tokens:
    """Return a pattern of one or more characters of a set."""
    return exactly(charset) + star(charset)


ANY_TEXT = star(TEXT)
NAMES = some(NAME)
PATHS = star(PATH) + literal("/") + NAMES
"""A path and a name. A path in IAM can have any printable character."""
TAG_VALUE = star(TAG)
LATER_TAG_VALUE = star(LATER_TAG)
"""A tag value in any version of Unicode."""
ACCOUNT = exactly(DIGIT, 12)
DIGITS = some(DIGIT)
WHOLE_NUMBERS = (literal("0"), exactly(DIGIT_BUT_ZERO) + star(DIGIT))
ORGANIZATION = literal("o-") + exactly(LOWER, 10) + star(LOWER)
HOST_NAME = some(HOST)
SERVICE_NAMES = tuple(
    exactly(LETTER) + star(HOST) + exactly(LOWER) + literal(ending)
    for ending in (".amazonaws.com", ".amazonaws.com.cn", ".amazon.com", ".aws.internal")
)
"""Names with the known endings. No list of them is complete."""
LABELS = some(LABEL)
REGION = some(LOWER_OR_HYPHEN)
WORDS = some(WORD)
PLAIN_RESOURCE = some(PLAIN)
ANY_RESOURCE = some(RESOURCE)
SERVICE_OF_ARN = exactly(LETTER) + star(LABEL)
REGION_OF_ARN = exactly(LETTER, 2) + star(LETTER_OR_HYPHEN) + exactly(DIGIT)
"""Such as `us-east-1`. No part of a Region's name is an account number."""
UNKNOWN_TEXT = some(UNKNOWN)
VPC = literal("vpc-") + some(LOWER_OR_HYPHEN)
VPC_ENDPOINT = literal("vpce-") + some(LOWER_OR_HYPHEN)

_ID = 17
"""The characters after the prefix in the unique ids that we have seen: `AROA` and 17 more."""
_FEWEST = 12
"""The fewest characters after the prefix of a unique id."""


@lru_cache(maxsize=4096)
def beginning(text: str) -> Tokens:
    """Return a pattern of all texts that begin with `text`. Cached, because many searches exclude the same accounts."""
    return literal(text) + star(ANY)


@lru_cache(maxsize=16)
def unique_id(prefix: str) -> tuple[Tokens, Tokens]:
    """Return a pattern of a unique id that nobody can choose, and one of any id that may exist.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html (RoleId: 16 to 128 word characters)
    """
    return literal(prefix) + exactly(UNKNOWN, _ID), literal(prefix) + exactly(ID, _FEWEST) + star(ID)


def _tail(charset: Charset) -> Tokens:
    return NOTHING if charset is UNKNOWN else star(charset)


@lru_cache(maxsize=64)
def organization_paths(organization: str | None, charset: Charset) -> tuple[Tokens, ...]:
    """Return values of `aws:PrincipalOrgPaths` in one organization or in any.

    A path has a root, and up to five levels of units below it.
    https://docs.aws.amazon.com/organizations/latest/APIReference/API_OrganizationalUnit.html (ids)
    """
    head = ORGANIZATION if organization is None else literal(organization)
    root = head + literal("/r-") + exactly(charset, 4) + _tail(charset) + literal("/")
    unit = literal("ou-") + exactly(charset, 4) + _tail(charset) + literal("-") + exactly(charset, 8) + _tail(charset)
    paths = [root]
    for _ in range(5):
        paths.append(paths[-1] + unit + literal("/"))
    return tuple(paths)
