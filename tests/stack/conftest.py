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
    """The template with its short intrinsics written out."""
    return sources.template()


@pytest.fixture(scope="session")
def expanded(template: dict[str, Any]) -> dict[str, Any]:
    """The template as CloudFormation sees it, after the SAM transform."""
    from organization.processed import expanded

    return expanded(template)


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """What `make release` writes; needs the package index that pip is set up for."""
    return Release.read(releasing.released(tmp_path_factory))


@pytest.fixture(scope="session")
def unpacked(released: Release, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """What AWS Lambda has of a function of the release, by the name of its archive."""
    return cache(lambda name: released.unpack(name, tmp_path_factory.mktemp(name)))
