"""Sends findings to AWS Security Hub, before their results go to AWS Config, and reads those that it already has.

Both services order by the same time, which is that of the item that was judged. So a late event replaces a newer result
in neither. If two results have the same time, AWS Config takes the last and Security Hub the first. The next scheduled
run finds the difference, because it reads what Security Hub has. Nothing else remembers it. So a scheduled run finds
each finding that does not fit, whatever was refused, lost or late before.
https://docs.aws.amazon.com/securityhub/latest/userguide/finding-update-batchimportfindings.html

AWS Config still has priority. Whatever Security Hub answers, every result is sent to Config.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from ...sources.aws import log, metrics, retries
from ...sources.aws.errors import EventError, code_of
from ...sources.aws.events import REPOSITORY, moment_of
from .outcome import Outcome, SecurityHubError, batches
from .security_hub_finding import ACTIVE, DIGEST, Closed, Earlier, FindingSource, Json, closed_finding, open_finding

_FINDINGS_A_PAGE = 100
_VALUES_A_FILTER = 20
"""The most findings to ask for by their ids: https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_GetFindings.html"""
_SECONDS_A_CALL = 0.34
"""Security Hub takes three such calls a second: https://docs.aws.amazon.com/securityhub/1.0/APIReference/Welcome.html"""
_RENEWED_AFTER = timedelta(days=30)
"""Security Hub deletes a finding 90 days after its last update, so an open one is sent again.

https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings.html
"""


def _earlier(finding: Mapping[str, Any]) -> Earlier:
    created = finding["CreatedAt"]
    return Earlier(
        created,
        _moment_or_none(finding["UpdatedAt"]),
        finding.get("FirstObservedAt", created),
        finding.get("RecordState") == ACTIVE,
        finding.get("ProductFields", {}).get(DIGEST, ""),
    )


def _moment_or_none(text: str) -> datetime | None:
    try:
        return moment_of(text)
    except EventError:
        return None


SERVICE = "securityhub"
FINDINGS_A_CALL = 100
"""https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchImportFindings.html"""
_LARGEST_CALL = 5_000_000
"""Bytes. A call may have 6 MB. A policy that consists of escapes can have 60 KB."""
_NOT_ENABLED = "InvalidAccess"
"""Security Hub's code for each finding if it, or the product, is not enabled."""
_PAUSES = (0.2, 0.8, 3.2)
"""The longest pauses, in seconds, before rejected findings are sent again."""
_TRANSIENT = re.compile(r"(?i)internal|throttl|limit|too.?many|unavailable|timeout")
"""Codes of findings that may succeed the next time."""


class Problem(NamedTuple):
    """Why a finding did not arrive. `code` is that of the finding, or "" if the whole call failed."""

    code: str
    message: str

    def __str__(self) -> str:
        """Return both for a person."""
        return f"{self.code}: {self.message}" if self.code else self.message


