"""The command, as the tests of the command line run it."""

from __future__ import annotations

from tests.cli.conftest import run, spawn, write

__all__ = ["run", "spawn", "write"]
