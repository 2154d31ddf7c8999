"""Strings with parts that are unknown before deployment.

A template may have `arn:aws:iam::${Partner}:root` when the value of `Partner` is not known yet. The engine receives
such a value as `Holed(("arn:aws:iam::", Hole("Partner"), ":root"))`, never as a text with a substitute for the hole.
The engine decides what is true for every value of the hole. Everything else is undecided, and the reason names the
hole.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Hole:
    """A value that is not known yet. `name` is the name that the author of the template gave it.

    `supply` is what gives the value, such as an option of the command, or "" if nothing does before deployment.
    """

    name: str
    supply: str = field(default="", compare=False, repr=False)

    def __str__(self) -> str:
        return f"<{self.name}>"


OWNER = Hole("AWS::AccountId")
"""The account of the deployment if it is unknown."""


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


def text_of(parts: Iterable[str | Hole]) -> Text:
    """Return parts as one text, a plain string if it has no hole."""
    joined: list[str | Hole] = []
    for is_text, run in itertools.groupby(parts, lambda part: isinstance(part, str)):
        text_or_holes = list(run)
        joined += filter(None, ["".join(map(str, text_or_holes))]) if is_text else text_or_holes
    if any(isinstance(part, Hole) for part in joined):
        return Holed(tuple(joined))
    return str(joined[0]) if joined else ""


def with_values(value: object, values: Mapping[Hole, str | Hole]) -> object:
    """Return a policy with other values in place of some holes: texts, or other holes."""
    match value:
        case Holed() if not values.keys().isdisjoint(value.holes):
            return text_of(values.get(part, part) if isinstance(part, Hole) else part for part in value.parts)
        case Hole():
            return values.get(value, value)
        case dict() as fields:
            return _same_kind(fields, {name: with_values(one, values) for name, one in fields.items()})
        case list() as items:
            return [with_values(item, values) for item in items]
    return value


def _same_kind(old: dict[str, object], new: dict[str, object]) -> dict[str, object]:
    """Return the new fields. If a name appears twice in the old object, keep its type."""
    if type(old) is dict:
        return new
    made = copy(old)
    made.update(new)
    return made


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
