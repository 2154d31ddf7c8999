"""Which setting applies: a flag wins over the environment, the environment over a file, and a file over the default."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import PurePath

from ....sources.check.provenance import Loosened
from . import keys
from .keys import Key

Faults = list[str]
"""Errors in settings, one a line. They are reported together."""


WORKING_FOLDER = "the working folder"
"""The source of a register that was found in the working folder."""


class Origin(StrEnum):
    """The source of a setting, the strongest first."""

    FLAG = "flag"
    ENVIRONMENT = "environment"
    FILE = "file"
    FOUND = "found"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Setting:
    """The value of one setting. `part` is the name of a member, if members are separate settings.

    `value` is the result of `Shape.read`, or the value from argparse for a flag. `source` names the place that sets it.
    """

    key: Key
    part: str | None
    value: object
    origin: Origin
    source: str
    line: int | None = None

    @property
    def name(self) -> str:
        """The key, followed by the member's name."""
        return self.key.name if self.part is None else f"{self.key.name}.{self.part}"

    @property
    def place(self) -> str:
        """The source with the line, if known."""
        return self.source if self.line is None else f"{self.source}:{self.line}"

    @property
    def plain(self) -> object:
        """The value with JSON's types."""
        return _plain(self.value)

    def loosened(self) -> Loosened:
        """Return the setting in the form in which a report lists it."""
        return Loosened(self.name, self.plain, self.source, self.line, self.origin in (Origin.FILE, Origin.FOUND))


def _plain(value: object) -> object:
    match value:
        case dict():
            return {str(_plain(name)): _plain(one) for name, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
        case PurePath() | date():
            return str(value)
    return getattr(value, "text", value)  # the text of a pattern


def members(key: Key, value: object, source: str, line: Callable[[str], int | None] | None = None) -> Iterator[Setting]:
    """Yield a setting, or one for each member. `line` returns the line of a path in a file; None means a variable."""
    origin = Origin.ENVIRONMENT if line is None else Origin.FILE
    parts: Iterable[tuple[str | None, object]] = (
        value.items() if key.each and isinstance(value, dict) else [(None, value)]
    )
    for part, one in parts:
        path = key.name if part is None else f"{key.name}.{part}"
        yield Setting(key, part, one, origin, source, None if line is None else line(path))


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings for one command. `held` is in the table's order, with defaults. `file` is the one that was read."""

    held: tuple[Setting, ...] = ()
    file: str | None = None

    @classmethod
    def of(cls, layers: Iterable[Iterable[Setting]], file: str | None) -> Settings:
        """Return the settings that apply, given layers from the weakest to the strongest."""
        chosen: dict[tuple[str, str | None], Setting] = {}
        for layer in map(list, layers):
            said = {one.key.name for one in layer}
            chosen = {at: one for at, one in chosen.items() if one.key.weaker_than not in said}
            chosen.update({(one.key.name, one.part): one for one in layer})
        order = list(keys.BY_NAME)
        return cls(tuple(sorted(chosen.values(), key=lambda one: (order.index(one.key.name), one.part or ""))), file)

    def about(self, name: str) -> list[Setting]:
        """Return the settings for one key: none, one, or one for each member."""
        return [one for one in self.held if one.key.name == name]

    def origin(self, name: str) -> Origin:
        """Return the origin of a key's value. With several members, the strongest origin."""
        order = list(Origin)
        return min((one.origin for one in self.about(name)), key=order.index, default=Origin.DEFAULT)

    def standing(self, name: str) -> dict[str, tuple[str, int | None]]:
        """Return the members of a key that no option sets, each with its source and line."""
        held = (one for one in self.about(name) if one.part is not None and one.origin is not Origin.FLAG)
        return {str(one.part): (one.source, one.line) for one in held}

    @property
    def loosened(self) -> tuple[Loosened, ...]:
        """The settings that may reduce what is found, except those on the command line."""
        unsaid = (Origin.FLAG, Origin.DEFAULT)
        return tuple(one.loosened() for one in self.held if one.origin not in unsaid and one.key.loosens(one.value))


NO_SETTINGS = Settings()
