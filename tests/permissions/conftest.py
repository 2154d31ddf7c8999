from __future__ import annotations

import pytest
from botocore.client import BaseClient

from tests.fakes.calls import Proceed, around_calls
from tests.rule.conftest import aws, clock, config, create, ecr, evaluator, pauses, world
from tests.stack.conftest import expanded, template

__all__ = ["aws", "clock", "config", "create", "ecr", "evaluator", "expanded", "pauses", "template", "world"]


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Collect the IAM actions of all calls that any client of boto3 makes, in any session."""
    actions: set[str] = set()

    def noted(client: BaseClient, operation: str, _: object, proceed: Proceed) -> object:
        actions.add(f"{client.meta.service_model.signing_name}:{operation}")
        return proceed()

    around_calls(monkeypatch, noted)
    return actions
