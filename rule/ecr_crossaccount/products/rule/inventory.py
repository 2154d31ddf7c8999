"""What AWS Config has: the recorded repositories, the results that it shows, and remediation exceptions.

Advanced queries give a hundred repositories a call:
https://docs.aws.amazon.com/config/latest/developerguide/querying-AWS-resources.html.

Only results that differ from those that Config shows need a call.

A remediation exception is a repository that Config no longer remediates by itself. Config adds one when a remediation
has failed too often, and a person can add one. Config sends no event and no metric about it, so a scheduled run reads
them at its end.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError
from rdklib import ComplianceType, Evaluation

from ...judgement.annotation import without_trust
from ...memo import by_value
from ...sources.aws import log, metrics
from ...sources.aws.errors import EventError, MalformedAnswerError, code_of
from ...sources.aws.events import (
    REPOSITORY,
    Json,
    RepositoryItem,
    decode_json,
    is_applicable,
    moment_of,
    object_of,
    text_of,
)
from ...sources.aws.retries import Deadline, pages

if TYPE_CHECKING:
    from mypy_boto3_config import ConfigServiceClient
    from mypy_boto3_config.type_defs import EvaluationResultTypeDef

EXPRESSION = (
    "SELECT accountId, awsRegion, arn, resourceType, resourceId, configurationItemStatus,"
    f" configurationItemCaptureTime, configuration, tags WHERE resourceType = '{REPOSITORY}'"
)
_ROWS_A_PAGE = 100
"""https://docs.aws.amazon.com/config/latest/APIReference/API_SelectResourceConfig.html"""


@by_value
class Row:
    """A repository as Config recorded it. `captured` is the time of the record, as Config writes it."""

    name: str
    policy: object
    tags: Mapping[str, str]
    captured: str

    @property
    def second(self) -> int:
        """The time in seconds, without the fraction."""
        return int(moment_of(self.captured).timestamp())


Page = tuple[tuple[Row, ...], str | None]
"""Some rows, and the token of the next page, or None after the last."""


@by_value
class Inventory:
    """The recorded repositories of one account and Region."""

    config: ConfigServiceClient
    account: str
    region: str

    def pages(self, token: str, deadline: Deadline) -> Iterator[Page]:
        """Yield the pages from a token on, or all if it is empty. Each page is fetched while the previous one is read.

        Rows that do not show everything that a judgement needs are left out, as if Config did not have them. Raises
        OutOfTime after at least one page, ClientError, BotoCoreError.
        """
        with ThreadPoolExecutor(1) as pool:
            rows, following = self._page(token)
            while following is not None:
                ahead = pool.submit(copy_context().run, self._page, following)
                yield rows, following
                rows, following = ahead.result()
                deadline.check()
            yield rows, None

    def _page(self, token: str) -> Page:
        more = {"NextToken": token} if token else {}
        answer = self.config.select_resource_config(Expression=EXPRESSION, Limit=_ROWS_A_PAGE, **more)
        if token and answer.get("NextToken") == token:
            raise MalformedAnswerError("config", "SelectResourceConfig", "the next page is the same one")
        rows = (row for text in answer.get("Results", ()) for row in self._rows(text))
        return tuple(rows), answer.get("NextToken") or None

    def _rows(self, text: str) -> Iterator[Row]:
        """Yield the row of a result, or nothing if it is not usable."""
        try:
            item = _item(text)
            repository = RepositoryItem.parse(item, {})
            captured = text_of(item, "configurationItemCaptureTime")
            moment_of(captured)
        except EventError:
            return
        ours = (repository.account, repository.region) == (self.account, self.region)
        if not (ours and is_applicable(item, {})) or repository.policy is None or repository.tags is None:
            return
        yield Row(repository.name, repository.policy, repository.tags, captured)


