"""For every test: none can reach an account, none depends on how fast the machine is or on who watches it."""

from __future__ import annotations

import os
from functools import cache

from botocore.loaders import JSONFileLoader

from tests import profiles


def pytest_configure() -> None:
    """Put made-up credentials where boto3 looks, before any module is imported, and load the profile of Hypothesis."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ |= {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    profiles.load()
    _read_models_once()


def _read_models_once() -> None:
    """Share the models of AWS's services among all sessions of boto3: reading them is half of making a client."""
    loader, read = JSONFileLoader(), cache(JSONFileLoader.load_file)
    JSONFileLoader.load_file = lambda _, path: read(loader, path)  # type: ignore[method-assign, assignment]


_WATCHED = {"NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "LINES", "COLORTERM", "TTY_COMPATIBLE"}
"""What a terminal or a person puts into the environment, and programs take for an order."""

_SETTINGS = "ECR_CROSSACCOUNT_"


def pytest_sessionstart() -> None:
    """Take the terminal for an ordinary one, once pytest has chosen its own colours, and let no setting in."""
    for name in list(os.environ):
        if name in _WATCHED or name.startswith(_SETTINGS):
            del os.environ[name]
    os.environ["TERM"] = "xterm-256color"
