"""Strings with parts that are unknown before deployment, and the strings that conditions compare with.

A template may have `arn:aws:iam::${Partner}:root` when the value of `Partner` is not known yet. The engine receives
such a value as `Holed(("arn:aws:iam::", Hole("Partner"), ":root"))`, never as a text with a substitute for the hole.
The engine decides what is true for every value of the hole. Everything else is undecided, and the reason names the
hole.

A pattern is made of literal text, wildcards, policy variables and holes.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache

from ..memo import by_value


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


def texts_in(value: object) -> Iterator[str]:
    """Yield every text in a value, except the names in its objects."""
    return (leaf for leaf in leaves_in(value) if isinstance(leaf, str))


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


def leaves_in(value: object) -> Iterator[object]:
    """Yield everything in a value that is neither an object nor a list, in order. Any depth is possible."""
    rest = [value]
    while rest:
        match rest.pop():
            case Mapping() as fields:
                rest.extend([*fields.values()][::-1])
            case list() | tuple() as items:
                rest.extend(items[::-1])
            case leaf:
                yield leaf


def holes_in(value: object) -> Iterator[Hole]:
    """Yield every hole of a policy."""
    for leaf in leaves_in(value):
        if isinstance(leaf, (Hole, Holed)):
            yield from leaf.holes if isinstance(leaf, Holed) else (leaf,)


def pattern_of(text: Text) -> str:
    """Return a text with `*` in place of its unknown parts."""
    return "".join(part if isinstance(part, str) else "*" for part in (text.parts if isinstance(text, Holed) else text))


class Wild(Enum):
    """The two wildcards of IAM."""

    ANY = "*"
    ONE = "?"

    __hash__ = object.__hash__  # by identity: patterns are looked up by it


@by_value
class Variable:
    """`${key}` or `${key, 'default'}`. `key` is in lower case, because keys are compared without regard to case."""

    key: str
    default: str | None = None


Part = str | Wild | Variable | Hole


@by_value
class Pattern:
    """A comparison string, split into its parts. Adjacent literal parts are joined. An empty string has no parts."""

    parts: tuple[Part, ...]
    source: str

    @property
    def literal(self) -> str | None:
        """The one string that the pattern matches, or None if it has wildcards, variables or holes."""
        if not self.parts:
            return ""
        first = self.parts[0]
        return first if len(self.parts) == 1 and isinstance(first, str) else None

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The policy variables that the pattern refers to."""
        return tuple([part for part in self.parts if isinstance(part, Variable)])

    @property
    def holes(self) -> tuple[Hole, ...]:
        """The holes of the pattern."""
        return tuple([part for part in self.parts if isinstance(part, Hole)])


_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_REFERENCE = re.compile(r"\s*([^\s,']+)\s*(?:,\s*'([^']*)'\s*)?")
_WILDCARD = re.compile(r"([*?])")
_ESCAPED = frozenset("*?$")


def _wildcards(text: str) -> list[Part]:
    parts: list[Part] = []
    for piece in _WILDCARD.split(text):
        if piece in ("*", "?"):
            # `**` matches the same strings as `*`. With one form for both, equal patterns compare equal.
            if piece == "?" or not parts or parts[-1] is not Wild.ANY:
                parts.append(Wild.ONE if piece == "?" else Wild.ANY)
        elif piece:
            parts.append(piece)
    return parts


def _reference(content: str) -> Part | None:
    if content in _ESCAPED:
        return content
    found = _REFERENCE.fullmatch(content)
    return Variable(found[1].lower(), found[2]) if found else None


def _with_variables(text: str, *, wild: bool) -> list[Part]:
    parts: list[Part] = []
    end = 0
    for found in _VARIABLE.finditer(text):
        reference = _reference(found[1])
        if reference is not None:
            parts += _plain(text[end : found.start()], wild=wild)
            parts.append(reference)
            end = found.end()
    return parts + _plain(text[end:], wild=wild)


def _plain(text: str, *, wild: bool) -> list[Part]:
    if wild and ("*" in text or "?" in text):
        return _wildcards(text)
    return [text] if text else []


def join_parts(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Join adjacent literal parts."""
    merged: list[Part] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        else:
            merged.append(part)
    return tuple(merged)


def pattern(text: Text, *, wild: bool, variables: bool) -> Pattern:
    """Split a comparison string into its parts.

    `wild`: `*` and `?` are wildcards (StringLike and the Arn operators). `variables`: `${…}` is a policy variable
    (Version 2012-10-17), and `${*}`, `${?}` and `${$}` are the characters themselves.
    """
    if isinstance(text, str) and not ((variables and "${" in text) or (wild and ("*" in text or "?" in text))):
        return Pattern((text,) if text else (), text)
    return _taken_apart(text, wild=wild, variables=variables)


@lru_cache(maxsize=4096)
def _taken_apart(text: Text, *, wild: bool, variables: bool) -> Pattern:
    if isinstance(text, str) and "${" not in text:
        return Pattern(tuple(_wildcards(text)), text)
    pieces = text.parts if isinstance(text, Holed) else (text,)
    parts: list[Part] = []
    for piece in pieces:
        if isinstance(piece, Hole):
            parts.append(piece)
        elif variables and "${" in piece:
            parts += _with_variables(piece, wild=wild)
        else:
            parts += _plain(piece, wild=wild)
    return Pattern(join_parts(parts), str(text))
