"""Deletion of a register's parts in SSM that are no longer read.

A part belongs to the version whose digest is in its name, and never changes. It is deleted only if two conditions are
met. No head that was in effect within the last hour names it, and it was not written within that hour. The second
condition protects a concurrent publisher, who writes the parts before the head. Times are those of SSM.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from .location import Location, RegisterError, Store
from .parts import Head, is_head
from .stores import Clients

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
        return _cleared(clients("ssm"), name)
    except (ClientError, BotoCoreError) as error:
        raise RegisterError(f"{_STAY}: {error}; it takes {PERMISSIONS}") from None
    except (RegisterError, KeyError, TypeError, ValueError) as error:
        # The head cannot be read, or the answer is not one of SSM: the parts in use are unknown.
        raise RegisterError(f"{_STAY}: what is in use cannot be determined: {error!r}") from None


def _cleared(ssm: Any, name: str) -> int:  # noqa: ANN401 - see `Clients`
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
    ended = [one["LastModifiedDate"] for one in versions[1:]]
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
