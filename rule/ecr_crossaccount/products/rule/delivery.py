"""Sends results to AWS Config."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from ...sources.aws import log, retries
from ...sources.aws.errors import EvaluationsRefusedError, MalformedAnswerError
from ...sources.aws.events import moment_of

if TYPE_CHECKING:
    from mypy_boto3_config import ConfigServiceClient
    from mypy_boto3_config.type_defs import EvaluationTypeDef

Result = Mapping[str, str]
"""The output of `rdklib.Evaluation.get_json`: an Evaluation of PutEvaluations, with its time as text."""

RESULTS_A_CALL = 100
"""https://docs.aws.amazon.com/config/latest/APIReference/API_PutEvaluations.html"""

_PAUSES = (0.2, 0.8, 3.2)
"""The longest pauses, in seconds, before results that Config refused are sent again."""

_TEST_TOKEN = "TESTMODE"  # noqa: S105 - RDK's token for results that are not recorded


def is_recorded(token: object) -> bool:
    """Return whether Config records results with this token. With RDK's own token, it only validates them."""
    return token != _TEST_TOKEN


class Delivery:
    """Sends the results of one invocation.

    It avoids two problems of rdklib: rdklib ignores `FailedEvaluations`, the results that Config did not record, and it
    loses what was judged before a failure.
    """

    def __init__(self, config: ConfigServiceClient, token: str, pause: Callable[[float], None]) -> None:
        self._config = config
        self._token = token
        self._pause = pause
        self._refused: list[str] = []
        self.delivered: Counter[str] = Counter()

    def send(self, results: Iterable[Result]) -> None:
        """Send all results, or those before the failure if the iterable fails.

        Raises EvaluationsRefusedError, ClientError.

        Sends a request even without results, so that Config counts the invocation as answered.
        """
        batch: list[Result] = []
        try:
            for result in results:
                if len(batch) == RESULTS_A_CALL:
                    full, batch = batch, []
                    self._deliver(full)
                batch.append(result)
        except Exception:
            if batch:
                self._deliver(batch)
            raise
        self._deliver(batch)
        if self._refused:
            raise EvaluationsRefusedError(self._refused)

    def _deliver(self, batch: Sequence[Result]) -> None:
        refused = self._put(batch)
        for pause in _PAUSES:
            if not (refused and retries.in_time()):
                break
            self._pause(pause * random.uniform(0.5, 1))  # noqa: S311 - spreads retries, hides nothing
            refused = self._put(refused)
        names = {result["ComplianceResourceId"] for result in refused}
        self.delivered.update(r["ComplianceType"] for r in batch if r["ComplianceResourceId"] not in names)
        self._refused += sorted(names)
        for name in sorted(names):
            log.error("result refused by AWS Config", resourceId=name)

    def _put(self, batch: Sequence[Result]) -> Sequence[Result]:
        """Send results, and return those that Config did not record."""
        answer = self._config.put_evaluations(
            # botocore also reads a time as text, but that takes longer than all the rest.
            Evaluations=[
                cast("EvaluationTypeDef", {**result, "OrderingTimestamp": moment_of(result["OrderingTimestamp"])})
                for result in batch
            ],
            ResultToken=self._token,
            TestMode=not is_recorded(self._token),
        )
        refused = {failed["ComplianceResourceId"] for failed in answer.get("FailedEvaluations", ())}
        unknown = refused - {result["ComplianceResourceId"] for result in batch}
        if unknown:
            raise MalformedAnswerError(
                "config", "PutEvaluations", f"it refuses results that were not sent: {sorted(unknown)}"
            )
        return [result for result in batch if result["ComplianceResourceId"] in refused]
