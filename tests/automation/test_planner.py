"""The answers of the planning function, and when it must not answer."""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ecr_crossaccount import Trust
from ecr_crossaccount.errors import InputError, TrustError
from ecr_crossaccount.products.automation.planner import answer, format_policy, source_of, trust_now
from ecr_crossaccount.sources.aws.clients import client_of
from ecr_crossaccount.sources.register.lists import TrustSource
from moto import mock_aws

from tests.wording import sentence

Json = dict[str, Any]

READER = {"Effect": "Allow", "Principal": {"AWS": "999988887777"}, "Action": "ecr:BatchGetImage"}
ANYBODY = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "ecr:BatchGetImage"}


def trusting(*entries: Json) -> Trust:
    return Trust.parse({"version": 1, "trust": list(entries)})


def request(policy: object, **other: str) -> dict[str, str]:
    return {
        "Task": "plan",
        "Policy": policy if isinstance(policy, str) else json.dumps(policy),
        "Arn": "arn:aws:ecr:eu-central-1:111122223333:repository/team/base",
        "Tags": "[]",
        "Organization": "none",
        "Strategy": "narrow",
        "MinimumSeverity": "LOW",
    } | other


@pytest.mark.parametrize("task", ["plan", "judge"])
def test_without_knowing_the_own_organization_nothing_is_planned_on_it(task: str) -> None:
    unknown = request({"Statement": ANYBODY}, Task=task, Organization="refused")
    with pytest.raises(InputError, match="organizations:DescribeOrganization was refused"):
        answer(unknown, trusting({"organization": "self"}))
    assert answer(unknown, Trust.nobody())["Compliance"] == "NON_COMPLIANT"


def test_the_own_organization_is_what_self_means() -> None:
    told = answer(request({"Statement": ANYBODY}, Organization="o-a1b2c3d4e5"), trusting({"organization": "self"}))
    assert "o-a1b2c3d4e5" in told["Wanted"]


def test_a_task_that_nobody_knows_is_an_error() -> None:
    with pytest.raises(InputError, match="no task `guess`"):
        answer(request("null", Task="guess"), Trust.nobody())


def test_of_a_backup_it_is_said_what_it_opens_and_what_it_takes() -> None:
    other = READER | {"Principal": {"AWS": "222233334444"}}
    told = answer(
        request({"Statement": READER}, Task="restore", Wanted=json.dumps({"Statement": other})), Trust.nobody()
    )
    assert told["Compliance"] == "NON_COMPLIANT"
    assert "222233334444" in told["Report"]
    assert json.loads(told["Cuts"])["cut"] == [{"who": ["999988887777"], "actions": ["ecr:BatchGetImage"]}]


def test_tags_of_the_repository_count() -> None:
    tagged = READER | {"Condition": {"StringEquals": {"aws:ResourceTag/open": "yes"}}}
    tags = json.dumps([{"Key": "open", "Value": "no"}, {"Key": "empty"}])
    assert answer(request({"Statement": tagged}, Tags=tags), Trust.nobody())["Decision"] == "Compliant"


@pytest.mark.parametrize(
    "policy, other, decision",
    [
        ("null", {}, "Compliant"),
        ({"Statement": []}, {}, "Compliant"),
        ({"Statement": READER}, {}, "Change"),
        ({"Statement": READER}, {"MinimumSeverity": "MEDIUM"}, "Change"),
        ({"Statement": READER}, {"MinimumSeverity": "HIGH"}, "BelowSeverity"),
        ("{", {}, "CannotNarrow"),
        ("{", {"Strategy": "delete"}, "Change"),
        ("{", {"Strategy": "delete", "MinimumSeverity": "HIGH"}, "BelowSeverity"),
    ],
)
def test_the_decision(policy: object, other: dict[str, str], decision: str) -> None:
    told = answer(request(policy, **other), Trust.nobody())
    assert told["Decision"] == decision
    assert all(told.values()), "an output of a step is never empty"
    if decision != "Change":
        assert (told["Wanted"], told["Cuts"]) == (request(policy)["Policy"], "{}")


