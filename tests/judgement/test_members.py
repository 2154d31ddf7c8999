"""Members of an organization: `members: true` covers a member that a policy names by account, and no one else."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ecr_crossaccount import Compliance, Origin, Repository, Strategy, Trust, TrustError, Verdict, judge, plan
from ecr_crossaccount.documents.pattern import Hole, Holed
from ecr_crossaccount.judgement.beside import RegistryPolicy, Scope
from ecr_crossaccount.judgement.kinds.public import judge_public
from ecr_crossaccount.judgement.kinds.registry import judge_registry
from ecr_crossaccount.judgement.values.members import OLDEST, Members, accounts_in

from tests.judgement.policies import DAY, OWNER, allow, deny, policy
from tests.wording import sentence

MINE, OTHERS = "o-a1b2c3d4e5", "o-b2c3d4e5f6"
UNIT, ELSEWHERE = f"{MINE}/r-ab12/ou-ab12-11111111/", f"{MINE}/r-ab12/ou-ab12-22222222/"
SIBLING, COUSIN, PLACELESS, STRANGER = "222233334444", "333344445555", "444455556666", "999988887777"
PULL = "ecr:BatchGetImage"
NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)
LIST: dict[str, Any] = {
    "version": 1,
    "organization": MINE,
    "listed": "2026-06-30T06:00:00Z",
    "accounts": [
        {"account": SIBLING, "path": f"{UNIT}ou-ab12-33333333/", "state": "ACTIVE"},
        {"account": COUSIN, "path": ELSEWHERE, "state": "SUSPENDED"},
        {"account": PLACELESS},
    ],
}
KNOWN = Members.parse(LIST)
EVERY = {"organization": "self", "members": True}


def trust(*entries: dict[str, Any], members: Members | None = KNOWN) -> Trust:
    return Trust.parse({"version": 1, "trust": list(entries)}, today=DAY, members=members)


def verdict(
    document: object, *entries: dict[str, Any], members: Members | None = KNOWN, organization: str | None = MINE
) -> Verdict:
    return judge(document, Repository(OWNER, organization=organization), trust(*entries, members=members))


def lets_in(account: str, *entries: dict[str, Any], **more: Any) -> bool:  # noqa: ANN401 - see `verdict`
    """Return whether a policy that names an account gives untrusted access."""
    return verdict(policy(allow({"AWS": account}, PULL)), *entries, **more).external


@pytest.mark.parametrize(
    "state, is_in_use",
    [
        ("PENDING_ACTIVATION", True),
        ("ACTIVE", True),
        ("PENDING_CLOSURE", True),
        ("SUSPENDED", False),
        ("CLOSED", False),
        ("SOMETHING_NEW", False),
    ],
)
def test_an_account_is_in_use_until_it_is_suspended_or_closed(state: str, is_in_use: bool) -> None:  # noqa: FBT001
    accounts = [{"account": SIBLING, "state": state}]
    assert Members.parse({**LIST, "accounts": accounts}).is_in_use(SIBLING) is is_in_use


@pytest.mark.parametrize(
    "entry, covered",
    [
        (EVERY, {SIBLING, COUSIN, PLACELESS}),
        ({"organization": MINE, "members": True}, {SIBLING, COUSIN, PLACELESS}),
        ({"organization": OTHERS, "members": True}, set()),
        ({"organization": "self", "members": False}, set()),
        ({"organization": "self"}, set()),
        ({"organization_path": f"{UNIT}*", "members": True}, {SIBLING}),
        ({"organization_path": f"{UNIT}", "members": True}, set()),
        ({"organization_path": f"{MINE}/r-ab12/*", "members": True}, {SIBLING, COUSIN}),
        ({"organization_path": f"{MINE}/*", "members": True}, {SIBLING, COUSIN}),
        ({"organization_path": f"{MINE}/r-ab12/ou-ab12-?2222222/", "members": True}, {COUSIN}),
        ({"organization_path": f"{OTHERS}/*", "members": True}, set()),
        ({"organization_path": f"{UNIT}*"}, set()),
        (EVERY | {"expires": "2026-06-29"}, set()),
        (EVERY | {"expires": str(DAY)}, {SIBLING, COUSIN, PLACELESS}),
        (EVERY | {"repositories": ["elsewhere/*"]}, set()),
    ],
)
def test_a_named_account_is_covered_as_a_member(entry: dict[str, Any], covered: set[str]) -> None:
    accounts = (SIBLING, COUSIN, PLACELESS, STRANGER)
    assert {one for one in accounts if not lets_in(one, entry)} == covered


@pytest.mark.parametrize("members, organization", [(None, MINE), (KNOWN, None), (KNOWN, OTHERS)])
def test_where_the_members_of_the_own_organization_are_not_known_nobody_is_covered(
    members: Members | None, organization: str | None
) -> None:
    assert lets_in(SIBLING, EVERY, members=members, organization=organization)
    found = verdict(policy(allow({"AWS": SIBLING}, PULL)), EVERY, members=members, organization=organization)
    assert any(sentence("reasons.no_list_accounts_organization") in note for note in found.notes)


def test_the_note_is_for_those_who_miss_a_list_only() -> None:
    stranger = verdict(policy(allow({"AWS": STRANGER}, PULL)), EVERY)
    nobody = verdict(policy(allow({"AWS": OWNER}, PULL)), EVERY, members=None)
    past = verdict(policy(allow({"AWS": SIBLING}, PULL)), EVERY | {"expires": "2026-06-29"}, members=None)
    assert [*stranger.notes, *nobody.notes, *past.notes] == []


@pytest.mark.parametrize(
    "statement",
    [
        allow({"AWS": f"arn:aws:iam::{SIBLING}:root"}, PULL),
        allow({"AWS": f"arn:aws:iam::{SIBLING}:role/path/ci"}, PULL),
        allow({"AWS": f"arn:aws:sts::{SIBLING}:assumed-role/ci/session"}, PULL),
        allow({"AWS": [SIBLING, COUSIN, OWNER]}, PULL),
        allow("*", PULL, {"StringEquals": {"aws:PrincipalAccount": [SIBLING, COUSIN]}}),
        allow("*", PULL, {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{SIBLING}:role/*"}}),
        allow({"Service": "lambda.amazonaws.com"}, PULL, {"StringEquals": {"aws:SourceAccount": SIBLING}}),
        allow(
            {"Service": "lambda.amazonaws.com"},
            PULL,
            {"ArnLike": {"aws:SourceArn": f"arn:aws:lambda:eu-central-1:{SIBLING}:function:*"}},
        ),
    ],
)
def test_however_the_account_is_named(statement: dict[str, Any]) -> None:
    assert verdict(policy(statement), EVERY).compliance is Compliance.COMPLIANT
    assert verdict(json.dumps(policy(statement)), EVERY).compliance is Compliance.COMPLIANT
    assert verdict(policy(statement)).compliance is Compliance.NON_COMPLIANT


@pytest.mark.parametrize(
    "statement",
    [
        allow("*", PULL),
        allow({"AWS": STRANGER}, PULL),
        allow({"AWS": [SIBLING, STRANGER]}, PULL),
        allow("*", PULL, {"StringLike": {"aws:PrincipalAccount": "2222*"}}),
        allow("*", PULL, {"StringLike": {"aws:PrincipalArn": f"*{SIBLING}*"}}),
        allow("*", PULL, {"StringNotEquals": {"aws:PrincipalAccount": SIBLING}}),
        allow("*", PULL, {"StringEquals": {"aws:PrincipalTag/account": SIBLING}}),
        allow({"Service": "lambda.amazonaws.com"}, PULL, {"StringEqualsIfExists": {"aws:SourceAccount": SIBLING}}),
        {"Effect": "Allow", "NotPrincipal": {"AWS": SIBLING}, "Action": PULL},
        allow({"AWS": SIBLING}, "ecr:PutImage"),
        allow({"AWS": SIBLING}, "ecr:*"),
    ],
)
def test_to_name_a_member_lets_nobody_else_in_and_nothing_more_through(statement: dict[str, Any]) -> None:
    assert verdict(policy(statement), EVERY).compliance is Compliance.NON_COMPLIANT


def test_a_member_is_trusted_with_what_the_entry_says() -> None:
    pushes = policy(allow({"AWS": SIBLING}, ["ecr:PutImage", PULL]))
    assert not verdict(pushes, EVERY | {"access": "WRITE"}).external
    found = verdict(pushes, EVERY)
    assert [access.value for access in found.access] == ["WRITE"]
    assert sentence("reasons.member_organization", mine=MINE) in found.grants[0].reason
    assert "is a member" not in verdict(policy(allow({"AWS": STRANGER}, PULL)), EVERY).grants[0].reason


def test_an_approval_of_the_organization_that_is_over_is_said_of_its_member() -> None:
    over = EVERY | {"expires": "2026-06-29"}
    with_another = verdict(policy(allow({"AWS": SIBLING}, "ecr:*")), over, EVERY)
    assert "expired on 2026-06-29" in with_another.grants[0].reason


def test_a_deny_for_a_member_leaves_the_answer_for_others() -> None:
    document = policy(
        allow("*", PULL), deny("*", PULL, {"StringNotEquals": {"aws:PrincipalAccount": [SIBLING, OWNER]}})
    )
    assert verdict(document).external
    assert not verdict(document, EVERY).external


ESCAPED = "".join(f"\\u{ord(digit):04x}" for digit in SIBLING)
BY_NUMBER = allow("*", PULL, {"StringEquals": {"aws:PrincipalAccount": int(SIBLING)}})


@pytest.mark.parametrize(
    "statement, written",
    [
        (allow({"AWS": SIBLING}, PULL), SIBLING),
        (allow({"AWS": SIBLING}, PULL), "\\u0032" + SIBLING[1:]),
        (allow({"AWS": SIBLING}, PULL), ESCAPED),
        (allow({"AWS": f"arn:aws:iam::{SIBLING}:root"}, PULL), ESCAPED),
        (allow({"AWS": STRANGER}, PULL, {"StringEquals": {"aws:PrincipalAccount": SIBLING}}), ESCAPED),
        (allow({"AWS": f"\u00e9{SIBLING}"}, PULL), SIBLING),
        (BY_NUMBER, SIBLING),
        (BY_NUMBER, "2.22233334444e11"),
        (BY_NUMBER, "2222333344440E-1"),
        (BY_NUMBER, f"{SIBLING}.0"),
        (BY_NUMBER, f"-{SIBLING}"),
        (BY_NUMBER, "2.5"),
        (BY_NUMBER, f"{SIBLING}0"),
        (BY_NUMBER, "true"),
        (BY_NUMBER, "null"),
    ],
)
def test_text_and_object_of_a_policy_name_the_same_accounts(statement: dict[str, Any], written: str) -> None:
    text = json.dumps(policy(statement)).replace(SIBLING, written)
    assert accounts_in(text) == accounts_in(json.loads(text))
    assert verdict(text, EVERY) == verdict(json.loads(text), EVERY)
    assert verdict(text) == verdict(json.loads(text))


def test_an_account_is_found_however_json_writes_it() -> None:
    hidden = json.dumps(policy(allow({"AWS": SIBLING}, PULL))).replace(SIBLING, ESCAPED)
    assert verdict(hidden, EVERY).compliance is Compliance.COMPLIANT
    assert verdict(hidden).external
    assert verdict(hidden.replace(r"\u0034", r"\u0035"), EVERY).external


def test_an_account_in_a_document_beside_the_policy_is_found_however_json_writes_it() -> None:
    hidden = json.dumps(policy(allow({"AWS": SIBLING}, PULL) | {"Resource": "*"})).replace(SIBLING, ESCAPED)
    registry = RegistryPolicy(hidden, Scope.V2)
    here = Repository(OWNER, "base", region="eu-central-1", organization=MINE)
    assert judge(None, here, trust(EVERY), registry=registry).compliance is Compliance.COMPLIANT
    assert judge(None, here, trust(), registry=registry).external


def test_a_text_with_escapes_that_is_no_json_covers_nobody() -> None:
    broken = json.dumps(policy(allow({"AWS": SIBLING}, PULL))).replace(SIBLING, ESCAPED)[:-1]
    assert accounts_in(broken) == frozenset()
    assert verdict(broken, EVERY).invalid


def test_an_account_beside_a_hole_is_found() -> None:
    arn = Holed((f"arn:aws:iam::{SIBLING}:role/", Hole("name")))
    assert accounts_in({"Principal": {"AWS": [arn, 5, None]}}) == {SIBLING}
    assert verdict(policy(allow({"AWS": arn}, PULL)), EVERY).compliance is Compliance.COMPLIANT
    assert verdict(policy(allow({"AWS": arn}, PULL))).compliance is Compliance.NON_COMPLIANT


def test_longer_numbers_are_no_accounts() -> None:
    assert accounts_in({"NumericEquals": {"aws:PrincipalAccount": 999988887777}}) == {STRANGER}
    assert accounts_in(f"{SIBLING}1 x{COUSIN}x 1{PLACELESS}") == {COUSIN}


def test_a_plan_keeps_members_and_takes_away_what_they_are_not_trusted_with() -> None:
    document = policy(allow({"AWS": [SIBLING, STRANGER]}, "ecr:*"))
    found = plan(document, Repository(OWNER, organization=MINE), trust(EVERY), Strategy.NARROW, Origin.DEPLOYED)
    kept = json.dumps(found.policy)
    assert SIBLING in kept
    assert STRANGER not in kept
    assert verdict(found.policy, EVERY).compliance is Compliance.COMPLIANT
    assert COUSIN not in kept


def test_registry_policies_and_public_repositories_know_members_too() -> None:
    statement = allow({"AWS": SIBLING}, PULL) | {"Resource": "*"}
    here = Repository(OWNER, organization=MINE, region="eu-central-1")
    assert judge_registry(policy(statement), here, trust(EVERY)).compliance is Compliance.COMPLIANT
    assert judge_registry(policy(statement), here, trust()).compliance is Compliance.NON_COMPLIANT
    pushes = policy(allow({"AWS": SIBLING}, "ecr-public:PutImage"))
    assert judge_public(pushes, here, trust(EVERY | {"access": "WRITE"})).compliance is Compliance.COMPLIANT
    assert judge_public(pushes, here, trust(EVERY)).compliance is Compliance.NON_COMPLIANT


def test_the_same_members_named_are_the_same_trust() -> None:
    """Verdicts are cached by the identity of the register."""
    known = trust(EVERY)
    first = known.naming(policy(allow({"AWS": SIBLING}, PULL)), MINE)
    assert known.naming(f"for {SIBLING} and {STRANGER}", MINE) is first
    assert known.naming(STRANGER, MINE) is known
    assert first.naming(SIBLING, MINE) is first
    assert known.naming(SIBLING, OTHERS) is not first


def test_what_is_remembered_is_bounded() -> None:
    known = trust(EVERY)
    first = known.naming(SIBLING, MINE)
    for number in range(256):
        known.naming(SIBLING, f"o-{number:010}")
    assert known.naming(SIBLING, MINE) is not first


@pytest.mark.parametrize(
    "fields, problem",
    [
        ({"account": SIBLING, "members": True}, "trust[0].members: only organization or organization_path has members"),
        ({"organization": MINE, "members": "yes"}, sentence("trust_entries.trust_members_yes")),
        ({"organization": MINE, "members": None}, sentence("trust_entries.trust_members_null")),
    ],
)
def test_members_are_of_organizations(fields: dict[str, object], problem: str) -> None:
    with pytest.raises(TrustError) as raised:
        Trust.parse({"version": 1, "trust": [fields]})
    assert str(raised.value).replace("`None`", "null") == problem


@pytest.mark.parametrize(
    "value, problem",
    [
        ([], "$: expected a list of members"),
        (LIST | {"more": 1}, "$: has an unknown field `more`"),
        (LIST | {"version": 2}, "version: `2` is not a version"),
        (LIST | {"version": True}, "is not a version"),
        (LIST | {"organization": "self"}, "organization: `self`: expected an id"),
        (LIST | {"organization": None}, "organization: "),
        (LIST | {"listed": "yesterday"}, sentence("trust_entries.listed_yesterday_not_time")),
        (LIST | {"listed": "2026-06-30T06:00:00"}, "is not a time"),
        (LIST | {"listed": 5}, "listed: `5` is not a time"),
        (LIST | {"listed": "0001-01-01T00:00:00+14:00"}, sentence("trust_entries.listed_not_time")),
        (LIST | {"listed": "9999-12-31T23:59:59-10:00"}, "is not a time"),
        (LIST | {"accounts": "all"}, sentence("members.accounts_expected_list")),
        (LIST | {"accounts": [SIBLING]}, sentence("members.accounts_expected_object")),
        (LIST | {"accounts": [{"account": SIBLING, "e-mail": "x"}]}, sentence("members.accounts_expected_object")),
        (LIST | {"accounts": [{"account": 222233334444}]}, sentence("judge.accounts_account_not_account")),
        (LIST | {"accounts": [{"account": "٢" * 12}]}, "is not an account"),
        (LIST | {"accounts": [{"account": SIBLING, "path": f"{OTHERS}/r-ab12/"}]}, f"is not a path of `{MINE}`"),
        (LIST | {"accounts": [{"account": SIBLING, "path": f"{MINE}/r-ab12"}]}, "is not a path"),
        (LIST | {"accounts": [{"account": SIBLING, "path": f"{MINE}/r-ab12/*"}]}, "is not a path"),
        (LIST | {"accounts": [{"account": SIBLING, "path": 5}]}, "is not a path"),
        (LIST | {"accounts": [*LIST["accounts"], {"account": COUSIN, "path": UNIT}]}, f"[3].path: `{UNIT}` is not"),
        (LIST | {"accounts": [*LIST["accounts"], {"account": COUSIN}]}, sentence("members.not_place_list_gives")),
    ],
)
def test_a_list_that_is_not_valid_is_refused_as_a_whole(value: object, problem: str) -> None:
    with pytest.raises(TrustError) as raised:
        Members.parse(value)
    assert problem in str(raised.value)
    assert {re.split(r"[.\[]", place)[0] for place, _ in raised.value.problems} <= {"$", *LIST}


def test_a_list_says_who_is_in_use() -> None:
    assert [one for one in (SIBLING, COUSIN, PLACELESS, STRANGER) if KNOWN.is_in_use(one)] == [SIBLING, PLACELESS]


def test_an_account_that_is_listed_twice_in_one_place_is_listed() -> None:
    twice = [*LIST["accounts"], *LIST["accounts"]]
    assert Members.parse(LIST | {"accounts": twice}).paths == KNOWN.paths


def test_few_of_many_faults_are_told() -> None:
    with pytest.raises(TrustError) as raised:
        Members.parse(LIST | {"accounts": [{"account": "x"}] * 1000})
    assert len(raised.value.problems) == 20


@pytest.mark.parametrize(
    "now, problem",
    [
        (NOON, None),
        (NOON + OLDEST, sentence("members.listed_more_than")),
        (NOON - timedelta(hours=6, minutes=30), None),
        (NOON - timedelta(days=1), sentence("members.says_listed_future")),
    ],
)
def test_a_list_is_good_for_a_week(now: datetime, problem: str | None) -> None:
    assert KNOWN.problem(now) == problem


OF_OWNER = Members.parse({**LIST, "accounts": [{"account": OWNER, "path": UNIT}]})


@pytest.mark.parametrize(
    "operator, path, let_in",
    [
        ("ForAnyValue:StringEquals", UNIT, True),
        ("ForAnyValue:StringLike", f"{MINE}/r-ab12/*", True),
        ("ForAnyValue:StringEquals", ELSEWHERE, False),
        ("ForAllValues:StringNotLike", f"{UNIT}*", False),
    ],
)
def test_a_list_says_where_the_owner_is_in_its_organization(operator: str, path: str, let_in: bool) -> None:  # noqa: FBT001 - parametrized
    document = policy(allow("*", PULL, {operator: {"aws:ResourceOrgPaths": path}}))
    found = verdict(document, members=OF_OWNER)
    assert (found.public, found.undecided) == (let_in, ())
    for grant in found.grants:
        assert grant.witness.context["aws:ResourceOrgPaths"] == (UNIT,)


def test_without_a_set_operator_nobody_can_tell_whether_the_owners_place_is_meant() -> None:
    document = policy(allow("*", PULL, {"StringLike": {"aws:ResourceOrgPaths": f"{MINE}/*"}}))
    found = judge(document, Repository(OWNER, region="ap-south-2", organization=MINE), trust(members=OF_OWNER))
    assert found.undecided
    assert not found.external


@pytest.mark.parametrize("members, organization", [(KNOWN, MINE), (OF_OWNER, OTHERS), (OF_OWNER, None), (None, MINE)])
def test_where_no_list_says_it_the_owners_unit_is_not_known(members: Members | None, organization: str | None) -> None:
    document = policy(allow("*", PULL, {"ForAnyValue:StringLike": {"aws:ResourceOrgPaths": "*/ou-ab12-11111111/*"}}))
    assert verdict(document, members=members, organization=organization).undecided


# --- every field with every kind of value ---

_FINE: dict[str, Any] = {
    "version": 1,
    "organization": "o-a1b2c3d4e5",
    "listed": "2026-11-27T06:00:00Z",
    "accounts": [{"account": SIBLING, "path": "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/", "state": "ACTIVE"}],
}
_VALUES: tuple[Any, ...] = (
    None, True, 1, 2, 1.0, "", "1", SIBLING, int(SIBLING), "o-a1b2c3d4e5", "o-A1B2C3D4E5", "o-a1b2c3d4e",
    "xo-a1b2c3d4e5",
    "2026-11-27T06:00:00Z", "2026-11-27T06:00:00+02:00", "2026-11-27T06:00:00", "2026-11-27", "yesterday",
    "0001-01-01T00:00:00+23:00", "ACTIVE", "SUSPENDED", "PENDING_CLOSURE", "PENDING_ACTIVATION", "CLOSED",
    "o-a1b2c3d4e5/r-ab12/", "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/", "o-a1b2c3d4e5/r-ab12", "o-a1b2c3d4e5/r-a/",
    "o-a1b2c3d4e5/r-ab12/ou-ab12-1/", "o-b1b2c3d4e5/r-ab12/", "r-ab12/", [], {}, [1], [{}],
)  # fmt: skip
_ACCEPTED: dict[str, list[Any]] = {
    "version": [1, 1.0],
    "organization": ["o-a1b2c3d4e5"],
    "listed": ["2026-11-27T06:00:00Z", "2026-11-27T06:00:00+02:00"],
    "accounts": [[]],
}
_ACCEPTED_OF_ACCOUNT: dict[str, list[Any]] = {
    "account": [SIBLING],
    "path": [None, "o-a1b2c3d4e5/r-ab12/", "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/"],
    "state": list(_VALUES),
}


def _places(value: object) -> list[str]:
    try:
        Members.parse(value)
    except TrustError as error:
        return [at for at, _ in error.problems]
    return []


@pytest.mark.parametrize("field", _FINE)
def test_a_field_of_a_list_takes_its_own_values_and_no_others(field: str) -> None:
    for value in _VALUES:
        without_paths = {**_FINE, "accounts": [{"account": SIBLING}], field: value}
        is_fine = any(type(one) is type(value) and one == value for one in _ACCEPTED[field])
        places = _places(without_paths)
        assert (not places) is is_fine, value
        assert all(one == field or one.startswith(f"{field}[") for one in places), (value, places)
    assert field in " ".join(_places({key: value for key, value in _FINE.items() if key != field}))


@pytest.mark.parametrize("field", ["account", "path", "state"])
def test_a_field_of_an_account_takes_its_own_values_and_no_others(field: str) -> None:
    for value in _VALUES:
        row = {"account": SIBLING, field: value}
        is_fine = any(type(one) is type(value) and one == value for one in _ACCEPTED_OF_ACCOUNT[field])
        assert _places({**_FINE, "accounts": [row]}) == ([] if is_fine else [f"accounts[0].{field}"]), value
        assert len(_places({**_FINE, "accounts": [{"account": COUSIN}, {**row, "more": 1}]})) == 1


@pytest.mark.parametrize("state", [one for one in _VALUES if isinstance(one, (str, type(None)))])
def test_which_states_are_in_use(state: str | None) -> None:
    found = Members.parse({**_FINE, "accounts": [{"account": SIBLING, "state": state}, {"account": COUSIN}]})
    assert found.is_in_use(SIBLING) is (state in {None, "ACTIVE", "PENDING_ACTIVATION", "PENDING_CLOSURE"})
    assert found.is_in_use(COUSIN)
    assert not found.is_in_use(OWNER)
    assert found.select(frozenset({SIBLING, OWNER})) == {SIBLING}


@pytest.mark.parametrize(
    "name, is_member",
    [
        (None, False),
        ("o-a1b2c3d4e5", True),
        ("o-b1b2c3d4e5", False),
        ("o-a1b2c3d4e5/*", True),
        ("o-a1b2c3d4e5/r-ab12/*", True),
        ("o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/", True),
        ("o-a1b2c3d4e5/r-ab12/", False),
        ("o-a1b2c3d4e5/r-zz99/*", False),
        ("o-b1b2c3d4e5/*", False),
    ],
)
def test_an_account_is_below_these_paths(name: str | None, is_member: bool) -> None:  # noqa: FBT001 - a table
    found = Members.parse({**_FINE, "accounts": [*_FINE["accounts"], {"account": COUSIN}]})
    assert found.has(SIBLING, name) is is_member
    assert found.has(COUSIN, name) is (name == "o-a1b2c3d4e5")
    assert not found.has(OWNER, name)
    assert found.place_of(SIBLING, name) == (_FINE["accounts"][0]["path"] if name == "o-a1b2c3d4e5" else None)
