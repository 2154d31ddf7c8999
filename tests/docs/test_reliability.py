"""docs/reliability.md: every test that it names is there."""

from __future__ import annotations

import ast
import re

import pytest

from tests.docs.markdown import ROOT, page

RELIABILITY = page("docs/reliability.md")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py::\w+)`", RELIABILITY.path.read_text(encoding="utf-8"))))


@pytest.mark.parametrize("name", NAMED)
def test_a_test_that_the_page_names_exists(name: str) -> None:
    file, _, function = name.partition("::")
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_row_about_behaviour_names_a_test() -> None:
    tables = [rows for rows in RELIABILITY.tables() if rows[0][-1] == "test"]
    assert len(tables) == 2
    for rows in tables:
        for *_, tests in rows[1:]:
            assert re.findall(r"`tests/[^`]+`", tests), rows
