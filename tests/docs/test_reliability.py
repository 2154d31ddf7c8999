"""Every test that a page names exists, and every row about behavior or an attack has a test."""

from __future__ import annotations

import re

import pytest
import yaml

from tests.docs.markdown import ROOT, page, pages
from tests.docs.named_tests import exists, named_by, named_in

ROWS: dict[str, dict[str, list[str]]] = yaml.safe_load((ROOT / "tests/docs/rows.yaml").read_text(encoding="utf-8"))
NAMED = [(one.name, name) for one in pages() for name in named_by(one)]


@pytest.mark.parametrize("where, name", NAMED)
def test_a_test_that_a_page_names_exists(where: str, name: str) -> None:
    assert exists(name), f"{where} names {name}"


@pytest.mark.parametrize(
    "name",
    [
        "tests/docs/test_none.py",
        "tests/docs/test_reliability.py::test_none",
        "tests/docs/test_reliability.py::NAMED",
        "tests/docs/test_reliability.py::TestNone::test_a_test_that_a_page_names_exists",
        "tests/rule/test_refusals.py::test_where_none_is_answered_the_role_is_at_fault_and_nothing_changes",
    ],
)
def test_a_test_that_is_not_there_is_seen(name: str) -> None:
    assert named_in(f"see `{name}`.") == [name]
    assert not exists(name)


@pytest.mark.parametrize("name", ["docs/reliability.md", "SECURITY.md"])
def test_every_row_has_a_test_that_exists(name: str) -> None:
    rows = re.findall(r"^- \*(.+?)\*: ", page(name).path.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == list(ROWS[name])
    assert [test for tests in ROWS[name].values() for test in tests if not exists(test)] == []
    assert all(ROWS[name].values())
