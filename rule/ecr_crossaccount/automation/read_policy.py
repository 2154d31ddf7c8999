"""The repository as Amazon ECR shows it now: its policy, its tags, and the organization of its account."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_organizations import OrganizationsClient

NO_POLICY = "null"
"""The text of a policy that is not there, here and in backups: JSON's null."""
DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})


def read_policy(events: Mapping[str, str], _context: object) -> dict[str, str]:
    """Answer the step: `State` is Policy, NoPolicy or Gone; with the repository's ARN, tags and organization."""
    found = repository(boto3.client("ecr"), events["Repository"])
    return {**found, "Organization": organization(boto3.client("organizations"))}


def read_back(events: Mapping[str, str], _context: object) -> dict[str, str]:
    """Answer the step that looks at what was written: the same, without the organization."""
    return repository(boto3.client("ecr"), events["Repository"])


def repository(ecr: "ECRClient", name: str) -> dict[str, str]:
    """Return the state of a repository, every field a text. Raises ClientError, BotoCoreError."""
    found = {"State": "Gone", "Policy": NO_POLICY, "Arn": "-", "Account": "-", "Tags": "[]"}
    try:
        arn = ecr.describe_repositories(repositoryNames=[name])["repositories"][0]["repositoryArn"]
        found |= {"State": "NoPolicy", "Arn": arn, "Account": arn.split(":")[4]}
        found["Tags"] = json.dumps(ecr.list_tags_for_resource(resourceArn=arn)["tags"])
        found |= {"Policy": ecr.get_repository_policy(repositoryName=name)["policyText"], "State": "Policy"}
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code")
        if code == "RepositoryNotFoundException":
            found["State"] = "Gone"
        elif code != "RepositoryPolicyNotFoundException":
            raise
    return found


def organization(organizations: "OrganizationsClient") -> str:
    """Return the id of the account's organization, `none` if it is in none, `refused` if AWS will not say."""
    try:
        return organizations.describe_organization()["Organization"]["Id"]
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code")
        if code == "AWSOrganizationsNotInUseException":
            return "none"
        if code in DENIED:
            return "refused"
        raise
