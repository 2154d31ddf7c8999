"""The state machine that continues sweeps, as in the template."""

from __future__ import annotations

import json
from typing import Any

from ecr_crossaccount.products.rule.continuation import STATE_MACHINE
from ecr_crossaccount.products.rule.outcome import SweepUnfinishedError

from tests.stack.cloudformation import Stack

Json = dict[str, Any]


def task(template: Json) -> Json:
    (found,) = Stack(template).properties("Sweeps")["Definition"]["States"].values()
    return dict(found)


def test_the_function_knows_its_state_machine_and_may_start_it_and_nothing_else(template: Json) -> None:
    stack = Stack(template)
    assert stack.properties("RuleFunction")["Environment"]["Variables"][STATE_MACHINE] == "<Sweeps>"
    (policy,) = stack.properties("RuleFunctionRole")["Policies"]
    (found,) = [one for one in policy["PolicyDocument"]["Statement"] if one.get("Sid") == "GoOnWithSweep"]
    assert (found["Action"], found["Resource"]) == ("states:StartExecution", "<Sweeps>")


def test_the_state_machine_may_invoke_the_function_and_nothing_else(template: Json) -> None:
    stack = Stack(template)
    assert "Policies" not in stack.properties("SweepsRole")
    assert stack.properties("SweepsMayGoOn")["Roles"] == ["<SweepsRole>"]
    (found,) = stack.properties("SweepsMayGoOn")["PolicyDocument"]["Statement"]
    assert (found["Action"], found["Resource"]) == ("lambda:InvokeFunction", "<RuleFunction.Arn>")


def test_it_hands_over_one_part_with_the_functions_whole_time(template: Json) -> None:
    definition = Stack(template).properties("Sweeps")["Definition"]
    assert definition["StartAt"] in definition["States"]
    found = task(template)
    assert found["Resource"] == "arn:aws:states:::lambda:invoke"
    assert found["Parameters"] == {"FunctionName.$": "$.function", "Payload.$": "$.part"}
    assert found["TimeoutSeconds"] > template["Resources"]["RuleFunction"]["Properties"]["Timeout"]
    assert found["End"] is True


def test_a_part_that_fails_is_tried_three_times_and_one_that_lambda_does_not_start_for_a_day(template: Json) -> None:
    unfinished, waiting, failing = task(template)["Retry"]
    assert unfinished == {"ErrorEquals": [SweepUnfinishedError.__name__], "MaxAttempts": 0}
    assert "Lambda.TooManyRequestsException" in waiting["ErrorEquals"]
    assert waiting["IntervalSeconds"] * waiting["MaxAttempts"] == 86_400
    assert waiting["BackoffRate"] == 1
    assert (failing["ErrorEquals"], failing["MaxAttempts"]) == (["States.ALL"], 2)


def test_its_type_keeps_names_and_costs_nothing_while_nothing_happens(template: Json) -> None:
    """Executions of an express state machine have no lasting names. A standard one is the default."""
    assert "StateMachineType" not in Stack(template).properties("Sweeps")
    assert not [one for one in template["Resources"].values() if one["Type"] == "AWS::Lambda::EventSourceMapping"]
    events = template["Resources"]["RuleFunction"]["Properties"].get("Events")
    assert events is None


def test_its_name_has_room_for_that_of_a_stackset(template: Json) -> None:
    name = Stack(template, **{"AWS::StackName": "StackSet-ecr-crossaccount-" + "0" * 36}).properties("Sweeps")
    assert len(name["StateMachineName"]) <= 80


def test_no_definition_has_a_result_token(template: Json) -> None:
    assert "LoggingConfiguration" not in Stack(template).properties("Sweeps")
    assert "resultToken" not in json.dumps(template["Resources"]["Sweeps"])


def test_whoever_operates_it_finds_what_broke_off(template: Json) -> None:
    assert template["Outputs"]["SweepsArn"]["Value"] == {"Ref": "Sweeps"}
