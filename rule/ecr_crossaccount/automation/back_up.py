"""The old policy, kept where it can be found again, with why it was replaced."""

import json
from collections.abc import Mapping

import boto3

VERSION = 1


def back_up(events: Mapping[str, str], _context: object) -> dict[str, str]:
    """Answer the step: write the backup to the bucket; `Key` and `Version` name it."""
    key = f"{events['Account']}/{events['Region']}/{events['Repository']}/{events['Now']}-{events['Execution']}.json"
    answer = boto3.client("s3").put_object(
        Bucket=events["Bucket"],
        Key=key,
        Body=backup(events).encode(),
        ContentType="application/json",
        ChecksumAlgorithm="SHA256",  # a bucket with object lock asks for a checksum
        ExpectedBucketOwner=events["Account"],
    )
    return {"Key": key, "Version": answer.get("VersionId", "null")}


def backup(facts: Mapping[str, str]) -> str:
    """Return the text of a backup: what it is of, the policy as it was read, the verdict on it and the plan."""
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
