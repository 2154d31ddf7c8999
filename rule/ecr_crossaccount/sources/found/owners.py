"""The account that owns everything deployed from a file, by the file's path."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from .exclusions import Exclusion

_WILD = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Owners:
    """Patterns of paths in the order in which they are written, each with the account that owns everything below."""

    patterns: tuple[tuple[Exclusion, str], ...] = ()

    def of(self, path: str) -> str | None:
        """Return the account of a file or folder, or None if no pattern matches.

        If several patterns match, the one with the longest beginning without wildcards counts. Among those it is the
        longest pattern, and among those the last.
        """
        found = [(*_weight(pattern), account) for pattern, account in self.patterns if _means(pattern, path)]
        return max(reversed(found), key=lambda one: one[:2])[2] if found else None


def _means(pattern: Exclusion, path: str) -> bool:
    """Return whether a pattern matches a path or a folder that contains it."""
    names = _below(pattern.base, path)
    return any(pattern.matches([names[:end]], folder=end < len(names)) for end in range(1, len(names) + 1))


def _below(base: str, path: str) -> tuple[str, ...]:
    """Return the names of a path below `base`. Empty if the path is outside."""
    for resolved in (os.path.abspath, os.path.realpath):
        whole, start = Path(resolved(path)), Path(resolved(base or "."))
        if whole.is_relative_to(start):
            return whole.relative_to(start).parts
    return ()


def _weight(pattern: Exclusion) -> tuple[int, int]:
    text = pattern.text.removeprefix("./")
    fixed = len(_WILD.split(text, maxsplit=1)[0]) if pattern.is_path else 0
    return fixed, len(text)


NO_OWNERS = Owners()
