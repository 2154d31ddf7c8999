"""A function for many accounts: the parameters that it uses, and the events that it answers."""

from __future__ import annotations

import json
import re

import pytest
from ecr_crossaccount.errors import InputError
from ecr_crossaccount.products.rule.evaluator import CrossAccountEvaluator
from ecr_crossaccount.products.rule.rule import CrossAccountRule
from ecr_crossaccount.sources.aws.errors import AccountNotServedError

from tests.events import MEMBER, event, of_account
from tests.fakes import FakeConfigService
from tests.rule.registry import OPEN, World
from tests.rule.relay import Relay
from tests.wording import sentence

OURS = {"trustedOrganizations": "none", "trustedAccounts": "222233334444", "trustedServices": ""}
EXPLOITS = [
    {"trustedAccounts": "999988887777"},
    {"trustedAccounts": "222233334444,999988887777"},
    {"trustedOrganizations": "o-a1b2c3d4e5"},
    {"trustedServices": "lambda.amazonaws.com"},
    {"trustRegister": "s3://mine/register.yaml"},
    {"ExecutionRoleName": "my-role"},
    {"AssumeRoleMode": "false"},
    {"AssumeRoleMode": False},
    {"ExecutionRoleRegion": "us-east-1"},
    {"anything": "else"},
]


def pulled_by(account: str) -> str:
    return OPEN.replace('"*"', json.dumps({"AWS": account}), 1).replace("ecr:*", "ecr:BatchGetImage")


@pytest.fixture(autouse=True)
def dictated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RULE_PARAMETERS", json.dumps(OURS))


@pytest.mark.parametrize("name", ["change-policy-text", "scheduled", "oversized"])
@pytest.mark.parametrize("parameters", EXPLOITS, ids=lambda value: next(iter(value)))
def test_a_rule_with_other_parameters_gets_nothing(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, name: str, parameters: dict[str, object]
) -> None:
    (wanted,) = parameters
    with pytest.raises(InputError, match=f"has its own parameters: `{wanted}`; .* remove them"):
        evaluator.handle(event(name, **{**OURS, **parameters}))
    assert config.calls == []


@pytest.mark.parametrize("parameters", [{}, OURS, {"trustedAccounts": "222233334444"}, {"trustedAccounts": ""}])
def test_a_rule_that_leaves_them_out_or_repeats_them_is_judged_by_ours(
    world: World, parameters: dict[str, str]
) -> None:
    world.create("theirs", pulled_by("222233334444"))
    world.create("strangers", pulled_by("333344445555"))
    world.sweep(**parameters)
    assert world.shown() == {"theirs": "COMPLIANT", "strangers": "NON_COMPLIANT"}


@pytest.mark.parametrize("text", ["", "{", "[]", '"all"'])
def test_what_cannot_be_read_dictates_that_nothing_is_judged(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("RULE_PARAMETERS", text)
    with pytest.raises(InputError, match=re.escape(sentence("parameters.rule_parameters_function"))):
        evaluator.handle(event("scheduled"))
    assert config.calls == []


def test_a_sweep_goes_on_by_the_parameters_that_count_by_then(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    relay = Relay(world, monkeypatch)
    world.create("theirs", pulled_by("222233334444"))
    world.evaluator.handle(event("scheduled"), relay.over_at("describe_repositories"))
    assert world.shown() == {}
    monkeypatch.setenv("RULE_PARAMETERS", json.dumps(OURS | {"trustedAccounts": ""}))
    assert relay.run_out() == 1
    assert world.shown() == {"theirs": "NON_COMPLIANT"}


class Known:
    """An organization with one member, and another account that is suspended."""

    def in_use(self) -> frozenset[str]:
        return frozenset({MEMBER})

    def refusal(self, account: str) -> str | None:
        return {MEMBER: None, "777788889999": "it is suspended"}.get(
            account, sentence("reasons.no_member_organization")
        )


@pytest.fixture
def shared(pauses: list[float]) -> CrossAccountEvaluator:
    """A function that knows the members of its organization."""
    return CrossAccountEvaluator(CrossAccountRule(), pause=pauses.append, members=Known())


def test_a_member_is_served_without_being_listed(
    shared: CrossAccountEvaluator, config: FakeConfigService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SERVED_ACCOUNTS")
    shared.handle(of_account(event("change-policy-text"), MEMBER))
    assert list(config.results) == ["demodev"]


@pytest.mark.parametrize(
    "account, why",
    [
        ("777788889999", sentence("served.not_served_suspended")),
        ("111122223333", sentence("served.not_served_no_member")),
        (None, sentence("record.about_account_none")),
        ([MEMBER], "which is not an account"),
        (f"{MEMBER} ", "which is not an account"),
    ],
)
def test_an_account_that_is_no_member_in_use_is_refused(
    shared: CrossAccountEvaluator, config: FakeConfigService, account: object, why: str
) -> None:
    with pytest.raises(AccountNotServedError, match=why):
        shared.handle(event("change-policy-text") | {"accountId": account})
    assert config.calls == []


def test_the_metrics_of_all_accounts_are_the_functions(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METRICS_BY", "FunctionName")
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "central")
    world.sweep()
    (line,) = [line for line in world.log() if "_aws" in line]
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive["Dimensions"] == [["FunctionName"]]
    assert (line["FunctionName"], line["AccountId"], line["SweepsCompleted"]) == ("central", "111122223333", 1)
