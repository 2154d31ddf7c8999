"""One account with many repositories, and what AWS Config has recorded about them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from benchmarks.corpus import STAGES, TEAMS, mixed, source

Json = dict[str, Any]

ACCOUNT = "111122223333"
REGION = "eu-central-1"
RULE = "ecr-repository-cross-account-access-check"
TOKEN = "eyJlbmNyeXB0ZWQiOiJ0b2tlbiBvZiBvbmUgaW52b2NhdGlvbiJ9"  # noqa: S105 - made up
RECORDED = "2026-11-01T08:15:42.318Z"
_POLICIES = 200
_BLANKS = 6
"""The number of repositories in ten without a policy, if the inventory has blanks."""


class RefusedError(Exception):
    """An error response of an API."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(slots=True)
class Account:
    """Repositories that share 200 different policies. A few policies are much more common than the others.

    `inventory` is what Config has of them. `recorded`: each with its policy. `blanks`: the same, but 60 of 100 have no
    policy (also in ECR). `silent`: no policies at all. `unrecorded`: nothing. Limits:
    https://docs.aws.amazon.com/config/latest/APIReference/ and
    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/.
    """

    repositories: int
    inventory: str
    names: list[str] = field(init=False)
    policies: list[str] = field(init=False)
    drawn: list[int] = field(init=False)
    shown: dict[str, Json] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rng = source(f"sweep {self.repositories}")
        self.policies = [text for _, text in mixed("sweep", _POLICIES)]
        self.names = [f"{rng.choice((*TEAMS, 'base'))}/{rng.choice(STAGES)}-{n}" for n in range(self.repositories)]
        self.drawn = [min(int(rng.expovariate(0.02)), _POLICIES - 1) for _ in self.names]

    def describe_repositories(self, request: Json) -> Json:
        """Return ECR's list, at most 1,000 a page."""
        start, end = _page(request.get("maxResults", 100), 1000, request.get("nextToken"))
        page = [self._repository(name) for name in self.names[start:end]]
        return {"repositories": page} | ({"nextToken": str(end)} if end < len(self.names) else {})

    def get_repository_policy(self, request: Json) -> Json:
        """Return ECR's policy of a repository."""
        name = request["repositoryName"]
        place = int(name.rpartition("-")[2])
        if self._is_blank(place):
            raise RefusedError("RepositoryPolicyNotFoundException", "Repository policy does not exist")
        return {"registryId": ACCOUNT, "repositoryName": name, "policyText": self.policies[self.drawn[place]]}

    def get_registry_policy(self, _: Json) -> Json:
        """Raise the error for a registry without a policy."""
        raise RefusedError("RegistryPolicyNotFoundException", "Registry policy does not exist")

    def list_tags_for_resource(self, _: Json) -> Json:
        """Return ECR's tags of a repository."""
        return {"tags": [{"Key": "team", "Value": "platform"}]}

    def select_resource_config(self, request: Json) -> Json:
        """Return Config's inventory, at most 100 rows a page."""
        if len(request["Expression"]) > 4096:
            raise RefusedError("InvalidExpressionException", "an expression has 1 to 4096 characters")
        start, end = _page(request.get("Limit", 25), 100, request.get("NextToken"))
        rows = 0 if self.inventory == "unrecorded" else len(self.names)
        places = range(start, min(end, rows))
        more = {"NextToken": str(end)} if end < rows else {}
        return {"Results": [json.dumps(self._row(place)) for place in places], "QueryInfo": {}} | more

    def get_compliance_details_by_config_rule(self, request: Json) -> Json:
        """Return the results in Config, at most 100 a page."""
        start, end = _page(request.get("Limit", 10), 100, request.get("NextToken"))
        page = [result for name in self.names[start:end] if (result := self.shown.get(name))]
        # The real API skips names without a result. A page per hundred names is at least as many calls.
        more = {"NextToken": str(end)} if self.shown and end < len(self.names) else {}
        return {"EvaluationResults": page} | more

    def put_evaluations(self, request: Json) -> Json:
        """Store at most 100 results, with the token of the event."""
        evaluations = request.get("Evaluations", [])
        if len(evaluations) > 100 or any(len(one.get("Annotation", "x")) not in range(1, 257) for one in evaluations):
            raise RefusedError("ValidationException", "at most 100 evaluations, at most 256 characters each")
        if request["ResultToken"] != TOKEN:
            raise RefusedError("InvalidResultTokenException", "the result token is invalid")
        for one in evaluations:
            self.shown[one["ComplianceResourceId"]] = _detail(one)
        return {"FailedEvaluations": []}

    def describe_configuration_recorders(self, _: Json) -> Json:
        """Return a recorder that records everything, continuously."""
        return {"ConfigurationRecorders": [{"name": "default", "recordingGroup": {"allSupported": True}}]}

    def describe_configuration_recorder_status(self, _: Json) -> Json:
        """Return that it is running."""
        return {"ConfigurationRecordersStatus": [{"name": "default", "recording": True, "lastStatus": "Success"}]}

    def describe_organization(self, _: Json) -> Json:
        """Return the organization of the account."""
        return {"Organization": {"Id": "o-a1b2c3d4e5"}}

    def _is_blank(self, place: int) -> bool:
        return self.inventory == "blanks" and place % 10 < _BLANKS

    def _repository(self, name: str) -> Json:
        arn = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{name}"
        return {
            "repositoryArn": arn,
            "registryId": ACCOUNT,
            "repositoryName": name,
            "repositoryUri": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{name}",
            "createdAt": 1761984942.318,
            "imageTagMutability": "MUTABLE",
            "imageScanningConfiguration": {"scanOnPush": True},
            "encryptionConfiguration": {"encryptionType": "AES256"},
        }

    def _row(self, place: int) -> Json:
        name = self.names[place]
        arn = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{name}"
        configuration = {
            "RepositoryName": name,
            "Arn": arn,
            "RepositoryUri": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{name}",
            "RepositoryPolicyText": {} if self._is_blank(place) else self.policies[self.drawn[place]],
            "ImageScanningConfiguration": {"ScanOnPush": True},
            "EncryptionConfiguration": {"EncryptionType": "AES256"},
            "ImageTagMutability": "MUTABLE",
            "LifecyclePolicy": {},
            "Tags": [{"Key": "team", "Value": "platform"}],
        }
        if self.inventory == "silent":
            del configuration["RepositoryPolicyText"]
        return {
            "accountId": ACCOUNT,
            "awsRegion": REGION,
            "arn": arn,
            "resourceType": "AWS::ECR::Repository",
            "resourceId": name,
            "configurationItemStatus": "OK",
            "configurationItemCaptureTime": RECORDED,
            "configuration": configuration,
            "tags": [{"key": "team", "tag": "team=platform", "value": "platform"}],
        }


def _page(size: int, most: int, token: str | None) -> tuple[int, int]:
    if size > most:
        raise RefusedError("InvalidLimitException", f"a page holds at most {most}")
    start = int(token or 0)
    return start, start + size


def _detail(evaluation: Json) -> Json:
    qualifier = {
        "ConfigRuleName": RULE,
        "ResourceType": evaluation["ComplianceResourceType"],
        "ResourceId": evaluation["ComplianceResourceId"],
    }
    ordering = evaluation["OrderingTimestamp"]
    said = {"Annotation": evaluation["Annotation"]} if "Annotation" in evaluation else {}
    return {
        "EvaluationResultIdentifier": {"EvaluationResultQualifier": qualifier, "OrderingTimestamp": ordering},
        "ComplianceType": evaluation["ComplianceType"],
        "ResultRecordedTime": ordering,
        "ConfigRuleInvokedTime": ordering,
    } | said
