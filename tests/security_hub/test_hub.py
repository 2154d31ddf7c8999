"""Findings for Security Hub: in batches, before the results, and never replacing them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError, ParamValidationError
from ecr_crossaccount.config_rule.errors import SecurityHubError
from ecr_crossaccount.config_rule.outcome import Grounds, Outcome
from ecr_crossaccount.security_hub.hub import Hub
from ecr_crossaccount.security_hub.mark import UNTOLD

from tests.fakes.security_hub import FakeSecurityHub
from tests.security_hub.test_finding import ACCOUNT, PLACE, PUSHER, judged, of

NOW = "2026-11-27T12:00:00.000Z"
POLICY = of(PUSHER)
VERDICT = judged(POLICY)


@pytest.fixture
def service() -> FakeSecurityHub:
    return FakeSecurityHub(ACCOUNT)


@pytest.fixture
def hub(service: FakeSecurityHub) -> Hub:
    return Hub(service, PLACE, lambda _: None, lambda: datetime.fromisoformat(NOW))


def found(name: str) -> Outcome:
    return dated(Outcome("NON_COMPLIANT", name, f"{name} is open; [1]", grounds=Grounds(VERDICT, POLICY, "[1]")))


def dated(outcome: Outcome, moment: str = NOW) -> Outcome:
    outcome.orderingTimestamp = moment
    return outcome


def fixed(name: str, *, may_be_open: bool = True) -> Outcome:
    outcome = dated(Outcome("COMPLIANT", name))
    outcome.may_be_open = may_be_open
    return outcome


def states(service: FakeSecurityHub) -> dict[str, tuple[str, str]]:
    return {
        one["Resources"][0]["Details"]["AwsEcrRepository"]["RepositoryName"]: (
            one["Compliance"]["Status"],
            one["RecordState"],
        )
        for one in service.findings.values()
    }


def test_a_hundred_go_in_a_call_and_no_more_are_held(hub: Hub, service: FakeSecurityHub) -> None:
    taken = []

    def many() -> Iterator[Outcome]:
        for number in range(250):
            taken.append(number)
            yield found(f"r{number}")

    told = hub.told(many())
    next(told)
    assert len(taken) == 100
    assert len(list(told)) == 249
    assert service.calls == [100, 100, 50]
    hub.check()


def test_what_was_found_is_failed_and_what_is_fixed_or_gone_is_passed(hub: Hub, service: FakeSecurityHub) -> None:
    gone = dated(Outcome("NOT_APPLICABLE", "gone"))
    other = dated(Outcome("NOT_APPLICABLE", "bucket", kind="AWS::S3::Bucket"))
    outcomes = [found("open"), fixed("fixed"), gone, other, fixed("never-open", may_be_open=False)]
    assert list(hub.told(outcomes)) == outcomes
    assert states(service) == {
        "open": ("FAILED", "ACTIVE"),
        "fixed": ("PASSED", "ARCHIVED"),
        "gone": ("PASSED", "ARCHIVED"),
    }


def test_where_there_is_nothing_to_tell_nobody_is_called(hub: Hub, service: FakeSecurityHub) -> None:
    assert len(list(hub.told([fixed("safe", may_be_open=False)]))) == 1
    assert service.calls == []


@pytest.mark.parametrize("code", ["InvalidAccessException", "AccessDeniedException", "ThrottlingException"])
def test_a_hub_that_fails_keeps_no_result_back_and_says_so(hub: Hub, service: FakeSecurityHub, code: str) -> None:
    service.fail(code)
    outcomes = list(hub.told([*map(found, (f"r{n}" for n in range(150))), fixed("fixed")]))
    assert [one.complianceResourceId for one in outcomes] == [*(f"r{n}" for n in range(150)), "fixed"]
    assert outcomes[0].annotation == "r0 is open"
    assert outcomes[-1].annotation == UNTOLD
    assert service.calls == [100], "it is not asked again in this invocation"
    with pytest.raises(SecurityHubError, match=f"did not take 151 findings: .*{code}"):
        hub.check()


def test_a_finding_that_is_throttled_is_sent_again_alone(hub: Hub, service: FakeSecurityHub) -> None:
    service.refuse("b", "InternalError", "Throttling")
    outcomes = list(hub.told([found("a"), found("b")]))
    assert (service.calls, len(states(service))) == ([2, 1, 1], 2)
    assert [one.annotation for one in outcomes] == ["a is open; [1]", "b is open; [1]"]
    hub.check()


def test_a_finding_that_is_refused_for_good_is_named_and_the_others_are_told(
    hub: Hub, service: FakeSecurityHub, capsys: pytest.CaptureFixture[str]
) -> None:
    service.refuse("b", *["InvalidInput"] * 9)
    outcomes = list(hub.told([found("a"), found("b")]))
    assert (service.calls, list(states(service))) == ([2], ["a"])
    assert [one.annotation for one in outcomes] == ["a is open; [1]", "b is open"]
    assert '"repository":"b","reason":"InvalidInput: as asked"' in capsys.readouterr().out
    with pytest.raises(SecurityHubError, match="did not take 1 finding: `b`"):
        hub.check()


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "InvalidInputException"}}, "BatchImportFindings"),
        ParamValidationError(report="Invalid type for parameter Findings[3].Title"),
    ],
    ids=["by Security Hub", "by boto3"],
)
def test_one_that_makes_a_call_invalid_does_not_keep_the_others_out(
    hub: Hub, service: FakeSecurityHub, error: Exception
) -> None:
    service.chokes_on = ("d", error)
    outcomes = list(hub.told(map(found, "abcdefg")))
    assert set(states(service)) == set("abcefg")
    assert [one.annotation for one in outcomes if "[1]" not in one.annotation] == ["d is open"]


def test_a_product_that_is_not_enabled_is_not_asked_again(hub: Hub, service: FakeSecurityHub) -> None:
    service.refuse("r0", "InvalidAccess")
    list(hub.told(map(found, (f"r{n}" for n in range(150)))))
    assert service.calls == [100]
    with pytest.raises(SecurityHubError, match="InvalidAccess: as asked"):
        hub.check()


def test_an_event_that_comes_late_replaces_no_newer_finding(hub: Hub, service: FakeSecurityHub) -> None:
    list(hub.told([dated(fixed("a"), "2026-11-27T12:00:05.000+00:00")]))
    list(hub.told([found("a")]))
    assert states(service) == {"a": ("PASSED", "ARCHIVED")}
    (finding,) = service.findings.values()
    assert finding["UpdatedAt"] == "2026-11-27T12:00:05.000Z"


def test_of_two_results_with_the_same_time_the_later_counts(service: FakeSecurityHub) -> None:
    """Results of one schedule, or of an event that came twice and found a different policy in ECR."""
    time = [datetime(2026, 11, 27, 12, minute, tzinfo=UTC) for minute in (1, 9)]
    hub = Hub(service, PLACE, lambda _: None, lambda: time[0])
    list(hub.told([found("a")]))
    time.pop(0)
    list(hub.told([fixed("a")]))
    assert states(service) == {"a": ("PASSED", "ARCHIVED")}
    (finding,) = service.findings.values()
    assert finding["UpdatedAt"] == "2026-11-27T12:00:00.054Z"


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"FailedCount": 0},
        {"FailedCount": 0, "SuccessCount": 0},
        {"FailedCount": 0, "SuccessCount": 1},
        {"FailedCount": 0, "SuccessCount": 3},
        {"FailedCount": 0, "SuccessCount": None, "FailedFindings": []},
        {"SuccessCount": 2},
    ],
)
def test_an_answer_that_does_not_account_for_every_finding_is_none(
    hub: Hub, service: FakeSecurityHub, monkeypatch: pytest.MonkeyPatch, answer: dict[str, object]
) -> None:
    monkeypatch.setattr(service, "batch_import_findings", lambda **_: answer)
    assert [one.annotation for one in hub.told([found("a"), found("b")])] == ["a is open", "b is open"]
    assert hub.untold == ["a", "b"]


def test_what_is_gone_goes_on_to_config_once_its_finding_is_closed(hub: Hub, service: FakeSecurityHub) -> None:
    """It has no annotation. Config still shows the earlier result, so the next sweep finds it."""
    gone, bucket = dated(Outcome("NOT_APPLICABLE", "gone")), Outcome("NOT_APPLICABLE", "bucket", kind="AWS::S3::Bucket")
    never_open = dated(Outcome("NOT_APPLICABLE", "never-open"))
    never_open.may_be_open = False
    service.refuse("gone", *["InvalidInput"])
    told = [one.complianceResourceId for one in hub.told([found("a"), gone, dated(bucket), never_open])]
    assert told == ["a", "bucket", "never-open"]
    assert hub.untold == ["gone"]
    assert list(hub.told([gone])) == [gone]


def test_an_answer_that_contradicts_itself_is_none(hub: Hub, service: FakeSecurityHub) -> None:
    service.miscounts = True
    (outcome,) = hub.told([found("a")])
    assert outcome.annotation == "a is open"
    with pytest.raises(SecurityHubError):
        hub.check()


def test_findings_that_are_too_large_together_go_in_several_calls(hub: Hub, service: FakeSecurityHub) -> None:
    policy = of({**PUSHER, "Sid": "\u202e" * 10_000})
    outcomes = [dated(Outcome("NON_COMPLIANT", f"r{n}", grounds=Grounds(VERDICT, policy))) for n in range(100)]
    list(hub.told(outcomes))
    assert service.calls == [50, 50]
    hub.check()


def test_what_came_before_a_failure_is_told(hub: Hub, service: FakeSecurityHub) -> None:
    def breaking() -> Iterator[Outcome]:
        yield found("a")
        raise ValueError

    told = hub.told(breaking())
    assert next(told).complianceResourceId == "a"
    with pytest.raises(ValueError, match=r"^$"):
        next(told)
    assert list(states(service)) == ["a"]
