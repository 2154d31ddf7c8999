"""The file of reviewed mutants."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.mutation.mutants import mutants
from tests.mutation.reviewed import FILE, gone, reviewed

ROW = {"in": "f", "from": "a > b", "to": "a >= b", "reason": "a is never b"}


def test_the_file_is_one() -> None:
    assert isinstance(reviewed(FILE.read_text("utf-8")), dict)


@pytest.mark.parametrize("rows", [[{**ROW, "reason": " "}], [{**ROW, "line": 7}], [ROW, {**ROW, "reason": "another"}]])
def test_a_row_has_a_reason_and_stands_once(rows: list[object]) -> None:
    with pytest.raises(ValueError, match=r"expected the fields|appears twice"):
        reviewed(json.dumps(rows))


def test_a_row_whose_code_has_changed_is_told(tmp_path: Path) -> None:
    (tmp_path / "thing.py").write_text("def f(a, b):\n    return a > b\n")
    rows = [("f", "return a > b", "return a >= b"), ("f", "return a < b", "return a <= b")]
    assert gone(rows, mutants(tmp_path, ["."])) == rows[1:]
