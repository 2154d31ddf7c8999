"""Every call of every client of boto3, whichever session made it: the one place that knows botocore's inside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.client import BaseClient

_METHOD = "_make_api_call"

Proceed = Callable[[], Any]


def around_calls(monkeypatch: pytest.MonkeyPatch, answer: Callable[[Any, str, dict[str, Any], Proceed], Any]) -> None:
    """Let `answer` have each call: the client, the operation, the request, and what makes the call after all."""
    call: Any = getattr(BaseClient, _METHOD)
    monkeypatch.setattr(
        BaseClient,
        _METHOD,
        lambda client, operation, request: answer(client, operation, request, lambda: call(client, operation, request)),
    )
