"""The access that resource control policies leave is shown with a result, and counts if a parameter says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from ecr_crossaccount.judgement.annotation import without_trust
from moto.organizations.models import OrganizationsBackend
from rdklib import InvalidParametersError

from tests.events import ACCOUNT, with_policy
from tests.register.conftest import BUCKET, Clock
from tests.rule.registry import SAFE, World, row
from tests.rule.test_change import policy
from tests.rule.test_organizations import refuse
from tests.wording import sentence

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Json = dict[str, Any]

FRIEND, MANAGEMENT, ORGANIZATION = "222233334444", "999988887777", "o-a1b2c3d4e5"
PLACE = f"s3://{BUCKET}/ecr/rcps.json"
DENY = {"Effect": "Deny", "Principal": "*", "Action": "ecr:*", "Resource": "*"}
OUTSIDERS = {"Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORGANIZATION}}}
PERIMETER = {"Version": "2012-10-17", "Statement": [DENY | OUTSIDERS]}
ELSEWHERE = {"Version": "2012-10-17", "Statement": [DENY | {"Action": "s3:*"}]}
LISTS, PULLS = policy({"AWS": FRIEND}, "ecr:ListImages"), policy({"AWS": FRIEND}, "ecr:BatchGetImage")


@pytest.fixture
def publish(s3: S3Client) -> Callable[[object], str]:
    def publish(value: object) -> str:
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        return s3.put_object(Bucket=BUCKET, Key="ecr/rcps.json", Body=body)["ETag"]

    return publish


def managed_by(monkeypatch: pytest.MonkeyPatch, **organization: str) -> None:
    answer = {"Organization": {"Id": ORGANIZATION} | organization}
    monkeypatch.setattr(OrganizationsBackend, "describe_organization", lambda _: answer)


@pytest.fixture(autouse=True)
def member(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the owner account into an organization that another account manages."""
    managed_by(monkeypatch, MasterAccountId=MANAGEMENT)


def change(policy: str, **parameters: str) -> Json:
    return with_policy(policy) | {
        "ruleParameters": json.dumps({"resourceControlPolicies": PLACE, "trustedOrganizations": "self"} | parameters)
    }


def result(world: World, policy: str, **parameters: str) -> tuple[str, str]:
    world.evaluator.handle(change(policy, **parameters))
    found = world.config.results["demodev"]
    return found["ComplianceType"], without_trust(found.get("Annotation", ""))


def counted(world: World, policy: str = LISTS) -> tuple[str, str]:
    return result(world, policy, countResourceControlPolicies="true")


def judged(log: list[Json]) -> Json:
    (found,) = [one for one in log if one["message"] == "repository judged"]
    return found


# --- beside the verdict ---


@pytest.mark.parametrize(
    "attached, pulls, said",
    [
        (PERIMETER, LISTS, sentence("outcome.resource_control_policies_close")),
        ([ELSEWHERE, PERIMETER], LISTS, sentence("outcome.resource_control_policies_close")),
        (ELSEWHERE, LISTS, sentence("outcome.resource_control_policies_leave")),
        (PERIMETER, PULLS, sentence("outcome.whether_resource_control")),
    ],
)
def test_a_result_says_what_is_left_and_speaks_of_the_policies_alone(
    world: World, publish: Callable[[object], str], attached: object, pulls: str, said: str
) -> None:
    publish(attached)
    compliance, annotation = result(world, pulls)
    assert compliance == "NON_COMPLIANT"
    assert annotation.startswith(("MEDIUM: ", "LOW: "))
    assert annotation.endswith(f"; {said}")
    line = judged(world.log())
    assert line["verdict"]["compliance"] == "NON_COMPLIANT"
    assert line["verdict"]["notes"][-1] == said
    assert line["underResourceControlPolicies"]["counted"] is False
    assert line["underResourceControlPolicies"]["withoutThem"] == "NON_COMPLIANT"


def test_every_line_says_which_version_was_read(world: World, publish: Callable[[object], str]) -> None:
    version = publish(PERIMETER)
    result(world, LISTS)
    lines = world.log()
    assert {one["resourceControlPolicies"] for one in lines} == {PLACE}
    assert {one["resourceControlPoliciesVersion"] for one in lines} == {version}
    assert {len(one["resourceControlPoliciesSha256"]) for one in lines} == {64}
    assert all("RegisterProblems" not in one for one in lines)


def test_a_repository_without_findings_is_not_asked_about(world: World, publish: Callable[[object], str]) -> None:
    publish(PERIMETER)
    assert result(world, SAFE) == ("COMPLIANT", "")
    assert "underResourceControlPolicies" not in judged(world.log())


# --- counted ---


def test_what_only_they_close_is_compliant_where_they_count_and_says_so(
    world: World, publish: Callable[[object], str]
) -> None:
    publish(PERIMETER)
    compliance, annotation = counted(world)
    assert compliance == "COMPLIANT"
    assert annotation.startswith(sentence("annotation.closed_resource_control_policies"))
    assert FRIEND in annotation
    line = judged(world.log())
    assert line["verdict"]["compliance"] == "COMPLIANT"
    assert line["underResourceControlPolicies"] == {
        "counted": True,
        "withThem": "COMPLIANT",
        "withoutThem": "NON_COMPLIANT",
    }


