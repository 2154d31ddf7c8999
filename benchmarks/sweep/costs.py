"""What the stacks cost in a month: `python -m benchmarks.sweep.costs` prints the table of docs/cost.md."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

from .organization import ALARMS, Registry, evaluations, watched

SIZES = {"1 account, 1 Region": 1, "300 accounts, 2 Regions": 600, "500 accounts, 17 Regions": 8_500}
"""The number of stacks, by the accounts and Regions."""
REPOSITORIES, CHANGES = 50, 100
"""In each account and Region: the repositories, and the changes of a month that AWS Config records."""
_RUNS = 30
_REGISTRY = Registry(REPOSITORIES, processor=200e-6, log=3000.0)
_GIGABYTE_SECONDS = 0.5 * 0.3
"""Of an invocation for a change: 512 MB for 0.3 seconds."""
_A_GIGABYTE_SECOND, _AN_INVOCATION = 0.0000133334, 0.20 / 1e6
_A_KEY = 1.0
_AN_ALARM = 0.10
_A_CONFIGURATION = 0.0008
"""AppConfig's price for a configuration that a client receives."""
_A_READ = 3 * 0.125 / 1e6
"""Of an item of at most 12 KB in DynamoDB, strongly consistent. An item has two packed registers."""
_AN_OBJECT = 0.0043 / 10_000
"""S3's price for a GetObject."""


@dataclass(frozen=True, slots=True)
class Item:
    """One line: dollars for each stack, and dollars whatever the number of stacks.

    `prices`: words of the rows of docs/cost.md with their sources.
    """

    what: str
    each: float
    prices: tuple[str, ...]
    once: float = 0.0

    def dollars(self, stacks: int) -> float:
        """Return the cost for a number of stacks."""
        return self.each * stacks + self.once


def always() -> Iterator[Item]:
    """Yield what the rule's stack costs with `Alarms=One`, and with one topic of yours for all stacks."""
    change = _GIGABYTE_SECONDS * _A_GIGABYTE_SECOND + _AN_INVOCATION
    yield Item("AWS Config: results of the changes", evaluations(CHANGES), ("AWS Config",))
    yield Item("AWS Config: results of the daily runs, which differ in none", 0, ("AWS Config",))
    yield Item("Lambda and log: the daily runs", _REGISTRY.dollars() * _RUNS, ("Lambda", "CloudWatch"))
    yield Item("Lambda: the changes", change * CHANGES, ("Lambda",))
    yield Item("Step Functions: no run needs it at this size", 0, ("Step Functions",))
    yield Item("polls of a queue, while nothing happens", 0, ("polls",))
    watch = watched(ALARMS["One"])
    yield Item("CloudWatch: `Alarms=One`, its metric and its clock", watch, ("CloudWatch", "EventBridge Scheduler"))


def chosen() -> Iterator[Item]:
    """Yield what else you can choose, in addition."""
    more = ALARMS["All"] - ALARMS["One"]
    yield Item("`Alarms=All` instead of `One`", more * _AN_ALARM, ("CloudWatch",))
    yield Item("`AlarmTopic=create`: a KMS key for each stack", _A_KEY, ("KMS key",))
    yield Item("one encrypted topic of yours", 0, ("KMS key",), _A_KEY)
    yield Item("`SecurityHub=true`, below 10,000 findings", 0, ("Security Hub",))
    yield Item("register in a standard parameter", 0, ("standard parameter",))
    yield Item("register in S3", (_RUNS + CHANGES) * _AN_OBJECT, ("S3",))
    yield Item("register in AppConfig", (_RUNS + CHANGES) * _A_CONFIGURATION, ("AppConfig",))
    yield Item("a register's table, read for each result", (_RUNS + CHANGES) * _A_READ, ("DynamoDB",))
    yield Item("`Alarms=All` with a register: five more alarms", 5 * _AN_ALARM, ("CloudWatch",))
    yield Item("the hook: its two alarms", 2 * _AN_ALARM, ("the hook", "CloudWatch"))
    alarms = 2 * _AN_ALARM
    yield Item("alarms within seconds: its two alarms, with one topic of yours", alarms, ("CloudWatch",))
    yield Item("the same, each with a topic and a KMS key", alarms + _A_KEY, ("CloudWatch", "KMS key"))


def lines() -> Iterator[str]:
    """Yield the table."""
    yield f"| a month | {' | '.join(SIZES)} |"
    yield f"| --- |{' --- |' * len(SIZES)}"
    rule = list(always())
    yield from map(_line, rule)
    yield _line(Item("**the rule, together**", sum(one.each for one in rule), ()))
    yield from map(_line, chosen())


def _line(item: Item) -> str:
    return f"| {item.what} | {' | '.join(_dollars(item.dollars(stacks)) for stacks in SIZES.values())} |"


def _dollars(value: float) -> str:
    if value < 0.00005:
        return "0"
    return f"${value:,.0f}" if value >= 10 else f"${value:.2f}" if value >= 0.01 else f"${value:.4f}"


if __name__ == "__main__":
    sys.stdout.write("\n".join(lines()) + "\n")
