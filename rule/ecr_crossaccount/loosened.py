"""A setting that stands beside the code, by which a run may find less than without it: reports list them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Loosened:
    """One such setting. `value` is JSON's; `source`: the file or the variable that says it; `line`: where in the file.

    `in_file`: whether somebody who can change the code can change it too.
    """

    name: str
    value: object
    source: str
    line: int | None
    in_file: bool

    @property
    def place(self) -> str:
        """Where it is said."""
        return self.source if self.line is None else f"{self.source}:{self.line}"

    def to_json(self) -> dict[str, object]:
        """Return it as reports have it."""
        return {"name": self.name, "value": self.value, "source": self.source, "line": self.line}
