"""A run of acceptance from a clean account to an empty one, on fakes: the code that runs in a real account."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest

from acceptance import __main__ as command
from acceptance import stack, teardown
from acceptance.cases import cases
from acceptance.clients import Clients
from acceptance.questions import BY_HAND
from acceptance.sandbox import NAME, PREFIX, Sandbox
from acceptance.steps import STEPS
from tests.acceptance.cloud import ACCOUNT, REGION, Cloud
from tests.acceptance.conftest import Accept
from tests.acceptance.deploying import InProcess
from tests.acceptance.previews import opinion

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Tried to parse AWS"),  # moto's note that it ignores it
]

Json = dict[str, Any]
Report = Callable[[], Json]
FEW = ("own-account", "partner-writes", "everybody", "unreadable")


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the cases that a test does not need."""
    monkeypatch.setattr(command, "cases", lambda: tuple(one for one in cases() if one.name in FEW))


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also leave out the steps after the call to Access Analyzer."""
    names = [step.name for step in STEPS]
    monkeypatch.setattr("acceptance.run.STEPS", STEPS[: names.index("ask IAM Access Analyzer") + 1])


def there() -> list[str]:
    """Return everything of a run that is in the account."""
    return teardown.found(Clients.of(boto3.Session(), REGION))


def by_agreement(report: Json) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for one in report["comparisons"]:
        found.setdefault(one["agreement"], []).append((one["case"], one["with"]))
    return found


def test_every_case_is_what_its_table_says(cloud: Cloud) -> None:
    """Checks the engine's part, so that Config, which runs the same engine, is not compared with a mistake."""
    from ecr_crossaccount.sources.register.lists import trust_of

    from acceptance.cases import names, verdict

    sandbox = Sandbox(ACCOUNT, REGION)
    trust, filled = trust_of(sandbox.rule_parameters, cloud.now().date()), names(sandbox, "arn:r", "arn:f")
    for case in cases():
        if case.readable:
            found = verdict(sandbox, sandbox.repository(case.name), case.filled(filled), trust)
            assert (case.name, found.compliance.value) == (case.name, case.expect)


def test_all_agrees_and_nothing_is_left(
    accept: Accept, report: Report, called: set[str], persons_policy: set[str]
) -> None:
    status = accept(InProcess())
    found = report()
    assert by_agreement(found).keys() == {"agrees", "not compared"}
    assert {case for case, _ in by_agreement(found)["not compared"]} == {"service-for-anybody"}
    assert len(found["comparisons"]) == 2 * len(cases()) + 2 * 10 + 2
    assert {one["agreement"] for one in found["questions"]} == {"agrees", "recorded"}
    assert len(found["questions"]) == 10
    assert len(found["by_hand"]) == len(BY_HAND)
    assert [one["problem"] for one in found["steps"]] == [None] * len(STEPS)
    assert found["left"] == []
    assert status == 0
    assert there() == []
    assert not boto3.client("iam").list_roles()["Roles"]
    # Only calls that the person's policy allows were made.
    assert called - persons_policy == set()


