"""The types of settings, in a file and as the text of an environment variable."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ....documents.document import REGION
from ....documents.json import BadJsonError
from ....documents.problems import quote
from ....errors import InputError
from ....memo import by_value
from ..base.options import ACCOUNT, ORGANIZATION, PARTITION, TIME, account, days, organization, partition, region

if TYPE_CHECKING:
    from ....sources.found.context import Exclusion

MOST = 1_000
"""The most members of a list or a mapping."""

LONGEST = 10_000
"""The most characters of a text."""

_SEVERITIES = ("LOW", "MEDIUM", "HIGH", "CRITICAL")


class BadValueError(InputError):
    """A value that a setting cannot have. `at` is its place below the key, such as `[0]`, and `reason` says why."""

    def __init__(self, reason: str, at: str = "") -> None:
        self.reason = reason
        self.at = at
        super().__init__(reason)


@by_value
class Base:
    """The bases of relative names: `folder` for files, relative to the working folder, and the absolute `patterns`."""

    folder: str
    patterns: str

    def path(self, name: str) -> str:
        """Return a file's name relative to the working folder."""
        return os.path.join(self.folder, name)  # noqa: PTH118 - keeps `./a` as the user wrote it


@by_value
class Shape:
    """A type of value.

    `read` converts a value in a file for a command, and `parse` converts a variable's text to the value that a file
    would have. Both raise BadValueError.
    """

    schema: Mapping[str, object]
    read: Callable[[object, Base], object]
    parse: Callable[[str], object] = str


def _text(value: object, expected: str) -> str:
    if not isinstance(value, str):
        raise BadValueError(f"{quote(value)} is not text: expected {expected}, in quotes")
    if not value or len(value) > LONGEST or "\0" in value:
        raise BadValueError(f"{quote(value)}: expected {expected}")
    return value


def _as_option(check: Callable[[str], object], expected: str) -> Callable[[object, Base], object]:
    """Return a reader that checks a value with the function of the command-line option."""

    def read(value: object, _: Base) -> object:
        try:
            return check(_text(value, expected))
        except argparse.ArgumentTypeError as error:
            raise BadValueError(str(error)) from None

    return read


def _matching(pattern: str, check: Callable[[str], object], expected: str) -> Shape:
    return Shape({"type": "string", "pattern": f"^{pattern}$"}, _as_option(check, expected))


def _one_of(words: Sequence[str], expected: str) -> Shape:
    """Return the type of a word, which is read in capitals."""

    def read(value: object, _: Base) -> str:
        if not isinstance(value, str) or value not in words:
            raise BadValueError(f"{quote(value)} is not {expected}")
        return value.upper()

    return Shape({"enum": [*words]}, read)


_DAYS = _as_option(days, "days or weeks such as `30d` or `4w`")


def _read_days(value: object, base: Base) -> object:
    return _DAYS(str(value) if isinstance(value, int) and not isinstance(value, bool) else value, base)


_MOST_AT_ONCE = 256


def _read_count(value: object, _: Base) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _MOST_AT_ONCE:
        raise BadValueError(f"{quote(value)}: expected a number from 1 to {_MOST_AT_ONCE}")
    return value


def _parse_count(text: str) -> object:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= len(str(_MOST_AT_ONCE)) else text


def _read_truth(value: object, _: Base) -> bool:
    if not isinstance(value, bool):
        raise BadValueError(f"{quote(value)}: expected true or false, without quotes")
    return value


def _parse_truth(text: str) -> bool:
    known = {"true": True, "1": True, "false": False, "0": False}.get(text.lower())
    if known is None:
        raise BadValueError(f"{quote(text)}: expected true or false")
    return known


def _read_file(value: object, base: Base) -> str:
    name = _text(value, "the name of a file")
    if name == "-":
        raise BadValueError("`-`: standard input cannot be kept; expected the name of a file")
    return base.path(name)


def _list_of(item: Shape) -> Shape:
    def read(value: object, base: Base) -> list[object]:
        members = [value] if isinstance(value, str) else value
        if not isinstance(members, list) or not members:
            raise BadValueError(f"{quote(value)}: expected a list of at least one text")
        _refuse_too_many(members)
        return [_inside(f"[{index}]", item, member, base) for index, member in enumerate(members)]

    several = {"type": "array", "items": item.schema, "minItems": 1, "maxItems": MOST}
    return Shape({"anyOf": [item.schema, several]}, read, _parse_list)


def _refuse_too_many(members: list[object] | dict[str, object]) -> None:
    if len(members) > MOST:
        raise BadValueError(f"has {len(members):,} members: expected at most {MOST:,}")


def _inside(at: str, shape: Shape, value: object, base: Base) -> object:
    try:
        return shape.read(value, base)
    except BadValueError as error:
        raise BadValueError(error.reason, f"{at}{error.at}") from None


def _parse_list(text: str) -> object:
    """Read members between commas or line breaks, or a JSON list, whose members may contain a comma."""
    return _json(text, list) if text.lstrip().startswith("[") else _members(text)


