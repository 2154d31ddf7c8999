"""AWS Config's inventory: the recorded repositories of an account and Region, a hundred for each call.

Advanced queries: https://docs.aws.amazon.com/config/latest/developerguide/querying-AWS-resources.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...sources.aws.deadline import Deadline
from ...sources.aws.errors import EventError, MalformedAnswerError
from ...sources.aws.events import (
    REPOSITORY,
    Json,
    RepositoryItem,
    decoded,
    is_applicable,
    moment_of,
    object_of,
    text_of,
)

if TYPE_CHECKING:
    from mypy_boto3_config import ConfigServiceClient

EXPRESSION = (
    "SELECT accountId, awsRegion, arn, resourceType, resourceId, configurationItemStatus,"
    f" configurationItemCaptureTime, configuration, tags WHERE resourceType = '{REPOSITORY}'"
)
_ROWS_A_PAGE = 100
"""https://docs.aws.amazon.com/config/latest/APIReference/API_SelectResourceConfig.html"""


@dataclass(frozen=True, slots=True)
class Row:
    """A repository as Config recorded it. `captured` is the time of the record, as Config writes it."""

    name: str
    policy: object
    tags: Mapping[str, str]
    captured: str

    @property
    def second(self) -> int:
        """The time in seconds, without the fraction."""
        return int(moment_of(self.captured).timestamp())


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, and the token of the next page, or None after the last."""

    rows: tuple[Row, ...]
    token: str | None


@dataclass(frozen=True, slots=True)
class Inventory:
    """The recorded repositories of one account and Region."""

    config: ConfigServiceClient
    account: str
    region: str

    def pages(self, token: str, deadline: Deadline) -> Iterator[Page]:
        """Yield the pages from a token on, or all if it is empty. Each page is fetched while the previous one is read.

        Rows that do not show everything that a judgement needs are left out, as if Config did not have them. Raises
        OutOfTime after at least one page, ClientError, BotoCoreError.
        """
        with ThreadPoolExecutor(1) as pool:
            page = self._page(token)
            while page.token is not None:
                ahead = pool.submit(copy_context().run, self._page, page.token)
                yield page
                page = ahead.result()
                deadline.check()
            yield page

    def _page(self, token: str) -> Page:
        more = {"NextToken": token} if token else {}
        answer = self.config.select_resource_config(Expression=EXPRESSION, Limit=_ROWS_A_PAGE, **more)
        if token and answer.get("NextToken") == token:
            raise MalformedAnswerError("config", "SelectResourceConfig", "the next page is the same one")
        rows = (row for text in answer.get("Results", ()) for row in self._rows(text))
        return Page(tuple(rows), answer.get("NextToken") or None)

    def _rows(self, text: str) -> Iterator[Row]:
        """Yield the row of a result, or nothing if it is not usable."""
        try:
            item = _item(text)
            repository = RepositoryItem.parse(item, {})
            captured = text_of(item, "configurationItemCaptureTime")
            moment_of(captured)
        except EventError:
            return
        ours = (repository.account, repository.region) == (self.account, self.region)
        if not (ours and is_applicable(item, {})) or repository.policy is None or repository.tags is None:
            return
        yield Row(repository.name, repository.policy, repository.tags, captured)


def _item(text: str) -> Json:
    """Return a row as a configuration item. Its tags are a list of `key` and `value` here. Raises EventError."""
    row = object_of({"row": decoded(text, "a row of the inventory")}, "row")
    tags = row.get("tags")
    if isinstance(tags, list):
        row = {**row, "tags": {tag.get("key"): tag.get("value") for tag in tags if isinstance(tag, Mapping)}}
    return row
