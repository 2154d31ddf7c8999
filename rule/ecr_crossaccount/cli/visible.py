"""Foreign text made safe to show: a policy may come from anybody, and a terminal obeys what it is sent."""

from __future__ import annotations


def visible(text: str) -> str:
    """Return `text` with everything that a reader would not see written as an escape.

    Controls (so escape sequences too), line breaks, bidirectional overrides, zero-width characters, spaces that
    are no space, lone surrogates and unassigned characters: all that Unicode does not call printable.
    """
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _escaped(character) for character in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")
