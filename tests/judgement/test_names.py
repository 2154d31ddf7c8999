"""Many texts compared with a pattern at once."""

from __future__ import annotations

from itertools import product

import pytest
from ecr_crossaccount.documents.pattern import pattern
from ecr_crossaccount.judgement.patterns.charsets import ANY
from ecr_crossaccount.judgement.patterns.comparisons import string_tokens
from ecr_crossaccount.judgement.patterns.tokens import Names, matches

_TEXTS = ("", "a", "ab", "aab", "abba", "ba", "cab")


@pytest.mark.parametrize("length", range(6))
def test_each_text_matches_as_it_does_alone(length: int) -> None:
    names = Names(_TEXTS)
    for characters in product("ab*?", repeat=length):
        parts = pattern("".join(characters), wild=True, variables=False).parts
        alone = [matches(string_tokens(parts, ANY), text) for text in _TEXTS]
        assert names.matching(parts) == sum(1 << place for place, one in enumerate(alone) if one)


def test_of_no_texts_none_matches() -> None:
    assert Names(()).matching(pattern("*", wild=True, variables=False).parts) == 0
