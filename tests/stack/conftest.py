from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from organization import sources
from tests.guides import releasing
from tests.organization.releases import Release


@pytest.fixture(scope="session")
def template() -> dict[str, Any]:
    """Return the template with its short intrinsics in their long form."""
    return sources.template()


@pytest.fixture(scope="session")
def expanded(template: dict[str, Any]) -> dict[str, Any]:
    """Return the template as CloudFormation sees it, after the SAM transform."""
    from organization.processed import expanded

    return expanded(template)


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """Return the output of `make release`. It needs the package index that pip is set up for."""
    return Release.read(releasing.released(tmp_path_factory))


@pytest.fixture(scope="session")
def unpacked(released: Release, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a function that returns AWS Lambda's folder of a function in the release, by the name of its archive."""
    return cache(lambda name: released.unpack(name, tmp_path_factory.mktemp(name)))
