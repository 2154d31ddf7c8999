"""An unreadable part makes a policy undecided, unless both policies have it unchanged."""

from __future__ import annotations

import pytest
from ecr_crossaccount import Repository, Trust
from ecr_crossaccount.judgement.values.verdict import Severity
from ecr_crossaccount.questions.change.answer import Difference, Opened

from tests.change.comparing import difference, registry_difference

OWNER = "111122223333"
_ALLOW = '{"Effect": "Allow", "Principal": {"AWS": "222233334444"}, "Action": "ecr:PutImage"}'


def _found(old: object, new: object) -> Difference:
    return difference(old, new, Repository(OWNER), Trust.nobody())


def _text(*statements: str) -> str:
    return f'{{"Version": "2012-10-17", "Statement": [{", ".join(statements)}]}}'


@pytest.mark.parametrize("broken", ["{", "[1]", '"text"', '{"Statement": 7}', '{"Version": "2012-10-17"}'])
def test_a_text_that_is_no_policy_is_undecided(broken: str) -> None:
    found = _found(_text(_ALLOW), broken)
    assert found.opened.undecided
    assert found.closed.undecided
    assert found.opened.severity is Severity.MEDIUM


def test_no_policy_is_an_empty_text_and_none() -> None:
    assert _found(None, " ").is_none
    assert [one.grant.grantee for one in _found("", _text(_ALLOW)).opened.changes] == ["222233334444"]


def test_a_name_that_stands_twice_hides_nothing() -> None:
    twice = _ALLOW.replace('"Action"', '"Action": "ecr:GetImage", "Action"')
    found = _found(_text(twice), _text(twice.replace("ecr:GetImage", "ecr:BatchGetImage")))
    assert found.opened.undecided
    assert _found(_text(twice, _ALLOW), _text(_ALLOW, twice)).opened.undecided, "which one counts is not known"
    assert _found(_text(twice, _ALLOW), _text(twice, _ALLOW)).is_none, "the same text"


def test_another_version_or_id_is_read_with_the_statements() -> None:
    foreign = _ALLOW.replace("222233334444", "arn:aws-cn:iam::222233334444:root")
    old = _text(_ALLOW, foreign)
    assert _found(old, old.replace('"Version"', '"Id": "x", "Version"')).is_none
    assert _found(old, _text(foreign.replace('"Effect"', '"Sid": "S", "Effect"'), _ALLOW)).is_none


def test_a_single_statement_is_one_too() -> None:
    broken = '{"Statement": {"Effect": "Perhaps", "Principal": "*", "Action": "ecr:PutImage"}}'
    assert _found(_text(_ALLOW), broken).opened.undecided


_INVALID = [
    '{"Effect": "Deny", "Principal": "*", "Action": "ecr:*", "Foo": 1}',
    '{"Effect": "Allow", "Principal": "*", "Action": "ecr:*", "Foo": 1}',
    '{"Effect": "Allow", "Principal": "*", "Action": "ecr:*", "Condition": {"Perhaps": {"aws:SourceIp": "::1"}}}',
]


@pytest.mark.parametrize("kept", _INVALID)
def test_what_is_kept_and_invalid_proves_nothing(kept: str) -> None:
    public = '{"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}'
    opened = _found(_text(kept), _text(kept, public)).opened
    assert opened.changes or "how AWS reads statement 0 of the old policy" in opened.undecided[0].reason
    closed = _found(_text(kept, public), _text(public.replace("ecr:*", "ecr:PutImage"), kept)).closed
    assert closed.changes or closed.undecided


@pytest.mark.parametrize("kept", _INVALID)
def test_a_deny_that_goes_perhaps_stopped_what_is_kept_and_invalid(kept: str) -> None:
    deny = '{"Effect": "Deny", "Principal": "*", "Action": "ecr:*"}'
    opened = _found(_text(kept, deny), _text(kept)).opened
    assert opened.changes or opened.undecided


@pytest.mark.parametrize("kept", _INVALID)
def test_what_is_kept_and_invalid_opens_nothing(kept: str) -> None:
    assert _found(_text(kept, _ALLOW), _text(kept, _ALLOW)).is_none
    assert _found(_text(kept, _ALLOW), _text(_ALLOW, kept.replace('"Effect"', '"Sid": "S", "Effect"'))).is_none
    valid = '{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "ecr:*"}'
    assert _found(_text(kept, _ALLOW), _text(kept, _ALLOW, valid)).is_none, "the owner's own account"
    everything = _ALLOW.replace("ecr:PutImage", "ecr:*")
    assert _found(_text(kept, everything), _text(kept, everything, _ALLOW)).is_none, "another Allow held it before"


def test_what_is_kept_and_invalid_proves_nothing_of_a_registry() -> None:
    resource = '"Resource": "arn:aws:ecr:eu-west-1:111122223333:repository/*"'
    kept = _INVALID[0].replace('"Foo"', f'{resource}, "Foo"')
    added = _ALLOW.replace('"Action"', f'{resource}, "Action"')
    scope = Repository(OWNER, region="eu-west-1")
    found = registry_difference(_text(kept), _text(kept, added), scope, Trust.nobody())
    assert found.opened.undecided
    assert registry_difference(_text(kept, added), _text(added, kept), scope, Trust.nobody()).is_none


def test_a_work_budget_that_is_spent_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecr_crossaccount.questions.change.opening.MOST_STEPS", 1)
    found = _found(None, _text(_ALLOW))
    assert "too complex" in found.opened.undecided[0].reason


def test_more_kinds_of_repositories_than_can_be_tried_are_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    arn = "arn:aws:ecr:eu-west-1:111122223333:repository/"
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "ecr:*", "Resource": f"{arn}*{letter}*"}
            for letter in "abcdefgh"
        ],
    }
    found = registry_difference(None, policy, Repository(OWNER, region="eu-west-1"), Trust.nobody())
    assert "kinds of repositories" in found.opened.undecided[0].reason
    monkeypatch.setattr("ecr_crossaccount.questions.change.opening.STEPS_OF_KINDS", 1)
    assert registry_difference(None, policy, Repository(OWNER), Trust.nobody()).closed.undecided


def test_statements_that_cost_more_than_the_budget_on_every_repository_are_undecided() -> None:
    arn = f"arn:aws:ecr:eu-west-1:{OWNER}:repository/"
    statements = [
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "ecr:BatchGetImage",
            "Resource": f"{arn}{number}/*",
            "Condition": {"StringLike": {"aws:PrincipalArn": "*?" * 100}},
        }
        for number in range(40)
    ]
    policy = {"Version": "2012-10-17", "Statement": statements}
    found = registry_difference(None, policy, Repository(OWNER, region="eu-west-1"), Trust.nobody())
    assert any("kinds of repositories" in one.reason for one in found.opened.undecided)
    few = {**policy, "Statement": statements[:3]}
    assert not registry_difference(None, few, Repository(OWNER, region="eu-west-1"), Trust.nobody()).opened.undecided


def test_nothing_has_no_severity() -> None:
    assert Opened().severity is None
