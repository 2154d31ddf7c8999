"""The trust register: all problems reported together, every kind of entry, and the effect of the date."""

from __future__ import annotations

import pickle
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from ecr_crossaccount import Access, Compliance, EcrCrossAccountError, Repository, Trust, TrustError, judge
from ecr_crossaccount.judgement.reasons import NO_ORGANIZATION
from ecr_crossaccount.judgement.values.trust_entries import Entry, Subject

from tests.judgement.policies import DAY, OTHER, OWNER, THIRD, account, allow, deny, policy, trusting, verdict
from tests.wording import sentence

ORGANIZATION = "o-a1b2c3d4e5"
MINE = {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}}


def problems(register: object) -> list[str]:
    with pytest.raises(TrustError) as raised:
        Trust.parse(register, today=DAY)
    return [f"{at}: {reason}" for at, reason in raised.value.problems]


def entry_problems(**fields: object) -> list[str]:
    return problems({"version": 1, "trust": [fields]})


def test_an_entry_keeps_why_it_stands_there_and_who_answers_for_it() -> None:
    (entry,) = trusting({"account": OTHER, "reason": "CI pulls", "owner": "platform@example.com"}).entries
    assert (entry.reason, entry.owner) == ("CI pulls", "platform@example.com")


def test_the_error_says_everything_and_is_the_packages_own() -> None:
    with pytest.raises(EcrCrossAccountError) as raised:
        Trust.parse({"version": 2, "trust": "x", "more": 1})
    assert isinstance(raised.value, ValueError)
    assert str(raised.value) == sentence("trust_entries.unknown_field_more")


@pytest.mark.parametrize("register", [None, [], "x", 3])
def test_what_is_no_register(register: object) -> None:
    assert problems(register) == ["$: expected a register: an object with `version` and `trust`"]


def test_when_it_was_published_is_a_moment() -> None:
    published = {"version": 1, "trust": [], "published": "2026-11-01T08:30:00Z"}
    assert Trust.parse(published).published == datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
    (problem,) = problems(published | {"published": "yesterday"})
    assert problem.startswith("published: ")


def test_true_is_no_version() -> None:
    assert problems({"version": True, "trust": []}) == [sentence("trust_entries.version_true_not_version")]


