"""Every test that a page names exists, and every row about behavior or an attack names a test."""

from __future__ import annotations

import pytest

from tests.docs.markdown import Page, page, pages
from tests.docs.named_tests import exists, named_by, named_in

NAMED = [(one.name, name) for one in pages() for name in named_by(one)]


@pytest.mark.parametrize("where, name", NAMED)
def test_a_test_that_a_page_names_exists(where: str, name: str) -> None:
    assert exists(name), f"{where} names {name}"


@pytest.mark.parametrize(
    "name",
    [
        "tests/docs/test_none.py",
        "tests/docs/test_reliability.py::test_none",
        "tests/docs/test_reliability.py::tables_of_tests",
        "tests/docs/test_reliability.py::TestNone::test_a_test_that_a_page_names_exists",
        "tests/rule/test_refusals.py::test_where_none_is_answered_the_role_is_at_fault_and_nothing_changes",
    ],
)
def test_a_test_that_is_not_there_is_seen(name: str) -> None:
    assert named_in(f"see `{name}`.") == [name]
    assert not exists(name)


def tables_of_tests(where: Page) -> list[list[list[str]]]:
    return [rows for rows in where.tables() if rows[0][-1] == "test"]


@pytest.mark.parametrize("name, tables", [("docs/reliability.md", 2), ("SECURITY.md", 1)])
def test_every_row_names_a_test(name: str, tables: int) -> None:
    found = tables_of_tests(page(name))
    assert len(found) == tables
    for rows in found:
        for *_, tests in rows[1:]:
            assert named_in(tests), rows
