"""The place of a mutant, by name and by line, and the mutants that a seed selects."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutation.mutants import Mutant, mutants, sample

SOURCE = """
_TABLE = {"a": 1}

class Clause:
    def holds(self, value, limit=7):
        if value > limit:
            return (
                value != 3
            )
        return value in _TABLE
"""


def found(root: Path, source: str = SOURCE, module: str = "thing.py") -> list[Mutant]:
    (root / "package").mkdir(exist_ok=True)
    (root / "package" / module).write_text(source)
    return [*mutants(root, ["package"])]


def one(mutants_of: list[Mutant], before: str, after: str) -> Mutant:
    return next(mutant for mutant in mutants_of if (mutant.before, mutant.after) == (before, after))


@pytest.mark.parametrize(
    "before, after, scope, lines",
    [
        pytest.param("_TABLE = {'a': 1}", "_TABLE = {}", "_TABLE", None, id="a table is read on import"),
        pytest.param("value > limit", "value >= limit", "Clause.holds", range(6, 7), id="a condition is its line"),
        pytest.param(
            "return value != 3", "return value == 3", "Clause.holds", range(7, 10), id="a statement is its lines"
        ),
        pytest.param("7", "8", "Clause.holds", range(6, 11), id="a default is its whole function"),
    ],
)
def test_a_mutant_says_where_it_is(tmp_path: Path, before: str, after: str, scope: str, lines: range | None) -> None:
    mutant = one(found(tmp_path), before, after)
    assert (mutant.module, mutant.dotted, mutant.scope) == ("package/thing.py", "package.thing", scope)
    assert mutant.lines == lines


def test_a_mutant_is_known_again_after_its_code_has_moved(tmp_path: Path) -> None:
    before = one(found(tmp_path), "value > limit", "value >= limit")
    after = one(found(tmp_path, f"import a\n\n\n{SOURCE}"), "value > limit", "value >= limit")
    assert before.key == after.key
    assert before.line != after.line


def test_the_code_of_a_mutant_has_the_change_and_the_file_has_not(tmp_path: Path) -> None:
    names: dict[str, type] = {}
    exec(one(found(tmp_path), "value > limit", "value >= limit").code(), names)  # noqa: S102 - the text above
    assert names["Clause"]().holds(7) is True
    assert (tmp_path / "package" / "thing.py").read_text() == SOURCE


def test_a_seed_always_chooses_the_same(tmp_path: Path) -> None:
    every = found(tmp_path)
    assert sample(every, 5, 1) == sample(every[::-1], 5, 1)
    assert sample(every, 5, 1) != sample(every, 5, 2)


def test_what_is_chosen_does_not_hang_on_a_change_elsewhere(tmp_path: Path) -> None:
    before = {mutant.key for mutant in sample(found(tmp_path), 5, 1)}
    with_another = found(tmp_path, "x = a == b\n", "another.py")
    assert len(before & {mutant.key for mutant in sample(with_another, 6, 1)}) >= 5
