"""Foreign text made safe to show. Anyone may have written a policy, and a terminal obeys the control codes in it."""

from __future__ import annotations


def visible(text: str) -> str:
    """Return `text` with every character that a reader would not see written as an escape.

    These are all characters that Unicode does not call printable: controls (and so escape sequences), line breaks,
    bidirectional overrides, zero-width characters, spaces other than U+0020, lone surrogates and unassigned characters.
    """
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _escaped(character) for character in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")
