"""Findings for Security Hub: in batches, before the results, and never replacing them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError, ParamValidationError
from ecr_crossaccount.products.rule.outcome import Grounds, Outcome, SecurityHubError
from ecr_crossaccount.products.rule.security_hub import Hub
from ecr_crossaccount.products.rule.security_hub_finding import digest_of, open_finding

from tests.fakes.security_hub import FakeSecurityHub
from tests.security_hub.test_finding import ACCOUNT, PLACE, PUSHER, judged, of
from tests.wording import sentence

NOW, LATER = "2026-11-27T12:00:00.000Z", "2026-11-27T12:00:01.000Z"
POLICY = of(PUSHER)
VERDICT = judged(POLICY)


@pytest.fixture
def service() -> FakeSecurityHub:
    return FakeSecurityHub(ACCOUNT)


@pytest.fixture
def hub(service: FakeSecurityHub) -> Hub:
    return Hub(service, PLACE, lambda _: None, lambda: datetime.fromisoformat(NOW))


def found(name: str, moment: str = NOW) -> Outcome:
    return dated(Outcome("NON_COMPLIANT", name, f"{name} is open", grounds=Grounds(VERDICT, POLICY)), moment)


def dated(outcome: Outcome, moment: str = NOW) -> Outcome:
    outcome.orderingTimestamp = moment
    return outcome


def fixed(name: str, moment: str = NOW, *, is_news: bool = True) -> Outcome:
    outcome = dated(Outcome("COMPLIANT", name), moment)
    outcome.is_news = is_news
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

    told = hub.send_findings(many())
    next(told)
    assert len(taken) == 100
    assert len(list(told)) == 249
    assert service.calls == [100, 100, 50]
    hub.check()


def test_what_was_found_is_failed_and_what_is_fixed_or_gone_is_passed(hub: Hub, service: FakeSecurityHub) -> None:
    gone = dated(Outcome("NOT_APPLICABLE", "gone"))
    other = dated(Outcome("NOT_APPLICABLE", "bucket", kind="AWS::S3::Bucket"))
    outcomes = [found("open"), fixed("fixed"), gone, other, fixed("known", is_news=False)]
    assert list(hub.send_findings(outcomes)) == outcomes
    assert states(service) == {
        "open": ("FAILED", "ACTIVE"),
        "fixed": ("PASSED", "ARCHIVED"),
        "gone": ("PASSED", "ARCHIVED"),
    }


def test_where_there_is_nothing_to_tell_nobody_is_called(hub: Hub, service: FakeSecurityHub) -> None:
    assert len(list(hub.send_findings([fixed("safe", is_news=False)]))) == 1
    assert service.calls == []


@pytest.mark.parametrize("code", ["InvalidAccessException", "AccessDeniedException", "ThrottlingException"])
def test_a_hub_that_fails_keeps_no_result_back_and_says_so(hub: Hub, service: FakeSecurityHub, code: str) -> None:
    service.fail(code)
    outcomes = list(hub.send_findings([*map(found, (f"r{n}" for n in range(150))), fixed("fixed")]))
    assert [one.complianceResourceId for one in outcomes] == [*(f"r{n}" for n in range(150)), "fixed"]
    assert service.calls == [100], "it is not asked again in this invocation"
    with pytest.raises(SecurityHubError, match=f"did not take 151 findings: .*{code}"):
        hub.check()


def test_a_finding_that_is_throttled_is_sent_again_alone(hub: Hub, service: FakeSecurityHub) -> None:
    service.refuse("b", "InternalError", "Throttling")
    list(hub.send_findings([found("a"), found("b")]))
    assert (service.calls, len(states(service))) == ([2, 1, 1], 2)
    hub.check()


@pytest.mark.parametrize("message", ["as asked", "too many requests", "internal", "a limit is exceeded"])
def test_a_finding_that_is_refused_for_good_is_named_and_the_others_are_told(
    hub: Hub, service: FakeSecurityHub, capsys: pytest.CaptureFixture[str], message: str
) -> None:
    """Only the code says whether it is worth another attempt."""
    service.says = message
    service.refuse("b", *["InvalidInput"] * 9)
    assert len(list(hub.send_findings([found("a"), found("b")]))) == 2
    assert (service.calls, list(states(service))) == ([2], ["a"])
    assert f'"repository":"b","reason":"InvalidInput: {message}"' in capsys.readouterr().out
    with pytest.raises(SecurityHubError, match="did not take 1 finding: `b`"):
        hub.check()


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "InvalidInputException", "Message": "too many fields"}}, "BatchImportFindings"),
        ParamValidationError(report="Invalid type for parameter Findings[3].Title"),
    ],
    ids=["by Security Hub", "by boto3"],
)
def test_one_that_makes_a_call_invalid_does_not_keep_the_others_out(
    hub: Hub, service: FakeSecurityHub, error: Exception
) -> None:
    service.chokes_on = ("d", error)
    list(hub.send_findings(map(found, "abcdefg")))
    assert set(states(service)) == set("abcefg")
    assert service.calls == [7, 3, 4, 2, 1, 1, 2], "nothing is sent again"
    assert hub.untold == ["d"]


def test_a_product_that_is_not_enabled_is_not_asked_again(hub: Hub, service: FakeSecurityHub) -> None:
    service.refuse("r0", "InvalidAccess")
    list(hub.send_findings(map(found, (f"r{n}" for n in range(150)))))
    assert service.calls == [100]
    with pytest.raises(SecurityHubError, match="InvalidAccess: as asked"):
        hub.check()


@pytest.mark.parametrize("hours", [0, 1.5, 100])
def test_an_event_that_comes_late_replaces_no_newer_finding(service: FakeSecurityHub, hours: float) -> None:
    """However late it is, and however little older."""
    moment = datetime(2026, 11, 27, 12, 0, 1, tzinfo=UTC) + timedelta(hours=hours)
    for first, late in ((found, fixed), (fixed, found)):
        hub = Hub(service, PLACE, lambda _: None, lambda: moment)
        name = first.__name__
        list(hub.send_findings([first(name, "2026-11-27T12:00:00.500+00:00")]))
        before = states(service)
        list(hub.send_findings([late(name, "2026-11-27T12:00:00.000+00:00")]))
        assert states(service) == before
        assert service.findings[PLACE.id(name)]["UpdatedAt"] == "2026-11-27T12:00:00.500Z"
        calls = len(service.calls)
        list(hub.send_findings([late(name, "2026-11-27T12:00:00.500999+00:00")]))
        assert len(service.calls) == calls, "what Security Hub would ignore is not sent"
        hub.check()


def test_a_finding_keeps_the_time_of_its_creation_and_an_open_one_when_it_was_first_seen(
    hub: Hub, service: FakeSecurityHub
) -> None:
    times = [f"2026-11-27T12:0{minute}:00.000Z" for minute in range(5)]
    for moment, tells in zip(times, (found, found, fixed, found), strict=False):
        list(hub.send_findings([tells("a", moment)]))
    (finding,) = service.findings.values()
    assert (finding["CreatedAt"], finding["FirstObservedAt"], finding["UpdatedAt"]) == (times[0], times[3], times[3])
    list(hub.send_findings([fixed("a", times[4])]))
    (finding,) = service.findings.values()
    assert (finding["CreatedAt"], finding["FirstObservedAt"]) == (times[0], times[3])


def test_where_earlier_findings_cannot_be_read_new_ones_are_sent_all_the_same(
    hub: Hub, service: FakeSecurityHub, capsys: pytest.CaptureFixture[str]
) -> None:
    service.unreadable = "AccessDeniedException"
    list(hub.send_findings([found("a")]))
    assert states(service) == {"a": ("FAILED", "ACTIVE")}
    assert sentence("security_hub.earlier_findings_cannot") in capsys.readouterr().out
    hub.check()


# --- what Security Hub has ---


def test_open_findings_are_read_page_by_page_with_pauses(service: FakeSecurityHub) -> None:
    pauses: list[float] = []
    hub = Hub(service, PLACE, pauses.append, lambda: datetime.fromisoformat(NOW))
    names = [f"r{number}" for number in range(250)]
    list(hub.send_findings(map(found, names)))
    list(hub.send_findings(fixed(name, LATER) for name in names[:30]))
    service.reads.clear()
    pauses.clear()
    told = dict(hub.open_findings())
    assert set(told) == set(names[30:])
    assert set(told.values()) == {digest_of(Grounds(VERDICT, POLICY))}
    assert (service.reads, len(pauses)) == ([100, 100, 20], 2)


def test_earlier_findings_are_asked_for_by_twenty_ids(service: FakeSecurityHub) -> None:
    pauses: list[float] = []
    hub = Hub(service, PLACE, pauses.append, lambda: datetime.fromisoformat(NOW))
    list(hub.send_findings(map(found, (f"r{number}" for number in range(45)))))
    assert (service.reads, len(pauses)) == ([0, 0, 0], 2)


def test_a_finding_of_another_rule_account_or_region_is_not_ours(hub: Hub, service: FakeSecurityHub) -> None:
    """In the home Region of an aggregation, GetFindings returns those of other Regions too."""
    others = [replace(PLACE, rule="another"), replace(PLACE, region="eu-west-1"), replace(PLACE, account="9" * 12)]
    for place in others:
        finding = open_finding(place, "a", Grounds(VERDICT, POLICY), NOW)
        service.findings[str(finding["Id"])] = finding
    assert dict(hub.open_findings()) == {}
    odd = {**open_finding(PLACE, "a", Grounds(VERDICT, POLICY), NOW), "Id": "not an id of this rule"}
    service.findings["odd"] = odd
    assert dict(hub.open_findings()) == {}


@pytest.mark.parametrize("days, digest", [(30, digest_of(Grounds(VERDICT, POLICY))), (31, "")])
def test_an_open_finding_is_sent_again_before_security_hub_deletes_it(
    service: FakeSecurityHub, days: int, digest: str
) -> None:
    now = datetime.fromisoformat(NOW)
    list(Hub(service, PLACE, lambda _: None, lambda: now).send_findings([found("a")]))
    told = dict(Hub(service, PLACE, lambda _: None, lambda: now + timedelta(days)).open_findings())
    assert told["a"] == digest


@pytest.mark.parametrize("field, value", [("UpdatedAt", "last week"), ("ProductFields", {})])
def test_a_finding_that_an_earlier_version_sent_is_sent_again(
    hub: Hub, service: FakeSecurityHub, field: str, value: object
) -> None:
    finding = {**open_finding(PLACE, "a", Grounds(VERDICT, POLICY), NOW), field: value}
    service.findings[str(finding["Id"])] = finding
    assert dict(hub.open_findings()) == {"a": ""}


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
    assert len(list(hub.send_findings([found("a"), found("b")]))) == 2
    assert hub.untold == ["a", "b"]


def test_an_answer_that_contradicts_itself_is_none(hub: Hub, service: FakeSecurityHub) -> None:
    service.miscounts = True
    list(hub.send_findings([found("a")]))
    with pytest.raises(SecurityHubError):
        hub.check()


def test_findings_that_are_too_large_together_go_in_several_calls(hub: Hub, service: FakeSecurityHub) -> None:
    policy = of({**PUSHER, "Sid": "\u202e" * 10_000})
    outcomes = [dated(Outcome("NON_COMPLIANT", f"r{n}", grounds=Grounds(VERDICT, policy))) for n in range(100)]
    list(hub.send_findings(outcomes))
    assert service.calls == [50, 50]
    hub.check()


def test_what_came_before_a_failure_is_told(hub: Hub, service: FakeSecurityHub) -> None:
    def breaking() -> Iterator[Outcome]:
        yield found("a")
        raise ValueError

    told = hub.send_findings(breaking())
    assert next(told).complianceResourceId == "a"
    with pytest.raises(ValueError, match=r"^$"):
        next(told)
    assert list(states(service)) == ["a"]
