"""The rule's findings in AWS Security Hub, opt-in: `finding` makes them from a verdict, and `hub` sends them.

`finding` and `mark` only compute. `hub` calls AWS.
"""

import os

ENABLED = "SECURITY_HUB"
"""The environment variable that is set if findings are sent."""


def is_enabled() -> bool:
    """Return whether findings are sent."""
    return bool(os.environ.get(ENABLED))
