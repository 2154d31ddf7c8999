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
from organization.stacks import Stack


@contextmanager
def built_functions(*stacks: Stack) -> Iterator[Path]:
    """Build the functions of stacks, each stack's below its name in a folder that ends with the block.

    Raises CalledProcessError.
    """
    with tempfile.TemporaryDirectory() as folder:
        for stack in stacks:
            _build(stack, Path(folder))
        yield Path(folder)


def _build(stack: Stack, folder: Path) -> None:
    sam = Path(sys.executable).with_name("sam")
    options = ["--build-dir", str(folder / stack.name), "--cache-dir", str(folder / ".cache" / stack.name)]
    environment = {"SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "us-east-1"} | os.environ
    command = [str(sam), "build", "--template", stack.source, *options]
    subprocess.run(command, cwd=ROOT, env=environment, stdout=sys.stderr, check=True)
