"""Intercepts every call of every boto3 client of any session. Only this module depends on botocore's internals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.client import BaseClient

_METHOD = "_make_api_call"

Proceed = Callable[[], Any]


def around_calls(monkeypatch: pytest.MonkeyPatch, answer: Callable[[Any, str, dict[str, Any], Proceed], Any]) -> None:
    """Pass each call to `answer`: the client, the operation, the request, and a function that makes the real call."""
    call: Any = getattr(BaseClient, _METHOD)
    monkeypatch.setattr(
        BaseClient,
        _METHOD,
        lambda client, operation, request: answer(client, operation, request, lambda: call(client, operation, request)),
    )
