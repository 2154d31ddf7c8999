"""The Lambda handler for the Automation documents. Everything else is in `ecr_crossaccount.products.automation`."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime

from ecr_crossaccount.products.automation.planner import Requiring, answer, source_of, trust_now

PARAMETERS = json.loads(os.environ["RULE_PARAMETERS"])
"""The rule's own parameters, because plan and rule must trust the same principals."""
SOURCE = source_of(PARAMETERS, lambda: datetime.now(UTC))
REQUIRING = Requiring(PARAMETERS, lambda: datetime.now(UTC))


COUNTS_REGISTRY_POLICY = str(PARAMETERS.get("countRegistryPolicy", "")).strip().lower() != "false"


def lambda_handler(event: Mapping[str, str], _context: object) -> dict[str, str]:
    """Answer a request of a document. An error fails the document's step, which then changes nothing."""
    request = {name: one for name, one in event.items() if name != "Registry" or COUNTS_REGISTRY_POLICY}
    return answer(request, trust_now(SOURCE), REQUIRING.now)
