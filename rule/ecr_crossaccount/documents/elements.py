"""Reads the elements of a statement: Action and NotAction, Principal and NotPrincipal, and Condition.

They are read from strings and lists of strings, and every fault has a place. A text that cannot be read is reported,
and never raises.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from .conditions import WILD, Base, Condition, Operator, Value, operator, typed_value, value
from .document import EVERYONE, Actions, Named, Principals, UniqueId, aws_principal, identities, service_principal
from .json import BadJsonError, RepeatedNames, is_unicode, not_deep, value_of_any_depth
from .pattern import Hole, Holed, Text, as_text, pattern
from .problems import Problems, quote

NOTHING = object()
"""Marks a missing element. `None` cannot, because it is a JSON value, and a wrong one."""

_NEGATED = {"Principal": "NotPrincipal", "Action": "NotAction", "Resource": "NotResource"}


def kind(value: object) -> str:  # noqa: PLR0911 - a table of the JSON types
    """Name the type of a JSON value for a message."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str() | Holed() | Hole():
            return "a string"
        case list() | tuple():
            return "a list"
        case Mapping():
            return "an object"
    return f"a {type(value).__name__}"


class Reader:
    """Reads parts of one document. Every method returns what it could read, and adds a fault for the rest.

    `variables`: whether `${…}` is a policy variable in this document.
    """

    __slots__ = ("add", "variables")

    def __init__(self, problems: Problems) -> None:
        self.add = problems.add
        self.variables = False

    def names(self, at: str, value: Mapping[object, object], known: frozenset[str]) -> None:
        """Add a fault for each name of an object that is not in `known` or that appears twice."""
        self.check_repeats(at, value)
        if value.keys() <= known:
            return
        for name in value:
            if name not in known:
                self.add(at, f"has an unknown element {quote(name)}: expected one of {', '.join(sorted(known))}")

    def check_repeats(self, at: str, value: object) -> None:
        """Add a fault for each name of an object that appears twice."""
        if isinstance(value, RepeatedNames):
            for name in value.names:
                self.add(at, f"names {quote(name)} twice")

    def one_of(self, at: str, item: Mapping[object, object], name: str) -> str | None:
        """Return the element that is present, `name` or `Not…`. Otherwise add a fault and return None."""
        here, there = name in item, _NEGATED[name] in item
        if here and there:
            self.add(at, f"has both {name} and Not{name}")
        elif not here and not there:
            self.add(at, f"has neither {name} nor Not{name}")
        else:
            return name if here else _NEGATED[name]
        return None

    def string(self, at: str, value: object) -> Text | None:
        """Return a string, or None after adding a fault that says why it is not one."""
        if type(value) is str and value.isascii():  # nearly always
            return value
        text = as_text(value)
        if text is None:
            self.add(at, f"expected a string, not {kind(value)}")
        elif isinstance(text, str) and not text.isascii() and not is_unicode(text):
            self.add(at, f"{quote(text)} is not Unicode text")
            return None
        return text

    def strings(self, at: str, value: object) -> Sequence[Text | None]:
        """Return one string, or a list of strings, as a list.

        Each item that is not a string adds a fault, and is None in the result.
        """
        if type(value) is str and value.isascii():
            return (value,)
        if not isinstance(value, (list, tuple)):
            return (self.string(at, value),)
        try:
            if "".join(value).isascii():  # nearly always strings, and ASCII ones
                return value
        except TypeError:
            pass
        return [self.string(f"{at}[{index}]", item) for index, item in enumerate(value)]

    def fault(self, at: str, value: object, index: int, reason: str) -> None:
        """Add a fault for one string of an element that `strings` has read."""
        self.add(f"{at}[{index}]" if isinstance(value, (list, tuple)) else at, reason)


LONGEST_TEXT = 262_144
"""The most characters that are read. ECR keeps at most 10,240, but the indented source of a policy can be longer."""


def read_json(text: str, problems: Problems) -> object:
    """Return the JSON value in `text`, or None after adding the reason to `problems`."""
    return not_too_deep(text, read_json_of_any_depth(text, problems), problems)


def read_json_of_any_depth(text: str, problems: Problems) -> object:
    """Return what `read_json` does, at any depth. The caller must check the result with `not_too_deep`."""
    if len(text) > LONGEST_TEXT:
        problems.add("$", f"{len(text):,} characters, more than the {LONGEST_TEXT:,} that are read")
        return None
    try:
        return value_of_any_depth(text)
    except BadJsonError as error:
        problems.add("$", str(error))
        return None


def not_too_deep(text: str, value: object, problems: Problems) -> object:
    """Return the value that was read from `text`, or None after adding a fault because it is nested too deeply."""
    try:
        return not_deep(text, value)
    except BadJsonError as error:
        problems.add("$", str(error))
        return None


_ACTION = re.compile(r"\*+|[A-Za-z0-9*?-]+:[A-Za-z0-9*?]+")


