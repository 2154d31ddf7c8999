"""The Lambda handler that lists the accounts of an organization on a schedule: `ecr_crossaccount.sources.register`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime

from ecr_crossaccount.sources.aws import log
from ecr_crossaccount.sources.aws.clients import client_of
from ecr_crossaccount.sources.register.content import Location
from ecr_crossaccount.sources.register.listing import write_members

_ACCOUNT_OF_AN_ARN = 4


def lambda_handler(_event: Mapping[str, object], context: object) -> None:
    """Write the list to the location in `TRUST_MEMBERS`. An error propagates to Lambda, and the earlier list stays."""
    location = Location.parse(os.environ["TRUST_MEMBERS"])
    own = str(getattr(context, "invoked_function_arn", "")).split(":")
    with log.bind_fields(requestId=getattr(context, "aws_request_id", None), members=str(location)), log.failures():
        account = "".join(own[_ACCOUNT_OF_AN_ARN : _ACCOUNT_OF_AN_ARN + 1])
        told = write_members(location, account, client_of, datetime.now(UTC))
        log.info("members listed", **told)
        if told["withoutPath"]:
            log.warning("accounts without a path are members of no unit", number=told["withoutPath"])
