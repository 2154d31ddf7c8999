from __future__ import annotations

import json

import pytest
from ecr_crossaccount.config import log
from ecr_crossaccount.config.evaluator import CrossAccountEvaluator

from tests.config.test_change import policy
from tests.events import RULE, event, with_policy


class Context:
    aws_request_id = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"


def test_the_whole_verdict_is_one_line(evaluator: CrossAccountEvaluator, capsys: pytest.CaptureFixture[str]) -> None:
    evaluator.handle(event("change-policy-object"), Context())
    line, _ = capsys.readouterr().out.splitlines()  # the second has the metrics
    said = json.loads(line)
    assert said | {"timestamp": "", "verdict": {}} == {
        "timestamp": "",
        "level": "INFO",
        "message": "repository judged",
        "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
        "rule": RULE,
        "account": "111122223333",
        "repository": "team/base",
        "severity": "MEDIUM",
        "verdict": {},
    }
    assert said["timestamp"].endswith("Z")
    (grant,) = said["verdict"]["grants"]
    assert grant["grantee"] == "222233334444"
    assert grant["witness"]["principal"].startswith("arn:aws:iam::222233334444:")


def test_hostile_text_cannot_break_a_line_or_turn_it(
    evaluator: CrossAccountEvaluator, capsys: pytest.CaptureFixture[str]
) -> None:
    evaluator.handle(with_policy(policy("*", Sid="a\nb\u2028c\u202ed\x1b[31m\ud800")))
    line, _ = capsys.readouterr().out.splitlines()
    assert line.isascii()
    assert line.isprintable()
    json.loads(line)


def test_the_policy_itself_is_not_written(evaluator: CrossAccountEvaluator, capsys: pytest.CaptureFixture[str]) -> None:
    evaluator.handle(with_policy(policy("*", Condition={"StringNotEquals": {"aws:userid": "secret-in-a-policy"}})))
    assert "secret-in-a-policy" not in capsys.readouterr().out


def test_bound_fields_end_with_their_block(capsys: pytest.CaptureFixture[str]) -> None:
    with log.bound(one=1):
        log.warning("inside")
    log.error("outside")
    inside, outside = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (inside["level"], inside["one"]) == ("WARN", 1)
    assert (outside["level"], "one" in outside) == ("ERROR", False)
