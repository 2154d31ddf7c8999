"""Files and JSON that are read in pieces, so that their size does not matter.

Pieces are unpacked and decoded on the way. A JSON text is read value by value. Text that has been read is not kept.
"""

from __future__ import annotations

import codecs
import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from json.decoder import scanstring as scan_string  # type: ignore[attr-defined] # the C scanner, as in json_grammar
from typing import BinaryIO, cast

from ...documents.json import BadJsonError, after_space, place_in, reason_of, strict_decoder
from .files import BINARY, LOOKED_AT, BinaryError, UnreadableError, decode_text, encoding_of, undecodable

PIECE = 1_048_576
"""The number of bytes per read."""

_GZIP = b"\x1f\x8b"


def pieces_of(stream: BinaryIO) -> Iterator[str]:
    """Yield the text of a file, gzipped or not, decoded like `files.decoded`. Raises UnreadableError."""
    head = stream.read(PIECE)
    if head.startswith(_GZIP):
        packed = gzip.GzipFile(fileobj=cast("BinaryIO", _Again(head, stream)))
        try:
            yield from _decode_pieces(packed.read(PIECE), cast("BinaryIO", packed))
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise UnreadableError(f"a gzip file that ends too early or is damaged: {error}") from None
    else:
        yield from _decode_pieces(head, stream)


class _Again:
    """A stream whose first bytes have been read already."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._head = head
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        if not self._head:
            return self._stream.read(size)
        found, self._head = self._head[:size], self._head[size:]
        return found


def _decode_pieces(head: bytes, stream: BinaryIO) -> Iterator[str]:
    following = stream.read(PIECE) if head else b""
    if not following:
        yield decode_text(head)[0]
        return
    encoding = encoding_of(head)
    decoder = codecs.getincrementaldecoder(encoding)()
    piece, before = head, 0
    while piece:
        waiting = len(decoder.getstate()[0])
        try:
            text = decoder.decode(piece, final=not following)
        except UnicodeDecodeError as error:
            raise undecodable(head, encoding, before - waiting + error.start) from None
        if not before and "\0" in text[:LOOKED_AT]:
            raise BinaryError(BINARY)
        yield text if before else text.removeprefix("\ufeff")
        before += len(piece)
        piece, following = following, stream.read(PIECE) if following else b""


LARGEST = 268_435_456
"""The most characters of a single value."""

_ALL_BUT_COMPLETE = 16
"""A fault in this many characters before the end of a piece may be there only because the piece ends."""
_OF_A_NUMBER = "0123456789.eE+-"
_UNTERMINATED = "Unterminated string"
_plain = json.JSONDecoder()


class Window:
    """The part of a text that is being read. Every method raises BadJsonError with the position in the whole text."""

    def __init__(self, pieces: Iterable[str]) -> None:
        self._pieces = iter(pieces)
        self._text = ""
        self._at = 0
        self._line, self._column = 1, 1
        """The position of the first character of `_text`."""

    def peek(self) -> str:
        """Return the next character after white space, or "" at the end."""
        while True:
            if self._text[self._at : self._at + 1] <= " ":  # white space, or the end of the current piece
                self._at = after_space(self._text, self._at)
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def take(self, character: str, expected: str) -> None:
        """Consume a character that must come next."""
        if self.peek() != character:
            raise self._bad(expected, self._at)
        self._at += 1

    def string(self) -> str:
        """Return the string that comes next."""
        while True:
            try:
                text, end = scan_string(self._text, self._at + 1, True)  # noqa: FBT003 - its parameter has no name
            except json.JSONDecodeError as error:
                if not self._is_cut_off(error):
                    raise self._bad(reason_of(error), error.pos) from None
                continue
            self._at = end
            found: str = text
            return found

    def value(self) -> object:
        """Return the value that comes next, parsed like `strict_value_of`."""
        return self._decode_value(strict_decoder)[0]

    def source(self) -> str:
        """Return the text of the value that comes next. It is parsed only to find its end."""
        return self._decode_value(_plain)[1]

    def _decode_value(self, decoder: json.JSONDecoder) -> tuple[object, str]:
        while True:
            try:
                value, end = decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if not self._is_cut_off(error):
                    raise self._bad(reason_of(error), error.pos) from None
                continue
            except (ValueError, RecursionError) as error:  # for example a number that is too long
                reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
                raise self._bad(f"in the value that begins here, {reason}", self._at) from None
            # A number may continue in the next piece: `1` may be the start of `1.5e7`.
            is_near = end >= len(self._text) - _ALL_BUT_COMPLETE
            if is_near and not self._text[end:].strip(_OF_A_NUMBER) and self._more():
                continue
            source = self._text[self._at : end]
            self._at = end
            return value, source

    def here(self) -> tuple[int, int]:
        """Return the line and column of the current position."""
        return self._place(self._at)

    def _is_cut_off(self, error: json.JSONDecodeError) -> bool:
        """Return whether more text could be read, so that the fault may disappear."""
        is_near = error.pos >= len(self._text) - _ALL_BUT_COMPLETE or error.msg.startswith(_UNTERMINATED)
        if not is_near:
            return False
        if len(self._text) - self._at > LARGEST:
            raise self._bad(f"in the value that begins here, more than {LARGEST:,} characters", self._at)
        return self._more(len(self._text) - self._at)  # doubles the text, to limit repeated parsing

    def _more(self, least: int = 1) -> bool:
        """Read at least `least` more characters, and return whether there were any."""
        found: list[str] = []
        size = 0
        for piece in self._pieces:
            found.append(piece)
            size += len(piece)
            if size >= least:
                break
        if not size:
            return False
        self._line, self._column = self._place(self._at)
        self._text = "".join([self._text[self._at :], *found])
        self._at = 0
        return True

    def _place(self, index: int) -> tuple[int, int]:
        line, column = place_in(self._text, index)
        return (self._line + line - 1, column if line > 1 else self._column + column - 1)

    def _bad(self, reason: str, index: int) -> BadJsonError:
        return BadJsonError(reason, *self._place(min(index, len(self._text))))


def elements(window: Window) -> Iterator[None]:
    """Yield at the start of each element of the list that comes next. The caller reads the element."""
    return _members(window, "[", "]", "expecting a list")


def fields(window: Window) -> Iterator[str]:
    """Yield the name of each field of the object that comes next. The caller reads the value."""
    window.peek()
    begin = window.here()
    seen: set[str] = set()
    for _ in _members(window, "{", "}", "expecting an object"):
        if window.peek() != '"':
            window.take('"', "expecting property name enclosed in double quotes")
        name = window.string()
        if name in seen:
            raise BadJsonError(f"in the value that begins here, `{name}` appears twice in one object", *begin)
        seen.add(name)
        window.take(":", "expecting ':' delimiter")
        window.peek()
        yield name


def _members(window: Window, opening: str, closing: str, expected: str) -> Iterator[None]:
    """Yield at the start of each member of the list or object that comes next."""
    window.take(opening, expected)
    if window.peek() == closing:
        window.take(closing, "")
        return
    while True:
        window.peek()
        yield
        if window.peek() == closing:
            window.take(closing, "")
            return
        window.take(",", "expecting ',' delimiter")
