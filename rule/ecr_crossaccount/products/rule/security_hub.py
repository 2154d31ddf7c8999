"""The rule's findings in AWS Security Hub, opt-in. `security_hub_finding` makes one, `security_hub_import` sends it."""

import os

ENABLED = "SECURITY_HUB"
"""The environment variable that is set if findings are sent."""


def is_enabled() -> bool:
    """Return whether findings are sent."""
    return bool(os.environ.get(ENABLED))
