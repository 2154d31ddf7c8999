"""The log: one JSON object a line on standard output, which is where AWS Lambda reads it.

Not the `logging` module: its JSON form in Lambda's runtime keeps characters as they are, and these lines carry text
that someone outside may have chosen. Here everything beyond ASCII is escaped, line breaks included. Lambda takes
`level` and `timestamp` from the line when the function's log format is JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TypeAlias

Json: TypeAlias = Mapping[str, object]

LONGEST = 250_000
"""Characters of a line. CloudWatch has taken 256 KB for an event, 26 bytes of them its own; what is longer is cut into
pieces that are not JSON any more: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html"""

_fields: ContextVar[Mapping[str, object]] = ContextVar("fields", default={})  # noqa: B039 - never changed, only replaced


def info(message: str, **fields: object) -> None:
    """Write a line about the normal course of things."""
    _write(_line("INFO", message, fields))


def info_shortened(message: str, shorten: Callable[[Json], Json | None], **fields: object) -> None:
    """Write a line as `info` does that may be too long; `shorten` returns fields that say less, None if it cannot."""
    line = _line("INFO", message, fields)
    while len(line) > LONGEST:
        fewer = shorten(fields)
        if fewer is None:
            break
        fields = dict(fewer)
        line = _line("INFO", message, fields)
    _write(line)


def warning(message: str, **fields: object) -> None:
    """Write a line about something that an operator should look at, although the run goes on as asked."""
    _write(_line("WARN", message, fields))


def error(message: str, **fields: object) -> None:
    """Write a line about something that makes the run fail."""
    _write(_line("ERROR", message, fields))


@contextmanager
def failures() -> Iterator[None]:
    """Write what fails inside the block, and let it go on: Lambda's own line of it is not escaped, nor says whose."""
    try:
        yield
    except Exception as failure:
        error("invocation failed", error=type(failure).__name__, reason=str(failure))
        raise


@contextmanager
def bound(**fields: object) -> Iterator[None]:
    """Add fields to every line written inside the block."""
    token = _fields.set({**_fields.get(), **fields})
    try:
        yield
    finally:
        _fields.reset(token)


def also(**fields: object) -> None:
    """Add fields to every further line of the block of `bound` that this is called in."""
    _fields.set({**_fields.get(), **fields})


def _line(level: str, message: str, fields: Json) -> str:
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    line = {"timestamp": now, "level": level, "message": message, **_fields.get(), **fields}
    return json.dumps(line, separators=(",", ":"))


def _write(line: str) -> None:
    sys.stdout.write(line + "\n")
