"""A search whose work budget is spent leaves access undecided. It never says that there is none."""

from __future__ import annotations

from types import ModuleType

import pytest
from ecr_crossaccount.questions.roles import chains, outsiders, permissions

from tests.roles.cases import RoleCase, cases, doubts_of, ways_of
from tests.wording import sentence

NAMES = ("a session's tag overrides the role's", "a chain of three is followed")
ROWS = tuple(one for one in cases() if one.name in NAMES)
ENOUGH = 120


def _places(ways: set[str]) -> set[str]:
    """Return the last roles and the repositories of ways. How outsiders get there, a doubt may not know."""
    return {" > ".join(one.partition(":")[0].split(" > ")[-2:]) for one in ways}


@pytest.mark.parametrize("module", [outsiders, permissions], ids=["entries", "permissions"])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_no_budget_hides_access(row: RoleCase, module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """With each budget, the access is certain or undecided. Without any, nothing is certain."""
    told: list[bool] = []
    for steps in range(ENOUGH):
        monkeypatch.setattr(module, "STEPS", steps)
        answer = row.answer()
        assert not answer.is_nobody, steps
        assert ways_of(answer) <= {*row.ways}, steps
        assert _places({*row.ways}) <= _places(ways_of(answer) | doubts_of(answer)), steps
        told.append(ways_of(answer) == {*row.ways})
    assert not told[0]
    assert told[-1], "the last budget is enough"
    assert told == sorted(told), "more work never makes an answer less certain"


@pytest.mark.parametrize("module", [outsiders, permissions], ids=["entries", "permissions"])
def test_the_reason_is_the_budget(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STEPS", 0)
    for row in ROWS:
        assert {*(one.reason.partition(" is ")[2] for one in row.answer().perhaps)} == {
            sentence("reasons.too_complex_decide")
        }


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_no_budget_of_the_account_hides_access(row: RoleCase, monkeypatch: pytest.MonkeyPatch) -> None:
    """With too small a budget for the whole account, the answer is not complete. It never says that there is nobody."""
    told: list[bool] = []
    for steps in range(0, 10_000, 100):
        monkeypatch.setattr(chains, "WORK", steps)
        answer = row.answer()
        assert not answer.is_nobody, steps
        assert ways_of(answer) <= {*row.ways}, steps
        assert ways_of(answer) == {*row.ways} or any("work budget" in one for one in answer.unread), steps
        told.append(not answer.unread)
    assert not told[0]
    assert told[-1], "the last budget is enough"
    assert told == sorted(told)
