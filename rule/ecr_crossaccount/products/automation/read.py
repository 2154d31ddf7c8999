"""The current state of a repository and its registry, and the policy in a backup that the stack wrote for it."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import ClientError

from .steps import StepError

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


def repository(ecr: ECRClient, name: str) -> dict[str, str]:
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


def registry(ecr: ECRClient) -> dict[str, str]:
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


def organization(organizations: OrganizationsClient) -> str:
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


LARGEST = 1_048_576
"""Bytes. A policy has at most 10,240 characters, and the text about it somewhat more."""


def policy_stored(events: Mapping[str, str]) -> str:
    """Return the policy of the backup at `Key`, in exactly this `Version`. `null` if the repository had none.

    Raises StepError, ClientError, BotoCoreError.
    """
    key = events["Key"]
    answer = boto3.client("s3").get_object(
        Bucket=events["Bucket"],
        Key=key,
        VersionId=events["Version"],
        ChecksumMode="ENABLED",
        ExpectedBucketOwner=events["Account"],
    )
    text = answer["Body"].read(LARGEST + 1)
    if len(text) > LARGEST:
        raise StepError(f"`{key}` has more than {LARGEST:,} bytes, so it is not a backup")
    found = base64.b64encode(hashlib.sha256(text).digest()).decode()
    if answer.get("ChecksumSHA256") != found:
        raise StepError(
            f"`{key}` does not have the SHA-256 that the stack stores with a backup: it is damaged, or not a backup"
        )
    return policy_in(text.decode(errors="replace"), key, events)


def policy_in(text: str, name: str, facts: Mapping[str, str]) -> str:
    """Return the policy of the backup called `name`, of exactly this repository. Raises StepError."""
    try:
        written = json.loads(text)
    except ValueError as error:
        raise StepError(f"`{name}` is not a backup: not JSON, {error}") from None
    policy = policy_of(written, name)
    for difference in differences(written, facts):
        raise StepError(f"`{name}` is of {difference}")
    if not name.endswith(f"/{written.get('repository')}/{written.get('time')}-{written.get('execution')}.json"):
        raise StepError(f"`{name}` is not where the run `{written.get('execution')}` keeps its backup")
    try:
        json.loads(policy)
    except ValueError as error:
        raise StepError(f"the policy in `{name}` is not JSON: {error}") from None
    return policy


def policy_of(written: object, name: str) -> str:
    """Return the text of the policy in the backup called `name`, of any repository. Raises StepError."""
    policy = written.get("policy") if isinstance(written, dict) and written.get("version") == 1 else None
    if not isinstance(policy, str):
        raise StepError(f"`{name}` is not a backup: expected an object with `version` 1 and `policy`, a text")
    return policy


def differences(written: Mapping[str, object], facts: Mapping[str, str]) -> list[str]:
    """Return how the repository of a backup differs from that of `facts`: in account, Region or name."""
    return [
        f"{field} `{written.get(field)}`, not of `{facts[field.title()]}`"
        for field in ("account", "region", "repository")
        if written.get(field) != facts[field.title()]
    ]
