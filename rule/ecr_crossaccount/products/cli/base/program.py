"""The program's name, its version, and its messages on standard error."""

from __future__ import annotations

import os
import sys
from typing import TextIO

PROGRAM = "ecr-crossaccount"


def version() -> str | None:
    """Return the version of the installed distribution. Its metadata are read only on request."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as version_of

    try:
        return version_of(PROGRAM)
    except PackageNotFoundError:
        return None


def complain(message: str) -> None:
    """Write a message to standard error in one line. If that fails, the exit status must be enough."""
    from .visible import visible

    try:
        print(f"{PROGRAM}: {visible(message)}", file=sys.stderr)
    except OSError:
        write_no_more(sys.stderr)


def write_no_more(stream: TextIO) -> None:
    """Redirect a standard stream to the null device, so that the interpreter's flush at exit cannot fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
