"""AWS Config's recorder: whether Config shows the current state of ECR."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from .events import REPOSITORY

if TYPE_CHECKING:
    from mypy_boto3_config import ConfigServiceClient
    from mypy_boto3_config.type_defs import ConfigurationRecorderOutputTypeDef, ConfigurationRecorderStatusTypeDef

_GOOD = ("success", "pending")
"""The model has `Success`, but examples of AWS have `SUCCESS`.

https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigurationRecorderStatus.html
"""
T = TypeVar("T", bound=Mapping[str, object])


def problem_of(config: ConfigServiceClient) -> str | None:
    """Return why Config's inventory may not be current, or None if it is. Raises ClientError.

    A recorder that is stopped, has failed or records once a day also sends no changes, or sends them late. Then only a
    scheduled run can see them.
    """
    status = _own(config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"])
    recorders = _own(config.describe_configuration_recorders()["ConfigurationRecorders"])
    if not status or not recorders:
        return "there is no recorder"
    if len(status) > 1 or len(recorders) > 1:
        return "there are several recorders"
    problems = [*_of_status(status[0]), *_of_settings(recorders[0])]
    return ", ".join(problems) or None


def _own(found: Sequence[T]) -> list[T]:
    """Return the account's own recorders, without those of AWS services."""
    return [one for one in found if not one.get("servicePrincipal")]


def _of_status(status: ConfigurationRecorderStatusTypeDef) -> Iterator[str]:
    if not status.get("recording"):
        yield "the recorder is stopped"
    last = status.get("lastStatus", "").casefold()
    if last == "failure":
        yield f"the recorder fails ({status.get('lastErrorCode')})"
    elif last not in _GOOD:
        yield f"the recorder does not say that it succeeds ({last or 'nothing'})"


def _of_settings(recorder: ConfigurationRecorderOutputTypeDef) -> Iterator[str]:
    if not _is_recorded(recorder):
        yield f"the recorder leaves out {REPOSITORY}"
    if _frequency(recorder) != "CONTINUOUS":
        yield "the recorder records once a day"


def _is_recorded(recorder: ConfigurationRecorderOutputTypeDef) -> bool:
    group = recorder.get("recordingGroup", {})
    if REPOSITORY in group.get("exclusionByResourceTypes", {}).get("resourceTypes", ()):
        return False
    strategy = group.get("recordingStrategy", {}).get("useOnly")
    if strategy == "INCLUSION_BY_RESOURCE_TYPES" or group.get("resourceTypes"):
        return REPOSITORY in group.get("resourceTypes", ())
    # If everything except some types is recorded, `allSupported` is also false.
    excludes = strategy == "EXCLUSION_BY_RESOURCE_TYPES" or "exclusionByResourceTypes" in group
    return excludes or group.get("allSupported") is not False


def _frequency(recorder: ConfigurationRecorderOutputTypeDef) -> str:
    mode = recorder.get("recordingMode")
    if mode is None:
        return "CONTINUOUS"
    overrides = mode.get("recordingModeOverrides", ())
    special = [one["recordingFrequency"] for one in overrides if REPOSITORY in one["resourceTypes"]]
    return special[0] if special else mode["recordingFrequency"]
