"""Writing a register to its store, on the condition that the version that was read is still in place.

Parts in SSM that are no longer read are deleted. A part belongs to the version whose digest is in its name, and never
changes. It is deleted only if two conditions are met. No head that was in effect within the last hour names it, and it
was not written within that hour. The second condition protects a concurrent publisher, who writes the parts before the
head. Times are those of SSM.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from .content import (
    LARGEST,
    LONGEST_PARAMETER,
    Fetched,
    Head,
    Location,
    RegisterError,
    Store,
    is_head,
    packed_text,
    split,
)
from .stores import AbsentError, Clients, fetched_from, version_in, whole

_LOST = frozenset(
    {
        "PreconditionFailed",
        "ConditionalRequestConflict",
        "NoSuchKey",
        "ParameterAlreadyExists",
        "ConflictException",
        "412",
        "409",
    }
)
"""The error codes that mean that the store no longer has the version that the write is tied to."""
_QUOTA = "ServiceQuotaExceededException"
"""AppConfig stores a limited number of versions:
https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_CreateHostedConfigurationVersion.html
"""
_ID = re.compile(r"[a-z0-9]{4,7}")
_SERVICES: Mapping[Store, str] = {Store.S3: "s3", Store.SSM: "ssm", Store.APPCONFIG: "appconfig"}


class ConflictError(RegisterError):
    """Someone else has published since the register was read."""


def seen_at(location: Location, clients: Clients) -> Fetched | None:
    """Return what is published at a location, or None if there is nothing. Raises DamagedError, RegisterError.

    For AppConfig, it is the newest hosted version, whether or not it is deployed.
    """
    try:
        if location.store is Store.APPCONFIG:
            return _newest_hosted(location, clients(_SERVICES[location.store]))
        return fetched_from(location, clients)
    except AbsentError:
        return None
    except (ClientError, BotoCoreError, ResponseParserError) as error:
        raise RegisterError(str(error)) from None


def publish(location: Location, data: bytes, seen: Fetched | None, clients: Clients) -> str:
    """Write a register in place of the version in `seen`, and return its version.

    Raises ConflictError, RegisterError.
    """
    if len(data) > LARGEST:
        raise RegisterError(f"it is larger than {LARGEST:,} bytes")
    try:
        return _WRITERS[location.store](location, data, seen, clients(_SERVICES[location.store]))
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code"))
        if code in _LOST:
            raise ConflictError(f"someone else has published in between: {error}") from None
        way_out = f"; {_way_out(location)}" if code == _QUOTA else ""
        raise RegisterError(f"{error}{way_out}") from None
    except (BotoCoreError, ResponseParserError) as error:
        raise RegisterError(str(error)) from None


def _to_s3(location: Location, data: bytes, seen: Fetched | None, s3: Any) -> str:  # noqa: ANN401 - see `Clients`
    bucket, key = location.parts
    condition = {"IfNoneMatch": "*"} if seen is None else {"IfMatch": seen.condition}
    answer = s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType="application/json", **condition)
    return version_in(answer)


def _to_ssm(location: Location, data: bytes, seen: Fetched | None, ssm: Any) -> str:  # noqa: ANN401 - see `Clients`
    """Write to SSM, which cannot compare on write. The version is checked just before the write and after it."""
    (name,) = location.parts
    kind = _kind_of(ssm, name, seen)
    text = packed_text(data)
    if len(text) > LONGEST_PARAMETER:
        head, parts = split(text)
        for part_name, part in zip(head.names(name), parts, strict=True):
            ssm.put_parameter(Name=part_name, Value=part, Overwrite=True, **kind)
        text = head.text()
    answer = ssm.put_parameter(Name=name, Value=text, Overwrite=seen is not None, **kind)
    version = answer.get("Version")
    if seen is not None and str(version) != str(int(str(seen.condition)) + 1):
        raise ConflictError(
            f"someone else published at the same moment: yours is version {version}, and replaced theirs. Compare "
            f"both with `aws ssm get-parameter-history --name {name}`"
        )
    return str(version)


def _kind_of(ssm: Any, name: str, seen: Fetched | None) -> Mapping[str, str]:  # noqa: ANN401 - see `Clients`
    """Return the parameter's type and key, to keep them. Raises ConflictError if the version in `seen` is outdated."""
    if seen is None:
        return {"Type": "String"}
    found = ssm.get_parameter(Name=name, WithDecryption=False).get("Parameter", {})
    if str(found.get("Version")) != seen.condition:
        raise ConflictError(f"someone else has published in between: version {found.get('Version')} is there")
    if found.get("Type") != "SecureString":
        return {"Type": "String"}
    return {"Type": "SecureString", "KeyId": _key_of(ssm, name)}


def _key_of(ssm: Any, name: str) -> str:  # noqa: ANN401 - see `Clients`
    """Return the key of a parameter. Without it, SSM would encrypt the next version with an AWS managed key.

    A page may be empty and another follow:
    https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html
    """
    filters = [{"Key": "Name", "Option": "Equals", "Values": [name]}]
    pages = ssm.get_paginator("describe_parameters").paginate(ParameterFilters=filters)
    keys = [str(one["KeyId"]) for page in pages for one in page.get("Parameters", []) if one.get("KeyId")]
    if not keys:
        raise RegisterError(f"Systems Manager does not say which key encrypts `{name}`, so it cannot be kept")
    return keys[0]


