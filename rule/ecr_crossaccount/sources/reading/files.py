"""Files, read completely and up to a limit. Only this module opens files that the user names or that a folder contains.

Each reader sets its limit. A file that the user names may be a pipe and, if the command allows it, standard input, `-`.
A file found in a folder must be a regular file, because reading a pipe there could wait forever. `bounds` decides
which files may be read, listed, or known to exist.
"""

from __future__ import annotations

import json
import os
import re
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from ...errors import InputError, in_our_words
from . import bounds

STANDARD_INPUT = "-"
MEGABYTE = 1_048_576

LOOKED_AT = 4096
"""The number of characters that are checked for binary content."""

BINARY = "binary, not text"
_GUESSED = frozenset({"utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"})
"""Encodings that are recognized from zero bytes alone, without a mark. Any file may begin with some."""
_BEGINS_A_TEXT = re.compile(r"[\t\n\r -~]{2}")


class Readable(Protocol):
    """An object whose bytes can be read."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, and fewer only at the end."""


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
    _refuse(bounds.refusal_of_named(path))
    with _read_in_our_words(), _open_file(path, _as_it_is) as stream:
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
    _refuse(bounds.note_refusal(path))
    with _read_in_our_words(), _open_file(path, _without_waiting) as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise UnreadableError("neither a file nor a folder", is_sure=True)
        yield stream


def _refuse(reason: str | None) -> None:
    if reason is not None:
        raise UnreadableError(reason, is_sure=True)


def _as_it_is(path: str, flags: int) -> int:
    return os.open(path, flags)


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


def whole(stream: Readable, largest: int) -> bytes:
    """Return the content of a file of at most `largest` bytes. Raises UnreadableError."""
    data = stream.read(largest + 1)
    if len(data) > largest:
        raise UnreadableError(f"larger than {_size(largest)}")
    return data


def _size(largest: int) -> str:
    return f"{largest:,} bytes" if largest % MEGABYTE else f"{largest // MEGABYTE} MB"


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
    if encoding in _GUESSED and not _BEGINS_A_TEXT.match(data[:8].decode(encoding, "replace")):
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
    return os.path.isfile(path) and bounds.note_refusal(path) is None


def is_folder(path: str) -> bool:
    """Return whether there is a folder that may be read."""
    return os.path.isdir(path) and bounds.note_refusal(path) is None


def list_folder(folder: str) -> tuple[str, ...]:
    """Return the names in a folder, in order. Empty if it must not be read. Raises OSError."""
    return tuple(sorted(os.listdir(folder or os.curdir))) if bounds.note_refusal(folder) is None else ()


def files_like(folder: str, pattern: str) -> Iterator[str]:
    """Yield the files below a folder that match a pattern of `*`, `**` and `?`, by their paths."""
    if is_folder(folder or os.curdir):
        yield from filter(is_file, map(str, Path(folder).glob(pattern)))
