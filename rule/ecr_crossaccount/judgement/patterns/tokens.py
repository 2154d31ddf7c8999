"""Patterns as steps and as bit masks, with a bit for each place between two steps.

Reading a character takes three operations on integers, so matching is linear in the length of the text. Many texts can
be compared with a pattern at once. They share a bit mask, with a bit for each place in each text.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple

from ...documents.pattern import Part, Wild
from ...memo import by_identity, looked_up, once
from .charsets import Charset


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
    def masks(self) -> Masks:
        """The pattern as bit masks."""
        return _masks(self.steps)

    @property
    def texts(self) -> tuple[str, ...] | None:
        """All strings that match, or None if there may be more than one."""
        return None if self.text is None else (self.text,)

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

    def matches(self, text: str) -> bool:
        """Return whether the pattern matches a whole text."""
        return matches(self, text)

    def places_after(self, text: str) -> int:
        """Return the places reached after reading a text from the start."""
        known = self._seen.get(text)
        if known is None:
            if len(self._seen) >= _REMEMBERED:
                self._seen.clear()
            known = self._seen[text] = self._places_after(text)
        return known

    def _places_after(self, text: str) -> int:
        lead = self.lead
        if not text.startswith(lead):
            return 1 << len(text) if lead.startswith(text) else 0
        return self.masks.read(1 << len(lead), text[len(lead) :])


def _is_literal(step: Token) -> bool:
    return len(step.literal) == 1 and not step.star


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

    tokens: Tokens | AnyOf
    prefix: str = ""

    def matches(self, text: str) -> bool:
        """Return whether the pattern matches the prefix and a text together."""
        return self.tokens.matches(self.prefix + text)

    def fitting(self, shapes: tuple[Tokens, ...]) -> Block | None:
        """Return the block without the patterns whose start and end show that no shape fits them, or None."""
        tokens, prefix = self
        if isinstance(tokens, Tokens):
            return self if any(_fits(tokens, prefix, shape) for shape in shapes) else None
        left = tokens.fitting(prefix, shapes)
        return None if left is None else Block(left, prefix)


def _fits(tokens: Tokens, prefix: str, shape: Tokens) -> bool:
    """Return whether a text of a shape may begin and end in the way that every matching text does."""
    if not tokens.places_after(prefix):
        return False
    text = tokens.text
    if text is None:
        lead, tail = tokens.lead, tokens.backwards.lead[: shape.shortest]
    else:
        lead, tail = text, text[: -shape.shortest - 1 : -1]
    if lead.startswith(prefix):
        own, head = lead[len(prefix) :], shape.lead
        # The characters that both begin with are compared first, because that decides most questions.
        if own[: len(head)] != head[: len(own)] or not shape.places_after(own):
            return False
    return bool(shape.backwards.places_after(tail))


class AnyOf:
    """Some patterns. A text must match one of them. Many patterns read a text together."""

    def __init__(self, patterns: tuple[Tokens, ...]) -> None:
        self.patterns = patterns
        self._compared = 0
        self._seen: dict[str, int] = {}
        self._fitting: dict[tuple[str, tuple[Tokens, ...]], AnyOf | None] = {}

    @once
    def texts(self) -> tuple[str, ...] | None:
        """All strings that match, in order, or None if a pattern has a choice."""
        found = [pattern.text for pattern in self.patterns if pattern.text is not None]
        return tuple(found) if len(found) == len(self.patterns) else None

    @once
    def masks(self) -> Masks:
        """The patterns as bit masks, one behind the other. Many are put together in parts that other lists share."""
        every = self.patterns
        if len(every) == 1:
            return every[0].masks
        if len(every) <= _MANY:
            return merge_masks([one.masks for one in every])
        starts = range(0, len(every), _MANY)
        return merge_masks([any_of(every[start : start + _MANY]).masks for start in starts])

    def places_after(self, text: str) -> int:
        """Return the places reached after reading a text from the start."""
        if len(self.patterns) == 1:
            return self.patterns[0].places_after(text)
        known = self._seen.get(text)
        if known is None:
            if len(self._seen) >= _REMEMBERED:
                self._seen.clear()
            known = self._seen[text] = self.masks.read(self.masks.start, text)
        return known

    def places(self, prefix: str) -> Hashable:
        """Return what decides about the texts that may follow a prefix. It takes less time than all places reached."""
        if len(self.patterns) <= _FEW:
            return tuple([pattern.places_after(prefix) for pattern in self.patterns])
        rests = tuple([text[len(prefix) :] for text in self._literals if text.startswith(prefix)])
        return rests, self._others.places_after(prefix)

    def matches(self, text: str) -> bool:
        """Return whether one of the patterns matches a whole text."""
        if text in self._literals:
            return True
        self._compared += 1 + len(text) // _LONG
        if self._compared <= _FEW or len(self._others.patterns) <= _FEW:
            return any(matches(pattern, text) for pattern in self._others.patterns)
        return bool(self._others.places_after(text) & self._others.masks.accepts)

    def fitting(self, prefix: str, shapes: tuple[Tokens, ...]) -> AnyOf | None:
        """Return the patterns whose start and end do not show that no shape fits them, or None without such."""
        key = prefix, shapes
        if key not in self._fitting:
            if len(self._fitting) >= _REMEMBERED:
                self._fitting.clear()
            left = tuple(
                [pattern for pattern in self.patterns if any(_fits(pattern, prefix, shape) for shape in shapes)]
            )
            self._fitting[key] = any_of(left) if left else None
        return self._fitting[key]

    @once
    def price(self) -> int:
        """The steps that it takes to compare a text with many patterns."""
        return len(self._literals) // 16 + sum([len(pattern.steps) for pattern in self._others.patterns]) // 128

    @once
    def _literals(self) -> dict[str, None]:
        return dict.fromkeys([pattern.text for pattern in self.patterns if pattern.text is not None])

    @once
    def _others(self) -> AnyOf:
        return AnyOf(tuple([pattern for pattern in self.patterns if pattern.text is None])) if self._literals else self


_MANY, _LONG = 16, 64
_FEW = 4
"""Up to this many patterns, and up to this many short texts, are read one after the other, and more together."""


@lru_cache(maxsize=8192)
def any_of(patterns: tuple[Tokens, ...]) -> AnyOf:
    """Return some patterns as one. The same patterns are the same object, because results are looked up by it."""
    return AnyOf(patterns)


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
class Masks:
    """Patterns as bit masks: the places where they start and end, and those that read a character."""

    size: int
    start: int
    accepts: int
    literals: dict[str, int]
    sets: Sets
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


def _masks(steps: tuple[Token, ...]) -> Masks:
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
    return Masks(len(steps) + 1, 1, bit, literals, packed, stars, row_of(stars), Readers(literals, packed))


def merge_masks(parts: Iterable[Masks]) -> Masks:
    """Return several patterns in one mask, one behind the other."""
    literals: dict[str, int] = {}
    sets: dict[Charset, list[int]] = {}
    start = accepts = stars = row = size = 0
    for part in parts:
        for character, mask in part.literals.items():
            literals[character] = literals.get(character, 0) | mask << size
        for charset, single, star in part.sets:
            entry = sets.setdefault(charset, [0, 0])
            entry[0] |= single << size
            entry[1] |= star << size
        start |= part.start << size
        accepts |= part.accepts << size
        stars |= part.stars << size
        row = max(row, part.row)
        size += part.size
    packed = tuple([(charset, one, star) for charset, (one, star) in sets.items()])
    return Masks(size, start, accepts, literals, packed, stars, row, Readers(literals, packed))


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
    last = steps[-1] if len(steps) == len(lead) + 1 else None
    if last is not None and last.star and last.charset is not None and last.charset.everything:
        return True
    return bool(tokens.places_after(text) >> len(steps))


class Names:
    """Some texts. A set of them is a bit mask, in which the position of a text is its bit."""

    __slots__ = ("_before", "_ends", "_guards", "_inside", "_starts")

    def __init__(self, texts: Iterable[str]) -> None:
        before: dict[str, list[int]] = {}
        self._ends: list[int] = []
        starts: list[int] = []
        place = 0
        for text in texts:
            starts.append(place)
            for character in text:
                before.setdefault(character, []).append(place)
                place += 1
            self._ends.append(place)
            place += 2  # the end of a text is a place, and a guard separates it from the next text
        self._before = {character: _bits(places) for character, places in before.items()}
        self._starts = _bits(starts)
        self._inside = _bits(number for places in before.values() for number in places)
        self._guards = _bits(end + 1 for end in self._ends)

    def matching(self, parts: Iterable[Part]) -> int:
        """Return the texts that a pattern matches. Whatever is no literal part and no `?` matches any text."""
        state, guards = self._starts, self._guards
        for part in parts:
            if isinstance(part, str):
                for character in part:
                    state = (state & self._before.get(character, 0)) << 1
            elif part is Wild.ONE:
                state = (state & self._inside) << 1
            else:
                # Of each text, all places from the first one on: subtracted from its guard, that place and those above.
                state = (state | (guards - state)) & ~guards
            if not state:
                return 0
        return _bits(place for place, end in enumerate(self._ends) if state >> end & 1)


def _bits(places: Iterable[int]) -> int:
    return sum([1 << place for place in places])