@pytest.mark.parametrize(
    "fields, start",
    [
        ({}, "trust[0]: names 0 of account, organization, organization_path, service, vpc, vpc_endpoint, github"),
        ({"github": "acme/app/x"}, sentence("trust_entries.trust_github_acme")),
        ({"gitlab": "acme/*"}, sentence("trust_entries.trust_gitlab_acme")),
        ({"oidc": "oidc.example.com"}, sentence("trust_entries.trust_oidc_oidc")),
        ({"oidc": "oidc.example.com a?"}, sentence("trust_entries.trust_oidc_oidc_example")),
        ({"saml": "a b"}, sentence("trust_entries.trust_saml_expected")),
        ({"vpc": "vpc-1", "role": "x"}, "trust[0].role: vpc assumes no roles"),
        ({"account": OTHER, "role": []}, sentence("trust_entries.trust_role_list")),
        ({"account": OTHER, "role": 7}, sentence("trust_entries.trust_role_expected")),
        ({"account": OTHER, "role": ["a", None]}, sentence("trust_entries.trust_role_none")),
        ({"account": OTHER, "vpc": "vpc-1"}, "trust[0]: names 2 of account"),
        (
            {"account": OTHER, "acess": "READ"},
            sentence("members.trust_unknown_field_acess"),
        ),
        ({"account": OTHER, "zzz": "READ"}, sentence("members.trust_unknown_field_zzz")),
        ({"acount": OTHER}, sentence("members.trust_unknown_field_acount")),
        (
            {"account": OTHER, "expires": "nevre"},
            sentence("trust_entries.trust_expires_nevre"),
        ),
        ({"account": int(OTHER)}, sentence("principals.trust_account_expected", other=OTHER)),
        ({"account": "1234"}, "trust[0].account: `1234`: expected an account number"),
        ({"organization": "o-1"}, sentence("trust_entries.trust_organization_expected")),
        ({"organization_path": "r-ab12/*"}, sentence("trust_entries.trust_organization_path")),
        ({"organization_path": "self/*"}, sentence("trust_entries.trust_organization_path_self")),
        ({"service": "lambda"}, sentence("principals.trust_service_lambda")),
        ({"service": None}, sentence("principals.trust_service_none")),
        ({"vpc": "vpce-1"}, sentence("members.trust_vpc_vpce")),
        ({"vpc_endpoint": "vpc-1"}, sentence("members.trust_vpc_endpoint")),
        (
            {"account": OTHER, "access": "read"},
            sentence("trust_entries.trust_access_read_not_access"),
        ),
        ({"account": OTHER, "access": 1}, sentence("trust_entries.trust_access_not_access_level")),
        ({"account": OTHER, "repositories": []}, sentence("trust_entries.trust_repositories_list")),
        ({"account": OTHER, "repositories": 7}, sentence("trust_entries.trust_repositories_expected")),
        ({"account": OTHER, "repositories": ["a", "B"]}, sentence("trust_entries.trust_repositories_not_repository")),
        ({"account": OTHER, "repositories": [None]}, sentence("trust_entries.trust_repositories_none")),
        ({"account": OTHER, "reason": ["x"]}, "trust[0].reason: `a list of 1`: expected a text"),
        ({"account": OTHER, "owner": 1}, "trust[0].owner: `1`: expected a text"),
        ({"account": OTHER, "expires": "soon"}, sentence("trust_entries.trust_expires_soon_expected")),
        ({"account": OTHER, "expires": "2027-02-30"}, sentence("trust_entries.trust_expires_not_day_2")),
        ({"account": OTHER, "expires": datetime(2027, 3, 31)}, "trust[0].expires: "),  # noqa: DTZ001 - as YAML reads it
    ],
)
def test_a_fault_names_the_entry_the_field_and_what_would_be_right(fields: dict[str, Any], start: str) -> None:
    assert [fault[: len(start)] for fault in entry_problems(**fields)] == [start]


def test_an_entry_that_is_no_object() -> None:
    assert problems({"version": 1, "trust": [7, {"account": "x", "access": "x"}]}) == [
        sentence("trust_entries.trust_not_entry_expected"),
        sentence("principals.trust_account_expected_account"),
        sentence("trust_entries.trust_access_not_access"),
    ]


@pytest.mark.parametrize("repositories", ["base/*", ["x", "base/*"], ["base/pytho?"], ["*/python"], ["base/python"]])
def test_an_entry_covers_the_repositories_that_it_names(repositories: object) -> None:
    entry = {"account": OTHER, "repositories": repositories}
    assert verdict(allow(account(OTHER)), trust=[entry], name="base/python").compliance is Compliance.COMPLIANT
    assert verdict(allow(account(OTHER)), trust=[entry], name="tools/scan").external
    assert verdict(allow(account(OTHER)), trust=[entry]).external, "nobody knows whether it is one of them"


@pytest.mark.parametrize("repositories", ["*", ["*"], ["**"], ["base/*", "*"]])
def test_an_entry_for_every_repository_covers_one_without_a_name(repositories: object) -> None:
    assert not verdict(allow(account(OTHER)), trust=[{"account": OTHER, "repositories": repositories}]).external


def test_repositories_with_the_same_entries_share_a_register() -> None:
    trust = trusting({"account": OTHER, "repositories": ["base/*"]}, {"account": THIRD})
    assert trust.about("base/a") is trust.about("base/b")
    assert len(trust.about("tools").entries) == 1
    everywhere = trusting({"account": OTHER})
    assert everywhere.about("x") is everywhere


