"""`make release`: build the functions, and write them and the templates into a folder."""

from __future__ import annotations

import argparse
import sys
from contextlib import nullcontext
from pathlib import Path

from organization.building import built_functions
from organization.release import release, write
from organization.sources import ROOT
from organization.stacks import STACKS


def main(arguments: list[str] | None = None) -> int:
    """Write a release, and say what it has."""
    parser = argparse.ArgumentParser(prog="make release", description=__doc__)
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "release", help="the folder to write")
    parser.add_argument("--built", type=Path, help="what an earlier build made, a folder for each stack")
    chosen = parser.parse_args(arguments)
    with nullcontext(chosen.built) if chosen.built else built_functions(*STACKS) as built:
        for key in write(tuple(release(built)), chosen.output):
            print(key)
    return 0


if __name__ == "__main__":
    sys.exit(main())
