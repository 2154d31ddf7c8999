"""The repositories of an account, as Amazon ECR lists them now, and the account itself.

This module does not import the judgement, so that a listing can start first and the judgement is loaded meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from ...documents.principals import is_account
from ...sources.aws.calls import AwsError, Calls, reason_of
from ...sources.aws.ecr import REPOSITORIES_A_PAGE, Registry
from ...sources.aws.errors import MalformedAnswerError
from .clients import Caller
from .items import AuditError, Unread

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient

_OF_AN_ARN = 6


@dataclass(frozen=True, slots=True)
class _Page:
    """ARNs of repositories by name, and the next page. `error` says why there are no more."""

    arns: dict[str, str]
    following: Future[_Page] | None = None
    error: ClientError | BotoCoreError | None = None


class _Pages:
    """The pages of a Region's answer. It can be iterated several times, and waits for pages that are not there yet."""

    def __init__(self, ecr: ECRClient, calls: Calls) -> None:
        self.ecr = ecr
        self._calls = calls
        self._first = calls.begin(self._page)

    def __iter__(self) -> Iterator[_Page]:
        following: Future[_Page] | None = self._first
        while following is not None:
            page = following.result()
            yield page
            following = page.following

    def _page(self, **token: str) -> _Page:
        try:
            answer = self.ecr.describe_repositories(maxResults=REPOSITORIES_A_PAGE, **token)
        except AwsError as error:
            return _Page({}, error=error)
        arns = {one["repositoryName"]: one.get("repositoryArn") or "" for one in answer["repositories"]}
        more = answer.get("nextToken")
        if more and more == token.get("nextToken"):
            same = MalformedAnswerError("ecr", "DescribeRepositories", "the next page is the same one")
            return _Page(arns, error=same)
        following = self._calls.begin(self._page, nextToken=more) if more else None
        return _Page(arns, following)


@dataclass(frozen=True, slots=True)
class Listing:
    """The repositories of one Region."""

    registry: Registry
    partition: str
    pages: _Pages

    def names(self) -> Iterator[str]:
        """Yield each name once, as it becomes known. Pages may overlap while repositories are created and deleted."""
        seen: set[str] = set()
        for page in self.pages:
            yield from (name for name in page.arns if name not in seen)
            seen.update(page.arns)

    def unread(self) -> Iterator[Unread]:
        """Yield the error that ended the list early."""
        for page in self.pages:
            if page.error is not None:
                yield Unread(reason_of(page.error), self.registry.account, self.registry.region)


class Listings:
    """The caller's own registries in some Regions. The listing of all of them starts on construction."""

    def __init__(self, caller: Caller, regions: Sequence[str]) -> None:
        """Start the listing. Raises AuditError for a Region that cannot exist."""
        self.caller = caller
        self.regions = tuple(regions)
        self.calls = Calls(caller.concurrency)
        self._pages = [_Pages(ecr, self.calls) for ecr in [caller.ecr(region) for region in regions]]

    @cached_property
    def owner(self) -> tuple[str, str]:
        """The partition and the account, from a repository's ARN, or from AWS STS if there is no repository.

        Raises AuditError.
        """
        for pages in self._pages:
            for arn in next(iter(pages)).arns.values():
                parts = arn.split(":", _OF_AN_ARN - 1)
                if len(parts) == _OF_AN_ARN and parts[1] and is_account(parts[4]):
                    return parts[1], parts[4]
        return self._identity()

    def _identity(self) -> tuple[str, str]:
        """Ask in one Region after the other, because the first may not be enabled and the others still readable."""
        for region in self.regions[:-1]:
            try:
                return self.caller.identity(region)
            except AuditError:
                continue
        return self.caller.identity(self.regions[-1])

    @cached_property
    def all(self) -> tuple[Listing, ...]:
        """The listing of every Region, in the order of the Regions. Raises AuditError."""
        partition, account = self.owner
        return tuple(
            Listing(Registry(pages.ecr, account, region), partition, pages)
            for region, pages in zip(self.regions, self._pages, strict=True)
        )
