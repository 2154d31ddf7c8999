"""For every test: none can reach an account, none depends on how fast the machine is or on who watches it."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator

import pytest

from tests import compiling, profiles, running, sharing, under_way
from tests.fakes import at_hand


def pytest_configure(config: pytest.Config) -> None:
    """Put made-up credentials where boto3 looks, before any module is imported, and load the profile of Hypothesis."""
    # Git sets GIT_DIR for what a hook or `rebase --exec` runs: a test would commit to this project.
    for name in [name for name in os.environ if name.startswith(("AWS_", "GIT_"))]:
        del os.environ[name]
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what tests start is compiled once, not at each start
    os.environ |= {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        **_around_the_proxy(),
    }
    if config.getoption("numprocesses", None):
        compiling.compile_tests(config)
    config.pluginmanager.register(running)
    profiles.load()
    sharing.share()
    at_hand.share()
    under_way.watch()


def _around_the_proxy() -> dict[str, str]:
    """Return what leads no call to a server of this machine over the proxy by which this machine reaches others."""
    elsewhere = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    hosts = ",".join((*([elsewhere] if elsewhere else []), "localhost", "127.0.0.1"))
    return {"no_proxy": hosts, "NO_PROXY": hosts}  # of two that differ, Python reads the first


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage while tests are collected, nor later in what was made then: it stays to the end.

    In the rest, look for it after 50,000 new objects, which take some megabytes, and not after 2,000.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(50_000)
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take long, so that no process is left with one of them at the end.

    It counts under `--no-loadscope-reorder`; else pytest-xdist begins with the files that have many tests.
    """
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, object, object]:
    """Wait for what a test has begun in other threads, while what it has patched still holds."""
    try:
        return (yield)
    finally:
        under_way.end()


_WATCHED = {"NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "LINES", "COLORTERM", "TTY_COMPATIBLE"}
"""What a terminal or a person puts into the environment, and programs take for an order."""

_SETTINGS = "ECR_CROSSACCOUNT_"


def pytest_sessionstart() -> None:
    """Take the terminal for an ordinary one, once pytest has chosen its own colours, and let no setting in."""
    for name in list(os.environ):
        if name in _WATCHED or name.startswith(_SETTINGS):
            del os.environ[name]
    os.environ["TERM"] = "xterm-256color"
