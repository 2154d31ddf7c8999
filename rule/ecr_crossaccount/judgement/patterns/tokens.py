"""Patterns as steps and as bit masks, with a bit for each place between two steps.

Reading a character takes three operations on integers, so matching is linear in the length of the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import NamedTuple

from ...memo.by_identity import by_identity
from ...memo.looked_up import looked_up
from ...memo.once import once
from .charset import Charset


class Token(NamedTuple):
    """One step of a pattern: one character of `literal` or of `charset`, or any number of them if `star`."""

    literal: str = ""
    charset: Charset | None = None
    star: bool = False


class Tokens:
    """A pattern: its steps in order. Compared by identity, because patterns are looked up far more often than created.

    `text` is the only string that matches, or None if there may be more. In the first case, the steps are created when
    they are first read.
    """

    def __init__(self, steps: Iterable[Token] | None, text: str | None = None) -> None:
        self.text = text
        self._seen: dict[str, int] = {}
        if steps is not None:
            self.steps = tuple(steps)
        if text is not None:
            self.lead = text

    def __add__(self, other: Tokens) -> Tokens:
        if self.text is not None and other.text is not None:
            return literal(self.text + other.text)
        return Tokens(self.steps + other.steps)

    def __mul__(self, times: int) -> Tokens:
        return Tokens(self.steps * times)

    @once
    def steps(self) -> tuple[Token, ...]:
        """The steps. Those of a literal string are created now."""
        return tuple(steps_of(self.text or ""))

    @once
    def masks(self) -> _Masks:
        """The pattern as bit masks."""
        return _masks(self.steps)

    @once
    def lead(self) -> str:
        """The literal characters before the first step with a choice."""
        return "".join([step.literal for step in takewhile(_is_literal, self.steps)])

    @once
    def backwards(self) -> Tokens:
        """The pattern of the reversed texts."""
        return Tokens(self.steps[::-1]) if self.text is None else literal(self.text[::-1])

    @once
    def shortest(self) -> int:
        """The fewest characters of a matching text."""
        return len(self.steps) - self.masks.stars.bit_count()

    def after(self, text: str) -> int:
        """Return the places reached after reading a text from the start."""
        known = self._seen.get(text)
        if known is None:
            if len(self._seen) >= _REMEMBERED:
                self._seen.clear()
            known = self._seen[text] = self._after(text)
        return known

    def _after(self, text: str) -> int:
        lead = self.lead
        if not text.startswith(lead):
            return 1 << len(text) if lead.startswith(text) else 0
        return self.masks.read(1 << len(lead), text[len(lead) :])


def _is_literal(step: Token) -> bool:
    return len(step.literal) == 1 and step.charset is None and not step.star


_REMEMBERED = 256


_character = looked_up(most=1024)(Token)
"""The token of one character. All patterns share it."""


def steps_of(text: str) -> Iterator[Token]:
    """Return the steps of a literal text, one for each character."""
    return map(_character, text)


def literal(text: str) -> Tokens:
    """Return a pattern that matches exactly `text`."""
    return Tokens(None, text)


def exactly(charset: Charset, times: int = 1) -> Tokens:
    """Return a pattern of `times` characters of a set."""
    return Tokens((Token(charset=charset),) * times)


def star(charset: Charset) -> Tokens:
    """Return a pattern of any number of characters of a set."""
    return Tokens((Token(charset=charset, star=True),))


NOTHING = literal("")
"""The pattern that matches only the empty string."""


class Block(NamedTuple):
    """A pattern in a question: its tokens, and a text that is read before the unknown string begins."""

    tokens: Tokens
    prefix: str = ""

    def matches(self, text: str) -> bool:
        """Return whether the pattern matches the prefix and a text together."""
        return matches(self.tokens, self.prefix + text)

    def fits(self, shape: Tokens) -> bool:
        """Return whether a text of a shape may begin and end in the way that every matching text does."""
        tokens, prefix = self
        text = tokens.text
        if text is None:
            lead, tail = tokens.lead, tokens.backwards.lead[: shape.shortest]
        else:
            lead, tail = text, text[: -shape.shortest - 1 : -1]
        if lead.startswith(prefix):
            own, head = lead[len(prefix) :], shape.lead
            # The characters that both begin with are compared first, because that decides most questions.
            if own[: len(head)] != head[: len(own)] or not shape.after(own):
                return False
        return bool(shape.backwards.after(tail))


Sets = Sequence[tuple[Charset, int, int]]
"""Sets of characters, with the places that read one of a set and those that read any number."""


class Readers(dict[str, tuple[int, int]]):
    """The places that read a character and move on, and those that read it and stay, by character.

    Each entry is computed when it is first read.
    """

    __slots__ = ("_literals", "_sets")

    def __init__(self, literals: Mapping[str, int], sets: Sets) -> None:
        super().__init__()
        self._literals = literals
        self._sets = sets

    def __missing__(self, character: str) -> tuple[int, int]:
        one, star = self._literals.get(character, 0), 0
        for charset, ones, stars in self._sets:
            if charset.holds(character):
                one |= ones
                star |= stars
        if len(self) >= _REMEMBERED:
            self.clear()
        self[character] = found = one, star
        return found


@by_identity
class _Masks:
    size: int
    literals: dict[str, int]
    sets: tuple[tuple[Charset, int, int], ...]
    stars: int
    row: int
    readers: Readers

    def read(self, state: int, text: str) -> int:
        """Return the places reached after reading a text in a state."""
        stars, row, readers = self.stars, self.row, self.readers
        state = skipping(state, stars, row)
        for character in text:
            one, star = readers[character]
            state = (state & one) << 1 | (state & star)
            if not state:
                return 0
            if row:
                state = skipping(state, stars, row)
        return state


def _masks(steps: tuple[Token, ...]) -> _Masks:
    literals: dict[str, int] = {}
    sets: dict[Charset, list[int]] = {}
    stars = 0
    bit = 1
    for text, charset, star in steps:
        if star:
            stars |= bit
        for character in text:
            literals[character] = literals.get(character, 0) | bit
        if charset is not None:
            sets.setdefault(charset, [0, 0])[star] |= bit
        bit <<= 1
    packed = tuple((charset, one, star) for charset, (one, star) in sets.items())
    return _Masks(len(steps) + 1, literals, packed, stars, row_of(stars), Readers(literals, packed))


def row_of(stars: int) -> int:
    """Return the largest number of adjacent stars. So many places can be passed without reading anything."""
    row = 0
    while stars:
        row += 1
        stars &= stars >> 1
    return row


def skipping(state: int, stars: int, row: int) -> int:
    """Return a state with all places that can be reached without reading anything."""
    for _ in range(row):
        state |= (state & stars) << 1
    return state


def matches(tokens: Tokens, text: str) -> bool:
    """Return whether the pattern matches the whole text."""
    if tokens.text is not None:
        return tokens.text == text
    lead, steps = tokens.lead, tokens.steps
    if not text.startswith(lead):
        return False
    if len(steps) == len(lead) + 1 and _takes_all(steps[-1]):
        return True
    return bool(tokens.after(text) >> len(steps))


def _takes_all(step: Token) -> bool:
    return step.star and step.charset is not None and step.charset.everything
