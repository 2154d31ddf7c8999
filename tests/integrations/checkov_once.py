"""Run by Checkov's own Python: does what `checkov` does, for each line of the standard input, with one import.

A line has `argv`, `environment`, `packages` (the first place where Python looks), the working directory and the files
for the two streams. The answer to each is its exit status, in a line.
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
    gc.freeze()  # the garbage collector of each run ignores the imported modules
    for line in sys.stdin:
        child = os.fork()
        if not child:
            _run(json.loads(line))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _run(asked: dict[str, Any]) -> None:
    """Run as the command. Does not return."""
    os.chdir(asked["folder"])
    for stream, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(asked[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream)
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.path.insert(0, asked["packages"])
    sys.argv = ["checkov", *asked["argv"]]  # the name that it shows
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", category=SyntaxWarning)
        try:
            status = Checkov(asked["argv"]).run()
        except SystemExit as leaving:
            status = leaving.code if isinstance(leaving.code, int) else bool(leaving.code)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status or 0)  # ending all of Checkov would take longer than the run


main()
