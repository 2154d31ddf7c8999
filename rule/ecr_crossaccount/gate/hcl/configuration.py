"""One configuration: what it makes by the defaults of its variables, and what else it makes with other values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import product
from math import prod

from ..found import Harvest
from ..values.partial import Value
from .calls import Folders
from .evaluation import Evaluation, Sources
from .folders import Folder
from .forms import Form, in_all_forms, not_at_default, undefaulted
from .tree import Argument
from .variables import allowed_values, is_placeholder, turned, unknown

_MOST_ROUNDS = 4
_MOST_FORMS = 32
"""The most combinations of allowed values. If there are more, such a variable may have any value."""
_MOST_DEFAULTS = 24
"""The most variables whose defaults are checked for an effect."""
_KEY = re.compile(r'\[(?:[0-9]+|"(?:[^"\\]|\\.)*")\]$')
"""The key of an instance at the end of an address."""


class Configuration:
    """A root module, evaluated with the possible values of its variables.

    `named`: only policies that depend on these files are reported; None for all policies. `others`: by file, the values
    of variables that count only if the user names that file.
    """

    def __init__(
        self,
        folders: Folders,
        folder: Folder,
        inputs: Mapping[str, Argument],
        named: frozenset[str] | None,
        *,
        others: Mapping[str, Mapping[str, Argument]] | None = None,
    ) -> None:
        self._sources = Sources(folders, folder, inputs, named)
        self._others = others or {}
        self._usual = Evaluation(self._sources, {})
        self.called: set[str] = set()

    def harvest(self) -> Harvest:
        """Return what the configuration makes. Afterwards, `called` has the folders of the modules that it calls."""
        usual = self._made(self._usual)
        if not self._unsettled and not self._others:
            return usual
        first, *others = self._allowed(usual)
        opened = list(self._opened())
        names = {name for form in opened for name in form.of}
        return self._resting(in_all_forms([first, *opened, *others, *self._named_values()]), first.found, names)

    @property
    def _unsettled(self) -> set[str]:
        return self._usual.off.union(*self._usual.unsettled.values())

    def _made(self, evaluation: Evaluation) -> Harvest:
        found = evaluation.harvest()
        self.called |= evaluation.called
        return found

    def _with(self, assumed: Mapping[str, Value]) -> Harvest:
        return self._made(Evaluation(self._sources, assumed))

    # --- variables that the defaults leave open ---

    def _opened(self) -> Iterator[Form]:
        """Yield what is made if placeholders have other values and resources that are off by default are on."""
        opened: dict[str, Value] = {}
        evaluation = self._usual
        found = None
        for _ in range(_MOST_ROUNDS):
            more = self._to_open(evaluation, opened)
            if not more:
                break
            opened.update(more)
            evaluation = Evaluation(self._sources, opened)
            found = self._made(evaluation)
        if found is not None:
            names = frozenset(opened)
            yield Form(not_at_default(sorted(names)), found, names, self._usual.unsettled, opened=True)

    def _to_open(self, evaluation: Evaluation, opened: Mapping[str, Value]) -> dict[str, Value]:
        """Return the values of the variables to open next: those that a result depends on and that have a default."""
        asked = evaluation.off.union(*evaluation.unsettled.values()) - opened.keys()
        defaults = {name: one for name in sorted(asked) for one in self._default(name)}
        empty = {name: unknown(name) for name, one in defaults.items() if is_placeholder(one)}
        off = {name: turned(name, one) for name, one in defaults.items() if name in evaluation.off}
        return {**empty, **off}

    def _default(self, name: str) -> list[Value]:
        """Return a list with a variable's default; empty if it has none."""
        block = self._sources.folder.variables.get(name)
        said = block.attributes.get("default") if block is not None else None
        return [self._usual.value(said)] if said is not None else []

    def _allowed(self, usual: Harvest) -> Iterator[Form]:
        """Yield what is made for each combination of allowed values, that of the defaults first."""
        choices = {name: values for name in sorted(self._unsettled) for values in [self._choices(name)] if values}
        defaults = {name: one for name in choices for one in self._default(name)}
        base = {name: defaults.get(name, values[0]) for name, values in choices.items()}
        combinations = list(_combinations(choices))
        free = {name: value for name, value in base.items() if name not in defaults}
        yield Form(_said(free), self._with(free)) if free and combinations else Form("", usual)
        for one in combinations:
            if one != base:
                changed = {name: value for name, value in one.items() if name in free or base[name] != value}
                by_default = all(base[name] == one[name] for name in defaults)
                unsettled = self._usual.unsettled
                yield Form(_said(changed), self._with(one), frozenset(changed), unsettled, by_default=by_default)

    def _choices(self, name: str) -> list[str]:
        block = self._sources.folder.variables.get(name)
        return allowed_values(block) if block is not None else []

    def _named_values(self) -> Iterator[Form]:
        """Yield what is made with each file of variables that the user may name."""
        for path, said in self._others.items():
            if said:
                given = replace(self._sources, inputs={**self._sources.inputs, **said})
                found = self._made(Evaluation(given, {}))
                names = frozenset(said)
                rests = {one.resource: names for one in found.policies}
                yield Form(f"`{path}` is given", found, names, rests)

    # --- results that depend on defaults ---

    def _resting(self, found: Harvest, usual: Harvest, opened: AbstractSet[str]) -> Harvest:
        """Return the harvest. Each policy also has its value without each default that it depends on."""
        on: dict[str, set[str]] = {}
        for resource, names in self._usual.unsettled.items():
            for name in names - opened:
                on.setdefault(name, set()).add(_KEY.sub("", resource))
        asked = [name for name in sorted(on) if self._default(name) and not self._choices(name)][:_MOST_DEFAULTS]
        variants = {name: Evaluation(self._sources, {name: unknown(name)}, on[name]).harvest() for name in asked}
        return undefaulted(found, usual, variants)


def _said(values: Mapping[str, Value]) -> str:
    return " and ".join(f"`{name}` is `{value}`" for name, value in values.items())


def _combinations(choices: Mapping[str, Sequence[str]]) -> Iterator[dict[str, str]]:
    """Yield each combination of values, or none if they are too many."""
    if choices and prod(map(len, choices.values())) <= _MOST_FORMS:
        yield from (dict(zip(choices, one, strict=True)) for one in product(*choices.values()))
