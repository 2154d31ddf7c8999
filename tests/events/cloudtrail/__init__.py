"""CloudTrail's records of calls to Amazon ECR, one in each file, and the envelope that EventBridge delivers.

Shapes: the examples in Amazon ECR's user guide (logging-using-cloudtrail), and records that users have published.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Json = dict[str, Any]

OWNER = "111122223333"
NAMES = tuple(sorted(path.stem for path in Path(__file__).parent.glob("*.json")))


def record(name: str, **fields: object) -> Json:
    """Return a record with fields replaced, or removed if they are None."""
    loaded: Json = json.loads(Path(__file__).with_name(f"{name}.json").read_text(encoding="utf-8"))
    return {key: value for key, value in (loaded | fields).items() if key not in fields or value is not None}


def delivered(name: str, **fields: object) -> Json:
    """Return EventBridge's event for a record.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
    """
    detail = record(name, **fields)
    kind = "AWS Service Event" if detail["eventType"] == "AwsServiceEvent" else "AWS API Call"
    return {
        "version": "0",
        "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
        "detail-type": f"{kind} via CloudTrail",
        "source": f"aws.{detail['eventSource'].partition('.')[0]}",
        "account": detail["recipientAccountId"],
        "time": detail["eventTime"],
        "region": detail["awsRegion"],
        "resources": [],
        "detail": detail,
    }


def with_policy(name: str, policy: object, **fields: object) -> Json:
    """Return the event of a record with another policy, in the request and in ECR's response."""
    detail = record(name)
    text = policy if isinstance(policy, str) else json.dumps(policy)
    request, response = (detail[part] | {"policyText": text} for part in ("requestParameters", "responseElements"))
    return delivered(name, **{"requestParameters": request, "responseElements": response} | fields)