def registry(policy: object, scope: str = "V2", **more: str) -> str:
    return json.dumps({"Policy": json.dumps(policy), "Scope": scope, **more})


OPEN_REGISTRY = {"Statement": ANYBODY | {"Resource": "*"}}
STILL = sentence("left.registry_policy_still_grants_access")


@pytest.mark.parametrize("task", ["judge", "restore"])
def test_a_verdict_says_what_the_registry_policy_leaves_open(task: str) -> None:
    asked = request("null", Task=task, Wanted="null", Registry=registry(OPEN_REGISTRY))
    told = answer(asked, Trust.nobody())
    assert (told["Compliance"], STILL in told["LeftOpen"]) == ("COMPLIANT", True), "of the policy itself"
    assert (STILL in told["Report"]) is (task == "restore")
    assert answer(asked | {"Registry": "{}"}, Trust.nobody())["LeftOpen"] == ""


def test_a_repository_that_only_the_registry_policy_opens_is_not_compliant_and_nothing_can_be_done() -> None:
    told = answer(request("null", Registry=registry(OPEN_REGISTRY)), Trust.nobody())
    assert (told["Decision"], told["Compliance"]) == ("OpenByRegistry", "NON_COMPLIANT")
    assert STILL in told["Report"]
    trusted = trusting({"organization": "self"})
    members = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
    known = registry({"Statement": ANYBODY | {"Resource": "*", "Condition": members}})
    assert answer(request("null", Registry=known, Organization="o-a1b2c3d4e5"), trusted)["Decision"] == "Compliant"


def test_a_plan_says_what_stays_open_by_the_registry_policy() -> None:
    told = answer(request({"Statement": READER}, Registry=registry(OPEN_REGISTRY)), Trust.nobody())
    assert (told["Decision"], told["Compliance"]) == ("Change", "NON_COMPLIANT")
    assert STILL in told["Report"].splitlines()[-1]


@pytest.mark.parametrize(
    "read, says",
    [
        (json.dumps({"Refused": "ecr:GetRegistryPolicy"}), "ecr:GetRegistryPolicy was refused: allow it"),
        (registry(OPEN_REGISTRY, Refused="ecr:GetAccountSetting", scope=""), "role ecr:GetAccountSetting"),
        (registry(OPEN_REGISTRY, scope="V9"), "its scope is unknown"),
    ],
)
def test_what_is_not_known_of_the_registry_policy_is_undecided(read: str, says: str) -> None:
    told = answer(request("null", Registry=read), Trust.nobody())
    assert (told["Decision"], told["Compliance"]) == ("OpenByRegistry", "NON_COMPLIANT")
    assert sentence("left.registry_policy_grants") in told["Report"]
    assert says in told["Report"]


def test_of_the_first_scope_it_does_not_count_for_pulls() -> None:
    read = registry(OPEN_REGISTRY, scope="V1")
    assert answer(request("null", Registry=read), Trust.nobody())["Decision"] == "Compliant"


def test_a_policy_is_written_for_people_where_that_fits() -> None:
    small = {"Statement": [READER]}
    assert format_policy(small) == json.dumps(small, indent=2)
    large = {"Statement": [READER | {"Sid": f"S{number}"} for number in range(90)]}
    assert len(format_policy(large)) <= 10_240 < len(json.dumps(large, indent=2))
    assert json.loads(format_policy(large)) == large


def test_a_long_list_is_cut_and_says_how_much_is_left_out() -> None:
    many = {"Statement": [READER | {"Principal": {"AWS": f"{number:012}"}} for number in range(1, 60)]}
    told = answer(request(many), Trust.nobody())
    record = json.loads(told["Record"])
    assert len(record["verdict"]["grants"]) == 10
    assert record["verdict"]["left_out"] == {"grants": 49}
    assert "and 49 more grants" in told["Report"]
    assert len(json.dumps(told)) < 50_000


