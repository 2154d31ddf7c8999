"""From the value of a policy attribute to what the judgement takes, with the place of each statement."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ...policy.holes import Hole, Holed
from ...policy.text import RepeatedNames
from ..found import Place
from ..json_nodes import BadJsonError, read_json
from ..nodes import statements_of
from .partial import Encoded, Perhaps, Placed, Prose, Value, is_known, joined, parts_of, text_of

_OPEN, _CLOSE = "\U0010fffd", "\U0010fffc"
"""Stand around the number of a hole while a text is decoded; a text that has them itself is not read."""

_HOLE = re.compile(f"{_OPEN}([0-9]+){_CLOSE}")
_QUOTE = re.compile(r'\\.|"', re.DOTALL)
_OPERATORS = ("StringEquals", "StringLike", "ArnEquals", "ArnLike", "StringNotEquals", "StringNotLike", "Bool", "Null")

PlaceOf = Callable[[int], Place]


@dataclass(frozen=True, slots=True)
class ReadPolicy:
    """A policy as `judge` takes it, and the place of each statement as far as known."""

    policy: object
    statements: tuple[Place, ...] = ()


def read_policy(value: Value, at: Place) -> ReadPolicy:  # noqa: PLR0911 - a table of the forms of a value
    """Read the value of a policy attribute, which stands at `at`. What cannot be told is a hole."""
    match value:
        case None | "":
            return ReadPolicy(None)
        case Encoded():
            return _structure(value.value, at)
        case Mapping():
            return _structure(value, at)
        case Prose():
            return _text(value.parts, at)
        case str():
            return _text(((value, None),), at)
        case Holed():
            return _text(tuple((part, None) for part in value.parts), at)
        case Hole():
            return ReadPolicy(value)
    return ReadPolicy(json.dumps(value, default=str))


def _structure(value: Value, at: Place) -> ReadPolicy:
    """Read a policy that is there as a value."""
    if not isinstance(value, Mapping):
        return read_policy(value, at) if isinstance(value, (Hole, Holed)) else ReadPolicy(as_policy(value))
    body = value.get("Statement")
    statements = body if isinstance(body, (list, tuple)) else [body]
    places = tuple(_at(statement, at) for statement in statements)
    return ReadPolicy(as_policy(value), places)


def _at(statement: Value, at: Place) -> Place:
    inner = statement.value if isinstance(statement, Perhaps) else statement
    return inner.at or at if isinstance(inner, Placed) else at


def as_policy(value: Value) -> object:
    """Return a value as the policy reader takes it: dicts, lists, texts, holes."""
    match value:
        case Perhaps():
            return _perhaps(value)
        case Prose() | Encoded():
            return text_of(value)
        case RepeatedNames():
            return value
        case Mapping():
            return {name: as_policy(item) for name, item in value.items()}
        case list() | tuple():
            return [as_policy(item) for item in value]
    return value


def _perhaps(element: Perhaps) -> object:
    """Return an element that may be missing: as a statement it applies only if its hole says so."""
    value = as_policy(element.value)
    if isinstance(value, dict) and ("Effect" in value or "Action" in value):
        return on_condition(value, element.hole)
    return element.hole if is_known(element.value) else value


def on_condition(statement: Mapping[str, object], hole: Hole) -> dict[str, object]:
    """Return a statement that is not known to be there at all."""
    block = statement.get("Condition", {})
    if not isinstance(block, Mapping):
        return {**statement, "Condition": hole}
    free = next((name for name in _OPERATORS if name not in block), None)
    return {**statement, "Condition": {**block, free: hole} if free else hole}


# --- texts ---


def _text(parts: tuple[tuple[str | Hole, Place | None], ...], at: Place) -> ReadPolicy:
    """Read a JSON text, in which holes may stand."""
    plain = [part for part, _ in parts]
    whole = joined(plain)
    if not str(whole).strip():
        return ReadPolicy(None)
    marked = _Marked.of(parts, at)
    if marked is None:
        return ReadPolicy(whole)
    try:
        value = json.loads(marked.text, object_pairs_hook=_pairs)
    except (ValueError, RecursionError):
        # Without holes the policy reader says what is wrong with the text and where.
        return ReadPolicy(whole)
    if isinstance(whole, str) and marked.text == whole:
        return ReadPolicy(whole, marked.statements())
    return ReadPolicy(marked.filled(value), marked.statements())


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    plain = dict(pairs)
    return plain if len(plain) == len(pairs) else RepeatedNames(pairs)


def decoded(text: str) -> object:
    """Return the value in a JSON text without holes; a text that is none is a hole, for it says nothing."""
    try:
        return json.loads(text, object_pairs_hook=_pairs)
    except (ValueError, RecursionError):
        return Hole("a policy that is not JSON")


class _Marked:
    """A text with a mark where each hole is, and the place of every part."""

    def __init__(self, text: str, holes: list[Hole], starts: list[tuple[int, Place]], at: Place) -> None:
        self.text = text
        self._holes = holes
        self._starts = starts
        self._at = at

    @classmethod
    def of(cls, parts: tuple[tuple[str | Hole, Place | None], ...], at: Place) -> _Marked | None:
        """Put the parts together; None for a text that holds the marks itself."""
        holes: list[Hole] = []
        starts: list[tuple[int, Place]] = []
        text, quoted = "", False
        for part, place in parts:
            if isinstance(part, Hole):
                mark = f"{_OPEN}{len(holes)}{_CLOSE}"
                holes.append(part)
                text += mark if quoted else f'"{mark}"'
                continue
            if _OPEN in part or _CLOSE in part:
                return None
            if place is not None:
                starts.append((len(text), place))
            text += part
            quoted ^= sum(found[0] == '"' for found in _QUOTE.finditer(part)) % 2 == 1
        return cls(text, holes, starts, at)

    def statements(self) -> tuple[Place, ...]:
        """Return the place of each statement."""
        try:
            root = read_json(self.text)
        except BadJsonError:
            return ()
        lines = [0, *(found.end() for found in re.finditer("\n", self.text))]
        return tuple(self._place(lines[one.line - 1] + one.column - 1) for one in statements_of(root))

    def _place(self, offset: int) -> Place:
        start, place = next(((start, one) for start, one in reversed(self._starts) if start <= offset), (0, None))
        if place is None:
            return self._at
        before = self.text[start:offset]
        lines = before.count("\n")
        column = len(before) - before.rfind("\n") if lines else place.column + len(before)
        return Place(place.file, place.line + lines, column)

    def filled(self, value: object) -> object:
        """Return a decoded value with the holes back in their places."""
        match value:
            case str():
                return self._string(value)
            case list():
                return [self.filled(item) for item in value]
            case RepeatedNames():
                pairs = [(name, self.filled(item)) for name, item in value.items()]
                return RepeatedNames([*pairs, *((name, value[name]) for name in value.names)])
            case dict():
                return {str(self._string(name)): self.filled(item) for name, item in value.items()}
        return value

    def _string(self, text: str) -> object:
        return joined(self._parts(text)) if _OPEN in text else text

    def _parts(self, text: str) -> Iterator[str | Hole]:
        for index, piece in enumerate(_HOLE.split(text)):
            yield self._holes[int(piece)] if index % 2 else piece


def texts(value: Value) -> tuple[str | Hole, ...]:
    """Return the parts of a text, or of a value that stands in the place of one."""
    plain = text_of(value)
    return parts_of(plain) if isinstance(plain, (str, Hole, Holed)) else (str(plain),)
