"""Which files may be read. Only this module decides it, and `files` asks it before it opens or lists anything.

The files of a pull request name other files, and their author is not trusted. A run reads what is in the paths that the
user names, and in the repositories that contain these paths. Links are followed only to what may be read. The folder
`.git` is never read: it may hold a token.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import PurePath

from ...errors import in_our_words

OUTSIDE = "outside the checked folder"
LEAVES = "a link that leads out of its repository: name its target instead"
_GIT = ".git"


class Bounds:
    """The folders that a run may read. `refused`: the existing files that it wanted to read and must not."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._roots = tuple(dict.fromkeys(root for path in paths for root in _roots_of(path)))
        self._folders: dict[str, str] = {}
        self.refused: dict[str, None] = {}

    def admit(self, path: str) -> bool:
        """Return whether a path may be read."""
        real = self._real(path)
        return any(_is_below(real, root) for root in self._roots)

    def _real(self, path: str) -> str:
        """Return the canonical form of a path. That of a folder is computed once, for all of its files."""
        folder, name = os.path.split(path)
        if name in ("", os.curdir, os.pardir):
            return os.path.realpath(path)
        if folder not in self._folders:
            above, last = os.path.split(folder)
            whole = os.path.join(self._folders.get(above, ""), last)
            is_plain = above in self._folders and last not in ("", os.curdir, os.pardir) and not os.path.islink(whole)
            self._folders[folder] = whole if is_plain else os.path.realpath(folder)
        whole = os.path.join(self._folders[folder], name)
        return os.path.realpath(whole) if os.path.islink(whole) else whole


_bounds: ContextVar[Bounds | None] = ContextVar("_bounds", default=None)


@contextmanager
def limit_reading(paths: Iterable[str]) -> Iterator[Bounds]:
    """Read only what is in these paths, and in the repositories that contain them, for the duration of the block."""
    bounds = Bounds(paths)
    token = _bounds.set(bounds)
    try:
        yield bounds
    finally:
        _bounds.reset(token)


def refusal(path: str) -> str | None:
    """Return why a file or folder that the user does not name must not be read, or None if it may be read."""
    bounds = _bounds.get()
    if bounds is None:
        return refusal_of_named(path)
    try:
        return None if bounds.admit(path) else OUTSIDE
    except (OSError, ValueError) as error:  # a name that no file can have, or that is too long
        return in_our_words(error) if isinstance(error, OSError) else str(error)


def note_refusal(path: str) -> str | None:
    """Return `refusal` of a path that a reader wants to read. A refusal is noted, so that the run can tell it."""
    reason = refusal(path)
    bounds = _bounds.get()
    if reason is not None and bounds is not None and os.path.lexists(path):
        bounds.refused[path] = None
    return reason


def refusal_of_named(path: str) -> str | None:
    """Return why a path that the user names must not be read, or None if it may be read.

    A link in a repository belongs to the author of a change, so it must not lead out of the repository.
    """
    try:
        return LEAVES if any(map(_leaves, _prefixes(path))) else None
    except (OSError, ValueError):
        return None  # it cannot be opened either, and that error says why


def repository_of(folder: str) -> str | None:
    """Return the root of the repository with a folder: the nearest folder above with `.git`. None if there is none."""
    real = PurePath(os.path.realpath(folder))
    return next((str(parent) for parent in (real, *real.parents) if os.path.lexists(parent / _GIT)), None)


def _roots_of(path: str) -> Iterator[str]:
    """Yield the folders that may be read because the user names a path in them."""
    if refusal_of_named(path) is not None:
        return
    is_folder = os.path.isdir(path)
    for text in (path,) if is_folder else (os.path.dirname(path), os.path.dirname(os.path.realpath(path))):
        yield repository_of(text) or os.path.realpath(text)


def _prefixes(path: str) -> Iterator[str]:
    """Yield the parts of a path from its beginning: each of them may be a link."""
    parts = PurePath(path).parts
    yield from (os.path.join(*parts[:count]) for count in range(1, len(parts) + 1))


def _leaves(path: str) -> bool:
    """Return whether a path is a link in a repository that leads out of it."""
    if not os.path.islink(path):
        return False
    root = repository_of(os.path.dirname(path))
    return root is not None and not _is_below(os.path.realpath(path), root)


def _is_below(real: str, root: str) -> bool:
    """Return whether a canonical path is in a folder, and not in a `.git` there."""
    whole, above = os.path.normcase(real), os.path.normcase(root).rstrip(os.sep)
    below = whole.removeprefix(above)
    return (above + below == whole and below[:1] in ("", os.sep)) and _GIT not in PurePath(below.lower()).parts
