"""The log: one JSON object for each line, on standard output, where AWS Lambda reads it.

It does not use the `logging` module. Its JSON form in Lambda's runtime does not escape characters, and someone outside
may have chosen the text in these lines. Here everything except ASCII is escaped, including line breaks. Lambda takes
`level` and `timestamp` from the line if the function's log format is JSON.
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
"""The longest line, in characters.

CloudWatch accepted 256 KB for an event, with 26 bytes of its own. A longer line is cut into pieces that are not JSON:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
"""

_fields: ContextVar[Mapping[str, object]] = ContextVar("fields", default={})  # noqa: B039 - never changed, only replaced


def info(message: str, **fields: object) -> None:
    """Write a line about normal operation."""
    _write(_line("INFO", message, fields))


def info_shortened(message: str, shorten: Callable[[Json], Json | None], **fields: object) -> None:
    """Write a line like `info`. If it is too long, `shorten` returns shorter fields, or None if it cannot."""
    line = _line("INFO", message, fields)
    while len(line) > LONGEST:
        fewer = shorten(fields)
        if fewer is None:
            break
        fields = dict(fewer)
        line = _line("INFO", message, fields)
    _write(line)


def warning(message: str, **fields: object) -> None:
    """Write a line about something that an operator should look at, although the run continues."""
    _write(_line("WARN", message, fields))


def error(message: str, **fields: object) -> None:
    """Write a line about something that makes the run fail."""
    _write(_line("ERROR", message, fields))


@contextmanager
def failures() -> Iterator[None]:
    """Write an exception of the block to the log, and raise it again.

    Lambda's own line about it is not escaped and does not name the account.
    """
    try:
        yield
    except Exception as failure:
        error("invocation failed", error=type(failure).__name__, reason=str(failure))
        raise


@contextmanager
def bind_fields(**fields: object) -> Iterator[None]:
    """Add fields to every line in the block."""
    token = _fields.set({**_fields.get(), **fields})
    try:
        yield
    finally:
        _fields.reset(token)


def also(**fields: object) -> None:
    """Add fields to every further line in the surrounding block of `bind_fields`."""
    _fields.set({**_fields.get(), **fields})


def _line(level: str, message: str, fields: Json) -> str:
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    line = {"timestamp": now, "level": level, "message": message, **_fields.get(), **fields}
    return json.dumps(line, separators=(",", ":"))


def _write(line: str) -> None:
    sys.stdout.write(line + "\n")
