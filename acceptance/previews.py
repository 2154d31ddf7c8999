"""IAM Access Analyzer's opinion of a policy, from an access preview. It changes nothing and expires after a day.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-access-preview.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from .clients import Clients
from .clock import Clock, wait_for
from .errors import MissingError
from .sandbox import NAME

_SECONDS = 300
_EVERY = 2.0
_AT_ONCE = 10
_AN_HOUR = 3_900
"""An analyzer makes at most 1,000 previews an hour:
https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-quotas.html"""
_LATER = 300.0
_SERVICE = "Service: "
_RESOLVED = "RESOLVED"
"""The status of a finding that the previewed policy would end."""


@dataclass(frozen=True, slots=True)
class Found:
    """One finding of a preview: who has access, and whether Access Analyzer calls that public."""

    principal: tuple[str, ...]
    actions: tuple[str, ...]
    condition: Mapping[str, str]
    public: bool

    @property
    def services(self) -> tuple[str, ...]:
        """The AWS services that have access. Empty if the finding is about other principals."""
        return tuple(one.removeprefix(_SERVICE) for one in self.principal if one.startswith(_SERVICE))


def analyzer(clients: Clients, clock: Clock) -> str:
    """Return the ARN of an analyzer of external access whose zone of trust is the account.

    Creates one if there is none.

    Raises ClientError, BotoCoreError, TimedOutError.
    """
    there = _active(clients)
    if there is None:
        clients.analyzer.create_analyzer(analyzerName=NAME, type="ACCOUNT", tags={NAME: "run"})
        there = wait_for(clock, "an active analyzer", _SECONDS, lambda: _active(clients), every=_EVERY)
    return there


def _active(clients: Clients) -> str | None:
    pages = clients.analyzer.get_paginator("list_analyzers").paginate(type="ACCOUNT")
    found = (str(one["arn"]) for page in pages for one in page["analyzers"] if one["status"] == "ACTIVE")
    return next(found, None)


def at_once(
    clients: Clients, clock: Clock, analyzer_arn: str, asked: Sequence[tuple[str, str]]
) -> Iterator[Future[tuple[Found, ...]]]:
    """Yield what Access Analyzer would find, for each repository's ARN and policy, in order. Makes ten at a time.

    No further preview begins once the iteration ends. A result raises the errors of `previewed`.
    """
    pool = ThreadPoolExecutor(_AT_ONCE)
    try:
        yield from [pool.submit(previewed, clients, clock, analyzer_arn, *one) for one in asked]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def previewed(clients: Clients, clock: Clock, analyzer_arn: str, repository_arn: str, policy: str) -> tuple[Found, ...]:
    """Return what Access Analyzer would find with this policy. Use "" for a repository without a policy.

    Raises ClientError, BotoCoreError, TimedOutError, MissingError.
    """
    configurations = {repository_arn: {"ecrRepository": {"repositoryPolicy": policy}}}

    def created() -> str | None:
        try:
            made = clients.analyzer.create_access_preview(analyzerArn=analyzer_arn, configurations=configurations)
        except clients.analyzer.exceptions.ServiceQuotaExceededException:
            return None
        return str(made["id"])

    preview = wait_for(clock, "a preview within the hour's quota", _AN_HOUR, created, every=_LATER)

    def completed() -> bool | None:
        found = clients.analyzer.get_access_preview(accessPreviewId=preview, analyzerArn=analyzer_arn)["accessPreview"]
        if found["status"] == "FAILED":
            raise MissingError(
                f"the access preview failed: {found.get('statusReason', {}).get('code', 'no reason given')}"
            )
        return found["status"] == "COMPLETED" or None

    wait_for(clock, "the access preview", _SECONDS, completed, every=_EVERY)
    pages = clients.analyzer.get_paginator("list_access_preview_findings").paginate(
        accessPreviewId=preview, analyzerArn=analyzer_arn
    )
    findings = [one for page in pages for one in page["findings"]]
    unread = sorted({str(one["error"]) for one in findings if one.get("error")})
    if unread:
        raise MissingError(f"Access Analyzer could not analyze the policy: {', '.join(unread)}")
    return tuple(_found(one) for one in findings if one["status"] != _RESOLVED)


def _found(finding: Mapping[str, Any]) -> Found:
    principal = tuple(sorted(f"{kind}: {name}" for kind, name in finding.get("principal", {}).items()))
    return Found(
        principal,
        tuple(finding.get("action", ())),
        dict(finding.get("condition", {})),
        bool(finding.get("isPublic", False)),
    )
