"""A value that depends on conditions that cannot be decided, under each combination of answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from .partial import Absent, Case, Either, Encoded, Perhaps, Placed, Question, Value, either

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
                ((*words, question.said(holds=holds)), answered(one, Case(question, holds))) for holds in (False, True)
            ]
        if len(rest) + len(found) > MOST_WAYS:
            return [("", value)]
    return found


def _questions(value: Value) -> Iterator[Question]:
    """Yield the questions that a value depends on."""
    match value:
        case Either():
            yield value.question
        case Perhaps():
            yield from (case.question for case in value.cases)
            yield from _questions(value.value)
        case Encoded():
            yield from _questions(value.value)
        case list() | tuple():
            for item in value:
                yield from _questions(item)
        case Mapping():
            for item in value.values():
                yield from _questions(item)


def answered(value: Value, answer: Case) -> Value:
    """Return a value with one question answered."""
    match value:
        case Either() if value.question == answer.question:
            return answered(value.yes if answer.holds else value.no, answer)
        case Either():
            return either(value.question, answered(value.yes, answer), answered(value.no, answer), value.hole)
        case Encoded():
            return Encoded(answered(value.value, answer), value.yaml)
        case list() | tuple():
            return list(_left(value, answer))
        case Mapping() if any(True for _ in _questions(value)):
            left = [(name, one) for name, item in value.items() for one in _left([item], answer)]
            return Placed(
                [(name, one) for name, one in left if not isinstance(one, Absent)],
                value.at if isinstance(value, Placed) else None,
            )
    return value


def _left(items: Iterable[Value], answer: Case) -> Iterator[Value]:
    """Yield the remaining elements of a list. An element that the answer makes certain is no longer a Perhaps."""
    for item in items:
        if not isinstance(item, Perhaps):
            yield answered(item, answer)
            continue
        inner = answered(item.value, answer)
        open_cases = tuple(case for case in item.cases if case.question != answer.question)
        if len(open_cases) == len(item.cases):
            yield Perhaps(inner, item.hole, item.cases)
        elif all(case == answer for case in item.cases if case.question == answer.question):
            yield Perhaps(inner, item.hole, open_cases) if open_cases else inner


def unasked(value: Value) -> Value:
    """Return a value in which everything that depends on an open condition is a hole."""
    match value:
        case Either():
            return value.hole
        case Perhaps():
            return Perhaps(unasked(value.value), value.hole)
        case Encoded():
            return Encoded(unasked(value.value), value.yaml)
        case list() | tuple() if next(_questions(value), None) is not None:
            return [unasked(item) for item in value]
        case Mapping() if next(_questions(value), None) is not None:
            left = {name: unasked(item) for name, item in value.items()}
            return Placed(left, value.at if isinstance(value, Placed) else None)
    return value


def or_absent(value: Value) -> Value:
    """Return the value of a field that is missing in the cases in which it is null."""
    if isinstance(value, Either):
        return either(value.question, or_absent(value.yes), or_absent(value.no), value.hole)
    return Absent() if value is None else value
