"""A clock that was never set does not make expired trust valid again."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.wording import sentence

from .conftest import NEIGHBOUR, OWNER, Write

REGISTER = {
    "version": 1,
    "trust": [{"account": "222233334444", "reason": "r", "owner": "o@example.com", "expires": "2026-02-01"}],
}


def _at(year: int, *argv: str) -> subprocess.CompletedProcess[str]:
    """Run the command on a machine whose clock shows the first day of a year."""
    code = (
        "import datetime, sys\n"
        "from ecr_crossaccount.products.cli.base import clock\n"
        "class Clock(datetime.datetime):\n"
        "    @classmethod\n"
        f"    def now(cls, zone): return cls({year}, 1, 1, tzinfo=zone)\n"
        "clock.datetime = Clock\n"
        "from ecr_crossaccount.__main__ import process\n"
        "sys.exit(process())"
    )
    return subprocess.run([sys.executable, "-c", code, *argv], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("whose", [("judge", "--owner"), ("check", "--account")])
@pytest.mark.parametrize("year", [1, 1970, 2025])
def test_a_clock_before_the_first_version_is_not_believed(write: Write, year: int, whose: tuple[str, str]) -> None:
    register, policy = write(REGISTER, "trust.json"), write(NEIGHBOUR)
    done = _at(year, whose[0], "--trust", register, whose[1], OWNER, policy)
    assert (done.returncode, done.stdout) == (3, "")
    assert sentence("clock.clock_machine_says", year=f"{year:04}") in done.stderr


@pytest.mark.parametrize("year, status", [(2026, 0), (2027, 1)])
def test_a_clock_that_can_be_right_is_believed(write: Write, year: int, status: int) -> None:
    done = _at(year, "judge", "--trust", write(REGISTER, "trust.json"), "--owner", OWNER, write(NEIGHBOUR))
    assert done.returncode == status, done.stderr
