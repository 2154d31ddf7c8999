"""One function for an organization of three accounts and two Regions, as in the central stack and the members'."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import boto3
import handler
import pytest
from botocore.exceptions import ClientError
from ecr_crossaccount.errors import InputError
from ecr_crossaccount.products.rule.evaluator import CrossAccountEvaluator
from ecr_crossaccount.products.rule.rule import CrossAccountRule
from ecr_crossaccount.sources.aws.clients import client_of
from ecr_crossaccount.sources.aws.errors import AccountNotServedError
from moto import mock_aws

from tests.events import ACCOUNT, event, with_policy
from tests.events import REGION as RECORDED
from tests.organization.cloud import REGIONS, Organization, client_in
from tests.organization.members import ConfigOfAccounts, config_of, keep_trust, token_of, trusts
from tests.organization.releases import Release
from tests.pauses import skip_pauses
from tests.rule.registry import OPEN
from tests.rule.test_dictated import EXPLOITS
from tests.stack.cloudformation import Stack
from tests.wording import sentence

Json = dict[str, Any]

CENTRAL = "123456789012"
"""moto's account for credentials that it has not given out."""
NAMES = ("a", "b", "c")
WITHOUT_ROLE = "new"
"""A member that the StackSet has not reached yet."""


@dataclass(frozen=True, slots=True)
class Organized:
    """The members, each one's AWS Config, the function of each Region, and the roles that it requests."""

    accounts: Mapping[str, str]
    config: ConfigOfAccounts
    assumed: list[str]
    variables: Mapping[str, str]
    environment: pytest.MonkeyPatch

    def invoke(self, message: Json, region: str) -> object:
        """Let the function of a Region answer in a new container."""
        self.environment.setenv("AWS_REGION", region)
        self.environment.setenv("AWS_DEFAULT_REGION", region)
        client_of.cache_clear()
        return CrossAccountEvaluator(CrossAccountRule(), members=handler.served_members()).handle(message)

    def of(self, name: str, message: Json, region: str = RECORDED) -> Json:
        """Return an event as AWS Config of a member sends it."""
        account = self.accounts.get(name, name)
        text = json.dumps(message).replace(ACCOUNT, account).replace(RECORDED, region)
        moved: Json = json.loads(text) | {"resultToken": token_of((account, region))}
        return moved


@pytest.fixture(scope="module")
def everything(made: Release) -> Iterator[Organized]:
    with pytest.MonkeyPatch.context() as patch:
        yield from founded(made, patch)


@pytest.fixture
def organized(everything: Organized) -> Iterator[Organized]:
    """The organization, without earlier calls."""
    everything.assumed.clear()
    for service in everything.config.services.values():
        service.calls.clear()
        service.evaluations.clear()
    with everything.environment.context() as patch:
        yield replace(everything, environment=patch)


def founded(made: Release, monkeypatch: pytest.MonkeyPatch) -> Iterator[Organized]:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": RECORDED,
        "AWS_LAMBDA_FUNCTION_NAME": "central",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("MOTO_ACCOUNT_ID", raising=False)  # moto distinguishes accounts by their credentials
    skip_pauses(monkeypatch)
    with mock_aws():
        organization = Organization.founded(*NAMES, WITHOUT_ROLE)
        accounts = organization.accounts
        caller = f"arn:aws:iam::{CENTRAL}:role/ecr-crossaccount-rule-{RECORDED}"
        assumed = keep_trust(monkeypatch, caller, organization.id)
        with config_of((account, region) for account in accounts.values() for region in REGIONS) as config:
            monkeypatch.setenv("AWS_ENDPOINT_URL_CONFIG_SERVICE", config.url)
            for name in NAMES:
                give_role(made, accounts[name], organization)
            stack = central(made, organization)
            variables = stack.properties("RuleFunction")["Environment"]["Variables"]
            served = stack.properties("ServedAccounts")
            for region in REGIONS:
                boto3.client("ssm", region_name=region).put_parameter(
                    **{name: served[name] for name in ("Name", "Type", "Value")}
                )
            for name, value in variables.items():
                monkeypatch.setenv(name, value)
            yield Organized(accounts, config, assumed, variables, monkeypatch)


def central(made: Release, organization: Organization, **chosen: str) -> Stack:
    members = ",".join(organization.accounts.values())
    pseudo = {"AWS::AccountId": CENTRAL, "OrganizationId": organization.id, "MemberAccounts": members}
    names = {"ServedAccounts": "/ecr-crossaccount-served-accounts"}
    return Stack(made.template("central"), names, **pseudo, TrustedAccounts="222233334444", **chosen)


def give_role(made: Release, account: str, organization: Organization) -> None:
    """Deploy the template of a member's role, as the StackSet does."""
    chosen = {"CentralAccount": CENTRAL, "OrganizationId": organization.id, "Regions": ",".join(REGIONS)}
    client_in(account, "cloudformation").create_stack(
        StackName="roles",
        TemplateBody=made.stored("member-roles").content.decode(),
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in chosen.items()],
    )


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("name", NAMES)
def test_a_members_change_is_judged_with_its_role_and_shown_in_its_config(
    organized: Organized, name: str, region: str
) -> None:
    organized.invoke(organized.of(name, with_policy(OPEN), region), region)
    account = organized.accounts[name]
    assert organized.config.shown() == {(account, region): {"demodev": "NON_COMPLIANT"}}
    assert organized.assumed == [f"arn:aws:iam::{account}:role/ecr-crossaccount-evaluation"]


