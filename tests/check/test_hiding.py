"""The law of hidden policies: hiding a part of an open policy never turns a result green.

`HIDING_SEED` is the first seed. `HYPOTHESIS_PROFILE=nightly` and `HYPOTHESIS_TIMES` raise the number of folders.
`python -m tests.check.hiding` tries many of all formats.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.check.hiding.kinds import HIDERS, shown
from tests.check.hiding.laws import faults
from tests.profiles import share_of

USUAL = 320
FIRST = int(os.environ.get("HIDING_SEED", "0"))


@pytest.mark.parametrize("kind", HIDERS)
def test_hiding_a_part_of_an_open_policy_never_turns_a_result_green(tmp_path: Path, kind: str) -> None:
    for seed in range(FIRST, FIRST + share_of(USUAL)):
        folder, at = HIDERS[kind](seed), tmp_path / str(seed)
        at.mkdir()
        assert list(faults(folder, at)) == [], f"{kind} {seed}: {shown(folder)}"
