"""Terraform functions for lists, sets, maps and objects, whose elements and fields may be unknown or missing."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping

from ....documents.pattern import Hole, Holed
from ...files.values.partial import Conditional, Distinct, Placed, Value, first_hole, is_known, text_of
from .operators import BeyondError, FailedError, alike, equal, one_of, truth

_LARGEST_PRODUCT = 10_000


def items(value: Value) -> list[Value]:
    """Return the elements of a list. A hole gives an element that may be missing. Raises FailedError."""
    if isinstance(value, Hole):
        return [Conditional(value, value)]
    if isinstance(value, list):
        return list(value)
    raise FailedError("a value that is not a list is used as one")


def is_sure(values: Iterable[Value]) -> bool:
    """Return whether no element may be missing."""
    return not any(isinstance(value, Conditional) for value in values)


def bare(item: Value) -> Value:
    """Return an element, whether or not it may be missing."""
    return item.value if isinstance(item, Conditional) else item


def flat(values: Iterable[Value], outer: Conditional | None = None) -> Iterator[Value]:
    """Yield all elements of lists in lists, at any depth. `outer`: the condition of the list itself."""
    for item in values:
        inner, perhaps = bare(item), _combine_conditions(item, outer)
        if isinstance(inner, list):
            yield from flat(inner, perhaps)
        elif isinstance(inner, Hole):
            # It may be a list itself.
            yield Conditional(inner, inner)
        else:
            yield inner if perhaps is None else perhaps.but(inner)


def _combine_conditions(item: Value, outer: Conditional | None) -> Conditional | None:
    """Return the condition of an element in a list that may be missing itself."""
    if not isinstance(item, Conditional) or outer is None:
        return item if isinstance(item, Conditional) else outer
    return Conditional(item.value, item.hole, (*outer.cases, *item.cases) if outer.cases and item.cases else ())


def distinct(value: Value) -> Value:
    """Return each element once. Two elements that may be the same both stay."""
    found: list[Value] = []
    for item in items(value):
        if item not in found:
            found.append(item)
    return found


def compact(value: Value) -> Value:
    """Return the elements that are neither empty nor null."""
    found: list[Value] = []
    for item in items(value):
        same = equal(bare(item), "")
        if bare(item) is None or same is True:
            continue
        found.append(Conditional(item, same) if isinstance(same, Hole) and not isinstance(item, Conditional) else item)
    return found


def to_set(value: Value) -> Value:
    """Return each element once, in Terraform's order."""
    if isinstance(value, Hole):
        return value
    found = distinct(value)
    assert isinstance(found, list)  # noqa: S101 - the type of the result of distinct
    known = [one for one in found if isinstance(one, (str, int, float))]
    return Distinct([*sorted(known, key=str), *(one for one in found if not isinstance(one, (str, int, float)))])


def intersection(*sets: Value) -> Value:
    """Return the elements that are in all of the sets."""
    first, *rest = [items(one) for one in sets]
    found: list[Value] = []
    for one in first:
        found_in = [has(others, one) for others in rest]
        if False not in found_in:
            doubt = next((each for each in found_in if isinstance(each, Hole)), None)
            found.append(one if doubt is None else Conditional(bare(one), doubt))
    return Distinct(found)


def subtract(left: Value, right: Value) -> Value:
    """Return the elements of the first set that are not in the second."""
    others = items(right)
    found: list[Value] = []
    for item in items(left):
        doubt = has(others, item)
        if doubt is not True:
            found.append(Conditional(bare(item), doubt) if isinstance(doubt, Hole) else item)
    return Distinct(found)


def has(values: list[Value], sought: Value) -> bool | Hole:
    """Return whether an element is in a list, or a hole if it may be."""
    doubt: bool | Hole = False
    for item in values:
        same = equal(bare(item), bare(sought))
        if same is True and not isinstance(item, Conditional):
            return True
        if same is not False:
            doubt = same if isinstance(same, Hole) else first_hole(item, "contains")
    return doubt


def length(value: Value) -> Value:
    """Return the number of elements or characters."""
    plain = text_of(value)
    if isinstance(plain, str):
        return len(plain)
    if isinstance(plain, (list, Mapping)) and is_sure(plain.values() if isinstance(plain, Mapping) else plain):
        return len(plain)
    if is_known(plain):
        raise FailedError("a value without a length")
    return first_hole(plain, "length(…)")


def element(value: Value, number: Value) -> Value:
    """Return the element with an index that wraps around."""
    values = items(value)
    if (same := alike(values)) is not None:
        return same
    if not is_known(number) or not is_sure(values):
        return first_hole([number, values], "element(…)")
    if not values:
        raise FailedError("`element` of an empty list")
    return values[int(number) % len(values)]  # type: ignore[call-overload] # a number, or it fails


def part(value: Value, start: Value, end: Value) -> Value:
    """Return the elements from one index up to, but not including, another."""
    values = items(value)
    if not is_known([start, end]) or not is_sure(values):
        return [Conditional(bare(one), first_hole([start, end, values], "slice(…)")) for one in values]
    return values[int(start) : int(end)]  # type: ignore[call-overload] # numbers, or it fails