def read_actions(reader: Reader, at: str, item: Mapping[object, object]) -> Actions | None:
    """Return the well-formed actions of a statement, or None if it has neither or both elements."""
    element = reader.one_of(at, item, "Action")
    if element is None:
        return None
    value, place, negated = item[element], f"{at}.{element}", element != "Action"
    texts = tuple(reader.strings(place, value))
    known = all_actions(texts)
    if known is not None:
        return known._replace(negated=True) if negated else known
    patterns: list[Text] = []
    for index, text in enumerate(texts):
        if isinstance(text, Holed) or (text is not None and _is_action(text)):
            patterns.append(text)
        elif text is not None:
            reason = f"{quote(text)} is not an action: expected a form such as `ecr:BatchGetImage`"
            reader.fault(place, value, index, reason)
    return Actions(negated, tuple(patterns))


@lru_cache(maxsize=1024)
def _is_action(text: str) -> bool:
    return _ACTION.fullmatch(text) is not None


@lru_cache(maxsize=1024)
def all_actions(texts: tuple[Text | None, ...]) -> Actions | None:
    """Return a list as an Action element, or None if an action in it is not well-formed.

    The result is cached because many policies have the same lists.
    """
    good = tuple(text for text in texts if isinstance(text, str) and _ACTION.fullmatch(text))
    return Actions(negated=False, patterns=good) if len(good) == len(texts) else None


_NOBODY, _NONE_EXCEPTED = Principals(), Principals(negated=True)


def read_principals(reader: Reader, at: str, item: Mapping[object, object]) -> Principals | None:
    """Return the principals of a statement, or None if they cannot be determined."""
    element = reader.one_of(at, item, "Principal")
    if element is None:
        return None
    value = item[element]
    negated = element != "Principal"
    if value == "*":
        return Principals(negated=True, everyone=True) if negated else EVERYONE
    place = f"{at}.{element}"
    if isinstance(value, (dict, Mapping)):
        return _by_kind(reader, place, value, _NONE_EXCEPTED if negated else _NOBODY)
    text = as_text(value)
    if isinstance(text, Holed):
        return Principals(negated=negated, unknown=(text,), unknown_services=(text,))
    reader.add(place, f"{quote(value)} is not a principal: expected `*` or an object such as " + '{"AWS": …}')
    return None


def _by_kind(reader: Reader, at: str, value: Mapping[object, object], found: Principals) -> Principals | None:
    reader.check_repeats(at, value)
    complete = True
    for name, entries in value.items():
        place = f"{at}.{name}"
        if name == "AWS":
            found, whole = _aws(reader, place, entries, found)
        elif name == "Service":
            found, whole = _services(reader, place, entries, found)
        else:
            reader.add(place, _foreign(name))
            whole = False
        complete &= whole
    # If an entry of NotPrincipal cannot be read, it is unknown who is exempt. So the principals of the statement are
    # unknown.
    return found if complete or not found.negated else None


def _aws(reader: Reader, at: str, entries: object, found: Principals) -> tuple[Principals, bool]:
    texts = reader.strings(at, entries)
    known = identities([text for text in texts if isinstance(text, str)])
    if known is not None and len(known) == len(texts):
        doubtful = found.unknown_services
        return Principals(found.negated, named=known, services=found.services, unknown_services=doubtful), True
    named: list[Named] = []
    ids: list[UniqueId] = []
    unknown: list[Holed] = []
    any_aws, whole = False, True
    for index, text in enumerate(texts):
        if isinstance(text, Holed):
            unknown.append(text)
        elif text == "*":
            any_aws = True
        elif text is None:
            whole = False
        else:
            entry = aws_principal(text)
            if isinstance(entry, Named):
                named.append(entry)
            elif isinstance(entry, UniqueId):
                ids.append(entry)
            else:
                whole = False
                reader.fault(at, entries, index, entry)
    # An entry that is one whole hole may be `*`, which also allows services.
    anybody = [one for one in unknown if all(isinstance(part, Hole) for part in one.parts)]
    unsure = (*found.unknown_services, *anybody)
    found = found._replace(any_aws=any_aws, named=tuple(named), ids=tuple(ids))
    return found._replace(unknown=tuple(unknown), unknown_services=unsure), whole


def _services(reader: Reader, at: str, entries: object, found: Principals) -> tuple[Principals, bool]:
    services: list[str] = []
    unknown: list[Holed] = []
    whole = True
    for index, text in enumerate(reader.strings(at, entries)):
        if isinstance(text, Holed):
            unknown.append(text)
        elif text is None:
            whole = False
        else:
            reason = service_principal(text)
            if reason is None:
                services.append(text)
            else:
                whole = False
                reader.fault(at, entries, index, reason)
    unsure = (*found.unknown_services, *unknown)
    return found._replace(services=tuple(services), unknown_services=unsure), whole


