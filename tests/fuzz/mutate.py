"""Mutation that keeps JSON valid. A fuzzer that flips bytes would only test the JSON parser."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from tests.fuzz.seeds import WORDS


def mutated(text: str, random: Random) -> str:
    """Return a text with one to four values or names of its JSON changed, or unchanged if it is not JSON."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    holder = [value]
    for _ in range(random.randint(1, 4)):
        _change(holder, random)
    return json.dumps(holder[0])


def _change(holder: list[Any], random: Random) -> None:
    places = list(_places(holder))
    container, key = random.choice(places)
    value = container[key]
    match random.randrange(7):
        case 0:
            container[key] = _word(random)
        case 1:
            container[key] = [value]
        case 2 if isinstance(value, str):
            container[key] = _cut(value, random)
        case 3 if isinstance(value, str):
            container[key] = json.dumps(value) if random.random() < 0.2 else f"{value}{_word(random)}"
        case 4 if isinstance(container, dict):
            container[str(_word(random))] = container.pop(key)
        case 5:
            other, place = random.choice(places)
            container[key] = json.loads(json.dumps(other[place]))
        case _ if isinstance(value, dict):
            value[str(_word(random))] = _word(random)
        case _ if isinstance(value, list):
            value.append(_word(random))
        case _:
            container[key] = _word(random)


def _places(container: Any) -> Any:  # noqa: ANN401 - JSON
    """Yield every (container, key) in a JSON value."""
    todo = [container]
    while todo:
        one = todo.pop()
        for key in list(one) if isinstance(one, dict) else range(len(one)):
            yield one, key
            if isinstance(one[key], dict | list):
                todo.append(one[key])


def _word(random: Random) -> Any:  # noqa: ANN401 - JSON
    word = random.choice(WORDS)
    return json.loads(json.dumps(word))  # never the shared list itself


def _cut(text: str, random: Random) -> str:
    at, end = sorted(random.randint(0, len(text)) for _ in range(2))
    return random.choice((text[:at] + text[end:], text[:end] + text[at:], f"{text[:at]}{_word(random)}{text[end:]}"))
