"""The changes that a mutant may make, and those that it must not make because they would distort the score."""

from __future__ import annotations

import ast

import pytest

from tests.mutation.edits import edits


def changed(source: str) -> list[str]:
    """Return the module after each of its edits, one line for each statement."""
    tree = ast.parse(source)
    found = []
    for edit in edits(tree):
        undo = edit.apply()
        found.append(ast.unparse(tree))
        undo()
    assert ast.unparse(tree) == ast.unparse(ast.parse(source))
    return found


@pytest.mark.parametrize(
    "source, expected",
    [
        pytest.param("f(a == b)", ["pass", "f(a != b)"], id="comparison"),
        pytest.param("x = a < b", ["x = a <= b", "x = a >= b"], id="bound"),
        pytest.param("x = a in b", ["x = a not in b"], id="membership"),
        pytest.param("x = a and b", ["x = b", "x = a", "x = a or b"], id="boolean"),
        pytest.param("x = not a", ["x = a"], id="not"),
        pytest.param("x = a | b", ["x = a", "x = b"], id="union"),
        pytest.param("x = True", ["x = False"], id="constant"),
        pytest.param("x = 3", ["x = 4", "x = 2"], id="off by one"),
        pytest.param("x = {'a', 'b'}", ["x = {'XXa', 'b'}", "x = {'b'}", "x = {'a', 'XXb'}", "x = {'a'}"], id="table"),
        pytest.param("x = {a: b}", ["x = {}"], id="row of a table"),
        pytest.param("if a:\n    b()", ["if not a:\n    b()", "if a:\n    pass"], id="condition"),
        pytest.param("x = [a for a in b if c]", ["x = [a for a in b]", "x = [a for a in b if not c]"], id="filter"),
        pytest.param("for a in b:\n    c += a", ["for a in ():\n    c += a", "for a in b:\n    pass"], id="loop"),
        pytest.param("x = any(a)", ["x = all(a)"], id="quantifier"),
        pytest.param("x = a.casefold()", ["x = a"], id="smoothing"),
        pytest.param("x = replace(a, b=c)", ["x = replace(a)"], id="argument"),
        pytest.param(
            "def f(a=1):\n    return a", ["def f(a=2):\n    return a", "def f(a=0):\n    return a"], id="default"
        ),
    ],
)
def test_a_change_is(source: str, expected: list[str]) -> None:
    assert changed(source) == expected


@pytest.mark.parametrize(
    "returns, instead",
    [
        ("bool", ["True", "False"]),
        ("int", ["0"]),
        ("frozenset[str]", ["frozenset()"]),
        ("tuple[int, ...] | None", ["()", "None"]),
        ("Verdict", []),
    ],
)
def test_a_function_returns_what_its_annotation_allows(returns: str, instead: list[str]) -> None:
    results = [text.rpartition("return ")[2] for text in changed(f"def f(a) -> {returns}:\n    return a")]
    assert results == instead


@pytest.mark.parametrize(
    "source",
    [
        pytest.param('"""A docstring."""', id="docstring"),
        pytest.param("from a import b", id="import"),
        pytest.param("assert a == 1", id="assertion"),
        pytest.param("x = zip(a, b, strict=True)", id="assertion of lengths"),
        pytest.param("x = field(repr=False)", id="what a developer sees"),
        pytest.param("__all__ = ['a']", id="names for others"),
        pytest.param("Part = str | int", id="union of types"),
        pytest.param("_Part = str | int", id="union of types of our own"),
        pytest.param("T = TypeVar('T')", id="type variable"),
        pytest.param("if TYPE_CHECKING:\n    a = 1", id="for checkers"),
        pytest.param("x = 'a message'", id="message"),
        pytest.param("x = f'{a}-{1}'", id="f-string"),
        pytest.param("def f(a: Literal['b']) -> Literal[1]: ...", id="annotations"),
        pytest.param("@lru_cache(maxsize=1)\ndef f(): ...", id="decorator"),
        pytest.param("def f():\n    return (a, b)", id="fields in a row"),
    ],
)
def test_left_alone_is(source: str) -> None:
    assert changed(source) == []


def test_what_is_raised_is_a_message_but_that_it_is_raised_is_not() -> None:
    assert changed("raise Error('a', 1)") == ["pass"]
