"""One configuration in each world that its variables allow: what it makes by the defaults, and with other values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import cached_property
from itertools import chain, islice
from math import prod

from ....documents.holes import Hole
from ...files.values.partial import Value
from ...found.found import FoundPolicy, Harvest, Skipped
from .evaluation import Evaluation, Sources, bare
from .folders import Folder
from .forms import Form, Key, different, in_all_forms, undefaulted
from .module import Folders
from .tree import Argument
from .variables import Variables, World, turned, unknown

_MOST_WORLDS = 32
"""The most worlds. If there are more, every variable that may have several values is unknown in one more world."""
_MOST_ALONE = 64
"""The most policies whose worlds are then explored separately."""
_PLACEHOLDERS = ""
"""The name of the choice whether placeholders have other values than their defaults."""

Wanted = AbstractSet[str] | None
"""The addresses to evaluate; None for all."""

_Made = tuple[Evaluation, Form]
"""An evaluation in a world, and what it made."""


class Worlds:
    """The worlds of a configuration.

    `evaluated`: evaluates it. `without`: the variables with ordinary defaults that may have any other value.
    Afterwards, `asked` has the variables that each policy depends on in any world, by its resource.
    """

    def __init__(
        self,
        evaluated: Callable[[World, Wanted], tuple[Evaluation, Harvest]],
        variables: Variables,
        without: AbstractSet[str] = frozenset(),
    ) -> None:
        self._evaluated = evaluated
        self._variables = variables
        self._without = without
        self.asked: defaultdict[str, set[str]] = defaultdict(set)

    def harvest(self, wanted: Wanted = None) -> Harvest:
        """Return what is made in all worlds.

        If they are too many, those of each policy are explored separately, as far as the variables matter to it.
        """
        few = self._few(wanted)
        if few:
            return in_all_forms(few)
        usual, anything = self._extremes(wanted)
        pairs = ((usual.found, anything.found), (anything.found, usual.found))
        addresses = dict.fromkeys(bare(key[0]) for one, other in pairs for key in different(one, other))
        alone = {address: self._few({address}) for address in islice(addresses, _MOST_ALONE)}
        known = {address: in_all_forms(forms) for address, forms in alone.items() if forms}
        return _replaced(in_all_forms([usual, anything]), known)

    def _few(self, wanted: Wanted) -> list[Form]:
        """Return what is made in each world, the usual one first, or nothing if they are too many."""
        made = evaluation, _ = self._form(self._start, wanted)
        sizes = (len(others) + 1 for _, others in self._choices(self._start, evaluation))
        if wanted is None and prod(sizes) > _MOST_WORLDS:
            return []  # without an evaluation of everything in each of the first worlds
        found = list(islice(self._explored(self._start, made, frozenset(), wanted), _MOST_WORLDS + 1))
        return sorted(found, key=lambda form: len(form.departs)) if len(found) <= _MOST_WORLDS else []

    def _explored(self, world: World, made: _Made, settled: AbstractSet[str], wanted: Wanted) -> Iterator[Form]:
        """Yield what is made in a world, and in those that differ from it in something that it depends on.

        `settled`: the names of the choices that are not to be changed.
        """
        evaluation, form = made
        yield form
        for name, others in self._choices(world, evaluation):
            if name not in settled:
                settled |= {name}
                for other in others:
                    yield from self._explored(other, self._form(other, wanted), settled, wanted)

    def _form(self, world: World, wanted: Wanted) -> _Made:
        evaluation, found = self._evaluated(world, wanted)
        for resource, names in evaluation.asked.items():
            self.asked[resource] |= names
        departs = frozenset((*(world.values.keys() & self._variables.defaults.keys()), *world.files))
        return evaluation, Form(world, found, evaluation.asked, departs)

    @property
    def _start(self) -> World:
        """The world in which variables have their defaults, and those with listed values the first of them."""
        known = self._variables
        any_value = {name: unknown(name) for name in sorted(self._without - known.switches)}
        return World({**any_value, **{name: known.listed[name][0] for name in known.required}})

    def _extremes(self, wanted: Wanted) -> tuple[Form, Form]:
        """Return what is made by the defaults, and if every variable that may have several values is unknown."""
        known = self._variables
        _, usual = self._form(self._start.having({name: unknown(name) for name in known.required}), wanted)
        names = {*known.placeholders, *known.listed, *self._without, *chain.from_iterable(known.files.values())}
        world = World({name: unknown(name) for name in sorted(names)})
        evaluation, anything = self._form(world, wanted)
        while off := (evaluation.off & known.ordinary) - world.values.keys():
            world = world.having({name: unknown(name) for name in sorted(off)})
            evaluation, anything = self._form(world, wanted)
        return usual, anything

    # --- choices ---

    def _choices(self, world: World, evaluation: Evaluation) -> Iterator[tuple[str, list[World]]]:
        """Yield the choices that the results in a world depend on, and the worlds with other values."""
        known, asked = self._variables, evaluation.asked_by_any - world.in_files.keys()
        blank = known.placeholders - world.everything.keys()
        if asked & blank:
            yield _PLACEHOLDERS, [world.having({name: unknown(name) for name in sorted(blank)})]
        for name in sorted(asked & known.listed.keys()):
            value = world.values.get(name, known.defaults.get(name))
            yield name, [world.having({name: one}) for one in known.listed[name] if one != value]
        left = evaluation.off & known.ordinary | asked & self._without
        for name in sorted(left - world.values.keys()):
            yield name, [world.having({name: turned(name, known.defaults[name])})]
        for path, said in known.files.items():
            matters = evaluation.asked_by_any & said.keys()
            if matters and path not in world.files and not matters & self._chosen(world):
                yield path, [world.given(path, said)]

    def _chosen(self, world: World) -> AbstractSet[str]:
        """Return the variables with a chosen value. No file that gives them another one is given as well."""
        usual = self._start.values
        own = {name for name, one in world.values.items() if not isinstance(one, Hole) and usual.get(name) != one}
        return own | world.in_files.keys()


def _replaced(found: Harvest, known: Mapping[str, Harvest]) -> Harvest:
    """Return the harvest, in the same order, with the policies that are known in all of their forms."""
    policies = {
        address: [one for one in each.policies if bare(one.resource) == address] for address, each in known.items()
    }
    listed = [policies.pop(bare(one.resource), []) if bare(one.resource) in known else [one] for one in found.policies]
    return replace(found, policies=tuple(chain.from_iterable(listed)))


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
