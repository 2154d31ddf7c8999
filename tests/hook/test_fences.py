"""Removed Denies of a registry policy. What they denied is unknown here, so the change is not fine."""

from __future__ import annotations

from typing import Any

import pytest

from tests.events.hook import load, with_properties
from tests.hook.test_evaluation import BROKEN, FINE, OPEN, asked, outcome
from tests.wording import sentence

Json = dict[str, Any]

FENCE = load("registry-policy-delete")["requestData"]["targetModel"]["resourceProperties"]["PolicyText"]["Statement"][0]
NETWORK = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "ecr:*",
    "Resource": "*",
    "Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-0123456789abcdef0"}},
}


def policy(*statements: Json) -> Json:
    return {"PolicyText": {"Version": "2012-10-17", "Statement": list(statements)}}


def changed(old: Json | None, new: Json) -> Json:
    return asked(with_properties("registry-policy-update", new, old))


def test_a_deleted_registry_policy_takes_its_denies_along() -> None:
    answer = asked(load("registry-policy-delete"))
    assert outcome(answer) == OPEN
    assert answer["message"] == sentence("opening.registry_whether_policies")


def test_a_deleted_registry_policy_that_denies_nothing_opens_nothing() -> None:
    event = load("registry-policy-delete")
    event["requestData"]["targetModel"] = load("registry-policy-create")["requestData"]["targetModel"]
    assert outcome(asked(event)) == FINE


def test_a_deny_that_goes_is_not_fine() -> None:
    assert outcome(changed(policy(FENCE, NETWORK), policy(FENCE))) == OPEN
    assert outcome(changed(policy(NETWORK, FENCE), policy(FENCE))) == OPEN
    assert outcome(changed(policy(NETWORK, FENCE), policy())) == OPEN


def test_a_deny_that_stays_or_comes_is_fine() -> None:
    assert outcome(changed(policy(NETWORK), policy(FENCE, NETWORK | {"Sid": "Renamed"}))) == FINE
    assert outcome(changed(policy(), policy(NETWORK))) == FINE
    assert outcome(changed(None, policy(NETWORK))) == BROKEN


def test_a_deny_is_not_missed_where_nobody_outside_gets_past_the_others() -> None:
    everybody = {"Effect": "Deny", "Principal": "*", "Action": "ecr:*", "Resource": "*"}
    assert outcome(changed(policy(NETWORK), policy(everybody))) == FINE
    assert outcome(changed(policy(NETWORK), policy(everybody | {"Action": "ecr:Batch*"}))) == OPEN


@pytest.mark.parametrize("text", ["{", {"Statement": [{"Effect": "Deny"}]}, "{{resolve:ssm:/registry}}"])
def test_a_policy_whose_denies_cannot_be_read_is_not_fine(text: object) -> None:
    assert outcome(changed({"PolicyText": text}, policy(FENCE))) == BROKEN


@pytest.mark.parametrize("model", [None, {}, {"resourceProperties": None}, {"resourceProperties": {}}])
def test_a_deletion_that_does_not_say_what_is_deleted_is_not_fine(model: object) -> None:
    event = load("registry-policy-delete")
    event["requestData"]["targetModel"] = model
    assert outcome(asked(event)) == BROKEN


def test_a_deleted_repository_need_not_say_what_it_was_like() -> None:
    event = load("repository-delete")
    event["requestData"]["targetModel"] = None
    assert outcome(asked(event)) == FINE
