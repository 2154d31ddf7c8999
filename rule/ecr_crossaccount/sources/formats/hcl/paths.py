"""Paths as the user writes them: `./a` stays `./a` where it is read. Equal paths have the same spelling."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from ....errors import in_our_words
from ...reading import files
from ...reading.files import list_folder

SEPARATOR = os.sep

_PLAIN_PATTERN = re.compile(r"[\w./*?-]+")
_BRACES = re.compile(r"\{([^{}]*)\}")
_MOST = 500
_MOST_ALTERNATIVES = 32


join_path, parent, name_of = os.path.join, os.path.dirname, os.path.basename
real, is_whole = os.path.realpath, os.path.isabs
"""The canonical form of a path, with links followed; and whether it begins at the root."""

is_file, is_folder = files.is_file, files.is_folder
"""Whether there is one that may be read."""


def normal(path: str) -> str:
    """Return the normal form of a path."""
    return os.path.normpath(path or ".")


def listing(path: str) -> tuple[str, ...]:
    """Return the names in a folder, in order. Empty if there is no such folder."""
    try:
        return list_folder(path)
    except OSError:
        return ()


def listing_fault(path: str) -> str | None:
    """Return why a folder cannot be listed. None if it can be, or if there is no such folder."""
    try:
        list_folder(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        return in_our_words(error)
    return None


def is_inside(path: str, folder: str) -> bool:
    """Return whether a path leads into a folder, with links followed."""
    whole = real(folder)
    return (real(path) + SEPARATOR).startswith(whole + SEPARATOR)


def matching(folder: str, pattern: str) -> list[str] | None:
    """Return the files that match a pattern of `*`, `**`, `?`, `{a,b}`. None for other patterns, or too many files."""
    patterns = list(islice(_alternatives(pattern), _MOST_ALTERNATIVES + 1))
    if len(patterns) > _MOST_ALTERNATIVES:
        return None
    if not all(_PLAIN_PATTERN.fullmatch(text) and ".." not in text and text[0] != "/" for text in patterns):
        return None
    found = list(islice((file for text in patterns for file in files.files_like(folder, text)), _MOST + 1))
    return None if len(found) > _MOST else sorted({Path(text).relative_to(folder).as_posix() for text in found})


def _alternatives(pattern: str) -> Iterator[str]:
    """Yield the patterns that a pattern with `{a,b}` stands for."""
    braces = _BRACES.search(pattern)
    if braces is None:
        yield pattern
        return
    for one in braces[1].split(","):
        yield from _alternatives(pattern[: braces.start()] + one + pattern[braces.end() :])
