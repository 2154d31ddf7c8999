"""CloudTrail's records of calls to Amazon ECR, as in its user guide.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/logging-using-cloudtrail.html
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

OWNER = "111122223333"
REPOSITORY = "team/base"


def called(
    name: str,
    account: str = "999988887777",
    *,
    at: str = "2026-11-20T08:00:00Z",
    repository: str = REPOSITORY,
    **other: object,
) -> Json:
    """Return the owner's copy of a call by another account. Fields can be replaced, or removed with None."""
    event: Json = {
        "eventVersion": "1.08",
        "userIdentity": {"type": "AWSAccount", "principalId": f"AROAEXAMPLE:{account}", "accountId": account},
        "eventTime": at,
        "eventSource": "ecr.amazonaws.com",
        "eventName": name,
        "awsRegion": "eu-central-1",
        "sourceIPAddress": "AWS Internal",
        "userAgent": "AWS Internal",
        "requestParameters": {"registryId": OWNER, "repositoryName": repository},
        "responseElements": None,
        "eventID": f"{name}-{account}-{at}",
        "readOnly": True,
        "resources": [{"ARN": f"arn:aws:ecr:eu-central-1:{OWNER}:repository/{repository}", "accountId": OWNER}],
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": OWNER,
        "eventCategory": "Management",
    }
    return {key: value for key, value in (event | other).items() if value is not None}
