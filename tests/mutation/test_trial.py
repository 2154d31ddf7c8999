"""Mutants of a small package, run through its tests in separate processes, as `make mutants` does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutation.__main__ import result_of
from tests.mutation.forks import Ended
from tests.mutation.mutants import Mutant, mutants
from tests.mutation.report import Fate
from tests.mutation.trial import Outcome

pytestmark = pytest.mark.slow

TOP = Path(__file__).parents[2]
PACKAGE = """
from functools import lru_cache

WORDS = {"b"}

def longer(word: str) -> str:
    return word + "!"

LONGER = longer("b")

@lru_cache
def bigger(a: int, b: int) -> bool:
    return a > b

def count(limit: int) -> int:
    found = 0
    while found < limit:
        found += 1
    return found

def unseen(a: int) -> int:
    return a + 1
"""
TESTS = """
from time import sleep

import pytest
from toy.thing import LONGER, WORDS, bigger, count

def test_first() -> None:
    assert bigger(2, 1)

def test_the_same_from_a_cache() -> None:
    assert bigger(2, 1)

def test_count() -> None:
    assert count(3) == 3

def test_words() -> None:
    assert WORDS

def test_a_function_that_only_an_import_calls() -> None:
    assert bigger(3, 1)
    assert LONGER == "b!"

@pytest.mark.timeout(0.05)
def test_on_a_busy_machine() -> None:
    sleep(0.2)
"""
PROGRAM = """
import sys
from functools import partial
from pathlib import Path

top = Path(sys.argv[1])
sys.path.insert(0, str(top / "source"))

from tests.mutation.contexts import read, record
from tests.mutation.forks import Job, in_forks
from tests.mutation.mutants import mutants
from tests.mutation.suites import Suite
from tests.mutation.trial import trial

suite = Suite("toy", ("toy",), ("test_toy.py",), 90, root=top / "source")
recording = [*in_forks([Job(partial(record, suite, top / "known"), 60)], at_once=1)]
assert not recording[0].error, recording[0].error
known = read(top / "known")
assert not known.failed, known.failed
for test, files in sorted(known.lines.items()):
    print("runs", test.rpartition("::")[2], *sorted({line for lines in files.values() for line in lines}))
wanted = set(sys.argv[2].splitlines())
every = [one for one in mutants(suite.root, suite.folders) if f"{one.before} => {one.after}" in wanted]
for ended in in_forks([Job(partial(trial, mutant, suite, known), 2) for mutant in every], at_once=2):
    mutant = every[ended.number]
    assert not ended.error, ended.error
    by = f"signal {ended.signal}" if ended.signal else ended.value.by.rpartition("::")[2]
    print(" => ".join((mutant.before, mutant.after, by or "nobody")))
assert "toy.thing" not in sys.modules
"""

UNCHANGED = """
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

top = Path(sys.argv[1])
sys.path.insert(0, str(top / "source"))

from tests.mutation.__main__ import try_unchanged
from tests.mutation.contexts import read, record
from tests.mutation.forks import Job, in_forks
from tests.mutation.suites import Suite

suite = Suite("toy", ("toy",), ("test_toy.py",), 90, root=top / "source")
def recorded(name):
    ended = next(in_forks([Job(partial(record, suite, top / name), 60)], at_once=1))
    return read(top / name) if (top / name).exists() else ended.error
known = recorded("known")
with (top / "test_toy.py").open("a") as tests:
    tests.write(sys.argv[2])
after = recorded("after")
print("recorded:", after if isinstance(after, str) else after.failed)
try_unchanged(suite, replace(known, older=True))
print("as expected")
"""


FATES = {
    "return a > b => return a >= b": "nobody",
    "found < limit => found <= limit": "test_count",
    "WORDS = {'b'} => WORDS = {*()}": "test_words",
    "return word + '!' => return word": "test_a_function_that_only_an_import_calls",
    "found += 1 => pass": "signal 24",
    "return a + 1 => return a": "nobody",
}


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], Path]:
    """Return the output of the program, and the package's folder afterwards."""
    top = tmp_path_factory.mktemp("mutation")
    program = _run(top, PROGRAM, "\n".join(FATES))
    assert program.returncode == 0, program.stderr
    return program.stdout.splitlines(), top / "source" / "toy"


def _run(top: Path, program: str, argument: str) -> subprocess.CompletedProcess[str]:
    """Run a program beside the package and its tests."""
    package = top / "source" / "toy"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "thing.py").write_text(PACKAGE)
    (top / "test_toy.py").write_text(TESTS)
    return subprocess.run(
        [sys.executable, "-c", program, str(top), argument],
        cwd=top,
        env=os.environ | {"PYTHONPATH": str(TOP)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("change, by", FATES.items())
def test_a_mutant_is_noticed(toy: tuple[list[str], Path], change: str, by: str) -> None:
    assert f"{change} => {by}" in toy[0]


def test_a_test_is_known_by_its_lines_although_a_cache_answers_it(toy: tuple[list[str], Path]) -> None:
    assert "runs test_the_same_from_a_cache 13" in toy[0]


def test_no_file_of_the_package_is_touched(toy: tuple[list[str], Path]) -> None:
    assert (toy[1] / "thing.py").read_text() == PACKAGE
    assert {path.name for path in toy[1].iterdir()} - {"__pycache__"} == {"__init__.py", "thing.py"}


@pytest.mark.parametrize(
    "new, said",
    [
        pytest.param("\ndef test_new():\n    assert not bigger(2, 1)\n", "test_toy.py::test_new", id="fails"),
        pytest.param("\ndef test_new(\n", "collecting test_toy.py", id="cannot be read"),
    ],
)
def test_what_fails_on_the_code_as_it_is_notices_no_mutant(tmp_path: Path, new: str, said: str) -> None:
    program = _run(tmp_path, UNCHANGED, new)
    assert program.returncode == 1, program.stdout
    assert f"on the code as it is, this test fails: {said}" in program.stderr
    assert f"recorded: ('{said}',)" in program.stdout


def test_new_tests_that_pass_may_notice_mutants(tmp_path: Path) -> None:
    program = _run(tmp_path, UNCHANGED, "\ndef test_new():\n    assert bigger(3, 1)\n")
    assert program.stdout.splitlines() == ["recorded: ()", "as expected"], program.stderr


def _mutant() -> Mutant:
    return next(iter(mutants(TOP / "tests", ["mutation"])))


@pytest.mark.parametrize(
    "ended_by, fate",
    [
        (signal.SIGXCPU, Fate.TIMED_OUT),
        (signal.SIGALRM, Fate.TIMED_OUT),
        (signal.SIGSEGV, Fate.KILLED),
        (signal.SIGKILL, None),
        (signal.SIGTERM, None),
    ],
)
def test_a_process_that_the_system_ended_says_nothing_of_a_mutant(ended_by: int, fate: Fate | None) -> None:
    ended: Ended[Outcome] = Ended(0, signal=ended_by)
    if fate is None:
        with pytest.raises(SystemExit, match=f"ended by signal {ended_by:d}"):
            result_of(_mutant(), ended)
    else:
        assert result_of(_mutant(), ended).fate is fate


@pytest.mark.parametrize("arguments", [("--only", "no such text"), ("--sample", "0")])
def test_no_mutant_is_no_score(arguments: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "tests.mutation", "plan", *arguments]
    done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "no mutant is chosen, so nothing was tried" in done.stderr
    assert "score" not in done.stdout
