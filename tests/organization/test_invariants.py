"""Rules for every template of a release."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cfnlint.helpers import REGIONS
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from tests.organization.releases import Json, Release
from tests.organization.test_account import names_in
from tests.stack.linting import asked_about, at_a_time, cfn_lint
from tests.stack.test_hook_template import WITH_HOOKS
from tests.stack.test_regions import WITHOUT as WITHOUT_REMEDIATION
from tests.stack.test_template import statements_in

NO_RESOURCE_LEVEL = frozenset(
    {
        "cloudtrail:LookupEvents",
        "cloudwatch:PutMetricData",
        "config:DescribeConfigurationRecorderStatus",
        "config:DescribeConfigurationRecorders",
        "config:DescribeRemediationExceptions",
        "config:GetResourceConfigHistory",
        "config:PutEvaluations",
        "config:SelectResourceConfig",
        "ecr:DescribePullThroughCacheRules",
        "ecr:DescribeRegistry",
        "ecr:DescribeRepositoryCreationTemplates",
        "ecr:GetAccountSetting",
        "ecr:GetRegistryPolicy",
        "organizations:DescribeOrganization",
        "organizations:ListAccounts",
    }
)
"""Actions without a resource in IAM, or without one that is known before the function exists. The pages list them."""


def policies(made: Release) -> Iterator[tuple[str, Json]]:
    """Yield each statement of each policy, with its template and its resource."""
    for key, template in made.templates().items():
        for name, resource in template["Resources"].items():
            for statement in statements_in(resource.get("Properties", {})):
                yield f"{key}: {name}", statement


def listed(value: Any) -> list[Any]:  # noqa: ANN401 - any part of a template
    return value if isinstance(value, list) else [value]


def test_nobody_is_let_in_or_shut_out_without_a_condition(made: Release) -> None:
    for where, statement in policies(made):
        principal = statement.get("Principal")
        if principal == "*" or (isinstance(principal, dict) and "*" in principal.values()):
            assert statement.get("Condition"), where


SENDS_ITS_SOURCE = {
    "cloudwatch.amazonaws.com": "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html",
    "config.amazonaws.com": "https://docs.aws.amazon.com/config/latest/developerguide/cross-service-confused-deputy-prevention.html",
    "events.amazonaws.com": "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-confused-deputy-prevention.html",
    "hooks.cloudformation.amazonaws.com": "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/registry-public.html",
    "scheduler.amazonaws.com": "https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html",
    "states.amazonaws.com": "https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html",
    "ssm.amazonaws.com": "https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-setup-iam.html",
}
"""The page of AWS that says so, for each service that a policy allows to act for us."""
SENDS_NO_SOURCE = {"lambda.amazonaws.com"}
"""Services that take a role of a function. No page says that they send a source, and nobody can pass a role to another
account: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
"""


def test_a_service_acts_for_these_accounts_only_where_it_says_for_whom(made: Release) -> None:
    seen = set()
    for where, statement in policies(made):
        if statement["Effect"] == "Allow" and "Service" in (statement.get("Principal") or ()):
            service = statement["Principal"]["Service"]
            seen.add(service)
            source = names_in(statement.get("Condition", {})) & {
                "aws:SourceAccount",
                "aws:SourceOrgID",
                "aws:SourceArn",
            }
            assert bool(source) is (service in SENDS_ITS_SOURCE), where
    assert seen == SENDS_ITS_SOURCE.keys() | SENDS_NO_SOURCE


def test_a_role_reaches_everything_only_where_iam_knows_no_resource(made: Release) -> None:
    for where, statement in policies(made):
        if statement["Effect"] == "Allow" and "*" in listed(statement.get("Resource")) and "Principal" not in statement:
            assert set(listed(statement["Action"])) <= NO_RESOURCE_LEVEL, where


def test_no_role_has_an_action_by_a_pattern(made: Release) -> None:
    for where, statement in policies(made):
        if statement["Effect"] == "Allow" and "Principal" not in statement:
            patterns = {one for one in listed(statement["Action"]) if "*" in one}
            assert patterns <= {"kms:GenerateDataKey*"}, where


def test_every_function_writes_a_log_that_ends(made: Release) -> None:
    for key, template in made.templates().items():
        resources = template["Resources"]
        for name, one in resources.items():
            if one["Type"] == "AWS::Lambda::Function":
                log = resources[one["Properties"]["LoggingConfig"]["LogGroup"]["Ref"]]
                assert log["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}, f"{key}: {name}"


def test_every_bucket_and_queue_is_encrypted_and_closed(made: Release) -> None:
    for key, template in made.templates().items():
        for name, one in template["Resources"].items():
            where, properties = f"{key}: {name}", one.get("Properties", {})
            if one["Type"] == "AWS::S3::Bucket":
                assert properties["BucketEncryption"], where
                assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}, where
            if one["Type"] == "AWS::SQS::Queue":
                assert properties["SqsManagedSseEnabled"] is True, where


_POLICY = "AWS::Lambda::ResourcePolicy"
WITHOUT_CENTRAL = frozenset(
    region for region in REGIONS if _POLICY not in PROVIDER_SCHEMA_MANAGER.get_resource_types(region)
)

LACKING = {"central.json": WITHOUT_CENTRAL, "templates/hook-": frozenset(REGIONS) - set(WITH_HOOKS)}
"""Templates, and the Regions without one of their resource types."""


def lacking(key: str) -> frozenset[str]:
    """Return the Regions that a template cannot be deployed to."""
    return frozenset[str]().union(*(regions for name, regions in LACKING.items() if key.startswith(name)))


def test_a_central_rule_cannot_be_made_where_the_page_says_so() -> None:
    assert {"cn-north-1", "cn-northwest-1", "me-central-1", "us-gov-east-1", "us-gov-west-1"} == WITHOUT_CENTRAL


@pytest.mark.slow
def test_cfn_lint_has_nothing_to_say_about_any_template_in_any_region(made: Release, tmp_path: Path) -> None:
    """The template of an account is the stack's as CloudFormation sees it, with the documents included."""
    asked = asked_about(WITHOUT_CENTRAL, WITHOUT_REMEDIATION)
    by_regions: dict[frozenset[str], list[str]] = {}
    for key, template in made.templates().items():
        file = tmp_path / Path(key).name
        file.write_text(json.dumps(template), encoding="utf-8")
        by_regions.setdefault(asked - lacking(key), []).append(str(file))
    for regions, files in by_regions.items():
        for some in at_a_time(regions):
            assert cfn_lint(files, "--regions", *some) == (0, "")
