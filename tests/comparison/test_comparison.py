"""The comparison with other tools: its questions, how it counts answers, and the page that it writes."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from benchmarks.compare.answer import main as answer
from benchmarks.compare.contenders import CONTENDERS, Answer, Answers, Contender, ContenderError
from benchmarks.compare.page import Results, Row, kept_runs, page, whole_runs
from benchmarks.compare.peers import MANY, ONE, ours, ours_public
from benchmarks.compare.questions import (
    ACCOUNTS,
    ORDINARY,
    PUBLIC,
    RANDOM,
    SERVICES,
    TABLES,
    Question,
    questions,
)
from benchmarks.compare.runs import Timed
from benchmarks.compare.scores import Score, score

EXAMPLE = Question(
    corpus="example",
    name="example",
    owner="111122223333",
    policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "Pull",
                    "Effect": "Allow",
                    "Principal": "*",
                    "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                    "Condition": {"StringLike": {"aws:PrincipalOrgID": "o-*"}},
                }
            ],
        }
    ),
    accounts=True,
    public=True,
    services=True,
)
MADE = questions(20)
ASKED = MADE.questions
CLOSED = '{"Version": "2012-10-17", "Statement": []}'


def _question(name: str, *, accounts: bool, public: bool = False) -> Question:
    return Question(TABLES, name, "111122223333", CLOSED, accounts, public, services=False)


def _allowing(principal: object, *, accounts: bool, services: bool) -> Question:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "ecr:BatchGetImage"}
    return Question(
        TABLES, "", "111122223333", json.dumps({"Statement": statement}), accounts, public=False, services=services
    )


def _answers(*answers: Answer) -> Answers:
    return Answers(answers, 0.00025)


def _asked(question: Question) -> dict[str, object]:
    return {"policy": question.policy, "owner": question.owner, "circumstances": question.circumstances}


def test_every_set_has_open_and_closed_policies() -> None:
    found = Counter((one.corpus, one.outside) for one in ASKED)
    assert set(found) == {(corpus, is_open) for corpus in (TABLES, ORDINARY, RANDOM) for is_open in (True, False)}


def test_the_same_policies_are_asked_about_every_time() -> None:
    assert questions(20) == MADE


def test_our_own_answers_are_the_right_ones() -> None:
    asks, asks_public = ours(), ours_public()
    wrong = [one.name for one in ASKED if (asks(_asked(one)) is not None) is not one.outside]
    assert wrong == []
    assert [one.name for one in ASKED if (asks_public(_asked(one)) is not None) is not one.public] == []


def test_wrong_answers_are_missed_or_false_alarms_and_a_crash_is_neither() -> None:
    asked = [
        _question(name, accounts=name in {"open", "missed", "crash"})
        for name in ("open", "missed", "crash", "alarm", "closed")
    ]
    silent, told = Answer(None, None), Answer("a finding", None)
    found = score(asked, _answers(told, silent, Answer(None, "TypeError: no"), told, silent), ACCOUNTS)
    assert found == Score(3, 2, ("missed",), ("alarm",), ("crash",), 250)


def test_a_checker_of_public_access_is_compared_on_public_access_alone() -> None:
    asked = [_question("an account", accounts=True), _question("everybody", accounts=True, public=True)]
    found = score(asked, _answers(Answer(None, None), Answer("public", None)), PUBLIC)
    assert (found.open, found.missed, found.alarms) == (1, (), ())


def test_what_only_concerns_services_is_a_question_of_its_own() -> None:
    service, everyone = {"Service": "lambda.amazonaws.com"}, "*"
    asked = [
        _allowing(service, accounts=False, services=True),
        _allowing(service, accounts=False, services=False),
        _allowing(everyone, accounts=False, services=True),
        _allowing(everyone, accounts=True, services=True),
        _allowing(everyone, accounts=False, services=False),
    ]
    assert [one.is_about(SERVICES) for one in asked] == [True, True, True, False, False]
    assert [one.is_about(ACCOUNTS) for one in asked] == [False, False, False, True, True]
    assert [one.truth(SERVICES) for one in asked[:3]] == [True, False, True]
    assert all(one.is_about(PUBLIC) for one in asked)


def test_what_is_undecided_is_left_out_and_counted() -> None:
    assert set(MADE.left_out) == {TABLES, ORDINARY, RANDOM}
    undecided, cases = MADE.left_out[TABLES]
    assert undecided > 100
    assert cases - undecided == sum(one.corpus == TABLES for one in ASKED)


def test_a_policy_whose_witness_the_second_program_refuses_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.compare.questions.allows", lambda *_: False)
    made = questions(1)
    assert [one.corpus for one in made.questions if one.corpus != TABLES and one.outside] == []


def test_a_crash_of_a_contender_is_an_answer_and_no_crash(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = json.dumps([{**_asked(EXAMPLE), "policy": "no JSON"}, _asked(EXAMPLE)])
    monkeypatch.setattr("sys.stdin.read", lambda: asked)
    monkeypatch.setitem(ONE, "one", lambda: lambda asked: str(len(json.loads(asked["policy"])["Statement"])))
    answer("one")
    told = json.loads(capsys.readouterr().out)["answers"]
    assert told[0]["error"].startswith("JSONDecodeError")
    assert told[1] == {"finding": "1", "error": None}


@pytest.mark.parametrize(
    "program, said",
    [
        pytest.param("echo Traceback >&2; exit 1", "ended with status 1: Traceback", id="crashed"),
        pytest.param("kill -9 $$", "ended with status -9", id="killed"),
        pytest.param("exit 0", "Expecting value", id="said nothing"),
        pytest.param(
            """echo '[{"Rule": {"Id": "E0002"}, "Message": "KeyError", "Filename": "t", "Location": {"Path": []}}]'""",
            "has not looked at everything in t: KeyError",
            id="a rule that failed",
        ),
    ],
)
def test_a_linter_that_did_not_do_its_work_has_missed_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: str, said: str
) -> None:
    tool = tmp_path / "cfn-lint"
    tool.write_text(f"#!/bin/sh\n{program}\n", encoding="utf-8")
    tool.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    with pytest.raises((RuntimeError, ValueError), match=re.escape(said)):
        MANY["cfn-lint"]([_asked(EXAMPLE)])


def test_every_contender_has_an_adapter_and_the_other_way_round() -> None:
    assert {one.name for one in CONTENDERS} == {*ONE, *MANY}


def test_a_contender_that_is_not_installed_is_an_error_and_no_clean_result() -> None:
    nowhere = Contender("c7n", "Cloud Custodian", ".venv-nowhere", "c7n", ACCOUNTS, "")
    with pytest.raises(ContenderError, match="run `make compare`"):
        nowhere.answers([EXAMPLE])


def test_the_page_has_every_figure() -> None:
    contender = CONTENDERS[1]
    counted = Score(1234, 5, ("a | b", "two", "three", "four", "five"), (), ("crash",), 1500)
    rows = [Row(contender, "1.2", TABLES, counted)]
    timed = [Timed("1 template", {"Checkov": 1.3, "cfn-lint": 0.5}), Timed("3,000 templates", {"Checkov": 120.0})]
    runs = whole_runs(timed, date(2026, 11, 27), 3.2)
    results = Results(rows, {TABLES: (1, 8), RANDOM: (1000, 2000)}, runs)
    text = page(results, date(2026, 11, 27), "--policies 20")
    cells = ("Cloud Custodian 1.2", contender.how, "5 missed, 0 false alarms", "1", "1.5 ms")
    assert f"| tool | asked by | {TABLES}: 1,234 open, 5 closed | crashes | time |" in text
    assert f"| {' | '.join(cells)} |" in text
    assert f"refuses: 1 of 8 {TABLES} and 1,000 of 2,000 {RANDOM}." in text
    assert "wall-clock time on 27 November 2026, with a load average of 3 on two cores" in text
    assert kept_runs(text) == runs
    assert "| tool | 1 template | 3,000 templates |\n| --- | --- | --- |\n" in text
    assert "| Checkov | 1.3 s | 120.0 s |\n| cfn-lint | 0.5 s |  |\n" in text
