"""AWS Config's recorder: is what Config shows of ECR what is there now?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .events import REPOSITORY

if TYPE_CHECKING:
    from mypy_boto3_config import ConfigServiceClient
    from mypy_boto3_config.type_defs import ConfigurationRecorderOutputTypeDef, ConfigurationRecorderStatusTypeDef


def problem_of(config: ConfigServiceClient) -> str | None:
    """Return why Config's inventory cannot be taken for the present, None if it can. Raises ClientError.

    A recorder that is stopped, has failed or records once a day sends no changes either (or late), so that a scheduled
    run is the only one who can see them.
    """
    status = config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
    recorders = config.describe_configuration_recorders()["ConfigurationRecorders"]
    if not status or not recorders:
        return "there is no recorder"
    problems = [*_of_status(status[0]), *_of_settings(recorders[0])]
    return ", ".join(problems) or None


def _of_status(status: ConfigurationRecorderStatusTypeDef) -> Iterator[str]:
    if not status.get("recording"):
        yield "the recorder is stopped"
    if status.get("lastStatus") == "Failure":
        yield f"the recorder fails ({status.get('lastErrorCode')})"


def _of_settings(recorder: ConfigurationRecorderOutputTypeDef) -> Iterator[str]:
    if not _is_recorded(recorder):
        yield f"the recorder leaves out {REPOSITORY}"
    if _frequency(recorder) != "CONTINUOUS":
        yield "the recorder looks once a day"


def _is_recorded(recorder: ConfigurationRecorderOutputTypeDef) -> bool:
    group = recorder.get("recordingGroup", {})
    if REPOSITORY in group.get("exclusionByResourceTypes", {}).get("resourceTypes", ()):
        return False
    listed = group.get("recordingStrategy", {}).get("useOnly") == "INCLUSION_BY_RESOURCE_TYPES"
    return REPOSITORY in group.get("resourceTypes", ()) if listed or group.get("resourceTypes") else True


def _frequency(recorder: ConfigurationRecorderOutputTypeDef) -> str:
    mode = recorder.get("recordingMode")
    if mode is None:
        return "CONTINUOUS"
    overrides = mode.get("recordingModeOverrides", ())
    special = [one["recordingFrequency"] for one in overrides if REPOSITORY in one["resourceTypes"]]
    return special[0] if special else mode["recordingFrequency"]
