"""Files, read completely and up to a limit, and which files may be read. No other module opens or allows one.

Each reader sets its limit. A file that the user names may be a pipe and, if the command allows it, standard input, `-`.
A file found in a folder must be a regular file, because reading a pipe there could wait forever.

The files of a pull request name other files, and their author is not trusted. A run reads what is in the paths that the
user names, and in the repositories that contain these paths. Links are followed only to what may be read. The folder
`.git` is never read: it may hold a token.
"""

from __future__ import annotations

import json
import os
import re
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path, PurePath
from typing import BinaryIO

from ...errors import InputError, in_our_words

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
    if not os.path.islink(path):
        return False
    root = repository_of(os.path.dirname(path))
    return root is not None and not _is_below(os.path.realpath(path), root)


def _is_below(real: str, root: str) -> bool:
    """Return whether a canonical path is in a folder, and not in a `.git` there."""
    whole, above = os.path.normcase(real), os.path.normcase(root).rstrip(os.sep)
    below = whole.removeprefix(above)
    return (above + below == whole and below[:1] in ("", os.sep)) and _GIT not in PurePath(below.lower()).parts


STANDARD_INPUT = "-"
MEGABYTE = 1_048_576

LOOKED_AT = 4096
"""The number of characters that are checked for binary content."""

BINARY = "binary, not text"
_GUESSED = frozenset({"utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"})
"""Encodings that are recognized from zero bytes alone, without a mark. Any file may begin with some."""
_BEGINS_A_TEXT = r"[\t\n\r -~]{2}"


class UnreadableError(InputError):
    """A file that cannot be read as text. The message says why. `is_sure` says whether its content is inaccessible."""

    def __init__(self, reason: str, *, is_sure: bool = False) -> None:
        self.is_sure = is_sure
        super().__init__(reason)


class BinaryError(UnreadableError):
    """A file that is not text and does not look like text."""


@contextmanager
def open_named_file(path: str) -> Iterator[BinaryIO]:
    """Open a file that the user names, for the duration of the block. Raises UnreadableError."""
    _refuse(refusal_of_named(path))
    with _read_in_our_words(), _open_file(path, os.open) as stream:
        yield stream


@contextmanager
def named_or_input(path: str) -> Iterator[BinaryIO]:
    """Open a file that the user names, or standard input for `-`. Raises UnreadableError."""
    if path != STANDARD_INPUT:
        with open_named_file(path) as stream:
            yield stream
        return
    with _read_in_our_words():
        yield sys.stdin.buffer


@contextmanager
def open_found_file(path: str) -> Iterator[BinaryIO]:
    """Open a file that was found in a folder, or that another file names. Raises UnreadableError."""
    _refuse(note_refusal(path))
    with _read_in_our_words(), _open_file(path, _without_waiting) as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise UnreadableError("neither a file nor a folder", is_sure=True)
        yield stream


def _refuse(reason: str | None) -> None:
    if reason is not None:
        raise UnreadableError(reason, is_sure=True)


def _without_waiting(path: str, flags: int) -> int:
    """Open a file. A pipe is opened even if no process writes to it."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _open_file(path: str, opener: Callable[[str, int], int]) -> BinaryIO:
    try:
        return open(path, "rb", opener=opener)
    except ValueError as error:  # a name that no file can have
        raise UnreadableError(str(error), is_sure=True) from None


@contextmanager
def _read_in_our_words() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UnreadableError(in_our_words(error), is_sure=True) from None


def whole(stream: BinaryIO, largest: int) -> bytes:
    """Return the content of a file of at most `largest` bytes. Raises UnreadableError."""
    data = stream.read(largest + 1)
    if len(data) > largest:
        size = f"{largest:,} bytes" if largest % MEGABYTE else f"{largest // MEGABYTE} MB"
        raise UnreadableError(f"larger than {size}")
    return data


def decode_text(data: bytes) -> tuple[str, str]:
    """Return a text without its byte order mark, and its encoding: UTF-8, or another one that its first bytes show.

    Raises UnreadableError.
    """
    encoding = encoding_of(data)
    try:
        text = data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise undecodable(data, encoding, error.start) from None
    if "\0" in text[:LOOKED_AT]:
        raise BinaryError(BINARY)
    return text, encoding


def encoding_of(data: bytes) -> str:
    """Return the encoding of a text from its first bytes. Raises BinaryError."""
    encoding = json.detect_encoding(data)
    if encoding in _GUESSED and not re.match(_BEGINS_A_TEXT, data[:8].decode(encoding, "replace")):
        raise BinaryError(BINARY)
    return encoding


def undecodable(data: bytes, encoding: str, place: int) -> UnreadableError:
    """Return the error for a file that begins with `data` and is not valid in its encoding at a byte."""
    if encoding == "utf-8" and b"\0" in data[:LOOKED_AT]:
        return BinaryError(BINARY)
    name = "UTF-8" if encoding.startswith("utf-8") else encoding.upper()
    return UnreadableError(f"not text in {name} at byte {place}")


def text_named(path: str, largest: int) -> str:
    """Return the text of a file that the user names, of at most `largest` bytes. Raises UnreadableError."""
    with open_named_file(path) as stream:
        return decode_text(whole(stream, largest))[0]


def text_named_or_input(path: str, largest: int) -> str:
    """Return the text of a file that the user names, or of standard input for `-`. Raises UnreadableError."""
    with named_or_input(path) as stream:
        return decode_text(whole(stream, largest))[0]


def text_found(path: str, largest: int) -> str:
    """Return the text of a file that was found in a folder. Raises UnreadableError."""
    with open_found_file(path) as stream:
        return decode_text(whole(stream, largest))[0]


# --- what is in a folder ---


def is_file(path: str) -> bool:
    """Return whether there is a regular file that may be read."""
    return os.path.isfile(path) and note_refusal(path) is None


def is_folder(path: str) -> bool:
    """Return whether there is a folder that may be read."""
    return os.path.isdir(path) and note_refusal(path) is None


def list_folder(folder: str) -> tuple[str, ...]:
    """Return the names in a folder, in order. Empty if it must not be read. Raises OSError."""
    return tuple(sorted(os.listdir(folder or os.curdir))) if note_refusal(folder) is None else ()


def files_like(folder: str, pattern: str) -> Iterator[str]:
    """Yield the files below a folder that match a pattern of `*`, `**` and `?`, by their paths."""
    if is_folder(folder or os.curdir):
        yield from filter(is_file, map(str, Path(folder).glob(pattern)))
