"""The mutated folders and their tests: what a package's own tests should detect, and how much of it.

The laws in `tests/properties` are excluded, because their random examples may not detect the same mutants tomorrow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

TOP = Path(__file__).parents[2]
ROOT = TOP / "rule"


@dataclass(frozen=True, slots=True)
class Table:
    """A test that is one function, called for each case of a table. It needs no pytest, so it runs first."""

    module: str
    cases: str
    identified: Callable[[Any], str]

    def calls(self) -> dict[str, Callable[[], None]]:
        """Return the calls by their pytest names. Imports the tested code."""
        tests = import_module(self.module)
        file = self.module.replace(".", "/") + ".py"
        return {
            f"{file}::test_case[{self.identified(case)}]": partial(tests.test_case, case)
            for case in getattr(tests, self.cases)()
        }


@dataclass(frozen=True, slots=True)
class Suite:
    """Folders of the package, their own tests, and the percentage of mutants that the tests should detect."""

    name: str
    folders: tuple[str, ...]
    tests: tuple[str, ...]
    bar: int
    tables: tuple[Table, ...] = ()
    root: Path = ROOT


SUITES: Sequence[Suite] = (
    Suite(
        "judgement",
        ("ecr_crossaccount/documents", "ecr_crossaccount/judgement"),
        ("tests/documents", "tests/judgement", "tests/breadth", "tests/docs/test_condition_keys.py"),
        95,
        (Table("tests.judgement.test_cases", "cases", lambda case: f"{case.table}: {case.name}"),),
    ),
    Suite(
        "plan",
        ("ecr_crossaccount/questions/plan",),
        ("tests/plan",),
        98,
        (Table("tests.plan.test_cases", "plan_cases", lambda case: str(case.name)),),
    ),
    Suite(
        "check",
        (
            "ecr_crossaccount/sources/files",
            "ecr_crossaccount/sources/found",
            "ecr_crossaccount/sources/formats",
            "ecr_crossaccount/sources/check",
        ),
        (
            "tests/check",
            "tests/cli/check_formats",
            "tests/cli/test_beside.py",
            "tests/cli/test_diff.py",
            "tests/cli/test_members.py",
            "tests/cli/test_own_change.py",
            "tests/cli/test_places.py",
            "tests/cli/test_regions.py",
            "tests/cli/test_wrong_file.py",
            "tests/cli/test_same_access.py",
            "tests/cli/settings",
        ),
        85,
    ),
)
