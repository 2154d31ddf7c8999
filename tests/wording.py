"""Whether a message says some words: whole ones, so that nobody may glue anything to their ends."""

from __future__ import annotations

import re


def says(message: str, words: str) -> bool:
    """Tell whether words stand in a message, no letter or digit right before or after them."""
    before, after = (r"(?<!\w)" if words[:1].isalnum() else "", r"(?!\w)" if words[-1:].isalnum() else "")
    return re.search(f"{before}{re.escape(words)}{after}", message) is not None
