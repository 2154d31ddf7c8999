"""No command and no function imports more modules than are recorded."""

from __future__ import annotations

import json
import sys

import pytest

from .__main__ import IMPORTS
from .imports import budget

RECORDED = json.loads(IMPORTS.read_text("utf-8"))


@pytest.mark.skipif(sys.version_info[:2] != (3, 13), reason="another Python's standard library has other modules")
def test_nothing_imports_more_than_is_recorded() -> None:
    now = budget()
    assert now.keys() == RECORDED.keys(), "make answers"
    more = {
        name: {"recorded": RECORDED[name], "now": counted}
        for name, counted in now.items()
        if any(counted[kind] > RECORDED[name][kind] for kind in counted)
    }
    assert more == {}, "import on demand, or record it: make answers"
