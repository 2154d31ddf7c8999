"""The shapes of values that AWS gives its condition keys, and how several keys show one string."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import NamedTuple

from ..patterns import charsets
from ..patterns.charsets import ANY, UNKNOWN, Charset
from ..patterns.tokens import NOTHING, Block, Token, Tokens, exactly, literal, star


def some(charset: Charset) -> Tokens:
    """Return a pattern of one or more characters of a set."""
    return exactly(charset) + star(charset)


ANY_TEXT = star(charsets.TEXT)
NAMES = some(charsets.NAME)
PATHS = star(charsets.PATH) + literal("/") + NAMES
"""A path and a name. A path in IAM can have any printable character."""
TAG_VALUE = star(charsets.TAG)
LATER_TAG_VALUE = star(charsets.LATER_TAG)
"""A tag value in any version of Unicode."""
ACCOUNT = exactly(charsets.DIGIT, 12)
DIGITS = some(charsets.DIGIT)
WHOLE_NUMBERS = (literal("0"), exactly(charsets.DIGIT_BUT_ZERO) + star(charsets.DIGIT))
ORGANIZATION = literal("o-") + exactly(charsets.LOWER, 10) + star(charsets.LOWER)
HOST_NAME = some(charsets.HOST)
SERVICE_NAMES = tuple(
    exactly(charsets.LETTER) + star(charsets.HOST) + exactly(charsets.LOWER) + literal(ending)
    for ending in (".amazonaws.com", ".amazonaws.com.cn", ".amazon.com", ".aws.internal")
)
"""Names with the known endings. No list of them is complete."""
LABELS = some(charsets.LABEL)
REGION = some(charsets.LOWER_OR_HYPHEN)
WORDS = some(charsets.WORD)
PLAIN_RESOURCE = some(charsets.WITHOUT_COLONS)
ANY_RESOURCE = some(charsets.RESOURCE)
SERVICE_OF_ARN = exactly(charsets.LETTER) + star(charsets.LABEL)
REGION_OF_ARN = exactly(charsets.LETTER, 2) + star(charsets.LETTER_OR_HYPHEN) + exactly(charsets.DIGIT)
"""Such as `us-east-1`. No part of a Region's name is an account number."""
UNKNOWN_TEXT = some(UNKNOWN)
VPC = literal("vpc-") + some(charsets.LOWER_OR_HYPHEN)
VPC_ENDPOINT = literal("vpce-") + some(charsets.LOWER_OR_HYPHEN)

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
    return literal(prefix) + exactly(UNKNOWN, _ID), literal(prefix) + exactly(charsets.ID, _FEWEST) + star(charsets.ID)


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


class Reading(NamedTuple):
    """How one key shows the string of a domain.

    - `prefix`: the value is `prefix` and the string.
    - `leads`: if given, the value is what follows a lead. For example, the name of a user follows the path in the ARN.
    - `end`: if given, the value is what precedes it. For example, the id of an organization is the head of its path.
    - `charset`: the characters that a part of the string can have.
    - `many`: the key is multivalued, and this is its one value.
    """

    prefix: str = ""
    leads: tuple[Tokens, ...] = ()
    end: str = ""
    charset: Charset = ANY
    many: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether the key's value is the whole string, perhaps after a prefix."""
        return not (self.leads or self.end)

    def blocks(self, tokens: Tokens) -> tuple[Block, ...]:
        """Return a pattern on the key as patterns on the domain's string."""
        return _blocks_of_part(self, tokens) if self.end or self.leads else (_block((tokens, self.prefix)),)

    def value(self, text: str) -> str:
        """Return the key's value for the domain's string."""
        if self.end:
            return text.partition(self.end)[0]
        return text.rpartition("/")[2] if self.leads else self.prefix + text


@lru_cache(maxsize=4096)
def _blocks_of_part(reading: Reading, tokens: Tokens) -> tuple[Block, ...]:
    """Return a pattern on part of a string as patterns on the string.

    Cached, so that they are the same objects each time.
    """
    if not all(step.charset is not None or any(map(reading.charset.holds, step.literal)) for step in tokens.steps):
        return ()  # a step reads no character that the part can have
    narrowed = _narrow_wildcards(tokens, reading.charset)
    if reading.end:
        return (Block(narrowed + literal(reading.end) + star(ANY)),)
    return tuple([Block(lead + narrowed) for lead in reading.leads])


def _narrow_wildcards(tokens: Tokens, charset: Charset) -> Tokens:
    if tokens.text is not None:
        return tokens
    return Tokens(Token(charset=charset, star=step.star) if step.charset is ANY else step for step in tokens.steps)


_block = partial(tuple.__new__, Block)
"""Makes a Block from its fields, in half the time of NamedTuple's own constructor."""


PLAIN = Reading()
ONE_OF_LIST = Reading(many=True)
NAME_IN_PATH = Reading(leads=(NOTHING, star(charsets.PATH) + literal("/")), charset=charsets.NAME)
