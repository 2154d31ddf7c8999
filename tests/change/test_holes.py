"""Values that are unknown before deployment.

The same one in both policies is no change. A different one is undecided.
"""

from __future__ import annotations

from typing import Any

import pytest
from ecr_crossaccount import Origin, Repository, Trust
from ecr_crossaccount.documents.pattern import Hole, Holed
from ecr_crossaccount.questions.change.answer import Difference, Opened

from tests.change.comparing import difference, replication_difference
from tests.wording import sentence

OWNER = "111122223333"
PARTNER, OTHER = Hole("Partner"), Hole("Other")


def _allow(**elements: object) -> dict[str, object]:
    return {"Effect": "Allow", "Principal": {"AWS": "222233334444"}, "Action": "ecr:PutImage", **elements}


def _deny(**elements: object) -> dict[str, object]:
    return {"Effect": "Deny", "Principal": "*", "Action": "ecr:PutImage", **elements}


def _found(old: list[Any] | object, new: list[Any] | object) -> Difference:
    policies = [{"Version": "2012-10-17", "Statement": one} if isinstance(one, list) else one for one in (old, new)]
    return difference(policies[0], policies[1], Repository(OWNER), Trust.nobody())


def _about(hole: Hole) -> list[dict[str, object]]:
    """Return statements with one unknown element each."""
    arn = Holed(("arn:aws:iam::", hole, ":root"))
    return [
        _allow(Principal={"AWS": arn}),
        _allow(Principal={"Service": hole}),
        _allow(Principal={"AWS": "222233334444", "Service": [hole, "lambda.amazonaws.com"]}, Action="ecr:Get*"),
        _allow(Action=["ecr:GetLifecyclePolicy", Holed(("ecr:", hole))]),
        _allow(Action=Holed(("ecr:Get", hole))),
        _allow(Condition=hole),
        _allow(Condition={"StringEquals": {"aws:PrincipalTag/team": hole}}),
        _allow(Effect=hole),
    ]


@pytest.mark.parametrize("number", range(len(_about(PARTNER))))
def test_the_same_unknown_is_no_change(number: int) -> None:
    statement = _about(PARTNER)[number]
    found = _found([statement, _allow()], [_allow(Sid="First"), {**statement, "Sid": "Renamed"}])
    assert found.is_none, found.to_json()


@pytest.mark.parametrize("number", range(len(_about(PARTNER))))
def test_another_unknown_is_a_doubt(number: int) -> None:
    found = _found([_about(PARTNER)[number]], [_about(OTHER)[number]])
    assert not found.opened.changes
    assert found.opened.undecided
    assert found.closed.undecided
    assert "<Other>" in found.opened.undecided[0].reason


def test_a_whole_policy_that_is_not_known_may_open_and_close() -> None:
    found = _found([_allow()], PARTNER)
    assert found.opened.undecided
    assert found.closed.undecided, "it may let in the same account"
    assert _found(PARTNER, PARTNER).is_none


def test_what_may_be_a_deny_may_have_stopped_somebody() -> None:
    found = _found([_allow(), _deny(Effect=PARTNER, Action="ecr:*")], [_allow()])
    assert not found.opened.changes
    assert "<Partner>" in found.opened.undecided[0].reason


@pytest.mark.parametrize(
    "deny",
    [
        _deny(Condition=PARTNER),
        _deny(Action=Holed(("ecr:", PARTNER))),
        _deny(Principal={"AWS": Holed(("arn:aws:iam::", PARTNER, ":root"))}),
        _deny(Condition={"StringEquals": {"aws:PrincipalTag/team": PARTNER}}),
        _deny(Principal={"AWS": "AROAEXAMPLEID0000001"}),
    ],
)
def test_a_deny_of_which_something_is_not_known(deny: dict[str, object]) -> None:
    assert _found([_allow(), deny], [_allow(), {**deny, "Sid": "Renamed"}]).is_none
    found = _found([_allow(), deny], [_allow()])
    assert not found.opened.changes
    assert found.opened.undecided
    assert found.closed == Opened()


def test_a_deny_of_services_that_are_not_known() -> None:
    deny = _deny(Principal={"Service": PARTNER})
    for principal in ("*", {"Service": "lambda.amazonaws.com"}, {"Service": ["lambda.amazonaws.com", OTHER]}):
        allow = _allow(Principal=principal)
        found = _found([allow, deny], [allow])
        assert found.opened.undecided, principal
        assert not found.opened.changes


def test_where_it_replicates_to_is_not_known() -> None:
    new = {"Rules": PARTNER}
    found = replication_difference(None, new, Repository(OWNER), Trust.nobody())
    assert sentence("exchanges.new_configuration_destination") in found.opened.undecided[0].reason


def test_a_resource_that_a_stored_deny_may_not_mean_stays_a_doubt() -> None:
    """A stored policy may have a Resource. A different Resource is a different reason for being undecided."""
    start = "arn:aws:ecr:eu-west-1:111122223333:repository/"
    old = {"Statement": [_allow(), _deny(Resource=f"{start}a")]}
    new = {"Statement": [_allow(), _deny(Resource=f"{start}b")]}
    origins = (Origin.DEPLOYED, Origin.DEPLOYED)
    found = difference(old, new, Repository(OWNER), Trust.nobody(), origins)
    assert found.opened.undecided
    assert found.closed.undecided
    assert difference(old, old, Repository(OWNER), Trust.nobody(), origins).is_none
