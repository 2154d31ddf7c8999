"""Reads the policy in a backup, if the stack wrote the backup for this repository."""

import base64
import hashlib
import json
from collections.abc import Mapping

import boto3

from .stop import StepError

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
