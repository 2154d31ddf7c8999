"""`ask` about existing resources: the live account, and a registry whose own policy may change an answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from ecr_crossaccount import RegistryPolicy, Scope, Trust
from ecr_crossaccount.judgement.kinds.table import ResourceKind as Kind
from ecr_crossaccount.products.audit.access import Gathering
from ecr_crossaccount.products.audit.items import EVERY, Ambiguous, Item, Unread, arn_of
from ecr_crossaccount.questions.ask.question import NOTHING_GIVEN, Question, caller_of, wanted_of
from ecr_crossaccount.questions.ask.replies import Answer

from tests.audit.conftest import (
    EVERYBODY_MAY_ALL,
    OWNER,
    PARTNER,
    PARTNER_PULLS,
    REGION,
    STRANGER,
    STRANGER_PULLS,
    Furnish,
)
from tests.cli.conftest import Run
from tests.wording import sentence


def test_a_live_account_is_asked(run: Run, furnish: Furnish) -> None:
    furnish({"base/python": PARTNER_PULLS, "public/tools": EVERYBODY_MAY_ALL, "team/scratch": None})
    found = run("ask", "--no-trust", "--who", PARTNER, "--can", "pull", "--format", "json")
    assert found.status == 0
    assert {one["repository"]: one["answer"] for one in found.json["answers"]} == {
        "base/python": "partly",
        "public/tools": "allowed",
        "team/scratch": "denied",
    }
    assert not any("registry policy was not read" in note for note in found.json["notes"]), "it has none"
    listed = run("ask", "--no-trust", "--can", "push", "--repository", "base/*", "--format", "json").json
    assert [one["grantees"] for one in listed["policies"]] == [[]]


def item(policy: object, kind: Kind = Kind.REPOSITORY) -> Item:
    name = "base/node" if kind is Kind.REPOSITORY else EVERY
    return Item(arn_of("aws", REGION, OWNER, name), OWNER, REGION, name, policy, kind=kind)


def registry_policy(effect: str) -> dict[str, object]:
    statement = {"Effect": effect, "Principal": {"AWS": STRANGER}, "Action": "ecr:*", "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


@pytest.mark.parametrize(
    "policy, effect, answer",
    [
        (PARTNER_PULLS, "Allow", Answer.UNDECIDED),
        (PARTNER_PULLS, "Deny", Answer.DENIED),
        (STRANGER_PULLS, "Allow", Answer.ALLOWED),
        (STRANGER_PULLS, "Deny", Answer.UNDECIDED),
    ],
)
def test_a_registry_policy_counts_as_far_as_its_scope_is_known(policy: object, effect: str, answer: Answer) -> None:
    question = Question(caller_of(STRANGER), wanted_of("ecr:BatchGetImage"))
    gathering = Gathering(question.wanted, question, Trust.nobody())
    gathering.take_items([item(policy), item(registry_policy(effect), Kind.REGISTRY)], None, None)
    report = gathering.report("a test", date(2026, 11, 27), NOTHING_GIVEN)
    assert [one.answered.answer for one in report.answers] == [answer]
    assert not any("registry policy was not read" in note for note in report.notes)


def test_a_scope_that_ecr_tells_decides() -> None:
    question = Question(caller_of(STRANGER), wanted_of("ecr:BatchGetImage"))
    gathering = Gathering(question.wanted, question, Trust.nobody())
    registry = replace(item(registry_policy("Allow"), Kind.REGISTRY), scope=Scope.V2)
    gathering.take_items([item(PARTNER_PULLS), registry], None, None)
    (answer,) = gathering.report("a test", date(2026, 11, 27), NOTHING_GIVEN).answers
    assert answer.answered.answer is Answer.ALLOWED


def test_registry_policies_that_contradict_each_other_leave_it_undecided() -> None:
    question = Question(caller_of(STRANGER), wanted_of("ecr:BatchGetImage"))
    gathering = Gathering(question.wanted, question, Trust.nobody())
    two = (item(registry_policy("Allow"), Kind.REGISTRY), item(registry_policy("Deny"), Kind.REGISTRY))
    gathering.take_items([item(PARTNER_PULLS), Ambiguous(two, "two rows")], None, None)
    (answer,) = gathering.report("a test", date(2026, 11, 27), NOTHING_GIVEN).answers
    assert answer.answered.answer is Answer.UNDECIDED
    assert sentence("ask.registry_policy_could") in answer.answered.reply.reason


def test_a_registry_without_a_policy_changes_nothing() -> None:
    question = Question(caller_of(STRANGER), wanted_of("pull"))
    gathering = Gathering(question.wanted, question, Trust.nobody())
    gathering.take_items([item(PARTNER_PULLS), item(None, Kind.REGISTRY)], None, None)
    report = gathering.report("a test", date(2026, 11, 27), NOTHING_GIVEN)
    assert [one.answered.answer for one in report.answers] == [Answer.DENIED]
    assert not any("registry policy was not read" in note for note in report.notes)


def test_a_registry_policy_is_listed_on_its_own() -> None:
    gathering = Gathering(wanted_of("pull"), None, Trust.nobody())
    gathering.take_items([item(PARTNER_PULLS), item(registry_policy("Allow"), Kind.REGISTRY)], None, None)
    report = gathering.report("a test", date(2026, 11, 27), NOTHING_GIVEN)
    found = {(one.place.kind, holder.grant.grantee) for one in report.held for holder in one.holders.holders}
    assert found == {(Kind.REPOSITORY, PARTNER), (Kind.REGISTRY, STRANGER)}


@pytest.mark.parametrize("registry_first", [True, False])
@pytest.mark.parametrize("account, region", [(OWNER, REGION), (OWNER, None), (None, REGION), (None, None)])
def test_where_a_registry_policy_cannot_be_read_nothing_is_denied_for_certain(
    account: str | None, region: str | None, *, registry_first: bool
) -> None:
    question = Question(caller_of(STRANGER), wanted_of("pull"))
    gathering = Gathering(question.wanted, question, Trust.nobody())
    gathering.knows_registries = True
    arn = arn_of("aws", REGION, OWNER, EVERY)
    unread = Unread("refused", account, region, arn, registry=RegistryPolicy(unread="refused"))
    found: list[Item | Unread] = [unread, item(PARTNER_PULLS)]
    gathering.take_items(found if registry_first else found[::-1], None, "base/*")
    report = gathering.report("x", date(2026, 11, 20), NOTHING_GIVEN)
    (answer,) = report.answers
    assert (answer.answered.answer, report.errors) == (Answer.UNDECIDED, (unread,))
