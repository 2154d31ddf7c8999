"""Small files as text: registers and settings, which people write by hand."""

from __future__ import annotations

import json
from pathlib import Path

from ..errors import in_our_words


class UnreadableTextError(ValueError):
    """A file that is no text, or too much of it; the message says why."""


def text_in(path: str, largest: int) -> tuple[str, str]:
    """Return the text of a file of at most `largest` bytes, and its encoding. Raises UnreadableTextError."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(largest + 1)
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        raise UnreadableTextError(in_our_words(error) if isinstance(error, OSError) else str(error)) from None
    if len(data) > largest:
        raise UnreadableTextError(f"larger than {largest:,} bytes")
    encoding = json.detect_encoding(data)
    try:
        return data.decode(encoding), encoding
    except UnicodeDecodeError:
        raise UnreadableTextError("not text in UTF-8") from None
