"""The alarms: they use what Lambda and the function really count, and reach the people that the user names."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.session import Session
from botocore.validate import ParamValidator
from ecr_crossaccount.products.rule.inventory import REMEDIATED
from ecr_crossaccount.sources.aws.metrics import DIMENSIONS, NAMESPACE, Metric

from tests.stack.alarm_states import ALARM, OK, UNKNOWN, Alarm
from tests.stack.cloudformation import Stack

Json = dict[str, Any]
HOURS = {"One_Hour": 1, "Three_Hours": 3, "Six_Hours": 6, "Twelve_Hours": 12, "TwentyFour_Hours": 24}


def alarms(template: Json) -> dict[str, Json]:
    return {
        name: resource["Properties"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    }


def of(template: Json, name: str, **chosen: object) -> Json:
    return Stack(template, **chosen).properties(name)


def made(template: Json, kind: str, **chosen: object) -> list[str]:
    stack = Stack(template, **chosen)
    return [
        name
        for name, one in template["Resources"].items()
        if one["Type"] == kind and ("Condition" not in one or stack.condition(one["Condition"]))
    ]


OF_THE_RULE = ["RuleFails", "RuleIsThrottled", "SomethingIsUndecided", "SweepDidNotRun"]
OF_REGISTER = ["RegisterCannotBeUsed"]
OF_TRUST = ["RegisterCloses", "RegisterHasChanged", "RegisterOpens", "TrustEndsSoon"]
OF_REMEDIATION = ["PlanFails", "RemediationFails"]
OF_CONFIG = ["RemediationIsBlocked"]
ALARM_TYPE = "AWS::CloudWatch::Alarm"


@pytest.mark.parametrize(
    "chosen, expected",
    [
        ({}, OF_THE_RULE),
        ({"TrustRegister": "ssm:/ecr/trust"}, [*OF_THE_RULE, *OF_REGISTER, *OF_TRUST]),
        ({"ResourceControlPolicies": "ssm:/ecr/rcps"}, OF_THE_RULE + OF_REGISTER),
        ({"RequiredStatements": "ssm:/ecr/required"}, OF_THE_RULE + OF_REGISTER),
        ({"TrustRegister": "ssm:/ecr/trust", "Alarms": "One"}, ["SweepDidNotRun"]),
        ({"Remediation": "Manual"}, OF_THE_RULE + OF_REMEDIATION),
        ({"Remediation": "Automatic"}, OF_THE_RULE + OF_REMEDIATION + OF_CONFIG),
        ({"Remediation": "Automatic", "AWS::Region": "mx-central-1"}, OF_THE_RULE + OF_REMEDIATION),
        ({"SecurityHub": "true"}, [*OF_THE_RULE, "FindingsAreNotTaken"]),
        ({"Remediation": "Automatic", "SecurityHub": "true", "Alarms": "One"}, ["SweepDidNotRun"]),
        ({"Remediation": "Automatic", "Alarms": "None"}, []),
    ],
)
def test_there_are_as_many_alarms_as_the_user_pays_for(
    template: Json, chosen: dict[str, object], expected: list[str]
) -> None:
    assert sorted(made(template, ALARM_TYPE, **chosen)) == sorted(expected)
    assert made(template, "AWS::Scheduler::Schedule", **chosen) == (["SweepClock"] if expected else [])


def test_every_metric_is_one_that_somebody_counts_for_this_account_and_rule(template: Json) -> None:
    whose = [{"Name": "AccountId", "Value": "111122223333"}, {"Name": "RuleName", "Value": "<Rule>"}]
    assert tuple(one["Name"] for one in whose) == DIMENSIONS
    ours = {name: of(template, name) for name, alarm in alarms(template).items() if alarm["Namespace"] == NAMESPACE}
    assert {name: alarm["MetricName"] for name, alarm in ours.items()} == {
        "SomethingIsUndecided": Metric.UNDECIDED.value,
        "SweepDidNotRun": Metric.SWEEPS.value,
        "RemediationIsBlocked": Metric.EXCEPTIONS.value,
        "RegisterCannotBeUsed": Metric.REGISTER.value,
        "TrustEndsSoon": Metric.ENDING.value,
        "RegisterHasChanged": Metric.CHANGED.value,
        "RegisterOpens": Metric.OPENS.value,
        "RegisterCloses": Metric.CLOSES.value,
        "FindingsAreNotTaken": Metric.SECURITY_HUB.value,
    }
    assert all(alarm["Dimensions"] == whose for alarm in ours.values())


def test_every_alarm_on_a_function_or_a_queue_is_on_one_of_the_stack(template: Json) -> None:
    watched = {
        name: (alarm["Namespace"], alarm["MetricName"], alarm["Dimensions"][0]["Value"])
        for name, alarm in ((name, of(template, name)) for name in alarms(template))
        if alarm["Namespace"] != NAMESPACE
    }
    assert watched == {
        "RuleFails": ("AWS/Lambda", "Errors", "<RuleFunction>"),
        "RuleIsThrottled": ("AWS/Lambda", "Throttles", "<RuleFunction>"),
        "PlanFails": ("AWS/Lambda", "Errors", "<PlanFunction>"),
        "RemediationFails": ("AWS/SQS", "NumberOfMessagesSent", "<RemediationFailures.QueueName>"),
    }


# --- a missing scheduled run ---


def watching(template: Json, frequency: str) -> Alarm:
    assert set(HOURS) == set(template["Parameters"]["MaximumExecutionFrequency"]["AllowedValues"])
    properties = of(template, "SweepDidNotRun", MaximumExecutionFrequency=frequency)
    assert properties["Period"] == HOURS[frequency] * 3600
    # CloudWatch's longest range: a week if a period is an hour or more.
    assert properties["Period"] * properties["EvaluationPeriods"] <= 7 * 86_400
    return Alarm.of(properties, properties["Period"])


def clock(template: Json, frequency: str, until: float, start: float = 60) -> list[tuple[float, float]]:
    """Return the data of the schedule, from the creation of the stack on."""
    schedule = of(template, "SweepClock", MaximumExecutionFrequency=frequency)
    number, unit = schedule["ScheduleExpression"].removeprefix("rate(").removesuffix(")").split()
    period = int(number) * {"minutes": 60, "hours": 3600}[unit]
    assert period == HOURS[frequency] * 3600
    return [(start + period * turn, 0) for turn in range(int(until // period) + 1)]


def runs(frequency: str, first: float, last: float) -> list[tuple[float, float]]:
    """Return the data of complete runs, each some minutes late. The first is that many periods after the stack."""
    period = HOURS[frequency] * 3600
    number = int(last - first) + 1
    return [((first + turn) * period + 300 * (turn % 3), 1) for turn in range(number)]


@pytest.mark.parametrize("frequency", HOURS)
@pytest.mark.parametrize("first", [0.01, 0.5, 1.0, 1.1])
def test_nothing_rings_while_runs_are_completed_nor_on_the_first_day(
    template: Json, frequency: str, first: float
) -> None:
    alarm = watching(template, frequency)
    until = alarm.period * 10
    data = [*clock(template, frequency, until), *runs(frequency, first, 10)]
    assert list(alarm.history(data, until, alarm.period / 24)) == [UNKNOWN, OK]


@pytest.mark.parametrize("frequency", HOURS)
@pytest.mark.parametrize("start", [0, 1])  # whether Scheduler begins with the stack or a period later
def test_a_rule_that_never_runs_rings_after_three_periods(template: Json, frequency: str, start: int) -> None:
    alarm = watching(template, frequency)
    data = clock(template, frequency, alarm.period * 10, start * alarm.period + 60)
    assert list(alarm.history(data, alarm.period * (2 + start), alarm.period / 24)) == [UNKNOWN]
    assert list(alarm.history(data, alarm.period * (3.1 + start), alarm.period / 24)) == [UNKNOWN, ALARM]


@pytest.mark.parametrize("frequency", HOURS)
def test_runs_that_stop_ring_three_periods_later(template: Json, frequency: str) -> None:
    alarm = watching(template, frequency)
    until = alarm.period * 12
    data = [*clock(template, frequency, until), *runs(frequency, 0.1, 5)]
    assert list(alarm.history(data, alarm.period * 7, alarm.period / 24)) == [UNKNOWN, OK]
    assert list(alarm.history(data, until, alarm.period / 24)) == [UNKNOWN, OK, ALARM]


def test_a_clock_that_stops_is_no_alarm_while_runs_are_completed_and_no_silence_after(template: Json) -> None:
    alarm = watching(template, "TwentyFour_Hours")
    data = runs("TwentyFour_Hours", 0.1, 5)
    assert list(alarm.history(data, alarm.period * 5)) == [UNKNOWN, OK]
    assert list(alarm.history(data, alarm.period * 12)) == [UNKNOWN, OK, UNKNOWN]
    properties = of(template, "SweepDidNotRun", AlarmTopic="create")
    assert properties["InsufficientDataActions"] == properties["AlarmActions"] == ["<OwnAlarmTopic>"]


def test_the_clock_sends_what_the_alarm_looks_at_and_may_do_nothing_else(template: Json) -> None:
    target = of(template, "SweepClock")["Target"]
    assert target["Arn"] == "arn:aws:scheduler:::aws-sdk:cloudwatch:putMetricData"
    sent = json.loads(target["Input"])
    (datum,) = sent["MetricData"]
    alarm = of(template, "SweepDidNotRun")
    assert (sent["Namespace"], datum["MetricName"]) == (alarm["Namespace"], alarm["MetricName"])
    assert (datum["Value"], datum["Unit"], datum["Dimensions"]) == (0, "Count", alarm["Dimensions"])
    expected = Session().get_service_model("cloudwatch").operation_model("PutMetricData").input_shape
    assert expected is not None
    assert not ParamValidator().validate(sent, expected).has_errors()
    role = of(template, "SweepClockRole")
    (trusted,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trusted["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trusted["Condition"] == {"StringEquals": {"aws:SourceAccount": "111122223333"}}
    (policy,) = role["Policies"]
    (allowed,) = policy["PolicyDocument"]["Statement"]
    assert allowed["Action"] == "cloudwatch:PutMetricData"
    assert allowed["Condition"] == {"StringEquals": {"cloudwatch:namespace": NAMESPACE}}


# --- remediation ---


EXECUTION = {
    "ExecutionId": "333ba70b",
    "Definition": "<RemediateDocument>",
    "DefinitionVersion": 1.0,
    "Status": "Failed",
}
FAILED: Json = {
    "detail-type": "EC2 Automation Execution Status-change Notification",
    "source": "aws.ssm",
    "detail": EXECUTION,
}
"""https://docs.aws.amazon.com/systems-manager/latest/userguide/monitoring-systems-manager-event-examples.html"""


