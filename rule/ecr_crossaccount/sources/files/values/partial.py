"""Terraform values that may be partly unknown, and those that depend on conditions that cannot be decided.

A value is anything that JSON can hold, or one of these:

- a Hole or a Holed text
- an Encoded value: JSON text that this program has made, kept as the value that it encodes
- a Prose: a text whose parts have places
- a Conditional: an element of a list that may be missing or appear several times, or a field that may be missing
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from ....documents.pattern import Hole, Holed
from ....documents.pattern import text_of as joined
from ....memo import by_value
from .nodes import REGION, Place, parts_of

Value = object


class NotThere(Hole):
    """The content of a file that cannot be read. The hole's name is the file's, with the reason."""

    __slots__ = ()


class Placed(dict[str, Value]):
    """An object with the place where it is written."""

    __slots__ = ("at",)

    def __init__(self, pairs: Mapping[str, Value] | Iterable[tuple[str, Value]], at: Place | None) -> None:
        super().__init__(pairs)
        self.at = at


class Distinct(list[Value]):
    """A set: each element once, in Terraform's order."""

    __slots__ = ()


@by_value
class Question:
    """A condition that cannot be decided.

    `of`: equal for equal conditions. `yes` and `no`: the two answers in words.
    """

    of: object
    yes: str
    no: str

    def render_answer(self, *, holds: bool) -> str:
        """Return the answer in words."""
        return self.yes if holds else self.no


@by_value
class Case:
    """An answer to a question."""

    question: Question
    holds: bool


@by_value
class Conditional:
    """An element of a list that may be missing or appear several times, depending on `hole`.

    `cases`: if all of them apply, the element appears once, else it is missing. Empty if the condition is unknown.
    """

    value: Value
    hole: Hole
    cases: tuple[Case, ...] = ()

    def but(self, value: Value) -> Conditional:
        """Return another element that appears under the same conditions."""
        return Conditional(value, self.hole, self.cases)


@by_value
class Encoded:
    """The JSON text of a value, or its YAML text, whose spelling is unknown."""

    value: Value
    yaml: bool = False


_YAML = Hole("yamlencode(…)")


@by_value
class Prose:
    """A text in parts, each with the place where it begins, if known."""

    parts: tuple[tuple[str | Hole, Place | None], ...]


@by_value
class Either:
    """A value that is one of two: text, object or nothing. Code that does not look inside treats it as its hole.

    `forms`: the total number of forms, because each of the two may be an Either itself.
    """

    question: Question
    yes: Value
    no: Value
    hole: Hole
    forms: int


MOST_FORMS = 16


def either(question: Question, yes: Value, no: Value, hole: Hole) -> Value:
    """Return a value that is one of two, or the hole if there are more than MOST_FORMS forms."""
    forms = sum(one.forms if isinstance(one, Either) else 1 for one in (yes, no))
    return Either(question, yes, no, hole, forms) if forms <= MOST_FORMS else hole


@by_value
class Absent:
    """The value of a field in the case that the object does not have it."""


def text_of(value: Value) -> Value:
    """Return a text as str or Holed, in whatever form it is kept. Other values are returned unchanged."""
    if isinstance(value, Prose):
        return joined(part for part, _ in value.parts)
    if isinstance(value, Encoded):
        return _YAML if value.yaml else json_text(value.value)
    return value.hole if isinstance(value, Either) else value


def parts_in(value: Value) -> Iterable[Value]:  # noqa: PLR0911 - a table of the forms of a value
    """Return the values directly inside a value."""
    match value:
        case list() | tuple():
            return value
        case Mapping():
            return value.values()
        case Holed():
            return value.parts
        case Prose():
            return [part for part, _ in value.parts]
        case Conditional() | Encoded():
            return (value.value,)
        case Either():
            return value.yes, value.no
    return ()


def holes_in(value: Value) -> Iterator[Hole]:
    """Yield every hole in a value, in order."""
    match value:
        case Hole():
            yield value
        case Either():
            yield value.hole
        case Encoded(yaml=True):
            yield _YAML
        case _:
            if isinstance(value, Conditional):
                yield value.hole
            for part in parts_in(value):
                yield from holes_in(part)


def is_known(value: Value) -> bool:
    """Return whether no part of a value is missing."""
    return next(holes_in(value), None) is None


def first_hole(value: Value, otherwise: str) -> Hole:
    """Return the first hole in a value, which names a result that depends on it.

    The hole of the Region is skipped: it is filled in before a policy is judged, and the result is not the Region
    itself.
    """
    return next((hole for hole in holes_in(value) if hole != REGION), Hole(otherwise))


