"""The content of a register in a store: JSON, plain or gzipped, limited in size, and read strictly."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from hashlib import sha256

from ...documents.json import BadJsonError, strict_value_of
from .location import RegisterError

LARGEST = 4 * 1_048_576
"""The most bytes of a register, both packed and unpacked. The command line has the same limit."""
_GZIP = b"\x1f\x8b"
_GZIP_FORMAT = 31
"""The value of zlib's `wbits` for a gzip header and checksum, with a window of any size."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A store's answer. `version` is the store's own name for it, or None.

    `condition` ties a later write to this version, so that the write fails if someone else has written in between.
    """

    data: bytes
    version: str | None = None
    condition: str | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """The JSON value in a store, and the SHA-256 of its unpacked text."""

    value: object
    version: str | None
    digest: str


def content_of(fetched: Fetched, largest: int = LARGEST, known: Content | None = None) -> Content:
    """Parse what was fetched. Raises RegisterError.

    The first bytes show whether it is gzipped. The store's metadata are ignored, because uploads may not set them. If
    `known` has the same bytes, they are not parsed again: a list of members takes seconds.
    """
    data = unpacked(fetched.data, largest) if fetched.data.startswith(_GZIP) else fetched.data
    if len(data) > largest:
        raise RegisterError(f"it is larger than {largest:,} bytes", "it is too large")
    digest = sha256(data).hexdigest()
    value = known.value if known is not None and known.digest == digest else _value(data)
    return Content(value, fetched.version, digest)


def packed(data: bytes) -> bytes:
    """Return bytes gzipped. The same input gives the same output."""
    return gzip.compress(data, mtime=0)


def unpacked(data: bytes, largest: int) -> bytes:
    """Return the unpacked content of gzipped bytes, at most `largest` bytes and one. Raises RegisterError."""
    inflate = zlib.decompressobj(_GZIP_FORMAT)
    try:
        found = inflate.decompress(data, largest + 1)
    except zlib.error as error:
        raise RegisterError(f"it is not a whole gzip stream: {error}", "it is not a whole gzip stream") from None
    if len(found) <= largest and (not inflate.eof or inflate.unused_data):
        raise RegisterError("it is not a whole gzip stream: it ends early, or something follows it")
    return found


def _value(data: bytes) -> object:
    try:
        return strict_value_of(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise RegisterError(f"it is not text in UTF-8: byte {error.start}", "it is not text in UTF-8") from None
    except BadJsonError as error:
        raise RegisterError(f"it is {error}", "it is not JSON") from None
