"""The results: figures with their limits, as a table for people and as JSON for machines."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

_STEADY = 1.6
"""The most that a busy machine was seen to change a ratio measured in turns, with a margin."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value. `limit` is the most it may be, or None if it is only informative.

    Limits in milliseconds are for an ordinary machine, so `--slack` stretches them. A ratio should hold on any machine,
    but other processes change it too, though less. So its limit is stretched by the square root of the slack. The limit
    of a `steady` ratio, the median of many short turns, is stretched by 1.6 at most. The limit of an `exact` value,
    such as a number of calls, is the same on any machine and never stretched.
    """

    what: str
    value: float
    unit: str
    limit: float | None = None
    exact: bool = False
    steady: bool = False

    def held(self, slack: float) -> bool | None:
        """Return whether the limit is kept, or None if there is none."""
        if self.limit is None:
            return None
        if self.exact:
            return self.value <= self.limit
        return self.value <= self.limit * self._stretched(slack)

    def _stretched(self, slack: float) -> float:
        if self.unit == "ms":
            return slack
        return min(sqrt(slack), _STEADY) if self.steady else sqrt(slack)

    def line(self, slack: float) -> str:
        """Return the figure as a line of the table."""
        start = f"  {self.what:<58}{_short(self.value):>10} {self.unit:<2}"
        if self.limit is None:
            return start.rstrip()
        verdict = "held" if self.held(slack) else "MISSED"
        spare = f", {_short(self.limit / self.value)} times that to spare" if self.value else ""
        return f"{start}  {verdict}: at most {_short(self.limit)}{spare}"


@dataclass(frozen=True, slots=True)
class Result:
    """The figures of one scenario, and details without a limit."""

    scenario: str
    about: str
    figures: tuple[Figure, ...]
    details: tuple[Figure, ...] = field(default=())


def missed(results: Iterable[Result], slack: float) -> list[str]:
    """Return the names of all figures over their limit."""
    return [
        f"{result.scenario}: {figure.what}"
        for result in results
        for figure in result.figures
        if figure.held(slack) is False
    ]


def status_of(results: Sequence[Result], slack: float, *, check: bool) -> int:
    """Print the figures over their limit.

    Return 1 if `check` is set and there are any, or there is no limit; else 0.
    """
    failures = missed(results, slack)
    for failure in failures:
        sys.stdout.write(f"missed: {failure}\n")
    limited = any(figure.limit is not None for result in results for figure in result.figures)
    if check and not limited:
        sys.stdout.write("nothing was checked: no figure of this run has a limit\n")
    return 1 if check and (failures or not limited) else 0


def table(results: Iterable[Result], slack: float) -> str:
    """Return the table, with a block for each scenario."""
    blocks = [
        "\n".join([f"{result.scenario}: {result.about}", *(f.line(slack) for f in (*result.figures, *result.details))])
        for result in results
    ]
    return "\n\n".join(blocks) + "\n"


def as_json(results: Sequence[Result], slack: float) -> dict[str, Any]:
    """Return all results, with the properties of the machine."""
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "processors": os.cpu_count(),
        "slack": slack,
        "missed": missed(results, slack),
        "scenarios": [
            {
                "scenario": result.scenario,
                "about": result.about,
                "figures": [_figure(figure) for figure in result.figures],
                "details": [_figure(figure) for figure in result.details],
            }
            for result in results
        ],
    }


def _figure(figure: Figure) -> dict[str, Any]:
    return {"what": figure.what, "value": figure.value, "unit": figure.unit, "limit": figure.limit}


def _short(value: float) -> str:
    """Return three significant digits, without an exponent."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
