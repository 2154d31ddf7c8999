"""The guarantees for any text that reaches the judgement or the rule. Each promise asserts them for one text."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

from ecr_crossaccount import Compliance, EcrCrossAccountError, Origin, Repository, Trust, judge
from ecr_crossaccount.judgement.annotation import annotation
from ecr_crossaccount.products.cli.formats.judge import Judged, Report, show
from ecr_crossaccount.products.cli.formats.text import Page
from ecr_crossaccount.products.rule.evaluator import CrossAccountEvaluator
from ecr_crossaccount.products.rule.parameters import Parameters
from ecr_crossaccount.products.rule.rule import CrossAccountRule
from ecr_crossaccount.sources.check.provenance import NOTHING_BEHIND
from rdklib import InvalidParametersError

from tests.events import event as sample
from tests.fuzz.cloud import Nothing
from tests.fuzz.steps import at_most

TODAY = date(2026, 11, 20)
OWNER = Repository("111122223333", "team/app", "eu-central-1", organization="o-a1b2c3d4e5")
TRUST = Trust.parse(
    {"version": 1, "trust": [{"account": "222233334444"}, {"organization": "o-a1b2c3d4e5"}]}, today=TODAY
)
CONTEXT = SimpleNamespace(invoked_function_arn="arn:aws:lambda:eu-central-1:111122223333:function:rule")
CALLS = 2_000_000
"""The most function calls of any answer. The budget of a judgement is 50,000 steps."""

_ANNOTATION = range(1, 257)
"""https://docs.aws.amazon.com/config/latest/APIReference/API_Evaluation.html"""


def policy(text: str) -> None:
    """A policy's text is judged, and the verdict can be shown anywhere."""
    with at_most(CALLS):
        verdict = judge(text, OWNER, TRUST, Origin.DEPLOYED)
        said = verdict.to_json()
        line = annotation(verdict)
    assert json.loads(json.dumps(said))["compliance"] == verdict.compliance.value
    assert bool(line) == (verdict.compliance is Compliance.NON_COMPLIANT)
    assert is_harmless(line)
    assert not line or units(line) in _ANNOTATION
    page = io.StringIO()
    with redirect_stdout(page):
        show(Report((Judged("policy.json", OWNER, decoded(text), verdict),), (), NOTHING_BEHIND), Page())
    assert is_harmless(page.getvalue().replace("\n", ""))


def parameters(text: str) -> None:
    """A rule's parameters are read, or refused with every problem in one line of printable text."""
    given = decoded(text)
    if not isinstance(given, Mapping):
        return
    with at_most(CALLS):
        try:
            Parameters.parse(given, TODAY)
        except InvalidParametersError as refused:
            assert_says_something(refused)


def event(text: str) -> None:
    """An event is answered with results that Config accepts, or refused with one of the project's own errors."""
    with at_most(CALLS):
        answer_to(decoded(text))


def invoking_event(text: str) -> None:
    """The same for the text in an event."""
    with at_most(CALLS):
        answer_to(sample("change-policy-text") | {"invokingEvent": text})


def answer_to(event: object) -> None:
    """Let the rule answer an event in an empty AWS, and check all of its output."""
    if not isinstance(event, Mapping):
        return
    cloud: Any = Nothing()
    log = io.StringIO()
    rule = CrossAccountRule(lambda: datetime(2026, 11, 20, tzinfo=UTC))
    evaluator = CrossAccountEvaluator(rule, pause=lambda _: None, clients=lambda *_: cloud)
    with redirect_stdout(log):
        try:
            json.dumps(evaluator.handle(event, CONTEXT))
        except (EcrCrossAccountError, InvalidParametersError) as refused:
            assert_says_something(refused)
    for result in cloud.evaluations:
        assert is_harmless(result.get("Annotation", ""))
    for line in log.getvalue().splitlines():
        assert line.isascii()
        assert is_harmless(line)
        json.loads(line)


def assert_says_something(refused: Exception) -> None:
    """Assert that a refusal has a reason in one printable line, because Lambda writes it to the log unchanged."""
    assert str(refused)
    assert is_harmless(str(refused))


def decoded(text: str) -> object:
    """Return the JSON value of a text, or None if it is not JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def is_harmless(text: str) -> bool:
    """Return whether a text has no control character, line break, bidirectional override or lone surrogate."""
    return text.isprintable()


def units(text: str) -> int:
    """Return the length in UTF-16 units, as AWS may count it."""
    return len(text.encode("utf-16-le")) // 2


PROMISES: Mapping[str, Callable[[str], None]] = {
    "policy": policy,
    "parameters": parameters,
    "event": event,
    "invoking_event": invoking_event,
}
