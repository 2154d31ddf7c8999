"""The rule with findings switched on: changes and sweeps, in an account of moto with Security Hub."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from ecr_crossaccount.products.rule.evaluator import CrossAccountEvaluator
from ecr_crossaccount.products.rule.outcome import EvaluationsRefusedError, SecurityHubError
from ecr_crossaccount.products.rule.parameters import SECURITY_HUB
from ecr_crossaccount.sources.aws.metrics import Metric
from moto.core.exceptions import JsonRESTError
from moto.securityhub.models import SecurityHubBackend

from tests.events import ACCOUNT, MEMBER, event, of_account
from tests.fakes import FakeConfigService
from tests.rule.registry import OPEN, SAFE, World

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient

Json = dict[str, Any]

READERS = json.dumps(
    {
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": one}, "Action": "ecr:*"} for one in ("222233334444", "3" * 12)
        ]
    }
)
OTHER_READERS = READERS.replace("3" * 12, "4" * 12)


@pytest.fixture(autouse=True)
def switched_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECURITY_HUB, "true")
    boto3.client("securityhub").enable_security_hub()


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of findings in each call."""
    found: list[int] = []
    real = SecurityHubBackend.batch_import_findings

    def batch_import_findings(self: SecurityHubBackend, findings: list[Json]) -> Any:  # noqa: ANN401 - moto's
        found.append(len(findings))
        return real(self, findings)

    monkeypatch.setattr(SecurityHubBackend, "batch_import_findings", batch_import_findings)
    return found


@pytest.fixture
def broken() -> Iterator[pytest.MonkeyPatch]:
    """A Security Hub that is not enabled, until `undo` is called."""

    def refuse(*_: object, **__: object) -> None:
        raise JsonRESTError("InvalidAccessException", f"Account {ACCOUNT} is not subscribed to AWS Security Hub")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(SecurityHubBackend, "batch_import_findings", refuse)
        yield patched


def hub() -> dict[str, tuple[str, str]]:
    """Return the compliance and the record state of each finding, by repository."""
    found: Any = boto3.client("securityhub").get_findings()["Findings"]
    return {
        one["Resources"][0]["Details"]["AwsEcrRepository"]["RepositoryName"]: (
            one["Compliance"]["Status"],
            one["RecordState"],
        )
        for one in found
    }


_minutes = count()


def later() -> str:
    """Return a time that is a minute after the one before."""
    return (datetime(2026, 11, 27, tzinfo=UTC) + timedelta(minutes=next(_minutes))).isoformat()


def changed(name: str, **more: object) -> Json:
    happened = event("change-policy-text", trustedOrganizations="none")
    invoking = json.loads(happened["invokingEvent"])
    dated = {"resourceId": name, "resourceName": name, "configurationItemCaptureTime": later()}
    invoking["configurationItem"] |= {**dated, **more}
    return happened | {"invokingEvent": json.dumps(invoking)}


def with_policy(policy: str) -> Json:
    return {"configuration": {"RepositoryPolicyText": policy}}


def sweep(**parameters: object) -> Json:
    happened = event("scheduled", **{"trustedOrganizations": "none", **parameters})
    invoking = json.loads(happened["invokingEvent"]) | {"notificationCreationTime": later()}
    return happened | {"invokingEvent": json.dumps(invoking)}


def test_a_change_opens_the_finding_a_fix_closes_it_and_so_does_the_end(
    evaluator: CrossAccountEvaluator,
) -> None:
    evaluator.handle(changed("team/a", **with_policy(OPEN)))
    evaluator.handle(changed("team/b", **with_policy(OPEN)))
    assert hub() == {"team/a": ("FAILED", "ACTIVE"), "team/b": ("FAILED", "ACTIVE")}
    evaluator.handle(changed("team/a", **with_policy(SAFE)))
    evaluator.handle(changed("team/b", configurationItemStatus="ResourceDeleted"))
    assert hub() == {"team/a": ("PASSED", "ARCHIVED"), "team/b": ("PASSED", "ARCHIVED")}
    evaluator.handle(changed("team/a", **with_policy(OPEN)))
    assert hub()["team/a"] == ("FAILED", "ACTIVE")