@pytest.mark.parametrize("attached, pulls", [(ELSEWHERE, LISTS), (PERIMETER, PULLS)])
def test_what_they_leave_open_or_undecided_stays_non_compliant(
    world: World, publish: Callable[[object], str], attached: object, pulls: str
) -> None:
    publish(attached)
    assert counted(world, pulls)[0] == "NON_COMPLIANT"


def test_a_sweep_counts_them_too(world: World, publish: Callable[[object], str]) -> None:
    publish(PERIMETER)
    world.create("live", LISTS)
    world.create("recorded", LISTS)
    world.create("safe", SAFE)
    world.config.inventory = [row("recorded", LISTS)]
    world.sweep(resourceControlPolicies=PLACE, countResourceControlPolicies="true", trustedOrganizations="self")
    assert world.shown() == {"live": "COMPLIANT", "recorded": "COMPLIANT", "safe": "COMPLIANT"}
    world.sweep(resourceControlPolicies=PLACE)
    assert world.shown() == {"live": "NON_COMPLIANT", "recorded": "NON_COMPLIANT", "safe": "COMPLIANT"}


# --- unknown values close nothing ---


def assert_left_out(world: World, why: str) -> None:
    compliance, annotation = counted(world)
    assert compliance == "NON_COMPLIANT"
    assert sentence("outcome.resource_control_policies", why=why) in annotation
    assert FRIEND in annotation
    assert judged(world.log())["underResourceControlPolicies"]["counted"] is False


@pytest.mark.parametrize(
    "body, why",
    [
        (b"{", "it is not JSON"),
        (b"[]", sentence("registered.holds_no_resource_control")),
        (b'"Deny"', "it is not valid"),
        (json.dumps(PERIMETER | {"Version": "2008-10-17"}).encode(), "it is not valid"),
        (json.dumps([PERIMETER, PERIMETER | {"Statement": [DENY | {"Action": "*"}]}]).encode(), "it is not valid"),
        (json.dumps(PERIMETER | {"Id": "x" * 5_120}).encode(), "it is not valid"),
    ],
)
def test_policies_that_are_invalid_close_nothing_and_ring_an_alarm(
    world: World, publish: Callable[[object], str], body: bytes, why: str
) -> None:
    publish(body)
    counted(world)
    lines = world.log()
    assert next(one for one in lines if one["message"] == "metrics")["RegisterProblems"] == 1
    warning = next(one for one in lines if one["level"] == "WARN")
    assert (warning["message"], warning["place"]) == (sentence("registered.resource_control_policies"), PLACE)
    assert warning["reason"]
    assert_left_out(world, why)


@pytest.mark.usefixtures("s3")
def test_policies_that_are_missing_close_nothing(world: World) -> None:
    assert_left_out(world, "NoSuchKey")


def test_an_earlier_version_closes_nothing_once_they_cannot_be_read(
    world: World, publish: Callable[[object], str], clock: Clock
) -> None:
    publish(PERIMETER)
    assert counted(world)[0] == "COMPLIANT"
    publish(b"{")
    clock.passes(seconds=1)
    world.log()
    assert_left_out(world, "it is not JSON")
    publish(PERIMETER)
    assert counted(world)[0] == "COMPLIANT"


def test_they_close_nothing_in_the_management_account(
    world: World, publish: Callable[[object], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(PERIMETER)
    managed_by(monkeypatch, MasterAccountId=ACCOUNT)
    assert_left_out(world, sentence("outcome.they_do_not_apply"))


def test_they_close_nothing_where_nobody_knows_who_manages_the_organization(
    world: World, publish: Callable[[object], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(PERIMETER)
    managed_by(monkeypatch)
    assert_left_out(world, sentence("outcome.account_manages_organization"))


@pytest.mark.parametrize(
    "code, why",
    [
        ("AWSOrganizationsNotInUseException", sentence("outcome.account_no_organization")),
        ("AccessDeniedException", "organizations:DescribeOrganization was refused"),
    ],
)
def test_they_close_nothing_outside_an_organization_or_where_nobody_says_which_it_is(
    world: World, publish: Callable[[object], str], monkeypatch: pytest.MonkeyPatch, code: str, why: str
) -> None:
    publish(PERIMETER)
    refuse(monkeypatch, code)
    assert_left_out(world, why)


# --- the parameters ---


@pytest.mark.parametrize(
    "parameters, problem",
    [
        ({"countResourceControlPolicies": "true"}, "names no policies to count"),
        ({"resourceControlPolicies": PLACE, "countResourceControlPolicies": "yes"}, "must be `true` or `false`"),
        ({"resourceControlPolicies": "rcps.json"}, "is not the place of a register"),
    ],
)
def test_a_slip_in_the_parameters_fails_the_run(world: World, parameters: Json, problem: str) -> None:
    with pytest.raises(InvalidParametersError, match=problem):
        world.evaluator.handle(with_policy(LISTS) | {"ruleParameters": json.dumps(parameters)})
