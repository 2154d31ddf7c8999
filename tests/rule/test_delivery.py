from __future__ import annotations

import time

import pytest
from botocore.exceptions import ClientError
from ecr_crossaccount.products.rule.evaluator import Clients, CrossAccountEvaluator
from ecr_crossaccount.products.rule.outcome import Delivery, EvaluationsRefusedError
from ecr_crossaccount.sources.aws.retries import Pace

from tests.events import event
from tests.fakes import RESULT_TOKEN, FakeConfigService


def result(name: str) -> dict[str, str]:
    return {
        "ComplianceResourceType": "AWS::ECR::Repository",
        "ComplianceResourceId": name,
        "ComplianceType": "COMPLIANT",
        "OrderingTimestamp": "2026-11-20T09:15:42.318Z",
    }


@pytest.fixture
def delivery(pauses: list[float]) -> Delivery:
    return Delivery(Clients(None, None).build_client("config"), RESULT_TOKEN, pauses.append)


def test_a_refused_result_is_sent_again_after_a_pause_and_alone(
    delivery: Delivery, config: FakeConfigService, pauses: list[float]
) -> None:
    config.refuse("b", times=2)
    delivery.send([result("a"), result("b"), result("c")])
    assert sorted(config.results) == ["a", "b", "c"]
    assert [len(request["Evaluations"]) for _, request in config.calls] == [3, 1, 1]
    assert len(pauses) == 2
    assert pauses[0] < pauses[1]


def test_results_that_are_refused_for_good_are_named_and_the_others_recorded(
    delivery: Delivery, config: FakeConfigService
) -> None:
    names = [f"r-{number:03}" for number in range(150)]
    config.refuse("r-000", times=9)
    config.refuse("r-149", times=9)
    with pytest.raises(EvaluationsRefusedError, match=r"refused 2 evaluations: `r-000`, `r-149`") as raised:
        delivery.send(map(result, names))
    assert raised.value.resources == ("r-000", "r-149")
    assert sorted(config.results) == names[1:-1]
    assert delivery.delivered == {"COMPLIANT": 148}


def test_a_long_list_of_refused_results_is_told_in_short(delivery: Delivery, config: FakeConfigService) -> None:
    for number in range(25):
        config.refuse(f"r-{number:03}", times=9)
    with pytest.raises(EvaluationsRefusedError, match=r"`r-019` and 5 more$"):
        delivery.send(result(f"r-{number:03}") for number in range(25))


def test_what_was_judged_before_a_failure_is_delivered(delivery: Delivery, config: FakeConfigService) -> None:
    def failing() -> object:
        yield from (result(f"r-{number}") for number in range(130))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        delivery.send(failing())  # type: ignore[arg-type]
    assert len(config.results) == 130


def test_throttling_is_sat_out(delivery: Delivery, config: FakeConfigService) -> None:
    config.fail("PutEvaluations", "ThrottlingException", times=3)
    delivery.send([result("a")])
    assert list(config.results) == ["a"]


def test_calls_are_made_when_it_is_their_turn(delivery: Delivery, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    delivery.send([result("a")])
    assert waited == []
    monkeypatch.setattr(Pace, "turn", lambda *_: 0.25)
    delivery.send([result("b")])
    assert waited == [0.25]


@pytest.mark.parametrize("status", [400, 500, 503])
def test_lasting_failure_fails_the_invocation(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, status: int
) -> None:
    config.fail("PutEvaluations", "ThrottlingException" if status == 400 else "InternalError", times=99, status=status)
    with pytest.raises(ClientError):
        evaluator.handle(event("change-policy-text"))
    assert 1 < len(config.calls) <= 10


@pytest.mark.parametrize("code", ["AccessDeniedException", "InvalidResultTokenException", "NoSuchConfigRuleException"])
def test_what_no_retry_mends_fails_the_invocation_at_once(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, code: str
) -> None:
    config.fail("PutEvaluations", code)
    with pytest.raises(ClientError, match=code):
        evaluator.handle(event("change-policy-text"))
    assert len(config.calls) == 1


def test_a_refused_result_fails_the_invocation(evaluator: CrossAccountEvaluator, config: FakeConfigService) -> None:
    config.refuse("demodev", times=9)
    with pytest.raises(EvaluationsRefusedError, match="refused 1 evaluation: `demodev`"):
        evaluator.handle(event("change-policy-text"))
