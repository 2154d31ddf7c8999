"""Files, read whole and never beyond a bound: the one place that opens what a user names or a folder holds.

Each reader says how much it takes at most. What the user names may be a pipe, and where a command says so standard
input, `-`; what is found in a folder has to be a regular file, for a pipe there would keep its reader waiting.
"""

from __future__ import annotations

import json
import os
import re
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, Protocol

from ..errors import in_our_words

STANDARD_INPUT = "-"
MEGABYTE = 1_048_576

LOOKED_AT = 4096
"""Characters in which a file that is not text shows it."""

BINARY = "binary, not text"
_GUESSED = frozenset({"utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"})
"""Encodings that are told by zeros alone, without a mark; any file may begin with some."""
_BEGINS_A_TEXT = re.compile(r"[\t\n\r -~]{2}")


class Readable(Protocol):
    """What bytes can be read of."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, fewer only at the end."""


class UnreadableError(ValueError):
    """A file that cannot be read as text; the message says why. `is_sure`: whether nobody sees what is in it."""

    def __init__(self, reason: str, *, is_sure: bool = False) -> None:
        self.is_sure = is_sure
        super().__init__(reason)


class BinaryError(UnreadableError):
    """A file that is not text, and does not look as if it should be one."""


@contextmanager
def named(path: str) -> Iterator[BinaryIO]:
    """Open what the user names, for as long as it is read. Raises UnreadableError."""
    with _read_in_our_words(), _opened(path, _as_it_is) as stream:
        yield stream


@contextmanager
def named_or_input(path: str) -> Iterator[BinaryIO]:
    """Open what the user names, which may be standard input, likewise."""
    if path != STANDARD_INPUT:
        with named(path) as stream:
            yield stream
        return
    with _read_in_our_words():
        yield sys.stdin.buffer


@contextmanager
def found(path: str) -> Iterator[BinaryIO]:
    """Open a file that was found in a folder, likewise."""
    with _read_in_our_words(), _opened(path, _without_waiting) as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise UnreadableError("neither a file nor a folder", is_sure=True)
        yield stream


def _as_it_is(path: str, flags: int) -> int:
    return os.open(path, flags)


def _without_waiting(path: str, flags: int) -> int:
    """Open a file; of a pipe, nobody has to be at the other end."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _opened(path: str, opener: Callable[[str, int], int]) -> BinaryIO:
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
    """Return all that a file holds, of at most `largest` bytes. Raises UnreadableError."""
    data = stream.read(largest + 1)
    if len(data) > largest:
        raise UnreadableError(f"larger than {_size(largest)}")
    return data


def _size(largest: int) -> str:
    return f"{largest:,} bytes" if largest % MEGABYTE else f"{largest // MEGABYTE} MB"


def decoded(data: bytes) -> tuple[str, str]:
    """Return a text without the mark that it may begin with, and its encoding: UTF-8, or what its first bytes say.

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
    """Return the encoding of a text that begins so. Raises BinaryError."""
    encoding = json.detect_encoding(data)
    if encoding in _GUESSED and not _BEGINS_A_TEXT.match(data[:8].decode(encoding, "replace")):
        raise BinaryError(BINARY)
    return encoding


def undecodable(data: bytes, encoding: str, place: int) -> UnreadableError:
    """Return that a file, which begins with `data`, is not text of its encoding at a byte."""
    if encoding == "utf-8" and b"\0" in data[:LOOKED_AT]:
        return BinaryError(BINARY)
    name = "UTF-8" if encoding.startswith("utf-8") else encoding.upper()
    return UnreadableError(f"not text in {name} at byte {place}")


def text_named(path: str, largest: int) -> str:
    """Return the text of what the user names, of at most `largest` bytes. Raises UnreadableError."""
    with named(path) as stream:
        return decoded(whole(stream, largest))[0]


def text_named_or_input(path: str, largest: int) -> str:
    """Return the text of what the user names, which may be standard input, likewise."""
    with named_or_input(path) as stream:
        return decoded(whole(stream, largest))[0]


def text_found(path: str, largest: int) -> str:
    """Return the text of a file that was found in a folder, likewise."""
    with found(path) as stream:
        return decoded(whole(stream, largest))[0]
