"""Measure scheduled runs over a small and a large registry. With --check, fail if a limit is exceeded."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from math import ceil
from pathlib import Path

from ecr_crossaccount.products.rule.continuation import MOST_PARTS

from benchmarks.figures import Figure, Result, as_json, status_of, table

from .aws import MILLISECONDS, OTHERS, STATISTICS, THROTTLED

_ROOT = Path(__file__).parents[2]
_AT_ONCE = {"GetRepositoryPolicy": 16, "ListTagsForResource": 16}
"""The operations that the function calls concurrently. All others wait for the one before."""
_SLOW = 100
"""Policies a second of an ECR that throttles."""
_WORKING_SECONDS = 900 - 90
"""Lambda's 15 minutes without the reserve of `ecr_crossaccount.sources.aws.retries`."""
MEGABYTES = 512
STRETCH = 1769 / MEGABYTES
"""A function has a whole processor from 1,769 MB on: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html"""


@dataclass(frozen=True, slots=True)
class Effort:
    """The numbers of repositories: `small`, and `large`, which is ten times as many.

    `live` is without an inventory, `silent` with one that has no policies, and `slow` with a slow ECR (0 to skip it).
    """

    small: int
    large: int
    live: int
    silent: int
    slow: int


FULL = Effort(small=10_000, large=100_000, live=10_000, silent=10_000, slow=4_000)
QUICK = Effort(small=500, large=2_000, live=100, silent=1_000, slow=0)


@dataclass(frozen=True, slots=True)
class Sweep:
    """The cost of one sweep: seconds, processor seconds, peak megabytes, characters of log, and calls by operation.

    `answer` is the number of results of each kind that it has sent.
    """

    seconds: float
    processor: float
    peak: float
    log: int
    answer: Mapping[str, int]
    calls: Mapping[str, int]

    def in_lambda(self, scale: float) -> float:
        """Return the seconds that it would take in AWS, with complete latencies and the processor share of 512 MB.

        This is a safe estimate, because waiting and computing are added although they overlap in part.
        """
        waits = {
            operation: count * MILLISECONDS.get(operation, OTHERS) / 1000 / _AT_ONCE.get(operation, 1)
            for operation, count in self.calls.items()
        }
        # Results are sent while the next page of the inventory is being read.
        together = min(waits.get("SelectResourceConfig", 0), waits.get("PutEvaluations", 0))
        waiting = sum(waits.values()) - together
        return self.seconds + (1 - scale) * waiting + (STRETCH - 1) * self.processor


def sweeps(number: int, repositories: int, scale: float, inventory: str, rate: int = 0) -> list[Sweep]:
    """Measure consecutive sweeps in one container: the first, and others in which nothing has changed."""
    with _python("aws", str(repositories), str(scale), inventory, str(rate)) as aws:
        port = _line(aws)
        with _python("function", port) as function:
            measured = [_swept(function, int(port), day) for day in range(21, 21 + number)]
            require_all_judged(measured[0].answer, repositories)
            _end(function)
        _end(aws)
    return measured


