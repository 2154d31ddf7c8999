"""Which repositories an account has, and whose they are, as Amazon ECR lists them now.

Nothing of the judgement is imported here: a listing is begun first, and what it takes to judge is loaded meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from ..config_rule.errors import MalformedAnswerError
from ..config_rule.repositories import REPOSITORIES_A_PAGE, Registry
from ..policy.principals import is_account
from .calls import Calls
from .clients import Caller
from .failures import AuditError, AwsError, reason_of
from .items import Unread

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient

_OF_AN_ARN = 6


@dataclass(frozen=True, slots=True)
class _Page:
    """ARNs of repositories by name, with the page after it; `error` says why there are no more of them."""

    arns: dict[str, str]
    following: Future[_Page] | None = None
    error: ClientError | BotoCoreError | None = None


class _Pages:
    """What a Region answers, page after page; it can be gone through again, and waits for what is not there yet."""

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
        """Yield the name of each as it becomes known, once: pages overlap where repositories come and go meanwhile."""
        seen: set[str] = set()
        for page in self.pages:
            yield from (name for name in page.arns if name not in seen)
            seen.update(page.arns)

    def unread(self) -> Iterator[Unread]:
        """Say why they are not all there."""
        for page in self.pages:
            if page.error is not None:
                yield Unread(reason_of(page.error), self.registry.account, self.registry.region)


class Listings:
    """The caller's own registries in some Regions, being listed side by side from the moment that this is made."""

    def __init__(self, caller: Caller, regions: Sequence[str]) -> None:
        """Raises AuditError for a Region that there cannot be."""
        self.caller = caller
        self.regions = tuple(regions)
        self.calls = Calls(caller.concurrency)
        self._pages = [_Pages(ecr, self.calls) for ecr in [caller.ecr(region) for region in regions]]

    @cached_property
    def owner(self) -> tuple[str, str]:
        """The partition and the account: repositories say whose they are, and AWS is asked where there is none.

        Raises AuditError.
        """
        for pages in self._pages:
            for arn in next(iter(pages)).arns.values():
                parts = arn.split(":", _OF_AN_ARN - 1)
                if len(parts) == _OF_AN_ARN and parts[1] and is_account(parts[4]):
                    return parts[1], parts[4]
        return self._identity()

    def _identity(self) -> tuple[str, str]:
        """Ask in one Region after the other: the first may not be enabled, which is no reason to read none."""
        for region in self.regions[:-1]:
            try:
                return self.caller.identity(region)
            except AuditError:
                continue
        return self.caller.identity(self.regions[-1])

    @cached_property
    def all(self) -> tuple[Listing, ...]:
        """What every Region has, in the order of the Regions. Raises AuditError."""
        partition, account = self.owner
        return tuple(
            Listing(Registry(pages.ecr, account, region), partition, pages)
            for region, pages in zip(self.regions, self._pages, strict=True)
        )
