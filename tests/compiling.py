"""Compiles the tests once, on all cores, before pytest starts its processes.

Each process of pytest-xdist reads every test. In a fresh clone, each would compile them all, at the same time as the
others.
"""

# ruff: noqa: SLF001 - pytest has no public names for it
from __future__ import annotations

import os
import py_compile
from collections.abc import Iterable
from fnmatch import fnmatch
from importlib.util import cache_from_source
from pathlib import Path

import pytest
from _pytest.assertion import rewrite

_OURS = ("acceptance", "benchmarks", "demo", "distribution", "organization", "remediation", "rule", "tests", "website")
OURS = tuple(Path(__file__).parents[1] / name for name in _OURS)


def compile_tests(config: pytest.Config, folders: Iterable[Path] = OURS) -> None:
    """Compile the tests, and the tested code, if nothing is compiled yet. On Windows, each process does it itself."""
    if not hasattr(os, "fork"):
        return
    files = [file for folder in folders for file in folder.rglob("*.py") if ".aws-sam" not in file.parts]
    todo = [file for file in files if not _compiled(config, file).exists()]
    cores = os.cpu_count() or 1
    children = [pid for part in range(cores) if (pid := _forked(config, todo[part::cores]))] if todo else []
    for child in children:
        os.waitpid(child, 0)


def _forked(config: pytest.Config, files: Iterable[Path]) -> int:
    """Compile files in a separate process, and return its number. The import of a bad file reports the error."""
    child = os.fork()
    if child:
        return child
    try:
        for file in files:
            _compile(config, file)
    finally:
        os._exit(0)  # files that pytest has open are not closed here


def _compile(config: pytest.Config, file: Path) -> None:
    if not _is_rewritten(config, file):
        py_compile.compile(str(file), quiet=2)
        return
    target = _compiled(config, file)
    target.parent.mkdir(exist_ok=True)
    try:
        source, code = rewrite._rewrite_test(file, config)
    except SyntaxError:
        return
    rewrite._write_pyc(config.stash[rewrite.assertstate_key], code, source, target)


def _compiled(config: pytest.Config, file: Path) -> Path:
    """Return the path where pytest or Python looks for the compiled file."""
    if _is_rewritten(config, file):
        return rewrite.get_cache_dir(file) / f"{file.stem}{rewrite.PYC_TAIL}"
    return Path(cache_from_source(str(file)))


def _is_rewritten(config: pytest.Config, file: Path) -> bool:
    """Return whether pytest rewrites the asserts of a file, so that they show the compared values."""
    return file.name == "conftest.py" or any(fnmatch(file.name, one) for one in config.getini("python_files"))
