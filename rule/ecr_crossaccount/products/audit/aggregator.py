"""The repositories of many accounts, from an aggregator of AWS Config, a hundred per call.

https://docs.aws.amazon.com/config/latest/APIReference/API_SelectAggregateResourceConfig.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...documents.strict_json import strict_value_of
from ...sources.aws.events import REPOSITORY
from ...sources.aws.failures import AwsError, reason_of
from .errors import AuditError
from .items import Unread
from .raw import Form, Raw

if TYPE_CHECKING:
    from mypy_boto3_config import ConfigServiceClient

_A_PAGE = 100
_SELECT = (
    "SELECT accountId, awsRegion, arn, resourceId, configuration, configurationItemCaptureTime"
    f" WHERE resourceType = '{REPOSITORY}'"
)
_COUNT = f"SELECT COUNT(*) WHERE resourceType = '{REPOSITORY}'"


@dataclass(frozen=True, slots=True)
class Aggregator:
    """An aggregator by name, with a client for the account and Region that it is in."""

    config: ConfigServiceClient
    name: str
    called: str = ""
    """The label of its rows, if there are several aggregators."""

    def is_of_an_organization(self) -> bool:
        """Return whether its accounts are those of one organization. Raises AuditError if it does not exist."""
        try:
            answer = self.config.describe_configuration_aggregators(ConfigurationAggregatorNames=[self.name])
        except AwsError as error:
            raise AuditError(f"aggregator `{self.name}`: {reason_of(error)}") from None
        return any("OrganizationAggregationSource" in found for found in answer["ConfigurationAggregators"])

    def count(self) -> int | None:
        """Return the number of repositories, for showing progress, or None if it cannot be determined."""
        try:
            answer = self.config.select_aggregate_resource_config(
                Expression=_COUNT, ConfigurationAggregatorName=self.name
            )
            row: Any = strict_value_of(answer["Results"][0])
            return int(row["COUNT(*)"])
        except (LookupError, TypeError, ValueError, *AwsError):
            return None

    def read(self) -> Iterator[Raw | Unread]:
        """Read all repositories. If a page cannot be read, yield one error for it and the pages after it."""
        pages = self.config.get_paginator("select_aggregate_resource_config").paginate(
            Expression=_SELECT, ConfigurationAggregatorName=self.name, PaginationConfig={"PageSize": _A_PAGE}
        )
        read = 0
        try:
            for page in pages:
                for text in page["Results"]:
                    read += 1
                    yield Raw(Form.TEXT, text, read, self.called, 0, "")
        except AwsError as error:
            what = f"only the first {read:,} repositories were read" if read else "nothing was read"
            yield Unread(f"aggregator `{self.name}`: {what}: {reason_of(error)}")
