"""Functions that the readers of all elements share, and the reading of a policy's text.

They read strings and lists of strings, and give a place to every fault. A text that cannot be read is reported, and
never raises.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .holes import Hole, Holed, Text, as_text
from .json import BadJsonError, RepeatedNames, is_unicode, not_deep, value_of_any_depth
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
