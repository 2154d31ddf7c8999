"""What AWS Lambda calls for an event of Amazon EventBridge; everything else is in `ecr_crossaccount.alerts`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config
from ecr_crossaccount.alerts.function import Alerts
from ecr_crossaccount.alerts.settings import Settings

_CLIENT = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 3},  # Lambda tries again, and an invocation has 30 seconds
    user_agent_extra="ecr-crossaccount",
)


def lambda_handler(event: Mapping[str, object], context: object) -> dict[str, object]:
    """Judge the call that an event is about; an error reaches Lambda, which tries again and then keeps the event."""
    return _alerts().handle(event, context)


@cache
def _alerts() -> Alerts:
    return Alerts(Settings.parse(os.environ), _client, lambda: datetime.now(UTC))


@cache
def _client(service: str) -> Any:  # noqa: ANN401 - there are no types of a service that is named at run time
    region = "us-east-1" if service == "ecr-public" else os.environ.get("AWS_REGION")
    return botocore.session.get_session().create_client(service, region_name=region, config=_CLIENT)
