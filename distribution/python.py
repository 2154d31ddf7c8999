"""The wheel, the source distribution, and the libraries that the command is installed with."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from organization.artefacts import MOMENT, Artefact
from organization.sources import ROOT


def built(folder: Path, source: Path = ROOT) -> list[Artefact]:
    """Build the source distribution, and the wheel from it, in a folder. The same sources give the same bytes.

    Raises CalledProcessError.
    """
    environment = os.environ | {"SOURCE_DATE_EPOCH": str(int(MOMENT.timestamp()))}
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(source)]
    subprocess.run(command, env=environment, stdout=sys.stderr, check=True)
    return [Artefact(f"python/{file.name}", file.read_bytes()) for file in sorted(folder.iterdir())]


def install_libraries(folder: Path) -> Path:
    """Install the command's locked dependencies into a folder, and return the folder.

    Raises CalledProcessError.
    """
    options = ["--quiet", "--disable-pip-version-check", "--no-input", "--no-deps", "--no-compile"]
    command = [sys.executable, "-m", "pip", "install", *options, "--require-hashes", "--target", str(folder)]
    subprocess.run([*command, "-r", str(ROOT / "requirements/command.txt")], stdout=sys.stderr, check=True)
    return folder
