"""`make release-hook`: build the function of the CloudFormation hook, and write it and its template into a folder.

The template has no macros, which service-managed StackSets refuse, and takes the code from the buckets of a release.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from organization.artefacts import Artefact
from organization.processed import processed
from organization.release import written
from organization.sources import ROOT, template

SOURCE = "organization/hook.yaml"
_FUNCTION = "HookFunction"


def release(built: Path) -> Iterator[Artefact]:
    """Yield the files of a release from the folder that `sam build` has filled."""
    code = Artefact.of_code("hook", built / _FUNCTION)
    yield code
    yield Artefact.of_template("hook", written(processed({_FUNCTION: code.key}, template(SOURCE))))


def main(arguments: list[str] | None = None) -> int:
    """Write a release, beside what else is in its folder, and say what it has."""
    parser = argparse.ArgumentParser(prog="make release-hook", description=__doc__)
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "release", help="the folder to write into")
    parser.add_argument("--built", type=Path, help="the folder of an earlier `sam build`, instead of a new one")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        for artefact in release(chosen.built or _built(Path(folder))):
            file = chosen.output / artefact.key
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(artefact.content)
            print(artefact.key)
    return 0


def _built(folder: Path) -> Path:
    """Return a folder with the function as `sam build` makes it. Raises CalledProcessError."""
    sam = Path(sys.executable).with_name("sam")
    options = ["--template", SOURCE, "--build-dir", str(folder), "--cache-dir", str(folder / "cache")]
    environment = {"SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "us-east-1"} | os.environ
    subprocess.run([str(sam), "build", *options], cwd=ROOT, env=environment, stdout=sys.stderr, check=True)
    return folder


if __name__ == "__main__":
    sys.exit(main())
