"""acceptance/policy.json allows what a person needs, and fits into a managed policy."""

from __future__ import annotations

import json
import re

from organization.sources import template
from tests.acceptance.permissions import POLICY, allowed

OF_TYPE = {
    "CloudWatch": "cloudwatch",
    "Config": "config",
    "DynamoDB": "dynamodb",
    "Events": "events",
    "IAM": "iam",
    "KMS": "kms",
    "Lambda": "lambda",
    "Logs": "logs",
    "S3": "s3",
    "SNS": "sns",
    "SQS": "sqs",
    "SSM": "ssm",
    "Scheduler": "scheduler",
    "Serverless": "lambda",
    "StepFunctions": "states",
}
NOT_MADE = {"dynamodb", "kms", "sns"}
"""Services only for a register or a topic that a run does not ask for."""


def test_it_fits_into_a_managed_policy() -> None:
    assert len(re.sub(r"\s", "", POLICY.read_text(encoding="utf-8"))) <= 6144


def test_no_action_is_a_pattern() -> None:
    assert not [one for one in allowed() if "*" in one]


def test_what_changes_something_is_confined_to_the_runs_own_names() -> None:
    for statement in json.loads(POLICY.read_text(encoding="utf-8"))["Statement"]:
        resources = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
        if "*" in resources:
            reads = re.compile(r"[a-z0-9-]+:(Describe|Get|List|Select|LookupEvents|Validate).*")
            beyond = [one for one in statement["Action"] if reads.fullmatch(one) is None]
            assert not beyond or statement["Sid"].startswith("NoResource"), (statement["Sid"], beyond)


def test_every_service_of_the_template_is_there() -> None:
    services = {OF_TYPE[one["Type"].split("::")[1]] for one in template()["Resources"].values()}
    assert services - NOT_MADE <= {one.partition(":")[0] for one in allowed()}
