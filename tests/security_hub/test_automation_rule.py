"""organization/security-hub.yaml: it suppresses AWS Config's findings about the rule, and none of the rule's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from organization.sources import template
from tests.security_hub.test_finding import PLACE, PUSHER, of, told
from tests.stack.linting import asked_about, cfn_lint

Json = dict[str, Any]

TEMPLATE = template("organization/security-hub.yaml")
RULE = TEMPLATE["Resources"]["SuppressConfigsFinding"]["Properties"]
NAME = TEMPLATE["Parameters"]["RuleName"]["Default"]
CONFIG_RULE = "arn:aws:config:eu-central-1:123456789012:config-rule/config-rule-mburzq"
CONFIGS: Json = {
    "ProductArn": "arn:aws:securityhub:eu-central-1::product/aws/config",
    "GeneratorId": CONFIG_RULE,
    "ProductName": "Config",
    "Title": f"{NAME}-conformance-pack-abc123",
    "ResourceType": "AwsEcrRepository",
    "RecordState": "ACTIVE",
}


def is_suppressed(finding: Json) -> bool:
    """Return whether the automation rule applies: all criteria match, and for each one of its filters."""
    compare: dict[str, Callable[[str, str], bool]] = {
        "EQUALS": str.__eq__,
        "PREFIX": str.startswith,
        "CONTAINS": str.__contains__,
    }
    return all(
        any(compare[one["Comparison"]](finding[name], filled(one["Value"])) for one in filters)
        for name, filters in RULE["Criteria"].items()
    )


def filled(value: str | Json) -> str:
    """Return a value of the template as CloudFormation fills it in."""
    text = value if isinstance(value, str) else str(value.get("Fn::Sub", "${RuleName}"))
    return text.replace("${RuleName}", NAME).replace("${AWS::Partition}", "aws")


def test_what_config_says_of_the_rule_is_suppressed() -> None:
    assert PLACE.rule == NAME
    assert is_suppressed(CONFIGS)
    assert is_suppressed(CONFIGS | {"Title": NAME})
    (action,) = RULE["Actions"]
    assert action["FindingFieldsUpdate"]["Workflow"] == {"Status": "SUPPRESSED"}


@pytest.mark.parametrize(
    "other",
    [
        {"ProductName": "GuardDuty"},
        {"ProductArn": "arn:aws:securityhub:eu-central-1:123456789012:product/123456789012/default"},
        {"ProductArn": "arn:aws:securityhub:eu-central-1:123456789012:product/aws/config"},
        {"ProductArn": "arn:aws:securityhub:eu-central-1::product/aws/securityhub"},
        {"GeneratorId": "security-control/Config.1"},
        {"Title": "another-rule"},
        {"Title": f"{NAME}-strict"},
        {"Title": f"{NAME}2"},
        {"Title": f"securityhub-{NAME}-abc123"},
        {"ResourceType": "AwsS3Bucket"},
        {"RecordState": "ARCHIVED"},
    ],
)
def test_nothing_else_is(other: Json) -> None:
    assert not is_suppressed(CONFIGS | other)


def test_what_the_rule_says_itself_is_not() -> None:
    own = told(of(PUSHER))
    shown = {"ProductName": "Default", "ResourceType": own["Resources"][0]["Type"], **own}
    assert not is_suppressed(shown)
    assert not is_suppressed(shown | {"ProductName": "Config"})


def test_cfn_lint_has_nothing_to_say_about_it() -> None:
    assert cfn_lint(["organization/security-hub.yaml"], "--regions", *sorted(asked_about())) == (0, "")
