"""The Lambda handler for events of Amazon EventBridge. Everything else is in `ecr_crossaccount.products.alerts`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache

from ecr_crossaccount.products.alerts.function import Alerts, Settings
from ecr_crossaccount.sources.aws.clients import client_of


def lambda_handler(event: Mapping[str, object], context: object) -> dict[str, object]:
    """Judge the call in an event. Errors propagate to Lambda, which retries and then keeps the event."""
    return _alerts().handle(event, context)


@cache
def _alerts() -> Alerts:
    return Alerts(Settings.parse(os.environ), client_of, lambda: datetime.now(UTC))
