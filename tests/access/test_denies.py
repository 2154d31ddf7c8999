"""Whom of an account a statement certainly stops, or certainly lets in, and by which conditions."""

from __future__ import annotations

import pytest
from ecr_crossaccount import Hole, Holed
from ecr_crossaccount.access.actions import ActionSets
from ecr_crossaccount.access.admission import deny_of
from ecr_crossaccount.access.search.denies import against
from ecr_crossaccount.policy.parse import parse

from tests.access.policies import OTHER, THIRD, policy

USER, ROLE = f"arn:aws:iam::{OTHER}:user/ci", f"arn:aws:iam::{OTHER}:role/ci"
FEDERATED = f"arn:aws:sts::{OTHER}:federated-user/x"
UNIQUE_ID = "AIDAEXAMPLEID0000001"
UNKNOWN = Holed(("arn:aws:iam::", Hole("Account"), ":role/ci"))

ALL = ("", True)
"""Everybody of the account, for certain."""
PERHAPS = ("", False)


@pytest.mark.parametrize(
    "element, named, of_a_deny, of_an_allow",
    [
        ("Principal", OTHER, [ALL], [ALL]),
        ("Principal", THIRD, [], []),
        ("Principal", "*", [ALL], [ALL]),
        ("Principal", [OTHER, USER], [ALL], [ALL]),
        ("Principal", ROLE, [("aws:principalarn", True)], [("aws:principalarn", True)]),
        ("Principal", FEDERATED, [("aws:principalarn", True)], [("aws:principalarn", True)]),
        # Who a federated user's session was started by, a policy that names the user may let in.
        ("Principal", USER, [("aws:principalarn", True)], [("aws:principaltype", False), ("aws:principalarn", True)]),
        # Whose unique id it is, nobody can tell.
        ("Principal", UNIQUE_ID, [], [PERHAPS]),
        ("Principal", [ROLE, UNIQUE_ID], [("aws:principalarn", True)], [PERHAPS, ("aws:principalarn", True)]),
        ("Principal", UNKNOWN, [PERHAPS], [PERHAPS]),
        ("NotPrincipal", OTHER, [], []),
        ("NotPrincipal", "*", [], [PERHAPS]),
        ("NotPrincipal", THIRD, [ALL], [PERHAPS, ALL]),
        ("NotPrincipal", ROLE, [("aws:principalarn", True)], [PERHAPS, ("aws:principalarn", True)]),
        ("NotPrincipal", UNIQUE_ID, [PERHAPS], [PERHAPS, PERHAPS]),
        ("NotPrincipal", UNKNOWN, [PERHAPS], [PERHAPS, PERHAPS]),
    ],
)
def test_whom_of_an_account_a_statement_is_about(
    element: str, named: object, of_a_deny: list[tuple[str, bool]], of_an_allow: list[tuple[str, bool]]
) -> None:
    for effect, expected in (("Deny", of_a_deny), ("Allow", of_an_allow)):
        document = policy({"Effect": effect, element: {"AWS": named}, "Action": "ecr:*"})
        [statement] = parse(document).statements
        parts = against(deny_of(statement, ActionSets()), OTHER, {})
        assert [(" ".join(one.key for one in part.clauses), not part.holed) for part in parts] == expected
