"""What AWS Config has recorded: whether it shows the current state of ECR, and an item too large for its event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from botocore.exceptions import ClientError

from ...sources.aws import log
from ...sources.aws.errors import code_of
from ...sources.aws.events import REPOSITORY, Json, moment_of, text_of

if TYPE_CHECKING:
    from mypy_boto3_config import ConfigServiceClient
    from mypy_boto3_config.type_defs import ConfigurationRecorderOutputTypeDef, ConfigurationRecorderStatusTypeDef

_GOOD = ("success", "pending")
"""The model has `Success`, but examples of AWS have `SUCCESS`.

https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigurationRecorderStatus.html
"""
T = TypeVar("T", bound=Mapping[str, object])


def problem_of(config: ConfigServiceClient, type_: str = REPOSITORY, since: datetime | None = None) -> str | None:
    """Return why Config may not show the current state of a type of resource, or None if it does. Raises ClientError.

    If `since` is given, the recorder must not have been started after it: it needs time to find what exists.

    A recorder that is stopped, has failed or records once a day also sends no changes, or sends them late. Then only a
    scheduled run can see them.
    """
    status = _own(config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"])
    recorders = _own(config.describe_configuration_recorders()["ConfigurationRecorders"])
    if not status or not recorders:
        return "there is no recorder"
    if len(status) > 1 or len(recorders) > 1:
        return "there are several recorders"
    problems = [*_of_status(status[0], since), *_of_settings(recorders[0], type_)]
    return ", ".join(problems) or None


def _own(found: Sequence[T]) -> list[T]:
    """Return the account's own recorders, without those of AWS services."""
    return [one for one in found if not one.get("servicePrincipal")]


def _of_status(status: ConfigurationRecorderStatusTypeDef, since: datetime | None) -> Iterator[str]:
    if not status.get("recording"):
        yield "the recorder is stopped"
    elif since is not None and ("lastStartTime" not in status or status["lastStartTime"] > since):
        yield f"the recorder does not record since {since:%Y-%m-%d}"
    last = status.get("lastStatus", "").casefold()
    if last == "failure":
        yield f"the recorder fails ({status.get('lastErrorCode')})"
    elif last not in _GOOD:
        yield f"the recorder does not say that it succeeds ({last or 'nothing'})"


def _of_settings(recorder: ConfigurationRecorderOutputTypeDef, type_: str) -> Iterator[str]:
    if not _is_recorded(recorder, type_):
        yield f"the recorder leaves out {type_}"
    if _frequency(recorder, type_) != "CONTINUOUS":
        yield "the recorder records once a day"


def _is_recorded(recorder: ConfigurationRecorderOutputTypeDef, type_: str) -> bool:
    group = recorder.get("recordingGroup", {})
    if type_ in group.get("exclusionByResourceTypes", {}).get("resourceTypes", ()):
        return False
    strategy = group.get("recordingStrategy", {}).get("useOnly")
    if strategy == "INCLUSION_BY_RESOURCE_TYPES" or group.get("resourceTypes"):
        return type_ in group.get("resourceTypes", ())
    # If everything except some types is recorded, `allSupported` is also false.
    excludes = strategy == "EXCLUSION_BY_RESOURCE_TYPES" or "exclusionByResourceTypes" in group
    return excludes or group.get("allSupported") is not False


def _frequency(recorder: ConfigurationRecorderOutputTypeDef, type_: str) -> str:
    mode = recorder.get("recordingMode")
    if mode is None:
        return "CONTINUOUS"
    overrides = mode.get("recordingModeOverrides", ())
    special = [override["recordingFrequency"] for override in overrides if type_ in override["resourceTypes"]]
    return special[0] if special else mode["recordingFrequency"]


_SECOND = timedelta(seconds=1)


def inflate(summary: Json, config: ConfigServiceClient) -> Json:
    """Return the item that a `configurationItemSummary` is about. Raises EventError, ClientError.

    If the history does not have it yet, returns the summary, which has no policy, so that the live policy is read.
    Avoids these problems of rdklib: it takes the newest item and not the event's, and returns a time that is not text.
    It fails on an empty history, on an item without configuration or relationships, and on AWS's own documented sample.
    """
    captured = text_of(summary, "configurationItemCaptureTime")
    item = _record_of(summary, moment_of(captured), config)
    if item is None:
        log.warning(
            "the item of this event is not in the history: judging what is live", resource=summary["resourceId"]
        )
        return summary
    return {**summary, **item, "configurationItemCaptureTime": captured}


def _record_of(summary: Json, captured: datetime, config: ConfigServiceClient) -> Json | None:
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
