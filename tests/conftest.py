"""For every test: none can reach an account, none depends on how fast the machine is or on who watches it."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator
from functools import cache

import pytest
from botocore import httpsession
from botocore.loaders import JSONFileLoader, Loader

from tests import profiles


def pytest_configure() -> None:
    """Put made-up credentials where boto3 looks, before any module is imported, and load the profile of Hypothesis."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what tests start is compiled once, not at each start
    os.environ |= {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    profiles.load()
    _share_among_clients()


def _share_among_clients() -> None:
    """Share among all sessions and clients of boto3 what does not depend on them: it is most of making a client.

    The models of AWS's services, the list of them, and the SSL context, which no call to this machine uses.
    """
    file_loader, read = JSONFileLoader(), cache(JSONFileLoader.load_file)
    JSONFileLoader.load_file = lambda _, path: read(file_loader, path)  # type: ignore[method-assign, assignment]
    loader, listed = Loader(), cache(Loader.list_available_services)
    Loader.list_available_services = lambda _, type_name: listed(loader, type_name)  # type: ignore[method-assign, assignment]
    httpsession.create_urllib3_context = cache(httpsession.create_urllib3_context)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage while tests are collected, nor later in what was made then: it stays to the end."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take long, so that no process is left with one of them at the end.

    It counts under `--no-loadscope-reorder`; else pytest-xdist begins with the files that have many tests.
    """
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


_WATCHED = {"NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "LINES", "COLORTERM", "TTY_COMPATIBLE"}
"""What a terminal or a person puts into the environment, and programs take for an order."""

_SETTINGS = "ECR_CROSSACCOUNT_"


def pytest_sessionstart() -> None:
    """Take the terminal for an ordinary one, once pytest has chosen its own colours, and let no setting in."""
    for name in list(os.environ):
        if name in _WATCHED or name.startswith(_SETTINGS):
            del os.environ[name]
    os.environ["TERM"] = "xterm-256color"
