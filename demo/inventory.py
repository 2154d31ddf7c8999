"""The output of AWS Config's query for the demo's repositories: `python -m demo.inventory > demo/inventory.json`."""

from __future__ import annotations

import json
import sys

from .registry import EXAMPLES, OWNER, REGION, Example


def inventory() -> dict[str, object]:
    """Return the output in the form of `aws configservice select-resource-config`."""
    fields = ("accountId", "awsRegion", "arn", "resourceId", "configuration")
    return {
        "Results": [json.dumps(_row(example)) for example in EXAMPLES],
        "QueryInfo": {"SelectFields": [{"Name": name} for name in fields]},
    }


def _row(example: Example) -> dict[str, object]:
    arn = f"arn:aws:ecr:{REGION}:{OWNER}:repository/{example.name}"
    configuration = {
        "RepositoryName": example.name,
        "Arn": arn,
        # AWS Config has an empty object for a repository without a policy.
        "RepositoryPolicyText": {} if example.policy is None else example.policy,
        "Tags": [],
    }
    return {
        "accountId": OWNER,
        "awsRegion": REGION,
        "arn": arn,
        "resourceId": example.name,
        "configuration": configuration,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(inventory(), indent=2) + "\n")
