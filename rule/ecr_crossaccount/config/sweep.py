"""The scheduled run over a whole registry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError
from rdklib import Evaluation

from . import log
from .errors import RepositoryGone, SweepIncompleteError
from .events import REPOSITORY
from .judgement import Judgement, not_applicable

if TYPE_CHECKING:
    from mypy_boto3_config import ConfigServiceClient

_RESULTS_A_PAGE = 100
"""https://docs.aws.amazon.com/config/latest/APIReference/API_GetComplianceDetailsByConfigRule.html"""


def sweep(judgement: Judgement, shown: Iterable[str]) -> Iterator[Evaluation]:
    """Judge what ECR lists, then what Config shows and ECR did not list: vanished, or created meanwhile.

    A repository that cannot be read gets no result and so keeps the one that it has: the log names it, and after all
    others were answered SweepIncompleteError is raised. `shown` is not asked before ECR's list is complete.
    """
    judgement.prepare()
    listed: set[str] = set()
    unreadable: list[str] = []
    for name in judgement.registry.names():
        listed.add(name)
        yield from _result_of(judgement, name, unreadable)
    for name in [name for name in shown if name not in listed]:
        yield from _result_of(judgement, name, unreadable)
    if unreadable:
        raise SweepIncompleteError(unreadable)


def shown_by(config: ConfigServiceClient, rule: str) -> Iterator[str]:
    """Return the repositories that Config shows a result of the rule for. Raises ClientError, BotoCoreError."""
    pages = config.get_paginator("get_compliance_details_by_config_rule").paginate(
        ConfigRuleName=rule,
        ComplianceTypes=["COMPLIANT", "NON_COMPLIANT"],
        PaginationConfig={"PageSize": _RESULTS_A_PAGE},
    )
    for page in pages:
        for result in page["EvaluationResults"]:
            qualifier = result["EvaluationResultIdentifier"]["EvaluationResultQualifier"]
            if qualifier["ResourceType"] == REPOSITORY:
                yield qualifier["ResourceId"]


def _result_of(judgement: Judgement, name: str, unreadable: list[str]) -> list[Evaluation]:
    """Return the result of a repository; if it cannot be read none, and its name is added to `unreadable`."""
    try:
        return [judgement.of_live(name)]
    except RepositoryGone:
        return [not_applicable(name)]
    except (ClientError, BotoCoreError) as error:
        log.error("repository could not be read", repository=name, reason=str(error))
        unreadable.append(name)
        return []
