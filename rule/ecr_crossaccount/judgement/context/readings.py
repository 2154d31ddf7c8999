"""How keys that depend on each other show the one string that their values are made of."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import NamedTuple

from ..patterns.charset import ANY, NAME, PATH, Charset
from ..patterns.tokens import NOTHING, Block, Token, Tokens, literal, star


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
    def is_whole(self) -> bool:
        """Whether the key's value is the string itself."""
        return self.is_plain and not self.prefix

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
    if not all(_may_be_of(step, reading.charset) for step in tokens.steps):
        return ()
    narrowed = _narrowed(tokens, reading.charset)
    if reading.end:
        return (Block(narrowed + literal(reading.end) + star(ANY)),)
    return tuple([Block(lead + narrowed) for lead in reading.leads])


def _may_be_of(step: Token, charset: Charset) -> bool:
    """Return whether a step may read a character of a set, or nothing."""
    return step.charset is not None or any(map(charset.holds, step.literal))


def _narrowed(tokens: Tokens, charset: Charset) -> Tokens:
    """Return the pattern with wildcards that match only characters of `charset`."""
    if tokens.text is not None:
        return tokens
    return Tokens(Token(charset=charset, star=step.star) if step.charset is ANY else step for step in tokens.steps)


_block = partial(tuple.__new__, Block)
"""Makes a Block from its fields, in half the time of NamedTuple's own constructor."""
PLAIN = Reading()
ONE_OF_LIST = Reading(many=True)
NAME_IN_PATH = Reading(leads=(NOTHING, star(PATH) + literal("/")), charset=NAME)
