"""What the product says: `sentences.json` holds the sentences that tests compare, each under a short key.

`sentence("files.cannot_read", path=path)` is the sentence with its `{path}`. In the tables of cases, the same is
`{files.cannot_read}`. `make answers` takes a new wording from the tests that failed because of it: tests/reworded.py.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

SENTENCES = Path(__file__).with_name("sentences.json")
HELD: dict[str, str | list[str]] = json.loads(SENTENCES.read_text("utf-8"))
"""The sentences by their keys. One of several lines is a list of them."""

REFERENCE = re.compile(r"\{(\w+\.\w+)\}")


class Sentence(str):
    """What the product is expected to say, with the key and the fields that it was made from."""

    __slots__ = ("fields", "key")
    key: str
    fields: dict[str, str]

    def __repr__(self) -> str:
        """Return the text with its key, for the report of a failing test."""
        return f"<{self.key}> {super().__repr__()}"


made: dict[str, Sentence] = {}
"""By its key, each sentence as it was last made."""


def sentence(key: str, /, **fields: object) -> str:
    """Return the sentence of a key, with the fields in it. Raises KeyError if there is none."""
    held, values = HELD[key], {name: str(value) for name, value in fields.items()}
    text = held if isinstance(held, str) else "\n".join(held)
    made[key] = Sentence(re.sub(r"\{(\w+)\}", lambda hole: values.get(hole[1], hole[0]), text))
    made[key].key, made[key].fields = key, values
    return made[key]


def filled(words: str) -> str:
    """Return words of a table, with each sentence in the place of its `{key}`."""
    return REFERENCE.sub(lambda found: sentence(found[1]) if found[1] in HELD else found[0], words)


def says(message: str, words: str) -> bool:
    """Return whether words are in a message, without a letter or digit right before or after them."""
    words = filled(words)
    before, after = (r"(?<!\w)" if words[:1].isalnum() else "", r"(?!\w)" if words[-1:].isalnum() else "")
    return re.search(f"{before}{re.escape(words)}{after}", message) is not None
