"""Runs the tests of one mutant, in a process that has not imported the package yet."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType

import pytest
from hypothesis import Phase, settings

from .contexts import OPTIONS, Contexts, Unhurried
from .forks import silence
from .mutants import Mutant
from .suites import Suite

_KILLED = frozenset({pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED})
_SURVIVED = frozenset({pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED})


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether a mutant was detected, and the test that did."""

    killed: bool
    by: str = ""


LEAST_SECONDS = 20
"""The least processor time of a trial, in seconds."""


def trial(mutant: Mutant | None, suite: Suite, known: Contexts) -> Outcome:
    """Run the tests that may detect a mutant, the cheapest first, until one does.

    Without a mutant, run the new tests.
    """
    if mutant is not None:
        sys.meta_path.insert(0, _Finder(mutant))
    chosen = [] if mutant is None else known.chosen(mutant)
    asked, failed = _ask_tables(suite, chosen, known)
    if failed:
        return Outcome(killed=True, by=failed)
    rest = [test for test in chosen if test not in asked]
    return _ask_pytest(suite, rest, known) if rest or known.older else Outcome(killed=False)


def seconds_for(mutant: Mutant, known: Contexts) -> int:
    """Return the processor time, in seconds, after which a trial ends because the mutant may have made it endless."""
    return LEAST_SECONDS + int(5 * sum(known.seconds[test] for test in known.chosen(mutant)))


class _Finder(MetaPathFinder):
    """Finds the one module with the change. Nothing is written."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name != self._mutant.dotted:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None:
            spec.loader = _Loader(name, str(self._mutant.path), self._mutant)
        return spec


class _Loader(SourceFileLoader):
    def __init__(self, name: str, path: str, mutant: Mutant) -> None:
        super().__init__(name, path)
        self._mutant = mutant

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 - there is one module
        return self._mutant.code()


def _ask_tables(suite: Suite, chosen: Sequence[str], known: Contexts) -> tuple[set[str], str]:
    """Return the tests of tables that were run, and the one that failed.

    All of them are run, because they are cheap, and an object that caches its answers hides which test needed them.
    """
    asked: set[str] = set()
    for table in suite.tables:
        try:
            calls = table.calls()
        except Exception as error:  # noqa: BLE001 - a mutant can raise anything
            return asked, f"import: {type(error).__name__}"
        new = [test for test in calls if test not in known.seconds]
        for test in dict.fromkeys((*new, *(one for one in chosen if one in calls), *calls)):
            asked.add(test)
            try:
                calls[test]()
            except Exception:  # noqa: BLE001 - a mutant can raise anything
                return asked, test
    return asked, ""


def _ask_pytest(suite: Suite, rest: Sequence[str], known: Contexts) -> Outcome:
    files = suite.tests if known.older else sorted({test.split("::")[0] for test in rest})
    first = _First(rest, known)
    with silence():
        status = pytest.main([*OPTIONS, "-x", *files], plugins=[first, Unhurried()])
    if status in _KILLED and first.failed:
        return Outcome(killed=True, by=first.failed)
    if status not in _SURVIVED:
        raise RuntimeError(f"pytest ended with {pytest.ExitCode(status)!r}")
    return Outcome(killed=False)


class _First:
    """A plugin of pytest that runs the selected tests in their order, after tests without known contexts."""

    def __init__(self, chosen: Sequence[str], known: Contexts) -> None:
        self._order = {test: place for place, test in enumerate(chosen)}
        self._known = known.seconds
        self.failed = ""

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self) -> None:
        """Let Hypothesis find any counterexample, without shrinking it."""
        phases = [Phase.explicit, Phase.generate]
        settings.register_profile("mutation", settings.get_profile("ci"), phases=phases)
        settings.load_profile("mutation")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        wanted = [item for item in items if item.nodeid in self._order or item.nodeid not in self._known]
        items[:] = sorted(wanted, key=lambda item: self._order.get(item.nodeid, -1))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed = self.failed or report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.failed = self.failed or f"collecting {report.nodeid}"