def json_text(value: Value) -> str | Holed:
    """Return the JSON text of a value, as `jsonencode` writes it. Its holes stay."""
    return joined(_json_parts(value))


def _json_parts(value: Value) -> Iterator[str | Hole]:
    match value:
        case Hole():
            yield value
        case Holed() | Prose() | Encoded():
            yield '"'
            for part in parts_of(text_of(value)):  # type: ignore[arg-type] # all three are texts
                yield part if isinstance(part, Hole) else json.dumps(part, ensure_ascii=False)[1:-1]
            yield '"'
        case Conditional() | Either():
            yield value.hole
        case list() | tuple():
            yield from _enclose_items("[", value, "]")
        case Mapping():
            yield from _enclose_items("{", [_Field(name, item) for name, item in sorted(value.items())], "}")
        case _Field():
            yield json.dumps(value.name, ensure_ascii=False) + ":"
            yield from _json_parts(value.value)
        case str() | bool() | int() | float() | None:
            yield json.dumps(value, ensure_ascii=False)
        case _:
            yield Hole(str(value))


@by_value
class _Field:
    name: str
    value: Value


def _enclose_items(start: str, items: Iterable[Value], end: str) -> Iterator[str | Hole]:
    yield start
    for index, item in enumerate(items):
        if index:
            yield ","
        yield from _json_parts(item)
    yield end


MOST_WAYS = 32
"""The most combinations. If there are more, values that depend on an open condition become holes."""


def ways(value: Value) -> list[tuple[str, Value]]:
    """Return the forms of a value under each combination of answers, each with the answers in words.

    If there are more than MOST_WAYS, return the value itself.
    """
    found: list[tuple[str, Value]] = []
    rest: list[tuple[tuple[str, ...], Value]] = [((), value)]
    while rest:
        words, one = rest.pop()
        question = next(_questions(one), None)
        if question is None:
            found.append((" and ".join(words), one))
        else:
            rest += [
                ((*words, question.render_answer(holds=holds)), apply_answer(one, Case(question, holds)))
                for holds in (False, True)
            ]
        if len(rest) + len(found) > MOST_WAYS:
            return [("", value)]
    return found


def _questions(value: Value) -> Iterator[Question]:
    match value:
        case Either():
            yield value.question
        case _:
            yield from (case.question for case in (value.cases if isinstance(value, Conditional) else ()))
            for part in parts_in(value):
                yield from _questions(part)


def apply_answer(value: Value, answer: Case) -> Value:
    """Return a value with one question answered."""
    match value:
        case Either() if value.question == answer.question:
            return apply_answer(value.yes if answer.holds else value.no, answer)
        case Either():
            return either(value.question, apply_answer(value.yes, answer), apply_answer(value.no, answer), value.hole)
        case Encoded():
            return Encoded(apply_answer(value.value, answer), value.yaml)
        case list() | tuple():
            return list(_remaining_items(value, answer))
        case Mapping() if any(True for _ in _questions(value)):
            left = [(name, one) for name, item in value.items() for one in _remaining_items([item], answer)]
            return Placed(
                [(name, one) for name, one in left if not isinstance(one, Absent)],
                value.at if isinstance(value, Placed) else None,
            )
    return value


def _remaining_items(items: Iterable[Value], answer: Case) -> Iterator[Value]:
    """Yield the remaining elements of a list. An element that the answer makes certain is no longer a Conditional."""
    for item in items:
        if not isinstance(item, Conditional):
            yield apply_answer(item, answer)
            continue
        inner = apply_answer(item.value, answer)
        open_cases = tuple(case for case in item.cases if case.question != answer.question)
        if len(open_cases) == len(item.cases):
            yield Conditional(inner, item.hole, item.cases)
        elif all(case == answer for case in item.cases if case.question == answer.question):
            yield Conditional(inner, item.hole, open_cases) if open_cases else inner


def questions_to_holes(value: Value) -> Value:
    """Return a value in which everything that depends on an open condition is a hole."""
    match value:
        case Either():
            return value.hole
        case Conditional():
            return Conditional(questions_to_holes(value.value), value.hole)
        case Encoded():
            return Encoded(questions_to_holes(value.value), value.yaml)
        case list() | tuple() if next(_questions(value), None) is not None:
            return [questions_to_holes(item) for item in value]
        case Mapping() if next(_questions(value), None) is not None:
            left = {name: questions_to_holes(item) for name, item in value.items()}
            return Placed(left, value.at if isinstance(value, Placed) else None)
    return value


def or_absent(value: Value) -> Value:
    """Return the value of a field that is missing in the cases in which it is null."""
    if isinstance(value, Either):
        return either(value.question, or_absent(value.yes), or_absent(value.no), value.hole)
    return Absent() if value is None else value