def _item(text: str) -> Json:
    """Return a row as a configuration item. Its tags are a list of `key` and `value` here. Raises EventError."""
    row = object_of({"row": decode_json(text, "a row of the inventory")}, "row")
    tags = row.get("tags")
    if isinstance(tags, list):
        row = {**row, "tags": {tag.get("key"): tag.get("value") for tag in tags if isinstance(tag, Mapping)}}
    return row


_RESULTS_A_PAGE = 100
LONGEST_RULE = 64
"""The most characters of a rule's name in this call. A rule can have 128, and a conformance pack adds about 27.

https://docs.aws.amazon.com/config/latest/APIReference/API_GetComplianceDetailsByConfigRule.html
"""
_INVALID = frozenset({"ValidationException", "InvalidParameterValueException"})


@by_value
class Shown:
    """A result that Config shows. `second` is the time that Config orders results by, without the fraction."""

    compliance: str
    annotation: str
    second: int

    def says(self, evaluation: Evaluation) -> bool:
        """Return whether a new result would change nothing visible.

        A result that stays COMPLIANT is not sent for another trust alone: each result costs, and most are COMPLIANT.
        """
        said, new = self.annotation, evaluation.annotation or ""
        if self.compliance == ComplianceType.COMPLIANT:
            said, new = without_trust(said), without_trust(new)
        return (self.compliance, said) == (evaluation.complianceType, new)


def shown_by(config: ConfigServiceClient, rule: str) -> Iterator[tuple[str, Shown]]:
    """Yield the results of a rule, each with its repository's name. Raises ClientError, BotoCoreError.

    If Config refuses the name of the rule because it is too long, there are no results to compare with: the sweep then
    sends all of its results.
    """
    results = config.get_paginator("get_compliance_details_by_config_rule").paginate(
        ConfigRuleName=rule,
        ComplianceTypes=["COMPLIANT", "NON_COMPLIANT"],
        PaginationConfig={"PageSize": _RESULTS_A_PAGE},
    )
    try:
        for page in results:
            for result in page["EvaluationResults"]:
                qualifier = result["EvaluationResultIdentifier"]["EvaluationResultQualifier"]
                if qualifier["ResourceType"] == REPOSITORY:
                    yield qualifier["ResourceId"], _earlier_result(result)
    except ClientError as error:
        if len(rule) <= LONGEST_RULE or code_of(error) not in _INVALID:
            raise
        log.warning("earlier results cannot be read: every result is sent", reason=str(error))


def _earlier_result(result: EvaluationResultTypeDef) -> Shown:
    return Shown(
        sys.intern(result["ComplianceType"]),
        sys.intern(result.get("Annotation", "")),  # a registry has many repositories, but few different annotations
        int(result["EvaluationResultIdentifier"]["OrderingTimestamp"].timestamp()),
    )


REMEDIATED = "REMEDIATED_BY_CONFIG"
"""The environment variable that is set if AWS Config remediates by itself."""
_A_PAGE = 100
"""https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeRemediationExceptions.html"""


def tell_exceptions(config: ConfigServiceClient, rule: str) -> None:
    """Log and count the exceptions of a rule, if Config remediates by itself.

    If Config does not answer, counts one, so that the alarm goes off.
    """
    if not os.environ.get(REMEDIATED):
        return
    # boto3 has no paginator for them.
    read = config.describe_remediation_exceptions
    found = pages(read, "config", "DescribeRemediationExceptions", "NextToken", ConfigRuleName=rule, Limit=_A_PAGE)
    try:
        for one in (one for answer in found for one in answer["RemediationExceptions"]):
            metrics.count(metrics.Metric.EXCEPTIONS)
            name, reason = one["ResourceId"], one.get("Message", "")
            log.warning("AWS Config no longer remediates a repository", repository=name, reason=reason)
    except (ClientError, BotoCoreError) as error:
        metrics.count(metrics.Metric.EXCEPTIONS)
        log.error("remediation exceptions could not be read", reason=str(error))
