"""Settings for every test: no access to an account, and no dependence on the machine's speed or its terminal."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator

import pytest

from tests import compiling, profiles, running, sharing, under_way
from tests.fakes import at_hand, ecr, models

pytest_plugins = ["tests.reworded"]


def pytest_configure(config: pytest.Config) -> None:
    """Set fake credentials for boto3 before any module is imported, and load the profile of Hypothesis."""
    # Git sets GIT_DIR for hooks and `rebase --exec`: tests that commit would use this repository.
    for name in [name for name in os.environ if name.startswith(("AWS_", "GIT_"))]:
        del os.environ[name]
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # processes of tests compile once, not at each start
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
    models.check_every_call()
    ecr.write_as_ecr_does()
    under_way.watch()


def _around_the_proxy() -> dict[str, str]:
    """Return variables that exclude this machine from its HTTP proxy."""
    elsewhere = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    hosts = ",".join((*([elsewhere] if elsewhere else []), "localhost", "127.0.0.1"))
    return {"no_proxy": hosts, "NO_PROXY": hosts}  # Python prefers the lower-case variable


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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, object, object]:
    """Wait for the calls that a test started in other threads, before its patches are undone."""
    try:
        return (yield)
    finally:
        under_way.end()


_WATCHED = {"NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "LINES", "COLORTERM", "TTY_COMPATIBLE"}
"""Variables that a terminal or a person sets, and that change the output of programs."""

_SETTINGS = "ECR_CROSSACCOUNT_"


def pytest_sessionstart() -> None:
    """Simulate an ordinary terminal, after pytest has chosen its own colors, and remove all settings."""
    for name in list(os.environ):
        if name in _WATCHED or name.startswith(_SETTINGS):
            del os.environ[name]
    os.environ["TERM"] = "xterm-256color"
