from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.organization.releases import Release, functions


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder as `sam build` writes it, with one-line functions."""
    return functions(tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="session")
def made(built: Path) -> Release:
    """A release of these functions."""
    return Release.of_functions(built)


@pytest.fixture(scope="session")
def account(made: Release) -> Mapping[str, Any]:
    """Return the template for every account."""
    parsed: Mapping[str, Any] = json.loads(made.stored("account").content)
    return parsed
