"""No test waits for time."""

from __future__ import annotations

import time

import pytest
from ecr_crossaccount.config_rule import retries


def skip_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let calls to AWS go on at once between attempts, and before any once AWS has asked to slow down."""
    monkeypatch.setattr(time, "sleep", lambda _: None)
    monkeypatch.setattr(retries, "now", lambda: 0.0)