def test_the_handler_trusts_whom_the_stacks_parameters_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "RULE_PARAMETERS", json.dumps({"trustedAccounts": "999988887777", "trustedOrganizations": "none"})
    )
    sys.modules.pop("planner", None)
    handler = importlib.import_module("planner")
    assert handler.lambda_handler(request({"Statement": READER}), None)["Decision"] == "Compliant"
    opened = request("null", Registry=registry(OPEN_REGISTRY))
    assert handler.lambda_handler(opened, None)["Decision"] == "OpenByRegistry"
    monkeypatch.setattr(handler, "COUNTS_REGISTRY_POLICY", False)
    assert handler.lambda_handler(opened, None)["Decision"] == "Compliant"
    monkeypatch.setitem(handler.PARAMETERS, "trustedAccounts", "me")
    with pytest.raises(TrustError, match="trustedAccounts"):
        handler.lambda_handler(request({"Statement": READER}), None)


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> Iterator[TrustSource]:
    """Yield the trust of a stack whose register is in a parameter of Systems Manager."""
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    parameters = {"trustRegister": "ssm:/ecr/trust", "trustedOrganizations": "none", "trustedAccounts": "333344445555"}
    with mock_aws():
        yield source_of(parameters, lambda: datetime(2026, 11, 27, tzinfo=UTC))


def publish(value: str) -> None:
    client_of("ssm").put_parameter(Name="/ecr/trust", Type="String", Value=value, Overwrite=True)


def test_a_plan_keeps_whom_the_register_trusts(registered: TrustSource) -> None:
    publish(json.dumps({"version": 1, "trust": [{"account": "999988887777"}]}))
    assert answer(request({"Statement": READER}), trust_now(registered))["Decision"] == "Compliant"
    listed = {"Statement": READER | {"Principal": {"AWS": "333344445555"}}}
    assert answer(request(listed), trust_now(registered))["Decision"] == "Compliant"


@pytest.mark.parametrize("value", ["{", json.dumps({"version": 1, "trust": [{"account": "1"}]})])
def test_by_a_register_that_cannot_be_read_nothing_is_planned(registered: TrustSource, value: str) -> None:
    with pytest.raises(InputError, match=re.escape(sentence("register.trust_register_cannot"))):
        trust_now(registered)
    publish(value)
    with pytest.raises(InputError, match=re.escape(sentence("register.trust_register_cannot_used_2"))):
        trust_now(source_of(registered.parameters, registered.clock))


def test_a_plan_does_not_keep_whom_the_register_no_longer_trusts(registered: TrustSource) -> None:
    others = [{"account": f"{number:012}"} for number in range(3)]
    publish(json.dumps({"version": 1, "trust": [{"account": "999988887777"}, *others]}))
    trust_now(registered)
    publish(json.dumps({"version": 1, "trust": others}))
    assert answer(request({"Statement": READER}), trust_now(registered))["Decision"] == "Change"


def test_after_a_register_is_emptied_nothing_is_planned_until_that_is_confirmed(
    registered: TrustSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(json.dumps({"version": 1, "trust": [{"account": "999988887777"}]}))
    trust_now(registered)
    publish(json.dumps({"version": 1, "trust": []}))
    with pytest.raises(InputError, match=re.escape(sentence("memory.approvals_gone_once"))) as raised:
        trust_now(registered)
    confirmed = str(raised.value).split("SHA-256 ")[1].split()[0]
    assert "RemediationConfirmedRegister" in str(raised.value)
    monkeypatch.setenv("CONFIRMED_REGISTER", confirmed)
    later = source_of(registered.parameters, registered.clock)
    assert answer(request({"Statement": READER}), trust_now(later))["Decision"] == "Change"


def test_by_the_last_good_version_nothing_is_planned_either() -> None:
    """The old version may not have approvals that were added since."""
    moment = datetime(2026, 11, 27, tzinfo=UTC)
    with mock_aws():
        publish(json.dumps({"version": 1, "trust": [{"account": "999988887777"}]}))
        parameters = {"trustRegister": "ssm:/ecr/trust"}
        trusted = source_of(parameters, lambda: moment)
        assert trust_now(trusted).entries
        publish("{")
        moment += timedelta(hours=1)
        with pytest.raises(InputError, match="its version of 2026-11-27T00:00Z counts"):
            trust_now(trusted)
