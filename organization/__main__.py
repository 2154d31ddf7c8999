"""`make release`: build the functions, and write them and the templates into a folder."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from organization.release import release, write
from organization.sources import ROOT


def main(arguments: list[str] | None = None) -> int:
    """Write a release, and say what it has."""
    parser = argparse.ArgumentParser(prog="make release", description=__doc__)
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "release", help="the folder to write")
    parser.add_argument("--built", type=Path, help="the folder of an earlier `sam build`, instead of a new one")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        built = chosen.built or _built(Path(folder))
        for key in write(release(built), chosen.output):
            print(key)
    return 0


def _built(folder: Path) -> Path:
    """Return a folder with the functions as `sam build` makes them. Raises CalledProcessError."""
    sam = Path(sys.executable).with_name("sam")
    command = [str(sam), "build", "--build-dir", str(folder), "--cache-dir", str(folder / "cache")]
    environment = {"SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "us-east-1"} | os.environ
    subprocess.run(command, cwd=ROOT, env=environment, stdout=sys.stderr, check=True)
    return folder


if __name__ == "__main__":
    sys.exit(main())
