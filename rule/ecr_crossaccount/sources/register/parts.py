"""How a register is stored in SSM parameters, which have at most 4,096 characters each.

A parameter contains one of three forms: the register as JSON, the register gzipped and in base64, or a head. A head has
the SHA-256 of a base64 text and the number of its parts. Part 2 of the register `/ecr/trust` is the parameter
`/ecr/trust/DIGEST/2`, where DIGEST is the first 16 digits of that SHA-256. So parts never change: a publisher writes
new parts first, and the head last.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from ...documents.json import BadJsonError, strict_value_of
from .content import packed, unpacked
from .location import RegisterError

LONGEST_PARAMETER = 4096
"""Characters of a standard parameter: https://docs.aws.amazon.com/general/latest/gr/ssm.html"""
MOST_PARTS = 100
_DIGITS = 16
_HEAD = re.compile(r'\s*\{\s*"(?:parts|sha256)"')
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
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
    return text if len(text) <= LONGEST_PARAMETER else base64.b64encode(packed(data)).decode()


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
        return unpacked(base64.b64decode(text, validate=True), largest)
    except binascii.Error as error:
        raise RegisterError(f"it is neither JSON nor base64: {error}", "it is neither JSON nor base64") from None
