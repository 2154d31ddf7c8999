"""Small files as text: registers and settings, which people write by hand."""

from __future__ import annotations

import json
from pathlib import Path

from ..errors import in_our_words


class UnreadableTextError(ValueError):
    """A file that is no text, or too much of it; the message says why."""


def bytes_in(path: str, largest: int) -> bytes:
    """Return what is in a file of at most `largest` bytes. Raises UnreadableTextError."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(largest + 1)
    except OSError as error:
        raise UnreadableTextError(in_our_words(error)) from None
    except ValueError as error:  # a name that no file can have
        raise UnreadableTextError(str(error)) from None
    if len(data) > largest:
        raise UnreadableTextError(f"larger than {largest:,} bytes")
    return data


def decoded(data: bytes) -> tuple[str, str]:
    """Return a text, and the encoding that it is in: UTF-8, or what its first bytes say. Raises UnreadableTextError."""
    encoding = json.detect_encoding(data)
    try:
        return data.decode(encoding), encoding
    except UnicodeDecodeError:
        raise UnreadableTextError("not text in UTF-8") from None