@pytest.mark.parametrize("region", REGIONS)
def test_a_schedule_judges_a_members_own_repositories(organized: Organized, region: str) -> None:
    for name in NAMES:
        ecr = client_in(organized.accounts[name], "ecr", region)
        ecr.create_repository(repositoryName=f"of-{name}")
        ecr.set_repository_policy(repositoryName=f"of-{name}", policyText=OPEN)
    for name in NAMES:
        organized.invoke(organized.of(name, event("scheduled"), region), region)
    assert organized.config.shown() == {
        (organized.accounts[name], region): {f"of-{name}": "NON_COMPLIANT"} for name in NAMES
    }


def test_all_members_are_judged_by_the_central_sides_trust(organized: Organized) -> None:
    policy = OPEN.replace('"*"', '{"AWS": "222233334444"}', 1).replace("ecr:*", "ecr:BatchGetImage")
    organized.invoke(organized.of("a", with_policy(policy)), RECORDED)
    assert organized.config.shown() == {(organized.accounts["a"], RECORDED): {"demodev": "COMPLIANT"}}


@pytest.mark.parametrize("parameters", EXPLOITS, ids=lambda value: next(iter(value)))
def test_a_members_laxer_rule_gets_nothing(organized: Organized, parameters: dict[str, object]) -> None:
    lax = with_policy(OPEN) | {"ruleParameters": json.dumps(parameters), "configRuleName": "lax"}
    with pytest.raises(InputError, match=re.escape(sentence("parameters.rule_lax_own"))):
        organized.invoke(organized.of("a", lax), RECORDED)
    assert (organized.config.calls(), organized.assumed) == ([], [])


def test_a_members_rule_cannot_ask_about_another_member(organized: Organized) -> None:
    theirs = organized.of("a", with_policy(OPEN)) | {"resultToken": token_of((organized.accounts["b"], RECORDED))}
    with pytest.raises(ClientError, match="InvalidResultToken"):
        organized.invoke(theirs, RECORDED)
    assert organized.config.shown() == {}


@pytest.mark.parametrize("account", ["999988887777", CENTRAL])
def test_an_account_that_is_not_listed_is_refused(organized: Organized, account: str) -> None:
    with pytest.raises(AccountNotServedError, match=f"about account `{account}`"):
        organized.invoke(organized.of(account, with_policy(OPEN)), RECORDED)
    assert (organized.config.calls(), organized.assumed) == ([], [])


def test_a_missing_role_is_an_error_that_names_the_account_and_others_go_on(
    organized: Organized, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ClientError, match="AssumeRole"):
        organized.invoke(organized.of(WITHOUT_ROLE, event("scheduled")), RECORDED)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (failed,) = [line for line in lines if line["level"] == "ERROR"]
    assert failed["account"] == organized.accounts[WITHOUT_ROLE]
    assert "AssumeRole" in failed["reason"]
    organized.invoke(organized.of("b", with_policy(OPEN)), RECORDED)
    assert list(organized.config.shown()) == [(organized.accounts["b"], RECORDED)]


@pytest.mark.parametrize(
    "caller, organization",
    [
        ("arn:aws:iam::999988887777:role/ecr-crossaccount-rule-eu-central-1", "o-same"),
        ("arn:aws:iam::123456789012:role/administrator", "o-same"),
        ("arn:aws:iam::123456789012:role/my-ecr-crossaccount-rule-eu-central-1", "o-same"),
        ("arn:aws:iam::123456789012:user/ecr-crossaccount-rule-eu-central-1", "o-same"),
        ("arn:aws:iam::123456789012:role/ecr-crossaccount-rule-eu-central-1", "o-other"),
    ],
)
def test_nobody_else_gets_a_members_role(made: Release, caller: str, organization: str) -> None:
    template = json.loads(made.stored("member-roles").content)
    stack = Stack(template, CentralAccount=CENTRAL, OrganizationId="o-same", Regions="eu-central-1")
    policy = stack.properties("EvaluationRole")["AssumeRolePolicyDocument"]
    assert trusts(policy, f"arn:aws:iam::{CENTRAL}:role/ecr-crossaccount-rule-us-east-1", "o-same")
    assert not trusts(policy, caller, organization)


def test_the_function_is_told_what_it_needs(organized: Organized) -> None:
    parameters = json.loads(organized.variables["RULE_PARAMETERS"])
    assert parameters["ExecutionRoleName"] == "ecr-crossaccount-evaluation"
    assert parameters["trustedAccounts"] == "222233334444"
    assert organized.variables["METRICS_BY"] == "FunctionName"
    assert boto3.client("sts").get_caller_identity()["Account"] == CENTRAL
