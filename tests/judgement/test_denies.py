"""The principals of an account that a statement certainly stops or certainly allows, and under which conditions."""

from __future__ import annotations

import pytest
from ecr_crossaccount import Compliance, Hole, Holed
from ecr_crossaccount.documents.parse import parse
from ecr_crossaccount.judgement.admission import deny_of
from ecr_crossaccount.judgement.search.denies import against_service, exempt, ways_of_deny
from ecr_crossaccount.judgement.values.actions import ActionSets

from tests.judgement.policies import OTHER, THIRD, account, allow, deny, policy, verdict

USER, ROLE = f"arn:aws:iam::{OTHER}:user/ci", f"arn:aws:iam::{OTHER}:role/ci"
FEDERATED = f"arn:aws:sts::{OTHER}:federated-user/x"
UNIQUE_ID = "AIDAEXAMPLEID0000001"
UNKNOWN = Holed(("arn:aws:iam::", Hole("Account"), ":role/ci"))

ALL = ("", True)
"""Certainly every principal of the account."""
PERHAPS = ("", False)


_ABOUT_CALLERS: list[tuple[str, object, list[tuple[str, bool]], list[tuple[str, bool]]]] = [
    ("Principal", OTHER, [ALL], [ALL]),
    ("Principal", THIRD, [], []),
    ("Principal", "*", [ALL], [ALL]),
    ("Principal", [OTHER, USER], [ALL], [ALL]),
    ("Principal", ROLE, [("aws:principalarn", True)], [("aws:principalarn", True)]),
    ("Principal", FEDERATED, [("aws:principalarn", True)], [("aws:principalarn", True)]),
    # A policy that names a user may allow the federated sessions that the user started.
    ("Principal", USER, [("aws:principalarn", True)], [("aws:principaltype", False), ("aws:principalarn", True)]),
    # The owner of a unique id cannot be determined.
    ("Principal", UNIQUE_ID, [], [PERHAPS]),
    ("Principal", [ROLE, UNIQUE_ID], [("aws:principalarn", True)], [PERHAPS, ("aws:principalarn", True)]),
    ("Principal", UNKNOWN, [PERHAPS], [PERHAPS]),
    ("NotPrincipal", OTHER, [], []),
    ("NotPrincipal", "*", [], [PERHAPS]),
    ("NotPrincipal", THIRD, [ALL], [PERHAPS, ALL]),
    ("NotPrincipal", ROLE, [("aws:principalarn", True)], [PERHAPS, ("aws:principalarn", True)]),
    ("NotPrincipal", UNIQUE_ID, [PERHAPS], [PERHAPS, PERHAPS]),
    ("NotPrincipal", UNKNOWN, [PERHAPS], [PERHAPS, PERHAPS]),
]


@pytest.mark.parametrize("element, named, of_a_deny, of_an_allow", _ABOUT_CALLERS)
def test_whom_of_an_account_a_statement_is_about(
    element: str, named: object, of_a_deny: list[tuple[str, bool]], of_an_allow: list[tuple[str, bool]]
) -> None:
    for effect, expected in (("Deny", of_a_deny), ("Allow", of_an_allow)):
        document = policy({"Effect": effect, element: {"AWS": named}, "Action": "ecr:*"})
        [statement] = parse(document).statements
        parts = ways_of_deny(deny_of(statement, ActionSets()), OTHER, {})
        assert [(" ".join(one.key for one in part.clauses), not part.holed) for part in parts] == expected


@pytest.mark.parametrize("element, named, of_a_deny, of_an_allow", _ABOUT_CALLERS)
def test_a_statement_that_is_not_all_known_is_about_the_same_perhaps(
    element: str, named: object, of_a_deny: list[tuple[str, bool]], of_an_allow: list[tuple[str, bool]]
) -> None:
    for effect, expected in (("Deny", of_a_deny), ("Allow", of_an_allow)):
        holed = {"Effect": effect, element: {"AWS": named}, "Action": "ecr:*", "Condition": Hole("Condition")}
        [statement] = parse(policy(holed)).statements
        parts = list(ways_of_deny(deny_of(statement, ActionSets()), OTHER, {}))
        assert [" ".join(one.key for one in part.clauses) for part in parts] == [keys for keys, _ in expected]
        assert all(part.holed for part in parts)


LAMBDA, OTHERS = "lambda.amazonaws.com", "codebuild.amazonaws.com"


