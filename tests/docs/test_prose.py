"""The prose of pages, help and messages keeps the rules of docs/style-guide.md that a machine can check."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from tests.docs.markdown import page
from tests.docs.prose import Passage, code_passages, every_place, faults, guide

PLACES = every_place()


@cache
def passages(name: str) -> tuple[Passage, ...]:
    """Return the passages of a place, which are read once."""
    return tuple(PLACES[name]())


BREAKING = {
    "relative by preposition": "A queue by which a run continues.",
    "whoever": "Whoever owns it may push.",
    "somebody, everybody": "Somebody outside can pull.",
    "gets in": "An outsider gets in.",
    "stands": "The reason stands in the log.",
    "comes to": "The bill comes to ten dollars.",
    "at wish": "It is shown at wish.",
    "lacks": "The file lacks an owner.",
    "one too many": "`x` is one too many.",
    "what is not": "What is not known is listed.",
    "bears": "The role bears the name of the stack.",
    "he": "He can push.",
    "speaks of": "The note speaks of the register.",
    "nobody knows": "Nobody can tell the value.",
    "says of": "It shows the words that a policy says of a key.",
    "all the same": "It is read all the same.",
    "nothing of": "It reads nothing of the image.",
    "for, as a conjunction": "It is skipped, for it is empty.",
    "since, as a reason": "It is skipped, since it is empty.",
    "but for": "It removes everything but for the log.",
    "double negative": "It is not unusual.",
    "archaic": "The run begins anew.",
    "is to": "If the account is to push, say so.",
    "approximate number": "It takes some 70 numbers.",
    "one, as a pronoun": "It is wider than one would like.",
    "and so is": "A name is an error, and so is a number.",
    "is through": "Wait until the run is through.",
    "goes on": "The rest goes on.",
    "such as do": "Those that do are listed.",
    "left out of account": "The Resource is left out of account.",
}
"""For each rule, a sentence that breaks it and no other."""


def told(text: str) -> list[str]:
    """Return the rules that a text breaks."""
    return [fault.rule for fault in faults([Passage("page", 1, text)])]


@pytest.mark.parametrize("name", PLACES)
def test_the_prose_keeps_the_rules(name: str) -> None:
    found = [str(fault) for fault in faults(passages(name))]
    assert found == [], "docs/style-guide.md has the rules; `make prose` lists what breaks them"


@pytest.mark.parametrize("rule, sentence", BREAKING.items(), ids=BREAKING)
def test_a_rule_finds_what_it_is_for(rule: str, sentence: str) -> None:
    assert told(sentence) == [rule]


def test_every_rule_has_an_example() -> None:
    assert [rule.name for rule in guide().rules] == list(BREAKING)


def test_code_is_one_word_and_breaks_no_rule() -> None:
    assert told("Give `--whoever somebody` " + "word " * 20 + "`" + "word " * 50 + "`.") == []


def test_a_long_sentence_is_found_and_two_short_ones_are_not() -> None:
    half = "Word " + "word " * 25
    assert told(half + half) == ["52 words"]
    assert told(half.strip() + ". " + half) == []


def test_an_abbreviation_ends_no_sentence() -> None:
    passage = Passage("page", 1, "It reads files, e.g. Terraform. It writes none.")
    assert list(passage.sentences()) == ["It reads files, e.g. Terraform.", "It writes none."]


def test_messages_are_read_with_what_is_filled_in_as_one_word() -> None:
    texts = [passage.text for passage in passages("messages")]
    assert any(text.startswith("policy `…`") or "`…` is not" in text for text in texts)
    assert len(texts) > 800


def test_docstrings_and_comments_of_a_folder_are_read_paragraph_by_paragraph(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "module.py").write_text(
        '"""A module.\n\nIts second paragraph\ncontinues here:\n\n- an item\n- another\n"""\n\n'
        "NUMBER = 1  # a comment beside\n"
        "# a comment that\n# continues\n"
        'TEXT = "no docstring # no comment"\n"""Of an attribute."""\n'
    )
    assert [(passage.line, passage.text) for passage in code_passages("inner", tmp_path)] == [
        (1, "A module."),
        (1, "Its second paragraph continues here:"),
        (1, "- an item"),
        (1, "- another"),
        (14, "Of an attribute."),
        (10, "a comment beside"),
        (11, "a comment that continues"),
    ]


def test_the_code_of_every_folder_is_read() -> None:
    assert {"rule", "tests", "benchmarks", "distribution"} <= set(PLACES)
    assert not {"build", "node_modules"} & set(PLACES)
    assert len(passages("rule")) > 5_000


def test_the_guide_shows_before_and_after() -> None:
    before = [row[0] for table in page("docs/style-guide.md").tables() for row in table[1:] if table[0][0] == "before"]
    assert before
    assert [text for text in before if told(text.strip('"')) == []] == []
