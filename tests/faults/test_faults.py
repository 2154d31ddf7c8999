"""Every call with every fault: retried if it passes, raised if it persists, and repaired at the next attempt."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from ecr_crossaccount.products.rule.evaluator import CrossAccountEvaluator
from ecr_crossaccount.products.rule.inventory import REMEDIATED
from ecr_crossaccount.products.rule.outcome import EvaluationsRefusedError, SecurityHubError, SweepIncompleteError
from ecr_crossaccount.products.rule.parameters import SECURITY_HUB
from ecr_crossaccount.sources.aws.errors import MalformedAnswerError

from tests.events import event
from tests.fakes import FakeConfigService
from tests.faults.aws import Account
from tests.faults.conftest import EARLIER, REPOSITORIES
from tests.faults.gateway import Answer, Gateway
from tests.faults.table import (
    ASIDE,
    CALLS,
    EARLIER_FINDINGS,
    EXCEPTIONS,
    FINDINGS,
    LASTING,
    ODD,
    TRANSIENT,
    Call,
    Fault,
)
from tests.wording import sentence

pytestmark = pytest.mark.slow

ATTEMPTS = 8
FINDINGS_ATTEMPTS = 4
AFTER = {
    "change-policy-text": EARLIER | {"demodev": "NON_COMPLIANT"},
    "change-unrecorded": EARLIER | {"team/unrecorded": "NON_COMPLIANT"},
    "oversized": EARLIER | {"team/large": "NON_COMPLIANT"},
    "scheduled": dict.fromkeys(REPOSITORIES, "NON_COMPLIANT") | {"gone": "NOT_APPLICABLE"},
}
"""Config's results after an event without faults."""
FAILS_CLOSED = ("DescribeOrganization", "GetRegistryPolicy")
ABOUT_ONE = ("GetRepositoryPolicy", "ListTagsForResource")
OTHERS_ASKED = 5
"""The number of other repositories to read when ECR refuses one, to distinguish it from a fault of the role."""
SUMMED_UP = ("DescribeRepositories", "GetComplianceDetailsByConfigRule")
"""Calls that must be complete before any result is retired."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One container, in an AWS that can be told to fail."""

    evaluator: CrossAccountEvaluator
    gateway: Gateway
    config: FakeConfigService
    account: Account
    pauses: list[float]

    def breaks(self, call: Call, fault: Fault, times: int = 1_000) -> None:
        """Let a call during an event fail that many times. Call it before the event, whose clients are new."""
        self.gateway.breaks(call.operation, fault.breaks, about=call.about or "", first=call.number, times=times)

    def heal(self) -> None:
        """Let no more calls fail, and use large pages, because only the first attempt is about pages."""
        self.gateway.heal()
        self.account.page_size = self.config.page_size = 100

    def shown(self) -> dict[str, str]:
        """Return Config's results."""
        return {name: result["ComplianceType"] for name, result in self.config.results.items()}


@pytest.fixture
def trial(
    container: Callable[[], CrossAccountEvaluator],
    gateway: Gateway,
    account: Account,
    pauses: list[float],
) -> Trial:
    return Trial(container(), gateway, account.config, account, pauses)


def pairs(calls: Iterable[Call], *faults: Fault) -> list[object]:
    """Return each call with each fault, as parameters of a test. Unusual errors are only for calls without pages."""
    return [
        pytest.param(call, fault, id=f"{call}-{fault.name}")
        for call in calls
        for fault in (*faults, *(ODD if call.page == "only" and TRANSIENT[0] in faults else ()))
        if not (fault.name == "access denied" and (call.operation in FAILS_CLOSED or call.about))  # see below
    ]


@pytest.mark.parametrize("call, fault", pairs([*CALLS, *ASIDE], *TRANSIENT))
def test_what_passes_is_sat_out(trial: Trial, call: Call, fault: Fault) -> None:
    trial.breaks(call, fault, times=2)
    trial.evaluator.handle(call.message())
    assert trial.shown() == AFTER[call.event]
    assert len(trial.pauses) >= 2


