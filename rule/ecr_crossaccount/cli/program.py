"""The program by its name: its version, and what it says on standard error."""

from __future__ import annotations

import os
import sys
from typing import TextIO

PROGRAM = "ecr-crossaccount"


def version() -> str | None:
    """Return the version of the installed distribution; its metadata are read only when they are asked for."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as version_of

    try:
        return version_of(PROGRAM)
    except PackageNotFoundError:
        return None


def complain(message: str) -> None:
    """Say on standard error, in one line, what is wrong; where nobody can read that, the exit status says it alone."""
    from .visible import visible

    try:
        print(f"{PROGRAM}: {visible(message)}", file=sys.stderr)
    except OSError:
        write_no_more(sys.stderr)


def write_no_more(stream: TextIO) -> None:
    """Let go of a standard stream, which the interpreter flushes once more at exit: that must not fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
