"""Every account of an organization, read with a role, and several aggregators."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from ecr_crossaccount.products.audit import sources

from tests.audit.conftest import EVERYBODY_MAY_ALL, REGION, SAFE, row
from tests.cli.conftest import Run, Write
from tests.cli.conftest import write as write  # noqa: PLC0414 - a fixture, for the tests here
from tests.fakes import FakeConfigService
from tests.wording import sentence

MINE = "123456789012"
"""The account of the environment's credentials if moto is not told otherwise."""
AUDIT = ("audit", "role:path/Audit", "--format", "json")
_CALL = "_make_api_call"


def client_in(account: str, service: str, region: str = REGION) -> Any:  # noqa: ANN401 - of any service
    """Return a client in another account of moto."""
    arn = f"arn:aws:iam::{account}:role/any"
    found = boto3.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    session = boto3.Session(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"], region)
    return session.client(service)  # type: ignore[call-overload]


@pytest.fixture
def accounts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """An organization of MINE and two more accounts, with a repository each.

    The second account's is open to everyone.
    """
    monkeypatch.delenv("MOTO_ACCOUNT_ID")
    organizations = boto3.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    made = [
        organizations.create_account(Email=f"{name}@example.com", AccountName=name)["CreateAccountStatus"]["AccountId"]
        for name in ("one", "two")
    ]
    for account, policy in zip([MINE, *made], [SAFE, json.dumps(EVERYBODY_MAY_ALL), SAFE], strict=True):
        ecr = boto3.client("ecr") if account == MINE else client_in(account, "ecr")
        ecr.create_repository(repositoryName="app")
        ecr.set_repository_policy(repositoryName="app", policyText=policy)
    return made


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """The calls that are made: their operations and parameters."""
    made: list[tuple[str, dict[str, Any]]] = []
    before: Callable[..., object] = getattr(BaseClient, _CALL)

    def call(client: BaseClient, name: str, parameters: dict[str, Any]) -> object:
        made.append((name, parameters))
        return before(client, name, parameters)

    monkeypatch.setattr(BaseClient, _CALL, call)
    return made


def results(answer: Any) -> dict[str, str]:  # noqa: ANN401 - JSON
    return {one["account"]: one["compliance"] for one in answer["repositories"]}


def test_every_account_is_read_its_own_without_the_role(
    run: Run, accounts: list[str], calls: list[tuple[str, dict[str, Any]]]
) -> None:
    answer = run(*AUDIT, "ECR_CROSSACCOUNT_EXTERNAL_ID=shared")
    assert (answer.status, answer.json["errors"]) == (1, [])
    one, two = accounts
    assert results(answer.json) == {MINE: "COMPLIANT", one: "NON_COMPLIANT", two: "COMPLIANT"}
    assert answer.json["audited"]["source"] == sentence("sources.amazon_ecr_role")
    assumed = [parameters for name, parameters in calls if name == "AssumeRole"]
    assert {one["RoleArn"] for one in assumed} == {f"arn:aws:iam::{account}:role/path/Audit" for account in accounts}
    assert {one["ExternalId"] for one in assumed} == {"shared"}
    (policy,) = {one["Policy"] for one in assumed}
    (allowed,) = json.loads(policy)["Statement"]
    read = {name for name, _ in calls if name.startswith(("Describe", "Get", "List"))}
    of_ecr = {name.removeprefix("ecr:") for name in allowed["Action"]}
    assert read - {"GetCallerIdentity", "ListAccounts", "DescribeOrganization"} <= of_ecr


def test_each_account_and_region_that_cannot_be_read_is_an_error_and_the_others_are_judged(
    run: Run, accounts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before: Callable[..., object] = getattr(BaseClient, _CALL)
    one, two = accounts

    def call(client: BaseClient, name: str, parameters: dict[str, Any]) -> object:
        if name == "AssumeRole" and one in parameters["RoleArn"]:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no such role"}}, name)
        if name == "DescribeRepositories" and client.meta.region_name == "us-east-1":
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "by an SCP"}}, name)
        return before(client, name, parameters)

    monkeypatch.setattr(BaseClient, _CALL, call)
    answer = run(*AUDIT, "--region", REGION, "--region", "us-east-1")
    assert answer.status == 3
    assert results(answer.json) == {MINE: "COMPLIANT", two: "COMPLIANT"}
    errors = {(error["account"], error["region"]): error["reason"] for error in answer.json["errors"]}
    assert set(errors) == {(one, None), (MINE, "us-east-1"), (two, "us-east-1")}
    assert errors[one, None].startswith(f"account {one}: AssumeRole was refused (AccessDenied): no such role")