def matches(pattern: Json, event: Json) -> bool:
    return all(
        matches(wanted, event[key]) if isinstance(wanted, dict) else event[key] in wanted
        for key, wanted in pattern.items()
    )


def is_heard(template: Json, **changed: str) -> bool:
    pattern = of(template, "RemediationFailed", Remediation="Manual")["EventPattern"]
    return matches(pattern, FAILED | {"detail": EXECUTION | changed})


def test_executions_that_fail_of_the_stacks_documents_reach_the_queue(template: Json) -> None:
    assert is_heard(template)
    assert is_heard(template, Status="TimedOut")
    assert is_heard(template, Definition="<RestoreDocument>")
    assert [one["Arn"] for one in of(template, "RemediationFailed")["Targets"]] == ["<RemediationFailures.Arn>"]
    _, allowed = of(template, "RemediationFailuresPolicy")["PolicyDocument"]["Statement"]
    assert allowed["Principal"] == {"Service": "events.amazonaws.com"}
    assert allowed["Condition"] == {"ArnEquals": {"aws:SourceArn": ["<RemediationFailed.Arn>"]}}


def test_other_executions_and_those_that_a_person_ends_do_not_ring(template: Json) -> None:
    for status in ("Success", "InProgress", "Waiting", "Cancelled"):
        assert not is_heard(template, Status=status)
    assert not is_heard(template, Definition="AWS-RestartEC2Instance")


