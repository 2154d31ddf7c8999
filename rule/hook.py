"""What AWS Lambda calls for CloudFormation; everything else is in `ecr_crossaccount.hook`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Protocol

from ecr_crossaccount.hook.deadline import OutOfTimeError, within
from ecr_crossaccount.hook.evaluation import evaluate, too_late
from ecr_crossaccount.hook.settings import Settings
from ecr_crossaccount.hook.trusted import Registered

SETTINGS = Settings.of(os.environ)
REGISTERED = Registered(SETTINGS, lambda: datetime.now(UTC))

SECONDS_TO_SPARE = 4.0
"""Kept of the function's 29 seconds: CloudFormation waits for 30, in which a container may have to start."""


class Context(Protocol):
    """What of the context of an invocation is asked for."""

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until Lambda ends the invocation."""


def lambda_handler(event: Mapping[str, object], context: Context) -> dict[str, object]:
    """Answer a request of CloudFormation Hooks; an error reaches it as such, and the operation does not go on."""
    try:
        with within(context.get_remaining_time_in_millis() / 1000 - SECONDS_TO_SPARE):
            return evaluate(event, SETTINGS, REGISTERED.now())
    except OutOfTimeError:
        return too_late(event)
