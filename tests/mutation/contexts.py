"""The lines that each test runs, and its time, from one run of the tests on the unchanged code."""

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
    "-p",
    "no:unraisableexception",  # raises after the tests, and a mutant may leave anything open
)
_CACHE = TOP / ".mutation"
_CACHED = type(lru_cache(len))
_MONITORING: Any = vars(sys).get("monitoring")
"""`sys.monitoring`. The oldest supported Python does not have it, so mypy does not know it."""
_TOOL = 4
_PATIENCE = 1_800
_SOURCES = frozenset({".py", ".json", ".yaml", ".tf"})
_OURS = frozenset({"ecr_crossaccount", "tests", "conftest", "__main__", "__mp_main__"})


@dataclass(frozen=True, slots=True)
class Contexts:
    """The contexts of each test, by pytest name: the lines that it runs by file, and its seconds of processor time."""

    lines: Mapping[str, Mapping[str, set[int]]]
    seconds: Mapping[str, float]
    modules: tuple[str, ...]
    """The modules that the tests import from elsewhere."""
    failed: tuple[str, ...]
    older: bool = False
    """Whether there may be tests that are not recorded here."""

    def chosen(self, mutant: Mutant) -> list[str]:
        """Return the tests that may notice a mutant.

        Those that run its module come first, the fastest first among them. Lines that no test runs may have run when
        the module was imported, and then any test that runs the module may notice.
        """
        path = str(mutant.path)
        near = {test for test, files in self.lines.items() if path in files}
        far = set(self.lines)
        if mutant.lines is not None:
            here = {test for test in near if not self.lines[test][path].isdisjoint(mutant.lines)}
            far = near = here or near
        return sorted(far, key=lambda test: (test not in near, self.seconds[test], test))

    def without_slow(self, longest: float) -> Contexts:
        """Return the same without tests that take more seconds. They are recorded, but never selected."""
        return replace(self, lines={test: files for test, files in self.lines.items() if self.seconds[test] <= longest})


def contexts(suite: Suite) -> Contexts:
    """Run a suite unchanged, unless the result for the same code and the same tests is stored."""
    path = _path(suite)
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        ended = next(in_forks([Job(lambda: record(suite, path), _PATIENCE)], at_once=1))
        if not path.exists():
            raise RuntimeError(f"the tests of `{suite.name}` could not be run: {ended}")
    known = read(path)
    if known.failed:
        path.unlink()  # a failure for a reason other than the code is run again
    return known


def older_contexts(suite: Suite) -> Contexts:
    """Return the last result for the same code with any tests, otherwise as `contexts`."""
    path = _path(suite)
    known = [*path.parent.glob(f"{path.name.rpartition('-')[0]}-*.pickle")]
    if path.exists() or not known:
        return contexts(suite)
    return replace(read(max(known, key=lambda one: one.stat().st_mtime)), older=True)


def fingerprint(suite: Suite) -> tuple[str, str]:
    """Return digests that identify the version of a suite's code and of its tests."""
    package = ROOT / "ecr_crossaccount"
    below = {package / name for name in ("documents", "judgement", "questions")}
    code = _digest(below.union(suite.root / folder for folder in suite.folders))
    return code, _digest({TOP / "tests" / "cases", *(TOP / folder for folder in suite.tests)})


def _path(suite: Suite) -> Path:
    return _CACHE / f"{'-'.join((suite.name, *fingerprint(suite)))}.pickle"


def _digest(folders: Iterable[Path]) -> str:
    digest = sha256(sys.version.encode())
    every = (path for place in folders for path in (place, *place.rglob("*")))
    for path in sorted(path for path in every if path.suffix in _SOURCES):
        digest.update(path.as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def read(path: Path) -> Contexts:
    """Return the file that `record` wrote."""
    found: Contexts = pickle.loads(path.read_bytes())  # noqa: S301 - written by this program
    return found


def record(suite: Suite, to: Path) -> None:
    """Run a suite unchanged, in a process that ends with it, and write the contexts to a file."""
    recorder = _Recorder(suite.root)
    with silence():
        status = pytest.main([*OPTIONS, *suite.tests], plugins=[recorder, Unhurried()])
    if status != pytest.ExitCode.OK and not recorder.found().failed:
        raise RuntimeError(f"pytest ended with {pytest.ExitCode(status)!r}")
    part = to.with_suffix(".part")
    part.write_bytes(pickle.dumps(recorder.found()))
    part.replace(to)


class Unhurried:
    """A plugin of pytest that disables the time limits of tests, so that a busy machine does not make them fail.

    An endless test ends by its job's limit of processor time.
    """

    @pytest.hookimpl(tryfirst=True, optionalhook=True)
    def pytest_timeout_set_timer(self) -> bool:
        """Start no timer for a test, neither for the configured limit nor for its own marker."""
        return True


class _Recorder:
    """A plugin of pytest that records the package's lines that each test runs, with the interpreter's own events."""

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
    """Empty every cache, so that a test runs code whose result an earlier test has cached."""
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
    """Return whether an object is a function of `memo.py`, which only the tests import."""
    return type(getattr(one, "__self__", None)).__module__ == "ecr_crossaccount.memo"
