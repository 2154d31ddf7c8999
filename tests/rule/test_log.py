from __future__ import annotations

import json

import pytest
from ecr_crossaccount import Repository, Trust, judge
from ecr_crossaccount.products.rule.evaluator import CrossAccountEvaluator
from ecr_crossaccount.sources.aws import log

from tests.events import RULE, event, with_policy
from tests.rule.test_change import PULL, policy
from tests.wording import sentence


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


@pytest.mark.parametrize(
    "text",
    [
        policy({"AWS": [f"{number}" for number in range(100000000000, 100000000630)]}, "ecr:*"),
        json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Maybe\u202e" * 7, "Sid": "\u202e"}] * 70}),
    ],
    ids=["grants", "invalid"],
)
def test_a_line_is_no_longer_than_cloudwatch_takes_and_says_what_it_leaves_out(
    evaluator: CrossAccountEvaluator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    assert len(text) <= 10_240
    if "Maybe" in text:
        monkeypatch.setattr(log, "LONGEST", 9_000)
    evaluator.handle(with_policy(text))
    line, _ = capsys.readouterr().out.splitlines()
    assert len(line) <= log.LONGEST
    verdict = json.loads(line)["verdict"]
    kept = [*verdict["grants"], *verdict["undecided"], *verdict["invalid"]]
    whole = judge(text, Repository("111122223333", "demodev"), Trust.nobody())
    assert kept
    assert len(kept) + verdict["leftOut"] == len([*whole.grants, *whole.undecided, *whole.invalid])


def test_what_is_left_out_of_a_line_is_the_least_bad(
    evaluator: CrossAccountEvaluator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "LONGEST", 9_000)
    pulls = {"Effect": "Allow", "Principal": {"AWS": [f"2222333344{n}" for n in range(10, 40)]}, "Action": PULL}
    worst = {"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}
    evaluator.handle(with_policy(json.dumps({"Version": "2012-10-17", "Statement": [pulls, worst, pulls]})))
    line, _ = capsys.readouterr().out.splitlines()
    assert json.loads(line)["verdict"]["grants"][0]["severity"] == "CRITICAL"


def test_an_ordinary_verdict_is_whole(evaluator: CrossAccountEvaluator, capsys: pytest.CaptureFixture[str]) -> None:
    evaluator.handle(event("change-policy-object"))
    assert "leftOut" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "broken, error, reason",
    [
        ({"accountId": "\u202e\n"}, "AccountNotServedError", "the event is about account `"),
        ({"ruleParameters": '{"trustedAccounts": "me"}'}, "InvalidParametersError", "`trustedAccounts`"),
        ({"position": {}}, "EventError", sentence("continuation.function_continues_no_sweeps")),
    ],
)
def test_an_invocation_that_fails_says_so_in_a_line_of_its_own(
    evaluator: CrossAccountEvaluator,
    capsys: pytest.CaptureFixture[str],
    broken: dict[str, object],
    error: str,
    reason: str,
) -> None:
    with pytest.raises(Exception, match=reason.replace("`", ".")) as raised:
        evaluator.handle(event("change-policy-text") | broken, Context())
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (said,) = [line for line in lines if line["level"] == "ERROR"]
    assert (said["message"], said["error"], said["reason"]) == ("invocation failed", error, str(raised.value))
    assert said["requestId"] == Context.aws_request_id
    assert said.get("rule") == (None if "position" in broken else RULE)


def test_bound_fields_end_with_their_block(capsys: pytest.CaptureFixture[str]) -> None:
    with log.bind_fields(one=1):
        log.warning("inside")
    log.error("outside")
    inside, outside = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (inside["level"], inside["one"]) == ("WARN", 1)
    assert (outside["level"], "one" in outside) == ("ERROR", False)
