from __future__ import annotations

from typing import Any

import pytest
from botocore.client import BaseClient

from tests.config_rule.conftest import aws, config, create, ecr, evaluator, pauses, world
from tests.stack.conftest import expanded, template

__all__ = ["aws", "config", "create", "ecr", "evaluator", "expanded", "pauses", "template", "world"]


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Collect the IAM actions of all calls that any client of boto3 makes, whichever session made it."""
    actions: set[str] = set()
    call = BaseClient._make_api_call  # type: ignore[attr-defined]  # not in its types

    def noted(self: BaseClient, operation: str, request: Any) -> Any:  # noqa: ANN401 - passed on
        actions.add(f"{self.meta.service_model.signing_name}:{operation}")
        return call(self, operation, request)

    monkeypatch.setattr(BaseClient, "_make_api_call", noted)
    return actions
