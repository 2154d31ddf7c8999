"""A policy without a required statement is NON_COMPLIANT. It is also NON_COMPLIANT if this cannot be determined."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from ecr_crossaccount.judgement.annotation import LIMIT, without_trust
from ecr_crossaccount.products.rule.parameters import SECURITY_HUB
from rdklib import InvalidParametersError

from tests.events import with_policy
from tests.register.conftest import BUCKET, Clock
from tests.rule.registry import OPEN, World, row
from tests.wording import sentence

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Json = dict[str, Any]

KEY = "ecr/required.json"
PLACE = f"s3://{BUCKET}/{KEY}"
PERIMETER = {
    "Sid": "Perimeter",
    "Effect": "Deny",
    "Principal": {"AWS": "*"},
    "Action": "ecr:*",
    "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
}
OTHER = PERIMETER | {"Sid": "Other", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
VARIABLE = PERIMETER | {"Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}}}
MISSING = "LOW: required statement `Perimeter` is missing or different"


def of(*statements: object, **more: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)} | more)


@pytest.fixture
def publish(s3: S3Client) -> Callable[[object], str]:
    def publish(value: object) -> str:
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        return s3.put_object(Bucket=BUCKET, Key=KEY, Body=body)["ETag"]

    return publish


def result(world: World, policy: str, **parameters: str) -> tuple[str, str]:
    event = with_policy(policy) | {
        "ruleParameters": json.dumps({"requiredStatements": PLACE, "trustedOrganizations": "self"} | parameters)
    }
    world.evaluator.handle(event)
    found = world.config.results["demodev"]
    return found["ComplianceType"], without_trust(found.get("Annotation", ""))


def line(log: list[Json], message: str) -> Json:
    (found,) = [one for one in log if one["message"] == message]
    return found


# --- missing statements ---


def test_a_policy_that_has_it_is_compliant(world: World, publish: Callable[[object], str]) -> None:
    publish(PERIMETER)
    spelled = PERIMETER | {"Action": ["ECR:*"], "Resource": "*"}
    assert result(world, of(spelled)) == ("COMPLIANT", "")
    assert "required" not in line(world.log(), "repository judged")


@pytest.mark.parametrize(
    "policy", [of(OTHER), of(PERIMETER | {"Action": "ecr:PutImage"}), of(PERIMETER | {"Sid": "perimeter"})]
)
def test_a_closed_policy_without_it_is_not_compliant(
    world: World, publish: Callable[[object], str], policy: str
) -> None:
    publish([PERIMETER])
    assert result(world, policy) == ("NON_COMPLIANT", MISSING)
    lines = world.log()
    judged = line(lines, "repository judged")
    assert (judged["severity"], judged["required"]) == ("LOW", {"missing": ["Perimeter"], "unknown": None})
    assert judged["verdict"]["compliance"] == "COMPLIANT"
    assert line(lines, "metrics")["NonCompliantLow"] == 1


def test_an_open_policy_says_both_and_the_worst_first(world: World, publish: Callable[[object], str]) -> None:
    publish([PERIMETER])
    compliance, annotation = result(world, OPEN)
    assert compliance == "NON_COMPLIANT"
    assert annotation.startswith("CRITICAL: ")
    assert annotation.endswith("; required statement `Perimeter` is missing or different")
    assert len(annotation) <= LIMIT


def test_many_are_named_in_few_words(world: World, publish: Callable[[object], str]) -> None:
    publish([PERIMETER, *(PERIMETER | {"Sid": f"{n}{'x' * 200}"} for n in range(3))])
    _, annotation = result(world, OPEN)
    assert "; required statements `Perimeter`, `0xxx" in annotation
    assert annotation.endswith("…` and 2 more are missing or different")
    assert annotation.startswith("CRITICAL: ")


def test_a_sweep_reports_it_of_a_repository_without_a_policy_too(
    world: World, publish: Callable[[object], str]
) -> None:
    publish([PERIMETER])
    world.create("none", None)
    world.create("live", of(OTHER))
    world.create("recorded", of(OTHER))
    world.create("has", of(OTHER, PERIMETER))
    world.config.inventory = [row("recorded", of(OTHER))]
    world.sweep(requiredStatements=PLACE)
    missing = dict.fromkeys(("none", "live", "recorded"), "NON_COMPLIANT")
    assert world.shown() == {"has": "COMPLIANT"} | missing
    world.sweep()
    assert set(world.shown().values()) == {"COMPLIANT"}


def test_resource_control_policies_do_not_make_up_for_it(
    world: World, publish: Callable[[object], str], s3: S3Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.rule.test_control_policies import LISTS, MANAGEMENT, managed_by
    from tests.rule.test_control_policies import PERIMETER as FENCE

    managed_by(monkeypatch, MasterAccountId=MANAGEMENT)
    publish([PERIMETER])
    s3.put_object(Bucket=BUCKET, Key="rcps.json", Body=json.dumps(FENCE).encode())
    counting = {"resourceControlPolicies": f"s3://{BUCKET}/rcps.json", "countResourceControlPolicies": "true"}
    compliance, annotation = result(world, LISTS, **counting)
    assert compliance == "NON_COMPLIANT"
    assert annotation == sentence("outcome.resource_control_policies_close_2", missing=MISSING)


# --- unknown statements ---


@pytest.mark.parametrize(
    "policy, why",
    [
        (of(VARIABLE, Version="2008-10-17"), sentence("missing.required_statements_policy")),
        (of(VARIABLE, VARIABLE | {"Action": "ecr:PutImage"}), "statements 0 and 1 are both called `Perimeter`"),
    ],
)
def test_where_nobody_can_tell_it_is_undecided(
    world: World, publish: Callable[[object], str], policy: str, why: str
) -> None:
    publish([VARIABLE])
    compliance, annotation = result(world, policy)
    assert compliance == "NON_COMPLIANT"
    assert why in annotation
    assert annotation.startswith("MEDIUM: ")


@pytest.mark.parametrize(
    "body, why",
    [
        (b"{", "it is not JSON"),
        (b"[]", "it is not valid"),
        (json.dumps([PERIMETER | {"Effect": "Allow"}]).encode(), "it is not valid"),
        (json.dumps([PERIMETER | {"Principal": {"AWS": "222233334444"}}]).encode(), "it is not valid"),
        (json.dumps([PERIMETER | {"Condition": {"Bool": {"aws:x": "${ORG}"}}}]).encode(), "it is not valid"),
    ],
)
def test_what_cannot_be_used_leaves_nothing_compliant_and_rings_an_alarm(
    world: World, publish: Callable[[object], str], body: bytes, why: str
) -> None:
    publish(body)
    compliance, annotation = result(world, of(PERIMETER))
    assert compliance == "NON_COMPLIANT"
    assert annotation == sentence("outcome.medium_undecided_whether", why=why)
    lines = world.log()
    counted = line(lines, "metrics")
    assert (counted["RegisterProblems"], counted["Undecided"]) == (1, 1)
    warning = next(one for one in lines if one["level"] == "WARN")
    assert (warning["message"], warning["place"]) == (
        sentence("required.required_statements_cannot_used", why=why),
        PLACE,
    )
    assert warning["reason"]


@pytest.mark.usefixtures("s3")
def test_what_is_missing_leaves_nothing_compliant(world: World) -> None:
    assert "(NoSuchKey)" in result(world, of(PERIMETER))[1]


def test_the_last_good_version_counts_for_hours_and_then_no_more(
    world: World, publish: Callable[[object], str], clock: Clock
) -> None:
    publish([PERIMETER])
    assert result(world, of(PERIMETER))[0] == "COMPLIANT"
    publish(b"{")
    clock.passes(hours=23)
    assert result(world, of(PERIMETER))[0] == "COMPLIANT"
    assert result(world, of(OTHER)) == ("NON_COMPLIANT", MISSING)
    assert any("their version of 2026-11-27T12:00Z counts" in one["message"] for one in world.log())
    clock.passes(hours=2)
    assert result(world, of(PERIMETER))[0] == "NON_COMPLIANT"
    publish([OTHER])
    clock.passes(minutes=1)
    assert result(world, of(OTHER))[0] == "COMPLIANT"


# --- versions and messages ---


def test_every_line_says_which_version_was_read(world: World, publish: Callable[[object], str]) -> None:
    version = publish([PERIMETER])
    result(world, of(PERIMETER))
    lines = world.log()
    assert {one["requiredStatements"] for one in lines} == {PLACE}
    assert {one["requiredStatementsVersion"] for one in lines} == {version}
    assert {len(one["requiredStatementsSha256"]) for one in lines} == {64}


def test_security_hub_is_told_what_is_missing(
    world: World, publish: Callable[[object], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECURITY_HUB, "true")
    hub = boto3.client("securityhub")
    hub.enable_security_hub()
    publish([PERIMETER])
    _, annotation = result(world, of(OTHER))
    assert annotation == MISSING
    (found,) = hub.get_findings()["Findings"]
    assert found["Title"] == sentence("security_hub_finding.required_statements_missing")
    assert found["Description"] == f"{MISSING}."
    assert found["FindingProviderFields"]["Severity"]["Label"] == "LOW"
    assert found["ProductFields"]["ecr-crossaccount/Required"] in MISSING
    assert "--strategy require" in found["Remediation"]["Recommendation"]["Text"]
    later = with_policy(of(OTHER, PERIMETER), configurationItemCaptureTime="2026-11-28T12:00:00Z")
    world.evaluator.handle(later | {"ruleParameters": json.dumps({"requiredStatements": PLACE})})
    (found,) = hub.get_findings()["Findings"]
    assert found["Compliance"]["Status"] == "PASSED"


def test_a_place_that_is_none_fails_the_run(world: World) -> None:
    with pytest.raises(InvalidParametersError, match="is not the place of a register"):
        result(world, OPEN, requiredStatements="required.json")
