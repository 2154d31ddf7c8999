"""The queue of continued sweeps, as in the template."""

from __future__ import annotations

from typing import Any

from ecr_crossaccount.config_rule.continuation import QUEUE_URL

Json = dict[str, Any]


def properties(template: Json, name: str) -> Json:
    found: Json = template["Resources"][name]["Properties"]
    return found


def attribute(name: str, what: str) -> Json:
    return {"Fn::GetAtt": [name, what]}


def statement(template: Json, sid: str) -> Json:
    (policy,) = properties(template, "RuleFunctionRole")["Policies"]
    (found,) = [one for one in policy["PolicyDocument"]["Statement"] if one.get("Sid") == sid]
    return dict(found)


def test_the_function_knows_its_queue_and_nobody_elses(template: Json) -> None:
    assert properties(template, "RuleFunction")["Environment"]["Variables"][QUEUE_URL] == {"Ref": "SweepQueue"}
    assert statement(template, "GoOnWithSweep")["Resource"] == attribute("SweepQueue", "Arn")


def test_lambda_hands_over_one_message_at_a_time(expanded: Json) -> None:
    (mapping,) = [one for one in expanded["Resources"].values() if one["Type"] == "AWS::Lambda::EventSourceMapping"]
    assert mapping["Properties"] == {
        "BatchSize": 1,
        "EventSourceArn": attribute("SweepQueue", "Arn"),
        "FunctionName": {"Ref": "RuleFunction"},
    }


def test_messages_are_in_order_and_encrypted_at_rest_and_under_way(template: Json) -> None:
    for name in ("SweepQueue", "SweepDeadLetters"):
        assert properties(template, name)["FifoQueue"] is True
        assert properties(template, name)["SqsManagedSseEnabled"] is True
        denied, *_ = properties(template, f"{name}Policy")["PolicyDocument"]["Statement"]
        assert (denied["Effect"], denied["Principal"], denied["Action"]) == ("Deny", "*", "sqs:*")
        assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_a_statement_of_a_queues_policy_names_that_queue_alone_or_sqs_refuses_it(template: Json) -> None:
    policies = [
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::SQS::QueuePolicy"
    ]
    queues = [name for name, resource in template["Resources"].items() if resource["Type"] == "AWS::SQS::Queue"]
    assert sorted(queue["Ref"] for policy in policies for queue in policy["Queues"]) == sorted(queues)
    for policy in policies:
        (queue,) = policy["Queues"]
        for one in policy["PolicyDocument"]["Statement"]:
            assert one["Resource"] == attribute(queue["Ref"], "Arn")


def test_whoever_operates_it_finds_what_broke_off(template: Json) -> None:
    assert template["Outputs"]["SweepDeadLettersUrl"]["Value"] == {"Ref": "SweepDeadLetters"}


def test_nobody_but_the_function_writes_a_message(template: Json) -> None:
    _, denied = properties(template, "SweepQueuePolicy")["PolicyDocument"]["Statement"]
    assert denied == {
        "Sid": "OnlyTheFunctionSends",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:SendMessage",
        "Resource": attribute("SweepQueue", "Arn"),
        "Condition": {"ArnNotEquals": {"aws:PrincipalArn": attribute("RuleFunctionRole", "Arn")}},
    }


def test_a_message_is_not_handed_over_again_while_the_function_may_be_at_it(template: Json) -> None:
    timeout = properties(template, "RuleFunction")["Timeout"]
    assert properties(template, "SweepQueue")["VisibilityTimeout"] >= 6 * timeout


def test_a_message_that_cannot_be_dealt_with_is_kept_and_an_alarm_raised(template: Json) -> None:
    assert properties(template, "SweepQueue")["RedrivePolicy"] == {
        "deadLetterTargetArn": attribute("SweepDeadLetters", "Arn"),
        "maxReceiveCount": 3,
    }
    days = {
        properties(template, name)["MessageRetentionPeriod"] / 86_400 for name in ("SweepQueue", "SweepDeadLetters")
    }
    assert days == {14}
    alarm = properties(template, "SweepBrokeOff")
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": attribute("SweepDeadLetters", "QueueName")}]
    assert (alarm["MetricName"], alarm["Threshold"]) == ("ApproximateNumberOfMessagesVisible", 0)
    assert (alarm["ComparisonOperator"], alarm["TreatMissingData"]) == ("GreaterThanThreshold", "notBreaching")
