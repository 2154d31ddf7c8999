"""The rule's findings in AWS Security Hub, opt-in: `finding` makes them of a verdict, `hub` sends them.

`finding` and `mark` compute only; `hub` is the edge.
"""

import os

ENABLED = "SECURITY_HUB"
"""The environment variable that is set where findings are sent."""


def is_enabled() -> bool:
    """Tell whether findings are to be sent."""
    return bool(os.environ.get(ENABLED))
