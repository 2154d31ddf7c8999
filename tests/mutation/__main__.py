"""Mutation testing: changes the code in one place and checks whether a test notices; `make mutants`.

It tries a sample of all single changes to a suite's packages, each in its own process and only in memory. A change that
no test notices has survived. Either a test is missing, or the change has no visible effect.
`tests/mutation/equivalent.json` then has the reason. The status is 0 if every suite reaches its bar and every survivor
has been reviewed.
"""

from __future__ import annotations

import argparse
import gc
import os
import signal
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from importlib import import_module
from math import inf

from .contexts import Contexts, contexts, fingerprint, older_contexts
from .forks import Ended, Job, in_forks
from .mutants import Key, Mutant, mutants, sample
from .report import Fate, Result, Tally
from .reviewed import FILE, gone, reviewed
from .suites import SUITES, Suite
from .trial import LEAST_SECONDS, Outcome, seconds_for, trial

_TOO_LONG = frozenset({signal.SIGXCPU, signal.SIGALRM})
"""The signals that `forks` sends to a process at its time limit."""
_CRASHES = frozenset({signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGFPE, signal.SIGILL})
"""The signals of a crashing interpreter, which are always noticed."""


def main() -> int:
    """Try the selected mutants, and print the results."""
    options = _options()
    os.nice(10)
    rows = reviewed(FILE.read_text("utf-8"))
    every = {suite.name: [*mutants(suite.root, suite.folders)] for suite in SUITES if suite.name in options.suites}
    chosen = {name: _chosen(found, options) for name, found in every.items()}
    if not any(chosen.values()):
        raise SystemExit("no mutant is chosen, so nothing was tried: what do `--only` and `--sample` say?")
    every |= {suite.name: [*mutants(suite.root, suite.folders)] for suite in SUITES if suite.name not in every}
    stale = gone(rows, (mutant for found in every.values() for mutant in found))
    tallies = []
    for suite in SUITES:
        if chosen.get(suite.name):
            results = [*_results(suite, chosen[suite.name], rows, options)]
            tallies.append(Tally(suite, len(every[suite.name]), results))
    print("\n".join([*(f"reviewed, but gone: {row}" for row in stale), *map(str, tallies)]))
    return int(bool(stale) or not all(tally.is_good for tally in tallies))


def _chosen(every: Sequence[Mutant], options: argparse.Namespace) -> Sequence[Mutant]:
    if options.only:
        return [mutant for mutant in every if any(words in str(mutant) for words in options.only)]
    return sample(every, options.sample, options.seed)


def _results(
    suite: Suite, chosen: Sequence[Mutant], rows: Mapping[Key, str], options: argparse.Namespace
) -> Iterator[Result]:
    """Yield the result of each mutant. Known equivalent ones are not tried again."""
    yield from (Result(mutant, Fate.EQUIVALENT, rows[mutant.key]) for mutant in chosen if mutant.key in rows)
    tried = [mutant for mutant in chosen if mutant.key not in rows]
    before = fingerprint(suite)
    known = _prepared(older_contexts(suite) if options.only else contexts(suite)).without_slow(options.longest)
    if known.older and tried:
        try_unchanged(suite, known)
    jobs = [Job(partial(trial, mutant, suite, known), seconds_for(mutant, known)) for mutant in tried]
    for ended in in_forks(jobs, at_once=options.jobs):
        result = result_of(tried[ended.number], ended)
        if result.fate is Fate.SURVIVED or options.verbose:
            print(result, flush=True)
        yield result
    if fingerprint(suite) != before:
        raise SystemExit(f"the code or the tests of `{suite.name}` have changed meanwhile: run it again")


def _prepared(known: Contexts) -> Contexts:
    """Import the tests' dependencies once for all mutants."""
    if known.failed:
        raise SystemExit(f"on the code as it is, these tests fail: {', '.join(known.failed)}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in known.modules:
            with suppress(Exception):
                import_module(name)
    gc.collect()
    gc.freeze()  # the forks share this memory until they write to it
    return known


def try_unchanged(suite: Suite, known: Contexts) -> None:
    """Run the tests without known contexts on the unchanged code. Tests that fail there cannot detect a mutant."""
    ended = next(in_forks([Job(partial(trial, None, suite, known), LEAST_SECONDS // 2)], at_once=1))
    if ended.value is None:
        raise SystemExit(f"the new tests of `{suite.name}` could not be run: signal {ended.signal} {ended.error}")
    if ended.value.killed:
        raise SystemExit(f"on the code as it is, this test fails: {ended.value.by}")


def result_of(mutant: Mutant, ended: Ended[Outcome]) -> Result:
    """Return the result of a mutant.

    Raises SystemExit if it is unknown, because its process ended or failed by itself.
    """
    if ended.signal in _TOO_LONG:
        return Result(mutant, Fate.TIMED_OUT, f"signal {ended.signal}")
    if ended.signal in _CRASHES:
        return Result(mutant, Fate.KILLED, f"signal {ended.signal}")
    if ended.signal:
        raise SystemExit(f"{mutant}\nended by signal {ended.signal}, perhaps for want of memory: try fewer `--jobs`")
    if ended.value is None:
        raise SystemExit(f"{mutant}\n{ended.error}")
    return Result(mutant, Fate.KILLED if ended.value.killed else Fate.SURVIVED, ended.value.by)


def _options() -> argparse.Namespace:
    names = [suite.name for suite in SUITES]
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"{', '.join(names)}; all but check by default")
    parser.add_argument("--sample", type=int, default=300, metavar="N", help="so many mutants of each suite")
    parser.add_argument("--seed", type=int, default=11, help="another seed, another sample")
    parser.add_argument(
        "--only", nargs="+", metavar="TEXT", help="every mutant whose description holds one of these texts"
    )
    parser.add_argument(
        "--longest", type=float, default=inf, metavar="S", help="leave out tests that take more seconds"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="so many at once")
    parser.add_argument("--verbose", action="store_true", help="print every mutant and what noticed it")
    options = parser.parse_args()
    unknown = sorted(set(options.suites) - set(names))
    if unknown:
        parser.error(f"`{unknown[0]}` is no suite: expected one of {', '.join(names)}")
    options.suites = options.suites or names[:2]
    return options


if __name__ == "__main__":
    raise SystemExit(main())
