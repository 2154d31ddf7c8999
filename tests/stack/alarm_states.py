"""What state an alarm is in, by CloudWatch's documented rules, of alarms whose missing data are missing.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

ALARM, OK, UNKNOWN = "ALARM", "OK", "INSUFFICIENT_DATA"


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm on a sum that is too small, in all of so many periods (seconds)."""

    period: int
    periods: int
    threshold: float

    @classmethod
    def of(cls, properties: Json, period: int) -> Alarm:
        """Read an alarm whose intrinsics are resolved; refuse one that these rules do not describe."""
        assert properties["Statistic"] == "Sum"
        assert properties["ComparisonOperator"] == "LessThanThreshold"
        assert properties["TreatMissingData"] == "missing"
        assert "DatapointsToAlarm" not in properties
        return cls(period, properties["EvaluationPeriods"], properties["Threshold"])

    def state(self, data: Iterable[tuple[float, float]], now: float, before: str) -> str:
        """Return the state at a time, of data (second, value), given the state before; periods end with `now`."""
        sums: list[float | None] = []
        for number in range(self.periods):
            end = now - number * self.period
            found = [value for second, value in data if end - self.period <= second < end]
            sums.append(sum(found) if found else None)
        known = [one for one in sums if one is not None]
        if not known:
            return UNKNOWN
        if any(one >= self.threshold for one in known):
            return OK
        # Every known one is too small: an alarm once the oldest of them is as old as the alarm looks back.
        return ALARM if sums[-1] is not None else before

    def history(self, data: Iterable[tuple[float, float]], until: float, every: float = 3600) -> Iterator[str]:
        """Yield the states from the alarm's making to a time, each once for as long as it lasts."""
        data, state = list(data), UNKNOWN
        yield state
        moment = every
        while moment <= until:
            new = self.state([one for one in data if one[0] < moment], moment, state)
            if new != state:
                yield new
            state = new
            moment += every
