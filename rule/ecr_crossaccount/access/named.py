"""The part of a register that covers every repository with certain names."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from ..policy.holes import Holed, Text
from .trust import Trust

_SAMPLES = ("0", "zz0-a.name_that/nobody/would-choose-0123456789")
"""Values for an unknown part of a repository's name. Only an entry that covers both is taken to cover all."""


@lru_cache(maxsize=1024)
def trust_in(trust: Trust, names: tuple[str, ...]) -> Trust:
    """Return the entries that cover every repository with one of `names`. Names can be patterns."""
    if not trust.names_repositories or names == ("*",):
        return trust
    samples = [name.replace("*", sample) for name in names for sample in _SAMPLES]
    entries = (
        replace(one, repositories=("*",)) for one in trust.entries if all(one.covers(sample) for sample in samples)
    )
    return replace(trust, entries=tuple(entries))


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
