"""Events from CloudFormation Hooks to a Lambda hook, one in each file.

Shape: https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/lambda-hooks-create-lambda-function.html
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Json = dict[str, Any]

NAMES = sorted(path.stem for path in Path(__file__).parent.glob("*.json"))


def load(name: str) -> Json:
    """Return an event."""
    loaded: Json = json.loads(Path(__file__).with_name(f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def with_properties(name: str, properties: object, previous: object = None) -> Json:
    """Return an event of `name` with other properties."""
    loaded = load(name)
    loaded["requestData"]["targetModel"] = {
        "resourceProperties": properties,
        "previousResourceProperties": previous,
    }
    return loaded
