"""Clients of the stores, made when they are first needed, with the function's own role.

By botocore itself: boto3 would import what it adds to S3's client, which the rule's artefact leaves out.
"""

from __future__ import annotations

import os
from functools import cache
from typing import Any


@cache
def client_of(service: str) -> Any:  # noqa: ANN401 - there are no types of a service that is named at run time
    """Return the client of a service in the function's Region.

    Its time limits leave room in the 30 seconds that CloudFormation gives a hook.
    """
    import botocore.session  # noqa: PLC0415 - where no register is configured, nothing is imported
    from botocore.config import Config  # noqa: PLC0415

    settings = Config(
        connect_timeout=2,
        read_timeout=4,
        retries={"mode": "standard", "total_max_attempts": 3},
        user_agent_extra="ecr-crossaccount",
    )
    session = botocore.session.get_session()
    return session.create_client(service, region_name=os.environ.get("AWS_REGION"), config=settings)
