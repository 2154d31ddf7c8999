"""Paths, kept as the user writes them: `./a` stays `./a` where it is read, and equal paths are written alike."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from ...errors import in_our_words

SEPARATOR = os.sep

_PLAIN_PATTERN = re.compile(r"[\w./*?-]+")
_BRACES = re.compile(r"\{([^{}]*)\}")
_MOST = 500
_MOST_ALTERNATIVES = 32


def joined(*parts: str) -> str:
    """Return a path in a folder."""
    return os.path.join(*parts)


def normal(path: str) -> str:
    """Return the one way in which a path is written."""
    return os.path.normpath(path or ".")


def listing(path: str) -> tuple[str, ...]:
    """Return the names in a folder, in order; none if there is no such folder."""
    try:
        return tuple(sorted(os.listdir(path or ".")))
    except OSError:
        return ()


def unlisted(path: str) -> str | None:
    """Say why nobody can tell what is in a folder; None where someone can, or there is no such folder."""
    try:
        os.listdir(path or ".")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        return in_our_words(error)
    return None


def is_file(path: str) -> bool:
    """Tell whether there is a file."""
    return os.path.isfile(path)


def is_folder(path: str) -> bool:
    """Tell whether there is a folder."""
    return os.path.isdir(path)


def parent(path: str) -> str:
    """Return the folder that a file is in."""
    return os.path.dirname(path)


def name_of(path: str) -> str:
    """Return a file's name in its folder."""
    return os.path.basename(path)


def real(path: str) -> str:
    """Return the one path of what a path leads to, links followed."""
    return os.path.realpath(path)


def is_inside(path: str, folder: str) -> bool:
    """Tell whether a path leads to somewhere in a folder, links followed."""
    whole = real(folder)
    return (real(path) + SEPARATOR).startswith(whole + SEPARATOR)


def is_whole(path: str) -> bool:
    """Tell whether a path begins at the root."""
    return os.path.isabs(path)


def matching(folder: str, pattern: str) -> list[str] | None:
    """Return the files in a folder that a pattern of `*`, `**`, `?`, `{a,b}` names; None for others, and too many."""
    patterns = list(islice(_alternatives(pattern), _MOST_ALTERNATIVES + 1))
    if len(patterns) > _MOST_ALTERNATIVES:
        return None
    if not all(_PLAIN_PATTERN.fullmatch(one) and ".." not in one and one[0] != "/" for one in patterns):
        return None
    root = Path(folder)
    files = (file for one in patterns for file in root.glob(one) if file.is_file())
    found = list(islice(files, _MOST + 1))
    return None if len(found) > _MOST else sorted({one.relative_to(root).as_posix() for one in found})


def _alternatives(pattern: str) -> Iterator[str]:
    """Yield the patterns that one with `{a,b}` stands for."""
    braces = _BRACES.search(pattern)
    if braces is None:
        yield pattern
        return
    for one in braces[1].split(","):
        yield from _alternatives(pattern[: braces.start()] + one + pattern[braces.end() :])
