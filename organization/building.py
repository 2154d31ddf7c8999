"""The functions as `sam build` makes them."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from organization.sources import ROOT


@contextmanager
def built_functions() -> Iterator[Path]:
    """Build the functions into a folder that ends with the block. Raises CalledProcessError."""
    with tempfile.TemporaryDirectory() as folder:
        sam = Path(sys.executable).with_name("sam")
        command = [str(sam), "build", "--build-dir", folder, "--cache-dir", str(Path(folder) / "cache")]
        environment = {"SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "us-east-1"} | os.environ
        subprocess.run(command, cwd=ROOT, env=environment, stdout=sys.stderr, check=True)
        yield Path(folder)
