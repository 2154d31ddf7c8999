"""Terraform functions that depend only on their arguments.

https://developer.hashicorp.com/terraform/language/functions
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Callable, Iterable, Mapping
from functools import cache

from ....documents.pattern import Hole
from ...files.values.partial import Encoded, Value, first_hole, is_known, text_of
from . import functions_of_collections, functions_of_texts
from .functions_of_texts import decoded_csv, decoded_json, decoded_yaml, encoded_yaml
from .operators import BeyondError, FailedError, number_of
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


def _identity(value: Value) -> Value:
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
    return [number_of(value) for value in values]


def _spread(values: tuple[Value, ...]) -> Iterable[Value]:
    return values[0] if len(values) == 1 and isinstance(values[0], list) else values


def _to_bool(value: Value) -> Value:
    found = {"true": True, "false": False, True: True, False: False, None: None}
    return found[value]  # type: ignore[index] # any other value fails, as in Terraform


def _dirname(path: str) -> str:
    return path.rpartition("/")[0] or ("/" if path.startswith("/") else ".")


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
        "csvdecode": decoded_csv,
        "dirname": _dirname,
        "endswith": lambda text, end: text.endswith(end),
        "floor": lambda one: math.floor(number_of(one)),
        "index": lambda items, one: items.index(one),
        "max": lambda *values: max(_numbers(_spread(values))),
        "min": lambda *values: min(_numbers(_spread(values))),
        "provider::aws::arn_parse": functions_of_texts.arn_parts,
        "pow": _power,
        "range": _range,
        "regex": functions_of_texts.regex,
        "regexall": functions_of_texts.regexall,
        "setproduct": functions_of_collections.set_product,
        "signum": lambda one: (number_of(one) > 0) - (number_of(one) < 0),
        "startswith": lambda text, start: text.startswith(start),
        "strcontains": lambda text, part: part in text,
        "strrev": lambda text: text[::-1],
        "substr": functions_of_texts.substr,
        "sum": lambda items: sum(_numbers(items)),
        "title": functions_of_texts.title,
        "tobool": _to_bool,
        "tonumber": lambda one: None if one is None else number_of(one),
    }


@cache
def on_parts() -> Mapping[str, Function]:
    """Return the functions that accept partly unknown values."""
    return {
        "alltrue": functions_of_collections.all_true,
        "anytrue": functions_of_collections.any_true,
        "chomp": functions_of_texts.chomp,
        "coalesce": functions_of_collections.coalesce,
        "coalescelist": functions_of_collections.coalesce_list,
        "compact": functions_of_collections.compact,
        "concat": functions_of_collections.concat,
        "contains": functions_of_collections.contains,
        "distinct": functions_of_collections.distinct,
        "element": functions_of_collections.element,
        "ephemeralasnull": _identity,
        "flatten": functions_of_collections.flatten,
        "format": functions_of_texts.format_text,
        "formatlist": functions_of_texts.format_list,
        "indent": functions_of_texts.indent,
        "join": functions_of_texts.join,
        "jsondecode": decoded_json,
        "jsonencode": Encoded,
        "keys": functions_of_collections.keys,
        "length": functions_of_collections.length,
        "list": lambda *items: list(items),
        "lookup": functions_of_collections.lookup,
        "lower": functions_of_texts.lower,
        "map": functions_of_collections.map_of,
        "matchkeys": functions_of_collections.match_keys,
        "merge": functions_of_collections.merge,
        "nonsensitive": _identity,
        "one": functions_of_collections.one,
        "replace": functions_of_texts.replace,
        "reverse": functions_of_collections.reverse,
        "sensitive": _identity,
        "setintersection": functions_of_collections.intersection,
        "setsubtract": functions_of_collections.subtract,
        "setunion": functions_of_collections.union,
        "slice": functions_of_collections.part,
        "sort": functions_of_collections.sort,
        "split": functions_of_texts.split,
        "tolist": functions_of_collections.to_list,
        "tomap": _identity,
        "toset": functions_of_collections.to_set,
        "tostring": functions_of_texts.to_string,
        "transpose": functions_of_collections.transpose,
        "trim": functions_of_texts.trim,
        "trimprefix": functions_of_texts.trimprefix,
        "trimspace": functions_of_texts.trimspace,
        "trimsuffix": functions_of_texts.trimsuffix,
        "upper": functions_of_texts.upper,
        "provider::aws::arn_build": lambda *parts: functions_of_texts.join(":", ["arn", *parts]),
        "values": functions_of_collections.values,
        "yamldecode": decoded_yaml,
        "yamlencode": encoded_yaml,
        "zipmap": functions_of_collections.zipmap,
    }
