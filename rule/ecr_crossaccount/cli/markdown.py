"""Foreign text in Markdown, where it must mean nothing."""

from __future__ import annotations

import re

from .visible import visible

_MARKUP = re.compile(r"[!-,.:-@\[-`{-~]")
"""All that is punctuation in ASCII but `-` and `/`."""

_LONGEST = 600
"""Characters of one text."""


def code(text: str) -> str:
    """Return `text` as code that means nothing: every mark an entity, which neither Markdown nor a table reads.

    Backticks would not do: a table ends its cells inside them, and a mention inside `<code>` calls nobody.
    """
    return f"<code>{inert(text)}</code>"


def inert(text: str) -> str:
    """Return `text` as prose whose marks are entities."""
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", cut(visible(text)))


def cut(text: str) -> str:
    """Return a text, or as much of it as a reader would read."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