@pytest.mark.parametrize("mode", ["Off", "Manual", "ManualWithApproval", "Automatic", "AutomaticWithApproval"])
@pytest.mark.parametrize("region", ["eu-central-1", "ap-east-2"])
def test_exceptions_are_asked_for_where_config_remediates_by_itself(template: Json, mode: str, region: str) -> None:
    chosen = {"Remediation": mode, "AWS::Region": region}
    asks = mode.startswith("Automatic") and region == "eu-central-1"
    variables = of(template, "RuleFunction", **chosen)["Environment"]["Variables"]
    assert (REMEDIATED in variables) is asks
    (policy,) = of(template, "RuleFunctionRole", **chosen)["Policies"]
    assert ("ReadExceptions" in [one["Sid"] for one in policy["PolicyDocument"]["Statement"]]) is asks


def test_what_did_not_happen_is_no_alarm_but_for_the_sweep(template: Json) -> None:
    for name, alarm in alarms(template).items():
        if name != "SweepDidNotRun":
            assert alarm["TreatMissingData"] == "notBreaching"
            assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")


def test_an_alarm_counts_what_happens_soon_after_it_did(template: Json) -> None:
    judged = {
        name: (alarm["Statistic"], alarm["EvaluationPeriods"], alarm["Period"])
        for name, alarm in ((name, of(template, name)) for name in alarms(template))
    }
    assert judged == {
        "RuleFails": ("Sum", 1, 300),
        "RuleIsThrottled": ("Sum", 3, 300),
        "SomethingIsUndecided": ("Sum", 1, 3600),
        "RegisterCannotBeUsed": ("Sum", 1, 3600),
        "SweepDidNotRun": ("Sum", 3, 86_400),
        "PlanFails": ("Sum", 1, 300),
        "RemediationFails": ("Sum", 1, 300),
        "FindingsAreNotTaken": ("Sum", 1, 3600),
        "TrustEndsSoon": ("Maximum", 1, 86_400),
        **{name: ("Sum", 1, 3600) for name in OF_TRUST if name != "TrustEndsSoon"},
        "RemediationIsBlocked": ("Sum", 1, 86_400),  # read once for each run, so it lasts until a run finds none
    }


