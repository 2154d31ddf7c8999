"""A register in a store: its location, its content, and its parts.

A location is `s3://bucket/key`, `ssm:/name` or `appconfig:APPLICATION/ENVIRONMENT/PROFILE`. The content is JSON, plain
or gzipped, limited in size, and read strictly.

An SSM parameter has at most 4,096 characters. It contains one of three forms: the register as JSON, the register
gzipped and in base64, or a head. A head has the SHA-256 of a base64 text and the number of its parts. Part 2 of the
register `/ecr/trust` is the parameter `/ecr/trust/DIGEST/2`, where DIGEST is the first 16 digits of that SHA-256. So
parts never change: a publisher writes new parts first, and the head last.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import re
import zlib
from enum import Enum
from hashlib import sha256
from typing import Self

from ...documents.json import BadJsonError, strict_value_of
from ...documents.problems import quote
from ...errors import InputError
from ...memo import by_value

LONGEST_LOCATION = 512
"""In characters. A rule's parameters have 1,024 in total."""


class RegisterError(InputError):
    """An invalid location, or content that is not a register. `short` fits into an annotation."""

    def __init__(self, reason: str, short: str | None = None) -> None:
        super().__init__(reason)
        self.short = short or reason


class Store(Enum):
    """The services that can store a register."""

    S3 = "s3"
    SSM = "ssm"
    APPCONFIG = "appconfig"


# No character with a meaning in policies or CloudFormation, because a role's policy contains these names.
_NAME = r"[A-Za-z0-9_.-]+"
_SHAPES: dict[Store, re.Pattern[str]] = {
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    Store.S3: re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/([A-Za-z0-9_.=@+-][A-Za-z0-9_./=@+-]*)"),
    # https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html: at most 15 levels,
    # and the parts need two of them
    Store.SSM: re.compile(rf"ssm:(/(?!aws|ssm){_NAME}(?:/{_NAME}){{0,12}})", re.IGNORECASE),
    # https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_appconfigdata_StartConfigurationSession.html
    Store.APPCONFIG: re.compile(r"appconfig:([A-Za-z0-9_.-]{1,64})/([A-Za-z0-9_.-]{1,64})/([A-Za-z0-9_.-]{1,128})"),
}
_EXPECTED = "expected `s3://bucket/key`, `ssm:/name` or `appconfig:APPLICATION/ENVIRONMENT/PROFILE`"


@by_value
class Location:
    """The location of a register. `parts`: bucket and key; a parameter's name; or application, environment, profile."""

    store: Store
    parts: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a location. Raises RegisterError with the expected forms."""
        for store, shape in _SHAPES.items():
            found = shape.fullmatch(text)
            if found is not None and len(text) <= LONGEST_LOCATION:
                return cls(store, found.groups())
        raise RegisterError(f"{quote(text)} is not the place of a register: {_EXPECTED}")

    def __str__(self) -> str:
        prefix = "s3://" if self.store is Store.S3 else f"{self.store.value}:"
        return prefix + "/".join(self.parts)


LARGEST = 4 * 1_048_576
"""The most bytes of a register, both packed and unpacked. The command line has the same limit."""
_GZIP = b"\x1f\x8b"
_GZIP_FORMAT = 31
"""The value of zlib's `wbits` for a gzip header and checksum, with a window of any size."""


@by_value
class Fetched:
    """A store's answer. `version` is the store's own name for it, or None.

    `condition` ties a later write to this version, so that the write fails if someone else has written in between.
    """

    data: bytes
    version: str | None = None
    condition: str | None = None


@by_value
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
    data = unpack_bytes(fetched.data, largest) if fetched.data.startswith(_GZIP) else fetched.data
    if len(data) > largest:
        raise RegisterError(f"it is larger than {largest:,} bytes", "it is too large")
    digest = sha256(data).hexdigest()
    value = known.value if known is not None and known.digest == digest else _value(data)
    return Content(value, fetched.version, digest)


def pack_bytes(data: bytes) -> bytes:
    """Return bytes gzipped. The same input gives the same output."""
    return gzip.compress(data, mtime=0)


def unpack_bytes(data: bytes, largest: int) -> bytes:
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


LONGEST_PARAMETER = 4096
"""Characters of a standard parameter: https://docs.aws.amazon.com/general/latest/gr/ssm.html"""
MOST_PARTS = 100
_DIGITS = 16
_HEAD = re.compile(r'\s*\{\s*"(?:parts|sha256)"')
_SHA256 = re.compile(r"[0-9a-f]{64}")


@by_value
class Head:
    """The content of the parameter of a register in parts."""

    parts: int
    digest: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a head. Raises RegisterError."""
        try:
            value = strict_value_of(text)
        except BadJsonError as error:
            raise RegisterError(f"its head is {error}", "its head is not JSON") from None
        parts, digest = (value.get("parts"), value.get("sha256")) if isinstance(value, dict) else (None, None)
        if not isinstance(parts, int) or isinstance(parts, bool) or parts not in range(1, MOST_PARTS + 1):
            raise RegisterError(f"its head names no number of parts from 1 to {MOST_PARTS}", "its head is wrong")
        if not isinstance(digest, str) or not _SHA256.fullmatch(digest):
            raise RegisterError("its head names no sha256 in 64 digits", "its head is wrong")
        return cls(parts, digest)

    def text(self) -> str:
        """Return the text that `parse` reads."""
        return json.dumps({"parts": self.parts, "sha256": self.digest})

    def names(self, name: str) -> list[str]:
        """Return the names of a register's parts, in order."""
        return [f"{name}/{self.digest[:_DIGITS]}/{number}" for number in range(1, self.parts + 1)]


def is_head(text: str) -> bool:
    """Return whether a parameter contains a head. A register has neither of its fields."""
    return _HEAD.match(text) is not None


def packed_text(data: bytes) -> str:
    """Return bytes in the form of a parameter: unchanged if they are short, otherwise gzipped and in base64."""
    text = data.decode()
    return text if len(text) <= LONGEST_PARAMETER else base64.b64encode(pack_bytes(data)).decode()


def split(text: str) -> tuple[Head, list[str]]:
    """Return a text in parts, and their head. Raises RegisterError."""
    parts = [text[start : start + LONGEST_PARAMETER] for start in range(0, len(text), LONGEST_PARAMETER)]
    if len(parts) > MOST_PARTS:
        raise RegisterError(f"it takes {len(parts)} parameters, more than {MOST_PARTS}: keep it in S3")
    return Head(len(parts), sha256(text.encode()).hexdigest()), parts


def unpacked_text(text: str, largest: int) -> bytes:
    """Return the bytes from the output of `packed_text`. Raises RegisterError."""
    if text.lstrip().startswith(("{", "[")):
        return text.encode()
    try:
        return unpack_bytes(base64.b64decode(text, validate=True), largest)
    except binascii.Error as error:
        raise RegisterError(f"it is neither JSON nor base64: {error}", "it is neither JSON nor base64") from None
