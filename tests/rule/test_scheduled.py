from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError
from ecr_crossaccount.documents.document import Policy
from ecr_crossaccount.documents.parse import parse
from ecr_crossaccount.products.rule import sweep
from ecr_crossaccount.products.rule.evaluator import CrossAccountEvaluator
from ecr_crossaccount.products.rule.outcome import SweepIncompleteError
from moto.core.exceptions import JsonRESTError
from moto.ecr.models import ECRBackend

from tests.events import event
from tests.fakes import FakeConfigService
from tests.rule.registry import OPEN, earlier_result, refuse_policy_of, shown
from tests.wording import sentence


def test_every_repository_is_judged(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, create: Callable[..., None]
) -> None:
    create("safe")
    create("open", OPEN)
    create("deep/er/one", OPEN)
    assert evaluator.handle(event("scheduled")) == {"COMPLIANT": 1, "NON_COMPLIANT": 2}
    assert shown(config) == {"safe": "COMPLIANT", "open": "NON_COMPLIANT", "deep/er/one": "NON_COMPLIANT"}
    assert [e["OrderingTimestamp"] for e in config.evaluations] == [pytest.approx(1795240800.512, abs=1)] * 3


def test_more_than_a_hundred_results_go_in_several_calls(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, create: Callable[..., None]
) -> None:
    for number in range(201):
        create(f"repository-{number}")
    evaluator.handle(event("scheduled"))
    puts = [len(request["Evaluations"]) for operation, request in config.calls if operation == "PutEvaluations"]
    assert puts == [100, 100, 1]
    assert len(shown(config)) == 201


def test_an_empty_registry_is_answered_and_wipes_nothing_unasked(
    evaluator: CrossAccountEvaluator, config: FakeConfigService
) -> None:
    assert evaluator.handle(event("scheduled")) == {}
    assert config.operations() == ["GetComplianceDetailsByConfigRule", "PutEvaluations"]


