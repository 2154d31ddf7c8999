"""The findings of the rule that Security Hub already has. Nothing else remembers them.

So a scheduled run finds each one that does not fit, whatever was refused, lost or late before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from ...sources.aws.errors import EventError
from ...sources.aws.events import moment_of
from .security_hub_finding import ACTIVE, DIGEST, Earlier, FindingSource

_FINDINGS_A_PAGE = 100
_VALUES_A_FILTER = 20
"""The most findings to ask for by their ids: https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_GetFindings.html"""
_SECONDS_A_CALL = 0.34
"""Security Hub takes three such calls a second: https://docs.aws.amazon.com/securityhub/1.0/APIReference/Welcome.html"""
_RENEWED_AFTER = timedelta(days=30)
"""Security Hub deletes a finding 90 days after its last update, so an open one is sent again.

https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings.html
"""


class Reader(Protocol):
    """The part of boto3's client that is used here."""

    def get_paginator(self, operation: str, /) -> Any:  # noqa: ANN401 - boto3's
        """Return the pages of an operation."""


@dataclass(frozen=True, slots=True)
class EarlierFindings:
    """The findings of one rule, account and Region. `pause` waits between calls."""

    client: Reader
    place: FindingSource
    pause: Callable[[float], None]

    def open_on(self, now: datetime) -> Iterator[tuple[str, str]]:
        """Yield the name of each repository with an open finding, and the finding's digest. Raises the errors of boto3.

        The digest is "" if the finding must be sent again, so that Security Hub keeps it.
        """
        for name, one in self._found({"RecordState": [ACTIVE]}):
            if one.is_open:
                yield name, "" if _is_due(one, now) else one.digest

    def of(self, names: Sequence[str]) -> Mapping[str, Earlier]:
        """Return the findings of repositories, by name. Raises the errors of boto3."""
        found: dict[str, Earlier] = {}
        for start in range(0, len(names), _VALUES_A_FILTER):
            if start:
                self.pause(_SECONDS_A_CALL)
            found.update(self._found({"Id": [self.place.id(name) for name in names[start : start + _VALUES_A_FILTER]]}))
        return found

    def _found(self, wanted: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, Earlier]]:
        """Yield findings with the values of an attribute. In a home Region, only the product excludes other Regions."""
        filters = {"ProductArn": [self.place.product], "GeneratorId": [self.place.generator], **wanted}
        pages = self.client.get_paginator("get_findings").paginate(
            Filters={name: [{"Value": one, "Comparison": "EQUALS"} for one in filters[name]] for name in filters},
            PaginationConfig={"PageSize": _FINDINGS_A_PAGE},
        )
        for number, page in enumerate(pages):
            if number:
                self.pause(_SECONDS_A_CALL)
            for finding in page["Findings"]:
                name = self.place.name(finding["Id"])
                if name is not None:
                    yield name, _earlier(finding)


def _earlier(finding: Mapping[str, Any]) -> Earlier:
    created = finding["CreatedAt"]
    return Earlier(
        created,
        _moment_or_none(finding["UpdatedAt"]),
        finding.get("FirstObservedAt", created),
        finding.get("RecordState") == ACTIVE,
        finding.get("ProductFields", {}).get(DIGEST, ""),
    )


def _moment_or_none(text: str) -> datetime | None:
    try:
        return moment_of(text)
    except EventError:
        return None


def _is_due(finding: Earlier, now: datetime) -> bool:
    return finding.updated is None or now - finding.updated > _RENEWED_AFTER