def _python(module: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", f"benchmarks.sweep.{module}", *arguments]
    return subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise RuntimeError("a process of the benchmark has ended; what it said is above")
    return line.strip()


def _end(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.close()


def _swept(function: subprocess.Popen[str], port: int, day: int) -> Sweep:
    assert function.stdin is not None
    function.stdin.write(f"{day}\n")
    function.stdin.flush()
    return Sweep(**json.loads(_line(function)), calls=_calls(port))


def require_all_judged(answer: Mapping[str, int], repositories: int) -> None:
    """Raise RuntimeError if a first sweep has not judged every repository, because a partial sweep only looks fast."""
    judged = sum(answer.get(kind, 0) for kind in ("COMPLIANT", "NON_COMPLIANT"))
    if judged != repositories:
        raise RuntimeError(f"the sweep has judged {judged:,} of {repositories:,} repositories: {dict(answer)}")


def _calls(port: int) -> Mapping[str, int]:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/", "{}", {"X-Amz-Target": f"Benchmark.{STATISTICS}"})
    answer: Mapping[str, int] = json.loads(connection.getresponse().read())
    connection.close()
    return answer


def with_inventory(effort: Effort, scale: float) -> Result:
    """Measure policies from Config's inventory: the first sweep, and the usual one, in which nothing has changed."""
    small, large = (sweeps(2, count, scale, "recorded") for count in (effort.small, effort.large))
    figures = [*_pair("first sweep", small[0], large[0], scale), *_pair("nothing changed", small[1], large[1], scale)]
    most = _most_calls(effort.large)
    figures += [
        Figure("first sweep: API calls", sum(large[0].calls.values()), ""),
        Figure("nothing changed: API calls", sum(large[1].calls.values()), "", most, exact=True),
        Figure("peak memory", large[1].peak, "MB", MEGABYTES, exact=True),
        Figure("peak memory, a repository more", _kilobytes(effort, small, large), "kB", 1.0),
        Figure("log, a repository", large[1].log / effort.large, "characters"),
    ]
    about = f"{effort.large:,} repositories beside {effort.small:,}, latencies times {scale:g}"
    return Result("sweep", about, tuple(figures), tuple(_operations(large[1])))


def _pair(what: str, small: Sweep, large: Sweep, scale: float) -> list[Figure]:
    return [
        Figure(f"{what}: in a function of 512 MB", large.in_lambda(scale), "s", 900.0),
        Figure(f"{what}: time of ten times as many", large.seconds / small.seconds, "x", 11.0),
        Figure(f"{what}: the processor's time of them", large.processor / small.processor, "x", 11.0),
        Figure(f"{what}: processor, a repository", large.processor / _listed(large) * 1e6, "µs"),
    ]


def _listed(sweep: Sweep) -> int:
    """Return the number of repositories of a sweep from its calls to list them, a thousand each."""
    return sweep.calls["DescribeRepositories"] * 1000


def _kilobytes(effort: Effort, small: Sequence[Sweep], large: Sequence[Sweep]) -> float:
    return (large[1].peak - small[1].peak) * 1024 / (effort.large - effort.small)


def _most_calls(repositories: int) -> float:
    """Return the limit of calls: 2,200 for 100,000 repositories. A few calls do not depend on the number."""
    return 5 + 2_195 * repositories / 100_000


def with_blanks(effort: Effort, scale: float) -> Result:
    """Measure an inventory without the policy of 60 repositories in 100. ECR is asked for each of them, every time."""
    first, second = sweeps(2, effort.large, scale, "blanks")
    most = _most_calls(effort.large)
    asked = second.calls["GetRepositoryPolicy"]
    seconds = second.in_lambda(scale)
    figures = (
        Figure("first sweep: in a function of 512 MB", first.in_lambda(scale), "s"),
        Figure("nothing changed: in a function of 512 MB", seconds, "s"),
        Figure("nothing changed: invocations", _invocations(second, seconds), "", MOST_PARTS, exact=True),
        Figure("nothing changed: policies asked of ECR, of 100", asked / effort.large * 100, "", 60, exact=True),
        Figure("nothing changed: other API calls", sum(second.calls.values()) - asked, "", most, exact=True),
        Figure("processor, a repository", second.processor / effort.large * 1e6, "µs"),
        Figure("peak memory", second.peak, "MB", MEGABYTES, exact=True),
    )
    about = f"{effort.large:,} repositories, 60 of 100 without a policy, latencies times {scale:g}"
    return Result("sweep with blanks", about, figures, tuple(_operations(second)))


def _invocations(sweep: Sweep, seconds: float) -> int:
    """Return the number of invocations in AWS. Each further one lists repositories and results again."""
    again = ("DescribeRepositories", "GetComplianceDetailsByConfigRule")
    listing = sum(sweep.calls[name] * MILLISECONDS[name] / 1000 for name in again)
    return 1 + max(ceil((seconds - _WORKING_SECONDS) / (_WORKING_SECONDS - listing)), 0)


def with_a_silent_inventory(effort: Effort, scale: float) -> Result:
    """Measure an inventory that has rows but no policies of this type. It is not read to its end."""
    (first,) = sweeps(1, effort.silent, scale, "silent")
    figures = (
        Figure("pages of the inventory", first.calls["SelectResourceConfig"], "", 11, exact=True),
        Figure("in a function of 512 MB", first.in_lambda(scale), "s"),
        Figure("API calls, a repository", sum(first.calls.values()) / effort.silent, ""),
    )
    return Result("sweep by an inventory without policies", f"{effort.silent:,} repositories", figures)


def without_inventory(effort: Effort, scale: float) -> Result:
    """Measure with every policy from ECR, in concurrent calls."""
    (first,) = sweeps(1, effort.live, scale, "unrecorded")
    in_lambda = first.in_lambda(scale)
    figures = (
        Figure("in a function of 512 MB", in_lambda, "s"),
        Figure("repositories in the time of an invocation", effort.live / in_lambda * _WORKING_SECONDS, ""),
        Figure("processor, a repository", first.processor / effort.live * 1e6, "µs"),
        Figure("API calls, a repository", sum(first.calls.values()) / effort.live, ""),
    )
    about = f"{effort.live:,} repositories, 16 calls at a time, latencies times {scale:g}"
    return Result("sweep without inventory", about, figures, tuple(_operations(first)))


def with_a_slow_ecr(effort: Effort, scale: float) -> Result:
    """Measure with a throttling ECR, to see how close the function gets to its rate."""
    (first,) = sweeps(1, effort.slow, scale, "unrecorded", _SLOW)
    refused = first.calls.get(THROTTLED, 0)
    figures = (
        Figure("time / the least time that ECR allows", first.seconds / (effort.slow / _SLOW), "x", 2.0),
        Figure("calls refused, of 100", refused / first.calls["GetRepositoryPolicy"] * 100, ""),
    )
    return Result("sweep by a slow ECR", f"{effort.slow:,} repositories, {_SLOW} policies a second", figures)


def _operations(sweep: Sweep) -> list[Figure]:
    return [Figure(f"calls of {name}", count, "") for name, count in sorted(sweep.calls.items())]


def main() -> int:
    """Return 0, or 1 if --check was given and a limit is exceeded."""
    options = _options()
    effort = QUICK if options.quick else FULL
    scale = options.scale or (0.02 if options.quick else 0.1)
    results = []
    always = (with_inventory, with_blanks, with_a_silent_inventory, without_inventory)
    for scenario in (*always, *([with_a_slow_ecr] if effort.slow else [])):
        results.append(scenario(effort, scale))
        sys.stdout.write(table(results[-1:], options.slack) + "\n")
        sys.stdout.flush()
    if options.json:
        options.json.write_text(json.dumps(as_json(results, options.slack), indent=2) + "\n", encoding="utf-8")
    return status_of(results, options.slack, check=options.check)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sweep", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a twentieth of the repositories: under a minute")
    parser.add_argument("--check", action="store_true", help="exit with 1 if a limit is missed")
    parser.add_argument("--slack", type=float, default=1.0, help="stretch limits of time for a slow or shared machine")
    parser.add_argument("--scale", type=float, help="how much of the latencies is waited for; 1 is all of them")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
