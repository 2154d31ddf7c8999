"""A policy's JSON laid out for a screen: an element a line, as its author could have written it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial

_LONGEST_ONE_LINER = 96


def laid_out(statement: object, *, ascii_only: bool = False) -> Iterator[str]:
    """Yield the lines of a statement. Raises RecursionError if it is nested without end."""
    dumps = partial(json.dumps, ensure_ascii=ascii_only)
    whole = dumps(statement)
    if len(whole) <= _LONGEST_ONE_LINER or not isinstance(statement, dict):
        yield whole
        return
    yield "{"
    for number, (name, value) in enumerate(statement.items(), start=1):
        element = f"{dumps(name)}: {dumps(value)}"
        if len(element) > _LONGEST_ONE_LINER:
            element = f"{dumps(name)}: {dumps(value, indent=2)}"
        for line in f"{element}{',' * (number < len(statement))}".split("\n"):
            yield f"  {line}"
    yield "}"


def policy_laid_out(policy: Mapping[str, object]) -> Iterator[str]:
    """Yield the lines of a whole policy, as JSON in ASCII: it can be copied as it stands, whatever it hides."""
    elements = {name: [json.dumps(value)] for name, value in policy.items()}
    body = policy["Statement"]
    if isinstance(body, list):
        elements["Statement"] = ["[", *_separated([list(laid_out(one, ascii_only=True)) for one in body]), "]"]
    else:
        elements["Statement"] = list(laid_out(body, ascii_only=True))
    named = [[f"{json.dumps(name)}: {first}", *rest] for name, (first, *rest) in elements.items()]
    yield from ("{", *_separated(named), "}")


def _separated(blocks: list[list[str]]) -> Iterator[str]:
    """Yield the lines of blocks, two columns in, a comma between one and the next."""
    for number, lines in enumerate(blocks, start=1):
        comma = "," if number < len(blocks) else ""
        yield from (f"  {line}" for line in lines[:-1])
        yield f"  {lines[-1]}{comma}"
