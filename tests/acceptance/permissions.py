"""The IAM actions of calls, and the actions that acceptance/policy.json allows."""

from __future__ import annotations

import json

from remediation.__main__ import ROOT

POLICY = ROOT / "acceptance" / "policy.json"
NAMED_OTHERWISE = {
    "s3:DeleteObjects": "s3:DeleteObjectVersion",
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
}
"""https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html"""


def action(service: str, operation: str) -> str:
    """Return the IAM action of a call. The service is given by its signing name."""
    called = f"{'cloudwatch' if service == 'monitoring' else service}:{operation}"
    return NAMED_OTHERWISE.get(called, called)


def allowed() -> set[str]:
    """Return the actions that the policy allows."""
    return {
        one for statement in json.loads(POLICY.read_text(encoding="utf-8"))["Statement"] for one in statement["Action"]
    }
