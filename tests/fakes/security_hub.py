"""A fake of Security Hub's BatchImportFindings, as the client that the rule uses.

It enforces the shapes of botocore's model, and the lengths in the model's documentation. It accepts 100 findings a
call, 240 KB a finding and 6 MB a call. Findings must be about the caller's own account and for its own product, and
their times must increase. https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchImportFindings.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from tests.fakes.models import problems_of_request

Json = Mapping[str, Any]

_LARGEST_FINDING, _LARGEST_CALL, _MOST = 240_000, 6_000_000, 100
_LENGTHS = {"Id": 512, "ProductArn": 2048, "GeneratorId": 512, "Title": 256, "Description": 1024, "SourceUrl": 2048}


def problems_of(finding: Json, account: str) -> Iterator[str]:
    """Yield the reasons why Security Hub would refuse a finding."""
    yield from problems_of_request("securityhub", "BatchImportFindings", {"Findings": [finding]})
    for name, most in _LENGTHS.items():
        if len(finding.get(name, "")) > most:
            yield f"{name} is longer than {most}"
    if blank := [at for at, text in _texts(finding) if not text.strip()]:
        yield f"blank: {blank}"
    if finding["AwsAccountId"] != account or not finding["ProductArn"].endswith(f":product/{account}/default"):
        yield "not of the account that calls"
    yield from _of_texts(finding)
    for resource in finding["Resources"]:
        if len(resource["Id"]) > 512 or len(resource.get("Region", "")) > 16:
            yield "the resource's id or Region is too long"
    if len(json.dumps(finding)) > _LARGEST_FINDING:
        yield "larger than 240 KB"


def _of_texts(finding: Json) -> Iterator[str]:
    recommendation = finding.get("Remediation", {}).get("Recommendation", {})
    if len(recommendation.get("Text", "")) > 512 or len(recommendation.get("Url", "")) > 2048:
        yield "the recommendation is too long"
    fields = finding.get("ProductFields", {})
    if len(fields) > 50 or any(len(key) > 128 or len(value) > 2048 for key, value in fields.items()):
        yield "too many product fields, or too long"


def _texts(value: object, at: str = "") -> Iterator[tuple[str, str]]:
    match value:
        case str():
            yield at, value
        case dict():
            for name, one in value.items():
                yield from _texts(one, f"{at}.{name}")
        case list():
            for one in value:
                yield from _texts(one, at)


class FakeSecurityHub:
    """The hub of one account, with `findings` by id. `fail` and `refuse` change its answers."""

    def __init__(self, account: str) -> None:
        self.account = account
        self.findings: dict[str, Json] = {}
        self.calls: list[int] = []
        self._errors: list[str] = []
        self._refused: dict[str, list[str]] = {}
        self.miscounts = False
        self.chokes_on: tuple[str, Exception] | None = None
        """A repository whose finding makes every call with it fail, and the error."""

    def fail(self, *codes: str) -> None:
        """Answer the next calls with errors."""
        self._errors += codes

    def refuse(self, name: str, *codes: str) -> None:
        """Answer a repository's finding with errors, one for each call."""
        self._refused.setdefault(name, []).extend(codes)

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
        return {"FailedCount": counted, "SuccessCount": len(Findings) - counted, "FailedFindings": failed}

    def _imported(self, finding: Json) -> list[Json]:
        name = _name(finding)
        if self._refused.get(name):
            return [{"Id": finding["Id"], "ErrorCode": self._refused[name].pop(0), "ErrorMessage": "as asked"}]
        known = self.findings.get(finding["Id"])
        if known is None or known["UpdatedAt"] < finding["UpdatedAt"]:
            self.findings[finding["Id"]] = finding
        return []


def _name(finding: Json) -> str:
    return str(finding["Id"].partition(":repository/")[2].partition("#")[0])