def test_a_sweep_tells_what_is_open_once_and_nothing_of_what_never_was(
    evaluator: CrossAccountEvaluator,
    config: FakeConfigService,
    create: Callable[..., None],
    calls: list[int],
) -> None:
    create("open", OPEN)
    create("safe", SAFE)
    evaluator.handle(sweep())
    assert (hub(), calls) == ({"open": ("FAILED", "ACTIVE")}, [1])
    puts = config.operations().count("PutEvaluations")
    evaluator.handle(sweep())
    assert calls == [1]
    assert config.operations().count("PutEvaluations") == puts + 1  # an empty request


def test_a_sweep_after_a_change_has_nothing_to_tell(
    evaluator: CrossAccountEvaluator,
    create: Callable[..., None],
    calls: list[int],
) -> None:
    create("team/a", OPEN)
    evaluator.handle(changed("team/a", **with_policy(OPEN)))
    evaluator.handle(sweep())
    assert calls == [1]


def test_grants_that_change_are_told_although_the_compliance_and_the_worst_are_the_same(
    evaluator: CrossAccountEvaluator,
    create: Callable[..., None],
    ecr: ECRClient,
    calls: list[int],
) -> None:
    create("team/a", READERS)
    evaluator.handle(sweep())
    ecr.set_repository_policy(repositoryName="team/a", policyText=OTHER_READERS)
    evaluator.handle(sweep())
    assert calls == [1, 1]
    (found,) = boto3.client("securityhub").get_findings()["Findings"]
    assert found["ProductFields"]["ecr-crossaccount/Grant/2/Grantee"] == "4" * 12


def test_what_is_trusted_by_now_is_closed_by_the_next_sweep(
    evaluator: CrossAccountEvaluator,
    create: Callable[..., None],
) -> None:
    reader = {"Effect": "Allow", "Principal": {"AWS": "222233334444"}, "Action": "ecr:BatchGetImage"}
    create("team/a", json.dumps({"Statement": [reader]}))
    evaluator.handle(sweep())
    assert hub() == {"team/a": ("FAILED", "ACTIVE")}
    evaluator.handle(sweep(trustedAccounts="222233334444"))
    assert hub() == {"team/a": ("PASSED", "ARCHIVED")}


def test_what_has_vanished_is_closed_by_the_next_sweep(
    evaluator: CrossAccountEvaluator,
    create: Callable[..., None],
    ecr: ECRClient,
) -> None:
    create("team/a", OPEN)
    evaluator.handle(sweep())
    ecr.delete_repository(repositoryName="team/a")
    evaluator.handle(sweep())
    assert hub() == {"team/a": ("PASSED", "ARCHIVED")}


