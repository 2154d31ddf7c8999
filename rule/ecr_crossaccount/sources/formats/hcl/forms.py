"""Merge what a configuration makes in several worlds into one policy for each resource."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from ....documents.parse import parse
from ....questions.change.states import Guard
from ...found.found import FoundPolicy, Harvest, Otherwise, alike
from .evaluation import bare
from .variables import World

_SWITCHED_ON = "not created unless a variable changes: its `count` or `for_each` leaves it out by default"
_PLACEHOLDER = "not valid by default, so judged as it is if {}"
_PERHAPS = "variables decide whether it exists"

Key = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
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
        return self.world.about(self.asked.get(resource, frozenset()))


_Formed = TypeVar("_Formed", FoundPolicy, Otherwise)
_Way = tuple[Form, FoundPolicy]
"""A policy, and the form that has it."""


def in_all_forms(forms: Sequence[Form]) -> Harvest:
    """Return what is made in the first form, with the other forms of each policy, and what only other forms make."""
    ways: defaultdict[Key, list[_Way]] = defaultdict(list)
    for form in forms:
        for key, one in _keyed(form.found).items():
            ways[key].append((form, one))
    return _with([form.found for form in forms], (_merged(ways[key], len(forms)) for key in ways))


def with_more(usual: Harvest, other: Harvest, world: World) -> Harvest:
    """Return the usual harvest, each policy also with the forms that it has in another world. New ones are left out."""
    there, others = _keyed(other), different(usual, other)
    policies = (
        replace(
            _in_any(_also(one, others[key], world, by_default=False), [others[key]]) if key in others else one,
            perhaps=one.perhaps or (there[key].perhaps if key in there else _PERHAPS),
        )
        for key, one in _keyed(usual).items()
    )
    return _with((usual, other), policies)


def _with(every: Sequence[Harvest], policies: Iterable[FoundPolicy]) -> Harvest:
    """Return policies with everything else that is found in several worlds, the usual one first."""
    scopes = dict.fromkeys(one for found in every for one in found.scopes)
    return Harvest(
        tuple(policies),
        errors=tuple(dict.fromkeys(error for found in every for error in found.errors)),
        skipped=tuple(one for one in every[0].skipped if all(one in found.skipped for found in every)),
        followed=tuple(dict.fromkeys(path for found in every for path in found.followed)),
        suppressions=every[0].suppressions,
        declares=every[0].declares,
        unjudged=tuple(dict.fromkeys(one for found in every for one in found.unjudged)),
        scopes=tuple(
            one if all(one in found.scopes for found in every) else replace(one, value=None) for one in scopes
        ),
    )


def different(found: Harvest, other: Harvest) -> dict[Key, FoundPolicy]:
    """Return the policies that have other forms or names in another harvest, as they are there, by their keys here.

    If a policy is not there, the instances of the same resource are compared, because their keys may be unknown there.
    """
    there = _keyed(other)
    alike: defaultdict[tuple[str, str], list[FoundPolicy]] = defaultdict(list)
    for (resource, kind, _), one in there.items():
        alike[bare(resource), kind].append(one)
    return {
        key: differing[0]
        for key, one in _keyed(found).items()
        for candidates in [[there[key]] if key in there else alike[bare(key[0]), key[1]]]
        for differing in [[each for each in candidates if not _is_like(each, one)]]
        if differing
    }


def undefaulted(found: Harvest, without: Mapping[frozenset[str], Mapping[Key, FoundPolicy]]) -> Harvest:
    """Return the harvest. `without`: other forms of its policies without some defaults, by their names."""
    policies = [
        replace(
            one,
            undefaulted={
                names: replace(
                    one,
                    policy=others[key].policy,
                    when=others[key].when,
                    ways=others[key].ways,
                    statements=others[key].statements,
                    otherwise=others[key].otherwise,
                    names=others[key].names,
                    called=others[key].called,
                )
                for names, others in without.items()
                if key in others
            },
        )
        for key, one in _keyed(found).items()
    ]
    return replace(found, policies=tuple(policies))


def _keyed(found: Harvest) -> dict[Key, FoundPolicy]:
    """Return policies by resource. Several may have the same address if keys are unknown."""
    seen: dict[tuple[str, str], int] = defaultdict(int)
    keyed: dict[Key, FoundPolicy] = {}
    for one in found.policies:
        of = one.resource, one.kind.value
        keyed[*of, seen[of]] = one
        seen[of] += 1
    return keyed


def _merged(ways: Sequence[_Way], forms: int) -> FoundPolicy:
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
    """Return a policy for the repositories that it is for in any of some forms."""
    every = [found, *forms]
    uses = {one.applied_for for one in every}
    of_any = found.named(name for one in every for name in one.called or one.names)
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

    def under(form: _Formed) -> _Formed:
        both = guard & Guard(form.when, form.ways)
        return replace(form, when=both.words, ways=both.ways)

    return under(replace(found, otherwise=tuple(map(under, found.otherwise)))) if guard else found


def _is_like(found: FoundPolicy, other: FoundPolicy) -> bool:
    """Return whether another policy has all forms and names of a policy, apart from Sids."""
    return _is_covered(found, other) and set(found.called or found.names) <= set(other.called or other.names)


def _is_covered(found: FoundPolicy, other: FoundPolicy) -> bool:
    known = [_without_sids(form) for form in other.forms]
    return all(_without_sids(form) in known for form in found.forms)


def _without_sids(policy: object) -> object:
    body = policy.get("Statement") if type(policy) is dict else None
    if not isinstance(policy, dict) or not isinstance(body, list):
        return policy
    bare_ones = [
        {name: one for name, one in each.items() if name != "Sid"} if type(each) is dict else each for each in body
    ]
    return {**policy, "Statement": bare_ones}


def _is_invalid(found: FoundPolicy) -> bool:
    return any(policy is not None and parse(policy).invalid for policy in found.forms)
