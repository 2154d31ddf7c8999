"""A plan is no longer than necessary: its size is limited by the policy and by the trust that applies."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Iterator
from typing import Any

from ecr_crossaccount import Action, Plan, Repository, Trust, plan
from hypothesis import given
from hypothesis import strategies as st

from tests.profiles import examples
from tests.properties.outsiders import ACTIONS, in_force
from tests.properties.world import OWNER, TODAY, Statement, as_list, conditions_of, statements_of
from tests.strategies import Situation, situations

_GROUPS = ("organization", "organization_path", "vpc", "vpc_endpoint")
_LONGEST_SID = 64
_LONGEST_CONDITION = len(',"Condition":{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":[]}}')
_LONGEST_NAME = len(',"arn:aws-us-gov:iam::111122223333:root"')
_LONGEST_PRINCIPAL = len('"Principal":{"AWS":[],"Service":[]}')
_MOST_CHARACTERS = 10_240


def text(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def access_of(statement: Statement) -> set[str]:
    """Return the kinds of access that a statement allows."""
    element = as_list(statement.get("Action", statement.get("NotAction", [])))
    patterns = [str(one).lower() for one in element]
    names = {action for action in ACTIONS if any(fnmatch.fnmatchcase(action.lower(), one) for one in patterns)}
    if "NotAction" in statement:
        return {ACTIONS[action] for action in set(ACTIONS) - names}
    unlisted = {"WRITE"} if any(one.startswith("ecr:") and not set("*?") & set(one) for one in patterns) else set()
    return {ACTIONS[action] for action in names} | unlisted


def levels(situation: Situation, kind: str) -> int:
    """Return how many kinds of access the entries of one kind give to the repository."""
    found = (entry for entry in situation.entries if kind in entry and in_force(entry, situation))
    return len({entry.get("access", "READ") for entry in found})


def parts(statement: Statement, situation: Situation) -> int:
    """Return the largest number of statements that an Allow may become.

    A purpose is a kind of access, or several that the same principals have. There is one statement for each purpose of
    the owner and the accounts, of the services, and of each other kind of entry. If the statement is about services,
    there is another one for services that act for one of them. One more is for access that it may keep unchanged.
    """
    purposes = len(access_of(statement))
    accounts = min(purposes, 1 + levels(situation, "account"))
    groups = sum(min(purposes, levels(situation, kind)) for kind in _GROUPS)
    services = min(purposes, levels(situation, "service"))
    sources = accounts + groups if is_about_services(statement) else 0
    return accounts + groups + services + sources + (purposes > 1) + (purposes if has_unknown(statement) else 0)


def is_about_services(statement: Statement) -> bool:
    element = statement.get("Principal", statement.get("NotPrincipal"))
    asked = " ".join(name.lower() for _, name, _ in conditions_of(statement))
    words = ("aws:source", "principalisawsservice", "principalservicename")
    named = isinstance(element, dict) and ("Service" in element or "NotPrincipal" in statement)
    return named or any(word in asked for word in words)


def has_unknown(statement: Statement) -> bool:
    """Return whether the statement names a principal by its unique id, whose account is unknown."""
    return "AROA" in text(statement) or "AIDA" in text(statement)


def offending(found: Plan, situation: Situation) -> Iterator[Statement]:
    touched = {change.statement for change in found.changes}
    return (one for number, one in enumerate(situation.statements) if number in touched)


def longest(statement: Statement, situation: Situation) -> int:
    """Return the largest length that an Allow may become: for each part itself, its actions, and its principals."""
    actions = sum(len(f'"{action}",') for action, access in ACTIONS.items() if access in access_of(statement))
    own = len(text(statement)) * (4 if "NotPrincipal" in statement else 1)
    names = sum(len(text(entry)) + _LONGEST_NAME for entry in situation.entries) + 2 * _LONGEST_NAME
    rest = _LONGEST_SID + _LONGEST_CONDITION + _LONGEST_PRINCIPAL
    return parts(statement, situation) * (own + actions + names + rest)


@given(situations())
@examples(300)
def test_a_plan_has_no_more_statements_than_purposes_and_kinds_of_trust(situation: Situation) -> None:
    found = plan(situation.policy, situation.repository, situation.trust, origin=situation.origin)
    if found.action is Action.SET:
        assert found.policy is not None
        changed = list(offending(found, situation))
        most = len(situation.statements) - len(changed) + sum(parts(one, situation) for one in changed)
        assert len(statements_of(dict(found.policy))) <= most


@given(situations())
@examples(150)
def test_a_plan_has_no_more_characters_than_its_statements_and_names(situation: Situation) -> None:
    found = plan(situation.policy, situation.repository, situation.trust, origin=situation.origin)
    if found.text is not None:
        changed = list(offending(found, situation))
        most = len(text(situation.policy)) + sum(longest(one, situation) for one in changed)
        assert len(found.text) <= most


@given(situations(), st.sampled_from((None, "Pull", "None", "PullFromOwner", "PullFromOrganization")))
@examples(200)
def test_the_parts_of_a_statement_have_telling_names_of_their_own(situation: Situation, sid: str | None) -> None:
    named = [one if sid is None else {**one, "Sid": sid} for one in situation.statements[:1]]
    known = situation.with_statements([*named, *situation.statements[1:]])
    found = plan(known.policy, known.repository, known.trust, origin=known.origin)
    if found.action is Action.SET:
        sids = [one.get("Sid") for one in statements_of(dict(found.policy or {}))]
        narrowed = {change.statement for change in found.changes if " kept for " in change.change}
        became: list[Any] = [part for number, part in enumerate(found.became) if number in narrowed]
        for statements in became:
            names = [one["Sid"] for one in statements if "Sid" in one]
            assert len(statements) == 1 or len(names) == len(statements)
            assert all(name.isascii() and name.isalnum() and sids.count(name) == 1 for name in names)
            assert "None" not in names


@given(st.lists(st.sampled_from(("READ", "WRITE", "ADMIN")), max_size=900), st.sampled_from(("ecr:*", "ecr:Get*")))
@examples(40)
def test_a_plan_fits_however_many_are_trusted(accesses: list[str], action: str) -> None:
    entries = [{"account": f"{number:012}", "access": access} for number, access in enumerate(accesses)]
    before = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": action}}
    found = plan(before, Repository(OWNER), Trust.parse({"version": 1, "trust": entries}, today=TODAY))
    assert found.text is None or len(found.text) <= _MOST_CHARACTERS
    assert (found.refused is None) == (found.text is not None)
