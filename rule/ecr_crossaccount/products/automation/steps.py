"""What several steps of an Automation document share: what they read, approval, the planning function, and texts.

Systems Manager replaces text in double braces wherever it evaluates a document, including the values of outputs:
https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-documents.html. A policy's Sid, ARN or condition
may have such braces. So the input of a later step is packed, and text for a person has no double braces.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_organizations import OrganizationsClient


class StepError(Exception):
    """The run ends here. The message says why, and what the policy is now."""


def end(events: Mapping[str, str], _context: object) -> dict[str, str]:
    """Run the step: return `Message`, so that the console shows how the run ended."""
    return {"Message": events["Message"]}


_OPENING = re.compile(r"\{(?=\{)")
"""A brace before another. Each pair of braces begins with one."""
LARGEST = 1_048_576
"""The most bytes of a backup, and of an unpacked text. Either has about a tenth, because a policy is short."""


def pack_facts(facts: Mapping[str, str]) -> str:
    """Return facts for a later step, in only letters, digits, `+`, `/` and `=`."""
    return base64.b64encode(zlib.compress(json.dumps(facts).encode())).decode()


def unpack_facts(text: str) -> dict[str, str]:
    """Return what was packed. Raises ValueError, zlib.error."""
    unzip = zlib.decompressobj()
    found: dict[str, str] = json.loads(unzip.decompress(base64.b64decode(text, validate=True), LARGEST))
    return found


def inert(text: str) -> str:
    """Return a text for people in which Systems Manager finds nothing to replace: `{ {` for two braces."""
    return _OPENING.sub("{ ", text)


def inert_json(text: str) -> str:
    """Return a JSON text with the same meaning without double braces. JSON has two in a row only in strings."""
    return _OPENING.sub(r"\\u007b", text)


_MATTERS = {
    "Policy": "the policy that the repository has",
    "Wanted": "the policy that would be written",
    "Use": "the recent use of the removed access",
    "Required": "the required statements or the principals that they deny",
}


def unless_approved_otherwise(facts: Mapping[str, str], approved: str | None) -> None:
    """Raise StepError if `approved`, the packed facts of the step before the approval, differ from `facts`."""
    then = unpack_facts(approved) if approved else facts
    changed = [what for name, what in _MATTERS.items() if then.get(name) != facts.get(name)]
    if changed:
        raise StepError(
            f"the policy is unchanged: since the approval was asked for, {' and '.join(changed)} changed; start again"
        )


SECONDS = 90
"""How long to wait for an answer. The function ends after 60 seconds."""


def ask(function: str, request: Mapping[str, str]) -> dict[str, str]:
    """Return the function's answer, with every field as text. Raises StepError, ClientError, BotoCoreError."""
    patience = Config(read_timeout=SECONDS, retries={"mode": "standard", "total_max_attempts": 3})
    told = boto3.client("lambda", config=patience).invoke(FunctionName=function, Payload=json.dumps(request).encode())
    text = told["Payload"].read().decode(errors="replace")
    try:
        answer = json.loads(text)
    except ValueError:
        answer = text
    if told.get("FunctionError") or not isinstance(answer, dict) or "Compliance" not in answer:
        problem = answer.get("errorMessage", text) if isinstance(answer, dict) else text
        raise StepError(f"the planning function gave no answer: {problem}")
    return {name: str(value) for name, value in answer.items()}


# --- the repository and its registry now, and the policy in a backup ---

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
