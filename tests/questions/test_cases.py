"""The tables of questions, checked with `ask`."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from ecr_crossaccount import Origin, Repository, Trust
from ecr_crossaccount.questions.ask.ask import ask
from ecr_crossaccount.questions.ask.question import Question, caller_of, given_of, wanted_of
from ecr_crossaccount.questions.ask.replies import Answer, Answered

from tests.case_tables import DIRECTORY, OWNER
from tests.properties.oracle import Request, allows

TABLES = sorted((DIRECTORY / "questions").glob("*.json"))
CASES: list[dict[str, Any]] = [case for table in TABLES for case in json.loads(table.read_text("utf-8"))]
FIELDS = {
    "name", "why", "policy", "who", "can", "context", "absent", "organization", "origin", "region", "tags", "expect"
}  # fmt: skip
EXPECTED = {"answer", "by", "on", "single", "reason", "refused"}


def answer_to(case: dict[str, Any], policy: object) -> Answered:
    context = {key: tuple(values) for key, values in case.get("context", {}).items()}
    given = given_of({**context, **dict.fromkeys(case.get("absent", ()))})
    question = Question(caller_of(case["who"]), wanted_of(case["can"]), given)
    return ask(policy, repository_of(case), question, Trust.nobody(), Origin(case.get("origin", "proposed")))


def repository_of(case: dict[str, Any]) -> Repository:
    more = {name: case[name] for name in ("organization", "region", "tags") if name in case}
    return Repository(OWNER, "base/node", **more)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_question(case: dict[str, Any]) -> None:
    found = answer_to(case, case["policy"])
    expect, said = case["expect"], json.dumps(found.to_json(), indent=1)
    assert found.answer.value == expect["answer"], said
    assert [one.number for one in found.reply.by] == expect.get("by", [one.number for one in found.reply.by]), said
    if "on" in expect:
        assert {one.on for one in found.reply.depends} == set(expect["on"]), said
    if "single" in expect:
        assert Counter(one.answer.value for one in found.single) == expect["single"], said
    assert expect.get("reason", "") in found.reply.reason
    if "refused" in expect:
        assert (found.reply.refused is not None) is expect["refused"]
    assert found.reply.reason


@pytest.mark.no_cover
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_text_and_object_get_the_same_answer(case: dict[str, Any]) -> None:
    text = None if case["policy"] is None else json.dumps(case["policy"])
    assert answer_to(case, text) == answer_to(case, case["policy"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_examples_do_what_is_said_of_them(case: dict[str, Any]) -> None:
    found = answer_to(case, case["policy"])
    for one in (found.reply, *found.single):
        for shown, expected in ((one.allowed, True), (one.refused, False)):
            if shown is not None:
                request = Request(shown.principal, shown.action, dict(shown.context))
                deployed = case.get("origin") == "deployed"
                assert allows(case["policy"], request, repository_of(case), deployed=deployed) is expected


def test_the_tables_are_well_formed() -> None:
    assert len({case["name"] for case in CASES}) == len(CASES)
    for case in CASES:
        assert case.keys() <= FIELDS, case["name"]
        assert case["expect"].keys() <= EXPECTED, case["name"]
    assert {case["expect"]["answer"] for case in CASES} == {one.value for one in Answer}
