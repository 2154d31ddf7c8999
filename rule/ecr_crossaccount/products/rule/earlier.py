"""The results that AWS Config already shows. Only results that differ from them need a call."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError
from rdklib import Evaluation

from ...sources.aws import log
from ...sources.aws.errors import code_of
from ...sources.aws.events import REPOSITORY

if TYPE_CHECKING:
    from mypy_boto3_config import ConfigServiceClient
    from mypy_boto3_config.type_defs import EvaluationResultTypeDef

_RESULTS_A_PAGE = 100
LONGEST_RULE = 64
"""The most characters of a rule's name in this call. A rule can have 128, and a conformance pack adds about 27.

https://docs.aws.amazon.com/config/latest/APIReference/API_GetComplianceDetailsByConfigRule.html
"""
_INVALID = frozenset({"ValidationException", "InvalidParameterValueException"})


@dataclass(frozen=True, slots=True)
class Shown:
    """A result that Config shows. `second` is the time that Config orders results by, without the fraction."""

    compliance: str
    annotation: str
    second: int

    def says(self, evaluation: Evaluation) -> bool:
        """Return whether a new result would change nothing visible."""
        return (self.compliance, self.annotation) == (evaluation.complianceType, evaluation.annotation or "")


def shown_by(config: ConfigServiceClient, rule: str) -> Iterator[tuple[str, Shown]]:
    """Yield the results of a rule, each with its repository's name. Raises ClientError, BotoCoreError.

    If Config refuses the name of the rule because it is too long, there are no results to compare with: the sweep then
    sends all of its results.
    """
    try:
        yield from _shown_by(config, rule)
    except ClientError as error:
        if len(rule) <= LONGEST_RULE or code_of(error) not in _INVALID:
            raise
        log.warning("earlier results cannot be read: every result is sent", reason=str(error))


def _shown_by(config: ConfigServiceClient, rule: str) -> Iterator[tuple[str, Shown]]:
    pages = config.get_paginator("get_compliance_details_by_config_rule").paginate(
        ConfigRuleName=rule,
        ComplianceTypes=["COMPLIANT", "NON_COMPLIANT"],
        PaginationConfig={"PageSize": _RESULTS_A_PAGE},
    )
    for page in pages:
        for result in page["EvaluationResults"]:
            qualifier = result["EvaluationResultIdentifier"]["EvaluationResultQualifier"]
            if qualifier["ResourceType"] == REPOSITORY:
                yield qualifier["ResourceId"], _shown(result)


def _shown(result: EvaluationResultTypeDef) -> Shown:
    return Shown(
        sys.intern(result["ComplianceType"]),
        sys.intern(result.get("Annotation", "")),  # a registry has many repositories, but few different annotations
        int(result["EvaluationResultIdentifier"]["OrderingTimestamp"].timestamp()),
    )
