"""Sends findings to AWS Security Hub, before their results go to AWS Config.

Both services order by the same time. So a late event replaces a newer result in neither.
https://docs.aws.amazon.com/securityhub/latest/userguide/finding-update-batchimportfindings.html

AWS Config still has priority. Whatever Security Hub answers, every result of an existing repository is sent to Config.
If a finding did not arrive, the mark is missing in the annotation, and the next sweep sends the finding again. A
deleted repository has no annotation. Its result is held back until its finding is closed. So Config still shows the
earlier result, and the next sweep finds it there.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from ..config_rule import log, metrics, retries
from ..config_rule.errors import SecurityHubError, code_of
from ..config_rule.events import REPOSITORY, moment_of
from ..config_rule.outcome import Outcome
from .finding import Closed, FindingSource, Json, closed, opened
from .mark import UNTOLD, without_mark

SERVICE = "securityhub"
FINDINGS_A_CALL = 100
"""https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchImportFindings.html"""
_LARGEST_CALL = 5_000_000
"""Bytes. A call may have 6 MB. A policy that consists of escapes can have 60 KB."""
_OLDEST, _TEN_THOUSAND = timedelta(hours=4), 10_000
_NOT_ENABLED = "InvalidAccess"
"""Security Hub's code for each finding if it, or the product, is not enabled."""
_PAUSES = (0.2, 0.8, 3.2)
"""The longest pauses, in seconds, before rejected findings are sent again."""
_TRANSIENT = re.compile(r"(?i)internal|throttl|limit|too.?many|unavailable|timeout")
"""Codes of findings, or of a call, that may succeed the next time."""


class SecurityHub(Protocol):
    """The part of boto3's client that is used here."""

    def batch_import_findings(self, *, Findings: Sequence[Json]) -> Mapping[str, Any]:  # noqa: N803 - AWS's name
        """Import findings. Raises ClientError, BotoCoreError."""


