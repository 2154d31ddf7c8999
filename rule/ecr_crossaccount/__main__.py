"""The entry point of the process: the installed command, and `python -m ecr_crossaccount`."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress

# The values of ExitStatus in `products/cli/base/program`, whose import may fail.
CRASHED = 70
INTERRUPTED = 130
_LEAVING = (0, 3)
"""The exit codes of argparse, after help and bad usage. Any other `sys.exit` is a crash."""
_MADE_BETWEEN_SEARCHES = 50_000
"""New objects before Python searches for cycles. With its own 2,000, most searches fall in imports and find nothing."""


def process() -> int:
    """Run the command with the process's own arguments, and return its exit status.

    Every kind of failure has its own status. Python's default is 1, which would mean that a policy is not compliant.
    """
    gc.set_threshold(_MADE_BETWEEN_SEARCHES)
    try:
        from .products.cli.main import main  # noqa: PLC0415 - the import may fail too

        status = main()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BaseException as error:
        if isinstance(error, SystemExit) and error.code in _LEAVING:
            raise
        _tell(error)
        return CRASHED
    # Python would search all remaining objects for cycles at exit, which takes half a second for a large report.
    gc.freeze()
    return status


def _tell(error: BaseException) -> None:
    try:
        from .products.cli.base.program import tell  # noqa: PLC0415 - the import may fail too

        tell(error, sys.argv[1:])
    except Exception as another:  # noqa: BLE001 - the status counts, even if nothing can be written
        with suppress(Exception):
            sys.stderr.write(f"ecr-crossaccount: internal error ({type(error).__name__}, {type(another).__name__})\n")
        with suppress(Exception):  # buffered text would fail again at exit, with a status of Python's
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


if __name__ == "__main__":
    sys.exit(process())
