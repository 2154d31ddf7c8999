"""What a user of a guide has: a checkout and the tools."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.cloned import ROOT, cloned, committed


def check_out(folder: Path) -> Path:
    """Return a checkout of the project, without changes, that uses the environment of these tests."""
    cloned(folder, ".", ":(exclude)tests", ":(exclude)benchmarks")
    committed(folder)
    _with_environment(folder / ".venv")
    return folder


def _with_environment(folder: Path) -> None:
    """Give the environment of these tests to a checkout. Its stamps are new, so that `make` installs nothing."""
    folder.mkdir()
    for one in Path(sys.prefix).iterdir():
        if one.name in ("bin", "include", "lib", "lib64", "pyvenv.cfg"):
            (folder / one.name).symlink_to(one)
    for stamp in (".dependencies-installed", ".project-installed"):
        (folder / stamp).touch()


def tools(home: Path) -> Mapping[str, str]:
    """Return the variables of a shell with the tools of these tests, and without AWS."""
    return {
        **_of_the_machine(),
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
        "HOME": str(home),
        "PYTHONPATH": str(ROOT),
        "SAM_CLI_TELEMETRY": "0",
        "COLUMNS": "200",
        "TERM": "dumb",
    }


def _of_the_machine() -> dict[str, str]:
    """Return what the tools need to know about the machine: its language, and how to reach packages."""
    kept = ("PIP_", "SSL_", "REQUESTS_", "LANG", "LC_")
    found = {
        name: value for name, value in os.environ.items() if name.startswith(kept) or name.lower().endswith("_proxy")
    }
    home = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return {**found, "XDG_CONFIG_HOME": home}
