"""Terraform functions that depend only on their arguments. Elements and fields of these may be unknown or missing.

https://developer.hashicorp.com/terraform/language/functions
"""

from __future__ import annotations

import base64
import binascii
import itertools
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from ....documents.pattern import Hole, Holed
from ...files.values.partial import Conditional, Distinct, Encoded, Placed, Prose, Value, first_hole, is_known, text_of
from . import functions_of_texts as texts
from .operators import BeyondError, FailedError, alike, as_text, equal, items, number_of, one_of, truth
from .tree import spread

Function = Callable[..., Value]

_LARGEST_RANGE = 1024
"""The limit of Terraform."""
_LARGEST_POWER = 64
_LARGEST_PRODUCT = 10_000


def _is_sure(values: Iterable[Value]) -> bool:
    return not any(isinstance(value, Conditional) for value in values)


def _bare(item: Value) -> Value:
    return item.value if isinstance(item, Conditional) else item


def _flat(values: Iterable[Value], outer: Conditional | None = None) -> Iterator[Value]:
    """Yield all elements of lists in lists, at any depth. `outer`: the condition of the list itself."""
    for item in values:
        inner, perhaps = _bare(item), _combine_conditions(item, outer)
        if isinstance(inner, list):
            yield from _flat(inner, perhaps)
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


def _distinct(value: Value) -> list[Value]:
    """Return each element once. Two elements that may be the same both stay."""
    found: list[Value] = []
    for item in items(value):
        if item not in found:
            found.append(item)
    return found


def _compact(value: Value) -> Value:
    found: list[Value] = []
    for item in items(value):
        same = equal(_bare(item), "")
        if _bare(item) is None or same is True:
            continue
        found.append(Conditional(item, same) if isinstance(same, Hole) and not isinstance(item, Conditional) else item)
    return found


def to_set(value: Value) -> Value:
    """Return each element once, in Terraform's order."""
    if isinstance(value, Hole):
        return value
    found = _distinct(value)
    known = [one for one in found if isinstance(one, (str, int, float))]
    return Distinct([*sorted(known, key=str), *(one for one in found if not isinstance(one, (str, int, float)))])


def _intersection(*sets: Value) -> Value:
    first, *rest = [items(one) for one in sets]
    found: list[Value] = []
    for one in first:
        found_in = [_has(others, one) for others in rest]
        if False not in found_in:
            doubt = next((each for each in found_in if isinstance(each, Hole)), None)
            found.append(one if doubt is None else Conditional(_bare(one), doubt))
    return Distinct(found)


def _subtract(left: Value, right: Value) -> Value:
    others = items(right)
    found: list[Value] = []
    for item in items(left):
        doubt = _has(others, item)
        if doubt is not True:
            found.append(Conditional(_bare(item), doubt) if isinstance(doubt, Hole) else item)
    return Distinct(found)


def _has(values: list[Value], sought: Value) -> bool | Hole:
    """Return whether an element is in a list, or a hole if it may be."""
    doubt: bool | Hole = False
    for item in values:
        same = equal(_bare(item), _bare(sought))
        if same is True and not isinstance(item, Conditional):
            return True
        if same is not False:
            doubt = same if isinstance(same, Hole) else first_hole(item, "contains")
    return doubt


def _length(value: Value) -> Value:
    plain = text_of(value)
    if isinstance(plain, str):
        return len(plain)
    if isinstance(plain, (list, Mapping)) and _is_sure(plain.values() if isinstance(plain, Mapping) else plain):
        return len(plain)
    if is_known(plain):
        raise FailedError("a value without a length")
    return first_hole(plain, "length(…)")


def _element(value: Value, number: Value) -> Value:
    """Return the element with an index that wraps around."""
    values = items(value)
    if (same := alike(values)) is not None:
        return same
    if not is_known(number) or not _is_sure(values):
        return first_hole([number, values], "element(…)")
    if not values:
        raise FailedError("`element` of an empty list")
    return values[int(number) % len(values)]  # type: ignore[call-overload] # a number, or it fails


def _part(value: Value, start: Value, end: Value) -> Value:
    values = items(value)
    if not is_known([start, end]) or not _is_sure(values):
        return [Conditional(_bare(one), first_hole([start, end, values], "slice(…)")) for one in values]
    return values[int(start) : int(end)]  # type: ignore[call-overload] # numbers, or it fails


def _one(value: Value) -> Value:
    values = items(value)
    if (same := alike(values)) is not None:
        return same
    if not _is_sure(values):
        return first_hole(values, "one(…)")
    if len(values) > 1:
        raise FailedError("`one` of several")
    return values[0] if values else None


def _sort(value: Value) -> Value:
    """Return the elements in order. Elements that are partly unknown come last."""
    return [
        *sorted(str(item) for item in items(value) if is_known(item)),
        *(item for item in items(value) if not is_known(item)),
    ]


