"""The accounts whose events the function answers."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace

import pytest
from ecr_crossaccount.products.rule.evaluator import CrossAccountEvaluator
from ecr_crossaccount.sources.aws.errors import AccountNotServedError

from tests.events import ACCOUNT, MEMBER, event, of_account
from tests.fakes import FakeConfigService
from tests.wording import sentence

OWN = SimpleNamespace(invoked_function_arn=f"arn:aws:lambda:eu-central-1:{ACCOUNT}:function:rule")


def about(account: object) -> dict[str, object]:
    return event("change-policy-text") | {"accountId": account}


@pytest.mark.parametrize("account", ["999988887777", "", None, 111122223333, [ACCOUNT], f"{ACCOUNT} "])
@pytest.mark.parametrize("name", ["change-policy-text", "scheduled", "oversized"])
def test_an_event_of_an_account_that_is_not_served_is_refused(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, name: str, account: object
) -> None:
    with pytest.raises(AccountNotServedError, match=f"answers for {ACCOUNT}, {MEMBER}"):
        evaluator.handle(event(name) | {"accountId": account})
    assert config.calls == []


@pytest.mark.parametrize("account", [ACCOUNT, MEMBER])
def test_an_event_of_an_account_that_is_served_is_answered(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, account: str
) -> None:
    evaluator.handle(of_account(event("change-policy-text"), account))
    assert list(config.results) == ["demodev"]


@pytest.mark.parametrize("unsaid", [None, "", " , "])
def test_only_its_own_account_is_served_unless_others_are_listed(
    evaluator: CrossAccountEvaluator, monkeypatch: pytest.MonkeyPatch, unsaid: str | None
) -> None:
    monkeypatch.delenv("SERVED_ACCOUNTS")
    if unsaid is not None:
        monkeypatch.setenv("SERVED_ACCOUNTS", unsaid)
    evaluator.handle(about(ACCOUNT), OWN)
    with pytest.raises(
        AccountNotServedError,
        match=re.escape(sentence("served.about_account_function", member=MEMBER, account=ACCOUNT)),
    ):
        evaluator.handle(about(MEMBER), OWN)


def test_nobody_is_served_where_nothing_says_whose_the_function_is(
    evaluator: CrossAccountEvaluator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SERVED_ACCOUNTS")
    with pytest.raises(AccountNotServedError, match="answers for nobody: `SERVED_ACCOUNTS` is not set"):
        evaluator.handle(about(ACCOUNT))


def test_a_slip_in_the_list_is_named(evaluator: CrossAccountEvaluator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVED_ACCOUNTS", f"{ACCOUNT},*")
    with pytest.raises(AccountNotServedError, match=re.escape(sentence("record.served_accounts_names"))):
        evaluator.handle(about(ACCOUNT))


def test_the_refusal_is_not_taken_for_an_answer(evaluator: CrossAccountEvaluator) -> None:
    invoking = json.dumps({"messageType": "ScheduledNotification"})
    with pytest.raises(AccountNotServedError):
        evaluator.handle({"invokingEvent": invoking})
