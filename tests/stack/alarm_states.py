"""The state of an alarm by CloudWatch's documented rules, for alarms that treat missing data as missing.

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
    """An alarm on a sum that is too small in all of its periods, which are in seconds."""

    period: int
    periods: int
    threshold: float

    @classmethod
    def of(cls, properties: Json, period: int) -> Alarm:
        """Read an alarm with resolved intrinsics. Fails for an alarm that these rules do not cover."""
        assert properties["Statistic"] == "Sum"
        assert properties["ComparisonOperator"] == "LessThanThreshold"
        assert properties["TreatMissingData"] == "missing"
        assert "DatapointsToAlarm" not in properties
        return cls(period, properties["EvaluationPeriods"], properties["Threshold"])

    def state(self, data: Iterable[tuple[float, float]], now: float, before: str) -> str:
        """Return the state at a time, from data (second, value) and the previous state. Periods end with `now`."""
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
        # Every known sum is too small. It is an alarm if the oldest of them is as old as the alarm's range.
        return ALARM if sums[-1] is not None else before

    def history(self, data: Iterable[tuple[float, float]], until: float, every: float = 3600) -> Iterator[str]:
        """Yield the states from the creation of the alarm to a time, without consecutive repetitions."""
        data, state = list(data), UNKNOWN
        yield state
        moment = every
        while moment <= until:
            new = self.state([one for one in data if one[0] < moment], moment, state)
            if new != state:
                yield new
            state = new
            moment += every