def test_without_the_whole_list_of_accounts_nothing_is_audited(
    run: Run, accounts: list[str], refuse: Callable[..., None]
) -> None:
    assert accounts
    refuse("ListAccounts", "AccessDeniedException")
    answer = run(*AUDIT)
    assert (answer.status, answer.out) == (3, "")
    assert sentence("sources.accounts_organization_listaccounts") in answer.err
    assert sentence("sources.give_list_members") in answer.err


def listed(accounts: list[dict[str, str]]) -> dict[str, object]:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"version": 1, "organization": "o-a1b2c3d4e5", "listed": now, "accounts": accounts}


def test_members_of_a_file_are_read_and_those_not_in_use_are_named(
    run: Run, write: Write, accounts: list[str], calls: list[tuple[str, dict[str, Any]]]
) -> None:
    one, two = accounts
    members = write(listed([{"account": one}, {"account": two, "state": "SUSPENDED"}]))
    answer = run(*AUDIT, "--trust", members)
    assert results(answer.json) == {one: "NON_COMPLIANT"}
    assert answer.json["audited"]["source"].endswith(f"in 1 account, without {two}: not in use")
    assert "ListAccounts" not in [name for name, _ in calls]


def test_a_list_that_is_old_is_refused_because_accounts_would_be_missing(run: Run, write: Write) -> None:
    members = write(listed([{"account": MINE}]) | {"listed": "2026-01-01T00:00:00Z"})
    answer = run(*AUDIT, "--trust", members)
    assert (answer.status, sentence("audit.newer_accounts_would") in answer.err) == (3, True)


def test_credentials_of_another_account_are_not_taken_for_its_own(
    run: Run, accounts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = accounts
    before: Callable[..., object] = getattr(BaseClient, _CALL)

    def call(client: BaseClient, name: str, parameters: dict[str, Any]) -> object:
        if name == "AssumeRole":
            parameters = {**parameters, "RoleArn": parameters["RoleArn"].replace(one, two)}
        return before(client, name, parameters)

    monkeypatch.setattr(BaseClient, _CALL, call)
    answer = run(*AUDIT)
    assert answer.status == 3
    assert [(error["account"], error["reason"]) for error in answer.json["errors"]] == [
        (one, sentence("sources.account_credentials_those", one=one, two=two))
    ]


def test_what_nobody_expected_ends_the_audit(run: Run, accounts: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    assert accounts
    monkeypatch.setattr(sources, "read_registry", fail)
    with pytest.raises(ZeroDivisionError):
        run(*AUDIT)


@pytest.mark.parametrize(
    "argv, says",
    [
        ((*AUDIT, "--usage", "30d"), sentence("audit.usage_needs_audit")),
        ((*AUDIT, "--second-opinion", "access-analyzer"), sentence("audit.second_opinion_needs")),
        ((*AUDIT, "--blank-is-none"), "--blank-is-none needs"),
        (("audit", "role:Audit", "aggregator:all"), "do not go together"),
        (("audit", "role:arn:aws:iam::1:role/x"), "is not the name of a role"),
    ],
)
def test_what_does_not_go_together(run: Run, argv: tuple[str, ...], says: str) -> None:
    answer = run(*argv)
    assert (answer.status != 0, says in answer.err) == (True, True)


class TestSeveralAggregators:
    def test_all_are_read_and_each_repository_counts_once(self, run: Run, config: FakeConfigService) -> None:
        config.inventory += [row("one"), row("two", json.dumps(EVERYBODY_MAY_ALL))]
        config.aggregators["more"] = config.aggregators["all"]
        answer = run("audit", "aggregator:all", "aggregator:more", "--format", "json")
        assert [one["name"] for one in answer.json["repositories"]] == ["one", "two"]
        assert answer.json["audited"]["source"] == "aggregators `all`, `more`"

    def test_one_that_cannot_be_read_is_an_error_and_the_other_is_judged(
        self, run: Run, config: FakeConfigService
    ) -> None:
        config.inventory += [row("one")]
        answer = run("audit", "aggregator:none", "aggregator:all", "--format", "json")
        assert (answer.status, [one["name"] for one in answer.json["repositories"]]) == (3, ["one"])
        assert "aggregator `none`: nothing was read" in answer.json["errors"][0]["reason"]

    def test_recordings_that_differ_are_told_apart_by_their_aggregator(
        self, run: Run, config: FakeConfigService
    ) -> None:
        answers = {"all": row("one"), "more": row("one", json.dumps(EVERYBODY_MAY_ALL))}
        config.answers["SelectAggregateResourceConfig"] = lambda asked: {
            "Results": [json.dumps(answers[asked["ConfigurationAggregatorName"]])]
        }
        answer = run("audit", "aggregator:all", "aggregator:more", "--format", "json")
        (one,) = answer.json["repositories"]
        assert one["compliance"] == "NON_COMPLIANT"
        assert "aggregator `all` row 1 (no time), aggregator `more` row 1 (no time)" in one["notes"][-1]
