"""Paths, kept as the user writes them: `./a` stays `./a` where it is read, and equal paths are written alike."""

from __future__ import annotations

import os

SEPARATOR = os.sep


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
