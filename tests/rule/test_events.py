"""Every kind of event is either answered so that Config shows the truth, or refused with its error named."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from ecr_crossaccount.products.rule.evaluator import CrossAccountEvaluator
from ecr_crossaccount.sources.aws.errors import AccountNotServedError, EventError

from tests import events
from tests.events import changed, event, load, with_policy
from tests.fakes import FakeConfigService
from tests.rule.test_change import policy
from tests.wording import sentence

NAMES = sorted(file.stem for file in Path(events.__file__).parent.glob("*.json") if file.stem != "history")
ANSWERED = [name for name in NAMES if name != "unknown-message"]
EARLIER, LATER = "2026-11-20T09:15:42.318Z", "2026-11-20T09:15:42.519Z"


def at(moment: str, principal: object) -> dict[str, Any]:
    return with_policy(policy(principal), configurationItemCaptureTime=moment)


@pytest.mark.parametrize("name", ANSWERED)
def test_what_is_returned_can_be_marshalled(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, name: str
) -> None:
    config.history.update({"team/large": load("history")})
    json.dumps(evaluator.handle(event(name)))


def test_an_event_that_comes_twice_changes_nothing(evaluator: CrossAccountEvaluator, config: FakeConfigService) -> None:
    answers = [evaluator.handle(event("change-policy-text")) for _ in range(2)]
    assert answers[0] == answers[1]
    first, second = config.evaluations
    assert first == second
    assert list(config.results) == ["demodev"]


@pytest.mark.parametrize("arrival", [(EARLIER, LATER), (LATER, EARLIER)], ids=["in order", "out of order"])
def test_the_later_state_is_shown_whichever_event_comes_last(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, arrival: tuple[str, str]
) -> None:
    states = {EARLIER: at(EARLIER, "*"), LATER: at(LATER, {"AWS": "111122223333"})}
    for moment in arrival:
        evaluator.handle(states[moment])
    assert config.results["demodev"]["ComplianceType"] == "COMPLIANT"


def test_a_late_change_does_not_bring_a_deleted_repository_back(
    evaluator: CrossAccountEvaluator, config: FakeConfigService
) -> None:
    evaluator.handle(
        changed("change-policy-text", configurationItemStatus="ResourceDeleted", configurationItemCaptureTime=LATER)
    )
    evaluator.handle(at(EARLIER, "*"))
    assert config.results["demodev"]["ComplianceType"] == "NOT_APPLICABLE"


def test_a_message_of_an_unknown_type_is_refused(evaluator: CrossAccountEvaluator, config: FakeConfigService) -> None:
    with pytest.raises(EventError, match=re.escape(sentence("evaluator.not_message_rule_answers"))):
        evaluator.handle(event("unknown-message"))
    assert config.calls == []


def test_an_oversized_event_as_aws_documents_it_lacks_what_others_have() -> None:
    invoking = json.loads(event("oversized")["invokingEvent"])
    assert "notificationCreationTime" not in invoking
    assert "recordVersion" not in invoking
    assert invoking["configurationItemSummary"]["resourceName"] is None


MISSING: dict[str, type[Exception] | None] = {
    "version": None,
    "invokingEvent": EventError,
    "ruleParameters": None,
    "resultToken": EventError,
    "eventLeftScope": None,
    "executionRoleArn": None,
    "configRuleArn": None,
    "configRuleName": None,
    "configRuleId": None,
    "accountId": AccountNotServedError,
    "evaluationMode": None,
}


@pytest.mark.parametrize("key", MISSING)
def test_a_key_that_is_missing_is_done_without_or_named(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, key: str
) -> None:
    assert set(load("change-policy-text")) == set(MISSING)
    message = event("change-policy-text")
    del message[key]
    expected = MISSING[key]
    if expected is None:
        evaluator.handle(message)
        assert config.results["demodev"]["ComplianceType"] == "NON_COMPLIANT"
    else:
        with pytest.raises(expected):
            evaluator.handle(message)
        assert config.evaluations == []


@pytest.mark.parametrize("key", sorted(json.loads(load("change-policy-text")["invokingEvent"])["configurationItem"]))
def test_a_field_that_an_item_lacks_never_makes_it_compliant(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, key: str
) -> None:
    message = event("change-policy-text")
    invoking = json.loads(message["invokingEvent"])
    del invoking["configurationItem"][key]
    try:
        evaluator.handle(message | {"invokingEvent": json.dumps(invoking)})
    except EventError as refused:
        assert f"`{key}`" in str(refused)  # noqa: PT017 - some are refused, others answered without it
    assert "COMPLIANT" not in {result["ComplianceType"] for result in config.evaluations}
