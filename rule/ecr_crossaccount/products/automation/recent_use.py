"""Whether the access that a change of policy takes away was used recently, and what follows."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.config import Config

from .find_use import Clock, search_for_use
from .stop import StepError
from .texts import inert


def recent_use(found: Mapping[str, str], cuts: str, events: Mapping[str, Any]) -> dict[str, str]:
    """Search CloudTrail for use of the `cuts` of a change: `found` is the repository. Returns `Status` and `Report`."""
    cloudtrail = boto3.client("cloudtrail", config=Config(retries={"mode": "standard", "total_max_attempts": 3}))
    request = {**events, **found, "Cuts": cuts}
    return search_for_use(
        cloudtrail, request, datetime.fromtimestamp(time.time(), UTC), Clock(time.monotonic, time.sleep)
    )


def unless_in_use(use: Mapping[str, str], force: str) -> None:
    """Raise StepError if there is use, or this cannot be determined, and the stack does not force the change."""
    if use["Status"] != "NoUseSeen" and force != "true":
        raise StepError(inert(f"the policy is unchanged: {use['Report']}"))
