"""The attached resource control policy denies callers that the register does not trust, and only those."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest
from ecr_crossaccount import Grant, Repository, Trust, Verdict, judge
from ecr_crossaccount.errors import InputError
from ecr_crossaccount.questions.guardrails import LARGEST, PolicyType, problems_of, resource_control_policy
from hypothesis import given
from hypothesis import strategies as some

from tests.wording import sentence

OWNER = "111122223333"
PARTNER = "222233334444"
OURS = "o-a1b2c3d4e5"
THEIRS = "o-z9y8x7w6v5"
TODAY = date(2026, 11, 25)
REPOSITORY = Repository(OWNER, organization=OURS)
OPEN: dict[str, object] = {"Sid": "Open", "Effect": "Allow", "Principal": "*", "Action": "ecr:*"}
SERVICES_THAT_SAY_FOR_WHOM = {"Null": {"aws:SourceAccount": "false"}}
OUR_OWN = {"organization": OURS, "access": "ADMIN"}


def trust(*entries: Mapping[str, object]) -> Trust:
    return Trust.parse({"version": 1, "trust": [*entries]}, today=TODAY)


def inside(
    entries: Sequence[Mapping[str, object]], allow: dict[str, object], judged_by: Trust | None = None
) -> Verdict:
    """Judge a repository whose policy is `allow`, under the guardrail of a register's `entries`.

    A resource control policy denies like the repository's own Deny, for every resource.
    """
    guardrail = resource_control_policy(trust(*entries), OURS)
    denies = [{name: value for name, value in one.items() if name != "Resource"} for one in guardrail.statements]
    policy = {"Version": "2012-10-17", "Statement": [allow, *denies]}
    return judge(policy, REPOSITORY, judged_by or trust(OUR_OWN, *entries))


def grantees(grants: tuple[Grant, ...]) -> set[str]:
    return {grant.grantee for grant in grants}


accounts = some.sampled_from([PARTNER, "333344445555", "444455556666"])
organizations = some.sampled_from([THEIRS, "o-abcdefghij"])
paths = some.sampled_from([f"{THEIRS}/r-ab12/ou-ab12-11111111/*", "o-abcdefghij/*"])
entries = some.lists(
    some.fixed_dictionaries({"access": some.just("ADMIN"), "account": accounts})
    | some.fixed_dictionaries({"access": some.just("ADMIN"), "organization": organizations})
    | some.fixed_dictionaries({"access": some.just("ADMIN"), "organization_path": paths})
    | some.fixed_dictionaries({"access": some.just("ADMIN"), "vpc": some.just("vpc-0123456789abcdef0")})
    | some.fixed_dictionaries({"access": some.just("ADMIN"), "vpc_endpoint": some.just("vpce-0123456789abcdef0")})
    | some.fixed_dictionaries({"access": some.just("ADMIN"), "service": some.just("lambda.amazonaws.com")}),
    max_size=5,
)


@pytest.mark.no_cover
@given(entries)
def test_through_no_policy_does_anybody_get_in_whom_the_register_does_not_trust(register: list[dict[str, Any]]) -> None:
    assert not inside(register, OPEN).external
    assert not inside(register, {**OPEN, "Condition": SERVICES_THAT_SAY_FOR_WHOM}).service


@given(entries)
def test_whom_the_register_trusts_is_let_in(register: list[dict[str, Any]]) -> None:
    for entry in register:
        named: dict[str, object] = dict(OPEN)
        if "account" in entry:
            named["Principal"] = {"AWS": entry["account"]}
        elif "organization" in entry:
            named["Condition"] = {"StringEquals": {"aws:PrincipalOrgID": entry["organization"]}}
        elif "organization_path" in entry:
            named["Condition"] = {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": entry["organization_path"]}}
        elif "service" in entry:
            named["Principal"] = {"Service": entry["service"]}
            named["Condition"] = {"StringEquals": {"aws:SourceAccount": "999900001111"}}
        else:
            continue
        verdict = inside(register, named, judged_by=trust(OUR_OWN))
        assert verdict.external or verdict.service, entry


def test_without_it_the_policy_is_wide_open() -> None:
    assert judge({"Version": "2012-10-17", "Statement": OPEN}, REPOSITORY, trust(OUR_OWN)).public


def test_an_empty_register_leaves_the_organization_alone_inside() -> None:
    verdict = inside([], OPEN, judged_by=Trust.nobody())
    assert grantees(verdict.grants) >= {OURS}
    assert not verdict.public


def test_a_service_that_says_for_whom_it_acts_must_act_for_somebody_trusted() -> None:
    partner = [{"account": PARTNER}]
    for account, gets_in in ((PARTNER, True), ("999900001111", False)):
        condition = {"StringEquals": {"aws:SourceAccount": account}}
        allow = {**OPEN, "Principal": {"Service": "lambda.amazonaws.com"}, "Condition": condition}
        assert inside(partner, allow, judged_by=trust(OUR_OWN)).service is gets_in, account


def test_a_service_that_does_not_say_for_whom_is_left_to_the_policies() -> None:
    assert inside([], {**OPEN, "Principal": {"Service": "lambda.amazonaws.com"}}).service


def test_self_is_the_organization_itself() -> None:
    assert resource_control_policy(trust({"organization": "self"}), OURS).document == (
        resource_control_policy(trust(), OURS).document
    )


def test_an_approval_that_has_expired_is_left_out_and_one_that_will_is_told() -> None:
    register = trust(
        {"account": PARTNER, "expires": "2026-11-24"},
        {"account": "333344445555", "access": "ADMIN", "expires": "2027-03-31"},
        {"account": "444455556666", "access": "ADMIN", "expires": "2027-01-31"},
    )
    guardrail = resource_control_policy(register, OURS)
    assert PARTNER not in guardrail.minified
    assert "333344445555" in guardrail.minified
    assert guardrail.notes == (
        sentence("guardrails.expired_entry_trusts"),
        sentence("guardrails.policy_does_not_expire"),
    )


def test_what_it_leaves_to_the_policies_is_told() -> None:
    register = trust({"account": PARTNER}, {"organization": THEIRS, "access": "ADMIN"})
    (note,) = resource_control_policy(register, OURS).notes
    assert note.startswith(sentence("guardrails.entries_limited_access"))
    (alone,) = resource_control_policy(trust({"account": PARTNER}), OURS).notes
    assert alone.startswith("1 of 1 entry is limited to")


def test_several_expired_approvals_are_counted() -> None:
    register = trust(
        {"account": PARTNER, "expires": "2026-11-24"}, {"account": "333344445555", "expires": "2026-11-24"}
    )
    assert resource_control_policy(register, OURS).notes == (sentence("guardrails.expired_entries_trust"),)


def test_a_register_that_does_not_fit_is_refused_with_a_way_out() -> None:
    many = [{"account": f"{number:012}"} for number in range(300)]
    with pytest.raises(InputError, match=re.escape(sentence("guardrails.characters_most_register"))):
        resource_control_policy(trust(*many), OURS)


def test_150_accounts_fit() -> None:
    many = [{"account": f"{number:012}"} for number in range(150)]
    assert len(resource_control_policy(trust(*many), OURS).minified) <= LARGEST


def test_it_is_readable_where_that_fits_and_short_where_not() -> None:
    few = resource_control_policy(trust({"account": PARTNER}), OURS)
    assert few.readable is not None
    assert json.loads(few.readable) == json.loads(few.minified)
    many = resource_control_policy(trust(*({"account": f"{number:012}"} for number in range(120))), OURS)
    assert many.readable is None
    assert len(many.minified) <= LARGEST


GOOD = {"Sid": "A", "Effect": "Deny", "Principal": "*", "Action": "ecr:*", "Resource": "*"}


@pytest.mark.parametrize(
    "statement, problem",
    [
        pytest.param({**GOOD, "Effect": "Allow"}, "does not deny", id="it allows"),
        pytest.param({**GOOD, "Principal": {"AWS": "*"}}, sentence("guardrails.names_principal_other"), id="principal"),
        pytest.param({**GOOD, "Action": ["*"]}, "has an action, `*`, without its service", id="an action"),
        pytest.param({**GOOD, "NotAction": "ecr:*"}, "has `NotAction`, which", id="an element"),
        pytest.param({**GOOD, "Sid": "a b"}, sentence("guardrails.no_sid_letters_digits"), id="a Sid"),
        pytest.param(
            {name: GOOD[name] for name in GOOD if name != "Resource"}, "has no Resource", id="without a resource"
        ),
        pytest.param({**GOOD, "Condition": {"StringIs": {"a": "b"}}}, "StringIs", id="what no policy may have"),
    ],
)
def test_what_organizations_would_refuse_is_refused_here(statement: dict[str, object], problem: str) -> None:
    found = list(problems_of(PolicyType.RCP, json.dumps({"Version": "2012-10-17", "Statement": [statement]})))
    assert any(problem in one for one in found), found
    assert list(problems_of(PolicyType.RCP, json.dumps({"Version": "2012-10-17", "Statement": [GOOD]}))) == []
