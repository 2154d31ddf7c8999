"""The owner account, as AWS shows it: its repositories, its registry, why ECR refuses them, and its organization.

The policy of a registry counts for all of its repositories together with their own policies. A refusal is caused by the
repository's policy or by the role of the rule. The forms of the messages:
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Self

from botocore.exceptions import ClientError

from ...judgement.beside import RegistryPolicy, Scope
from ...memo import by_value
from . import log
from .errors import RepositoryGoneError, code_of, is_refusal

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_organizations import OrganizationsClient


REPOSITORIES_A_PAGE = 1000
"""https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeRepositories.html"""

_NO_POLICY = "RepositoryPolicyNotFoundException"
_NO_REPOSITORY = "RepositoryNotFoundException"
_NO_REGISTRY_POLICY = "RegistryPolicyNotFoundException"
_SCOPE = "REGISTRY_POLICY_SCOPE"


@by_value
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
        """Return the policy of a repository, or None if it has none. Raises RepositoryGoneError, ClientError."""
        try:
            answer = self.ecr.get_repository_policy(registryId=self.account, repositoryName=name)
        except ClientError as error:
            if code_of(error) == _NO_POLICY:
                return None
            if code_of(error) == _NO_REPOSITORY:
                raise RepositoryGoneError(name) from error
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
        """Return the tags of a repository. Raises RepositoryGoneError, ClientError."""
        arn = f"arn:{partition}:ecr:{self.region}:{self.account}:repository/{name}"
        try:
            answer = self.ecr.list_tags_for_resource(resourceArn=arn)
        except ClientError as error:
            if code_of(error) == _NO_REPOSITORY:
                raise RepositoryGoneError(name) from error
            raise
        return {tag["Key"]: tag.get("Value", "") for tag in answer["tags"]}


POLICY = "GetRepositoryPolicy"
TAGS = "ListTagsForResource"

_HOW = re.compile(r"with an explicit deny(?: in an? [a-z -]{1,40} policy)?|because no [a-z -]{1,40} policy allows")
_OWN = "with an explicit deny in a resource-based policy"
"""For a role of the same account, this can only be the repository's policy."""

_PLACES = "the repository's policy, the policies of this rule's role and the organization's"


@by_value
class Refusal:
    """ECR refused an operation for one repository. `how` is the part of the message that names the kind of policy."""

    operation: str
    how: str

    @classmethod
    def from_error(cls, error: ClientError) -> Self | None:
        """Return the refusal in an error, or None for another error, such as a role that cannot be assumed."""
        if error.operation_name not in (POLICY, TAGS) or not is_refusal(code_of(error)):
            return None
        found = _HOW.search(str(error.response.get("Error", {}).get("Message", "")))
        return cls(error.operation_name, sys.intern(found[0].removesuffix(" allows") if found else ""))

    @property
    def is_by_its_own_policy(self) -> bool:
        """Whether ECR says that the repository's policy denies it."""
        return self.how == _OWN

    @property
    def short(self) -> str:
        """What ECR refuses."""
        return f"ECR refuses ecr:{self.operation} {self.how}".rstrip()

    @property
    def reason(self) -> str:
        """What ECR refuses, and where to look. It fits into an annotation."""
        return f"{self.short}; look for a Deny in {_PLACES}"


def policy_of(registry: Registry) -> RegistryPolicy:
    """Return the policy of a registry, by at most two calls. Raises ClientError or BotoCoreError to be repeated.

    A denied call fails closed: the policy is unknown, so every repository is undecided.
    """
    try:
        document = registry.registry_policy()
    except ClientError as error:
        reason = _log_refusal(error, "ecr:GetRegistryPolicy")
        if reason is None:
            raise
        return RegistryPolicy(unread=f"{reason}: allow it, or set countRegistryPolicy to false")
    if document is None:
        return RegistryPolicy(None)
    try:
        return RegistryPolicy(document, registry.scope())
    except ClientError as error:
        if _log_refusal(error, "ecr:GetAccountSetting") is None:
            raise
        return RegistryPolicy(document, way_out="allow the rule's role ecr:GetAccountSetting")


def _log_refusal(error: ClientError, action: str) -> str | None:
    """Log that the role may not call an action, and return the reason. None for a different error."""
    code = code_of(error)
    if not is_refusal(code) or error.operation_name == "AssumeRole":
        return None
    reason = f"{action} was refused ({code})"
    log.warning("the registry policy cannot be counted", reason=reason, error=str(error))
    return reason


_LOOK_UP = "DescribeOrganization"


@by_value
class Membership:
    """The organization of an account, `self` in the rule's parameters. None if it has none, or `problem` says why.

    `management` is the account that manages it, or None if AWS does not show it. `refused` is why AWS showed nothing.
    """

    organization: str | None
    problem: str | None = None
    management: str | None = None
    refused: str | None = None


def membership_of(organizations: OrganizationsClient) -> Membership:
    """Return the membership of the account of a client. Raises ClientError if the call should be repeated.

    A denied lookup fails closed: no organization, and a problem that says so.
    """
    try:
        found = organizations.describe_organization()["Organization"]
        return Membership(found["Id"], management=found.get("MasterAccountId"))
    except ClientError as error:
        if error.operation_name != _LOOK_UP:
            raise  # the role could not be assumed
        code = code_of(error)
        if code == "AWSOrganizationsNotInUseException":
            return Membership(None)
        if is_refusal(code):
            refused = f"organizations:DescribeOrganization was refused ({code})"
            problem = f"`self` trusts nobody: {refused}"
            log.warning(refused, reason=str(error))
            return Membership(None, problem, refused=refused)
        raise
