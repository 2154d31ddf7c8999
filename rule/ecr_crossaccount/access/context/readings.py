"""How the keys that move together show the one string that they are made of."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import NamedTuple

from ..patterns.charset import ANY, NAME, PATH, Charset
from ..patterns.tokens import NOTHING, Block, Token, Tokens, literal, star


class Reading(NamedTuple):
    """How one key shows the string of a domain.

    Its value is `prefix` and the string; or, where `leads` are given, what follows a lead: the user's name is what
    follows the path in the string of his ARN; or, where `end` is given, what stands before it: the organization's
    id is the head of the string that is its path. `charset` is what a part of the string may be made of. `many`: the
    key is multivalued, and this is its one value.
    """

    prefix: str = ""
    leads: tuple[Tokens, ...] = ()
    end: str = ""
    charset: Charset = ANY
    many: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether the key's value is the string itself."""
        return not (self.prefix or self.leads or self.end)

    def blocks(self, tokens: Tokens) -> tuple[Block, ...]:
        """Turn a pattern on the key into patterns on the domain's string."""
        return _blocks_of_part(self, tokens) if self.end or self.leads else (_block((tokens, self.prefix)),)

    def value(self, text: str) -> str:
        """Return the key's value for the domain's string."""
        if self.end:
            return text.partition(self.end)[0]
        return text.rpartition("/")[2] if self.leads else self.prefix + text


@lru_cache(maxsize=4096)
def _blocks_of_part(reading: Reading, tokens: Tokens) -> tuple[Block, ...]:
    """Turn a pattern on part of a string into patterns on the string: the same ones each time."""
    if not all(_may_be_of(step, reading.charset) for step in tokens.steps):
        return ()
    narrowed = _narrowed(tokens, reading.charset)
    if reading.end:
        return (Block(narrowed + literal(reading.end) + star(ANY)),)
    return tuple([Block(lead + narrowed) for lead in reading.leads])


def _may_be_of(step: Token, charset: Charset) -> bool:
    """Whether a step may read a character of a set, or nothing at all."""
    return step.charset is not None or any(map(charset.holds, step.literal))


def _narrowed(tokens: Tokens, charset: Charset) -> Tokens:
    """The pattern with wildcards that stand for characters of `charset` alone."""
    if tokens.text is not None:
        return tokens
    return Tokens(Token(charset=charset, star=step.star) if step.charset is ANY else step for step in tokens.steps)


_block = partial(tuple.__new__, Block)
"""Makes a Block of its fields, in half the time of NamedTuple's own function."""
PLAIN = Reading()
ONE_OF_LIST = Reading(many=True)
NAME_IN_PATH = Reading(leads=(NOTHING, star(PATH) + literal("/")), charset=NAME)
