"""Events from AWS Config, one in each file. `history.json` is GetResourceConfigHistory's answer for `oversized`.

Shapes: the examples in AWS Config's Developer Guide, and recorded configuration items of AWS::ECR::Repository.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ACCOUNT = "111122223333"
MEMBER = "444455556666"
REGION = "eu-central-1"
RULE = "ecr-repository-cross-account-access-check"


def load(name: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads(Path(__file__).with_name(f"{name}.json").read_text(encoding="utf-8"))


def event(name: str, **parameters: object) -> dict[str, Any]:
    """Return an event of `name`, for a rule with these parameters."""
    loaded: dict[str, Any] = load(name)
    return loaded | ({"ruleParameters": json.dumps(parameters)} if parameters else {})


def of_account(happened: dict[str, Any], account: str) -> dict[str, Any]:
    """Return an event of `ACCOUNT` moved to another account, with its item and its roles."""
    moved: dict[str, Any] = json.loads(json.dumps(happened).replace(ACCOUNT, account))
    return moved


def changed(name: str, **fields: object) -> dict[str, Any]:
    """Return a change event with fields of its configuration item replaced."""
    loaded: dict[str, Any] = load(name)
    invoking = json.loads(loaded["invokingEvent"])
    invoking["configurationItem"] |= fields
    return loaded | {"invokingEvent": json.dumps(invoking)}


def with_policy(policy: object, **fields: object) -> dict[str, Any]:
    """Return a change event of the repository `demodev` with another policy."""
    item = json.loads(load("change-policy-text")["invokingEvent"])["configurationItem"]
    return changed(
        "change-policy-text", configuration=item["configuration"] | {"RepositoryPolicyText": policy}, **fields
    )
