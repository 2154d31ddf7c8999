"""Build the functions and the command, and write them with templates and bills of materials."""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path

from distribution.python import built as built_distributions
from distribution.python import install_libraries
from distribution.release import bills_of_functions, distribution
from organization.building import built_functions
from organization.release import code_of, release, write
from organization.sources import ROOT
from organization.stacks import STACKS


def main(arguments: list[str] | None = None) -> int:
    """Write a release, and print its files."""
    parser = argparse.ArgumentParser(prog="make release", description=__doc__)
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "release", help="the folder to write")
    parser.add_argument("--built", type=Path, help="what an earlier build made, a folder for each stack")
    chosen = parser.parse_args(arguments)
    with nullcontext(chosen.built) if chosen.built else built_functions(*STACKS) as built:
        code = code_of(built)
        files = [*release(code), *bills_of_functions(built, code)]
    with tempfile.TemporaryDirectory() as folder:
        python = built_distributions(Path(folder) / "dist")
        files += distribution(python, install_libraries(Path(folder) / "installed"))
    for key in write(files, chosen.output):
        print(key)
    return 0


if __name__ == "__main__":
    sys.exit(main())
