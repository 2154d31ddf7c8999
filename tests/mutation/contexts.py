"""Which test runs which line, and for how long: one run of the tests on the code as it is."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from time import process_time
from types import CodeType
from typing import Any

import pytest

from .forks import Job, in_forks, silence
from .mutants import Mutant
from .suites import ROOT, TOP, Suite

OPTIONS = (
    "-q",
    "--no-header",
    "--assert=plain",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:xdist",
    "-p",
    "no:cov",
)
_CACHE = TOP / ".mutation"
_CACHED = type(lru_cache(len))
_MONITORING: Any = vars(sys).get("monitoring")
"""`sys.monitoring`, which the oldest Python that is supported, and so mypy, does not have."""
_TOOL = 4
_PATIENCE = 1_800
_SOURCES = frozenset({".py", ".json", ".yaml", ".tf"})
_OURS = frozenset({"ecr_crossaccount", "tests", "conftest", "__main__", "__mp_main__"})


@dataclass(frozen=True, slots=True)
class Contexts:
    """Of each test by its pytest name: the lines that it runs by file, and its seconds of processor time."""

    lines: Mapping[str, Mapping[str, set[int]]]
    seconds: Mapping[str, float]
    modules: tuple[str, ...]
    """What the tests import from elsewhere."""
    failed: tuple[str, ...]
    older: bool = False
    """Whether there may be tests that are not known here."""

    def chosen(self, mutant: Mutant) -> list[str]:
        """The tests that may notice a mutant: those that run its module first, and of these the fastest."""
        path = str(mutant.path)
        near = {test for test, files in self.lines.items() if path in files}
        far = set(self.lines)
        if mutant.lines is not None:
            far = near = {test for test in near if not self.lines[test][path].isdisjoint(mutant.lines)}
        return sorted(far, key=lambda test: (test not in near, self.seconds[test], test))

    def without_slow(self, longest: float) -> Contexts:
        """The same without the tests that take more seconds: each is known, and chosen for nothing."""
        return replace(self, lines={test: files for test, files in self.lines.items() if self.seconds[test] <= longest})


def contexts(suite: Suite) -> Contexts:
    """Run a suite as it is, unless that is known from an earlier run of the same code and the same tests."""
    path = _path(suite)
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        ended = next(in_forks([Job(lambda: record(suite, path), _PATIENCE)], at_once=1))
        if not path.exists():
            raise RuntimeError(f"the tests of `{suite.name}` could not be run: {ended}")
    known = read(path)
    if known.failed:
        path.unlink()  # what failed for another reason than the code is run again
    return known


def older_contexts(suite: Suite) -> Contexts:
    """What is known from the last run of the same code with whatever tests; else as `contexts`."""
    path = _path(suite)
    known = [*path.parent.glob(f"{path.name.rpartition('-')[0]}-*.pickle")]
    if path.exists() or not known:
        return contexts(suite)
    return replace(read(max(known, key=lambda one: one.stat().st_mtime)), older=True)


def fingerprint(suite: Suite) -> tuple[str, str]:
    """What tells this version of a suite's code, and of its tests, from every other."""
    package = ROOT / "ecr_crossaccount"
    below = {package / name for name in ("policy", "access", "remedy")}
    code = _digest(below.union(suite.root / folder for folder in suite.folders))
    return code, _digest({TOP / "tests" / "cases", *(TOP / folder for folder in suite.tests)})


def _path(suite: Suite) -> Path:
    return _CACHE / f"{'-'.join((suite.name, *fingerprint(suite)))}.pickle"


def _digest(folders: Iterable[Path]) -> str:
    digest = sha256(sys.version.encode())
    for path in sorted(path for folder in folders for path in folder.rglob("*") if path.suffix in _SOURCES):
        digest.update(path.as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def read(path: Path) -> Contexts:
    """What `record` wrote."""
    found: Contexts = pickle.loads(path.read_bytes())  # noqa: S301 - written by this program
    return found


def record(suite: Suite, to: Path) -> None:
    """Run a suite as it is, in a process that ends with it, and write what is known then to a file."""
    recorder = _Recorder(suite.root)
    with silence():
        status = pytest.main([*OPTIONS, *suite.tests], plugins=[recorder, Unhurried()])
    if status != pytest.ExitCode.OK and not recorder.found().failed:
        raise RuntimeError(f"pytest ended with {pytest.ExitCode(status)!r}")
    part = to.with_suffix(".part")
    part.write_bytes(pickle.dumps(recorder.found()))
    part.replace(to)


class Unhurried:
    """A plugin of pytest without which a busy machine makes a test fail: limits of a test's seconds do not count.

    What is endless ends by the processor time of its job.
    """

    @pytest.hookimpl(tryfirst=True, optionalhook=True)
    def pytest_timeout_set_timer(self) -> bool:
        """Start no timer for a test, whether its limit is of the configuration or of its own marker."""
        return True


class _Recorder:
    """A plugin of pytest that notes the lines of the package that each test runs, by the interpreter's own events."""

    def __init__(self, root: Path) -> None:
        self._root = str(root)
        self._lines: dict[str, dict[str, set[int]]] = {}
        self._now: dict[str, set[int]] = {}
        self._seconds: dict[str, float] = {}
        self._failed: list[str] = []

    def found(self) -> Contexts:
        modules = tuple(name for name in sys.modules if name.partition(".")[0] not in _OURS)
        return Contexts(self._lines, self._seconds, modules, tuple(self._failed))

    def pytest_sessionstart(self) -> None:
        _MONITORING.use_tool_id(_TOOL, "mutation")
        _MONITORING.register_callback(_TOOL, _MONITORING.events.LINE, self._seen)
        _MONITORING.set_events(_TOOL, _MONITORING.events.LINE)

    def _seen(self, code: CodeType, line: int) -> object:
        if code.co_filename.startswith(self._root):
            self._now.setdefault(code.co_filename, set()).add(line)
        return _MONITORING.DISABLE

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        _forget(self._root)
        self._now = self._lines.setdefault(item.nodeid, {})
        _MONITORING.restart_events()
        start = process_time()
        result = yield
        self._seconds[item.nodeid] = process_time() - start
        self._now = {}
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._failed.append(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._failed.append(f"collecting {report.nodeid}")


def _forget(root: str) -> None:
    """Empty every cache, so that a test runs what an earlier one has had computed."""
    for clear in _caches(root, len(sys.modules)):
        clear()


@lru_cache(maxsize=1)
def _caches(root: str, _modules: int) -> list[Callable[[], object]]:
    modules = [one for one in sys.modules.values() if (getattr(one, "__file__", None) or "").startswith(root)]
    classes = [one for module in modules for one in vars(module).values() if isinstance(one, type)]
    every = [one for home in (*modules, *classes) for one in vars(home).values()]
    cached = [one.cache_clear for one in every if isinstance(one, _CACHED)]
    return cached + [one.__self__.clear for one in every if _is_looked_up(one)]


def _is_looked_up(one: object) -> bool:
    """Whether something is a function of `access/looked_up.py`, which is not imported before the tests import it."""
    return type(getattr(one, "__self__", None)).__module__ == "ecr_crossaccount.access.looked_up"
