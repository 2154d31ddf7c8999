"""Terraform functions for maps and objects, whose fields may be unknown or missing."""

from __future__ import annotations

from collections.abc import Mapping

from ....documents.holes import Hole, Holed
from ...files.values.partial import Perhaps, Placed, Value, first_hole, is_known, text_of
from .collections import is_sure, items
from .elements import one_of
from .errors import FailedError


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
            found[name] = _over(found[name], item) if name in found and isinstance(item, Perhaps) else item
    return Placed(found, at)


def _over(former: Value, item: Perhaps) -> Value:
    """Return a field that a later map may replace."""
    return Perhaps(item.hole, item.hole) if isinstance(former, Perhaps) else item.hole


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
        return found.hole if isinstance(found, Perhaps) else found
    if otherwise:
        return otherwise[0]
    raise FailedError(f"no `{key}`")


def keys(value: Value) -> Value:
    """Return the names of a map's fields, in order."""
    if isinstance(value, Mapping):
        fields = [(name, value[name]) for name in sorted(value)]
        return [item.but(name) if isinstance(item, Perhaps) else name for name, item in fields]
    return [Perhaps(hole := first_hole(value, "keys(…)"), hole)]


def values(value: Value) -> Value:
    """Return the values of a map's fields, in the order of their names."""
    if isinstance(value, Mapping):
        return [value[name] for name in sorted(value)]
    return [Perhaps(hole := first_hole(value, "values(…)"), hole)]


def zipmap(names: Value, given: Value) -> Value:
    """Return a map of names and values."""
    first, second = items(names), items(given)
    if not is_sure(first) or not is_sure(second) or not all(isinstance(text_of(one), str) for one in first):
        return first_hole([first, second], "zipmap(…)")
    return {str(text_of(name)): value for name, value in zip(first, second, strict=True)}


def map_of(*pairs: Value) -> Value:
    """Return a map of alternating names and values, as in Terraform 0.11."""
    return zipmap(list(pairs[::2]), list(pairs[1::2]))


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
