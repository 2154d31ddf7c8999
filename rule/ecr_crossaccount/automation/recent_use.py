"""Whether anybody used lately what a change of policy would take away, and what follows from it."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.config import Config

from .find_use import Clock, asked
from .stop import StoppedError
from .texts import inert


def recent_use(found: Mapping[str, str], cuts: str, events: Mapping[str, Any]) -> dict[str, str]:
    """Ask CloudTrail about what was `found` of a repository and the `cuts` of a change: `Status` and `Report`."""
    cloudtrail = boto3.client("cloudtrail", config=Config(retries={"mode": "standard", "total_max_attempts": 3}))
    request = {**events, **found, "Cuts": cuts}
    return asked(cloudtrail, request, datetime.fromtimestamp(time.time(), UTC), Clock(time.monotonic, time.sleep))


def unless_in_use(use: Mapping[str, str], force: str) -> None:
    """Raise StoppedError if there is use, or if nobody can tell, and the stack does not force it."""
    if use["Status"] != "NoUseSeen" and force != "true":
        raise StoppedError(inert(f"the policy is unchanged: {use['Report']}"))
