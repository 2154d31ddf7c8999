"""Paths, kept as the user writes them: `./a` stays `./a` where it is read, and equal paths are written alike."""

from __future__ import annotations

import os
import re
from itertools import islice
from pathlib import Path

SEPARATOR = os.sep

_PLAIN_PATTERN = re.compile(r"[\w./*?-]+")
_MOST = 500


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


def is_file(path: str) -> bool:
    """Tell whether there is a file."""
    return os.path.isfile(path)


def is_folder(path: str) -> bool:
    """Tell whether there is a folder."""
    return os.path.isdir(path)


def is_whole(path: str) -> bool:
    """Tell whether a path begins at the root."""
    return os.path.isabs(path)


def matching(folder: str, pattern: str) -> list[str] | None:
    """Return the files in a folder that a pattern of `*`, `**` and `?` names; None for other patterns, and too many."""
    if not _PLAIN_PATTERN.fullmatch(pattern) or ".." in pattern or pattern.startswith("/"):
        return None
    root = Path(folder)
    found = list(islice((one for one in root.glob(pattern) if one.is_file()), _MOST + 1))
    return None if len(found) > _MOST else sorted(one.relative_to(root).as_posix() for one in found)