class Hub:
    """Sends the findings of one invocation. `untold` has the repositories whose finding did not arrive.

    If two results have the same time, AWS Config takes the last and Security Hub the first. So a finding is slightly
    newer than its result: by a ten-thousandth of the result's age, at most a second and a half.
    """

    def __init__(
        self,
        client: SecurityHub,
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

    def told(self, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
        """Send the findings of outcomes, then yield the outcomes. Also yields the earlier ones if the iterable fails.

        An outcome of a deleted repository is not yielded if its finding could not be closed.
        """
        batch: list[Outcome] = []
        try:
            for outcome in outcomes:
                batch.append(outcome)
                if len(batch) == FINDINGS_A_CALL:
                    full, batch = batch, []
                    yield from self._tell(full)
        except Exception:
            yield from self._tell(batch)
            raise
        yield from self._tell(batch)

    def check(self) -> None:
        """Raise SecurityHubError if a finding did not arrive."""
        if self.untold:
            raise SecurityHubError(self.untold, self._broken or "the log says why")

    def _tell(self, batch: Sequence[Outcome]) -> Sequence[Outcome]:
        findings = {one.complianceResourceId: self._finding(one) for one in batch if _matters(one)}
        problems = self._send(list(findings.values())) if findings else {}
        told = []
        for outcome in batch:
            problem = problems.get(self._place.id(outcome.complianceResourceId))
            is_untold = problem is not None and outcome.complianceResourceId in findings
            if is_untold:
                self._note(outcome, str(problem))
            if not (is_untold and outcome.complianceType == "NOT_APPLICABLE"):
                told.append(outcome)
        return told

    def _finding(self, outcome: Outcome) -> Json:
        """Return a finding, with the time that Config orders the result by.

        Security Hub then keeps the same results as Config.
        """
        name = outcome.complianceResourceId
        ordered = moment_of(outcome.orderingTimestamp).astimezone(UTC)
        newer = min(max(self._now() - ordered, timedelta()), _OLDEST) / _TEN_THOUSAND
        moment = (ordered + newer).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        if outcome.grounds is not None and outcome.complianceType == "NON_COMPLIANT":
            return opened(self._place, name, outcome.grounds, moment)
        return closed(self._place, name, Closed[outcome.complianceType], moment)

    def _note(self, outcome: Outcome, problem: str) -> None:
        """Change the annotation of the result, so that it shows that Security Hub does not have the finding."""
        metrics.count(metrics.Metric.SECURITY_HUB)
        log.error("finding not taken by Security Hub", repository=outcome.complianceResourceId, reason=problem)
        self.untold.append(outcome.complianceResourceId)
        mark = outcome.grounds.mark if outcome.grounds else ""
        said = without_mark(outcome.annotation or "", mark)
        outcome.annotation = UNTOLD if outcome.complianceType == "COMPLIANT" else said

    def _send(self, findings: Sequence[Json]) -> Mapping[str, str]:
        """Send findings, and return the problems of those that did not arrive, by id."""
        problems = self._put(findings)
        for pause in _PAUSES:
            again = [one for one in findings if _TRANSIENT.search(problems.get(str(one["Id"]), ""))]
            if self._broken or not (again and retries.in_time()):
                break
            self._pause(pause * random.uniform(0.5, 1))  # noqa: S311 - spreads retries, hides nothing
            problems = {
                **{key: said for key, said in problems.items() if key not in {one["Id"] for one in again}},
                **self._put(again),
            }
        return problems

    def _put(self, findings: Sequence[Json]) -> Mapping[str, str]:
        if self._broken is not None:
            return self._all(findings, self._broken)
        if len(findings) > 1 and len(json.dumps(findings)) > _LARGEST_CALL:
            return self._put_halves(findings)
        try:
            answer = self._client.batch_import_findings(Findings=findings)
        except (ClientError, BotoCoreError) as error:
            if not _is_invalid(error):
                self._broken = str(error)
            elif len(findings) > 1:
                return self._put_halves(findings)  # one finding must not block the others
            return self._all(findings, str(error))
        failed = _failed(findings, answer)
        if any(said.startswith(_NOT_ENABLED) for said in failed.values()):
            self._broken = next(iter(failed.values()))
        return failed

    def _put_halves(self, findings: Sequence[Json]) -> Mapping[str, str]:
        half = len(findings) // 2
        return {**self._put(findings[:half]), **self._put(findings[half:])}

    def _all(self, findings: Iterable[Json], problem: str) -> Mapping[str, str]:
        return {str(one["Id"]): problem for one in findings}


def _is_invalid(error: Exception) -> bool:
    """Return whether the findings were refused: by Security Hub, or by boto3 before the call."""
    if isinstance(error, ClientError):
        return code_of(error) == "InvalidInputException"
    return isinstance(error, ParamValidationError)


def _failed(findings: Sequence[Json], answer: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the problems of findings that were not imported.

    If the counts of the answer do not match, all have one.
    """
    sent = {str(one["Id"]) for one in findings}
    failed = {
        str(one["Id"]): f"{one.get('ErrorCode')}: {one.get('ErrorMessage')}" for one in answer.get("FailedFindings", ())
    }
    count, taken = answer.get("FailedCount"), answer.get("SuccessCount")
    if len(failed) != count or not set(failed) <= sent:
        return dict.fromkeys(sent, f"Internal: it says that {count} failed, and names {len(failed)}")
    if taken != len(sent) - len(failed):
        return dict.fromkeys(sent, f"Internal: it says that {taken} of {len(sent)} were imported and {count} failed")
    return failed


def _matters(outcome: Outcome) -> bool:
    """Return whether Security Hub needs the outcome: it has a finding, or an earlier finding may be open."""
    return outcome.complianceResourceType == REPOSITORY and (
        outcome.complianceType == "NON_COMPLIANT" or outcome.may_be_open
    )
