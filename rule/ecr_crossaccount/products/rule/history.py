"""The configuration item of a change that was too large for its event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from ...sources.aws import log
from ...sources.aws.errors import code_of
from ...sources.aws.events import REPOSITORY, Json, moment_of, text_of

if TYPE_CHECKING:
    from mypy_boto3_config import ConfigServiceClient

_SECOND = timedelta(seconds=1)


def inflated(summary: Json, config: ConfigServiceClient) -> Json:
    """Return the item that a `configurationItemSummary` is about. Raises EventError, ClientError.

    If the history does not have it yet, returns the summary, which has no policy, so that the live policy is read.
    Avoids these problems of rdklib: it takes the newest item and not the event's, and returns a time that is not text.
    It fails on an empty history, on an item without configuration or relationships, and on AWS's own documented sample.
    """
    captured = text_of(summary, "configurationItemCaptureTime")
    item = _recorded(summary, moment_of(captured), config)
    if item is None:
        log.warning(
            "the item of this event is not in the history: judging what is live", resource=summary["resourceId"]
        )
        return summary
    return {**summary, **item, "configurationItemCaptureTime": captured}


def _recorded(summary: Json, captured: datetime, config: ConfigServiceClient) -> Json | None:
    pages = config.get_paginator("get_resource_config_history").paginate(
        resourceType=REPOSITORY,
        resourceId=text_of(summary, "resourceId"),
        # The items up to the event's, newest first. A second more: older botocore cuts off the fraction.
        laterTime=captured + _SECOND,
    )
    near: list[Json] = []
    try:
        for page in pages:
            items = page["configurationItems"]
            near += [item for item in items if _distance(item, captured) < _SECOND]
            if len(near) < len(items) or not items:
                break  # the rest is older, or there is none
    except ClientError as error:
        if code_of(error) == "ResourceNotDiscoveredException":
            return None
        raise
    return min(near, key=lambda item: _distance(item, captured), default=None)


def _distance(item: Mapping[str, object], captured: datetime) -> timedelta:
    moment = item.get("configurationItemCaptureTime")
    return abs(moment - captured) if isinstance(moment, datetime) else _SECOND
