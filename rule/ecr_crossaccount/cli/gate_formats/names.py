"""A file's name as the readers of reports want it."""

from __future__ import annotations

from pathlib import Path, PurePath


def relative(file: str) -> str:
    """Return a file relative to the folder in which the command runs, where it is inside; `./a` becomes `a`."""
    path = PurePath(file)
    if path.is_absolute() and path.is_relative_to(Path.cwd()):
        path = path.relative_to(Path.cwd())
    return path.as_posix()
