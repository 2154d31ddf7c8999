"""The meaning of AWS's answers. A missing answer never agrees."""

from __future__ import annotations

from typing import Any

import pytest

from acceptance import questions
from acceptance.questions import Watched
from acceptance.record import Agreement, Answer
from acceptance.recorded import Selected

AGREES, DIFFERS, OPEN, RECORDED = Agreement.AGREES, Agreement.DIFFERS, Agreement.NOT_ANSWERED, Agreement.RECORDED
POLICY = '{"Statement": []}'


@pytest.mark.parametrize(
    "configuration, expected",
    [
        (None, OPEN),
        ({}, AGREES),
        ({"RepositoryPolicyText": {}}, AGREES),
        ({"RepositoryPolicyText": None}, AGREES),
        ({"RepositoryPolicyText": ""}, AGREES),
        ({"RepositoryPolicyText": POLICY}, DIFFERS),
        ({"RepositoryPolicyText": {"Statement": []}}, DIFFERS),
    ],
)
def test_of_the_item(configuration: dict[str, object] | None, expected: Agreement) -> None:
    assert questions.of_item(configuration).agreement is expected


def row(name: str, policy: object) -> dict[str, Any]:
    return {"resourceId": name, "configuration": {"RepositoryPolicyText": policy}}


@pytest.mark.parametrize(
    "rows, expected",
    [
        ([], OPEN),
        ([row("none", {})], OPEN),  # it has no policy to show
        ([row("a", POLICY), row("none", {})], AGREES),
        ([row("a", {}), row("none", {})], DIFFERS),
        ([row("a", POLICY), row("b", {})], DIFFERS),
        ([{"resourceId": "a"}], DIFFERS),
    ],
)
def test_of_the_columns(rows: list[Any], expected: Agreement) -> None:
    selected = Selected(("resourceId", "configuration"), tuple(rows))
    assert questions.of_columns(selected, {"a": POLICY, "b": POLICY, "none": None}).agreement is expected


@pytest.mark.parametrize(
    "runs, failed, given_up, expected, said",
    [
        ({}, {}, (), OPEN, "no automatic dry run was seen to succeed within 40 min"),
        ({}, {"a": "no"}, (), OPEN, "the one of a failed: no"),
        ({"a": 2}, {}, ("a",), RECORDED, "attempts are counted as made"),
        ({"a": 3}, {}, (), RECORDED, "attempts are counted as failed"),
        ({"a": 2}, {}, (), OPEN, "either reading fits"),
    ],
)
def test_of_the_attempts(
    runs: dict[str, int], failed: dict[str, str], given_up: tuple[str, ...], expected: Agreement, said: str
) -> None:
    answer = questions.of_attempts(Watched(2, runs, failed, given_up, "40 min"))
    assert answer.agreement is expected
    assert said in answer.seen


@pytest.mark.parametrize(
    "status, expected", [("SUCCEEDED", AGREES), ("FAILED", DIFFERS), ("TIMED_OUT", DIFFERS), (None, OPEN)]
)
def test_of_the_sweeps(status: str | None, expected: Agreement) -> None:
    assert questions.of_sweeps(status, "AccessDenied", "20 min").agreement is expected


@pytest.mark.parametrize(
    "status, is_found, expected",
    [("Success", True, AGREES), ("Failed", True, AGREES), (None, True, DIFFERS), (None, False, OPEN)],
)
def test_of_what_an_event_starts(status: str | None, expected: Agreement, *, is_found: bool) -> None:
    assert questions.of_started(status, "45 min", is_found=is_found).agreement is expected


@pytest.mark.parametrize(
    "cases, expected, said",
    [
        ({}, OPEN, "no preview was made"),
        ({"a": [], "b": []}, RECORDED, "2 previews of policies that let a service in named no service"),
        ({"a": ["lambda.amazonaws.com"]}, RECORDED, "named lambda.amazonaws.com"),
    ],
)
def test_of_the_services(cases: dict[str, list[str]], expected: Agreement, said: str) -> None:
    answer = questions.of_services(cases)
    assert answer.agreement is expected
    assert said in answer.seen


@pytest.mark.parametrize(
    "tick, run, clock, first_run",
    [
        (600.0, 4000.0, AGREES, AGREES),
        (None, None, DIFFERS, OPEN),
        (None, 60.0, DIFFERS, AGREES),
        (7_201.0, 10_801.0, DIFFERS, DIFFERS),
    ],
)
def test_of_the_schedules(tick: float | None, run: float | None, clock: Agreement, first_run: Agreement) -> None:
    counted = questions.Counted(tick, run, "180 min")
    assert questions.of_clock(counted, 3600).agreement is clock
    assert questions.of_first_run(counted, 3600).agreement is first_run


@pytest.mark.parametrize(
    "failed, sent, expected", [(0, 0.0, OPEN), (1, 0.0, DIFFERS), (1, 1.0, AGREES), (3, 1.0, AGREES)]
)
def test_of_the_failures(failed: int, sent: float, expected: Agreement) -> None:
    assert questions.of_failures(failed, sent).agreement is expected


@pytest.mark.parametrize(
    "types, expected",
    [(["str of dict"], AGREES), (["dict"], DIFFERS), (["str of str"], DIFFERS), ([], OPEN)],
)
def test_of_the_payload(types: list[str], expected: Agreement) -> None:
    assert questions.of_payload(types).agreement is expected


def test_no_answer_says_why() -> None:
    assert questions.not_answered("it rained") == Answer("it rained", OPEN)
