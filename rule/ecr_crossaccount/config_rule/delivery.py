"""Results on their way to AWS Config."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from . import log, retries
from .errors import EvaluationsRefusedError, MalformedAnswerError
from .events import moment_of

if TYPE_CHECKING:
    from mypy_boto3_config import ConfigServiceClient
    from mypy_boto3_config.type_defs import EvaluationTypeDef

Result = Mapping[str, str]
"""What `rdklib.Evaluation.get_json` makes: an Evaluation of PutEvaluations, its time as text."""

RESULTS_A_CALL = 100
"""https://docs.aws.amazon.com/config/latest/APIReference/API_PutEvaluations.html"""

_PAUSES = (0.2, 0.8, 3.2)
"""Seconds, at most, before results that Config refused are sent again."""

_TEST_TOKEN = "TESTMODE"  # noqa: S105 - RDK's word for a result that nobody is to record


def is_recorded(token: object) -> bool:
    """Tell whether Config records results that come with a token: with RDK's own it only looks at them."""
    return token != _TEST_TOKEN


class Delivery:
    """Sends the results of one invocation.

    Guards two faults of rdklib: `FailedEvaluations` in an answer are results that Config did not record, and it ignores
    them; and what was judged before a failure is lost there.
    """

    def __init__(self, config: ConfigServiceClient, token: str, pause: Callable[[float], None]) -> None:
        self._config = config
        self._token = token
        self._pause = pause
        self._refused: list[str] = []
        self.delivered: Counter[str] = Counter()

    def send(self, results: Iterable[Result]) -> None:
        """Send all results, and those before it if the iterable fails. Raises EvaluationsRefusedError, ClientError.

        Nothing to send is said as well: Config counts the invocation as answered.
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
        """Return the results that Config did not record."""
        answer = self._config.put_evaluations(
            # botocore reads a time that is text too, but takes longer than for all the rest.
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
