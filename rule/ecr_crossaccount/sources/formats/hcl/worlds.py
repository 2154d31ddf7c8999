"""One configuration in each world that its variables allow: what it makes by the defaults, and with other values.

Its results are merged into one policy for each resource.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import cached_property
from itertools import chain, islice
from math import prod
from typing import TypeVar

from ....documents.parse import parse
from ....documents.pattern import Hole
from ....memo import by_value
from ....questions.change.states import Guard
from ...files.values.partial import Value
from ...found.found import FoundPolicy, Harvest, Otherwise, Skipped, alike
from .evaluation import Evaluation, Sources, bare
from .folders import Folder
from .module import Folders
from .tree import Argument
from .variables import Variables, World, other_value, unknown

_SWITCHED_ON = "not created unless a variable changes: its `count` or `for_each` leaves it out by default"
_PLACEHOLDER = "not valid by default, so judged as it is if {}"
_PERHAPS = "variables decide whether it exists"

Key = tuple[str, str, int]


@by_value
class Form:
    """What is made in a world.

    `asked`: the variables that each policy depends on, by its resource. `departs`: the variables with defaults, and the
    files, for which the world assumes something else than what is usual.
    """

    world: World
    found: Harvest
    asked: Mapping[str, frozenset[str]]
    departs: frozenset[str] = frozenset()

    def guard(self, resource: str) -> World:
        """Return the assumptions that matter to a resource."""
        return self.world.restrict(self.asked.get(resource, frozenset()))


_Formed = TypeVar("_Formed", FoundPolicy, Otherwise)
_Way = tuple[Form, FoundPolicy]
"""A policy, and the form that has it."""


def in_all_forms(forms: Sequence[Form]) -> Harvest:
    """Return what is made in the first form, with the other forms of each policy, and what only other forms make."""
    ways: defaultdict[Key, list[_Way]] = defaultdict(list)
    for form in forms:
        for key, one in _policies_by_key(form.found).items():
            ways[key].append((form, one))
    return _combine_harvests([form.found for form in forms], (_merge_ways(ways[key], len(forms)) for key in ways))


def with_more(usual: Harvest, other: Harvest, world: World) -> Harvest:
    """Return the usual harvest, each policy also with the forms that it has in another world. New ones are left out."""
    there, others = _policies_by_key(other), different(usual, other)
    policies = (
        replace(
            _in_any(_also(one, others[key], world, by_default=False), [others[key]]) if key in others else one,
            perhaps=one.perhaps or (there[key].perhaps if key in there else _PERHAPS),
        )
        for key, one in _policies_by_key(usual).items()
    )
    return _combine_harvests((usual, other), policies)


def _combine_harvests(every: Sequence[Harvest], policies: Iterable[FoundPolicy]) -> Harvest:
    """Return policies with everything else that is found in several worlds, the usual one first."""
    scopes = dict.fromkeys(scope for found in every for scope in found.scopes)
    return Harvest(
        tuple(policies),
        errors=tuple(dict.fromkeys(error for found in every for error in found.errors)),
        skipped=tuple(skipped for skipped in every[0].skipped if all(skipped in found.skipped for found in every)),
        followed=tuple(dict.fromkeys(path for found in every for path in found.followed)),
        suppressions=every[0].suppressions,
        declares=every[0].declares,
        unjudged=tuple(dict.fromkeys(one for found in every for one in found.unjudged)),
        scopes=tuple(
            scope if all(scope in found.scopes for found in every) else replace(scope, value=None) for scope in scopes
        ),
    )


def different(found: Harvest, other: Harvest) -> dict[Key, FoundPolicy]:
    """Return the policies that have other forms or names in another harvest, as they are there, by their keys here.

    If a policy is not there, the instances of the same resource are compared, because their keys may be unknown there.
    """
    there = _policies_by_key(other)
    alike: defaultdict[tuple[str, str], list[FoundPolicy]] = defaultdict(list)
    for (resource, kind, _), one in there.items():
        alike[bare(resource), kind].append(one)
    return {
        key: differing[0]
        for key, one in _policies_by_key(found).items()
        for candidates in [[there[key]] if key in there else alike[bare(key[0]), key[1]]]
        for differing in [[each for each in candidates if not _is_like(each, one)]]
        if differing
    }


def add_undefaulted_forms(found: Harvest, without: Mapping[frozenset[str], Mapping[Key, FoundPolicy]]) -> Harvest:
    """Return the harvest. `without`: other forms of its policies without some defaults, by their names."""
    policies = [
        replace(one, undefaulted={names: _with_form(one, each[key]) for names, each in without.items() if key in each})
        for key, one in _policies_by_key(found).items()
    ]
    return replace(found, policies=tuple(policies))


_OF_FORMS = ("policy", "when", "ways", "statements", "otherwise", "names", "called")


def _with_form(found: FoundPolicy, other: FoundPolicy) -> FoundPolicy:
    return replace(found, **{name: getattr(other, name) for name in _OF_FORMS})


def _policies_by_key(found: Harvest) -> dict[Key, FoundPolicy]:
    """Return policies by resource. Several may have the same address if keys are unknown."""
    seen: dict[tuple[str, str], int] = defaultdict(int)
    keyed: dict[Key, FoundPolicy] = {}
    for policy in found.policies:
        of = policy.resource, policy.kind.value
        keyed[*of, seen[of]] = policy
        seen[of] += 1
    return keyed


def _merge_ways(ways: Sequence[_Way], forms: int) -> FoundPolicy:
    """Return a policy with its value in each form. `forms`: the number of all forms. Some may not have the policy."""
    (first, usual), *others = _with_a_valid_one_first(ways)
    if usual is not ways[0][1]:
        words = first.guard(usual.resource).words
        merged = replace(usual, notes=(*usual.notes, _PLACEHOLDER.format(words)))
    elif first.departs:
        merged = replace(usual, notes=(*usual.notes, _SWITCHED_ON))
    else:
        merged = _when(first.guard(usual.resource), usual)
    if any(not _is_covered(other, merged) for _, other in others):
        for form, other in others:
            merged = _also(merged, other, form.guard(other.resource), by_default=form.departs <= first.departs)
        # The first form has no condition if it is the usual one. It is not merged with the same policy elsewhere, so
        # that the conditions of two policies are the same only if the policies change together.
        merged = replace(merged, otherwise=tuple(alike(merged.otherwise)))
    doubts = [one.perhaps for _, one in ways if one.perhaps] + [_PERHAPS] * (forms - len(ways))
    return replace(_in_any(merged, [one for _, one in ways]), perhaps=doubts[0] if doubts else "")


def _in_any(found: FoundPolicy, forms: Iterable[FoundPolicy]) -> FoundPolicy:
    every = [found, *forms]
    uses = {policy.applied_for for policy in every}
    of_any = found.with_names(name for policy in every for name in policy.called or policy.names)
    return replace(of_any, applied_for=found.applied_for if len(uses) == 1 else None)


def _with_a_valid_one_first(ways: Sequence[_Way]) -> Sequence[_Way]:
    """Return the forms of a policy. If it is invalid until a placeholder has a value, those without it are left out."""
    if not _is_invalid(ways[0][1]):
        return ways
    filled = [way for way in ways if None in way[0].guard(way[1].resource).assumed.values()]
    valid = next((way for way in filled if not _is_invalid(way[1])), None)
    if valid is None:
        return ways
    return valid, *(way for way in ways if way is not valid and (way in filled or not _is_invalid(way[1])))


def _also(usual: FoundPolicy, other: FoundPolicy, guard: World, *, by_default: bool) -> FoundPolicy:
    """Return a policy with its value in another world. `by_default`: whether it may be so with the usual defaults."""
    forms = _when(guard, other)
    others = [Otherwise(forms.when, forms.policy, forms.statements, ways=forms.ways), *forms.otherwise]
    return replace(usual, otherwise=(*usual.otherwise, *(replace(one, by_default=by_default) for one in others)))


def _when(world: World, found: FoundPolicy) -> FoundPolicy:
    """Return a policy that applies, in each of its forms, only if the assumptions of a world hold."""
    guard = Guard(world.words, world.ways)

    def guard_form(form: _Formed) -> _Formed:
        both = guard & Guard(form.when, form.ways)
        return replace(form, when=both.words, ways=both.ways)

    return guard_form(replace(found, otherwise=tuple(map(guard_form, found.otherwise)))) if guard else found


def _is_like(found: FoundPolicy, other: FoundPolicy) -> bool:
    """Return whether another policy has all forms and names of a policy, apart from Sids."""
    return _is_covered(found, other) and set(found.called or found.names) <= set(other.called or other.names)


def _is_covered(found: FoundPolicy, other: FoundPolicy) -> bool:
    known = [_without_sids(form) for form in other.forms]
    return all(_without_sids(form) in known for form in found.forms)


def _without_sids(policy: object) -> object:
    if type(policy) is not dict or not isinstance(body := policy.get("Statement"), list):
        return policy
    bare_ones = [
        {name: one for name, one in each.items() if name != "Sid"} if type(each) is dict else each for each in body
    ]
    return {**policy, "Statement": bare_ones}


def _is_invalid(found: FoundPolicy) -> bool:
    return any(policy is not None and parse(policy).invalid for policy in found.forms)


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
        return _replace_policies(in_all_forms([usual, anything]), known)

    def _few(self, wanted: Wanted) -> list[Form]:
        """Return what is made in each world, the usual one first, or nothing if they are too many."""
        made = evaluation, _ = self._form(self._start, wanted)
        sizes = (len(others) + 1 for _, others in self._choices(self._start, evaluation))
        if wanted is None and prod(sizes) > _MOST_WORLDS:
            return []  # without an evaluation of everything in each of the first worlds
        found = list(islice(self._explore(self._start, made, frozenset(), wanted), _MOST_WORLDS + 1))
        return sorted(found, key=lambda form: len(form.departs)) if len(found) <= _MOST_WORLDS else []

    def _explore(self, world: World, made: _Made, settled: AbstractSet[str], wanted: Wanted) -> Iterator[Form]:
        """Yield what is made in a world, and in those that differ from it in something that it depends on.

        `settled`: the names of the choices that are not to be changed.
        """
        evaluation, form = made
        yield form
        for name, others in self._choices(world, evaluation):
            if name not in settled:
                settled |= {name}
                for other in others:
                    yield from self._explore(other, self._form(other, wanted), settled, wanted)

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
            yield name, [world.having({name: text}) for text in known.listed[name] if text != value]
        left = evaluation.off & known.ordinary | asked & self._without
        for name in sorted(left - world.values.keys()):
            yield name, [world.having({name: other_value(name, known.defaults[name])})]
        for path, said in known.files.items():
            matters = evaluation.asked_by_any & said.keys()
            if matters and path not in world.files and not matters & self._chosen_variables(world):
                yield path, [world.with_file(path, said)]

    def _chosen_variables(self, world: World) -> AbstractSet[str]:
        """Return the variables with a chosen value. No file that gives them another one is given as well."""
        usual = self._start.values
        own = {name for name, one in world.values.items() if not isinstance(one, Hole) and usual.get(name) != one}
        return own | world.in_files.keys()


def _replace_policies(found: Harvest, known: Mapping[str, Harvest]) -> Harvest:
    """Return the harvest, in the same order, with the policies that are known in all of their forms."""
    policies = {
        address: [policy for policy in each.policies if bare(policy.resource) == address]
        for address, each in known.items()
    }
    listed = [
        policies.pop(bare(policy.resource), []) if bare(policy.resource) in known else [policy]
        for policy in found.policies
    ]
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
        variables = Variables.from_blocks(
            self._sources.folder.variables, self._sources.inputs, self._others, evaluation.value
        )
        worlds = Worlds(self._evaluate_world, variables)
        found = worlds.harvest()
        rest = variables.ordinary.intersection(chain.from_iterable(worlds.asked.values()))
        return self._with_notes(found, variables) if rest else found

    @cached_property
    def _plain(self) -> tuple[Evaluation, Harvest]:
        return self._evaluation({}, None)

    def _evaluate_world(self, world: World, wanted: AbstractSet[str] | None) -> tuple[Evaluation, Harvest]:
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
        every = Worlds(self._evaluate_world, variables, variables.ordinary)
        together = different(found, every.harvest())
        on: defaultdict[str, set[str]] = defaultdict(set)
        without: defaultdict[frozenset[str], dict[Key, FoundPolicy]] = defaultdict(dict)
        for key, one in together.items():
            names = every.asked[one.resource] & variables.ordinary
            without[frozenset(map(_quote_name, names))][key] = one
            for name in names if len(names) > 1 else ():
                on[name].add(bare(one.resource))
        for name in sorted(on)[:_MOST_DEFAULTS]:
            others = different(found, Worlds(self._evaluate_world, variables, {name}).harvest(on[name]))
            without[frozenset({_quote_name(name)})] |= others
        return add_undefaulted_forms(found, without)


def _quote_name(name: str) -> str:
    return f"`{name}`"
