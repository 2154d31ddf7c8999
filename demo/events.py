"""The change event that AWS Config would send, made from the ECR API's data about a repository."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.fakes.config_service import RESULT_TOKEN

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_ecr.type_defs import RepositoryTypeDef

Json = dict[str, Any]

RULE = "ecr-repository-cross-account-access-check"
_ROLE = "aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"


def change_event(ecr: ECRClient, name: str, parameters: Json) -> Json:
    """Return the event that Config sends to the rule once it has recorded the repository."""
    repository = ecr.describe_repositories(repositoryNames=[name])["repositories"][0]
    item = _configuration_item(repository, _policy(ecr, name))
    invoking = {
        "messageType": "ConfigurationItemChangeNotification",
        "configurationItem": item,
        "configurationItemDiff": None,
        "notificationCreationTime": item["configurationItemCaptureTime"],
        "recordVersion": "1.3",
    }
    region, account = item["awsRegion"], item["awsAccountId"]
    return {
        "version": "1.0",
        "accountId": account,
        "configRuleName": RULE,
        "configRuleId": "config-rule-demo01",
        "configRuleArn": f"arn:aws:config:{region}:{account}:config-rule/config-rule-demo01",
        "executionRoleArn": f"arn:aws:iam::{account}:role/{_ROLE}",
        "invokingEvent": json.dumps(invoking),
        "ruleParameters": json.dumps(parameters),
        "resultToken": RESULT_TOKEN,
        "eventLeftScope": False,
    }


def _policy(ecr: ECRClient, name: str) -> str | Json:
    """Return the policy as Config records it: its text, or an empty object if there is none."""
    try:
        return ecr.get_repository_policy(repositoryName=name)["policyText"]
    except ecr.exceptions.RepositoryPolicyNotFoundException:
        return {}


def _configuration_item(repository: RepositoryTypeDef, policy: str | Json) -> Json:
    captured = repository["createdAt"].isoformat()
    name, arn = repository["repositoryName"], repository["repositoryArn"]
    return {
        "configurationItemVersion": "1.3",
        "configurationItemCaptureTime": captured,
        "configurationItemStatus": "ResourceDiscovered",
        "configurationStateId": 1,
        "awsAccountId": repository["registryId"],
        "awsRegion": arn.split(":")[3],
        "availabilityZone": "Regional",
        "resourceType": "AWS::ECR::Repository",
        "resourceId": name,
        "resourceName": name,
        "ARN": arn,
        "resourceCreationTime": captured,
        "relatedEvents": [],
        "relationships": [],
        "supplementaryConfiguration": {},
        "tags": {},
        "configuration": {
            "RepositoryName": name,
            "Arn": arn,
            "RepositoryUri": repository["repositoryUri"],
            "RepositoryPolicyText": policy,
            "ImageTagMutability": repository["imageTagMutability"],
            "Tags": [],
        },
    }
