"""The results that AWS Config shows already: only what differs from them is worth a call."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rdklib import Evaluation

from .events import REPOSITORY

if TYPE_CHECKING:
    from mypy_boto3_config import ConfigServiceClient
    from mypy_boto3_config.type_defs import EvaluationResultTypeDef

_RESULTS_A_PAGE = 100
"""https://docs.aws.amazon.com/config/latest/APIReference/API_GetComplianceDetailsByConfigRule.html"""


@dataclass(frozen=True, slots=True)
class Shown:
    """A result that Config shows; `second` is the time that Config orders results by, the fraction cut off."""

    compliance: str
    annotation: str
    second: int

    @property
    def may_be_open(self) -> bool:
        """Tell whether Security Hub may have an open finding: also where AWS Config shows that it was not told."""
        return self.compliance != "COMPLIANT" or bool(self.annotation)

    def says(self, evaluation: Evaluation) -> bool:
        """Tell whether a new result would change nothing that anybody sees."""
        return (self.compliance, self.annotation) == (evaluation.complianceType, evaluation.annotation or "")


def shown_by(config: ConfigServiceClient, rule: str) -> Iterator[tuple[str, Shown]]:
    """Return the results of a rule, each with its repository's name. Raises ClientError, BotoCoreError."""
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
        sys.intern(result.get("Annotation", "")),  # a registry has many repositories and few different annotations
        int(result["EvaluationResultIdentifier"]["OrderingTimestamp"].timestamp()),
    )
