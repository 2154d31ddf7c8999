"""The findings that IAM Access Analyzer is documented to return for acceptance/cases.json, written by hand.

It reports a principal that a policy names, or `*` with its conditions if the policy names none. It reports public
access if there are no conditions. It reports no AWS services.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-findings.html
"""

from __future__ import annotations

from typing import Any

from acceptance.sandbox import PARTNER, PREFIX, STRANGER

Json = dict[str, Any]


def _found(principal: str, *actions: str, **more: object) -> Json:
    return {
        "principal": {"AWS": principal},
        "action": list(actions),
        "condition": {},
        "isPublic": principal == "*",
        **more,
    }


_READ = "ecr:BatchGetImage"
FINDINGS: dict[str, list[Json]] = {
    "no-policy": [],
    "own-account": [],
    "own-roles-by-pattern": [],
    "denied-outside": [],
    "partner-reads": [_found(PARTNER, _READ, "ecr:GetDownloadUrlForLayer")],
    "partner-does-all": [_found(PARTNER, "ecr:*")],
    "partner-writes": [_found(PARTNER, _READ, "ecr:PutImage")],
    "stranger-reads": [_found(STRANGER, _READ)],
    "everybody": [_found("*", _READ, "ecr:GetDownloadUrlForLayer")],
    "another-organization": [
        _found("*", _READ, condition={"aws:PrincipalOrgID": "o-a1b2c3d4e5"}, isPublic=False),
    ],
    "if-exists": [_found("*", _READ)],
    "for-all-values": [_found("*", _READ)],
    "half-denied": [_found("*", "ecr:DescribeImages")],
    "every-address": [_found("*", _READ)],
    "service-for-anybody": [],
    "service-for-us": [],
    "unreadable": [],
}


def opinion(arn: str, _policy: str) -> list[Json]:
    return FINDINGS[arn.partition(f":repository/{PREFIX}")[2]]