@pytest.mark.parametrize(
    "element, named, of_a_deny, of_an_allow",
    [
        ("Principal", "*", [True], [True]),
        ("Principal", {"AWS": "*"}, [], []),
        ("Principal", {"AWS": OTHER}, [], []),
        ("Principal", {"Service": LAMBDA}, [True], [True]),
        ("Principal", {"Service": OTHERS}, [], []),
        ("Principal", {"Service": Hole("S")}, [False], [False]),
        ("Principal", {"Service": [LAMBDA, Hole("S")]}, [True], [True]),
        ("NotPrincipal", "*", [], []),
        ("NotPrincipal", {"AWS": "*"}, [], [True]),
        ("NotPrincipal", {"AWS": OTHER}, [True], [True]),
        ("NotPrincipal", {"Service": LAMBDA}, [], []),
        ("NotPrincipal", {"Service": OTHERS}, [True], [True]),
        ("NotPrincipal", {"Service": Hole("S")}, [False], [False]),
    ],
)
def test_which_statement_is_about_a_service(
    element: str, named: object, of_a_deny: list[bool], of_an_allow: list[bool]
) -> None:
    for effect, expected in (("Deny", of_a_deny), ("Allow", of_an_allow)):
        for condition in ({}, {"Condition": Hole("Condition")}):
            document = policy({"Effect": effect, element: named, "Action": "ecr:*", **condition})
            [statement] = parse(document).statements
            parts = list(against_service(deny_of(statement, ActionSets()), LAMBDA))
            assert [not part.holed for part in parts] == [one and not condition for one in expected]
            assert [part.clauses for part in parts] == [()] * len(expected)


@pytest.mark.parametrize(
    "named, excluded",
    [
        (OTHER, [ALL]),
        (THIRD, []),
        (ROLE, [("aws:principalarn", True)]),
        ([ROLE, FEDERATED], [("aws:principalarn", True)]),
        ([OTHER, USER], [ALL, ("aws:principalarn", True)]),
        (f"arn:aws:sts::{OTHER}:assumed-role/ci/job", [("aws:principalarn aws:userid", True)]),
        (UNKNOWN, [PERHAPS]),
        ([ROLE, UNKNOWN], [("aws:principalarn", True), PERHAPS]),
    ],
)
def test_whom_of_an_account_an_allow_excludes(named: object, excluded: list[tuple[str, bool]]) -> None:
    document = policy({"Effect": "Allow", "NotPrincipal": {"AWS": named}, "Action": "ecr:*"})
    [statement] = parse(document).statements
    parts = exempt(statement.principals, OTHER, {})
    assert [(" ".join(one.key for one in part.clauses), not part.holed) for part in parts] == excluded


_PULL, _PUSH = "ecr:BatchGetImage", "ecr:PutImage"
_STOPPED = (
    deny("*", _PULL, {"StringEquals": {"aws:PrincipalTag/team": "a"}}),
    deny("*", _PUSH, {"StringEquals": {"aws:PrincipalTag/team": "b"}}),
)
"""Two Denies that each stop some callers from a different action."""


def test_who_escapes_one_deny_of_each_action_gets_everything() -> None:
    found = verdict(allow({"AWS": "*"}, [_PULL, _PUSH]), *_STOPPED)
    assert found.public
    assert [set(one.actions) for one in found.grants if one.public] == [{_PULL, _PUSH}]


def test_who_fails_for_the_allow_itself_fails_under_every_deny() -> None:
    block = {"StringLike": {"aws:PrincipalArn": f"arn:aws:iam::{OTHER}:role/*"}}
    found = verdict(allow({"AWS": "*"}, [_PULL, _PUSH], block), *_STOPPED)
    assert not found.public
    assert [(one.grantee, set(one.actions)) for one in found.grants] == [(OTHER, {_PULL, _PUSH})]


def test_none_of_several_accounts_meets_what_nobody_can_meet() -> None:
    block = {"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}
    assert verdict(allow(account(OTHER, THIRD), _PULL, block)).compliance is Compliance.COMPLIANT


@pytest.mark.parametrize("star", [{"AWS": "*"}, "*"])
def test_a_deny_of_all_but_everybody_stops_no_service_for_certain(star: object) -> None:
    guard = {"Effect": "Deny", "NotPrincipal": star, "Action": "*"}
    assert verdict(allow({"Service": "lambda.amazonaws.com"}), guard).service
    assert verdict(allow("*"), guard).service


@pytest.mark.parametrize("whole", [OTHER, THIRD])
def test_a_deny_that_names_an_account_and_a_role_of_another_one_stops_each_by_its_own_name(whole: str) -> None:
    left = THIRD if whole == OTHER else OTHER
    found = verdict(allow(account(OTHER, THIRD)), deny(account(whole, f"arn:aws:iam::{left}:role/ci")))
    assert [one.grantee for one in found.grants] == [left]
