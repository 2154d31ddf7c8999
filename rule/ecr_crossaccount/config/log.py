"""The log: one JSON object a line on standard output, which is where AWS Lambda reads it.

Not the `logging` module: its JSON form in Lambda's runtime keeps characters as they are, and these lines carry text
that somebody outside may have chosen. Here everything beyond ASCII is escaped, line breaks included. Lambda takes
`level` and `timestamp` from the line when the function's log format is JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_fields: ContextVar[Mapping[str, object]] = ContextVar("fields", default={})  # noqa: B039 - never changed, only replaced


def info(message: str, **fields: object) -> None:
    """Write a line about the normal course of things."""
    _write("INFO", message, fields)


def warning(message: str, **fields: object) -> None:
    """Write a line about something that an operator should look at, although the run goes on as asked."""
    _write("WARN", message, fields)


def error(message: str, **fields: object) -> None:
    """Write a line about something that makes the run fail."""
    _write("ERROR", message, fields)


@contextmanager
def bound(**fields: object) -> Iterator[None]:
    """Add fields to every line written inside the block."""
    token = _fields.set({**_fields.get(), **fields})
    try:
        yield
    finally:
        _fields.reset(token)


def _write(level: str, message: str, fields: Mapping[str, object]) -> None:
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    line = {"timestamp": now, "level": level, "message": message, **_fields.get(), **fields}
    sys.stdout.write(json.dumps(line, separators=(",", ":")) + "\n")
