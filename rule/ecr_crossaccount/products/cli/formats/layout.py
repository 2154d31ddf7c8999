"""A policy's JSON formatted for a screen: one element a line, as its author could have written it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

_LONGEST_ONE_LINER = 96


def laid_out(statement: object, *, ascii_only: bool = False) -> Iterator[str]:
    """Yield the lines of a statement. Raises RecursionError if it is nested too deeply."""
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
    """Yield the lines of a whole policy, as JSON in ASCII. They can be copied even if characters are invisible."""
    yield from (line for _, line in policy_by_statement(policy))


Line = tuple[int | None, str]
"""A line of a policy, with the number of the statement that it belongs to, or None."""


def policy_by_statement(policy: Mapping[str, object]) -> Iterator[Line]:
    """Yield the lines of a whole policy, each with its statement. Raises RecursionError if it is nested too deeply."""
    blocks: list[list[Line]] = []
    for name, value in policy.items():
        lines = _statements(value) if name == "Statement" else [(None, json.dumps(value))]
        number, first = lines[0]
        blocks.append([(number, f"{json.dumps(name)}: {first}"), *lines[1:]])
    yield from ((None, "{"), *_separated(blocks), (None, "}"))


def _statements(body: object) -> list[Line]:
    if not isinstance(body, list):
        return [(0, line) for line in laid_out(body, ascii_only=True)]
    blocks = [[(number, line) for line in laid_out(one, ascii_only=True)] for number, one in enumerate(body)]
    return [(None, "["), *_separated([[*block] for block in blocks]), (None, "]")]


def _separated(blocks: Sequence[Sequence[Line]]) -> Iterator[Line]:
    """Yield the lines of blocks, indented by two columns, with a comma after each block except the last."""
    for number, lines in enumerate(blocks, start=1):
        comma = "," if number < len(blocks) else ""
        yield from ((statement, f"  {line}") for statement, line in lines[:-1])
        statement, last = lines[-1]
        yield statement, f"  {last}{comma}"
