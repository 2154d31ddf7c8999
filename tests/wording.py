"""Whether a message contains certain words: whole ones, so that text attached to their ends is found."""

from __future__ import annotations

import re


def says(message: str, words: str) -> bool:
    """Return whether words are in a message, without a letter or digit right before or after them."""
    before, after = (r"(?<!\w)" if words[:1].isalnum() else "", r"(?!\w)" if words[-1:].isalnum() else "")
    return re.search(f"{before}{re.escape(words)}{after}", message) is not None
