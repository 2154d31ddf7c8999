"""Which setting holds: flags before the environment, that before a file, and a default last."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import PurePath

from ...provenance import Loosened
from . import keys
from .keys import Key

Faults = list[str]
"""What is wrong with settings, a line each: all of it is told together."""


WORKING_FOLDER = "the working folder"
"""The source of a register that was found there."""


class Origin(StrEnum):
    """Who says what holds, the strongest first."""

    FLAG = "flag"
    ENVIRONMENT = "environment"
    FILE = "file"
    FOUND = "found"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Setting:
    """What one setting is. `part`: its member's name, if members are settings of their own; `source` says it.

    `value` is as `Shape.read` gives it, or as argparse does for a flag.
    """

    key: Key
    part: str | None
    value: object
    origin: Origin
    source: str
    line: int | None = None

    @property
    def name(self) -> str:
        """The key, with the member's name behind it."""
        return self.key.name if self.part is None else f"{self.key.name}.{self.part}"

    @property
    def place(self) -> str:
        """Where it is said."""
        return self.source if self.line is None else f"{self.source}:{self.line}"

    @property
    def plain(self) -> object:
        """Its value, as JSON has it."""
        return _plain(self.value)

    def loosened(self) -> Loosened:
        """Return it as a report lists it."""
        return Loosened(self.name, self.plain, self.source, self.line, self.origin in (Origin.FILE, Origin.FOUND))


def _plain(value: object) -> object:
    match value:
        case dict():
            return {str(_plain(name)): _plain(one) for name, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
        case PurePath() | date():
            return str(value)
    return getattr(value, "text", value)  # of a pattern


def members(key: Key, value: object, source: str, line: Callable[[str], int | None] | None = None) -> Iterator[Setting]:
    """Yield a setting, or one for each member. `line` tells that of a path, for a file; else a variable says it."""
    origin = Origin.ENVIRONMENT if line is None else Origin.FILE
    parts: Iterable[tuple[str | None, object]] = (
        value.items() if key.each and isinstance(value, dict) else [(None, value)]
    )
    for part, one in parts:
        path = key.name if part is None else f"{key.name}.{part}"
        yield Setting(key, part, one, origin, source, None if line is None else line(path))


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for one command: `held` in the table's order, defaults among them. `file`: the one that was read."""

    held: tuple[Setting, ...] = ()
    file: str | None = None

    @classmethod
    def of(cls, layers: Iterable[Iterable[Setting]], file: str | None) -> Settings:
        """Return what holds of layers, the weakest first."""
        chosen: dict[tuple[str, str | None], Setting] = {}
        for layer in map(list, layers):
            said = {one.key.name for one in layer}
            chosen = {at: one for at, one in chosen.items() if one.key.weaker_than not in said}
            chosen.update({(one.key.name, one.part): one for one in layer})
        order = list(keys.BY_NAME)
        return cls(tuple(sorted(chosen.values(), key=lambda one: (order.index(one.key.name), one.part or ""))), file)

    def about(self, name: str) -> list[Setting]:
        """Return what holds of one key: nothing, one setting, or one for each member."""
        return [one for one in self.held if one.key.name == name]

    def origin(self, name: str) -> Origin:
        """Return who says a key, of several members the strongest."""
        order = list(Origin)
        return min((one.origin for one in self.about(name)), key=order.index, default=Origin.DEFAULT)

    def standing(self, name: str) -> dict[str, tuple[str, int | None]]:
        """Return the members of a key that no option gives, each with its source and line."""
        held = (one for one in self.about(name) if one.part is not None and one.origin is not Origin.FLAG)
        return {str(one.part): (one.source, one.line) for one in held}

    @property
    def loosened(self) -> tuple[Loosened, ...]:
        """Those by which less may be found, but for what the command line itself says."""
        unsaid = (Origin.FLAG, Origin.DEFAULT)
        return tuple(one.loosened() for one in self.held if one.origin not in unsaid and one.key.loosens(one.value))


NO_SETTINGS = Settings()
