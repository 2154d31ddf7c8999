"""Terraform functions that depend only on their arguments.

https://developer.hashicorp.com/terraform/language/functions
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from ....documents.pattern import Hole
from ...files.values.partial import Encoded, Prose, Value, first_hole, is_known, text_of
from . import functions_of_collections as lists
from . import functions_of_texts as texts
from .functions_of_collections import items
from .operators import BeyondError, FailedError, as_text, number_of
from .tree import spread

Function = Callable[..., Value]

_LARGEST_RANGE = 1024
"""The limit of Terraform."""
_LARGEST_POWER = 64


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
    """Return values as numbers. They may be in one list."""
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
        "setproduct": lists.set_product,
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
        "alltrue": lambda value: lists.any_is(value, decisive=False),
        "anytrue": lambda value: lists.any_is(value, decisive=True),
        "chomp": lambda value: texts.at_ends(value, _same, lambda text: text.rstrip("\r\n")),
        "coalesce": lists.coalesce,
        "coalescelist": lists.coalesce_list,
        "compact": lists.compact,
        "concat": lambda *each: [item for one in each for item in items(one)],
        "contains": lambda value, sought: lists.has(items(value), sought),
        "distinct": lists.distinct,
        "element": lists.element,
        "ephemeralasnull": _same,
        "flatten": lambda value: list(lists.flat(items(value))),
        "format": texts.format_text,
        "formatlist": texts.format_list,
        "indent": texts.indent,
        "join": texts.join,
        "jsondecode": texts.decoded_json,
        "jsonencode": Encoded,
        "keys": lists.keys,
        "length": lists.length,
        "list": lambda *each: list(each),
        "lookup": lists.lookup,
        "lower": lambda value: texts.each_part(value, str.lower),
        "map": lambda *pairs: lists.zipmap(list(pairs[::2]), list(pairs[1::2])),
        "matchkeys": lists.match_keys,
        "merge": lists.merge,
        "nonsensitive": _same,
        "one": lists.one,
        "replace": texts.replace,
        "reverse": lambda value: items(value)[::-1],
        "sensitive": _same,
        "setintersection": lists.intersection,
        "setsubtract": lists.subtract,
        "setunion": lambda *sets: lists.to_set([item for one in sets for item in items(one)]),
        "slice": lists.part,
        "sort": lists.sort,
        "split": texts.split,
        "tolist": lambda value: value if isinstance(value, Hole) else items(value),
        "tomap": _same,
        "toset": lists.to_set,
        "tostring": lambda value: value if value is None or isinstance(value, Prose) else as_text(value),
        "transpose": lists.transpose,
        "trim": lambda value, any_of: texts.at_ends(
            value, lambda one: one.lstrip(any_of), lambda one: one.rstrip(any_of)
        ),
        "trimprefix": lambda value, start: texts.without_affix(value, start, at_end=False),
        "trimspace": lambda value: texts.at_ends(value, str.lstrip, str.rstrip),
        "trimsuffix": lambda value, end: texts.without_affix(value, end, at_end=True),
        "upper": lambda value: texts.each_part(value, str.upper),
        "provider::aws::arn_build": lambda *parts: texts.join(":", ["arn", *parts]),
        "values": lists.values,
        "yamldecode": texts.decoded_yaml,
        "yamlencode": lambda value: Encoded(value, yaml=True),
        "zipmap": lists.zipmap,
    }