def test_a_register_in_use_can_be_sent_to_another_process() -> None:
    trust = trusting({"account": OTHER, "repositories": ["base/*"]})
    assert trust.about("tools").entries == ()
    sent = pickle.loads(pickle.dumps(trust))  # noqa: S301 - our own
    assert sent.entries == trust.entries
    assert sent.about("tools").entries == ()


def test_the_last_valid_day_is_valid() -> None:
    for expires in (DAY, DAY.isoformat()):
        assert not verdict(allow(account(OTHER)), trust=[{"account": OTHER, "expires": expires}]).external


def test_after_the_last_valid_day_the_grant_is_back_and_says_since_when() -> None:
    found = verdict(
        allow(account(OTHER)),
        allow("*", "ecr:GetLifecyclePolicy", MINE),
        allow({"Service": "lambda.amazonaws.com"}),
        trust=[
            {"account": OTHER, "expires": "2026-11-30"},
            {"organization": ORGANIZATION, "expires": date(2026, 1, 31)},
            {"service": "lambda.amazonaws.com", "expires": "2025-12-31"},
        ],
    )
    assert {one.kind.value: one.reason.partition("; ")[2] for one in found.grants} == {
        "account": sentence("reasons.approval_expired_2"),
        "organization": sentence("reasons.approval_expired_3"),
        "service": sentence("reasons.approval_expired_4"),
    }


def test_without_a_day_an_entry_that_ends_trusts_nobody() -> None:
    trust = Trust.parse({"version": 1, "trust": [{"account": OTHER, "expires": "2999-12-31"}]})
    assert judge(policy(allow(account(OTHER))), Repository(OWNER), trust).external
    assert trust.expiring(30) == ()


def test_entries_that_end_soon_can_be_asked_for() -> None:
    trust = trusting(
        {"account": OTHER, "expires": "2026-12-20"},
        {"account": THIRD, "expires": "2027-06-30"},
        {"account": "444455556666", "expires": "2026-11-30"},
        {"account": "555566667777"},
    )
    assert [entry.name for entry in trust.expiring(30)] == [OTHER]


@pytest.mark.parametrize(
    "access, left",
    [("READ", (Access.WRITE, Access.ADMIN)), ("WRITE", (Access.ADMIN,)), ("ADMIN", ())],
)
def test_each_access_includes_the_ones_before_it(access: str, left: tuple[Access, ...]) -> None:
    assert verdict(allow(account(OTHER), "ecr:*"), trust=[{"account": OTHER, "access": access}]).access == left


def test_self_is_the_organization_of_the_owner() -> None:
    trust = [{"organization": "self"}]
    known = verdict(allow("*", "ecr:BatchGetImage", MINE), trust=trust, organization=ORGANIZATION)
    assert known.compliance is Compliance.COMPLIANT
    assert known.notes == ()


def test_self_trusts_nobody_and_says_so_where_the_organization_is_not_known() -> None:
    note = NO_ORGANIZATION
    trust = [{"organization": "self"}]
    unknown = verdict(allow("*", "ecr:BatchGetImage", MINE), trust=trust)
    assert unknown.external
    assert unknown.notes == (note,)
    guarded = verdict(
        allow("*"), deny("*", "*", {"StringNotEquals": {"aws:PrincipalOrgID": ORGANIZATION}}), trust=trust
    )
    assert guarded.notes == (note,)
    assert verdict(allow(account(OTHER)), trust=trust).notes == (), "an organization would not help here"


def test_a_service_that_is_trusted_needs_no_source() -> None:
    service = allow({"Service": "lambda.amazonaws.com"})
    assert verdict(service).service
    assert not verdict(service, trust=[{"service": "lambda.amazonaws.com"}]).service


