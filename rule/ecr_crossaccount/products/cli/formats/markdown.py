"""Foreign text for Markdown, escaped so that it has no meaning there."""

from __future__ import annotations

import re

from ..base.visible import visible

_MARKUP = re.compile(r"[!-,.:-@\[-`{-~]")
"""The ASCII punctuation except `-` and `/`."""

_LONGEST = 600
"""The most characters of one text."""


def code(text: str) -> str:
    """Return `text` as inert code: every mark is an entity, which neither Markdown nor a table interprets.

    Backticks are not enough, because a table ends its cells inside them. A mention inside `<code>` notifies no one.
    """
    return f"<code>{inert(text)}</code>"


def inert(text: str) -> str:
    """Return `text` as prose with its marks as entities."""
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", cut(visible(text)))


def cut(text: str) -> str:
    """Return a text, shortened if it is longer than anyone would read."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
