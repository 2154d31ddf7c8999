"""One configuration: what it makes by the defaults of its variables, and what else it makes with other values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from functools import cached_property
from itertools import chain

from ...files.values.partial import Value
from ...found.found import FoundPolicy, Harvest, Skipped
from .calls import Folders
from .evaluation import Evaluation, Sources, bare
from .folders import Folder
from .forms import Key, different, undefaulted
from .tree import Argument
from .variables import Variables
from .world import World
from .worlds import Worlds

_MOST_DEFAULTS = 24
"""The most variables whose defaults are checked for an effect one by one."""


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
        self.called: set[str] = set()
        self.left: dict[str, Skipped] = {}

    def harvest(self) -> Harvest:
        """Return what the configuration makes.

        Afterwards, `called` has the folders of the modules that it calls, and `left` those that it leaves out.
        """
        evaluation, plain = self._plain
        if not evaluation.asked_by_any:
            return plain
        variables = Variables.of(self._sources.folder.variables, self._sources.inputs, self._others, evaluation.value)
        worlds = Worlds(self._evaluated, variables)
        found = worlds.harvest()
        rest = variables.ordinary.intersection(chain.from_iterable(worlds.asked.values()))
        return self._with_notes(found, variables) if rest else found

    @cached_property
    def _plain(self) -> tuple[Evaluation, Harvest]:
        return self._evaluation({}, None)

    def _evaluated(self, world: World, wanted: AbstractSet[str] | None) -> tuple[Evaluation, Harvest]:
        is_plain = wanted is None and not world.everything
        return self._plain if is_plain else self._evaluation(world.everything, wanted)

    def _evaluation(self, assumed: Mapping[str, Value], wanted: AbstractSet[str] | None) -> tuple[Evaluation, Harvest]:
        evaluation = Evaluation(self._sources, assumed, wanted)
        found = evaluation.harvest()
        self.called |= evaluation.called
        self.left |= evaluation.left
        return evaluation, found

    def _with_notes(self, found: Harvest, variables: Variables) -> Harvest:
        """Return the harvest. Each policy also has its forms without the defaults that it depends on.

        All defaults are left out together, and each of them alone.
        """
        every = Worlds(self._evaluated, variables, variables.ordinary)
        together = different(found, every.harvest())
        on: defaultdict[str, set[str]] = defaultdict(set)
        without: defaultdict[frozenset[str], dict[Key, FoundPolicy]] = defaultdict(dict)
        for key, one in together.items():
            names = every.asked[one.resource] & variables.ordinary
            without[frozenset(map(_quoted, names))][key] = one
            for name in names if len(names) > 1 else ():
                on[name].add(bare(one.resource))
        for name in sorted(on)[:_MOST_DEFAULTS]:
            others = different(found, Worlds(self._evaluated, variables, {name}).harvest(on[name]))
            without[frozenset({_quoted(name)})] |= others
        return undefaulted(found, without)


def _quoted(name: str) -> str:
    return f"`{name}`"
