"""The promises, tested with Hypothesis and with inputs that a fuzzer once found."""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.events import changed
from tests.fuzz import promises
from tests.fuzz.mutate import mutated
from tests.fuzz.seeds import SEEDS, WORDS
from tests.fuzz.steps import TooMuchWorkError, at_most
from tests.profiles import examples
from tests.strategies import broken_policies, json_values, policies

SEEDED = {name: [*seeds()] for name, seeds in SEEDS.items()}
_any_text = st.text() | json_values.map(json.dumps)


def mutants(name: str) -> st.SearchStrategy[str]:
    """Return the seeds of a promise, changed in up to four places."""
    return st.builds(mutated, st.sampled_from(SEEDED[name]), st.integers(0, 2**32).map(Random))


@given(_any_text | broken_policies().map(json.dumps) | policies().map(json.dumps) | mutants("policy"))
@examples(400)
def test_a_policy(text: str) -> None:
    promises.policy(text)


@given(_any_text | mutants("parameters"))
@examples(300)
def test_the_parameters_of_the_rule(text: str) -> None:
    promises.parameters(text)


@given(_any_text | mutants("event"))
@examples(300)
def test_an_event(text: str) -> None:
    promises.event(text)


@given(_any_text | mutants("invoking_event"))
@examples(400)
def test_what_an_event_carries(text: str) -> None:
    promises.invoking_event(text)


@given(
    st.sampled_from(("Sid", "Action", "Principal", "Effect", "Condition", "Version")), st.text(min_size=1), st.data()
)
@examples(200)
def test_no_text_of_a_policy_is_shown_raw(place: str, text: str, data: st.DataObject) -> None:
    statement: dict[str, object] = {"Sid": "a", "Effect": "Allow", "Principal": "*", "Action": "ecr:*"}
    word = text + str(data.draw(st.sampled_from(WORDS)))
    statement[place] = {"StringLike": {word: word}} if place == "Condition" else word
    promises.policy(json.dumps({"Statement": statement}))


@pytest.mark.parametrize(
    "item",
    [
        {"awsAccountId": "1"},
        {"awsAccountId": '"111122223333"'},
        {"awsAccountId": "\x1b[2J"},
        {"configurationItemStatus": ["ResourceDeleted"]},
        {"configurationItemStatus": {}},
        {"resourceType": []},
        {"ARN": 7, "awsAccountId": None},
        {"tags": {"a": ["b"]}, "configuration": {"Tags": [None, {"Key": {}}]}},
        {"configuration": "{"},
        {"configuration": "[]"},
        {"configuration": "[" * 100_000},
        {"configurationItemCaptureTime": "\u202e"},
    ],
)
def test_an_item_that_once_broke_something_or_might(item: dict[str, object]) -> None:
    promises.answer_to(changed("change-policy-text", **item))


@pytest.mark.parametrize("text", ["[" * 100_000, '{"messageType": "\\u202e\\n\\ud800"}'])
def test_an_event_that_carries_what_once_broke_something_or_might(text: str) -> None:
    promises.invoking_event(text)


@pytest.mark.parametrize("given", [{"\u202e": "\n"}, {"trustedAccounts": "\x1b[2J"}, {"ExecutionRoleName": "\u2028x"}])
def test_parameters_that_might_turn_a_line(given: dict[str, str]) -> None:
    promises.parameters(json.dumps(given))


@pytest.mark.parametrize("name", SEEDS)
def test_what_a_fuzzer_starts_from_is_answered(name: str) -> None:
    for text in SEEDED[name][:40]:
        promises.PROMISES[name](text)


def test_work_without_end_is_seen() -> None:
    def endless() -> None:
        while True:
            len_of("x")

    def len_of(text: str) -> int:
        return len(text)

    with pytest.raises(TooMuchWorkError, match="more than 1,000 calls"), at_most(1_000):
        endless()


def test_what_is_not_harmless_is_seen() -> None:
    assert not any(map(promises.is_harmless, ["\x1b", "a\nb", "\u202e", "\u200b", "\ud800", "\x9b"]))
    assert promises.units("\U0001f600") == 2
