"""One mirror for all tests of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.packaging import mirror as mirrors


@pytest.fixture(scope="session")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of wheels that is enough to install and build the command."""
    folder = tmp_path_factory.mktemp("mirror")
    mirrors.fill(folder)
    return folder
