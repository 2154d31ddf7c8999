"""A fake of Security Hub's BatchImportFindings and GetFindings, as the client that the rule uses.

It enforces the limits in models.py. It accepts 100 findings a
call, 240 KB a finding and 6 MB a call. Findings must be about the caller's own account and for its own product, and
their times must increase: https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchImportFindings.html.

Reading takes filters of at most 20 values for an attribute, and returns 100 findings a page:
https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_GetFindings.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError

from tests.fakes.models import assert_answer, model, problems_of_request

Json = Mapping[str, Any]

_LARGEST_FINDING, _LARGEST_CALL, _MOST, _MOST_VALUES = 240_000, 6_000_000, 100, 20
_TIMES, _SOME_TIME = ("CreatedAt", "UpdatedAt", "FirstObservedAt"), "2026-11-27T12:00:00Z"
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?Z")
"""https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_AwsSecurityFinding.html"""


def problems_of(finding: Json, account: str) -> Iterator[str]:
    """Yield the reasons why Security Hub would refuse a finding."""
    yield from problems_of_request("securityhub", "BatchImportFindings", {"Findings": [finding]})
    yield from (f"{name} is not a time" for name in _TIMES if not _TIME.fullmatch(finding.get(name, _SOME_TIME)))
    if finding["AwsAccountId"] != account or not finding["ProductArn"].endswith(f":product/{account}/default"):
        yield "not of the account that calls"
    if len(json.dumps(finding)) > _LARGEST_FINDING:
        yield "larger than 240 KB"


def matches(finding: Json, filters: Mapping[str, Sequence[Json]]) -> bool:
    """Return whether a finding has one of the values of each attribute in a filter."""
    for name, wanted in filters.items():
        assert 1 <= len(wanted) <= _MOST_VALUES
        assert {one["Comparison"] for one in wanted} == {"EQUALS"}
        if finding[name] not in {one["Value"] for one in wanted}:
            return False
    return True


class FakeSecurityHub:
    """The hub of one account, with `findings` by id. `fail` and `refuse` change its answers."""

    def __init__(self, account: str) -> None:
        self.account = account
        self.findings: dict[str, Json] = {}
        self.calls: list[int] = []
        self.reads: list[int] = []
        """The number of findings on each page that was read."""
        self.unreadable: str | None = None
        """The code of the error that reading raises, or None if it succeeds."""
        self._errors: list[str] = []
        self._refused: dict[str, list[str]] = {}
        self.miscounts = False
        self.says = "as asked"
        """The message of the error for a refused finding."""
        self.chokes_on: tuple[str, Exception] | None = None
        """A repository whose finding makes every call with it fail, and the error."""

    def fail(self, *codes: str) -> None:
        """Answer the next calls with errors."""
        self._errors += codes

    def refuse(self, name: str, *codes: str) -> None:
        """Answer a repository's finding with errors, one for each call."""
        self._refused.setdefault(name, []).extend(codes)

    def get_paginator(self, operation: str, /) -> SimpleNamespace:
        assert operation == "get_findings"
        return SimpleNamespace(paginate=self._pages)

    def _pages(self, Filters: Json, PaginationConfig: Mapping[str, int]) -> Iterator[Json]:  # noqa: N803 - AWS's names
        token = None
        while True:
            page = self.page(Filters, PaginationConfig["PageSize"], token)
            yield page
            token = page.get("NextToken")
            if token is None:
                return

    def page(self, filters: Json, size: int, token: str | None) -> Json:
        """Return a page of findings, as GetFindings does."""
        given = {} if token is None else {"NextToken": token}
        assert not problems_of_request("securityhub", "GetFindings", {"Filters": filters, "MaxResults": size} | given)
        if self.unreadable:
            raise ClientError({"Error": {"Code": self.unreadable, "Message": "as asked"}}, "GetFindings")
        found = [one for one in self.findings.values() if matches(one, filters)]
        start = int(token or 0)
        self.reads.append(len(found[start : start + size]))
        more = {"NextToken": str(start + size)} if start + size < len(found) else {}
        answer = {"Findings": found[start : start + size], **more}
        assert_answer(model("securityhub").operation_model("GetFindings"), answer)
        return answer

    def batch_import_findings(self, *, Findings: Sequence[Json]) -> Json:  # noqa: N803 - AWS's name
        self.calls.append(len(Findings))
        if self._errors:
            code = self._errors.pop(0)
            raise ClientError({"Error": {"Code": code, "Message": "as asked"}}, "BatchImportFindings")
        if self.chokes_on and any(_name(one) == self.chokes_on[0] for one in Findings):
            raise self.chokes_on[1]
        if len(Findings) > _MOST or len(json.dumps(Findings)) > _LARGEST_CALL:
            raise ClientError(
                {"Error": {"Code": "InvalidInputException", "Message": "too much"}}, "BatchImportFindings"
            )
        problems = [one for finding in Findings for one in problems_of(finding, self.account)]
        if problems:
            message = "; ".join(problems)
            raise ClientError({"Error": {"Code": "InvalidInputException", "Message": message}}, "BatchImportFindings")
        failed = [one for finding in Findings for one in self._imported(finding)]
        counted = len(failed) + self.miscounts
        answer = {"FailedCount": counted, "SuccessCount": len(Findings) - counted, "FailedFindings": failed}
        assert_answer(model("securityhub").operation_model("BatchImportFindings"), answer)
        return answer

    def _imported(self, finding: Json) -> list[Json]:
        name = _name(finding)
        if self._refused.get(name):
            return [{"Id": finding["Id"], "ErrorCode": self._refused[name].pop(0), "ErrorMessage": self.says}]
        known = self.findings.get(finding["Id"])
        if known is None or known["UpdatedAt"] < finding["UpdatedAt"]:
            self.findings[finding["Id"]] = finding
        return []


def _name(finding: Json) -> str:
    return str(finding["Id"].partition(":repository/")[2].partition("#")[0])
