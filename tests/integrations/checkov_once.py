"""Run by Checkov's own Python: what `checkov` does, for each line of the standard input, imported once.

A line is `argv`, `environment`, `packages` (where Python looks first), the working directory and the files for the two
streams. Answers each with its exit status, in a line.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import warnings
from typing import Any

from checkov.main import Checkov


def main() -> None:
    gc.collect()
    gc.freeze()  # what is imported is not looked through again by each run
    for line in sys.stdin:
        child = os.fork()
        if not child:
            _run(json.loads(line))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _run(asked: dict[str, Any]) -> None:
    """Be the command; does not return."""
    os.chdir(asked["folder"])
    for stream, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(asked[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream)
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.path.insert(0, asked["packages"])
    sys.argv = ["checkov", *asked["argv"]]  # which it says it was called by
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", category=SyntaxWarning)
        try:
            status = Checkov(asked["argv"]).run()
        except SystemExit as leaving:
            status = leaving.code if isinstance(leaving.code, int) else bool(leaving.code)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status or 0)  # to take all of Checkov down takes longer than what was asked


main()
