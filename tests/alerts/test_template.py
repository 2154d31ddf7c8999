"""organization/alerts.yaml: the events that reach the function, and the permissions of each part."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, cast

import pytest
from ecr_crossaccount.products.alerts.changes import CHANGES
from ecr_crossaccount.products.alerts.comparer import BACKFILL
from ecr_crossaccount.products.alerts.function import WRITES, Settings, Writes
from ecr_crossaccount.products.alerts.memory import LEASE
from ecr_crossaccount.questions.guardrails import ACTIONS
from ecr_crossaccount.sources.register.lists import LISTS, TRUST_MEMBERS, TRUST_REGISTER
from moto.events.models import EventPattern
from samcli.yamlhelper import yaml_parse

from organization import sources
from tests.events.cloudtrail import NAMES, OWNER, delivered
from tests.stack.cloudformation import ROOT, Stack

Json = dict[str, Any]

TEMPLATE = ROOT / "organization" / "alerts.yaml"


@pytest.fixture(scope="module")
def template() -> Json:
    found: Json = yaml_parse(TEMPLATE.read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def pattern(template: Json) -> EventPattern:
    resolved = Stack(template).properties("Calls")["EventPattern"]
    return EventPattern(json.dumps(resolved), resolved)


OF_NOBODYS_INTEREST = {
    "create-repository-by-replication": True,
    "put-image": False,
    "set-policy-denied": False,
    "set-policy-failed": False,
}


@pytest.mark.parametrize("name", NAMES)
def test_events_that_matter_reach_the_function_and_pushes_of_the_account_itself_do_not(
    pattern: EventPattern, name: str
) -> None:
    assert pattern.matches_event(cast("Any", delivered(name))) is OF_NOBODYS_INTEREST.get(name, True)


def test_the_pattern_has_the_names_that_the_function_knows(template: Json) -> None:
    changes, named, nameless = template["Resources"]["Calls"]["Properties"]["EventPattern"]["detail"]["$or"]
    assert changes["eventName"] == sorted(CHANGES | {BACKFILL})
    assert named["eventName"] == nameless["eventName"] == sorted(WRITES - CHANGES)
    assert named["userIdentity"] == {"accountId": [{"anything-but": {"Ref": "AWS::AccountId"}}]}
    assert nameless["userIdentity"] == {"accountId": [{"exists": False}]}


def test_the_service_control_policy_denies_every_call_that_can_send_an_alarm_about_a_change() -> None:
    cannot_open = {
        "CreateRepository",
        "DeleteRepository",
        "DeleteRepositoryCreationTemplate",
        "DeletePullThroughCacheRule",
    }
    changes_no_policy = {"UpdatePullThroughCacheRule"}
    assert {name.partition(":")[2] for name in ACTIONS} == (CHANGES | {BACKFILL} | changes_no_policy) - cannot_open


def test_no_list_is_written_by_alias_which_cloudformation_does_not_know() -> None:
    assert not [line for line in TEMPLATE.read_text(encoding="utf-8").splitlines() if ": &" in line or ": *" in line]


def test_the_environment_is_what_the_function_reads(template: Json) -> None:
    stack = Stack(template, TrustedAccounts="222233334444", TrustRegisterKeepHours=1)
    environment = stack.properties("AlertFunction")["Environment"]["Variables"]
    settings = Settings.parse({name: str(value) for name, value in environment.items()})
    assert (settings.writes, settings.keep) == (Writes.UNTRUSTED, timedelta(hours=1))
    assert settings.parameters["trustedAccounts"] == "222233334444"
    assert set(settings.parameters) == {*LISTS, TRUST_REGISTER, TRUST_MEMBERS}
    assert environment["SERVED_ACCOUNTS"] == OWNER
    assert template["Parameters"]["Writes"]["AllowedValues"] == [
        one.value for one in (Writes.UNTRUSTED, Writes.ALL, Writes.NONE)
    ]


def test_whom_it_trusts_is_asked_as_the_stack_of_the_rule_asks(template: Json) -> None:
    rule = sources.template()["Parameters"]
    for name in [name for name in template["Parameters"] if name.startswith("Trust")]:
        here, there = template["Parameters"][name], rule[name]
        checks = ("Type", "AllowedPattern", "Default", "MinValue", "MaxValue")
        assert [here.get(one) for one in checks] == [there.get(one) for one in checks], name


def test_it_reads_the_register_with_the_permissions_of_the_rule(template: Json) -> None:
    for place in ("s3://register/trust.json", "ssm:/trust", "appconfig:abcd123/efgh456/ijkl789", ""):
        members = "s3://register/members.json" if place else ""
        chosen = {
            "TrustMembers": members,
            "TrustRegister": place,
            "TrustRegisterKey": "arn:aws:kms:eu-central-1:111122223333:key/0d1f",
        }
        here, there = Stack(template, **chosen), Stack(sources.template(), **chosen)
        document = "PolicyDocument"
        assert here.properties("ReadRegister")[document] == there.properties("ReadRegister")[document]
        assert here.condition("TrustsRegister") is bool(place)


def test_a_claim_outlives_an_invocation_and_not_lambdas_pause(template: Json) -> None:
    timeout = template["Resources"]["AlertFunction"]["Properties"]["Timeout"]
    assert timeout < LEASE.total_seconds() < 60


def statements(template: Json) -> Iterator[Json]:
    (policy,) = Stack(template, Topic="arn:aws:sns:eu-central-1:222233334444:alarms").properties("AlertFunctionRole")[
        "Policies"
    ]
    yield from policy["PolicyDocument"]["Statement"]


def test_the_role_can_do_what_the_function_does_and_nothing_else(template: Json) -> None:
    actions = {
        action
        for one in statements(template)
        for action in ([one["Action"]] if isinstance(one["Action"], str) else one["Action"])
    }
    assert actions == {
        "config:DescribeConfigurationRecorderStatus",
        "config:DescribeConfigurationRecorders",
        "config:GetResourceConfigHistory",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "ecr-public:GetRepositoryPolicy",
        "ecr:DescribePullThroughCacheRules",
        "ecr:DescribeRegistry",
        "ecr:DescribeRepositoryCreationTemplates",
        "ecr:GetAccountSetting",
        "ecr:GetRegistryPolicy",
        "ecr:GetRepositoryPolicy",
        "ecr:ListTagsForResource",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "organizations:DescribeOrganization",
        "sns:Publish",
        "sqs:SendMessage",
    }
    everything = {one["Sid"] for one in statements(template) if one["Resource"] == "*"}
    assert everything == {"ReadRegistry", "ReadWhatWasBefore", "AskOrganization"}


def test_it_publishes_to_the_topic_that_is_named_and_uses_its_key_for_it_alone(template: Json) -> None:
    topic = "arn:aws:sns:eu-central-1:222233334444:alarms"
    key = "arn:aws:kms:eu-central-1:222233334444:key/0d1f"
    stack = Stack(template, Topic=topic, TopicKey=key)
    found = {
        one["Sid"]: one for one in stack.properties("AlertFunctionRole")["Policies"][0]["PolicyDocument"]["Statement"]
    }
    assert found["Tell"]["Resource"] == topic
    assert found["EncryptAlarms"]["Resource"] == key
    assert found["EncryptAlarms"]["Condition"]["StringEquals"]["kms:EncryptionContext:aws:sns:topicArn"] == topic
    assert stack.properties("AlertFunction")["Environment"]["Variables"]["TOPIC_ARN"] == topic
    assert stack.properties("AlertsFail")["AlarmActions"] == [topic]


def test_nothing_is_lost_in_silence(template: Json) -> None:
    stack = Stack(template)
    (target,) = stack.properties("Calls")["Targets"]
    invoke = stack.properties("AlertFunction")["EventInvokeConfig"]
    assert (
        target["DeadLetterConfig"]["Arn"] == invoke["DestinationConfig"]["OnFailure"]["Destination"] == "<Failures.Arn>"
    )
    for alarm in ("AlertsFail", "CallsAreLost"):
        assert stack.properties(alarm)["AlarmActions"] == ["<OwnTopic>"]


def test_every_parameter_is_grouped_named_and_described(template: Json) -> None:
    interface = template["Metadata"]["AWS::CloudFormation::Interface"]
    grouped = [name for group in interface["ParameterGroups"] for name in group["Parameters"]]
    assert sorted(grouped) == sorted(template["Parameters"]) == sorted(interface["ParameterLabels"])
    assert all(parameter["Description"] for parameter in template["Parameters"].values())
