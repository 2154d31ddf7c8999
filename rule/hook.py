"""What AWS Lambda calls for CloudFormation; everything else is in `ecr_crossaccount.hook`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime

from ecr_crossaccount.hook.evaluation import evaluate
from ecr_crossaccount.hook.settings import Settings
from ecr_crossaccount.hook.trusted import Registered

SETTINGS = Settings.of(os.environ)
REGISTERED = Registered(SETTINGS, lambda: datetime.now(UTC))


def lambda_handler(event: Mapping[str, object], _context: object) -> dict[str, object]:
    """Answer a request of CloudFormation Hooks; an error reaches it as such, and the operation does not go on."""
    return evaluate(event, SETTINGS, REGISTERED.now())
