"""Requests as AWS's syntax block has them, which differs from its example, and requests that nobody expects.

https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/lambda-hooks-create-lambda-function.html
"""

from __future__ import annotations

import json
from types import ModuleType
from typing import Any

import pytest
from ecr_crossaccount.products.hook.evaluation import evaluate
from ecr_crossaccount.sources.register.lists import TrustNow

from tests.events.hook import load
from tests.hook.limits import assert_within_limits
from tests.hook.test_change_sets import EVENT, SETTINGS, behind, payload
from tests.hook.test_deadline import Invocation, entry
from tests.hook.test_evaluation import BROKEN, FINE, OPEN, asked, outcome, trust
from tests.wording import sentence

__all__ = ["entry"]

Json = dict[str, Any]


def by_the_syntax_block(event: Json) -> Json:
    """Return the request for a change set as the syntax block spells it."""
    named = {"clientRequestToken": "clientRequesttoken", "awsAccountId": "awsAccountID", "stackId": "stackID"}
    return {named.get(name, name): value for name, value in event.items() if name != "actionInvocationPoint"}


def test_a_change_set_by_the_syntax_block_is_judged() -> None:
    event = by_the_syntax_block(EVENT)
    answer = evaluate(event, SETTINGS, TrustNow(trust()), behind(payload("changed")))
    assert_within_limits(answer)
    assert outcome(answer) == OPEN
    assert answer["clientRequestToken"] == EVENT["clientRequestToken"]
    assert answer == evaluate(EVENT, SETTINGS, TrustNow(trust()), behind(payload("changed")))


@pytest.mark.parametrize("point", ["", "x", "PRE_PROVISION", 7])
def test_a_change_set_with_another_point_is_not_fine(point: object) -> None:
    event = EVENT | {"actionInvocationPoint": point}
    answer = evaluate(event, SETTINGS, TrustNow(trust()), behind(payload("changed")))
    assert outcome(answer) == BROKEN


def test_a_resource_without_a_point_is_not_fine() -> None:
    event = load("repository-create-own")
    del event["actionInvocationPoint"]
    assert outcome(asked(event)) == BROKEN


def deleted(name: str, properties: object, previous: object) -> Json:
    event = load(name)
    event["requestData"]["targetModel"] = {"resourceProperties": properties, "previousResourceProperties": previous}
    return event


ALLOWS = {
    "PolicyText": {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "222233334444"},
                "Action": "ecr:ReplicateImage",
                "Resource": "arn:aws:ecr:eu-central-1:111122223333:repository/*",
            }
        ],
    }
}
DENIES = json.loads(json.dumps(ALLOWS).replace('"Allow"', '"Deny"').replace('{"AWS": "222233334444"}', '"*"'))


@pytest.mark.parametrize("properties", [{}, None])
def test_of_a_resource_that_is_deleted_the_previous_properties_count(properties: object) -> None:
    """For a deleted resource, resourceProperties "will be empty"."""
    assert outcome(asked(deleted("registry-policy-delete", properties, ALLOWS))) == FINE
    assert outcome(asked(deleted("registry-policy-delete", properties, DENIES))) == OPEN
    assert outcome(asked(deleted("registry-policy-delete", ALLOWS, None))) == FINE
    assert outcome(asked(deleted("registry-policy-delete", properties, None))) == BROKEN
    assert outcome(asked(deleted("registry-policy-delete", properties, {}))) == BROKEN
    assert outcome(asked(deleted("repository-delete", properties, None))) == FINE


@pytest.mark.parametrize("event", [None, [], "", "x", 7, 1.5, True, [load("repository-create-own")]])
def test_an_event_that_is_no_object_is_answered(entry: ModuleType, event: object) -> None:
    answer = entry.lambda_handler(event, Invocation())
    assert outcome(answer) == BROKEN
    assert "is not an object" in answer["message"]
    assert "clientRequestToken" not in answer
    assert_within_limits(answer, 1024)


def tangled(number: int) -> Json:
    """Return a change set with a template whose resources name each other."""
    names = [f"R{one}" for one in range(number)]
    policy = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "ecr:*"}]}
    resources = {
        name: {
            "Type": "AWS::ECR::Repository",
            "DependsOn": after,
            "Properties": {"RepositoryName": {"Fn::Sub": f"${{{after}}}-x"}, "RepositoryPolicyText": policy},
        }
        for name, after in zip(names, [*names[1:], names[0]], strict=True)
    }
    changes = [
        {"logicalResourceId": name, "resourceType": "AWS::ECR::Repository", "action": "CREATE"} for name in names
    ]
    return {"template": json.dumps({"Resources": resources}), "changedResources": changes}


@pytest.mark.parametrize("error", [RecursionError, ValueError, KeyError, MemoryError])
def test_whatever_goes_wrong_there_is_an_answer_with_the_token(
    entry: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: type[Exception]
) -> None:
    def wrong(*_: object) -> object:
        raise error("unforeseen")

    monkeypatch.setattr(entry, "evaluate", wrong)
    event = load("repository-create-own")
    answer = entry.lambda_handler(event, Invocation())
    assert outcome(answer) == BROKEN
    assert answer["clientRequestToken"] == event["clientRequestToken"]
    assert answer["message"] == sentence("evaluation.request_cannot_judged", name=error.__name__)
    assert_within_limits(answer)
    traced, line = map(json.loads, capsys.readouterr().out.splitlines()[-2:])
    assert error.__name__ in traced["traceback"]
    assert (line["level"], line["answer"]) == ("ERROR", answer)


def test_resources_that_name_each_other_are_answered(entry: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    content = tangled(200)

    def judge(event: Json, *_: object) -> object:
        return evaluate(event, SETTINGS, TrustNow(trust()), behind(content))

    monkeypatch.setattr(entry, "evaluate", judge)
    answer = entry.lambda_handler(EVENT, Invocation())
    assert answer["hookStatus"] == "FAILED"
    assert answer["clientRequestToken"] == EVENT["clientRequestToken"]
    assert_within_limits(answer)