def _foreign(name: object) -> str:
    if name in ("Federated", "CanonicalUser"):
        return f"{name} principals are not supported in a repository policy: expected AWS or Service"
    return f"{quote(name)} is not a kind of principal: expected AWS or Service"


_UNTYPED = frozenset({Base.STRING_EQUALS, Base.STRING_EQUALS_IGNORE_CASE, Base.STRING_LIKE, Base.ARN_LIKE})
_LONGEST_NUMBER = 10**40


def read_conditions(
    reader: Reader, at: str, item: Mapping[object, object], holes: list[Holed]
) -> tuple[Condition, ...] | None:
    """Return the conditions, or None if any of them is unreadable, because then the statement's effect is unknown."""
    block = item.get("Condition", NOTHING)
    if block is NOTHING:
        return ()
    place = f"{at}.Condition"
    text = as_text(block)
    if isinstance(text, Holed):
        holes.append(text)
        return ()
    if not isinstance(block, Mapping):
        reader.add(place, f"expected an object of operators, not {kind(block)}")
        return None
    reader.check_repeats(place, block)
    names = [name.lower() for name in block if isinstance(name, str)]
    twice = sorted({name for name in names if names.count(name) > 1})
    for name in twice:
        reader.add(place, f"names the operator {quote(name)} twice: operators are compared without regard to case")
    read = [_operator(reader, f"{place}.{name}", name, keys, holes) for name, keys in block.items()]
    if twice or any(conditions is None for conditions in read):
        return None
    return tuple(condition for conditions in read if conditions for condition in conditions)


def has_empty_condition(item: Mapping[object, object]) -> bool:
    """Return whether the Condition of a statement, or an operator in it, is empty."""
    block = item["Condition"]
    if not isinstance(block, Mapping):
        return False
    return not block or not all(block.values())


def _operator(reader: Reader, at: str, name: object, keys: object, holes: list[Holed]) -> list[Condition] | None:
    known = operator(name) if isinstance(name, str) else None
    if known is None:
        reader.add(at, f"{quote(name)} is not a condition operator")
        return None
    text = as_text(keys)
    if isinstance(text, Holed):
        holes.append(text)
        return []
    if not isinstance(keys, Mapping):
        reader.add(at, f"expected an object of condition keys, not {kind(keys)}")
        return None
    reader.check_repeats(at, keys)
    read = [_condition(reader, f"{at}.{key}", known, key, values) for key, values in keys.items()]
    found = [condition for condition in read if condition]
    names = [condition.name for condition in found]
    twice = {name for name in names if names.count(name) > 1}
    for key in sorted(twice):
        reader.add(at, f"names the key {quote(key)} twice: keys are compared without regard to case")
    if twice or len(found) < len(read) or isinstance(keys, RepeatedNames):
        return None
    return found


def _condition(reader: Reader, at: str, known: Operator, key: object, values: object) -> Condition | None:
    if not isinstance(key, str) or not key or not is_unicode(key):
        reader.add(at, f"{quote(key)} is not a condition key: expected a form such as `aws:PrincipalOrgID`")
        return None
    items = values if isinstance(values, (list, tuple)) else [values]
    plain = plain_values(known.base, items, variables=reader.variables)
    if plain is not None:
        return Condition(known, key, key.lower(), plain)
    read = [
        _value(reader, f"{at}[{index}]" if items is values else at, known.base, item)
        for index, item in enumerate(items)
    ]
    good = tuple(item for item in read if item is not None)
    return Condition(known, key, key.lower(), good) if len(good) == len(read) else None


def plain_values(base: Base, items: Sequence[Any], *, variables: bool) -> tuple[Value, ...] | None:
    """Return the values of a condition if all are well-formed ASCII texts, as they nearly always are, else None."""
    try:
        text = "".join(items)  # raises TypeError if an item is not a string
        if not text.isascii():
            return None
        if base in _UNTYPED:
            wild = base in WILD
            return tuple([pattern(item, wild=wild, variables=variables) for item in items])
        if "${" in text:
            return None
        return tuple([typed_value(base, item) for item in items])
    except (TypeError, ValueError):
        return None


def _value(reader: Reader, at: str, base: Base, item: object) -> Value | None:
    text = reader.string(at, item if type(item) is str else _scalar(item))
    if text is None:
        return None
    if base in _UNTYPED or not isinstance(text, str) or "${" not in text:
        try:
            return value(base, text, variables=reader.variables)
        except ValueError as error:
            reader.add(at, str(error))
            return None
    reader.add(at, f"{quote(text)}: policy variables are supported only in String and Arn operators")
    return None


def _scalar(item: object) -> object:
    """Return a number or a Boolean as its JSON text. IAM accepts it without quotes, and compares it as that text."""
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, (int, float)) and item - item == 0:  # neither NaN nor infinite
        return _digits(item)
    return item


def _digits(item: float) -> object:
    if abs(item) >= _LONGEST_NUMBER:
        return item
    return str(int(item)) if item == int(item) else repr(item)
