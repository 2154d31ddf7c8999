"""Settings for every test: no access to an account, and no dependence on the machine's speed or its terminal."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator

import pytest

from tests import compiling, profiles, running, sharing
from tests.fakes import at_hand


def pytest_configure(config: pytest.Config) -> None:
    """Set fake credentials for boto3 before any module is imported, and load the profile of Hypothesis."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # processes of tests compile once, not at each start
    os.environ |= {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    if config.getoption("numprocesses", None):
        compiling.compile_tests(config)
    config.pluginmanager.register(running)
    profiles.load()
    sharing.share()
    at_hand.share()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Disable garbage collection during test collection, and exempt the objects made then, which stay to the end.

    After that, collect after 50,000 new objects, which take some megabytes, and not after 2,000.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(50_000)
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run slow files first, so that no process is left with one of them at the end.

    This has an effect only with `--no-loadscope-reorder`. Otherwise pytest-xdist begins with the files that have many
    tests.
    """
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


_WATCHED = {"NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "LINES", "COLORTERM", "TTY_COMPATIBLE"}
"""Variables that a terminal or a person sets, and that change the output of programs."""

_SETTINGS = "ECR_CROSSACCOUNT_"


def pytest_sessionstart() -> None:
    """Simulate an ordinary terminal, after pytest has chosen its own colors, and remove all settings."""
    for name in list(os.environ):
        if name in _WATCHED or name.startswith(_SETTINGS):
            del os.environ[name]
    os.environ["TERM"] = "xterm-256color"
