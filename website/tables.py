"""Tables and lists in Markdown."""

from __future__ import annotations

from collections.abc import Iterable


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table. A cell is one line of Markdown, with its bars escaped."""
    lines = [head, tuple("---" for _ in head), *(tuple(map(one_line, row)) for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def items(rows: Iterable[tuple[str, str]]) -> str:
    """Return a list of names with their meanings."""
    return "\n".join(f"- {name}: {' '.join(meaning.split())}" for name, meaning in rows)


def one_line(text: str) -> str:
    """Return a text as a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")
