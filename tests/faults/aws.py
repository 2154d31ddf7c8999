"""The part of AWS that the function calls, for one small account. Config is a fake."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.events import ACCOUNT, REGION
from tests.fakes import FakeAccessAnalyzer, FakeConfigService
from tests.fakes.models import ServiceError
from tests.fakes.security_hub import FakeSecurityHub
from tests.faults.gateway import Answer
from tests.rule.relay import MACHINE

_ROLE = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>
<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"""
_IDENTITY = f"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::{ACCOUNT}:user/auditor</Arn><UserId>AIDAEXAMPLE</UserId><Account>{ACCOUNT}</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>"""


_OF_ACCESS_ANALYZER = ("ListAnalyzers", "ListFindings", "ListAnalyzedResources", "GetAnalyzedResource")


def _analyzer() -> FakeAccessAnalyzer:
    """Return the fake without its server, because the gateway calls it."""
    service = FakeAccessAnalyzer(ACCOUNT, REGION)
    service.close()
    return service


@dataclass(slots=True)
class Account:
    """An account in no organization.

    `policies` has its repositories, with `page_size` on a page. `started` has the names of executions. `analyzer`
    answers for IAM Access Analyzer, which has analyzed nothing, and `hub` for Security Hub.
    """

    policies: Mapping[str, str]
    config: FakeConfigService
    started: list[str] = field(default_factory=list)
    page_size: int = 3
    analyzer: FakeAccessAnalyzer = field(default_factory=_analyzer)
    hub: FakeSecurityHub = field(default_factory=lambda: FakeSecurityHub(ACCOUNT))

    def answer(self, operation: str, body: bytes) -> Answer:
        """Return AWS's answer."""
        if operation == "AssumeRole":
            return Answer(200, _ROLE.encode(), "text/xml")
        if operation == "GetCallerIdentity":
            return Answer(200, _IDENTITY.encode(), "text/xml")
        ours = {
            "DescribeRepositories": self._describe_repositories,
            "GetRepositoryPolicy": self._get_repository_policy,
            "GetRegistryPolicy": self._get_registry_policy,
            "DescribeRepositoryCreationTemplates": lambda _: {"repositoryCreationTemplates": []},
            "DescribeRegistry": lambda _: {"registryId": ACCOUNT, "replicationConfiguration": {"rules": []}},
            "DescribePullThroughCacheRules": lambda _: {"pullThroughCacheRules": []},
            "ListTagsForResource": lambda _: {"tags": []},
            "LookupEvents": lambda _: {"Events": []},
            "DescribeOrganization": self._describe_organization,
            "StartExecution": self._start_execution,
            "BatchImportFindings": self._batch_import_findings,
            "GetFindings": self._get_findings,
        }
        request = json.loads(body)
        try:
            other = self.analyzer if operation in _OF_ACCESS_ANALYZER else self.config
            said = ours[operation](request) if operation in ours else other.answer(operation, request)
        except ServiceError as error:
            return Answer(error.status, json.dumps({"__type": error.code, "message": str(error)}).encode())
        return Answer(200, json.dumps(said).encode())

    def _describe_repositories(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        names, start = list(self.policies), int(request.get("nextToken", 0))
        end = start + self.page_size
        more = {"nextToken": str(end)} if end < len(names) else {}
        return {"repositories": [_repository(name) for name in names[start:end]], **more}

    def _get_repository_policy(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        if request["repositoryName"] not in self.policies:
            raise ServiceError("RepositoryNotFoundException", "there is no such repository")
        return {"policyText": self.policies[request["repositoryName"]]}

    def _get_registry_policy(self, _: Mapping[str, Any]) -> Mapping[str, Any]:
        raise ServiceError("RegistryPolicyNotFoundException", "there is no registry policy")

    def _start_execution(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        self.started.append(request["name"])
        return {"executionArn": f"{MACHINE}:{request['name']}", "startDate": 1_796_083_200.0}

    def _batch_import_findings(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        return self.hub.batch_import_findings(Findings=request["Findings"])

    def _get_findings(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        return self.hub.page(request["Filters"], request["MaxResults"], request.get("NextToken"))

    def _describe_organization(self, _: Mapping[str, Any]) -> Mapping[str, Any]:
        raise ServiceError("AWSOrganizationsNotInUseException", "your account is not a member of an organization")


def _repository(name: str) -> Mapping[str, str]:
    return {"repositoryName": name, "repositoryArn": f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{name}"}
