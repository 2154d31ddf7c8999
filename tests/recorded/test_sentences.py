"""One file holds the sentences that tests compare, so that a new wording changes that file alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path

from tests.case_tables import DIRECTORY, cases, cases_beside
from tests.check.hcl.test_cases import CASES, read
from tests.check.test_cases import ALL as CHECKED
from tests.check.test_cases import TABLES as CHECK_TABLES
from tests.plan_tables import plan_cases
from tests.reworded import as_held
from tests.wording import HELD, REFERENCE, SENTENCES

TESTS = SENTENCES.parent
PRODUCT = TESTS.parent / "rule"
OTHERS = {
    "with an explicit deny in a resource-based policy": "AWS says it",
    "a stored Deny does not count whose Resource may name another repository": "the name of a case",
}
"""Words of the product that are not its own where a test has them, with the reason."""

_TOLD = ("change", "reason")
_DOCSTRING = re.compile(r'"""[\s\S]*?"""')
_HOLE = re.compile(r"\{[^{}]*\}")
_STRING = re.compile(r'"((?:[^"\\\n]|\\.)*)"|\'((?:[^\'\\\n]|\\.)*)\'')
_APART = re.compile(r"[^\w', -]+")
_WORD = re.compile(r"[A-Za-z][a-z'-]*")


def strings(folder: Path, *endings: str) -> Iterator[tuple[Path, str]]:
    """Yield the strings in the files of a folder without what fills them and without docstrings, line by line."""
    for path in sorted(folder.rglob("*")):
        if path.suffix in endings and "node_modules" not in path.parts and path != SENTENCES:
            for found in _STRING.finditer(_DOCSTRING.sub("", path.read_text("utf-8"))):
                yield path, _HOLE.sub("{}", found[1] or found[2] or "")


def four_words(text: str) -> Iterator[tuple[str, ...]]:
    """Yield every four words of a text that only blanks and commas separate."""
    for part in _APART.split(text):
        words = re.split(r"[ ,]+", part.strip())
        yield from (four for four in zip(*(words[start:] for start in range(4)), strict=False) if is_words(four))


def is_words(four: tuple[str, ...]) -> bool:
    return all(map(_WORD.fullmatch, four))


@cache
def said() -> frozenset[tuple[str, ...]]:
    """Return every four words that the product says together."""
    return frozenset(four for _, text in strings(PRODUCT, ".py") for four in four_words(text))


def is_sentence(text: str) -> bool:
    return len(text) > 45 and len(text.split()) >= 6 and not REFERENCE.search(text)


def test_no_test_holds_a_sentence_of_the_product() -> None:
    found = {
        f"{path.relative_to(TESTS)}: {text}"
        for path, text in strings(TESTS, ".py")
        if is_sentence(text) and not any(words in text for words in OTHERS) and not said().isdisjoint(four_words(text))
    }
    assert found == set(), f"put it into {SENTENCES.name} under a key, and compare `sentence(key)`"


def test_no_table_holds_a_sentence_of_the_product() -> None:
    found = {text for text in in_tables() if is_sentence(text) and not said().isdisjoint(four_words(text))}
    assert found == set(), f"put it into {SENTENCES.name} under a key, and write `{{key}}`"


def in_tables() -> Iterator[str]:
    """Yield what the tables of cases expect to be told."""
    for case in CHECKED:
        for told in (*case.errors, *case.skipped, *case.unjudged, *case.because.values()):
            yield re.sub(r"^\d+ [^:`]*: ", "", told)
        yield from chain(*case.certain.values(), *case.notes.values())
    for plan in plan_cases():
        yield plan.row["expect"].get("refused", "")
        yield from (change.get(field, "") for change in plan.row["expect"].get("changes", []) for field in _TOLD)
    for judged in (*cases(), *cases_beside()):
        yield from judged.expect.notes_contain
        yield from (grant.reason_contains or "" for grant in judged.expect.grants or ())
    for source in CASES:
        yield from (told for _, told in read(source).others)


def test_each_sentence_is_compared() -> None:
    named = {text for _, text in strings(TESTS, ".py")}
    tables = [
        path
        for folder in (DIRECTORY, CHECK_TABLES, CASES[0].parent)
        for path in folder.rglob("*")
        if path.suffix in {".json", ".yaml", ".tf"}
    ]
    named |= {key for path in tables for key in REFERENCE.findall(path.read_text("utf-8"))}
    assert HELD.keys() - named == set()


def test_the_sentences_are_in_order() -> None:
    assert SENTENCES.read_text("utf-8") == as_held(HELD)
