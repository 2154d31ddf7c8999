"""docs/semantics.md: its tables match the judgement."""

from __future__ import annotations

import re

import pytest
from ecr_crossaccount import Access, Repository, Severity, Trust, Verdict, judge

from tests.docs.markdown import page

SEMANTICS = page("docs/semantics.md")
OURS = Repository(account="111122223333")


def table(*head: str) -> list[list[str]]:
    """Return the rows of the table with that head."""
    (found,) = (rows for rows in SEMANTICS.tables() if rows[0] == list(head))
    return found[1:]


def granted(action: str) -> Verdict:
    """Judge one action that everyone may call."""
    statement = {"Effect": "Allow", "Principal": "*", "Action": action}
    return judge({"Version": "2012-10-17", "Statement": statement}, OURS, Trust.nobody())


ACTIONS = [(row[0], name) for row in table("access", "actions") for name in row[1].split(", ")]


@pytest.mark.parametrize("access, name", ACTIONS, ids=[name for _, name in ACTIONS])
def test_an_action_gives_the_access_of_its_row(access: str, name: str) -> None:
    assert granted(f"ecr:{name}").access == (Access(access),)


def test_the_table_of_actions_is_complete() -> None:
    (grant, _) = granted("ecr:*").grants
    assert sorted(grant.actions) == sorted(f"ecr:{name}" for _, name in ACTIONS)


def test_the_harmless_actions_are_those_of_the_row_low() -> None:
    (low,) = (row[1] for row in table("severity", "when") if row[0] == "LOW")
    listed = re.findall(r"\b(?:[A-Z][a-z]+){2,}\b", low)
    harmless = [name for _, name in ACTIONS if granted(f"ecr:{name}").severity is Severity.LOW]
    assert sorted(listed) == sorted(harmless)


@pytest.mark.parametrize("action", ["ecr:GetAuthorizationToken", "ecr:CreateRepository", "ecr:PutRegistryPolicy"])
def test_an_action_of_the_registry_counts_for_nothing(action: str) -> None:
    assert granted(action).access == ()


def test_a_new_action_is_writing_and_a_pattern_is_none() -> None:
    assert granted("ecr:InventedYesterday").access == (Access.WRITE,)
    assert granted("ecr:InventedYest*").access == ()


def test_the_fields_are_those_of_a_verdict() -> None:
    fields = [row[0].strip("`") for row in table("field", "true, or filled, when")]
    assert ["compliance", *fields] == list(granted("ecr:PutImage").to_json())