def test_a_vpc_that_is_trusted_leaves_a_note_about_regions() -> None:
    trust = [{"vpc": "vpc-0a1b2c3d4e5f67890"}]
    only = allow("*", "ecr:BatchGetImage", {"StringEquals": {"aws:SourceVpc": "vpc-0a1b2c3d4e5f67890"}})
    found = verdict(only, trust=trust)
    assert found.compliance is Compliance.COMPLIANT
    assert ["`vpc-0a1b2c3d4e5f67890` is trusted" in note for note in found.notes] == [True]
    assert verdict(allow(account(OTHER)), trust=trust).notes == ()


def test_an_account_has_twelve_digits() -> None:
    for wrong in ("", "12345678901", "1234567890123", "12345678901a", "\u0661" * 12):
        with pytest.raises(ValueError, match=re.escape(sentence("judge.not_account_expected_digits"))):
            Repository(wrong)


# --- every field with every kind of value ---

VALUES: tuple[object, ...] = (
    None, True, False, 1, 1.5, OTHER, int(OTHER), "1" * 13, "o-a1b2c3d4e5", "o-A1B2C3D4E5", "self", "x-o-a1b2c3d4e5",
    "o-a1b2c3d4e5/r-ab12/*", "o-a1b2c3d4e5/", "o-a1b2c3d4e5/R", "lambda.amazonaws.com", "lambda", "vpc-1", "vpc-",
    "vpc-A", "vpce-1", "vpce-", "READ", "WRITE", "ADMIN", "read", "base/*", "Base", "a" * 257, "", "2027-03-31",
    "2027-02-30", "20270331", "2027-3-31", " 2027-03-31", "never", date(2027, 3, 31), datetime(2027, 3, 31, tzinfo=UTC),
    ["base/*", "team/?"], ["base/*", 1], ("a", "b"), {"base": 1}, [], {},
)  # fmt: skip
TEXTS = [one for one in VALUES if isinstance(one, str)]
NAMES = [
    OTHER,
    "1" * 13,
    *(one for one in TEXTS if one and one == one.lower() and len(one) < 257 and one.strip() == one),
]
FINE: dict[str, list[object]] = {
    "account": [OTHER],
    "organization": ["o-a1b2c3d4e5", "self"],
    "organization_path": ["o-a1b2c3d4e5/r-ab12/*", "o-a1b2c3d4e5/"],
    "service": ["lambda.amazonaws.com"],
    "vpc": ["vpc-1"],
    "vpc_endpoint": ["vpce-1"],
    "access": ["READ", "WRITE", "ADMIN"],
    "repositories": [*NAMES, ["base/*", "team/?"], ("a", "b")],
    "reason": [None, *TEXTS],
    "owner": [None, *TEXTS],
    "expires": [None, "2027-03-31", "never", date(2027, 3, 31)],
    "members": [False],
}
"""The values that each field may have. Every other one is a fault at the field."""


@pytest.mark.parametrize("field", FINE)
def test_a_field_takes_its_own_values_and_no_others(field: str) -> None:
    for value in VALUES:
        named = (
            {}
            if field in {"account", "organization", "organization_path", "service", "vpc", "vpc_endpoint"}
            else {"account": OTHER}
        )
        register = {"version": 1, "trust": [{**named, field: value}]}
        if any(type(one) is type(value) and one == value for one in FINE[field]):
            assert len(Trust.parse(register, today=DAY).entries) == 1, value
            continue
        places = [one.partition(": ")[0] for one in problems(register)]
        within = isinstance(value, (list, str)) and field == "repositories" and value not in ([], {})
        starts = f"trust[0].{field}"
        assert places, value
        assert all(one == starts or (within and one.startswith(f"{starts}[")) for one in places), (value, places)


def test_what_an_entry_leaves_out_has_these_values() -> None:
    (entry,) = trusting({"account": OTHER}).entries
    assert entry == Entry(Subject.ACCOUNT, OTHER)
    assert (entry.access, entry.repositories, entry.members) == (Access.READ, ("*",), False)
    assert (entry.reason, entry.owner, entry.expires, entry.endless) == (None, None, None, False)


