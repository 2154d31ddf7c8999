"""The Lambda handler for CloudFormation. Everything else is in `ecr_crossaccount.products.hook`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ecr_crossaccount.errors import OutOfTimeError
from ecr_crossaccount.products.hook.evaluation import answer_failure, evaluate, not_judged
from ecr_crossaccount.products.hook.request import time_limit
from ecr_crossaccount.products.hook.settings import Settings, source_of, trust_now

SETTINGS = Settings.from_environment(os.environ)
SOURCE = source_of(SETTINGS, lambda: datetime.now(UTC))

SECONDS_TO_SPARE = 4.0
"""Seconds kept of the function's 29. CloudFormation waits for 30, which may include the start of a container."""


def lambda_handler(event: object, context: Any) -> dict[str, object]:  # noqa: ANN401 - Lambda's
    """Answer a request of CloudFormation Hooks, whatever happens. A request without a judgement does not continue."""
    if not isinstance(event, Mapping):
        return not_judged(event, "it is not an object")
    try:
        with time_limit(context.get_remaining_time_in_millis() / 1000 - SECONDS_TO_SPARE):
            return evaluate(event, SETTINGS, trust_now(SOURCE))
    except OutOfTimeError:
        return not_judged(event, "there was no time for all of it")
    except Exception as error:  # noqa: BLE001 - without an answer, CloudFormation waits and then knows no reason
        return answer_failure(event, error)
