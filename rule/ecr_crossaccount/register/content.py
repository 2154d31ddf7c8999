"""What a store holds of a register: JSON, plain or gzipped, of a bounded size; read strictly."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from hashlib import sha256

from ..policy.json_grammar import BadJsonError
from ..policy.strict_json import strict_value_of
from .location import RegisterError

LARGEST = 4 * 1_048_576
"""Bytes of a register, packed and unpacked: the command line takes no larger file either."""
_GZIP = b"\x1f\x8b"
_GZIP_FORMAT = 31
"""Of zlib's `wbits`: gzip's header and checksum are expected, with a window of any size."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a store answered. `version` is its own name for it, None if it has none.

    `condition` is what a write can be tied to, so that it fails if someone else has written in between.
    """

    data: bytes
    version: str | None = None
    condition: str | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """The JSON value that a store holds, and the sha256 of its text, unpacked."""

    value: object
    version: str | None
    digest: str


def content_of(fetched: Fetched, largest: int = LARGEST) -> Content:
    """Read what was fetched. Raises RegisterError.

    Whether it is gzipped, its first bytes say; no store's word is taken for it, since uploads forget to say so.
    """
    data = unpacked(fetched.data, largest) if fetched.data.startswith(_GZIP) else fetched.data
    if len(data) > largest:
        raise RegisterError(f"it is larger than {largest:,} bytes", "it is too large")
    return Content(_value(data), fetched.version, sha256(data).hexdigest())


def packed(data: bytes) -> bytes:
    """Return bytes gzipped, the same ones for the same bytes."""
    return gzip.compress(data, mtime=0)


def unpacked(data: bytes, largest: int) -> bytes:
    """Return what gzipped bytes hold, no more than `largest` bytes and one. Raises RegisterError."""
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
