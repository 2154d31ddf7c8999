from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from ecr_crossaccount.products.rule.evaluator import CrossAccountEvaluator
from ecr_crossaccount.sources.aws.errors import EventError

from tests.events import event, load
from tests.fakes import FakeConfigService

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient

OPEN = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}})


def history(*instants: str) -> Mapping[str, Any]:
    """Return the recorded items of `team/large` at these times, or all of them."""
    items = load("history")
    return {"team/large": [i for i in items if not instants or i["configurationItemCaptureTime"] in instants]}


def test_the_item_that_the_event_means_is_judged_not_the_newest_nor_the_one_before(
    evaluator: CrossAccountEvaluator, config: FakeConfigService
) -> None:
    config.history.update(history())
    evaluator.handle(event("oversized"))
    assert config.results["team/large"]["ComplianceType"] == "NON_COMPLIANT"
    assert config.operations() == ["GetResourceConfigHistory", "PutEvaluations"]


def test_the_answer_can_be_marshalled_and_carries_the_items_time(
    evaluator: CrossAccountEvaluator, config: FakeConfigService
) -> None:
    config.history.update(history())
    (answer,) = json.loads(json.dumps(evaluator.handle(event("oversized"))))
    assert answer["OrderingTimestamp"] == "2026-11-20T09:15:42.318Z"


@pytest.mark.parametrize(
    "known", [{}, {"team/large": []}, history("2026-11-20T09:15:40.000Z"), history("2026-11-20T10:00:00.000Z")]
)
def test_the_live_policy_is_judged_where_the_history_lacks_the_item(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, ecr: ECRClient, known: Mapping[str, Any]
) -> None:
    config.history.update(known)
    ecr.create_repository(repositoryName="team/large")
    ecr.set_repository_policy(repositoryName="team/large", policyText=OPEN)
    evaluator.handle(event("oversized"))
    assert config.results["team/large"]["ComplianceType"] == "NON_COMPLIANT"


@pytest.mark.parametrize("missing", ["configuration", "relationships", "supplementaryConfiguration", "tags", "arn"])
def test_an_item_may_lack_what_rdklib_insists_on(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, ecr: ECRClient, missing: str
) -> None:
    ecr.create_repository(repositoryName="team/large")
    ecr.set_repository_policy(repositoryName="team/large", policyText=OPEN)
    config.history.update(history())
    for item in config.history["team/large"]:
        del item[missing]
    evaluator.handle(event("oversized"))
    assert config.results["team/large"]["ComplianceType"] == "NON_COMPLIANT"


def test_a_deleted_repository_is_not_looked_up(evaluator: CrossAccountEvaluator, config: FakeConfigService) -> None:
    evaluator.handle(event("oversized-deleted"))
    assert config.results["team/large"]["ComplianceType"] == "NOT_APPLICABLE"
    assert config.operations() == ["PutEvaluations"]


def test_a_history_that_may_not_be_read_fails_the_invocation(
    evaluator: CrossAccountEvaluator, config: FakeConfigService
) -> None:
    config.fail("GetResourceConfigHistory", "AccessDeniedException")
    with pytest.raises(ClientError, match="AccessDeniedException"):
        evaluator.handle(event("oversized"))
    assert config.evaluations == []


@pytest.mark.parametrize("time", ["yesterday", ""])
def test_a_summary_without_a_time_fails_with_its_fault_named(evaluator: CrossAccountEvaluator, time: str) -> None:
    message = event("oversized")
    invoking = json.loads(message["invokingEvent"])
    invoking["configurationItemSummary"]["configurationItemCaptureTime"] = time
    with pytest.raises(EventError, match=r"is not a time|no `configurationItemCaptureTime`"):
        evaluator.handle(message | {"invokingEvent": json.dumps(invoking)})
