"""Mutants that were reviewed and found equivalent: `equivalent.json`.

A row has `in`, `from` and `to`, as a survivor is printed, so that it stays with its code when the code moves. Its
`reason` says why no test can detect it. A row without matching code is reported, because it no longer excuses anything.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from .mutants import Key, Mutant

FILE = Path(__file__).with_name("equivalent.json")
_FIELDS = {"in", "from", "to", "reason"}


def reviewed(text: str) -> Mapping[Key, str]:
    """Return the reasons by the keys of mutants. Raises ValueError for a row that is invalid or appears twice."""
    found: dict[Key, str] = {}
    for row in json.loads(text):
        if row.keys() != _FIELDS or not row["reason"].strip():
            raise ValueError(f"expected the fields {sorted(_FIELDS)} and a reason, not {row}")
        key = row["in"], row["from"], row["to"]
        if key in found:
            raise ValueError(f"a row appears twice: {row}")
        found[key] = row["reason"]
    return found


def gone(rows: Iterable[Key], mutants: Iterable[Mutant]) -> list[Key]:
    """Return the rows about code that no longer exists."""
    there = {mutant.key for mutant in mutants}
    return [row for row in rows if row not in there]
