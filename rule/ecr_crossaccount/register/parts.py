"""How a register is written into SSM parameters, which hold 4,096 characters each.

A parameter holds the register as JSON, or gzipped and in base64, or a head: the sha256 of a base64 text, and in how
many parts it stands. Part 2 of the register `/ecr/trust` is the parameter `/ecr/trust/DIGEST/2`, DIGEST being the first
16 digits of that sha256. So parts are never changed: whoever publishes writes new ones, and the head last.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from ..policy.json_grammar import BadJsonError
from ..policy.strict_json import strict_value_of
from .content import packed, unpacked
from .location import RegisterError

LONGEST = 4096
"""Characters of a standard parameter: https://docs.aws.amazon.com/general/latest/gr/ssm.html"""
MOST_PARTS = 100
_DIGITS = 16
_HEAD = re.compile(r'\s*\{\s*"(?:parts|sha256)"')
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Head:
    """What the parameter of a register in parts holds."""

    parts: int
    digest: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a head. Raises RegisterError."""
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
        """Return what `parse` reads."""
        return json.dumps({"parts": self.parts, "sha256": self.digest})

    def names(self, name: str) -> list[str]:
        """Return the names of the parts of a register, in order."""
        return [f"{name}/{self.digest[:_DIGITS]}/{number}" for number in range(1, self.parts + 1)]


def is_head(text: str) -> bool:
    """Tell whether a parameter holds a head, and not a register; a register has neither field."""
    return _HEAD.match(text) is not None


def packed_text(data: bytes) -> str:
    """Return bytes as a parameter holds them: as they are where they are short, else gzipped and in base64."""
    text = data.decode()
    return text if len(text) <= LONGEST else base64.b64encode(packed(data)).decode()


def split(text: str) -> tuple[Head, list[str]]:
    """Return a text in parts, and their head. Raises RegisterError."""
    parts = [text[start : start + LONGEST] for start in range(0, len(text), LONGEST)]
    if len(parts) > MOST_PARTS:
        raise RegisterError(f"it takes {len(parts)} parameters, more than {MOST_PARTS}: keep it in S3")
    return Head(len(parts), sha256(text.encode()).hexdigest()), parts


def unpacked_text(text: str, largest: int) -> bytes:
    """Return the bytes that `packed_text` wrote. Raises RegisterError."""
    if text.lstrip().startswith(("{", "[")):
        return text.encode()
    try:
        return unpacked(base64.b64decode(text, validate=True), largest)
    except binascii.Error as error:
        raise RegisterError(f"it is neither JSON nor base64: {error}", "it is neither JSON nor base64") from None
