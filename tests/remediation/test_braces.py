"""Double braces in strangers' text. Systems Manager would replace them, so no step may ever get them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ecr_crossaccount.products.automation.steps import inert, inert_json, pack_facts, unpack_facts
from hypothesis import given
from hypothesis import strategies as some

from remediation.__main__ import DOCUMENTS
from tests.fakes.ecr import as_written
from tests.remediation.conftest import Account, trusting
from tests.remediation.document import APPROVAL, Document, Json
from tests.remediation.events import called
from tests.remediation.interpreter import World, run

pytestmark = pytest.mark.slow

TEXTS = some.text(alphabet='{}a: \\"\n', max_size=40) | some.text()


@given(TEXTS)
def test_a_text_for_people_has_no_double_braces_and_loses_nothing_else(text: str) -> None:
    assert "{{" not in inert(text)
    assert inert(text).replace("{ ", "{") == text.replace("{ ", "{")


@given(some.recursive(TEXTS, lambda inner: some.lists(inner) | some.dictionaries(TEXTS, inner), max_leaves=8))
def test_json_without_double_braces_means_the_same(value: object) -> None:
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False, separators=(",", ":"))):
        assert "{{" not in inert_json(text)
        assert json.loads(inert_json(text)) == value


@given(some.dictionaries(TEXTS, TEXTS))
def test_what_is_packed_is_letters_and_digits_and_comes_out_the_same(facts: dict[str, str]) -> None:
    assert not set(pack_facts(facts)) & set('{}":\\ ')
    assert unpack_facts(pack_facts(facts)) == facts


def test_what_is_packed_into_a_bomb_is_cut_short() -> None:
    with pytest.raises(ValueError, match="Unterminated"):
        unpack_facts(pack_facts({"Policy": "x" * 2_000_000}))


# --- the interpreter replaces what Systems Manager replaces, otherwise the tests below would show nothing ---


def echo(told: str) -> Document:
    """Return a document whose first step has an output that the second step gets as its input."""
    script = (
        f"def say(events, context):\n    return dict(Told=bytes.fromhex('{told.encode().hex()}').decode())\n\n\n"
        "def hear(events, context):\n    return events"
    )
    inputs: Json = {"Runtime": "python3.11", "Script": script}
    told_by: Json = {"Name": "Told", "Selector": "$.Payload.Told", "Type": "String"}
    common: Json = {"action": "aws:executeScript", "timeoutSeconds": 9, "description": "-", "outputs": [told_by]}
    first = {"name": "first", "inputs": {**inputs, "Handler": "say", "InputPayload": {}}, "nextStep": "second"}
    payload = {"Told": "{{ first.Told }}"}
    second = {"name": "second", "inputs": {**inputs, "Handler": "hear", "InputPayload": payload}, "isEnd": True}
    secret: Json = {"type": "String", "description": "-", "default": "filled", "allowedPattern": "^.*$"}
    role: Json = {**secret, "default": "role"}
    return Document.parse(
        "echo",
        {
            "schemaVersion": "0.3",
            "assumeRole": "{{ AutomationAssumeRole }}",
            "parameters": {"Secret": secret, "AutomationAssumeRole": role},
            "mainSteps": [{**common, **first}, {**common, **second}],
            "outputs": ["second.Told"],
        },
    )


@pytest.mark.parametrize(
    "told, heard",
    [
        ("{" + "{ Secret }}", "filled"),
        ("{" + "{Secret}}", "filled"),
        ("a {" + "{ Secret }} b", "a filled b"),
        ("{" + "{ global:ACCOUNT_ID }}", "111122223333"),
        ("{ { Secret }}", "{ { Secret }}"),
    ],
)
def test_the_interpreter_fills_in_what_an_output_holds(told: str, heard: str) -> None:
    assert run(echo(told), World()).outputs["second.Told"] == heard


@pytest.mark.parametrize("told", ["{{ Nothing }}", "{{ not a name }}", "{{", "{{ssm:/secret}}"])
def test_the_interpreter_fails_where_nothing_is_called_so(told: str) -> None:
    ran = run(echo(told), World())
    assert (ran.status, ran.steps[-1]) == ("Failed", "second")


# --- the documents ---

HOSTILE = [
    '"quoted"',
    "{{ AutomationAssumeRole }}",
    "{{AutomationAssumeRole}}",
    "{{{ look.Facts }}}",
    "{{ global:ACCOUNT_ID }}",
    "{{ssm:/secret}}",
    "{{ nothing }}",
    "{{",
    "\\{{ RepositoryName }}",
    "'; import os #",
    "\\u0022",
    "\\u007b\\u007b RepositoryName }}",
    "line\nbreak",
    "\u202egnp",
]


def statement(who: str, **other: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"Effect": "Allow", "Principal": {"AWS": who}, "Action": "ecr:BatchGetImage", **other}


@pytest.mark.parametrize("text", HOSTILE)
def test_what_stands_in_a_policy_stays_data(account: Account, text: str) -> None:
    """Ids, Sids, conditions and principals are written by anyone who may write the policy."""
    condition = {"StringEquals": {"aws:PrincipalTag/team": text}}
    partner, stranger = statement("222233334444", Sid=text, Condition=condition), statement("999988887777", Sid="S")
    before = {"Id": text, "Statement": [partner, stranger]}
    account.chosen |= APPROVAL | {"RemediationStrategy": "remove"}
    account.furnish(before)
    ran = account.remediate()
    assert (ran.status, ran.failures) == ("Success", {})
    assert as_written(account.asked[0]["Policy"]) == before
    assert account.policy() == {"Id": text, "Statement": [partner]}
    assert as_written(ran.outputs["look.Wanted"]) == account.policy()
    (backup,) = account.backups().values()
    assert as_written(backup["policy"]) == before
    account.trust = trusting({"account": "222233334444"}, {"account": "999988887777"})
    account.world.execution = "0a1b2c3d-0000-4000-8000-000000000002"
    assert account.restore(ran).status == "Success"
    assert account.policy() == before


@pytest.mark.parametrize("text", HOSTILE)
def test_a_principal_that_is_none_is_data_too(account: Account, text: str) -> None:
    hostile = {"Statement": statement(text)}
    account.furnish(hostile)
    account.chosen |= APPROVAL | {"RemediationStrategy": "delete"}
    seen: list[str] = []
    account.world.approve = lambda inputs: not seen.append(inputs["Message"])  # type: ignore[func-returns-value]
    ran = account.remediate()
    assert (ran.status, account.policy()) == ("Success", None)
    assert as_written(account.asked[0]["Policy"]) == hostile
    for told in (*seen, ran.outputs["look.Report"], ran.outputs["look.Headline"]):
        assert "role/stack/automation" not in told
        assert "{{" not in told


def test_a_policy_of_braces_alone_fits_the_output_of_a_step(account: Account) -> None:
    condition = {"StringEquals": {"aws:PrincipalTag/team": "{" * 9_700}}
    partner = statement("222233334444", Condition=condition)
    account.furnish({"Statement": [partner, statement("999988887777")]})
    ran = account.remediate()
    assert (ran.status, ran.failures) == ("Success", {})
    assert account.policy() == {"Statement": [partner]}


def test_what_a_caller_calls_himself_stays_data(account: Account) -> None:
    account.furnish({"Statement": statement("999988887777", Action="ecr:*")})
    service = {"type": "AWSService", "invokedBy": '{{ AutomationAssumeRole }}"; drop'}
    account.trail.events = [called("BatchGetImage", userIdentity=service), called("BatchGetImage")]
    ran = account.remediate()
    assert "account 999988887777" in ran.message
    assert "{{" not in ran.message
    account.chosen |= APPROVAL | {"RemediationForce": "true"}
    assert account.remediate().status == "Success"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_no_text_of_a_policy_passes_between_steps(path: Path) -> None:
    """Only packed facts, decisions, and the approver's single line, which has no double braces."""
    document = Document.load(path, **APPROVAL)
    passed = {
        reference
        for step in document.steps.values()
        for reference in _references(json.dumps(step["inputs"]))
        if "." in reference
    }
    assert {one.partition(".")[2] for one in passed} <= {"Next", "Facts", "Headline", "Key"}


def _references(text: str) -> set[str]:
    return {part.partition("}}")[0].strip() for part in text.split("{{")[1:]}
