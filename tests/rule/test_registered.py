"""A rule with a register trusts its content while it can be read, and otherwise reports the problem."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from ecr_crossaccount.products.rule.evaluator import CrossAccountEvaluator
from ecr_crossaccount.products.rule.registered import Registered
from ecr_crossaccount.sources.aws import metrics
from rdklib import InvalidParametersError

from tests.events import event, with_policy
from tests.fakes import FakeConfigService
from tests.register.conftest import BUCKET, Clock
from tests.rule.registry import BEFORE, World, earlier_result, row
from tests.rule.test_change import PULL, policy
from tests.wording import sentence

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FRIEND, LISTED = "222233334444", "333344445555"
REGISTER = f"s3://{BUCKET}/ecr/trust.json"
PARAMETERS = {"trustRegister": REGISTER, "trustedAccounts": LISTED, "trustedOrganizations": "none"}
TO_FRIEND = policy({"AWS": FRIEND}, PULL)
TO_LISTED = policy({"AWS": LISTED}, PULL)


@pytest.fixture
def publish(s3: S3Client) -> Callable[..., str]:
    def publish(*accounts: str, body: bytes | None = None, **fields: str) -> str:
        register = {"version": 1, "trust": [{"account": one, **fields} for one in accounts]}
        return s3.put_object(Bucket=BUCKET, Key="ecr/trust.json", Body=body or json.dumps(register).encode())["ETag"]

    return publish


def change(policy: str, **parameters: str) -> dict[str, Any]:
    return with_policy(policy) | {"ruleParameters": json.dumps(PARAMETERS | parameters)}


def line(log: list[dict[str, Any]], message: str) -> dict[str, Any]:
    (found,) = [one for one in log if one["message"] == message]
    return found


def test_the_register_counts_besides_the_lists(world: World, publish: Callable[..., str]) -> None:
    publish(FRIEND)
    for trusted in (TO_FRIEND, TO_LISTED):
        world.evaluator.handle(change(trusted))
        assert world.shown() == {"demodev": "COMPLIANT"}
    world.evaluator.handle(change(policy({"AWS": "999988887777"}, PULL)))
    assert world.shown() == {"demodev": "NON_COMPLIANT"}


def test_every_line_after_it_was_read_says_which_version(world: World, publish: Callable[..., str]) -> None:
    version = publish(FRIEND)
    world.evaluator.handle(change(TO_FRIEND))
    lines = world.log()
    assert {one["message"] for one in lines} >= {"repository judged", "metrics"}
    assert {one["register"] for one in lines} == {REGISTER}
    assert {one["registerVersion"] for one in lines} == {version}
    assert {len(one["registerSha256"]) for one in lines} == {64}
    assert "RegisterProblems" not in line(lines, "metrics")


@pytest.mark.parametrize("body", [b"{", b'{"version": 1, "trust": [{"account": "1"}]}'])
def test_an_invalid_register_is_a_reason_and_an_alarm_and_the_lists_count(
    world: World, publish: Callable[..., str], body: bytes
) -> None:
    publish(body=body)
    world.evaluator.handle(change(TO_FRIEND))
    result = world.config.results["demodev"]
    assert result["ComplianceType"] == "NON_COMPLIANT"
    assert sentence("register.trust_register_cannot_no") in result["Annotation"]
    lines = world.log()
    assert line(lines, "metrics")["RegisterProblems"] == 1
    told = next(one for one in lines if one["level"] == "WARN")
    assert told["register"] == REGISTER
    assert told["reason"]
    assert any("the trust register" in note for note in line(lines, "repository judged")["verdict"]["notes"])
    world.evaluator.handle(change(TO_LISTED))
    assert world.config.results["demodev"]["ComplianceType"] == "COMPLIANT"


@pytest.mark.usefixtures("s3")
def test_a_missing_register_trusts_nobody(world: World) -> None:
    world.evaluator.handle(change(TO_FRIEND))
    assert sentence("register.trust_register_cannot_nosuchkey") in world.config.results["demodev"]["Annotation"]


def test_both_reasons_fit_into_an_annotation(
    world: World, publish: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.rule.test_organizations import refuse

    publish(body=b"{")
    refuse(monkeypatch, "AccessDeniedException")
    world.evaluator.handle(change(TO_FRIEND, trustedOrganizations="self"))
    said = world.config.results["demodev"]["Annotation"]
    assert sentence("register.trust_register_cannot_used_2") in said
    assert "`self` trusts nobody" in said
    assert FRIEND in said
    assert len(said) <= 256


def test_the_last_good_version_counts_for_a_day_and_the_alarm_rings_meanwhile(
    world: World, publish: Callable[..., str], clock: Clock
) -> None:
    publish(FRIEND)
    world.evaluator.handle(change(TO_FRIEND))
    publish(body=b"{")
    world.log()
    clock.passes(hours=23)
    world.evaluator.handle(change(TO_FRIEND))
    assert world.shown() == {"demodev": "COMPLIANT"}
    assert line(world.log(), "metrics")["RegisterProblems"] == 1
    clock.passes(hours=2)
    world.evaluator.handle(change(TO_FRIEND))
    assert world.shown() == {"demodev": "NON_COMPLIANT"}


def test_an_entry_that_is_withdrawn_is_not_trusted_by_a_container_that_read_it(
    world: World, publish: Callable[..., str]
) -> None:
    publish(FRIEND)
    world.evaluator.handle(change(TO_FRIEND))
    publish()
    world.evaluator.handle(change(TO_FRIEND))
    assert world.shown() == {"demodev": "NON_COMPLIANT"}


def test_how_long_the_last_good_version_counts_is_a_parameter(
    world: World, publish: Callable[..., str], clock: Clock
) -> None:
    publish(FRIEND)
    world.evaluator.handle(change(TO_FRIEND))
    publish(body=b"{")
    clock.passes(minutes=6)
    world.evaluator.handle(change(TO_FRIEND, trustRegisterKeepHours="0"))
    assert world.shown() == {"demodev": "NON_COMPLIANT"}


@pytest.mark.parametrize("source", ["inventory", "ECR"])
def test_a_new_register_turns_results_of_repositories_that_did_not_change(
    world: World, publish: Callable[..., str], clock: Clock, source: str
) -> None:
    world.create("demodev", TO_FRIEND)
    if source == "inventory":
        world.config.inventory = [row("demodev", TO_FRIEND, BEFORE)]
    for trusts, expected in (([], "NON_COMPLIANT"), ([FRIEND], "COMPLIANT"), ([], "NON_COMPLIANT")):
        publish(*trusts)
        world.sweep(**PARAMETERS)
        assert world.shown() == {"demodev": expected}
        clock.passes(hours=24)


def test_a_last_day_turns_a_result_though_nothing_changed(
    world: World, publish: Callable[..., str], clock: Clock
) -> None:
    """The row of Config's inventory is older than Config's result, as for most repositories."""
    world.create("demodev", TO_FRIEND)
    world.config.inventory = [row("demodev", TO_FRIEND, BEFORE)]
    earlier_result(world.config, "demodev", compliance="COMPLIANT", at=1795300000.0)
    publish(FRIEND, expires="2026-11-27")
    world.sweep(**PARAMETERS)
    assert world.shown() == {"demodev": "COMPLIANT"}
    clock.passes(days=1)
    world.config.evaluations[-1]["OrderingTimestamp"] = 1795000000.0
    world.sweep(**PARAMETERS)
    assert world.shown() == {"demodev": "NON_COMPLIANT"}
    assert "expired" in world.config.results["demodev"]["Annotation"]


def test_a_sweep_notes_what_ends_within_30_days(world: World, publish: Callable[..., str], clock: Clock) -> None:
    publish(FRIEND, expires="2026-12-27", owner="platform@example.com")
    world.sweep(**PARAMETERS)
    noted = line(world.log(), "approvals end within 30 days")
    assert noted["number"] == 1
    assert (
        noted["ending"][0] | {"name": FRIEND, "expires": "2026-12-27", "owner": "platform@example.com"}
        == (noted["ending"][0])
    )
    clock.moment = clock.moment.replace(day=26)
    publish(FRIEND, expires="2026-12-27")
    clock.passes(minutes=-10)
    world.sweep(**PARAMETERS)
    assert not [one for one in world.log() if one["message"].startswith("approvals end")]


def test_one_container_serves_rules_with_different_registers(
    world: World, publish: Callable[..., str], s3: S3Client
) -> None:
    publish(FRIEND)
    s3.put_object(Bucket=BUCKET, Key="other.json", Body=b'{"version": 1, "trust": []}')
    for register, expected in ((REGISTER, "COMPLIANT"), (f"s3://{BUCKET}/other.json", "NON_COMPLIANT")) * 2:
        world.evaluator.handle(change(TO_FRIEND, trustRegister=register))
        assert world.shown() == {"demodev": expected}


@pytest.mark.parametrize(
    "parameters, problem",
    [
        ({"trustRegister": "trust.json"}, sentence("content.trustregister_trust_json")),
        ({"trustRegister": "s3://b/*"}, "not the place of a register"),
        ({"trustRegisterKeepHours": "169"}, sentence("parameters.must_number_hours")),
        ({"trustRegisterKeepHours": "-1"}, sentence("parameters.number_hours")),
        ({"trustRegisterKeepHours": "for ever"}, sentence("parameters.number_hours")),
    ],
)
def test_a_parameter_that_cannot_be_read_fails_the_invocation(
    evaluator: CrossAccountEvaluator, parameters: dict[str, str], problem: str
) -> None:
    with pytest.raises(InvalidParametersError, match=problem.replace("*", r"\*")):
        evaluator.handle(event("change-policy-text", **parameters))


def test_a_member_that_a_policy_names_is_trusted(
    world: World, publish: Callable[..., str], s3: S3Client, organization: str
) -> None:
    publish(body=json.dumps({"version": 1, "trust": [{"organization": "self", "members": True}]}).encode())
    members = {"trustMembers": f"s3://{BUCKET}/members.json"}
    world.evaluator.handle(change(TO_FRIEND, **members))
    said = world.config.results["demodev"]["Annotation"]
    assert said.endswith(sentence("register.list_members_cannot_used_nosuchkey"))
    assert line(world.log(), "metrics")["RegisterProblems"] == 1
    listed = {"version": 1, "organization": organization, "listed": "2026-11-27T06:00:00Z"}
    body = json.dumps(listed | {"accounts": [{"account": FRIEND}]}).encode()
    s3.put_object(Bucket=BUCKET, Key="other.json", Body=body)
    world.evaluator.handle(change(TO_FRIEND, trustMembers=f"s3://{BUCKET}/other.json"))
    assert world.shown() == {"demodev": "COMPLIANT"}
    world.evaluator.handle(change(policy({"AWS": "999988887777"}, PULL), trustMembers=f"s3://{BUCKET}/other.json"))
    assert world.shown() == {"demodev": "NON_COMPLIANT"}


def test_a_list_of_members_without_a_register_is_said_to_cover_nobody(world: World) -> None:
    world.evaluator.handle(event("change-policy-text", trustMembers=f"s3://{BUCKET}/members.json"))
    said = world.config.results["demodev"]["Annotation"]
    assert said.endswith(sentence("parameters.trustmembers_covers_nobody"))


def test_approvals_that_end_within_a_week_are_counted_for_an_alarm(capsys: pytest.CaptureFixture[str]) -> None:
    from ecr_crossaccount import Trust

    days = ("2026-11-26", "2026-11-27", "2026-12-04", "2026-12-05")
    entries = [{"account": f"{number:012}", "expires": day} for number, day in enumerate(days, 222233334444)]
    with metrics.collect_counts("111122223333", "rule"):
        Registered(Clock()).tell_ending(Trust.parse({"version": 1, "trust": entries}, today=date(2026, 11, 27)))
    log = [json.loads(one) for one in capsys.readouterr().out.splitlines()]
    assert line(log, "metrics")["ApprovalsEnding"] == 2


def test_approvals_without_a_last_day_are_not_noted(capsys: pytest.CaptureFixture[str]) -> None:
    from ecr_crossaccount import Trust

    entries = [{"account": FRIEND}]
    Registered(Clock()).tell_ending(Trust.parse({"version": 1, "trust": entries}, today=date(2026, 11, 27)))
    assert capsys.readouterr().out == ""


def test_without_a_register_no_client_of_a_store_is_made(config: FakeConfigService) -> None:
    from tests.rule.test_imports import imported

    _, after = imported(config, "change-own-service")
    assert not [module for module in after if module.startswith("ecr_crossaccount.sources.register.store")]
