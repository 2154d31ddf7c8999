"""What `--exclude` skips: files and folders by glob patterns, as `.gitignore` and ruff read them.

A pattern without a slash is a name at any depth. A pattern with a slash is a whole path: relative to the working
folder, or as the user names the file, or from the root if it begins with a slash. A folder that matches is not walked.
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_LONGEST = 1_000
"""The longest pattern, in characters; a path has at most about 4,000."""

_ANY_DEPTH = "**"


class PatternError(ValueError):
    """A pattern that cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """One pattern.

    `parts`: the expression for each name of a path, or None for `**`. `folders`: whether only folders match. `base`:
    the absolute path of the folder where a path starts, or "" for the working folder.
    """

    text: str
    parts: tuple[re.Pattern[str] | None, ...]
    is_path: bool
    folders: bool
    base: str = ""

    @classmethod
    def of(cls, text: str, base: str = "") -> Exclusion:
        """Return the exclusion for a pattern. Raises PatternError if the pattern cannot be used."""
        pattern = text.removeprefix("./")
        names = [name for name in pattern.split("/") if name]
        if not names:
            raise PatternError("expected a name or a path, such as `legacy` or `infra/old/*.json`")
        if text.startswith("!"):
            raise PatternError("a pattern cannot bring back what another one excludes; write a leading `!` as `[!]`")
        if len(text) > _LONGEST:
            raise PatternError(f"longer than {_LONGEST:,} characters")
        anchor = ("/",) if pattern.startswith("/") else ()
        parts = tuple(None if name == _ANY_DEPTH else _compiled(name) for name in (*anchor, *names))
        return cls(text, parts, "/" in text.rstrip("/"), pattern.endswith("/"), base)

    def matches(self, paths: Iterable[Sequence[str]], *, folder: bool) -> bool:
        """Return whether the pattern matches one of `paths`.

        Each path has the names of the same file or folder in order.
        """
        if self.folders and not folder:
            return False
        return any(_match(self.parts, path if self.is_path else path[-1:]) for path in paths)


def _compiled(name: str) -> re.Pattern[str]:
    # The expression that fnmatch makes does not backtrack from one `*` into another: its time is bounded.
    return re.compile(fnmatch.translate(name))


def _match(parts: Sequence[re.Pattern[str] | None], names: Sequence[str]) -> bool:
    """Return whether `names` match. After each name, `places` has all positions in the pattern reached so far."""
    places = _with_any_depth(parts, {0})
    for name in names:
        moved = set()
        for place in places:
            part = parts[place] if place < len(parts) else _NEVER
            if part is None:
                moved.add(place)
            elif part.match(name):
                moved.add(place + 1)
        places = _with_any_depth(parts, moved)
    return len(parts) in places


_NEVER = re.compile(r"(?!)")


def _with_any_depth(parts: Sequence[re.Pattern[str] | None], places: set[int]) -> set[int]:
    """Return the places, and those after each `**`, which may match no name."""
    found = set(places)
    for place, part in enumerate(parts):
        if place in found and part is None:
            found.add(place + 1)
    return found


def excluded_by(patterns: Iterable[Exclusion], path: str, *, folder: bool) -> tuple[str, ...]:
    """Return the patterns that match a file or a folder, as the user wrote them."""
    patterns = tuple(patterns)
    readings = {base: list(_readings(path, base)) for base in {one.base for one in patterns}}
    return tuple(one.text for one in patterns if one.matches(readings[one.base], folder=folder))


def _readings(path: str, base: str) -> Iterator[tuple[str, ...]]:
    """Yield the names of a path as the user wrote it, from the base folder of the pattern, and from the root."""
    if not base:
        yield Path(os.path.normpath(path)).parts
    start = (Path(base) if base else Path.cwd()).parts
    whole = Path(os.path.abspath(path)).parts  # noqa: PTH100 - resolves no link: a pattern applies to the visible names
    if whole[: len(start)] == start:
        yield whole[len(start) :]
    yield whole