def test_a_rule_with_a_name_that_is_too_long_to_ask_about_sends_every_result(
    evaluator: CrossAccountEvaluator,
    config: FakeConfigService,
    create: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """AWS Config adds an ending to the name of a rule in a pack, and its reference has 64 characters for this call."""
    create("safe")
    earlier_result(config, "safe", compliance="COMPLIANT")
    named = event("scheduled") | {
        "configRuleName": "ecr-repository-cross-account-access-check-conformance-pack-a1b2c3d4e"
    }
    assert evaluator.handle(named) == {"COMPLIANT": 1}
    warnings = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"WARN"' in line]
    assert [one["message"] for one in warnings] == [sentence("inventory.earlier_results_cannot")]


@pytest.mark.parametrize("code", ["AccessDeniedException", "ValidationException"])
def test_earlier_results_of_a_rule_with_a_short_name_must_be_read(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, code: str
) -> None:
    config.fail("GetComplianceDetailsByConfigRule", code)
    with pytest.raises(ClientError, match=code):
        evaluator.handle(event("scheduled"))


def test_a_repository_that_vanished_becomes_not_applicable(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, create: Callable[..., None]
) -> None:
    create("safe")
    earlier_result(config, "gone", "safe")
    evaluator.handle(event("scheduled"))
    assert shown(config) == {"safe": "COMPLIANT", "gone": "NOT_APPLICABLE"}


def test_a_repository_created_after_it_was_listed_keeps_its_true_result(
    evaluator: CrossAccountEvaluator,
    config: FakeConfigService,
    create: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    create("new", OPEN)
    earlier_result(config, "new")
    monkeypatch.setattr(ECRBackend, "describe_repositories", lambda *_, **__: [])
    evaluator.handle(event("scheduled"))
    assert shown(config) == {"new": "NON_COMPLIANT"}


def test_a_repository_deleted_in_the_middle_is_no_error(
    evaluator: CrossAccountEvaluator,
    config: FakeConfigService,
    create: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    create("going", OPEN)
    create("staying", OPEN)
    refuse_policy_of(monkeypatch, "going", "RepositoryNotFoundException")
    evaluator.handle(event("scheduled"))
    assert shown(config) == {"going": "NOT_APPLICABLE", "staying": "NON_COMPLIANT"}


@pytest.mark.parametrize("code", ["ServerException", "ThrottlingException", "ExpiredTokenException"])
def test_a_policy_that_cannot_be_read_keeps_its_result_and_fails_the_run_after_all_others(
    evaluator: CrossAccountEvaluator,
    config: FakeConfigService,
    create: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    code: str,
) -> None:
    for name in ("first", "secret", "third"):
        create(name, OPEN)
    earlier_result(config, "secret", "gone")
    refuse_policy_of(monkeypatch, "secret", code)
    with pytest.raises(SweepIncompleteError, match=re.escape(sentence("sweep.repository_could_not_read_secret"))):
        evaluator.handle(event("scheduled"))
    assert shown(config) == {
        "first": "NON_COMPLIANT",
        "secret": "NON_COMPLIANT",
        "third": "NON_COMPLIANT",
        "gone": "NOT_APPLICABLE",
    }
    assert [e for e in config.evaluations if e["ComplianceResourceId"] == "secret"] == [config.results["secret"]]


def test_what_ecr_does_not_list_and_cannot_be_asked_about_keeps_its_result_too(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier_result(config, "gone?", "gone")
    refuse_policy_of(monkeypatch, "gone?")
    with pytest.raises(SweepIncompleteError, match=re.escape(sentence("sweep.repository_could_not_read_gone"))):
        evaluator.handle(event("scheduled"))
    assert shown(config) == {"gone?": "NON_COMPLIANT", "gone": "NOT_APPLICABLE"}


def test_a_list_that_breaks_off_wipes_nothing_and_fails_the_run(
    evaluator: CrossAccountEvaluator,
    config: FakeConfigService,
    create: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    create("known", OPEN)
    earlier_result(config, "known", "gone")

    def break_off(*_: object, **__: object) -> None:
        raise JsonRESTError("ServerException", "as asked")

    monkeypatch.setattr(ECRBackend, "describe_repositories", break_off)
    with pytest.raises(ClientError, match="ServerException"):
        evaluator.handle(event("scheduled"))
    assert shown(config) == {"known": "NON_COMPLIANT", "gone": "NON_COMPLIANT"}
    assert "PutEvaluations" not in config.operations()


def test_results_about_other_types_are_left_alone(evaluator: CrossAccountEvaluator, config: FakeConfigService) -> None:
    earlier_result(config, "elsewhere")
    config.evaluations[0]["ComplianceResourceType"] = "AWS::ECR::PublicRepository"
    assert evaluator.handle(event("scheduled")) == {}
    assert shown(config) == {"elsewhere": "NON_COMPLIANT"}


def test_earlier_results_are_read_page_by_page(evaluator: CrossAccountEvaluator, config: FakeConfigService) -> None:
    config.page_size = 3
    names = [f"gone-{number}" for number in range(10)]
    earlier_result(config, *names)
    assert evaluator.handle(event("scheduled")) == {"NOT_APPLICABLE": 10}
    assert config.operations().count("GetComplianceDetailsByConfigRule") == 4


def test_tags_are_read_only_where_they_could_matter(
    evaluator: CrossAccountEvaluator,
    config: FakeConfigService,
    create: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    by_tag = {"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"} | {
        "Condition": {"StringEquals": {"aws:ResourceTag/shared": "yes"}}
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [by_tag]})
    create("private", policy, shared="no")
    create("shared", policy, shared="yes")
    create("open", OPEN)
    asked: list[str] = []
    real = ECRBackend.list_tags_for_resource

    def list_tags_for_resource(self: ECRBackend, arn: str) -> object:
        asked.append(arn.partition("/")[2])
        return real(self, arn)

    monkeypatch.setattr(ECRBackend, "list_tags_for_resource", list_tags_for_resource)
    evaluator.handle(event("scheduled"))
    assert sorted(asked) == ["private", "shared"]
    assert shown(config) == {"private": "COMPLIANT", "shared": "NON_COMPLIANT", "open": "NON_COMPLIANT"}


def test_the_schedule_says_how_it_ended(
    evaluator: CrossAccountEvaluator,
    create: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    create("open", OPEN)
    evaluator.handle(event("scheduled"))
    *_, last, _ = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (last["message"], last["delivered"]) == ("sweep ended", {"NON_COMPLIANT": 1})


def test_where_a_sweep_stands_is_written_now_and_then(
    evaluator: CrossAccountEvaluator,
    create: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sweep, "SHOWN_EVERY", 2)
    for number in range(5):
        create(f"r{number}")
    evaluator.handle(event("scheduled"))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["left"] for line in lines if line["message"] == "sweep continues"] == [3, 1]


def test_a_policy_that_many_repositories_have_is_judged_once(
    evaluator: CrossAccountEvaluator, create: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[object] = []

    def parsed(text: object) -> Policy:
        read.append(text)
        return parse(text)

    monkeypatch.setattr("ecr_crossaccount.judgement.judgement.parse", parsed)
    common = OPEN.replace("ecr:*", "ecr:ListImages")  # a policy of no other test, because verdicts are cached
    for number in range(20):
        create(f"r{number}", common)
    evaluator.handle(event("scheduled"))
    assert len(read) == 2  # judged once, and read once more for the grants, which are only made on demand
