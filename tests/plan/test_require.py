"""`require`: results other than the cases in `tests/cases/plans/required.json`."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ecr_crossaccount import Action, Compliance, Hole, Holed, Origin, Plan, Repository, Required, Trust, judge, plan
from ecr_crossaccount.judgement.values.actions import NAMES

from tests.judgement.policies import OWNER, account, allow, deny, policy, trusting
from tests.wording import sentence

MINE, THEIRS = "o-a1b2c3d4e5", "o-f6g7h8i9j0"
OURS = Repository(OWNER, "team/base", organization=MINE)
PARTNER, STRANGER = "222233334444", "333344445555"
CALLERS = {"Bool": {"aws:PrincipalIsAWSService": "false"}}
PERIMETER: dict[str, Any] = {
    "Sid": "Perimeter",
    **deny({"AWS": "*"}, "*", {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": MINE}, **CALLERS}),
}


def put(
    before: object,
    *statements: dict[str, Any],
    trust: Trust | None = None,
    repository: Repository = OURS,
    origin: Origin = Origin.PROPOSED,
    cut_trusted: bool = False,
) -> Plan:
    required = Required.parse(list(statements) or [PERIMETER])
    about = (repository, trust or trusting(), "require", origin)
    return plan(before, *about, required=required, cut_trusted=cut_trusted)


def test_the_strategy_and_the_statements_go_together() -> None:
    with pytest.raises(ValueError, match="require"):
        plan(None, OURS, trusting(), "require")
    with pytest.raises(ValueError, match="require"):
        plan(None, OURS, trusting(), "narrow", required=Required.parse([PERIMETER]))


def test_other_statements_stay_byte_for_byte() -> None:
    odd = {"Action": ["ecr:batchgetimage"], "Principal": {"AWS": PARTNER}, "Effect": "Allow", "Sid": "odd one"}
    found = put({"Id": "mine", "Statement": odd, "Version": "2012-10-17"})
    assert json.dumps(found.policy) == json.dumps(
        {"Id": "mine", "Statement": [odd, PERIMETER], "Version": "2012-10-17"}
    )
    assert found.became == ((odd,),)


def test_what_is_left_is_judged_as_the_policy_is() -> None:
    found = put(policy(allow("*")))
    assert found.after == judge(found.policy, OURS, trusting())
    assert found.to_json()["after"] == found.after.to_json()
    assert "after" not in plan(policy(allow("*")), OURS, trusting()).to_json()


def test_planning_twice_changes_nothing() -> None:
    found = put(policy(allow("*")))
    again = put(found.policy)
    assert (again.action, again.policy, again.after) == (Action.NONE, found.policy, found.after)


def test_what_ecr_has_stored_may_name_a_root_by_its_arn() -> None:
    excepted = {"AWS": [f"arn:aws:iam::{PARTNER}:root"]}
    stored = {**PERIMETER, "Principal": excepted}
    found = put(policy(stored), PERIMETER)
    assert found.action is Action.SET, "a Deny of one account is not that of everybody"


def test_narrow_goes_on_where_require_ends() -> None:
    found = put(policy(allow("*")))
    after = plan(found.policy, OURS, trusting({"organization": "self"}))
    assert after.policy is not None
    assert after.policy["Statement"][-1] == PERIMETER  # type: ignore[index] # a list
    assert judge(after.policy, OURS, trusting({"organization": "self"})).compliance is Compliance.COMPLIANT


# --- the texts about it ---


def said(found: Plan) -> list[tuple[int | None, str, str]]:
    return [(change.statement, change.change, change.reason) for change in found.changes]


ADDED = (
    None,
    "required statement `Perimeter` added",
    sentence("require.organization_requires_every"),
)


def test_each_statement_says_by_its_own_conditions_what_no_longer_gets_in() -> None:
    tagged = allow(account(STRANGER), condition={"StringEquals": {"aws:PrincipalTag/team": "a"}})
    near = allow(account(PARTNER), condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})
    lost = sentence("losses.required_statement_perimeter")
    lost += "ecr:BatchGetImage, with aws:PrincipalIsAWSService false, %s, without aws:PrincipalOrgID"
    taken = "READ removed from account %s, where `Perimeter` applies"
    assert said(put(policy(tagged, near))) == [
        (0, taken % STRANGER, lost % (STRANGER, "aws:PrincipalTag/team a")),
        (1, taken % PARTNER, lost % (PARTNER, "aws:SourceIp 203.0.113.0")),
        ADDED,
    ]


def test_an_allow_whose_place_is_taken_says_who_loses_it() -> None:
    lost = sentence("losses.required_statement_perimeter_takes")
    assert said(put(policy({**allow(account(STRANGER)), "Sid": "Perimeter"}))) == [
        (0, f"READ removed from account {STRANGER}", f"{lost % STRANGER}ecr:BatchGetImage"),
        (
            0,
            "required statement `Perimeter` replaces another statement",
            sentence("require.organization_requires_another"),
        ),
    ]


def test_an_action_that_is_not_known_yet_may_be_one_that_is_denied() -> None:
    [lost, added] = said(put(policy(allow(account(STRANGER), Holed(("ecr:", Hole("Action")))))))
    assert lost[:2] == (0, f"READ, WRITE, ADMIN removed from account {STRANGER}, where `Perimeter` applies")
    assert added == ADDED


# --- refusals ---


@pytest.mark.parametrize(
    "before",
    [Hole("Policy"), policy(Hole("Statement")), policy({**allow("*"), "Sid": Holed(("Per", Hole("Rest")))})],
)
def test_what_is_not_known_yet_may_have_it_already(before: object) -> None:
    found = put(before)
    assert found.action is Action.NONE
    assert "is not known yet" in str(found.refused)


def test_what_is_invalid_is_named_with_its_place() -> None:
    assert str(put(policy({"Effect": "Allow", "Principal": "*"})).refused).startswith(
        sentence("require.nothing_put_policy")
    )


def test_a_deny_that_is_not_known_yet_does_not_give_way() -> None:
    for unknown in ({"Action": Holed(("ecr:", Hole("Action")))}, {"Condition": Hole("Condition")}):
        found = put(policy(allow("*"), {**PERIMETER, **unknown}))
        assert sentence("require.statement_would_replaced") in str(found.refused)


def test_what_would_be_too_long_is_refused() -> None:
    long = {**PERIMETER, "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": [f"o-{n:010}" for n in range(900)]}}}
    assert "more than the 10,240 that ECR keeps" in str(put(policy(allow("*")), long, cut_trusted=True).refused)


def test_a_policy_that_ecr_just_keeps_is_planned() -> None:
    def found(length: int) -> Plan:
        return put(policy(allow(account(PARTNER))) | {"Id": "x" * length}, cut_trusted=True)

    room = 10_241 - len(str(found(1).text))
    assert len(str(found(room).text)) == 10_240
    assert found(room + 1).action is Action.NONE


def test_an_organization_of_another_partition_is_no_matter_but_a_principal_is() -> None:
    found = put(policy(allow("*")), repository=Repository(OWNER, partition="aws-cn", organization=MINE))
    assert found.action is Action.SET


def test_a_resource_that_ecr_has_stored_is_left_out_as_in_every_plan() -> None:
    stored = {**allow(account(STRANGER)), "Resource": "*"}
    found = put(policy(stored), origin=Origin.DEPLOYED)
    assert found.policy == policy(allow(account(STRANGER)), PERIMETER)
    assert [change.change for change in found.changes] == [
        "READ removed from account 333344445555, where `Perimeter` applies",
        "Resource removed",
        "required statement `Perimeter` added",
    ]


def test_a_lock_out_that_was_there_before_is_not_of_this_plan() -> None:
    locked = policy(deny("*", "ecr:SetRepositoryPolicy"))
    assert put(locked).action is Action.SET
    assert put(policy(), {"Sid": "Lock", **deny("*", "ecr:SetRepositoryPolicy")}, cut_trusted=True).refused


def test_whether_the_owner_is_locked_out_must_be_certain() -> None:
    doubtful = {"Sid": "Doubt", **deny("*", "ecr:DeleteRepositoryPolicy", {"StringEquals": {"aws:Unheard": "x"}})}
    assert "it is not certain" in str(put(policy(), doubtful, cut_trusted=True).refused)


def test_an_administrator_who_is_excepted_is_enough() -> None:
    spared = {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{OWNER}:role/admin"}}
    found = put(policy(), {"Sid": "Admins", **deny("*", "ecr:*", spared)}, cut_trusted=True)
    assert found.action is Action.SET
    (owner, _) = found.changes
    assert owner.change == sentence("require.inside_access_removed", owner=OWNER)
    assert owner.reason.startswith(sentence("losses.arn_aws_iam", owner=OWNER))


# --- shut out principals ---


def shut_out(
    condition: object, *entries: dict[str, Any], before: object = None, action: str = "ecr:BatchGetImage"
) -> str:
    """Return why a Deny with a condition is refused."""
    required = {"Sid": "Perimeter", **deny("*", action, condition)}
    return str(put(before or policy(allow("*", "ecr:*")), required, trust=trusting(*entries)).refused)


NOT_OWNER = {"StringNotEquals": {"aws:PrincipalAccount": OWNER}, **CALLERS}
NO_SERVICE = {"Bool": {"aws:PrincipalIsAWSService": "true"}, "StringNotEqualsIfExists": {"aws:SourceAccount": OWNER}}


@pytest.mark.parametrize(
    "condition, entry, who",
    [
        (NOT_OWNER, {"account": PARTNER}, f"account {PARTNER} (READ, "),
        (NOT_OWNER, {"organization": THEIRS}, f"organization {THEIRS} (READ, "),
        (NOT_OWNER, {"organization_path": f"{MINE}/r-ab12/*"}, f"organization path {MINE}/r-ab12/* (READ, "),
        (NOT_OWNER, {"vpc": "vpc-0a1b2c3d4e5f60718"}, "VPC vpc-0a1b2c3d4e5f60718 (READ, "),
        (NOT_OWNER, {"vpc_endpoint": "vpce-0a1b2c3d4e5f60718"}, "VPC endpoint vpce-0a1b2c3d4e5f60718 (READ, "),
        (NO_SERVICE, {"service": "codebuild.amazonaws.com"}, "service codebuild.amazonaws.com (READ, "),
        (NO_SERVICE, {"account": PARTNER}, f"any AWS service for {PARTNER} (READ, "),
        (NO_SERVICE, {"organization": THEIRS}, f"services acting for organization {THEIRS} (READ, "),
        (NO_SERVICE, {"organization_path": f"{THEIRS}/r-ab12/*"}, f"services acting for organization path {THEIRS}"),
    ],
)
def test_whom_trust_covers_is_named(condition: object, entry: dict[str, Any], who: str) -> None:
    assert f": {who}" in shut_out(condition, entry)


BUT_SERVICES = {"Bool": {"aws:PrincipalIsAWSService": "true"}}
VPC, OTHER_VPC = "vpc-0a1b2c3d4e5f60718", "vpc-1a1b2c3d4e5f60718"
PATH, OTHER_PATH = f"{THEIRS}/r-ab12/ou-ab12-11111111/*", f"{THEIRS}/r-ab12/ou-ab12-22222222/*"


@pytest.mark.parametrize(
    "spared, entries, cut",
    [
        ({"StringNotEquals": {"aws:SourceVpc": VPC}, **CALLERS}, [{"vpc": VPC}, {"vpc": OTHER_VPC}], OTHER_VPC),
        (
            {"StringNotEquals": {"aws:SourceVpce": f"vpce-{VPC[4:]}"}, **CALLERS},
            [{"vpc_endpoint": f"vpce-{VPC[4:]}"}, {"vpc_endpoint": f"vpce-{OTHER_VPC[4:]}"}],
            f"vpce-{OTHER_VPC[4:]}",
        ),
        (
            {**BUT_SERVICES, "ForAllValues:StringNotLike": {"aws:SourceOrgPaths": PATH}},
            [{"organization_path": PATH}, {"organization_path": OTHER_PATH}],
            OTHER_PATH,
        ),
    ],
)
def test_only_those_of_a_kind_are_named_whom_the_deny_does_not_spare(
    spared: dict[str, Any], entries: list[dict[str, Any]], cut: str
) -> None:
    told = shut_out(spared, *entries)
    assert cut in told
    assert not any(str(*entry.values()) in told for entry in entries if str(*entry.values()) != cut)


def test_a_deny_that_is_not_known_and_stays_is_no_reason_to_refuse() -> None:
    stays = {"Sid": "Stays", **deny("*", Holed(("ecr:", Hole("What"))))}
    named = {**NOT_OWNER, "StringNotEquals": {"aws:PrincipalAccount": [OWNER, PARTNER]}}
    replaced = {"Sid": "Perimeter", **deny("*", "ecr:PutImage", named)}
    assert shut_out(NOT_OWNER, before=policy(stays, replaced), action="ecr:PutImage") == "None"


def test_what_is_beyond_trust_may_be_taken() -> None:
    assert shut_out(NOT_OWNER, {"account": PARTNER}, action="ecr:PutImage") == "None"
    assert f"account {PARTNER} (WRITE, " in shut_out(
        NOT_OWNER, {"account": PARTNER, "access": "WRITE"}, action="ecr:PutImage"
    )


@pytest.mark.parametrize("action", [*NAMES, "NobodyKnowsThisOne"])
def test_every_action_is_one_that_can_be_lost(action: str) -> None:
    before = policy(allow(account(PARTNER), f"ecr:{action}"))
    found = shut_out(NOT_OWNER, {"account": PARTNER, "access": "ADMIN"}, before=before, action="ecr:*")
    assert f": account {PARTNER} (" in found


def test_who_could_not_get_in_before_loses_nothing() -> None:
    named = policy(allow(account(STRANGER)))
    assert shut_out(NOT_OWNER, {"account": PARTNER}, before=named) == "None"
    assert (
        shut_out(
            NO_SERVICE, {"service": "codebuild.amazonaws.com"}, before=policy(allow({"Service": "a.amazonaws.com"}))
        )
        == "None"
    )


@pytest.mark.parametrize(
    "whom",
    [
        {"Principal": "*"},
        {"Principal": {"AWS": "*"}},
        {"NotPrincipal": {"AWS": STRANGER}},
        {"Principal": {"Service": ["a.amazonaws.com", "codebuild.amazonaws.com"]}},
        {"Principal": {"Service": Hole("Service")}},
    ],
)
def test_a_trusted_service_is_named_however_it_was_allowed(whom: dict[str, Any]) -> None:
    before = policy({"Effect": "Allow", "Action": "ecr:BatchGetImage", **whom})
    assert ": service codebuild.amazonaws.com (READ, " in shut_out(
        NO_SERVICE, {"service": "codebuild.amazonaws.com"}, before=before
    )


def test_an_entry_for_other_repositories_covers_nobody_here() -> None:
    assert shut_out(NOT_OWNER, {"account": PARTNER, "repositories": ["other/*"]}) == "None"


def test_what_cannot_be_determined_counts_as_shut_out() -> None:
    doubt = {"StringEquals": {"aws:Unheard": "x"}, **NOT_OWNER}
    found = shut_out(doubt, {"account": PARTNER}, {"organization": THEIRS})
    assert sentence("losses.account_read_whether", partner=PARTNER) in found
    assert sentence("losses.organization_read_whether", theirs=THEIRS) in found
    two = shut_out(doubt, {"account": PARTNER}, {"account": STRANGER})
    assert "some of 2 trusted accounts (READ, whether" in two


def test_the_owner_is_named_where_that_cannot_be_determined() -> None:
    found = shut_out({"StringEquals": {"aws:Unheard": "x"}}, before=policy(allow(account(OWNER))))
    assert sentence("losses.owner_account_whether", owner=OWNER) in found


def test_many_trusted_accounts_are_not_all_named() -> None:
    found = shut_out(NOT_OWNER, *({"account": f"{number:012}"} for number in range(1, 500)))
    assert "account 000000000001 (READ, " in found
    assert "and 196 more" in found


@pytest.mark.parametrize("last", [1, 199, 200, 201, 400, 401, 499])
def test_one_trusted_account_of_many_that_loses_it_is_found(last: int) -> None:
    trusted = ({"account": f"{number:012}"} for number in range(1, 500))
    found = shut_out(NOT_OWNER, *trusted, before=policy(allow(account(f"{last:012}"))))
    assert f": account {last:012} (READ, " in found


def test_an_allow_that_gives_way_may_have_an_action_that_is_not_known_yet() -> None:
    for action in (Holed(("ecr:", Hole("Action"))), Holed(("ecr:Get", Hole("Action")))):
        before = policy({"Sid": "Perimeter", **allow(account(PARTNER), action)})
        assert f": account {PARTNER} (READ, " in shut_out(NOT_OWNER, {"account": PARTNER}, before=before)


@pytest.mark.parametrize("access, lost", [("READ", "READ"), ("WRITE", "READ, WRITE"), ("ADMIN", "READ, WRITE, ADMIN")])
def test_an_action_that_is_not_known_yet_may_be_each_that_trust_covers(access: str, lost: str) -> None:
    before = policy(allow(account(PARTNER), Holed(("ecr:", Hole("Action")))))
    found = shut_out(NOT_OWNER, {"account": PARTNER, "access": access}, before=before, action="ecr:*")
    assert f": account {PARTNER} ({lost}, " in found


@pytest.mark.parametrize(
    "operator, key, value",
    [
        ("StringEquals", "aws:SourceVpc", "vpc-0a1b2c3d4e5f60718"),
        ("StringEquals", "aws:SourceVpce", "vpce-0a1b2c3d4e5f60718"),
        ("IpAddress", "aws:SourceIp", "203.0.113.0/32"),
        ("StringEquals", "aws:PrincipalOrgID", MINE),
        ("ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{OWNER}:user/*"),
    ],
)
def test_what_tells_a_refused_request_of_the_owner_is_shown(operator: str, key: str, value: str) -> None:
    vpc = {"StringEquals": {"aws:SourceVpc": "vpc-0a1b2c3d4e5f60718"}} if key == "aws:PrincipalOrgID" else {}
    both = {**vpc, operator: {**vpc.get(operator, {}), key: value}}
    found = str(put(policy(), {"Sid": "P", **deny("*", "ecr:BatchGetImage", both)}).refused)
    shown = [f"{key} {value.partition('/')[0]}"] if key != "aws:PrincipalArn" else []
    assert f"the owner account {OWNER} (" in found
    assert sentence("losses.may_no_longer_call", owner=OWNER) in found
    assert [one for one in shown if one not in found] == []


@pytest.mark.parametrize(
    "principal, condition, whom",
    [
        (account(STRANGER), {}, f"account {STRANGER}"),
        ("*", {"StringEquals": {"aws:PrincipalOrgID": THEIRS}}, f"organization {THEIRS}"),
        ({"AWS": "*"}, {}, "any AWS account"),
        ({"Service": "lambda.amazonaws.com"}, {}, "lambda.amazonaws.com for any account"),
    ],
)
def test_who_loses_it_is_told_by_what_it_is(principal: object, condition: dict[str, Any], whom: str) -> None:
    closed = {"Sid": "P", **deny("*", "ecr:BatchGetImage")}
    found = put(policy(allow(principal, condition=condition)), closed, cut_trusted=True)
    assert found.changes[0].change == f"READ removed from {whom}, where `P` applies"


@pytest.mark.parametrize(
    "key, shown", [("aws:PrincipalTag/team", "aws:principaltag/team"), ("AWS:REFERER", "aws:referer")]
)
def test_a_key_that_is_not_sent_is_named_even_if_no_row_has_its_name(key: str, shown: str) -> None:
    untagged = {"Sid": "P", **deny("*", "ecr:*", {"Null": {key: "true"}, **NOT_OWNER})}
    (lost, _) = put(policy(allow(account(STRANGER))), untagged).changes
    assert lost.reason.endswith(f"without {shown}")


def test_every_change_names_the_statement_that_it_is_about() -> None:
    stored = policy(
        {"Sid": "Both", **allow(account(STRANGER, "AROAEXAMPLEID0000001")), "Resource": "*"},
        {"Sid": "Unclear", **allow("*", condition={"StringEquals": {"aws:Unheard": "x"}})},
        {**allow(account("AIDAEXAMPLEID0000001"), "ecr:ListImages")},
        {**PERIMETER, "Action": "ecr:PutImage"},
    )
    found = put(stored, PERIMETER, {"Sid": "More", **deny("*", "ecr:PutImage", NOT_OWNER)}, origin=Origin.DEPLOYED)
    assert [(one.statement, one.sid, one.change.partition(" ")[0]) for one in found.changes] == [
        (0, "Both", "READ"), (0, "Both", "`AROAEXAMPLEID0000001`"), (0, "Both", "Resource"),
        (1, "Unclear", "what"),
        (2, None, "`AIDAEXAMPLEID0000001`"),
        (3, "Perimeter", "required"),
        (None, "More", "required"),
    ]  # fmt: skip


def test_services_that_act_for_the_owner_are_inside() -> None:
    no_service = {"Bool": {"aws:PrincipalIsAWSService": "true"}}
    found = shut_out(no_service, before=policy(allow("*"), allow({"Service": "codebuild.amazonaws.com"})))
    assert sentence("losses.codebuild_amazonaws_com") in found
    assert sentence("losses.lambda_amazonaws_com") in found
    doubt = shut_out(
        {"StringEquals": {"aws:Unheard": "x"}, **no_service}, before=policy(allow({"Service": "a.amazonaws.com"}))
    )
    assert sentence("losses.amazonaws_com_acting") in doubt


@pytest.mark.parametrize(
    "whom, service",
    [
        ({"Principal": "*"}, "lambda"),
        ({"Principal": {"AWS": "*"}}, "lambda"),
        ({"NotPrincipal": {"AWS": STRANGER}}, "lambda"),
        ({"Principal": {"Service": "codebuild.amazonaws.com"}}, "codebuild"),
        ({"Principal": {"AWS": OWNER}}, None),
    ],
)
def test_which_service_of_the_owner_stands_for_those_of_an_allow(whom: dict[str, Any], service: str | None) -> None:
    before = policy({"Effect": "Allow", "Action": "ecr:BatchGetImage", **whom})
    found = shut_out({"Bool": {"aws:PrincipalIsAWSService": "true"}}, before=before)
    assert (sentence("losses.acting_owner_account") in found) is (service is not None)
    assert service is None or sentence("losses.amazonaws_com_acting_owner", service=service) in found


def test_a_service_that_was_only_denied_loses_nothing() -> None:
    denied = deny({"Service": "codebuild.amazonaws.com"}, "ecr:PutImage")
    before = policy(allow(account(STRANGER)), denied, deny("*", "ecr:DeleteRepository"))
    assert shut_out({"Bool": {"aws:PrincipalIsAWSService": "true"}}, before=before) == "None"


def test_the_owner_is_not_counted_among_the_accounts_that_are_trusted() -> None:
    doubt = {"StringEquals": {"aws:Unheard": "x"}, **NOT_OWNER}
    assert f": account {PARTNER} (READ, " in shut_out(doubt, {"account": PARTNER}, {"account": OWNER})


def test_an_allow_that_shares_no_action_loses_nothing() -> None:
    found = put(policy(allow(account(STRANGER))), {"Sid": "NoPush", **deny("*", "ecr:PutImage", NOT_OWNER)})
    assert [change.statement for change in found.changes] == [None]
    unknown = put(
        policy(allow("*", Holed(("ecr:", Hole("Action"))))), {"Sid": "NoPush", **deny("*", "ecr:PutImage", NOT_OWNER)}
    )
    assert unknown.action is Action.SET


def test_everybody_who_is_shut_out_is_told_in_the_same_order() -> None:
    trusted = trusting(
        {"service": "lambda.amazonaws.com"},
        {"vpc_endpoint": "vpce-2"},
        {"vpc_endpoint": "vpce-1"},
        {"vpc": "vpc-2"},
        {"vpc": "vpc-1"},
        {"organization_path": f"{THEIRS}/r-ab12/*"},
        {"organization_path": "o-c2c3d4e5f6/r-ab12/*"},
        {"organization": THEIRS},
        {"organization": "o-b2c3d4e5f6", "access": "WRITE"},
        {"account": STRANGER, "access": "WRITE"},
        {"account": PARTNER},
        {"service": "codebuild.amazonaws.com"},
    )
    closed = {"Sid": "P", **deny("*", "*", {"StringNotEquals": {"aws:PrincipalAccount": OWNER}})}
    before = policy(allow("*", ["ecr:BatchGetImage", "ecr:PutImage"]))
    found = put(before, closed, trust=trusted, cut_trusted=True)
    assert found.shut_out == (
        f"account {PARTNER} (READ)",
        f"account {STRANGER} (READ, WRITE)",
        f"any AWS service for {PARTNER} (READ)",
        "organization o-b2c3d4e5f6 (READ, WRITE)",
        "services acting for organization o-b2c3d4e5f6 (READ, WRITE)",
        f"organization {THEIRS} (READ)",
        f"services acting for organization {THEIRS} (READ)",
        f"organization path {THEIRS}/r-ab12/* (READ)",
        f"services acting for organization path {THEIRS}/r-ab12/* (READ)",
        "organization path o-c2c3d4e5f6/r-ab12/* (READ)",
        "services acting for organization path o-c2c3d4e5f6/r-ab12/* (READ)",
        "VPC vpc-1 (READ)",
        "VPC vpc-2 (READ)",
        "VPC endpoint vpce-1 (READ)",
        "VPC endpoint vpce-2 (READ)",
        "service codebuild.amazonaws.com (READ)",
        "service lambda.amazonaws.com (READ)",
        f"any AWS service for {STRANGER} (WRITE)",
        sentence("losses.lambda_amazonaws_com_acting"),
    )
    shut_out_by = [change.change.removeprefix("inside access removed from ") for change in found.changes]
    assert shut_out_by[2:-1] == [one.partition(" (")[0] for one in found.shut_out]
    assert put(before, closed, trust=trusted).shut_out == ()


@pytest.mark.parametrize("version", ["2012-10-17", "2008-10-17", None])
def test_a_policy_of_any_version_takes_a_statement_without_variables(version: str | None) -> None:
    before = {"Version": version, "Statement": [allow(account(PARTNER))]}
    document = {key: value for key, value in before.items() if value is not None}
    found = put(document, {"Sid": "P", **deny("*", "ecr:PutImage", NOT_OWNER)})
    assert found.action is Action.SET
    assert found.policy is not None
    assert {**found.policy, "Statement": 0} == {**document, "Statement": 0}


def test_of_two_trusted_services_only_the_one_that_is_denied_is_shut_out() -> None:
    kept, lost = "codebuild.amazonaws.com", "lambda.amazonaws.com"
    before = policy(allow({"Service": [kept, lost]}), allow("*", "ecr:ListImages"))
    denied = {"Sid": "P", **deny("*", "ecr:*", {"StringEquals": {"aws:PrincipalServiceName": lost}})}
    found = put(before, denied, trust=trusting({"service": kept}, {"service": lost}), cut_trusted=True)
    assert [one for one in found.shut_out if one.startswith("service ")] == [f"service {lost} (READ)"]
