"""The search for a string agrees with matching by hand."""

from __future__ import annotations

import itertools
from functools import cache

import pytest
from ecr_crossaccount.documents.pattern import pattern
from ecr_crossaccount.judgement.context.shapes import Reading
from ecr_crossaccount.judgement.patterns.automaton import Budget, BudgetSpentError, TextQuestion, classes, find
from ecr_crossaccount.judgement.patterns.charsets import ANY, DIGIT, GENERIC, NAME, Charset, representatives
from ecr_crossaccount.judgement.patterns.comparisons import string_tokens
from ecr_crossaccount.judgement.patterns.tokens import (
    NOTHING,
    AnyOf,
    Block,
    Tokens,
    any_of,
    exactly,
    literal,
    matches,
    star,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.profiles import examples

AB = Charset("a or b", "ab".__contains__)
SHAPE = exactly(AB) + star(AB)
WORDS = ["".join(letters) for size in range(1, 8) for letters in itertools.product("ab", repeat=size)]
globs = st.text("ab*?", max_size=4)


@cache
def tokens_of(glob: str) -> Tokens:
    return string_tokens(pattern(glob, wild=True, variables=False).parts, ANY)


def matches_by_hand(glob: str, text: str) -> bool:
    if not glob:
        return not text
    if glob[0] == "*":
        return matches_by_hand(glob[1:], text) or (text != "" and matches_by_hand(glob, text[1:]))
    return text != "" and glob[0] in ("?", text[0]) and matches_by_hand(glob[1:], text[1:])


def budget() -> Budget:
    return Budget(1_000_000)


def test_every_short_pattern_matches_what_it_does_by_hand() -> None:
    short = ["".join(one) for size in range(4) for one in itertools.product("ab*?", repeat=size)]
    texts = ["".join(one) for size in range(4) for one in itertools.product("ab", repeat=size)]
    for glob, text in itertools.product(short, texts):
        assert matches(tokens_of(glob), text) is matches_by_hand(glob, text), (glob, text)


@given(globs, st.text("ab", max_size=6))
@examples(300)
def test_matching_agrees_with_matching_by_hand(glob: str, text: str) -> None:
    assert matches(tokens_of(glob), text) is matches_by_hand(glob, text)


@given(st.lists(st.lists(globs, max_size=2), max_size=2), st.lists(globs, max_size=3), st.sampled_from(["", "ab", "b"]))
@examples(300)
def test_a_string_is_found_where_there_is_one_and_only_there(
    wanted: list[list[str]], unwanted: list[str], usual: str
) -> None:
    groups = tuple(tuple(Block(tokens_of(glob)) for glob in group) for group in wanted)
    question = TextQuestion((SHAPE,), groups, tuple(Block(tokens_of(glob)) for glob in unwanted), usual)

    def will_do(text: str) -> bool:
        met = all(any(matches_by_hand(glob, text) for glob in group) for group in wanted)
        return met and not any(matches_by_hand(glob, text) for glob in unwanted)

    found = find(question, budget())
    # Seven letters are enough to distinguish so few and short patterns.
    assert (found is not None) is any(map(will_do, WORDS))
    assert found is None or (will_do(found) and matches(SHAPE, found))
    if (
        found is not None
        and usual
        and will_do(usual)
        and all(any(set(g) & set("*?") for g in group) for group in wanted)
    ):
        assert found == usual


several = st.lists(st.text("ab*?", max_size=3), max_size=20).map(tuple)


@cache
def together(globs: tuple[str, ...]) -> AnyOf:
    return any_of(tuple(map(tokens_of, globs)))


@given(several, st.text("ab", max_size=5))
@examples(300)
def test_many_patterns_together_match_what_one_of_them_does(globs: tuple[str, ...], text: str) -> None:
    every = together(globs)
    assert {every.matches(text) for _ in range(6)} == {any(matches_by_hand(glob, text) for glob in globs)}


@given(several, st.text("ab", max_size=3), st.text("ab", max_size=3))
@examples(300)
def test_equal_places_in_many_patterns_match_equal_rests(globs: tuple[str, ...], one: str, other: str) -> None:
    if together(globs).places(one) == together(globs).places(other):
        assert [together(globs).matches(one + text) for text in WORDS[:62]] == [
            together(globs).matches(other + text) for text in WORDS[:62]
        ]


@given(st.lists(several, max_size=2), several, st.text("ab", max_size=2))
@examples(200)
def test_a_search_for_many_patterns_together_finds_a_string_where_one_for_each_does(
    wanted: list[tuple[str, ...]], unwanted: tuple[str, ...], prefix: str
) -> None:
    groups = tuple(tuple(Block(tokens_of(glob), prefix) for glob in group) for group in wanted)
    apart = TextQuestion((SHAPE,), groups, tuple(Block(tokens_of(glob), prefix) for glob in unwanted))
    of_groups = tuple((Block(together(group), prefix),) for group in wanted)
    as_one = TextQuestion((SHAPE,), of_groups, (Block(together(unwanted), prefix),))
    found = find(as_one, budget())
    assert (found is None) is (find(apart, budget()) is None)
    assert found is None or apart.is_answered_by(found)


@given(st.lists(globs, min_size=1, max_size=3))
@examples(100)
def test_there_is_one_string_for_every_way_in_which_patterns_can_match(written: list[str]) -> None:
    blocks = [Block(tokens_of(glob)) for glob in written]

    def ways(texts: list[str]) -> set[tuple[bool, ...]]:
        return {tuple(matches_by_hand(glob, text) for glob in written) for text in texts}

    found, complete = classes(SHAPE, blocks, 1000, budget())
    assert complete
    assert ways(found) == ways(WORDS)


def test_too_many_classes_are_cut_off_and_said_to_be() -> None:
    found, complete = classes(SHAPE, [Block(tokens_of("*a?"))], 2, budget())
    assert (len(found), complete) == (2, False)


def test_a_text_that_was_read_before_counts() -> None:
    question = TextQuestion((SHAPE,), ((Block(literal("xab"), "x"),),), ())
    assert find(question, budget()) == "ab"
    assert find(TextQuestion((SHAPE,), ((Block(literal("yab"), "x"),),), ()), budget()) is None


def test_the_first_of_many_literal_strings_that_will_do_is_the_answer() -> None:
    written = [Block(literal(text)) for text in ("no", "ba", "abb", "ab", "aab")]
    assert (
        find(TextQuestion((SHAPE,), (tuple(written),), (Block(tokens_of("ba*")), Block(tokens_of("*bb")))), budget())
        == "ab"
    )
    assert find(TextQuestion((SHAPE,), (tuple(written),), (Block(tokens_of("*")),)), budget()) is None


def test_steps_are_counted_and_end() -> None:
    question = TextQuestion((SHAPE,), ((Block(tokens_of("*a???????b")),),), (Block(tokens_of("*b*")),))
    with pytest.raises(BudgetSpentError):
        find(question, Budget(25))
    assert find(question, budget()) is None


@pytest.mark.parametrize("read", ["", "arn:"])
def test_what_cannot_begin_as_it_would_have_to_is_refused_before_anything_is_searched(read: str) -> None:
    shape = literal("arn:lambda:".removeprefix(read)) + star(ANY)
    assert find(TextQuestion((shape,), ((Block(tokens_of("arn:s3:*"), read),),), ()), Budget(18)) is None


def test_the_nicest_character_of_a_class_comes_first() -> None:
    assert representatives((AB,))[0][0] not in "ab"
    assert {group[0] for group in representatives((AB,))} == {"x", "a"}
    assert repr(AB) == "Charset(a or b)"
    assert ANY.holds(GENERIC)
    assert matches(NOTHING, "")


def test_what_a_pattern_remembers_of_texts_is_bounded() -> None:
    tokens = tokens_of("*x")
    assert sum(matches(tokens, f"{number}x") for number in range(600)) == 600


def test_what_many_patterns_remember_of_texts_is_bounded() -> None:
    every = together(("*x", "*y", "*z", "a*b", "b*a"))
    assert sum(every.matches(f"{number}x") for number in range(600)) == 600
    shapes = [(literal(f"{number}x"),) for number in range(600)]
    assert {len(left.patterns) for shape in shapes if (left := every.fitting("", shape))} == {1}


def test_what_a_pattern_remembers_of_characters_is_bounded() -> None:
    tokens = exactly(ANY) + star(DIGIT)
    assert [matches(tokens, f"{chr(0x4E00 + number)}7") for number in range(600)] == [True] * 600
    assert not matches(tokens, "77a")
    assert len(tokens.masks.readers) <= 256


def test_stars_that_stand_side_by_side_may_all_be_empty() -> None:
    three = literal("a") + star(NAME) + star(ANY) + star(NAME) + literal("z")
    assert matches(three, "az")
    assert find(TextQuestion((literal("az"),), ((Block(three),),), ()), Budget(1000)) == "az"


def test_the_same_question_is_searched_for_once() -> None:
    spent = budget()
    question = TextQuestion((SHAPE,), ((Block(tokens_of("*a???????b")),),), (Block(tokens_of("*b*")),))
    assert find(question, spent) is None
    before = spent.left
    assert find(question, spent) is None
    assert before - spent.left == 1


def test_a_pattern_with_other_characters_than_part_of_a_string_has_matches_none() -> None:
    number = Reading(end=":", charset=DIGIT)
    assert number.blocks(tokens_of("1*:role")) == ()
    assert [block.matches("123:role/a") for block in number.blocks(tokens_of("1*"))] == [True]


@pytest.mark.parametrize("pattern", ["33*:user/reader", "*er", "arn:aws:iam::3*:role/writer", "*:aws:iam::3333:role/b"])
def test_a_string_that_cannot_end_as_it_would_have_to_is_not_searched_for(pattern: str) -> None:
    number = exactly(DIGIT, 12) + literal(":role/reade")
    question = TextQuestion((number,), ((Block(tokens_of(pattern), "arn:aws:iam::"),),), ())
    assert find(question, Budget(18)) is None


@given(globs, st.text("ab", max_size=3), st.sampled_from([SHAPE, exactly(AB), exactly(AB, 2), NOTHING]))
@examples(300)
def test_a_pattern_fits_the_shape_of_every_text_that_it_matches(glob: str, prefix: str, shape: Tokens) -> None:
    block = Block(tokens_of(glob), prefix)
    matched = [text for text in ["", *WORDS] if matches(shape, text) and matches_by_hand(glob, prefix + text)]
    assert block.fitting((shape,)) or not matched
