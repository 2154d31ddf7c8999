"""Reads the current repositories of an account from Amazon ECR."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from ...judgement.beside import Scope
from .errors import RepositoryGone, code_of

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient

REPOSITORIES_A_PAGE = 1000
"""https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeRepositories.html"""

_NO_POLICY = "RepositoryPolicyNotFoundException"
_NO_REPOSITORY = "RepositoryNotFoundException"
_NO_REGISTRY_POLICY = "RegistryPolicyNotFoundException"
_SCOPE = "REGISTRY_POLICY_SCOPE"


@dataclass(frozen=True, slots=True)
class Registry:
    """The repositories of one account in one Region."""

    ecr: ECRClient
    account: str
    region: str

    def names(self) -> Iterator[str]:
        """Yield the name of every repository, read page by page. Raises ClientError."""
        pages = self.ecr.get_paginator("describe_repositories").paginate(
            registryId=self.account, PaginationConfig={"PageSize": REPOSITORIES_A_PAGE}
        )
        for page in pages:
            yield from (repository["repositoryName"] for repository in page["repositories"])

    def others(self, name: str) -> list[str]:
        """Return the other repositories on ECR's first page, in random order. Raises ClientError."""
        names = [other for other in islice(self.names(), REPOSITORIES_A_PAGE) if other != name]
        return random.sample(names, len(names))

    def policy(self, name: str) -> str | None:
        """Return the policy of a repository, or None if it has none. Raises RepositoryGone, ClientError."""
        try:
            answer = self.ecr.get_repository_policy(registryId=self.account, repositoryName=name)
        except ClientError as error:
            if code_of(error) == _NO_POLICY:
                return None
            if code_of(error) == _NO_REPOSITORY:
                raise RepositoryGone(name) from error
            raise
        return answer["policyText"]

    def registry_policy(self) -> str | None:
        """Return the policy of the registry itself, or None if it has none. Raises ClientError."""
        try:
            return self.ecr.get_registry_policy()["policyText"]
        except ClientError as error:
            if code_of(error) == _NO_REGISTRY_POLICY:
                return None
            raise

    def scope(self) -> Scope:
        """Return the actions that the registry policy applies to. Any other answer is unknown. Raises ClientError.

        https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAccountSetting.html
        """
        said = self.ecr.get_account_setting(name=_SCOPE).get("value")
        return {"V1": Scope.V1, "V2": Scope.V2}.get(str(said), Scope.UNKNOWN)

    def tags(self, name: str, partition: str) -> Mapping[str, str]:
        """Return the tags of a repository. Raises RepositoryGone, ClientError."""
        arn = f"arn:{partition}:ecr:{self.region}:{self.account}:repository/{name}"
        try:
            answer = self.ecr.list_tags_for_resource(resourceArn=arn)
        except ClientError as error:
            if code_of(error) == _NO_REPOSITORY:
                raise RepositoryGone(name) from error
            raise
        return {tag["Key"]: tag.get("Value", "") for tag in answer["tags"]}
