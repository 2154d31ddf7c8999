"""The report of a failure of the program itself: one line, and the traceback on request.

A crash is not a verdict. Its exit status is 70, and a line of a batch that causes one is answered as not judged.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence

from .visible import visible

VARIABLE = "ECR_CROSSACCOUNT_DEBUG"
"""The environment variable that requests the traceback, like `--debug`."""

_LONGEST_REASON = 300


def tell(error: BaseException, argv: Sequence[str]) -> None:
    """Write to standard error what happened, that it proves nothing, and what to do about it."""
    if "--debug" in argv or os.environ.get(VARIABLE) == "1":  # argparse may be what failed
        for line in "".join(traceback.format_exception(error)).splitlines():
            print(visible(line), file=sys.stderr)
    print(
        f"ecr-crossaccount: internal error ({reason(error)}): nothing can be concluded from this run; {_help(error)}",
        file=sys.stderr,
    )


def reason(error: BaseException) -> str:
    """Return what happened, in one short line that is safe to show."""
    text = visible(f"{type(error).__name__}: {error}".removesuffix(": "))
    return text if len(text) <= _LONGEST_REASON else f"{text[: _LONGEST_REASON - 1]}…"


def _help(error: BaseException) -> str:
    match error:
        case ImportError():
            return "the installation is incomplete or damaged: install it again"
        case MemoryError():
            return "there was not enough memory: run it on fewer files, or on a machine with more memory"
        case _:
            return "run it again with `--debug` for the traceback, and report it as SECURITY.md describes"
