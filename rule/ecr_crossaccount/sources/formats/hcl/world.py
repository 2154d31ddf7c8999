"""Assumptions about the variables of a root module that have no given value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from ....documents.holes import Hole
from ....documents.problems import first_of
from ....questions.change.states import Assumption
from ...files.values.partial import Value, json_text, text_of

_MOST_NAMED = 4


@dataclass(frozen=True, slots=True)
class World:
    """Values of variables that differ from the usual ones.

    `values`: by name, a hole for any value. `files`: the variable files that are given, each with its values, which
    count before the others. `more`: the sources of more inputs than those that are known.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    files: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    more: tuple[str, ...] = ()

    def having(self, values: Mapping[str, Value]) -> World:
        """Return the world in which variables have other values too."""
        return replace(self, values={**self.values, **values})

    def given(self, path: str, values: Mapping[str, Value]) -> World:
        """Return the world in which a variable file is given too."""
        return replace(self, files={**self.files, path: values})

    def about(self, names: AbstractSet[str]) -> World:
        """Return the assumptions about some variables, the files that give one of them a value, and what may do so."""
        return World(
            {name: value for name, value in self.values.items() if name in names},
            {path: said for path, said in self.files.items() if not names.isdisjoint(said)},
            self.more,
        )

    @property
    def everything(self) -> Mapping[str, Value]:
        """The value of each variable."""
        return {**self.values, **self.in_files}

    @property
    def in_files(self) -> Mapping[str, Value]:
        """The values in the given files."""
        return {name: value for said in self.files.values() for name, value in said.items()}

    @property
    def assumed(self) -> Mapping[str, str | None]:
        """The text of each value, by name. None stands for any value, and also for each source of more inputs."""
        return {**{name: _text(value) for name, value in self.everything.items()}, **dict.fromkeys(self.more)}

    @property
    def ways(self) -> tuple[frozenset[Assumption], ...]:
        """The assumptions as values, as far as they say one."""
        known = frozenset((name, text, True) for name, text in self.assumed.items() if text is not None)
        return (known,) if known else ()

    @property
    def words(self) -> str:
        """The assumptions in words."""
        own = {name: _text(value) for name, value in self.values.items() if name not in self.in_files}
        unknown = sorted(name for name, text in own.items() if text is None)
        said = [f"{in_words(unknown)} is not left at its default"] if unknown else []
        said += [f"`{name}` is `{text}`" for name, text in own.items() if text is not None]
        said += [f"`{path}` is given" for path in self.files]
        said += [f"{in_words(self.more)} passes more inputs than are read here"] if self.more else []
        return " and ".join(said)


def in_words(names: Iterable[str]) -> str:
    """Return the names of variables for a message, at most four."""
    return first_of([f"`{name}`" for name in names], _MOST_NAMED)


def _text(value: Value) -> str | None:
    text = text_of(value)
    if isinstance(text, Hole):
        return None
    return text if isinstance(text, str) else str(json_text(text))
