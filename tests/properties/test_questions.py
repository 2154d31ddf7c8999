"""The laws of `ask`: an answer for all requests that a question covers is true for one of them."""

from __future__ import annotations

from dataclasses import replace

from ecr_crossaccount.errors import QuestionError
from ecr_crossaccount.questions.ask.replies import Answer
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.profiles import examples
from tests.properties.asked import Asked, asked, is_right
from tests.properties.changes import inserted
from tests.strategies import statements


@given(asked())
@examples(300)
def test_an_answer_is_true_of_every_request_that_it_speaks_of(one: Asked) -> None:
    try:
        found = one.answered()
    except QuestionError:
        assume(False)  # noqa: FBT003 - Hypothesis's way to skip an example
    assert is_right(one, found)


@given(asked())
@examples(100)
def test_more_that_is_given_never_turns_an_answer_round(one: Asked) -> None:
    everything = {key: (value,) if isinstance(value, str) else value for key, value in one.request.context.items()}
    try:
        before, after = one.answered().answer, replace(one, given=everything).answered().answer
    except QuestionError:
        assume(False)  # noqa: FBT003 - as above
    assert {before, after} != {Answer.ALLOWED, Answer.DENIED}
    assert after is before or before not in (Answer.ALLOWED, Answer.DENIED)


@given(st.data())
@examples(100)
def test_another_deny_never_makes_an_answer_allowed(data: st.DataObject) -> None:
    one = data.draw(asked())
    another = data.draw(statements(one.situation.repository.partition, "Deny"))
    more = replace(one, situation=data.draw(inserted(one.situation, another)))
    try:
        before, after = one.answered().answer, more.answered().answer
    except QuestionError:
        assume(False)  # noqa: FBT003 - as above
    assert after is not Answer.ALLOWED or before is Answer.ALLOWED
    assert before is not Answer.DENIED or after is not Answer.ALLOWED
