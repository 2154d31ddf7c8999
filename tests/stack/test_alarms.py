"""The alarms: on what Lambda and the function itself really count, and heard by whom the user names."""

from __future__ import annotations

from typing import Any

import pytest
from ecr_crossaccount.config_rule.metrics import DIMENSION, NAMESPACE, Metric

from tests.stack.cloudformation import Stack

Json = dict[str, Any]
HOURS = {"One_Hour": 1, "Three_Hours": 3, "Six_Hours": 6, "Twelve_Hours": 12, "TwentyFour_Hours": 24}


def alarms(template: Json) -> dict[str, Json]:
    return {
        name: resource["Properties"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    }


def seconds(period: Any, template: Json, frequency: str) -> int:  # noqa: ANN401 - a number or an intrinsic
    """Resolve the period for a user's choice of the frequency."""
    if isinstance(period, int):
        return period
    condition, then, otherwise = period["Fn::If"]
    left, right = template["Conditions"][condition]["Fn::Equals"]
    assert left == {"Ref": "MaximumExecutionFrequency"}
    return seconds(then if right == frequency else otherwise, template, frequency)


def test_there_is_an_alarm_on_errors_throttles_undecided_and_a_missing_sweep(template: Json) -> None:
    found = {(alarm["Namespace"], alarm["MetricName"]) for alarm in alarms(template).values()}
    assert found >= {
        ("AWS/Lambda", "Errors"),
        ("AWS/Lambda", "Throttles"),
        (NAMESPACE, Metric.UNDECIDED.value),
        (NAMESPACE, Metric.SWEEPS.value),
    }


def test_every_metric_is_one_that_somebody_counts(template: Json) -> None:
    for alarm in alarms(template).values():
        if alarm["Namespace"] == NAMESPACE:
            assert alarm["MetricName"] in {metric.value for metric in Metric}
        if alarm["Namespace"] in (NAMESPACE, "AWS/Lambda"):
            assert alarm["Dimensions"] == [{"Name": DIMENSION, "Value": {"Ref": "RuleFunction"}}]


@pytest.mark.parametrize("frequency", HOURS)
def test_a_sweep_that_did_not_run_is_seen_after_two_of_its_periods(template: Json, frequency: str) -> None:
    assert set(HOURS) == set(template["Parameters"]["MaximumExecutionFrequency"]["AllowedValues"])
    (alarm,) = [alarm for alarm in alarms(template).values() if alarm["MetricName"] == Metric.SWEEPS]
    assert alarm["TreatMissingData"] == "breaching"
    assert alarm["ComparisonOperator"] == "LessThanThreshold"
    assert (alarm["Threshold"], alarm["EvaluationPeriods"]) == (1, 2)
    period = seconds(alarm["Period"], template, frequency)
    assert period == HOURS[frequency] * 3600
    # The most that CloudWatch looks back: a week, where a period is an hour or more.
    assert period * alarm["EvaluationPeriods"] <= 7 * 86_400


def test_what_did_not_happen_is_no_alarm_but_for_the_sweep(template: Json) -> None:
    for alarm in alarms(template).values():
        if alarm["MetricName"] != Metric.SWEEPS:
            assert alarm["TreatMissingData"] == "notBreaching"
            assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")


def test_an_alarm_counts_what_happens_soon_after_it_did(template: Json) -> None:
    judged = {
        name: (alarm["Statistic"], alarm["EvaluationPeriods"])
        + ((alarm["Period"],) if name != "SweepDidNotRun" else ())
        for name, alarm in alarms(template).items()
    }
    assert judged == {
        "RuleFails": ("Sum", 1, 300),
        "RuleIsThrottled": ("Sum", 3, 300),
        "SomethingIsUndecided": ("Sum", 1, 3600),
        "SweepBrokeOff": ("Maximum", 1, 300),
        "SweepDidNotRun": ("Sum", 2),
        "FindingDoesNotStart": ("Sum", 1, 300),
        "ChangeDoesNotStart": ("Sum", 1, 300),
    }


def test_every_alarm_goes_where_the_user_says_and_tells_what_is_wrong(template: Json) -> None:
    own = {"Fn::If": ["MakesAlarmTopic", {"Ref": "OwnAlarmTopic"}, {"Ref": "AlarmTopic"}]}
    for alarm in alarms(template).values():
        assert alarm["AlarmActions"] == {"Fn::If": ["HasAlarmTopic", [own], {"Ref": "AWS::NoValue"}]}
        assert len(alarm["AlarmDescription"]) > 40


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
    # Without its condition the denial would cover CloudWatch too, and no alarm would ever be heard of.
    assert deny == {
        "Sid": "OnlyEncrypted",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sns:Publish",
        "Resource": {"Ref": "OwnAlarmTopic"},
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
