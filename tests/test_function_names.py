"""A function's name says what it does or gives. A participle or a preposition alone, `judged` or `of`, does not.

Properties name what they are, and keep such names.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

RULE = Path(__file__).parents[1] / "rule"
_PARTICIPLE = re.compile(r"(?!(?:embed|exceed|feed|need|proceed|seed)\Z)[a-z]+ed")
_IRREGULAR = frozenset(
    [
        "born",
        "bound",
        "built",
        "chosen",
        "drawn",
        "found",
        "given",
        "held",
        "hidden",
        "kept",
        "known",
        "left",
        "lost",
        "made",
        "meant",
        "met",
        "said",
        "sent",
        "shown",
        "sold",
        "spent",
        "taken",
        "told",
        "worn",
        "written",
    ]
)
_PREPOSITIONS = frozenset(
    [
        "about",
        "above",
        "across",
        "after",
        "against",
        "along",
        "among",
        "around",
        "as",
        "at",
        "before",
        "below",
        "beside",
        "between",
        "beyond",
        "by",
        "for",
        "from",
        "in",
        "into",
        "like",
        "near",
        "of",
        "off",
        "on",
        "over",
        "since",
        "than",
        "through",
        "to",
        "toward",
        "under",
        "until",
        "upon",
        "with",
        "within",
        "without",
    ]
)
PROMISED = {"Trust.about", "Witness.by"}
"""Names of the library that docs/stability.md promises."""


def nameless(tree: ast.AST, outer: str = "") -> Iterator[str]:
    """Yield the functions of a module whose names name no action and no result."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef):
            yield from nameless(node, f"{node.name}.")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            word = node.name.strip("_")
            is_property = any(re.search(r"property|once", ast.unparse(each)) for each in node.decorator_list)
            if not is_property and (_PARTICIPLE.fullmatch(word) or word in _IRREGULAR | _PREPOSITIONS):
                yield outer + node.name
            yield from nameless(node)
        else:
            yield from nameless(node, outer)


def test_every_function_is_named() -> None:
    files = sorted(RULE.rglob("*.py"))
    assert files
    found = {path.relative_to(RULE).as_posix(): {*nameless(ast.parse(path.read_text("utf-8")))} for path in files}
    assert {path: names - PROMISED for path, names in found.items() if names - PROMISED} == {}
    assert set().union(*found.values()) == PROMISED


@pytest.mark.parametrize(
    "text, names",
    [
        ("def judged(): ...", ["judged"]),
        ("class A:\n    def of(self): ...", ["A.of"]),
        ("class A:\n    @property\n    def expired(self): ...", []),
        ("def f():\n    def _left(): ...", ["_left"]),
        ("if X:\n    def told(): ...", ["told"]),
        ("def judge(): ...\ndef is_expired(): ...\ndef names_of(): ...\ndef embed(): ...", []),
    ],
)
def test_what_names_nothing(text: str, names: list[str]) -> None:
    assert [*nameless(ast.parse(text))] == names
