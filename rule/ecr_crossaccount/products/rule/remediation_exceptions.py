"""Remediation exceptions: repositories that AWS Config no longer remediates by itself.

Config adds one when a remediation has failed too often, and a person can add one. Config sends no event and no metric
about it, so a scheduled run reads them at its end.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from ...sources.aws import log, metrics
from ...sources.aws.errors import MalformedAnswerError

if TYPE_CHECKING:
    from mypy_boto3_config import ConfigServiceClient

REMEDIATED = "REMEDIATED_BY_CONFIG"
"""The environment variable that is set if AWS Config remediates by itself."""
_A_PAGE = 100
"""https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeRemediationExceptions.html"""


def matter() -> bool:
    """Return whether exceptions can exist and matter."""
    return bool(os.environ.get(REMEDIATED))


def tell(config: ConfigServiceClient, rule: str) -> None:
    """Log and count the exceptions of a rule. If Config does not answer, counts one, so that the alarm goes off."""
    try:
        for name, reason in _of(config, rule):
            metrics.count(metrics.Metric.EXCEPTIONS)
            log.warning("AWS Config no longer remediates a repository", repository=name, reason=reason)
    except (ClientError, BotoCoreError) as error:
        metrics.count(metrics.Metric.EXCEPTIONS)
        log.error("remediation exceptions could not be read", reason=str(error))


def _of(config: ConfigServiceClient, rule: str) -> Iterator[tuple[str, str]]:
    """Yield the repository and the reason of each exception. boto3 has no paginator for them."""
    more: Mapping[str, Any] = {}
    while True:
        answer = config.describe_remediation_exceptions(ConfigRuleName=rule, Limit=_A_PAGE, **more)
        for one in answer["RemediationExceptions"]:
            yield one["ResourceId"], one.get("Message", "")
        token = answer.get("NextToken")
        if not token:
            return
        if token == more.get("NextToken"):
            raise MalformedAnswerError("config", "DescribeRemediationExceptions", "its next page is the same page")
        more = {"NextToken": token}
