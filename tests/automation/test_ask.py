"""The planning function over HTTP. An unreadable answer ends the run with a message."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError
from ecr_crossaccount.products.automation.steps import StepError, ask

from tests.fakes import FakeFunctions
from tests.wording import sentence

ANSWER = {"Compliance": "COMPLIANT", "Report": "nobody"}


@pytest.fixture
def functions(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeFunctions]:
    with FakeFunctions() as fake:
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", fake.url)
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        yield fake


def test_an_answer_is_returned_and_the_request_arrives_as_it_was(functions: FakeFunctions) -> None:
    functions.functions["planner"] = lambda _: ANSWER
    request = {"Task": "judge", "Policy": '{"Sid": "{{ AutomationAssumeRole }}\u2028"}'}
    assert ask("planner", request) == ANSWER
    assert functions.asked == [request]


@pytest.mark.parametrize("answer", [[], None, "COMPLIANT", {"Report": "no verdict"}])
def test_what_is_no_answer_ends_the_run(functions: FakeFunctions, answer: object) -> None:
    functions.functions["planner"] = lambda _: answer
    with pytest.raises(StepError, match=re.escape(sentence("ask.planning_function_gave_no_answer"))):
        ask("planner", {})


def test_an_error_of_the_function_is_said(functions: FakeFunctions) -> None:
    def failing(_: object) -> object:
        raise LookupError("no trust")

    functions.functions["planner"] = failing
    with pytest.raises(StepError, match=re.escape(sentence("ask.planning_function_gave"))):
        ask("planner", {})


def test_an_error_that_looks_like_an_answer_is_none(functions: FakeFunctions, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lambda reports a failure of the function in a header, whatever the payload has."""
    told = (200, {"X-Amz-Function-Error": "Unhandled"}, b'{"Compliance": "COMPLIANT", "errorMessage": "half done"}')
    monkeypatch.setattr(functions, "invoke", lambda *_: told)
    with pytest.raises(StepError, match="half done"):
        ask("planner", {})


def test_what_is_not_json_is_no_answer(functions: FakeFunctions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(functions, "invoke", lambda *_: (200, {}, b"\xff<html>"))
    with pytest.raises(StepError, match="<html>"):
        ask("planner", {})


def test_a_function_that_is_not_there_is_an_error(functions: FakeFunctions) -> None:
    with pytest.raises(ClientError, match="Function not found: planner"):
        ask("planner", {})
    assert functions.asked == []