def _coalesce(*values: Value) -> Value:
    for index, value in enumerate(values):
        if value is None or value == "":
            continue
        same = equal(value, "")
        return same if isinstance(same, Hole) and index < len(values) - 1 else value
    raise FailedError("`coalesce` of nothing")


def _coalesce_list(*values: Value) -> Value:
    """Return the first list that is not empty. One that may be empty hides which it is."""
    for index, value in enumerate(values):
        found = [] if value is None else items(value)
        if found:
            may_be_empty = all(isinstance(item, Conditional) for item in found)
            return first_hole(value, "coalescelist(…)") if may_be_empty and index < len(values) - 1 else value
    raise FailedError("`coalescelist` of nothing")


def _set_product(*sets: Value) -> Value:
    lists = [items(one) for one in sets]
    if len(lists) > 1 and math.prod(max(1, len(one)) for one in lists) > _LARGEST_PRODUCT:
        raise BeyondError("a product of more than 10,000 combinations")
    return [list(each) for each in itertools.product(*lists)]


def _any_is(value: Value, *, decisive: bool) -> Value:
    """Return `decisive` if any element of a list is that, and otherwise the opposite."""
    found = [truth(_bare(item)) for item in items(value)]
    if decisive in found:
        return decisive
    return next((one for one in found if isinstance(one, Hole)), not decisive)


def _merge(*maps: Value) -> Value:
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


def _lookup(value: Value, name: Value, *otherwise: Value) -> Value:
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


def _keys(value: Value) -> Value:
    if isinstance(value, Mapping):
        fields = [(name, value[name]) for name in sorted(value)]
        return [item.but(name) if isinstance(item, Conditional) else name for name, item in fields]
    return [Conditional(hole := first_hole(value, "keys(…)"), hole)]


def _values(value: Value) -> Value:
    if isinstance(value, Mapping):
        return [value[name] for name in sorted(value)]
    return [Conditional(hole := first_hole(value, "values(…)"), hole)]


def _zipmap(names: Value, given: Value) -> Value:
    first, second = items(names), items(given)
    if not _is_sure(first) or not _is_sure(second) or not all(isinstance(text_of(one), str) for one in first):
        return first_hole([first, second], "zipmap(…)")
    return {str(text_of(name)): value for name, value in zip(first, second, strict=True)}


def _match_keys(given: Value, names: Value, sought: Value) -> Value:
    first, second = items(given), items(names)
    if not is_known([second, sought]):
        return first_hole([second, sought], "matchkeys(…)")
    return [value for value, name in zip(first, second, strict=True) if name in items(sought)]


def _transpose(value: Value) -> Value:
    if not isinstance(value, Mapping) or not is_known(value):
        return first_hole(value, "transpose(…)")
    found: dict[str, Value] = {}
    for name, listed in value.items():
        for item in items(listed):
            gathered = found.setdefault(str(item), [])
            assert isinstance(gathered, list)  # noqa: S101 - made in the line above
            gathered.append(name)
    return found


def call(name: str, arguments: list[Value]) -> Value:
    """Return the result of a function, or a hole if the function or its arguments are unknown."""
    return spread(arguments, lambda values: _call(name.removeprefix("core::"), values))


def _call(name: str, arguments: list[Value]) -> Value:
    partial = on_parts().get(name)
    if partial is not None:
        return _apply_function(name, partial, arguments)
    function = on_known().get(name)
    if function is None:
        return Hole(f"{name}(…)")
    for argument in arguments:
        if not is_known(argument):
            return first_hole(argument, name)
    return _apply_function(name, function, [text_of(argument) for argument in arguments])


def _apply_function(name: str, function: Function, arguments: list[Value]) -> Value:
    try:
        return function(*arguments)
    except BeyondError:
        return Hole(f"{name}(…)")
    except (TypeError, ValueError, IndexError, OverflowError, AttributeError, KeyError) as error:
        if isinstance(error, FailedError):
            raise
        raise FailedError(f"`{name}` does not accept these arguments") from None


def _same(value: Any) -> Any:  # noqa: ANN401 - a value of any type
    return value


def _range(*limits: Value) -> Value:
    numbers = [number_of(limit) for limit in limits]
    start, end = (0.0, numbers[0]) if len(numbers) == 1 else (numbers[0], numbers[1])
    step = numbers[2] if len(numbers) > 2 else math.copysign(1, end - start)  # noqa: PLR2004 - its third argument
    if not step or (end - start) / step > _LARGEST_RANGE:
        raise FailedError("a range of more than 1,024 numbers")
    found = [start + step * index for index in range(max(0, math.ceil((end - start) / step)))]
    return [int(one) if float(one).is_integer() else one for one in found]


def _power(one: Value, by: Value) -> Value:
    if number_of(by) > _LARGEST_POWER:
        raise BeyondError("a number that is too large")
    return number_of(one) ** number_of(by)