def one(value: Value) -> Value:
    """Return the only element of a list, or null for an empty list."""
    values = items(value)
    if (same := alike(values)) is not None:
        return same
    if not is_sure(values):
        return first_hole(values, "one(…)")
    if len(values) > 1:
        raise FailedError("`one` of several")
    return values[0] if values else None


def sort(value: Value) -> Value:
    """Return the elements in order. Elements that are partly unknown come last."""
    return [
        *sorted(str(item) for item in items(value) if is_known(item)),
        *(item for item in items(value) if not is_known(item)),
    ]


def coalesce(*values: Value) -> Value:
    """Return the first value that is neither null nor an empty text."""
    for index, value in enumerate(values):
        if value is None or value == "":
            continue
        same = equal(value, "")
        return same if isinstance(same, Hole) and index < len(values) - 1 else value
    raise FailedError("`coalesce` of nothing")


def coalesce_list(*values: Value) -> Value:
    """Return the first list that is not empty. One that may be empty hides which it is."""
    for index, value in enumerate(values):
        found = [] if value is None else items(value)
        if found:
            may_be_empty = all(isinstance(item, Conditional) for item in found)
            return first_hole(value, "coalescelist(…)") if may_be_empty and index < len(values) - 1 else value
    raise FailedError("`coalescelist` of nothing")


def set_product(*sets: Value) -> Value:
    """Return every combination of one element of each set."""
    lists = [items(one) for one in sets]
    if len(lists) > 1 and math.prod(max(1, len(one)) for one in lists) > _LARGEST_PRODUCT:
        raise BeyondError("a product of more than 10,000 combinations")
    return [list(each) for each in itertools.product(*lists)]


def any_is(value: Value, *, decisive: bool) -> Value:
    """Return `decisive` if any element of a list is that, and otherwise the opposite."""
    found = [truth(bare(item)) for item in items(value)]
    if decisive in found:
        return decisive
    return next((one for one in found if isinstance(one, Hole)), not decisive)


def merge(*maps: Value) -> Value:
    """Return all fields of the maps. A later map overrides an earlier one."""
    found: dict[str, Value] = {}
    at = None
    for one in maps:
        if one is None:
            continue
        if not isinstance(one, Mapping):
            return first_hole(one, "merge(…)")
        at = at or (one.at if isinstance(one, Placed) else None)
        for name, item in one.items():
            found[name] = (
                _uncertain_field(found[name], item) if name in found and isinstance(item, Conditional) else item
            )
    return Placed(found, at)


def _uncertain_field(former: Value, item: Conditional) -> Value:
    """Return a field that a later map may replace."""
    return Conditional(item.hole, item.hole) if isinstance(former, Conditional) else item.hole


def lookup(value: Value, name: Value, *otherwise: Value) -> Value:
    """Return the field of a map, or `otherwise` if there is none. Raises FailedError if neither exists."""
    key = text_of(name)
    if isinstance(value, Hole):
        return Hole(f"{value.name}[{key if isinstance(key, str) else '…'}]")
    if not isinstance(value, Mapping):
        raise FailedError("`lookup` in a value that is not a map")
    if isinstance(key, (Hole, Holed)):
        hole = first_hole(key, "lookup(…)")
        return one_of(value, hole, hole, *otherwise)
    if not isinstance(key, str):
        raise FailedError("`lookup` with a key that is not text")
    if key in value:
        found = value[key]
        return found.hole if isinstance(found, Conditional) else found
    if otherwise:
        return otherwise[0]
    raise FailedError(f"no `{key}`")


def keys(value: Value) -> Value:
    """Return the names of a map's fields, in order."""
    if isinstance(value, Mapping):
        fields = [(name, value[name]) for name in sorted(value)]
        return [item.but(name) if isinstance(item, Conditional) else name for name, item in fields]
    return [Conditional(hole := first_hole(value, "keys(…)"), hole)]


def values(value: Value) -> Value:
    """Return the values of a map's fields, in the order of their names."""
    if isinstance(value, Mapping):
        return [value[name] for name in sorted(value)]
    return [Conditional(hole := first_hole(value, "values(…)"), hole)]


def zipmap(names: Value, given: Value) -> Value:
    """Return a map of names and values."""
    first, second = items(names), items(given)
    if not is_sure(first) or not is_sure(second) or not all(isinstance(text_of(one), str) for one in first):
        return first_hole([first, second], "zipmap(…)")
    return {str(text_of(name)): value for name, value in zip(first, second, strict=True)}


def match_keys(given: Value, names: Value, sought: Value) -> Value:
    """Return the values whose names are among those sought."""
    first, second = items(given), items(names)
    if not is_known([second, sought]):
        return first_hole([second, sought], "matchkeys(…)")
    return [value for value, name in zip(first, second, strict=True) if name in items(sought)]


def transpose(value: Value) -> Value:
    """Return a map of lists with names and values exchanged."""
    if not isinstance(value, Mapping) or not is_known(value):
        return first_hole(value, "transpose(…)")
    found: dict[str, Value] = {}
    for name, listed in value.items():
        for item in items(listed):
            gathered = found.setdefault(str(item), [])
            assert isinstance(gathered, list)  # noqa: S101 - made in the line above
            gathered.append(name)
    return found
