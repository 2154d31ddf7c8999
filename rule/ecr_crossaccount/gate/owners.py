"""Which account owns what is deployed from a file, by its path."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from .exclusions import Exclusion

_WILD = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Owners:
    """Patterns of paths, each with the account that owns what is below; in the order in which they are written."""

    patterns: tuple[tuple[Exclusion, str], ...] = ()

    def of(self, path: str) -> str | None:
        """Return the account of a file or folder, None where no pattern means it.

        Of several patterns that do, the one with the longest beginning without wildcards counts, of those the longest,
        of those the last.
        """
        found = [(*_weight(pattern), account) for pattern, account in self.patterns if _means(pattern, path)]
        return max(reversed(found), key=lambda one: one[:2])[2] if found else None


def _means(pattern: Exclusion, path: str) -> bool:
    """Tell whether a pattern means a path, or a folder that it is in."""
    names = _below(pattern.base, path)
    return any(pattern.matches([names[:end]], folder=end < len(names)) for end in range(1, len(names) + 1))


def _below(base: str, path: str) -> tuple[str, ...]:
    """Return the names of a path from where patterns start; none of what is outside."""
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