def _decode64(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise FailedError("a text that is not base64") from None


def _numbers(values: Iterable[Value]) -> list[float]:
    listed = list(values)
    return [number_of(value) for value in (listed[0] if len(listed) == 1 and isinstance(listed[0], list) else listed)]


def _to_bool(value: Value) -> Value:
    found = {"true": True, "false": False, True: True, False: False, None: None}
    return found[value]  # type: ignore[index] # any other value fails, as in Terraform


@cache
def on_known() -> Mapping[str, Function]:
    """Return the functions whose arguments must all be known."""
    return {
        "abs": lambda one: abs(number_of(one)),
        "base64decode": _decode64,
        "base64encode": lambda text: base64.b64encode(text.encode()).decode(),
        "basename": lambda path: path.rstrip("/").rpartition("/")[2],
        "ceil": lambda one: math.ceil(number_of(one)),
        "chunklist": lambda items, size: [items[at : at + size] for at in range(0, len(items), size)],
        "csvdecode": texts.decoded_csv,
        "dirname": lambda path: path.rpartition("/")[0] or ("/" if path.startswith("/") else "."),
        "endswith": lambda text, end: text.endswith(end),
        "floor": lambda one: math.floor(number_of(one)),
        "index": lambda items, one: items.index(one),
        "max": lambda *values: max(_numbers(values)),
        "min": lambda *values: min(_numbers(values)),
        "provider::aws::arn_parse": texts.arn_parts,
        "pow": _power,
        "range": _range,
        "regex": texts.regex,
        "regexall": lambda sign, text: list(map(texts.captures, texts.compile_pattern(sign, text).finditer(text))),
        "setproduct": _set_product,
        "signum": lambda one: (number_of(one) > 0) - (number_of(one) < 0),
        "startswith": lambda text, start: text.startswith(start),
        "strcontains": lambda text, part: part in text,
        "strrev": lambda text: text[::-1],
        "substr": texts.substr,
        "sum": lambda items: sum(map(number_of, items)),
        "title": lambda text: re.sub(r"\b[a-z]", lambda found: found[0].upper(), text),
        "tobool": _to_bool,
        "tonumber": lambda one: None if one is None else number_of(one),
    }


@cache
def on_parts() -> Mapping[str, Function]:
    """Return the functions that accept partly unknown values."""
    return {
        "alltrue": lambda value: _any_is(value, decisive=False),
        "anytrue": lambda value: _any_is(value, decisive=True),
        "chomp": lambda value: texts.at_ends(value, _same, lambda text: text.rstrip("\r\n")),
        "coalesce": _coalesce,
        "coalescelist": _coalesce_list,
        "compact": _compact,
        "concat": lambda *each: [item for one in each for item in items(one)],
        "contains": lambda value, sought: _has(items(value), sought),
        "distinct": _distinct,
        "element": _element,
        "ephemeralasnull": _same,
        "flatten": lambda value: list(_flat(items(value))),
        "format": texts.format_text,
        "formatlist": texts.format_list,
        "indent": texts.indent,
        "join": texts.join,
        "jsondecode": texts.decoded_json,
        "jsonencode": Encoded,
        "keys": _keys,
        "length": _length,
        "list": lambda *each: list(each),
        "lookup": _lookup,
        "lower": lambda value: texts.each_part(value, str.lower),
        "map": lambda *pairs: _zipmap(list(pairs[::2]), list(pairs[1::2])),
        "matchkeys": _match_keys,
        "merge": _merge,
        "nonsensitive": _same,
        "one": _one,
        "replace": texts.replace,
        "reverse": lambda value: items(value)[::-1],
        "sensitive": _same,
        "setintersection": _intersection,
        "setsubtract": _subtract,
        "setunion": lambda *sets: to_set([item for one in sets for item in items(one)]),
        "slice": _part,
        "sort": _sort,
        "split": texts.split,
        "tolist": lambda value: value if isinstance(value, Hole) else items(value),
        "tomap": _same,
        "toset": to_set,
        "tostring": lambda value: value if value is None or isinstance(value, Prose) else as_text(value),
        "transpose": _transpose,
        "trim": lambda value, any_of: texts.at_ends(
            value, lambda one: one.lstrip(any_of), lambda one: one.rstrip(any_of)
        ),
        "trimprefix": lambda value, start: texts.without_affix(value, start, at_end=False),
        "trimspace": lambda value: texts.at_ends(value, str.lstrip, str.rstrip),
        "trimsuffix": lambda value, end: texts.without_affix(value, end, at_end=True),
        "upper": lambda value: texts.each_part(value, str.upper),
        "provider::aws::arn_build": lambda *parts: texts.join(":", ["arn", *parts]),
        "values": _values,
        "yamldecode": texts.decoded_yaml,
        "yamlencode": lambda value: Encoded(value, yaml=True),
        "zipmap": _zipmap,
    }