@pytest.mark.parametrize("call, fault", pairs(CALLS, *TRANSIENT, *LASTING))
def test_what_lasts_is_raised_and_the_next_try_ends_well(trial: Trial, call: Call, fault: Fault) -> None:
    trial.breaks(call, fault)
    if call.about:
        with pytest.raises(
            SweepIncompleteError, match=re.escape(sentence("sweep.repository_could_not_read", about=call.about))
        ):
            trial.evaluator.handle(call.message())
        assert trial.shown().get(call.about) == EARLIER.get(call.about)
        others = {name: result for name, result in AFTER[call.event].items() if name != call.about}
        assert trial.shown().items() >= others.items()
    else:
        with pytest.raises((ClientError, BotoCoreError), match=fault.errors):
            trial.evaluator.handle(call.message())
        tried = trial.gateway.calls.count(call.operation) - (call.number - 1)
        more = OTHERS_ASKED if fault.name == "access denied" and call.operation in ABOUT_ONE else 0
        assert tried == more + (1 if fault in LASTING else ATTEMPTS)
        assert_nothing_is_wrong(trial, call)
    trial.heal()
    trial.evaluator.handle(call.message())
    assert trial.shown() == AFTER[call.event]


@pytest.mark.parametrize("call, fault", pairs(ASIDE, *TRANSIENT, *LASTING))
def test_without_the_inventory_ecr_is_asked(trial: Trial, call: Call, fault: Fault) -> None:
    trial.breaks(call, fault)
    trial.evaluator.handle(call.message())
    assert trial.shown() == AFTER[call.event]


