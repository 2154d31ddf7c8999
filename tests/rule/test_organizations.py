from __future__ import annotations

import json
from collections.abc import Callable

import boto3
import pytest
from botocore.exceptions import ClientError
from ecr_crossaccount.products.rule.evaluator import CrossAccountEvaluator
from moto.core.exceptions import JsonRESTError
from moto.organizations.models import OrganizationsBackend

from tests.events import ACCOUNT, MEMBER, event, with_policy
from tests.fakes import FakeConfigService
from tests.rule.test_change import PULL, policy
from tests.wording import sentence

SELF = {"trustedOrganizations": "self"}
TRUSTS_SELF = {"ruleParameters": json.dumps(SELF)}


def members_only(organization: str) -> str:
    return policy("*", PULL, Condition={"StringEquals": {"aws:PrincipalOrgID": organization}})


@pytest.fixture
def lookups(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Record each lookup of the organization."""
    calls: list[str] = []
    real = OrganizationsBackend.describe_organization

    def describe_organization(self: OrganizationsBackend) -> object:
        calls.append("DescribeOrganization")
        return real(self)

    monkeypatch.setattr(OrganizationsBackend, "describe_organization", describe_organization)
    return calls


def refuse(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    def describe_organization(_: OrganizationsBackend) -> None:
        raise JsonRESTError(code, "as asked")

    monkeypatch.setattr(OrganizationsBackend, "describe_organization", describe_organization)


def test_the_own_organization_may_pull(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, organization: str
) -> None:
    evaluator.handle(with_policy(members_only(organization)) | TRUSTS_SELF)
    assert config.results["demodev"]["ComplianceType"] == "COMPLIANT"


@pytest.mark.usefixtures("organization")
def test_another_organization_may_not(evaluator: CrossAccountEvaluator, config: FakeConfigService) -> None:
    evaluator.handle(event("change-organization", **SELF))
    assert "organization o-a1b2c3d4e5" in config.results["team/shared"]["Annotation"]


def test_the_own_organization_is_not_trusted_where_the_parameters_name_others_only(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, organization: str, lookups: list[str]
) -> None:
    parameters = json.dumps({"trustedOrganizations": "o-a1b2c3d4e5"})
    evaluator.handle(with_policy(members_only(organization)) | {"ruleParameters": parameters})
    assert config.results["demodev"]["ComplianceType"] == "NON_COMPLIANT"
    assert lookups == ["DescribeOrganization"]  # to say that it is the own one
    assert sentence("audit.any_account_your") in config.results["demodev"]["Annotation"]


def test_a_finding_does_not_wait_for_the_organization(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(monkeypatch, "TooManyRequestsException")
    evaluator.handle(event("change-organization"))
    assert config.results["team/shared"]["ComplianceType"] == "NON_COMPLIANT"


def test_a_container_does_not_remember_that_the_account_was_in_the_organization(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, organization: str, lookups: list[str]
) -> None:
    evaluator.handle(with_policy(members_only(organization)) | TRUSTS_SELF)
    assert config.results["demodev"]["ComplianceType"] == "COMPLIANT"
    boto3.client("organizations").delete_organization()
    evaluator.handle(with_policy(members_only(organization)) | TRUSTS_SELF)
    assert config.results["demodev"]["ComplianceType"] == "NON_COMPLIANT"
    assert lookups == ["DescribeOrganization"] * 2


def test_a_sweep_looks_it_up_once(
    evaluator: CrossAccountEvaluator, create: Callable[..., None], organization: str, lookups: list[str]
) -> None:
    for name in ("one", "two", "three"):
        create(name, members_only(organization))
    evaluator.handle(event("scheduled", **SELF))
    assert lookups == ["DescribeOrganization"]


def test_each_account_that_is_served_has_an_organization_of_its_own(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, organization: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, asked = OrganizationsBackend.describe_organization, []

    def describe_organization(self: OrganizationsBackend) -> object:
        asked.append(self.account_id)
        if self.account_id == MEMBER:
            raise JsonRESTError("AWSOrganizationsNotInUseException", "as asked")
        return real(self)

    monkeypatch.setattr(OrganizationsBackend, "describe_organization", describe_organization)
    monkeypatch.delenv("MOTO_ACCOUNT_ID")  # moto then distinguishes accounts by their credentials
    monkeypatch.setattr("moto.iam.models.DEFAULT_ACCOUNT_ID", ACCOUNT)
    ours = with_policy(members_only(organization)) | TRUSTS_SELF
    theirs = with_policy(members_only(organization), awsAccountId=MEMBER, ARN=None)
    theirs |= {"accountId": MEMBER, "ruleParameters": json.dumps(SELF | {"ExecutionRoleName": "ecr-reader"})}
    found = []
    for message in (ours, theirs, ours):
        evaluator.handle(message)
        found.append(config.evaluations[-1]["ComplianceType"])
    assert found == ["COMPLIANT", "NON_COMPLIANT", "COMPLIANT"]
    assert asked == [ACCOUNT, MEMBER, ACCOUNT]


def test_a_sweep_sees_that_the_account_is_in_another_organization_now(
    evaluator: CrossAccountEvaluator,
    config: FakeConfigService,
    create: Callable[..., None],
    organization: str,
) -> None:
    create("demodev", members_only(organization))
    evaluator.handle(with_policy(members_only(organization)) | TRUSTS_SELF)
    assert config.results["demodev"]["ComplianceType"] == "COMPLIANT"
    boto3.client("organizations").delete_organization()
    evaluator.handle(event("scheduled", **SELF))
    assert config.results["demodev"]["ComplianceType"] == "NON_COMPLIANT"


def test_a_repository_without_policy_needs_no_lookup(evaluator: CrossAccountEvaluator, lookups: list[str]) -> None:
    evaluator.handle(event("change-no-policy"))
    assert lookups == []


def test_an_account_outside_organizations_trusts_none(
    evaluator: CrossAccountEvaluator, config: FakeConfigService
) -> None:
    evaluator.handle(event("change-organization", **SELF))
    assert config.results["team/shared"]["ComplianceType"] == "NON_COMPLIANT"
    assert "trusts nobody" not in config.results["team/shared"]["Annotation"]


def test_a_refused_lookup_trusts_nobody_and_says_so(
    evaluator: CrossAccountEvaluator,
    config: FakeConfigService,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    refuse(monkeypatch, "AccessDeniedException")
    evaluator.handle(event("change-organization", **SELF))
    said = "`self` trusts nobody: organizations:DescribeOrganization was refused (AccessDeniedException)"
    assert config.results["team/shared"]["ComplianceType"] == "NON_COMPLIANT"
    assert config.results["team/shared"]["Annotation"].endswith(f"; {said}")
    warning, judged, _ = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (warning["level"], warning["message"]) == ("WARN", said.removeprefix("`self` trusts nobody: "))
    assert judged["verdict"]["notes"][-1] == said


def test_a_refused_lookup_is_tried_again_by_the_next_invocation(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, organization: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as denied:
        refuse(denied, "AccessDeniedException")
        evaluator.handle(with_policy(members_only(organization)) | TRUSTS_SELF)
    assert config.results["demodev"]["ComplianceType"] == "NON_COMPLIANT"
    evaluator.handle(with_policy(members_only(organization)) | TRUSTS_SELF)
    assert config.results["demodev"]["ComplianceType"] == "COMPLIANT"


@pytest.mark.parametrize("name", ["change-organization", "scheduled"])
def test_a_hiccup_fails_the_invocation_instead_of_changing_verdicts(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    refuse(monkeypatch, "TooManyRequestsException")
    with pytest.raises(ClientError, match="TooManyRequestsException"):
        evaluator.handle(event(name, **SELF))
    assert config.evaluations == []
