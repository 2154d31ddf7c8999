"""The functions as `sam build` makes them, with `rule/Makefile`, but with the libraries installed only once."""

from __future__ import annotations

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
    """Build the functions of stacks, each in a folder STACK/FUNCTION below a folder that is deleted at the block's end.

    Raises CalledProcessError.
    """
    with tempfile.TemporaryDirectory() as built, tempfile.TemporaryDirectory() as libraries:
        _make("libraries", f"LIBRARIES={libraries}")
        for stack in stacks:
            for name in stack.functions:
                folder = Path(built, stack.name, name)
                folder.mkdir(parents=True)
                _make(f"build-{name}", f"ARTIFACTS_DIR={folder}", f"LIBRARIES={libraries}")
        yield Path(built)


def _make(*arguments: str) -> None:
    subprocess.run(["make", "--silent", *arguments], cwd=ROOT / "rule", stdout=sys.stderr, check=True)
