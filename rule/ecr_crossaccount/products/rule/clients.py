"""boto3 clients, made once and reused by every invocation of the container."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import Any

import boto3
import botocore.session
from botocore.credentials import (
    CredentialProvider,
    CredentialResolver,
    DeferredRefreshableCredentials,
    create_assume_role_refresher,
)
from rdklib import ClientFactory

from ...sources.aws import answers, metrics, retries
from ...sources.aws.errors import is_expired

_ASIDE = frozenset({"securityhub"})
"""Services that are not needed to deliver results."""
_SESSION_NAME = "ecr-crossaccount"
# The longest session of a chained role, and the shortest limit that a role can have:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use.html. botocore renews it 15 minutes before the end.
_SESSION_SECONDS = 3600


class Clients(ClientFactory):  # type: ignore[misc]  # rdklib has no type information
    """rdklib's factory for one role and Region. None means the function's own role or Region.

    It avoids these problems of rdklib: it makes a new client for every call, without time limits and with botocore's
    few retries. It assumes a role once, at a hard-coded `sts.REGION.amazonaws.com`, and its credentials end after 15
    minutes.

    `expired`: AWS has refused the credentials as expired. A new factory gets new ones.
    """

    def __init__(self, role_arn: str | None, region: str | None) -> None:
        super().__init__(role_arn, region, assume_role_mode=role_arn is not None)
        self._region = region or os.environ.get("AWS_REGION")
        self._session = boto3 if role_arn is None else _session_as(role_arn, self._region)
        self._client = cache(self._new)
        self.expired = False

    def build_client(self, service: str, region: str | None = None, assume_role_mode: bool = True) -> Any:  # noqa: ANN401, FBT001, FBT002 - rdklib's signature
        """Return the client of a service. `assume_role_mode=False` uses the function's own role."""
        return self._client(service, region or self._region, assume_role_mode)

    def _new(self, service: str, region: str | None, assume_role_mode: bool) -> Any:  # noqa: ANN401, FBT001 - as above
        client = _new_client(self._session if assume_role_mode else boto3, service, region)
        client.meta.events.register("after-call", self._notice)
        return client

    def _notice(self, parsed: Mapping[str, Any], **_: object) -> None:
        """Note whether a call failed because the credentials have expired."""
        self.expired |= is_expired(str(parsed.get("Error", {}).get("Code")))


class _AssumedRole(CredentialProvider):
    """Credentials of a role, fetched when first needed and renewed before they end."""

    METHOD = "assume-role"

    def __init__(self, role_arn: str, region: str | None) -> None:
        super().__init__()
        self._request = {"RoleArn": role_arn, "RoleSessionName": _SESSION_NAME, "DurationSeconds": _SESSION_SECONDS}
        self._region = region

    def load(self) -> DeferredRefreshableCredentials:
        """Return the credentials that botocore signs with. It is called once for each session."""
        sts = _new_client(boto3, "sts", self._region)
        return DeferredRefreshableCredentials(create_assume_role_refresher(sts, self._request), self.METHOD)


def _new_client(session: Any, service: str, region: str | None) -> Any:  # noqa: ANN401 - boto3 or a session of it
    is_aside = service in _ASIDE
    settings = retries.SETTINGS_ASIDE if is_aside else retries.SETTINGS
    client = session.client(service, region_name=region, config=settings)
    client.meta.events.register("request-created", metrics.count_call)
    client.meta.events.register("before-parse", answers.check)
    client.meta.events.register_first("needs-retry", retries.give_up_in_time)
    if not is_aside:
        retries.Patience().attend(client)
    return client


def _session_as(role_arn: str, region: str | None) -> boto3.Session:
    session = botocore.session.get_session()
    session.register_component("credential_provider", CredentialResolver([_AssumedRole(role_arn, region)]))
    return boto3.Session(botocore_session=session)