class Hub:
    """Reads and sends the findings of one invocation. `untold` has the repositories whose finding did not arrive."""

    def __init__(
        self,
        client: Any,  # noqa: ANN401 - boto3's
        place: FindingSource,
        pause: Callable[[float], None],
        now: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._place = place
        self._now = now
        self._pause = pause
        self._broken: str | None = None
        self.untold: list[str] = []

    def open_findings(self) -> Iterator[tuple[str, str]]:
        """Yield the name of each repository with an open finding, and the finding's digest. Raises boto3's errors.

        The digest is "" if the finding must be sent again, so that Security Hub keeps it.
        """
        now = self._now()
        for name, one in self._query_findings({"RecordState": [ACTIVE]}):
            if one.is_open:
                is_due = one.updated is None or now - one.updated > _RENEWED_AFTER
                yield name, "" if is_due else one.digest

    def send_findings(self, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
        """Send the findings of outcomes, then yield the outcomes. Also yields the last ones if the iterable fails."""
        for batch in batches(outcomes, FINDINGS_A_CALL):
            self._tell(batch)
            yield from batch

    def check(self) -> None:
        """Raise SecurityHubError if a finding did not arrive."""
        if self.untold:
            raise SecurityHubError(self.untold, self._broken or "the log says why")

    def _tell(self, batch: Sequence[Outcome]) -> None:
        telling = {outcome.complianceResourceId: outcome for outcome in batch if _matters(outcome)}
        if not telling:
            return
        earlier = self._earlier_of(list(telling))
        news = {name: one for name, one in telling.items() if _is_later(one, earlier.get(name))}
        problems = self._send([self._finding(one, earlier.get(name)) for name, one in news.items()]) if news else {}
        for name in news:
            problem = problems.get(self._place.id(name))
            if problem is not None:
                metrics.count(metrics.Metric.SECURITY_HUB)
                log.error("finding not taken by Security Hub", repository=name, reason=str(problem))
                self.untold.append(name)

    def _earlier_of(self, names: Sequence[str]) -> Mapping[str, Earlier]:
        """Return the findings that Security Hub has. Without them, a finding only loses the time of its creation."""
        if self._broken is not None:
            return {}
        found: dict[str, Earlier] = {}
        try:
            for number, some in enumerate(batches(names, _VALUES_A_FILTER)):
                if number:
                    self._pause(_SECONDS_A_CALL)
                found.update(self._query_findings({"Id": [self._place.id(name) for name in some]}))
        except (ClientError, BotoCoreError) as error:
            log.warning("earlier findings cannot be read from Security Hub", reason=str(error))
            return {}
        return found

    def _query_findings(self, wanted: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, Earlier]]:
        """Yield findings with the values of an attribute. In a home Region, only the product excludes other Regions."""
        filters = {"ProductArn": [self._place.product], "GeneratorId": [self._place.generator], **wanted}
        pages = self._client.get_paginator("get_findings").paginate(
            Filters={name: [{"Value": text, "Comparison": "EQUALS"} for text in filters[name]] for name in filters},
            PaginationConfig={"PageSize": _FINDINGS_A_PAGE},
        )
        for number, page in enumerate(pages):
            if number:
                self._pause(_SECONDS_A_CALL)
            for finding in page["Findings"]:
                name = self._place.name(finding["Id"])
                if name is not None:
                    yield name, _earlier(finding)

    def _finding(self, outcome: Outcome, earlier: Earlier | None) -> Json:
        name = outcome.complianceResourceId
        moment = _moment_of(outcome).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        if outcome.grounds is not None and outcome.complianceType == "NON_COMPLIANT":
            return open_finding(self._place, name, outcome.grounds, moment, earlier)
        return closed_finding(self._place, name, Closed[outcome.complianceType], moment, earlier)

    def _send(self, findings: Sequence[Json]) -> Mapping[str, Problem]:
        """Send findings, and return the problems of those that did not arrive, by id."""
        problems = self._put(findings)
        for pause in _PAUSES:
            # Only the code says whether a finding may be taken the next time: a message may say anything.
            passing = {key for key, problem in problems.items() if _TRANSIENT.search(problem.code)}
            again = [finding for finding in findings if finding["Id"] in passing]
            if self._broken or not (again and retries.in_time()):
                break
            self._pause(pause * random.uniform(0.5, 1))  # noqa: S311 - spreads retries, hides nothing
            problems = {key: said for key, said in problems.items() if key not in passing} | self._put(again)
        return problems

    def _put(self, findings: Sequence[Json]) -> dict[str, Problem]:
        if self._broken is not None:
            return _all(findings, Problem("", self._broken))
        if len(findings) > 1 and len(json.dumps(findings)) > _LARGEST_CALL:
            return self._put_halves(findings)
        try:
            answer = self._client.batch_import_findings(Findings=findings)
        except (ClientError, BotoCoreError) as error:
            if not _is_invalid(error):
                self._broken = str(error)
            elif len(findings) > 1:
                return self._put_halves(findings)  # one finding must not block the others
            return _all(findings, Problem("", str(error)))
        failed = _failures(findings, answer)
        if any(problem.code.startswith(_NOT_ENABLED) for problem in failed.values()):
            self._broken = str(next(iter(failed.values())))
        return failed

    def _put_halves(self, findings: Sequence[Json]) -> dict[str, Problem]:
        half = len(findings) // 2
        return {**self._put(findings[:half]), **self._put(findings[half:])}


def _all(findings: Iterable[Json], problem: Problem) -> dict[str, Problem]:
    return {str(finding["Id"]): problem for finding in findings}


def _is_invalid(error: Exception) -> bool:
    """Return whether the findings were refused: by Security Hub, or by boto3 before the call."""
    if isinstance(error, ClientError):
        return code_of(error) == "InvalidInputException"
    return isinstance(error, ParamValidationError)


def _failures(findings: Sequence[Json], answer: Mapping[str, Any]) -> dict[str, Problem]:
    """Return the problems of findings that were not imported.

    If the counts of the answer do not match, all have one.
    """
    sent = {str(finding["Id"]) for finding in findings}
    failed = {
        str(one["Id"]): Problem(str(one.get("ErrorCode")), str(one.get("ErrorMessage")))
        for one in answer.get("FailedFindings", ())
    }
    count, taken = answer.get("FailedCount"), answer.get("SuccessCount")
    if len(failed) != count or not set(failed) <= sent:
        return dict.fromkeys(sent, Problem("Internal", f"it says that {count} failed, and names {len(failed)}"))
    if taken != len(sent) - len(failed):
        said = f"it says that {taken} of {len(sent)} were imported and {count} failed"
        return dict.fromkeys(sent, Problem("Internal", said))
    return failed


def _moment_of(outcome: Outcome) -> datetime:
    """Return the time of an outcome in milliseconds. Security Hub has no finer times."""
    moment = moment_of(outcome.orderingTimestamp).astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _is_later(outcome: Outcome, earlier: Earlier | None) -> bool:
    """Return whether Security Hub would not ignore the finding of an outcome, as far as is known."""
    return earlier is None or earlier.updated is None or _moment_of(outcome) > earlier.updated


def _matters(outcome: Outcome) -> bool:
    return outcome.complianceResourceType == REPOSITORY and outcome.is_news
