"""Strings of which a part is not known before deployment.

A template may say `arn:aws:iam::${Partner}:root` where nobody knows `Partner` yet. Such a value reaches the
engine as `Holed(("arn:aws:iam::", Hole("Partner"), ":root"))`, never as a text with something put in its place:
what holds for every filling is decided, the rest is undecided and names the hole.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hole:
    """A value that is not known yet; `name` is what its author calls it."""

    name: str

    def __str__(self) -> str:
        return f"<{self.name}>"


@dataclass(frozen=True, slots=True)
class Holed:
    """A string with holes, as its parts in order."""

    parts: tuple[str | Hole, ...]

    def __str__(self) -> str:
        return "".join(map(str, self.parts))

    @property
    def holes(self) -> tuple[Hole, ...]:
        """The holes, in order of appearance."""
        return tuple(part for part in self.parts if isinstance(part, Hole))


Text = str | Holed


def as_text(value: object) -> Text | None:
    """Return `value` if it is a string, with or without holes, else None."""
    if isinstance(value, (str, Holed)):
        return value
    return Holed((value,)) if isinstance(value, Hole) else None
