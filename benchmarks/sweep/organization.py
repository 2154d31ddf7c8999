"""The cost of an organization, computed from one sweep: `python -m benchmarks.sweep.organization --help`."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from math import ceil

from benchmarks.figures import Figure, Result, table

from .__main__ import MEGABYTES, STRETCH
from .aws import MILLISECONDS, OTHERS

_NIGHTS = 30
_START = 2.0
"""Seconds of a cold start. A function that runs once a day always has one."""
_GIGABYTE = 1e9

# Dollars in us-east-1, in 2026: https://aws.amazon.com/lambda/pricing/ (arm64), and the pages of cloudwatch and config.
_A_GIGABYTE_SECOND = 0.0000133334
_AN_INVOCATION = 0.20 / 1e6
_A_GIGABYTE_OF_LOG = 0.50
_A_METRIC = 0.30
_AN_ALARM = 0.10
_A_TICK = 0.01 / 1000 + 1 / 1e6
"""EventBridge Scheduler calls CloudWatch's PutMetricData once a period, if there is an alarm that needs it."""
_OF_A_CENTRAL_FUNCTION = 7
"""Metrics of a central function, for any number of accounts: sweeps, four severities, undecided, unreadable."""
ALARMS = {"None": 0, "One": 1, "All": 4}
"""The number of alarms for each value of the parameter Alarms, in a stack that does not remediate."""
_EVERYWHERE = 2
"""The severities of findings in each registry, if all registries have findings."""
_EVALUATIONS = ((100_000, 0.001), (400_000, 0.0008), (float("inf"), 0.0005))
"""The steps of AWS Config's price: the number of results a month in an account and Region, and the price of each."""


@dataclass(frozen=True, slots=True)
class Registry:
    """The repositories of one account and Region, with the measured processor time and log size of each."""

    repositories: int
    processor: float
    log: float

    def calls(self) -> dict[str, int]:
        """Return the calls of a sweep in which nothing has changed, with an inventory."""
        pages = max(ceil(self.repositories / 100), 1)
        return {
            "DescribeOrganization": 1,
            "DescribeRepositories": max(ceil(self.repositories / 1000), 1),
            "GetComplianceDetailsByConfigRule": pages,
            "DescribeConfigurationRecorders": 1,
            "DescribeConfigurationRecorderStatus": 1,
            "SelectResourceConfig": pages if self.repositories else 0,
            "PutEvaluations": 1,
        }

    def seconds(self) -> float:
        """Return how long the function runs."""
        waiting = sum(MILLISECONDS.get(name, OTHERS) / 1000 * count for name, count in self.calls().items())
        return _START + waiting + self.repositories * self.processor * STRETCH

    def dollars(self) -> float:
        """Return the cost of a sweep for Lambda and its log."""
        compute = self.seconds() * MEGABYTES / 1024 * _A_GIGABYTE_SECOND + _AN_INVOCATION
        return compute + self.repositories * self.log / _GIGABYTE * _A_GIGABYTE_OF_LOG


def watched(alarms: int, findings: int = 0) -> float:
    """Return the monthly cost of a function's alarms, and of the metrics of some kinds of findings every night.

    CloudWatch bills a metric for the hours in which it is sent. A complete run sends one. The clock that counts the
    periods for an alarm sends it in another hour, and each kind of finding is one more.
    """
    ticks = 1 if alarms else 0
    hours = 1 + ticks + findings
    return alarms * _AN_ALARM + hours * _A_METRIC / 24 + ticks * _NIGHTS * _A_TICK


def watched_centrally(alarms: int) -> float:
    """Return the monthly cost of a central function's alarms and metrics in a Region, if all are sent in every hour."""
    return alarms * _AN_ALARM + _OF_A_CENTRAL_FUNCTION * _A_METRIC + _NIGHTS * _A_TICK


def evaluations(results: float) -> float:
    """Return Config's price for a number of results in a month."""
    dollars = 0.0
    for most, price in _EVALUATIONS:
        step = min(results, most)
        dollars, results = dollars + step * price, results - step
    return dollars


def organization(registry: Registry, accounts: int, regions: int) -> Result:
    """Return the figures for a registry in each account and Region, swept every night without changes."""
    functions = accounts * regions
    seconds, calls = registry.seconds(), sum(registry.calls().values())
    figures = (
        Figure("a sweep: API calls", calls, ""),
        Figure("a sweep: in a function of 512 MB", seconds, "s"),
        Figure("all sweeps of a night: API calls", calls * functions, ""),
        Figure("functions at a time, in one account", 1, ""),
        Figure("functions at a time, if one account had to do it in an hour", seconds * functions / 3600, ""),
        Figure("a month: Lambda and log", registry.dollars() * functions * _NIGHTS, "$"),
        *(
            Figure(f"a month: metrics and alarms, Alarms={chosen}", watched(number) * functions, "$")
            for chosen, number in ALARMS.items()
        ),
        Figure(
            f"a month: the same, One, findings of {_EVERYWHERE} severities each",
            watched(ALARMS["One"], _EVERYWHERE) * functions,
            "$",
        ),
        Figure(
            "a month: the same, All, one central function, at most",
            watched_centrally(ALARMS["All"]) * regions,
            "$",
        ),
        Figure("a month: results, differences only", 0, "$"),
        Figure(
            "a month: results, if all were sent every night",
            evaluations(registry.repositories * _NIGHTS) * functions,
            "$",
        ),
    )
    about = f"{accounts:,} accounts, {regions} Regions, {registry.repositories:,} repositories in each"
    return Result("organization", about, figures)


def main() -> None:
    """Print the figures for the options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sweep.organization", description=__doc__)
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--regions", type=int, default=2)
    parser.add_argument("--repositories", type=int, default=50, help="in an account and Region")
    parser.add_argument("--processor", type=float, default=200.0, help="microseconds for each, by `make bench-sweep`")
    parser.add_argument("--log", type=float, default=3000.0, help="characters for each, by `make bench-sweep`")
    options = parser.parse_args()
    registry = Registry(options.repositories, options.processor / 1e6, options.log)
    sys.stdout.write(table([organization(registry, options.accounts, options.regions)], slack=1))


if __name__ == "__main__":
    main()
