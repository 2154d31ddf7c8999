"""The part of a register that covers every repository with certain names."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from itertools import compress

from ...documents.pattern import Holed, Text
from ..patterns.automaton import Budget, BudgetSpentError, TextQuestion, find
from ..patterns.charsets import LOWER, REPOSITORY
from ..patterns.tokens import Block, Tokens, exactly, literal, star
from .trust import Trust
from .trust_entries import Entry, glob

_STEPS = 50_000


@lru_cache(maxsize=1024)
def trust_in(trust: Trust, names: tuple[str, ...]) -> Trust:
    """Return the entries that cover every repository with one of `names`. Names can be patterns."""
    if not trust.names_repositories or names == ("*",):
        return trust
    return _only(trust, tuple(_covers_all(entry, names) for entry in trust.entries))


@lru_cache(maxsize=1024)
def _only(trust: Trust, kept: tuple[bool, ...]) -> Trust:
    """Return some of the entries. The same entries are one object, because verdicts are remembered for each trust."""
    return replace(trust, entries=tuple(replace(entry, repositories=("*",)) for entry in compress(trust.entries, kept)))


def _covers_all(entry: Entry, names: tuple[str, ...]) -> bool:
    """Return whether no name of a repository is like one of `names` and like none of the entry's patterns."""
    patterns = [name for name in names if "*" in name]
    if not all(entry.covers(name) for name in names if name not in patterns):
        return False
    if not patterns:
        return True
    covered = tuple(Block(glob(name)) for name in entry.repositories)
    shapes = tuple(shape for name in patterns for shape in _names_like(name))
    try:
        return find(TextQuestion(shapes, (), covered), Budget(_STEPS)) is None
    except BudgetSpentError:
        return False


def _names_like(pattern: str) -> tuple[Tokens, ...]:
    """Return the names of repositories that a pattern may match. A name ends in a letter or digit.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html
    """
    first, *others = pattern.split("*")
    tokens = literal(first)
    for part in others:
        tokens += star(REPOSITORY) + literal(part)
    if not pattern.endswith("*"):
        return (tokens,)
    shorter = pattern.rstrip("*")
    whole = tokens + exactly(LOWER)
    return (whole, *_names_like(shorter)) if shorter[-1:].isalnum() else (whole,)


def names_under(prefix: str) -> tuple[str, ...]:
    """Return the pattern of the repositories that a creation template or a cache with this prefix applies to."""
    return ("*",) if prefix == "ROOT" else (f"{prefix.removesuffix('/')}/*",)


def contains(pattern: Text, name: Text) -> bool:
    """Return whether a pattern of names, which may end in `*`, certainly matches all that another one matches.

    A pattern with unknown parts only matches what the same pattern matches.
    """
    if name == pattern or isinstance(pattern, Holed) or not pattern.endswith("*"):
        return name == pattern
    start = name if isinstance(name, str) else name.parts[0]
    return isinstance(start, str) and start.startswith(pattern[:-1])
