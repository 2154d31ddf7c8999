"""Strings with parts that are unknown before deployment.

A template may have `arn:aws:iam::${Partner}:root` when the value of `Partner` is not known yet. The engine receives
such a value as `Holed(("arn:aws:iam::", Hole("Partner"), ":root"))`, never as a text with a substitute for the hole.
The engine decides what is true for every value of the hole. Everything else is undecided, and the reason names the
hole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hole:
    """A value that is not known yet. `name` is the name that the author of the template gave it."""

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
    """Return `value` as a text, with or without holes, or None if it is not a string."""
    if isinstance(value, (str, Holed)):
        return value
    return Holed((value,)) if isinstance(value, Hole) else None


def holes_in(value: object) -> Iterator[Hole]:
    """Yield every hole of a policy."""
    match value:
        case Hole():
            yield value
        case Holed():
            yield from value.holes
        case dict() as fields:
            for one in fields.values():
                yield from holes_in(one)
        case list() as items:
            for item in items:
                yield from holes_in(item)