def _newest_hosted(location: Location, appconfig: Any) -> Fetched | None:  # noqa: ANN401 - see `Clients`
    profile = _profile_of(location)
    pages = appconfig.get_paginator("list_hosted_configuration_versions").paginate(
        **profile, PaginationConfig={"PageSize": 50}
    )
    versions = [int(one["VersionNumber"]) for page in pages for one in page.get("Items", [])]
    if not versions:
        return None
    newest = max(versions)
    answer = appconfig.get_hosted_configuration_version(**profile, VersionNumber=newest)
    return Fetched(whole(answer["Content"], LARGEST), str(newest), str(newest))


def _to_appconfig(location: Location, data: bytes, seen: Fetched | None, appconfig: Any) -> str:  # noqa: ANN401
    condition = {} if seen is None else {"LatestVersionNumber": int(str(seen.condition))}
    answer = appconfig.create_hosted_configuration_version(
        **_profile_of(location), Content=data, ContentType="application/json", **condition
    )
    version = int(answer["VersionNumber"])
    if seen is None and version != 1:
        raise ConflictError(f"someone else published at the same moment: yours is version {version}, compare them")
    return str(version)


def _way_out(location: Location) -> str:
    """Return how to make room for another version. Only the owner knows which versions are deployed."""
    application, _, profile = location.parts
    of_profile = f"--application-id {application} --configuration-profile-id {profile}"
    return (
        f"delete versions that no environment uses any more: `aws appconfig list-hosted-configuration-versions "
        f"{of_profile}`, then `aws appconfig delete-hosted-configuration-version {of_profile} "
        "--version-number NUMBER`; "
        "or have the quota raised"
    )


def _profile_of(location: Location) -> Mapping[str, str]:
    application, _, profile = location.parts
    if not (_ID.fullmatch(application) and _ID.fullmatch(profile)):
        raise RegisterError(f"`{location}`: to publish, AppConfig wants the ids of application and profile, not names")
    return {"ApplicationId": application, "ConfigurationProfileId": profile}


_WRITERS: Mapping[Store, Callable[[Location, bytes, Fetched | None, Any], str]] = {
    Store.S3: _to_s3,
    Store.SSM: _to_ssm,
    Store.APPCONFIG: _to_appconfig,
}


GRACE = timedelta(hours=1)
"""How long used parts are kept. No reader takes that long."""
PERMISSIONS = "ssm:GetParameterHistory, ssm:GetParametersByPath and ssm:DeleteParameters"
_STAY = "parts of earlier registers stay"
_NAMES_A_CALL = 10
"""https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DeleteParameters.html"""


def clear(location: Location, clients: Clients) -> int:
    """Delete the parts that are no longer needed, and return their number. Raises RegisterError.

    Nothing more is deleted once someone else has published.
    """
    if location.store is not Store.SSM:
        return 0
    (name,) = location.parts
    try:
        return _delete_old_parts(clients("ssm"), name)
    except (ClientError, BotoCoreError) as error:
        raise RegisterError(f"{_STAY}: {error}; it takes {PERMISSIONS}") from None
    except (RegisterError, KeyError, TypeError, ValueError) as error:
        # The head cannot be read, or the answer is not one of SSM: the parts in use are unknown.
        raise RegisterError(f"{_STAY}: what is in use cannot be determined: {error!r}") from None


def _delete_old_parts(ssm: Any, name: str) -> int:  # noqa: ANN401 - see `Clients`
    pages = ssm.get_paginator("get_parameter_history").paginate(Name=name, WithDecryption=True)
    history = [one for page in pages for one in page["Parameters"]]
    newest = max(history, key=_version)
    since = newest["LastModifiedDate"] - GRACE
    old = sorted(set(_parts_before(ssm, name, since)) - _in_use(history, name, since))
    deleted = 0
    for start in range(0, len(old), _NAMES_A_CALL):
        if _version(ssm.get_parameter(Name=name)["Parameter"]) != _version(newest):
            return deleted
        deleted += len(ssm.delete_parameters(Names=old[start : start + _NAMES_A_CALL]).get("DeletedParameters", []))
    return deleted


def _in_use(history: Sequence[Mapping[str, Any]], name: str, since: datetime) -> set[str]:
    """Return the parts of every version in effect after a time. Raises RegisterError for an invalid head."""
    versions = sorted(history, key=_version)
    ended = [version["LastModifiedDate"] for version in versions[1:]]
    counted = [one for one, end in zip(versions, [*ended, None], strict=True) if end is None or end > since]
    heads = [Head.parse(one["Value"]) for one in counted if is_head(one["Value"])]
    return {part for head in heads for part in head.names(name)}


def _parts_before(ssm: Any, name: str, since: datetime) -> Iterator[str]:  # noqa: ANN401 - see `Clients`
    """Yield the parameters below a register with the name of a part, if they were written before a time."""
    named = re.compile(re.escape(name) + r"/[0-9a-f]{16}/[1-9][0-9]{0,2}")
    for page in ssm.get_paginator("get_parameters_by_path").paginate(Path=name, Recursive=True):
        for one in page["Parameters"]:
            if named.fullmatch(one["Name"]) and one["LastModifiedDate"] < since:
                yield one["Name"]


def _version(parameter: Mapping[str, Any]) -> int:
    return int(parameter["Version"])
