"""Clients of the stores, created on first use, with the function's own role.

They use botocore directly, because boto3 would import its additions to the S3 client, which the artefact omits.
"""

from __future__ import annotations

import os
from functools import cache
from typing import Any


@cache
def client_of(service: str) -> Any:  # noqa: ANN401 - there are no types of a service that is named at run time
    """Return the client of a service in the function's Region.

    Its timeouts fit into the 30 seconds that CloudFormation gives a hook.
    """
    import botocore.session  # noqa: PLC0415 - without a configured register, nothing is imported
    from botocore.config import Config  # noqa: PLC0415

    settings = Config(
        connect_timeout=2,
        read_timeout=4,
        retries={"mode": "standard", "total_max_attempts": 3},
        user_agent_extra="ecr-crossaccount",
    )
    session = botocore.session.get_session()
    return session.create_client(service, region_name=os.environ.get("AWS_REGION"), config=settings)
