"""The current state: a repository's policy and tags, the registry policy, and the organization of the account."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_organizations import OrganizationsClient

NO_POLICY = "null"
"""The text of a missing policy, here and in backups: JSON's null."""
DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})


def read(name: str) -> dict[str, str]:
    """Return the fields of `repository`, `Registry` and `Organization`. Raises ClientError, BotoCoreError."""
    ecr = boto3.client("ecr")
    found = {**repository(ecr, name), "Registry": json.dumps(registry(ecr))}
    return {**found, "Organization": organization(boto3.client("organizations"))}


def asked_about(found: Mapping[str, str]) -> dict[str, str]:
    """Return the part of `read` that the planning function needs."""
    return {name: found[name] for name in ("Policy", "Registry", "Arn", "Tags", "Organization")}


def repository(ecr: "ECRClient", name: str) -> dict[str, str]:
    """Return the state of a repository, with every field as text. Raises ClientError, BotoCoreError.

    `State` is Policy, NoPolicy or Gone.
    """
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


def registry(ecr: "ECRClient") -> dict[str, str]:
    """Return the policy of the registry and its scope. Raises ClientError, BotoCoreError.

    Empty if there is none. `Refused` is the action that AWS refuses, if the policy or its scope is unknown.
    """
    found: dict[str, str] = {}
    try:
        found["Policy"] = ecr.get_registry_policy()["policyText"]
        found["Scope"] = ecr.get_account_setting(name="REGISTRY_POLICY_SCOPE").get("value", "")
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code")
        if code in DENIED:
            return {**found, "Refused": "ecr:GetAccountSetting" if found else "ecr:GetRegistryPolicy"}
        if code != "RegistryPolicyNotFoundException":
            raise
    return found


def organization(organizations: "OrganizationsClient") -> str:
    """Return the id of the account's organization, `none` if it has none, or `refused` if AWS refuses to show it."""
    try:
        return organizations.describe_organization()["Organization"]["Id"]
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code")
        if code == "AWSOrganizationsNotInUseException":
            return "none"
        if code in DENIED:
            return "refused"
        raise
