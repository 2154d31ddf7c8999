"""No test waits for time."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from ecr_crossaccount.config_rule import retries


def skip_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let calls to AWS go on at once between attempts, and before any once AWS has asked to slow down."""
    pass_pauses_by(monkeypatch, lambda _: None)
    monkeypatch.setattr(retries, "now", lambda: 0.0)


def pass_pauses_by(monkeypatch: pytest.MonkeyPatch, sleep: Callable[[float], None]) -> None:
    """Let time pass by `sleep` wherever the code waits, and where boto3 does before it tries again."""
    monkeypatch.setattr(time, "sleep", sleep)
