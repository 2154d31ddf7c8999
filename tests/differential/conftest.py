"""One iam-simulate for the whole run, installed on demand from the lock file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.differential.simulator import Simulator


@pytest.fixture(scope="session")
def simulator() -> Iterator[Simulator]:
    """A missing Node.js is a failure, not a reason to skip. Otherwise the suite would silently disappear."""
    with Simulator() as running:
        yield running