def test_every_alarm_goes_where_the_user_says_and_tells_what_is_wrong(template: Json) -> None:
    own = {"Fn::If": ["MakesAlarmTopic", {"Ref": "OwnAlarmTopic"}, {"Ref": "AlarmTopic"}]}
    for alarm in alarms(template).values():
        assert alarm["AlarmActions"] == {"Fn::If": ["HasAlarmTopic", [own], {"Ref": "AWS::NoValue"}]}
        assert "${RuleName}" in alarm["AlarmDescription"]["Fn::Sub"]
        assert len(alarm["AlarmDescription"]["Fn::Sub"]) > 40


def test_the_topic_is_optional_and_encrypted_with_a_key_that_alarms_may_use(template: Json) -> None:
    conditions = {name: template["Resources"][name]["Condition"] for name in ("OwnAlarmTopic", "AlarmsMayPublish")}
    assert set(conditions.values()) == {"MakesAlarmTopic"}
    assert not Stack(template).condition("MakesTopic")
    stack = Stack(template, AlarmTopic="create")
    assert stack.condition(template["Resources"]["TopicKey"]["Condition"])
    topic, policy, key = (stack.properties(name) for name in ("OwnAlarmTopic", "AlarmsMayPublish", "TopicKey"))
    assert topic["KmsMasterKeyId"] == "<TopicKey>"
    assert key["EnableKeyRotation"] is True
    statements = [*policy["PolicyDocument"]["Statement"], *key["KeyPolicy"]["Statement"]]
    let_in = [one for one in statements if one["Principal"] == {"Service": "cloudwatch.amazonaws.com"}]
    assert [one["Action"] for one in let_in] == ["sns:Publish", ["kms:Decrypt", "kms:GenerateDataKey*"]]
    for one in let_in:
        assert one["Condition"]["StringEquals"] == {"aws:SourceAccount": "111122223333"}
    assert not [one for one in statements if one["Effect"] == "Allow" and one["Principal"] == "*"]


def test_an_alarm_reaches_the_topic_and_what_is_not_encrypted_does_not(template: Json) -> None:
    (allow, deny) = template["Resources"]["AlarmsMayPublish"]["Properties"]["PolicyDocument"]["Statement"]
    assert (allow["Effect"], allow["Action"]) == ("Allow", "sns:Publish")
    # Without its condition, the Deny would also apply to CloudWatch, and no alarm would arrive.
    assert deny == {
        "Sid": "OnlyEncrypted",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sns:Publish",
        "Resource": {"Ref": "OwnAlarmTopic"},
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
