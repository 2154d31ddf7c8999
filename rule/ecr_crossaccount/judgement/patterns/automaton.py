"""Finds strings that match some patterns and not others: a product of small glob automata, walked once.

All patterns of one question share one machine. The search visits each reachable set of places at most once.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple

from ...errors import InternalError
from .charsets import representatives
from .tokens import AnyOf, Block, Tokens, matches, merge_masks, skipping


class _Machine:
    """Several blocks in one bit mask. A state is the set of places reached, as one integer."""

    __slots__ = ("_masks", "_readers", "_row", "_stars", "accepts", "literals", "regions", "size", "start")

    def __init__(self, blocks: Sequence[Block]) -> None:
        masks = self._masks = merge_masks([block.tokens.masks for block in blocks])
        self._readers, self._row, self._stars = masks.readers, masks.row, masks.stars
        self.literals, self.size = masks.literals, masks.size
        self.start = 0
        self.accepts: list[int] = []
        self.regions: list[int] = []
        offset = 0
        for tokens, prefix in blocks:
            own = tokens.masks
            self.start |= tokens.places_after(prefix) << offset
            self.accepts.append(own.accepts << offset)
            self.regions.append(((1 << own.size) - 1) << offset)
            offset += own.size

    def step(self, state: int, character: str) -> int:
        one, star = self._readers[character]
        state = (state & one) << 1 | (state & star)
        state |= (state & self._stars) << 1
        return state if self._row < _TWO else skipping(state, self._stars, self._row)

    def run(self, text: str) -> int:
        state = self.start
        for character in text:
            state = self.step(state, character)
        return state

    def fillers(self) -> list[str]:
        """Return one character of every class that the sets distinguish and no literal names, the most readable last.

        If every character of a class is a literal of some pattern, return all of them.
        """
        found: list[str] = []
        for group in representatives(tuple(charset for charset, _, _ in self._masks.sets)):
            free = next((character for character in group if character not in self.literals), None)
            found += group if free is None else free
        return found[::-1]

    def choices(self) -> int:
        """Return the places that read more than a literal character."""
        found = 0
        for _, ones, stars in self._masks.sets:
            found |= ones | stars
        return found

    def literals_at(self, state: int) -> list[str]:
        """Return the literal characters that a block can read next."""
        return [character for character, mask in self.literals.items() if mask & state]

    @property
    def endless(self) -> int:
        """The places after which everything matches: a star over all characters before the end."""
        found = 0
        for charset, _, stars in self._masks.sets:
            if charset.everything:
                found |= stars
        return found & sum([accept >> 1 for accept in self.accepts])


_TWO = 2
"""If there are adjacent stars, one step can skip more than one of them."""


class Budget:
    """The steps that one judgement may take. They are counted, so the verdict is the same on every machine.

    `answers` has the results of questions so far, so that no question is searched twice. `texts` are those of domains.
    """

    __slots__ = ("answers", "left", "texts")

    def __init__(self, steps: int) -> None:
        self.left = steps
        self.answers: dict[TextQuestion, tuple[str | None]] = {}
        self.texts: dict[Hashable, str | None] = {}

    def spend(self, steps: int) -> None:
        """Subtract `steps`. Raises BudgetSpentError if none are left."""
        self.left -= steps
        if self.left < 0:
            raise BudgetSpentError


class BudgetSpentError(InternalError):
    """The work budget of a judgement is spent. `judge` never raises it."""


class TextQuestion(NamedTuple):
    """Asks for a string that has one of `shapes`, and matches a block of each group of `wanted` and none of `unwanted`.

    `usual` is the string that a person expects. It is the answer if it fits.
    """

    shapes: tuple[Tokens, ...]
    wanted: tuple[tuple[Block, ...], ...]
    unwanted: tuple[Block, ...]
    usual: str = ""

    @property
    def blocks(self) -> int:
        """The number of its wanted and unwanted patterns."""
        return sum(map(_patterns_in, self.wanted)) + _patterns_in(self.unwanted)

    @property
    def fitting(self) -> TextQuestion:
        """The same question, without wanted blocks whose start and end show that no shape fits them."""
        wanted = [tuple([left for block in group if (left := block.fitting(self.shapes))]) for group in self.wanted]
        return TextQuestion(self.shapes, tuple(wanted), self.unwanted, self.usual)

    def is_answered_by(self, text: str) -> bool:
        """Return whether a string is an answer."""
        return (
            any(matches(tokens, text) for tokens in self.shapes)
            and all(any(block.matches(text) for block in group) for group in self.wanted)
            and not any(block.matches(text) for block in self.unwanted)
        )


def _patterns_in(blocks: Iterable[Block]) -> int:
    return sum([len(tokens.patterns) if isinstance(tokens, AnyOf) else 1 for tokens, _ in blocks])


def find(question: TextQuestion, budget: Budget) -> str | None:
    """Return a string that answers the question, found with little effort, or None.

    Exact: None means that none exists.
    """
    known = budget.answers.get(question)  # looked up once, because hashing a question takes long
    if known is not None:
        budget.spend(1 + question.blocks // 8)
        return known[0]
    found = _find(question, budget)
    budget.answers[question] = (found,)
    return found


def _find(question: TextQuestion, budget: Budget) -> str | None:
    if not (question.shapes and all(question.wanted)):
        return None
    shapes = len(question.shapes)
    budget.spend(10 + 4 * (shapes + len(question.wanted) + len(question.unwanted)) + shapes * question.blocks // 4)
    question = question.fitting
    if not all(question.wanted):
        return None
    finite = _finite(question.wanted)
    texts = ([question.usual] if question.usual else []) if finite is None else finite
    answered = question.is_answered_by if len(texts) <= _FEW else _Search(question, budget).accepts
    for text in texts:
        budget.spend(1)
        if answered(text):
            return text
    return _Search(question, budget).string() if finite is None else None


_FEW = 3
"""Up to this many strings are compared with one pattern after the other, and more with all patterns at once."""


def _finite(wanted: Iterable[tuple[Block, ...]]) -> list[str] | None:
    """Return the strings of the first group that has only literals, without their prefixes."""
    for group in wanted:
        listed = [(prefix, tokens.texts) for tokens, prefix in group]
        if all(texts is not None for _, texts in listed):
            every = [(prefix, text) for prefix, texts in listed for text in texts or ()]
            return [text[len(prefix) :] for prefix, text in every if text.startswith(prefix)]
    return None


_Path = tuple["_Path | None", str]
"""The path to a state: the path to the state before it, and the character read there."""


def _spell_path(path: _Path | None) -> str:
    characters: list[str] = []
    while path is not None:
        path, character = path
        characters.append(character)
    return "".join(reversed(characters))


class _Search:
    __slots__ = (
        "_budget",
        "_groups",
        "_machine",
        "_shape_accept",
        "_shape_choices",
        "_shape_region",
        "_unwanted",
        "_wanted_region",
    )

    def __init__(self, question: TextQuestion, budget: Budget) -> None:
        shapes = [Block(tokens) for tokens in question.shapes]
        wanted = [block for group in question.wanted for block in group]
        machine = self._machine = _Machine([*shapes, *wanted, *question.unwanted])
        self._budget = budget
        self._shape_accept = sum(machine.accepts[: len(shapes)])
        self._shape_region = sum(machine.regions[: len(shapes)])
        self._shape_choices = machine.choices() & self._shape_region
        self._groups: list[tuple[int, int]] = []
        position = len(shapes)
        for group in question.wanted:
            end = position + len(group)
            self._groups.append((sum(machine.accepts[position:end]), sum(machine.regions[position:end])))
            position = end
        self._wanted_region = sum(region for _, region in self._groups)
        self._unwanted = sum(machine.accepts[position:])

    def _accepting(self, state: int) -> bool:
        if not state & self._shape_accept or state & self._unwanted:
            return False
        missed = [accept for accept, _ in self._groups if not state & accept]
        return not missed

    def _alive(self, state: int) -> bool:
        return bool(state & self._shape_region) and all(state & region for _, region in self._groups)

    def accepts(self, text: str) -> bool:
        return self._accepting(self._machine.run(text))

    def string(self) -> str | None:
        machine = self._machine
        fillers = machine.fillers()
        doomed = machine.endless & self._unwanted >> 1
        # Reading a character takes longer with very long patterns than with short ones, and with many groups.
        price = 1 + machine.size // 2048 + len(self._groups) // 8
        stack: list[tuple[int, _Path | None]] = [(machine.start, None)] if self._alive(machine.start) else []
        seen = {machine.start}
        while stack:
            state, path = stack.pop()
            if self._accepting(state):
                return _spell_path(path)
            characters = self._next(fillers, state)
            self._budget.spend(price * len(characters))
            for character in characters:
                after = machine.step(state, character)
                if after not in seen and not after & doomed and self._alive(after):
                    seen.add(after)
                    stack.append((after, (path, character)))
        return None

    def _next(self, fillers: list[str], state: int) -> list[str]:
        """Return the characters to try.

        Those that a wanted pattern reads next are last, so they are on top of the stack.

        A literal that no pattern reads next is treated like any other character of its class.
        """
        if not state & self._shape_choices:
            return self._machine.literals_at(state & self._shape_region)
        wanted = state & self._wanted_region
        named = {character: mask for character, mask in self._machine.literals.items() if mask & state}
        others = [character for character, mask in named.items() if not mask & wanted]
        ahead = sorted([character for character, mask in named.items() if mask & wanted])
        return [*others, *[filler for filler in fillers if filler not in named], *ahead]


def classes(shape: Tokens, blocks: Sequence[Block], limit: int, budget: Budget) -> tuple[list[str], bool]:
    """Return one string of `shape` for each state in which it can leave the blocks, at most `limit` strings.

    The flag says whether these are all of them. The blocks cannot distinguish between two strings that leave every
    block in the same places, whatever follows.
    """
    machine = _Machine([Block(shape), *blocks])
    fillers = machine.fillers()
    found: dict[int, str] = {}
    seen = {machine.start}
    queue = [(machine.start, "")]
    for state, text in queue:
        if state & machine.accepts[0]:
            found.setdefault(state & ~machine.regions[0], text)
            if len(found) >= limit:
                return list(found.values()), False
        characters = dict.fromkeys([*machine.literals_at(state), *fillers])
        budget.spend(len(characters))
        for character in characters:
            after = machine.step(state, character)
            if after & machine.regions[0] and after not in seen:
                seen.add(after)
                queue.append((after, text + character))
    return list(found.values()), True