@pytest.mark.usefixtures("few")
def test_the_other_reading_of_attempts_is_told_apart(
    accept: Accept, report: Report, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.counts_runs = False
    left_out = ("ask", "watch a remediation", "watch a scheduled", "remediate", "restore")
    monkeypatch.setattr("acceptance.run.STEPS", tuple(one for one in STEPS if not one.name.startswith(left_out)))
    accept(InProcess())
    (answer,) = [one for one in report()["questions"] if "MaximumAutomaticAttempts" in one["question"]]
    assert answer["seen"].endswith("no remediation exception: attempts are counted as failed")
    assert answer["agreement"] == "recorded"


@pytest.mark.usefixtures("few")
def test_failures_of_which_nobody_tells_are_a_difference(accept: Accept, report: Report, cloud: Cloud) -> None:
    cloud.delivers = False
    assert accept(InProcess()) == 1
    (answer,) = [one for one in report()["questions"] if "SQS's own key" in one["question"]]
    assert (answer["agreement"], answer["seen"]) == ("DIFFERS", "1 automations failed, and the queue got 0 messages")


@pytest.mark.usefixtures("few")
def test_an_event_that_starts_nothing_is_a_difference(accept: Accept, report: Report, cloud: Cloud) -> None:
    cloud.starts = False
    assert accept(InProcess()) == 1
    (answer,) = [one for one in report()["questions"] if "Does an event of AWS Config start" in one["question"]]
    assert (answer["agreement"], answer["seen"]) == ("DIFFERS", "no execution was started within 45 min")


@pytest.mark.usefixtures("short")
def test_an_analyzer_that_reports_services_is_no_difference(accept: Accept, report: Report, cloud: Cloud) -> None:
    service = {"principal": {"Service": "lambda.amazonaws.com"}, "action": ["ecr:BatchGetImage"], "condition": {}}

    def seen(arn: str, policy: str) -> list[Json]:
        return [service] if arn.endswith("/service-for-anybody") else opinion(arn, policy)

    cloud.analyzer.opinion = seen
    accept(InProcess())
    assert "DIFFERS" not in by_agreement(report())
    (answer,) = [one for one in report()["questions"] if "what AWS services may do" in one["question"]]
    assert answer["seen"] == "2 previews of policies that let a service in named lambda.amazonaws.com"


@pytest.mark.usefixtures("few", "short")
def test_an_analyzer_that_sees_less_is_a_difference_with_both_reasons(
    accept: Accept, report: Report, cloud: Cloud
) -> None:
    honest = cloud.analyzer.opinion
    cloud.analyzer.opinion = lambda arn, policy: [] if arn.endswith("/everybody") else honest(arn, policy)
    assert accept(InProcess()) == 1
    (found,) = [one for one in report()["comparisons"] if one["agreement"] == "DIFFERS"]
    assert (found["case"], found["with"]) == ("everybody", "IAM Access Analyzer")
    assert (found["ours"], found["seen"]) == ("everybody", "nobody outside")
    assert "The engine names: " in found["why"]
    assert found["why"].endswith("Access Analyzer names: nothing")
    assert there() == []


@pytest.mark.usefixtures("few", "short")
def test_a_preview_that_fails_is_not_taken_for_agreement(accept: Accept, report: Report, cloud: Cloud) -> None:
    cloud.analyzer.fail("CreateAccessPreview", "AccessDeniedException", status=403)
    assert accept(InProcess()) == 2
    (found,) = [one for one in report()["comparisons"] if one["agreement"] == "not answered"]
    assert found["with"] == "IAM Access Analyzer"
    assert "AccessDeniedException" in found["why"]


@pytest.mark.usefixtures("few")
def test_a_config_that_never_answers_leaves_everything_open_and_is_torn_down(
    accept: Accept, report: Report, cloud: Cloud
) -> None:
    cloud.mute = True
    assert accept(InProcess()) == 2
    found = report()
    open_ = [one for one in found["comparisons"] if one["agreement"] == "not answered"]
    assert {one["with"] for one in open_} >= {"AWS Config", "remediation"}
    assert "a result of AWS Config for every repository: not seen within 45 min" in {one["why"] for one in open_}
    answers = {one["question"].partition(" ")[0]: one["agreement"] for one in found["questions"][:3]}
    assert set(answers.values()) == {"not answered"}
    assert found["outcome"] == "not everything was answered"
    assert there() == []


@pytest.mark.usefixtures("few", "short")
@pytest.mark.parametrize("when", ["deploy", 1, 4])
def test_an_interrupted_run_still_tears_down(accept: Accept, report: Report, cloud: Cloud, when: int | str) -> None:
    class Interrupted(InProcess):
        def deploy(self, sandbox: Sandbox, parameters: Mapping[str, str]) -> None:
            super().deploy(sandbox, parameters)
            if when == "deploy":
                raise KeyboardInterrupt

    slept = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == when:
            raise KeyboardInterrupt
        Cloud.sleep(cloud, seconds)

    clock = type("Clock", (), {"now": lambda _: cloud.now(), "sleep": lambda _, seconds: sleep(seconds)})()
    assert accept(Interrupted(), clock=clock) == 130
    assert report()["interrupted"]
    assert report()["left"] == []
    assert f"stack {NAME}" in report()["removed"]
    assert there() == []


@pytest.mark.usefixtures("few", "short")
def test_a_second_interrupt_leaves_the_rest_and_says_so(
    accept: Accept, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("acceptance.stack.delete", interrupt)
    assert accept(InProcess(problem="broken")) == 3
    assert "the teardown was interrupted" in report()["left"]
    assert f"stack {NAME}" in there()


@pytest.mark.usefixtures("few", "short")
def test_a_deployment_that_fails_is_told_and_torn_down(accept: Accept, report: Report) -> None:
    assert accept(InProcess(problem="`sam deploy` failed: no")) == 2
    found = report()
    assert [(one["name"], one["problem"]) for one in found["steps"]] == [
        ("deploy the stack", "`sam deploy` failed: no")
    ]
    assert by_agreement(found).keys() == {"not answered"}
    assert {one["agreement"] for one in found["questions"]} == {"not answered"}
    assert there() == []


@pytest.mark.usefixtures("few")
def test_a_killed_run_is_torn_down_later(accept: Accept, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud.mute = True
    with monkeypatch.context() as killed:
        later = ("watch", "remediate", "restore")
        killed.setattr("acceptance.run.STEPS", tuple(one for one in STEPS if not one.name.startswith(later)))
        killed.setattr("acceptance.teardown.tear_down", lambda *_: None)
        accept(InProcess())
    left = there()
    assert [one.split()[0] for one in left].count("repository") == len(FEW)
    assert {one.split()[0] for one in left} == {"repository", "stack", "bucket", "analyzer", "document"}
    assert accept(InProcess()) == 3  # a run does not start with another run's remains
    assert there() == left
    assert accept(InProcess(), "--tear-down", "--account", ACCOUNT, typed="no") == 3
    assert there() == left
    assert accept(InProcess(), "--tear-down") == 0
    assert there() == []
    assert accept(InProcess(), "--tear-down") == 0  # nothing to do is not a failure


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("ends, status", [(False, "Cancelled"), (True, "Success")])
def test_an_automation_that_still_runs_is_stopped_before_the_stack_is_removed(
    accept: Accept, cloud: Cloud, monkeypatch: pytest.MonkeyPatch, *, ends: bool, status: str
) -> None:
    cloud.mute = True
    with monkeypatch.context() as killed:
        killed.setattr("acceptance.run.STEPS", tuple(one for one in STEPS if one.name.startswith("deploy")))
        killed.setattr("acceptance.teardown.tear_down", lambda *_: None)
        accept(InProcess())
    document = stack.outputs(Clients.of(boto3.Session(), REGION))["RemediateDocumentName"]
    running = cloud.automations.start(document, {"RepositoryName": ["base"]})
    cloud.automations.end_before_they_are_stopped = ends
    assert accept(InProcess(), "--tear-down") == 0
    assert cloud.automations.executions[running]["AutomationExecutionStatus"] == status
    assert there() == []


class TestRefusals:
    """Nothing is created in an account other than the named one, or in an account that is not a sandbox."""

    def refused(self, accept: Accept, capsys: pytest.CaptureFixture[str], *options: str, typed: str = ACCOUNT) -> str:
        deployment = InProcess()
        assert accept(deployment, *options, typed=typed) == 3
        assert deployment.deployed == []
        errors = capsys.readouterr().err
        assert errors.endswith("nothing was created, nothing was changed\n")
        return errors

    def test_another_account(self, accept: Accept, capsys: pytest.CaptureFixture[str], called: set[str]) -> None:
        told = self.refused(accept, capsys, typed="444455556666")
        assert "you named account `444455556666`, and the credentials are of `111122223333`" in told
        assert called == {"sts:GetCallerIdentity"}

    @pytest.mark.parametrize("typed", ["", "12345", "production", "11112222333\u0663"])
    def test_what_is_no_account(self, accept: Accept, capsys: pytest.CaptureFixture[str], typed: str) -> None:
        assert "expected 12 digits" in self.refused(accept, capsys, typed=typed)

    def test_repositories_that_are_there(self, accept: Accept, capsys: pytest.CaptureFixture[str]) -> None:
        boto3.client("ecr").create_repository(repositoryName=f"{PREFIX}everybody")
        assert f"there are repositories under `{PREFIX}`" in self.refused(accept, capsys)

    def test_a_registry_that_is_used(self, accept: Accept, capsys: pytest.CaptureFixture[str]) -> None:
        for number in range(26):
            boto3.client("ecr").create_repository(repositoryName=f"team/{number}")
        assert "people work in this account" in self.refused(accept, capsys)

    def test_buckets_that_are_there(self, accept: Accept, capsys: pytest.CaptureFixture[str]) -> None:
        where: Any = {"LocationConstraint": REGION}
        boto3.client("s3").create_bucket(Bucket=f"{NAME}-x", CreateBucketConfiguration=where)
        assert f"there are buckets `{NAME}-…`" in self.refused(accept, capsys)

    def test_a_rule_that_is_there(self, accept: Accept, capsys: pytest.CaptureFixture[str], cloud: Cloud) -> None:
        usual = "ecr-repository-cross-account-access-check"
        source = {"Owner": "CUSTOM_LAMBDA", "SourceIdentifier": "arn"}
        cloud.declared.rules[usual] = {"ConfigRuleName": usual, "InputParameters": {}, "Source": source}
        assert "uses ecr-crossaccount already" in self.refused(accept, capsys)

    def test_a_recorder_that_is_off(self, accept: Accept, capsys: pytest.CaptureFixture[str], cloud: Cloud) -> None:
        cloud.config.recorder_status["recording"] = False
        assert "the recorder is stopped" in self.refused(accept, capsys)

    def test_a_management_account(self, accept: Accept, capsys: pytest.CaptureFixture[str]) -> None:
        boto3.client("organizations").create_organization(FeatureSet="ALL")
        assert "management account" in self.refused(accept, capsys)

    def test_a_name_like_production(self, accept: Accept, capsys: pytest.CaptureFixture[str]) -> None:
        boto3.client("iam").create_account_alias(AccountAlias="acme-prod")
        assert "`acme-prod`, which sounds like production" in self.refused(accept, capsys)

    def test_what_cannot_be_read(self, accept: Accept, capsys: pytest.CaptureFixture[str], cloud: Cloud) -> None:
        cloud.config.fail("DescribeConfigurationRecorderStatus", "AccessDeniedException", times=9)
        assert "cannot tell what AWS Config records: " in self.refused(accept, capsys)


@pytest.mark.usefixtures("few", "short")
def test_a_masked_report_names_no_account(accept: Accept, tmp_path: Path) -> None:
    accept(InProcess(problem=f"role arn:aws:iam::{ACCOUNT}:role/x in o-zzzzzzzzzz of 999988887777"), "--mask")
    for name in ("report.md", "report.json"):
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert ACCOUNT not in text
        assert "999988887777" not in text
        assert "zzzzzzzzzz" not in text
        assert "SANDBOX" in text


@pytest.mark.usefixtures("few", "short")
def test_a_role_of_which_ecr_has_not_heard_is_waited_for(accept: Accept, report: Report, cloud: Cloud) -> None:
    cloud.unheard = 3
    assert accept(InProcess()) == 2  # for questions that these steps do not ask
    assert by_agreement(report()).get("DIFFERS") is None
    assert [one["problem"] for one in report()["steps"]] == [None] * 5


@pytest.mark.usefixtures("few", "short")
def test_a_policy_that_ecr_refuses_for_good_is_told(accept: Accept, report: Report, cloud: Cloud) -> None:
    cloud.unheard = 1000
    assert accept(InProcess()) == 2
    assert "Principal not found" in report()["steps"][-1]["problem"]
    assert there() == []
