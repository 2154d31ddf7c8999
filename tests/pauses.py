"""Removes all pauses from tests."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from ecr_crossaccount.sources.aws import retries


def skip_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the pauses between attempts, and those before any call after AWS has asked to slow down."""
    pass_pauses_by(monkeypatch, lambda _: None)
    monkeypatch.setattr(retries, "now", lambda: 0.0)


def pass_pauses_by(monkeypatch: pytest.MonkeyPatch, sleep: Callable[[float], None]) -> None:
    """Replace every pause of the code, and boto3's before a retry, by `sleep`."""
    monkeypatch.setattr(time, "sleep", sleep)