@pytest.mark.parametrize("call, fault", pairs([EXCEPTIONS], *TRANSIENT, *LASTING))
def test_remediation_exceptions_that_cannot_be_read_ring_and_cost_no_result(
    trial: Trial, call: Call, fault: Fault, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(REMEDIATED, "true")
    trial.breaks(call, fault)
    trial.evaluator.handle(call.message())
    assert trial.shown() == AFTER[call.event]
    (line,) = [one for one in map(json.loads, capsys.readouterr().out.splitlines()) if one["message"] == "metrics"]
    assert (line["RemediationExceptions"], line["SweepsCompleted"]) == (1, 1)


@pytest.mark.parametrize("call, fault", pairs(FINDINGS, *TRANSIENT, *LASTING))
def test_findings_that_cannot_be_sent_ring_and_cost_no_result(
    trial: Trial, call: Call, fault: Fault, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(SECURITY_HUB, "true")
    trial.breaks(call, fault)
    is_change = call.event != "scheduled"
    with pytest.raises(SecurityHubError) if is_change else nullcontext():
        trial.evaluator.handle(call.message())
    assert trial.shown() == AFTER[call.event]
    (line,) = [one for one in map(json.loads, capsys.readouterr().out.splitlines()) if one["message"] == "metrics"]
    assert line["SecurityHubRefused"] >= 1
    assert trial.gateway.calls.count(call.operation) <= FINDINGS_ATTEMPTS  # nothing else waits for it
    assert line.get("SweepsCompleted") == (None if is_change else 1)
    trial.heal()
    trial.evaluator.handle(call.message())
    assert trial.shown() == AFTER[call.event]


@pytest.mark.parametrize("call, fault", pairs(EARLIER_FINDINGS, *TRANSIENT, *LASTING))
def test_findings_that_cannot_be_read_cost_no_result_and_no_finding(
    trial: Trial, call: Call, fault: Fault, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(SECURITY_HUB, "true")
    trial.breaks(call, fault)
    trial.evaluator.handle(call.message())
    assert trial.shown() == AFTER[call.event]
    assert trial.gateway.calls.count("BatchImportFindings") == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line for line in lines if line["message"] == sentence("security_hub.earlier_findings_cannot")]
    (line,) = [line for line in lines if line["message"] == "metrics"]
    assert line.get("SecurityHubRefused") == (1 if call.event == "scheduled" else None)


@pytest.mark.parametrize("call", [call for call in CALLS if call.operation in ABOUT_ONE], ids=str)
def test_a_repository_that_alone_is_refused_is_non_compliant_and_no_fault(trial: Trial, call: Call) -> None:
    (denied,) = [fault for fault in LASTING if fault.name == "access denied"]
    name = call.about or "team/unrecorded"
    trial.gateway.breaks(call.operation, denied.breaks, about=name)
    trial.evaluator.handle(call.message())
    assert trial.shown() == AFTER[call.event]
    assert f"ECR refuses ecr:{call.operation}" in trial.config.results[name]["Annotation"]


def assert_nothing_is_wrong(trial: Trial, call: Call) -> None:
    """Assert that each result is the earlier or the true one, and that incomplete lists retire nothing."""
    for name, compliance in trial.shown().items():
        assert compliance in (EARLIER.get(name), AFTER[call.event].get(name))
    if call.operation in SUMMED_UP:
        assert trial.shown()["gone"] == EARLIER["gone"]


@pytest.mark.parametrize("name", ["change-policy-text", "scheduled"])
def test_a_denied_look_up_of_the_organization_trusts_nobody_and_says_so(trial: Trial, name: str) -> None:
    (denied,) = [fault for fault in LASTING if fault.name == "access denied"]
    trial.gateway.breaks("DescribeOrganization", denied.breaks)
    trial.evaluator.handle(event(name, trustedOrganizations="self"))
    assert trial.shown() == AFTER[name]
    told = [result["Annotation"] for result in trial.config.results.values() if "Annotation" in result]
    assert all("`self` trusts nobody" in annotation for annotation in told)


def test_pauses_grow_with_jitter_and_have_an_end(trial: Trial) -> None:
    trial.gateway.breaks("PutEvaluations", TRANSIENT[0].breaks)
    for _ in range(2):
        with pytest.raises(ClientError):
            trial.evaluator.handle(event("change-policy-text"))
    assert len(trial.pauses) == 2 * (ATTEMPTS - 1)
    for number, pause in enumerate(trial.pauses):
        assert 0 <= pause <= min(2 ** (number % (ATTEMPTS - 1)), 20)
    assert len(set(trial.pauses)) == len(trial.pauses)


class Context:
    """Lambda's context of an invocation that is nearly over."""

    aws_request_id = "x"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 40_000


@pytest.mark.parametrize("fault", TRANSIENT, ids=lambda fault: fault.name)
def test_nothing_is_tried_again_when_time_is_nearly_up(trial: Trial, fault: Fault) -> None:
    trial.breaks(Call("PutEvaluations", "change-policy-text"), fault)
    with pytest.raises((ClientError, BotoCoreError), match=fault.errors):
        trial.evaluator.handle(event("change-policy-text"), Context())
    assert trial.gateway.calls.count("PutEvaluations") == 1
    assert trial.pauses == []


def test_a_refused_result_is_not_sent_again_when_time_is_nearly_up(trial: Trial) -> None:
    trial.config.refuse("demodev", times=9)
    with pytest.raises(EvaluationsRefusedError, match="`demodev`"):
        trial.evaluator.handle(event("change-policy-text"), Context())
    assert trial.gateway.calls.count("PutEvaluations") == 1


def test_a_success_is_a_success_when_time_is_nearly_up(trial: Trial) -> None:
    trial.evaluator.handle(event("scheduled"), Context())
    assert trial.shown() == AFTER["scheduled"]


class Dwindling:
    """Lambda's context of an invocation whose deadline is near after AWS has been called."""

    aws_request_id = "x"

    def __init__(self, trial: Trial, operation: str) -> None:
        self._trial = trial
        self._operation = operation

    def get_remaining_time_in_millis(self) -> int:
        return 55_000 if self._operation in self._trial.gateway.calls else 900_000


@pytest.mark.parametrize("fault", TRANSIENT, ids=lambda fault: fault.name)
def test_a_hiccup_while_a_sweep_is_handed_over_is_sat_out(trial: Trial, fault: Fault) -> None:
    trial.breaks(Call("StartExecution", "scheduled"), fault, times=2)
    trial.evaluator.handle(event("scheduled"), Dwindling(trial, "SelectResourceConfig"))
    assert len(trial.account.started) == 1
    assert trial.shown().items() <= (AFTER["scheduled"] | EARLIER).items()


@pytest.mark.parametrize("fault", [*TRANSIENT, *LASTING], ids=lambda fault: fault.name)
def test_a_sweep_that_cannot_be_handed_over_fails_and_the_next_try_ends_well(trial: Trial, fault: Fault) -> None:
    trial.breaks(Call("StartExecution", "scheduled"), fault)
    with pytest.raises((ClientError, BotoCoreError), match=fault.errors):
        trial.evaluator.handle(event("scheduled"), Dwindling(trial, "SelectResourceConfig"))
    assert trial.shown().items() <= (AFTER["scheduled"] | EARLIER).items()
    trial.heal()
    trial.evaluator.handle(event("scheduled"))
    assert trial.shown() == AFTER["scheduled"]


def test_a_role_is_assumed_anew_once_its_credentials_have_ended(trial: Trial) -> None:
    (expired,) = [fault for fault in LASTING if fault.name == "expired token"]
    message = event("change-policy-text", ExecutionRoleName="ecr-reader")
    trial.gateway.breaks("PutEvaluations", expired.breaks, times=1)
    with pytest.raises(ClientError, match="ExpiredToken"):
        trial.evaluator.handle(message)
    for _ in range(2):
        trial.evaluator.handle(message)
    assert trial.gateway.calls.count("AssumeRole") == 2


def test_a_role_that_is_refused_once_is_no_refused_look_up_of_the_organization(trial: Trial) -> None:
    (denied,) = [fault for fault in LASTING if fault.name == "access denied"]
    trial.gateway.breaks("AssumeRole", denied.breaks, times=1)
    with pytest.raises(ClientError, match=r"AccessDenied.*AssumeRole"):
        trial.evaluator.handle(event("change-policy-text", ExecutionRoleName="ecr-reader"))
    assert trial.shown() == EARLIER


def test_a_role_that_is_refused_once_is_no_refused_repository(trial: Trial) -> None:
    (denied,) = [fault for fault in LASTING if fault.name == "access denied"]
    trial.gateway.breaks("AssumeRole", denied.breaks, times=1)
    with pytest.raises(ClientError, match=r"AccessDenied.*AssumeRole"):
        trial.evaluator.handle(event("change-unrecorded", ExecutionRoleName="ecr-reader", trustedOrganizations="none"))
    assert trial.shown() == EARLIER


@pytest.mark.parametrize(
    "operation, name, answer, said",
    [
        ("PutEvaluations", "change-policy-text", {"FailedEvaluations": [{}]}, "ComplianceResourceId` is missing"),
        ("PutEvaluations", "change-policy-text", {"FailedEvaluations": "none"}, sentence("changes.not_list")),
        (
            "PutEvaluations",
            "change-policy-text",
            {"FailedEvaluations": [7]},
            r"`FailedEvaluations\[0\]` is not a structure",
        ),
        (
            "PutEvaluations",
            "change-policy-text",
            {"FailedEvaluations": [{"ComplianceResourceId": "elsewhere"}]},
            sentence("outcome.refuses_results_not_sent"),
        ),
        ("GetRepositoryPolicy", "change-unrecorded", {}, "`policyText` is missing"),
        ("GetRepositoryPolicy", "change-unrecorded", {"policyText": {}}, "`policyText` is not a string"),
        ("ListTagsForResource", "change-unrecorded", {}, "`tags` is missing"),
        ("ListTagsForResource", "change-unrecorded", {"tags": [{"Value": "x"}]}, r"`tags\[0\].Key` is missing"),
        ("GetResourceConfigHistory", "oversized", {}, "`configurationItems` is missing"),
        ("GetResourceConfigHistory", "oversized", {"configurationItems": [None]}, r"`configurationItems\[0\]` is miss"),
        (
            "GetResourceConfigHistory",
            "oversized",
            {"configurationItems": [{"configurationItemCaptureTime": True}]},
            sentence("answers.not_timestamp"),
        ),
        *(
            (
                "GetResourceConfigHistory",
                "oversized",
                {"configurationItems": [{"configurationItemCaptureTime": moment}]},
                sentence("answers.not_timestamp"),
            )
            for moment in ("yesterday", "", "9999-12-31T23:59:59Z", 1e300, -1)
        ),
        (
            "GetResourceConfigHistory",
            "oversized",
            {"configurationItems": [{"tags": {"team": 7}}]},
            sentence("about.tags_team_not_string"),
        ),
        ("DescribeOrganization", "change-policy-text", {"Organization": {}}, "`Organization.Id` is missing"),
        ("DescribeRepositories", "scheduled", {}, "`repositories` is missing"),
        ("DescribeRepositories", "scheduled", {"repositories": [{}]}, r"`repositories\[0\].repositoryName` is missing"),
        ("DescribeRepositories", "scheduled", {"repositories": [], "nextToken": 7}, "`nextToken` is not a string"),
        ("GetComplianceDetailsByConfigRule", "scheduled", {}, "`EvaluationResults` is missing"),
    ],
)
def test_an_answer_that_says_too_little_is_never_guessed_at(
    trial: Trial, operation: str, name: str, answer: object, said: str
) -> None:

    trial.gateway.breaks(operation, lambda *_: Answer(200, json.dumps(answer).encode()))
    with pytest.raises(MalformedAnswerError, match=said):
        trial.evaluator.handle(event(name, trustedOrganizations="self"))
    assert trial.shown()["gone"] == EARLIER["gone"]


def test_a_sweep_is_not_taken_for_handed_over_by_an_answer_that_does_not_say_so(trial: Trial) -> None:
    trial.gateway.breaks("StartExecution", lambda *_: Answer(200, b"{}"))
    with pytest.raises(MalformedAnswerError, match="`executionArn` is missing"):
        trial.evaluator.handle(event("scheduled"), Dwindling(trial, "SelectResourceConfig"))


def test_an_inventory_that_answers_nothing_is_left_for_ecr_and_said(
    trial: Trial, capsys: pytest.CaptureFixture[str]
) -> None:
    trial.gateway.breaks("SelectResourceConfig", lambda *_: Answer(200, b"{}"))
    trial.evaluator.handle(event("scheduled"))
    assert "the answer of config to SelectResourceConfig cannot be read: `Results` is miss" in capsys.readouterr().out
    assert trial.shown() == AFTER["scheduled"]


def test_a_list_without_end_is_an_error(trial: Trial) -> None:
    page = b'{"repositories": [{"repositoryName": "a-first"}], "nextToken": "again"}'
    trial.gateway.breaks("DescribeRepositories", lambda *_: Answer(200, page))
    with pytest.raises(BotoCoreError, match="same next token"):
        trial.evaluator.handle(event("scheduled"))
    assert trial.shown()["gone"] == EARLIER["gone"]


def test_an_inventory_whose_last_token_is_empty_ends(trial: Trial) -> None:
    trial.gateway.breaks("SelectResourceConfig", lambda *_: Answer(200, b'{"Results": [], "NextToken": ""}'))
    trial.evaluator.handle(event("scheduled"))
    assert trial.gateway.calls.count("SelectResourceConfig") == 1
    assert trial.shown() == AFTER["scheduled"]


def test_an_inventory_without_end_is_left_for_ecr(trial: Trial) -> None:
    page = b'{"Results": [], "NextToken": "again"}'
    trial.gateway.breaks("SelectResourceConfig", lambda *_: Answer(200, page))
    trial.evaluator.handle(event("scheduled"))
    assert trial.gateway.calls.count("SelectResourceConfig") == 2
    assert trial.shown() == AFTER["scheduled"]


def test_refused_results_are_sent_again_then_named(trial: Trial) -> None:
    trial.config.refuse("m-middle", times=99)
    with pytest.raises(EvaluationsRefusedError, match="refused 1 evaluation: `m-middle`"):
        trial.evaluator.handle(event("scheduled"))
    assert trial.shown() == AFTER["scheduled"] | {"m-middle": EARLIER["m-middle"]}
    trial.config.refuse("m-middle", times=0)
    trial.evaluator.handle(event("scheduled"))
    assert trial.shown() == AFTER["scheduled"]