def _members(text: str) -> list[str]:
    return [one.strip() for one in text.replace("\n", ",").split(",") if one.strip()]


def _json(text: str, kind: type) -> object:
    from ....documents.json import strict_value_of

    try:
        value = strict_value_of(text)
    except BadJsonError as error:
        raise BadValueError(f"{quote(text)} is {error}") from None
    if not isinstance(value, kind):
        raise BadValueError(f"{quote(text)}: expected {'a list' if kind is list else 'an object'}")
    return value


def _mapping_to(item: Shape, name: str, *, names: Mapping[str, object]) -> Shape:
    schema = {"type": "object", "additionalProperties": item.schema, "propertyNames": names, "maxProperties": MOST}
    return Shape(schema, lambda value, base: _members_of(value, item, name, base), _parse_mapping)


def _members_of(value: object, item: Shape, name: str, base: Base) -> dict[str, object]:
    if not isinstance(value, dict):
        raise BadValueError(f"{quote(value)}: expected a mapping of {name} to value")
    _refuse_too_many(value)
    return {_name(one, name): _inside(f".{one}", item, member, base) for one, member in value.items()}


def _pattern(text: str, base: Base) -> Exclusion:
    from ....sources.found.context import Exclusion

    try:
        return Exclusion.from_pattern(_text(text, "a pattern of names or paths such as `infra/old`"), base.patterns)
    except InputError as error:
        raise BadValueError(f"{quote(text)} is not a pattern: {error}") from None


def _read_owners(value: object, base: Base) -> dict[Exclusion, object]:
    return {_pattern(name, base): account for name, account in _members_of(value, ACCOUNT_ID, "path", base).items()}


def _name(text: str, expected: str) -> str:
    if not text or len(text) > LONGEST or "\0" in text:
        raise BadValueError(f"{quote(text)} is no {expected}")
    return text


def _parse_mapping(text: str) -> object:
    """Read `NAME=VALUE` between commas or line breaks, or a JSON object, whose values may contain a comma."""
    if text.lstrip().startswith("{"):
        return _json(text, dict)
    found: dict[str, object] = {}
    for member in _members(text):
        name, equals, value = member.partition("=")
        if not (name and equals):
            raise BadValueError(f"{quote(member)}: expected `NAME=VALUE`; if a value holds a comma, an object of JSON")
        if name in found:
            raise BadValueError(f"{quote(name)} appears twice")
        found[name] = value
    return found


def _read_parameter(value: object, _: Base) -> str:
    """Read a parameter's value as text, which CloudFormation and Terraform expect. `3` and `true` become text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, str) or len(value) > LONGEST:
        raise BadValueError(f"{quote(value)}: expected a text; a list is a text with commas")
    return value


ACCOUNT_ID = _matching(ACCOUNT, account, "12 digits")
ORGANIZATIONS = _matching(ORGANIZATION, organization, "an organization id such as `o-a1b2c3d4e5`")
PARTITIONS = _matching(PARTITION, partition, "a partition such as `aws-cn`")
REGIONS = _list_of(_matching(REGION, region, "a Region such as `eu-central-1`"))
SEVERITY = _one_of([*_SEVERITIES, *map(str.lower, _SEVERITIES)], "a severity: expected LOW, MEDIUM, HIGH or CRITICAL")
DAYS = Shape(
    {"anyOf": [{"type": "integer", "minimum": 0, "maximum": 9999}, {"type": "string", "pattern": f"^{TIME}$"}]},
    _read_days,
)
TRUTH = Shape({"type": "boolean"}, _read_truth, _parse_truth)
_NAMED = {"type": "string", "minLength": 1, "maxLength": LONGEST, "not": {"const": "-"}}
COUNT = Shape({"type": "integer", "minimum": 1, "maximum": _MOST_AT_ONCE}, _read_count, _parse_count)
SCOPE = _one_of(("V1", "V2"), "a scope of registry policies: expected V1 or V2")
FILE = Shape(_NAMED, _read_file)
FILES = _list_of(FILE)
REGISTER = Shape(
    {"anyOf": [_NAMED, {"const": False}]},
    lambda value, base: None if value is False else _read_file(value, base),
    lambda text: text != "false" and text,
)
_PATTERN = {"type": "string", "minLength": 1, "maxLength": 1000, "pattern": r"^(?!!)(?!\./+$)/*[^/]"}
GLOBS = _list_of(Shape(_PATTERN, lambda value, base: _pattern(_text(value, "a pattern"), base)))
OWNERS = replace(_mapping_to(ACCOUNT_ID, "path", names=_PATTERN), read=_read_owners)
PARAMETERS = _mapping_to(
    Shape(
        {"anyOf": [{"type": "string", "maxLength": LONGEST}, {"type": "integer"}, {"type": "boolean"}]}, _read_parameter
    ),
    "name",
    names={"minLength": 1, "maxLength": LONGEST},
)
NAME = Shape({"type": "string", "minLength": 1, "maxLength": LONGEST}, lambda value, _: _text(value, "a name"))
NAMES = _list_of(NAME)
