"""Files that are read in pieces, so that their size does not matter. They are unpacked and decoded on the way."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterator
from typing import BinaryIO, cast

from .files import BINARY, LOOKED_AT, BinaryError, UnreadableError, decoded, encoding_of, undecodable

PIECE = 1_048_576
"""The number of bytes per read."""

_GZIP = b"\x1f\x8b"


def pieces_of(stream: BinaryIO) -> Iterator[str]:
    """Yield the text of a file, gzipped or not, decoded like `files.decoded`. Raises UnreadableError."""
    head = stream.read(PIECE)
    if head.startswith(_GZIP):
        packed = gzip.GzipFile(fileobj=cast("BinaryIO", _Again(head, stream)))
        try:
            yield from _decoded(packed.read(PIECE), cast("BinaryIO", packed))
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise UnreadableError(f"a gzip file that ends too early or is damaged: {error}") from None
    else:
        yield from _decoded(head, stream)


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


def _decoded(head: bytes, stream: BinaryIO) -> Iterator[str]:
    following = stream.read(PIECE) if head else b""
    if not following:
        yield decoded(head)[0]
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