def test_every_kind_of_principal_may_be_approved_and_stands_in_its_circle() -> None:
    trust = trusting(
        {"account": OTHER, "access": "ADMIN"},
        {"account": THIRD},
        {"organization": ORGANIZATION, "access": "WRITE"},
        {"organization": "self"},
        {"organization_path": "o-a1b2c3d4e5/r-ab12/*"},
        {"service": "lambda.amazonaws.com", "access": "WRITE"},
        {"vpc": "vpc-1"},
        {"vpc_endpoint": "vpce-1", "access": "ADMIN"},
        {"account": "444455556666", "expires": "2026-11-30"},
    )
    read, write, admin = trust.circles("o-ownorg00001")
    assert read == (
        frozenset({OTHER, THIRD}),
        frozenset({ORGANIZATION, "o-ownorg00001"}),
        ("o-a1b2c3d4e5/r-ab12/*",),
        frozenset({"lambda.amazonaws.com"}),
        frozenset({"vpc-1"}),
        frozenset({"vpce-1"}),
    )
    services = frozenset({"lambda.amazonaws.com"})
    assert write == (frozenset({OTHER}), frozenset({ORGANIZATION}), (), services, frozenset(), frozenset({"vpce-1"}))
    assert admin == (frozenset({OTHER}), frozenset(), (), frozenset(), frozenset(), frozenset({"vpce-1"}))
    assert trust.circles(None)[0].organizations == frozenset({ORGANIZATION})


def test_an_entry_may_have_no_last_day_on_purpose() -> None:
    (entry,) = trusting({"account": OTHER, "expires": "never"}).valid
    assert (entry.expires, entry.endless) == (None, True)


@pytest.mark.parametrize(
    "entry",
    [
        {"account": OTHER, "role": "*"},
        {"organization": ORGANIZATION, "role": ["ci/*"], "members": True},
        {"organization_path": f"{ORGANIZATION}/*", "role": "x"},
        {"service": "lambda.amazonaws.com", "role": "x"},
        {"github": "acme/infra"},
        {"gitlab": "acme/infra/app"},
        {"terraform": "acme"},
        {"oidc": "oidc.example.com *"},
        {"saml": "okta"},
    ],
    ids=lambda entry: next(iter(entry)),
)
def test_an_entry_about_roles_trusts_nobody_in_a_policy(entry: dict[str, Any]) -> None:
    """Whatever a policy allows, its verdict is as if the entry were not there."""
    granting = policy(allow(account(OTHER)), allow("*", condition=MINE), allow({"Service": "lambda.amazonaws.com"}))
    repository = Repository(OWNER, "base/python", "eu-central-1")
    trust = trusting({**entry, "access": "ADMIN"})
    assert judge(granting, repository, trust).to_json() == judge(granting, repository, trusting()).to_json()
    assert not trust.valid
    assert trust.circles(None) == trusting().circles(None)


def test_an_entry_about_roles_trusts_those_who_come_by_one() -> None:
    trust = trusting(
        {"account": OTHER, "role": ["ci/*", "deploy"]}, {"account": THIRD}, {"github": "acme", "role": "x"}
    )
    assert trust.by_role("ci/push").circles(None)[0].accounts == {OTHER, THIRD}
    assert trust.by_role("other").circles(None)[0].accounts == {THIRD}
    assert trust.by_role("deploy") is trust.by_role("ci/push"), "made once"
    assert [entry.subject for entry in trust.by_role("x").current] == [Subject.ACCOUNT, Subject.GITHUB]
    assert [entry.name for entry in trust.by_role("x").valid] == [THIRD]
    one = trusting({"account": THIRD})
    assert one.by_role("x") is one


def test_the_last_day_of_an_entry_about_roles_counts() -> None:
    trust = trusting({"github": "acme", "expires": str(DAY)}, {"saml": "okta", "expires": "2020-01-01"})
    assert [entry.name for entry in trust.current] == ["acme"]
    assert [entry.name for entry in trust.expiring(0)] == ["acme"]
