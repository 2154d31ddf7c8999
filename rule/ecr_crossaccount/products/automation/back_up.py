"""Stores the old policy where it can be found again, with the reason for replacing it."""

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime

import boto3

from .texts import unpack_facts

VERSION = 1


def back_up(events: Mapping[str, str], _context: object) -> dict[str, str]:
    """Run the step: write the backup to the bucket. `Key` and `Version` identify it."""
    now = datetime.fromtimestamp(time.time(), UTC).strftime("%Y-%m-%d_%H.%M.%S")
    facts = {**events, **unpack_facts(events["Facts"]), "Now": now}
    key = f"{facts['Account']}/{facts['Region']}/{facts['Repository']}/{now}-{facts['Execution']}.json"
    answer = boto3.client("s3").put_object(
        Bucket=facts["Bucket"],
        Key=key,
        Body=backup(facts).encode(),
        ContentType="application/json",
        ChecksumAlgorithm="SHA256",  # *restore* needs it, and a bucket with object lock too
        ExpectedBucketOwner=facts["Account"],
    )
    return {"Key": key, "Version": answer.get("VersionId", "null")}


def backup(facts: Mapping[str, str]) -> str:
    """Return the text of a backup: the repository, the policy as it was read, the verdict on it and the plan."""
    written = {
        "version": VERSION,
        "account": facts["Account"],
        "region": facts["Region"],
        "repository": facts["Repository"],
        "time": facts["Now"],
        "execution": facts["Execution"],
        "policy": facts["Policy"],
        **json.loads(facts["Record"]),
    }
    return json.dumps(written, indent=2) + "\n"