def test_a_hub_that_is_not_enabled_keeps_no_result_of_a_sweep_back_and_is_told_by_the_next(
    evaluator: CrossAccountEvaluator,
    create: Callable[..., None],
    broken: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    create("open", OPEN)
    create("safe", SAFE)
    assert evaluator.handle(sweep()) == {"NON_COMPLIANT": 1, "COMPLIANT": 1}
    assert hub() == {}
    assert f'"{Metric.SECURITY_HUB.value}":1' in capsys.readouterr().out
    broken.undo()
    evaluator.handle(sweep())
    assert hub() == {"open": ("FAILED", "ACTIVE")}


def deleted(ecr: ECRClient) -> Json:
    ecr.delete_repository(repositoryName="team/a")
    return changed("team/a", configurationItemStatus="ResourceDeleted")


def fixed(ecr: ECRClient) -> Json:
    ecr.set_repository_policy(repositoryName="team/a", policyText=SAFE)
    return changed("team/a", **with_policy(SAFE))


@pytest.mark.parametrize("tells", ["event", "sweep"])
@pytest.mark.parametrize("ends", [fixed, deleted])
def test_the_finding_of_what_ended_while_security_hub_failed_is_closed_by_the_next_sweep(
    world: World,
    ecr: ECRClient,
    request: pytest.FixtureRequest,
    tells: str,
    ends: Callable[[ECRClient], Json],
) -> None:
    world.create("team/a", OPEN)
    world.evaluator.handle(sweep())
    change = ends(ecr)
    broken: pytest.MonkeyPatch = request.getfixturevalue("broken")
    if tells == "sweep":
        world.evaluator.handle(sweep())
    for _ in range(3 if tells == "event" else 0):  # AWS Lambda retries it twice
        with pytest.raises(SecurityHubError, match="`team/a`"):
            world.evaluator.handle(change)
    shown = {"team/a": "COMPLIANT" if ends is fixed else "NOT_APPLICABLE"}
    assert world.shown() == shown, "AWS Config does not wait for Security Hub"
    assert hub() == {"team/a": ("FAILED", "ACTIVE")}
    broken.undo()
    world.evaluator.handle(sweep())
    assert hub() == {"team/a": ("PASSED", "ARCHIVED")}


@pytest.mark.parametrize("first, second", [(OPEN, SAFE), (SAFE, OPEN)])
def test_what_security_hub_was_told_while_config_refused_is_mended_by_the_next_sweep(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, create: Callable[..., None], first: str, second: str
) -> None:
    """AWS Config then shows what is true, and so nothing new."""
    create("team/a", first)
    evaluator.handle(changed("team/a", **with_policy(first)))
    config.refuse("team/a", times=9)
    with pytest.raises(EvaluationsRefusedError):
        evaluator.handle(changed("team/a", **with_policy(second)))
    config.refuse("team/a", times=0)
    evaluator.handle(sweep())
    assert hub() == {"team/a": ("FAILED", "ACTIVE") if first == OPEN else ("PASSED", "ARCHIVED")}


def test_a_hub_that_cannot_be_read_is_told_what_is_new(
    evaluator: CrossAccountEvaluator,
    create: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """For example, the role of a member's account is not yet updated."""
    create("open", OPEN)

    def refuse(*_: object, **__: object) -> None:
        raise JsonRESTError("AccessDeniedException", "as asked")

    with monkeypatch.context() as patched:
        patched.setattr(SecurityHubBackend, "get_findings", refuse)
        assert evaluator.handle(sweep()) == {"NON_COMPLIANT": 1}
    assert f'"{Metric.SECURITY_HUB.value}":1' in capsys.readouterr().out
    assert hub() == {"open": ("FAILED", "ACTIVE")}


def test_a_change_that_security_hub_does_not_take_is_in_config_and_fails(
    evaluator: CrossAccountEvaluator,
    config: FakeConfigService,
    broken: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(SecurityHubError, match=r"`team/a`; .*is not subscribed"):
        evaluator.handle(changed("team/a", **with_policy(OPEN)))
    assert config.results["team/a"]["ComplianceType"] == "NON_COMPLIANT"
    broken.undo()
    evaluator.handle(changed("team/a", **with_policy(OPEN)))
    assert hub() == {"team/a": ("FAILED", "ACTIVE")}


def test_a_members_finding_goes_to_its_own_account(
    evaluator: CrossAccountEvaluator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Security Hub accepts findings only from the account that they are about."""
    monkeypatch.delenv("MOTO_ACCOUNT_ID")  # moto then distinguishes accounts by their credentials
    happened = of_account(changed("team/a", **with_policy(OPEN)), MEMBER)
    parameters = json.dumps({"trustedOrganizations": "none", "ExecutionRoleName": "ecr-reader"})
    evaluator.handle(happened | {"ruleParameters": parameters})
    assert hub() == {}
    role = f"arn:aws:iam::{MEMBER}:role/ecr-reader"
    taken = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="looks")["Credentials"]
    there = boto3.client(
        "securityhub",
        aws_access_key_id=taken["AccessKeyId"],
        aws_secret_access_key=taken["SecretAccessKey"],
        aws_session_token=taken["SessionToken"],
    )
    (found,) = there.get_findings()["Findings"]
    assert found["AwsAccountId"] == MEMBER
    assert found["ProductArn"].endswith(f":{MEMBER}:product/{MEMBER}/default")


def test_nobody_is_told_where_it_is_not_switched_on_or_nobody_records(
    evaluator: CrossAccountEvaluator,
    calls: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    evaluator.handle(changed("team/a", **with_policy(OPEN)) | {"resultToken": "TESTMODE"})
    monkeypatch.delenv(SECURITY_HUB)
    evaluator.handle(changed("team/a", **with_policy(OPEN)))
    assert calls == []
