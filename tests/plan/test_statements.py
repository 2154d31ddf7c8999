"""The statements of a plan: repeated ones, joined ones, and their Sids."""

from __future__ import annotations

from typing import Any

import pytest
from ecr_crossaccount import Action, Hole, Holed, Plan, Repository, Trust, plan

from tests.judgement.policies import OWNER, account, allow, deny, policy, trusting
from tests.wording import sentence

A, B, STRANGER = "222233334444", "333344445555", "444455556666"
ORG = "o-a1b2c3d4e5"
OURS = Repository(OWNER)
PEOPLE = {"Bool": {"aws:PrincipalIsAWSService": "false"}}
READERS = trusting({"account": A}, {"account": B})


def planned(*statements: object, trust: Trust = READERS, repository: Repository = OURS) -> Plan:
    return plan(policy(*statements), repository, trust)


def left(*statements: object, trust: Trust = READERS, repository: Repository = OURS) -> list[Any]:
    """Return the statements that a plan leaves."""
    found = planned(*statements, trust=trust, repository=repository)
    assert found.action is Action.SET, found.refused
    assert found.policy is not None
    body: Any = found.policy["Statement"]
    return list(body)


def sids(*statements: object, trust: Trust = READERS, repository: Repository = OURS) -> list[object]:
    return [one.get("Sid") for one in left(*statements, trust=trust, repository=repository)]


def root(*numbers: str) -> list[str]:
    return [f"arn:aws:iam::{number}:root" for number in numbers]


# --- repeated statements ---


@pytest.mark.parametrize(
    "stays",
    [
        pytest.param(allow(account(A)), id="by number"),
        pytest.param(allow({"AWS": root(A)[0]}), id="by the ARN of its root"),
        pytest.param(allow(account(A), "ecr:BatchGet*"), id="more actions"),
        pytest.param(allow(account(A), condition={}), id="an empty Condition"),
        pytest.param(allow(account(A), condition=PEOPLE), id="on the same condition"),
    ],
)
def test_an_account_that_has_as_much_by_another_statement_is_not_named_again(stays: object) -> None:
    assert left(stays, allow("*", condition=PEOPLE)) == [stays, allow({"AWS": root(OWNER, B)}, condition=PEOPLE)]


@pytest.mark.parametrize(
    "stays",
    [
        pytest.param(allow(account(f"arn:aws:iam::{A}:role/ci")), id="a role of it"),
        pytest.param(allow(account(A), "ecr:ListImages"), id="another action"),
        pytest.param(allow(account(A), condition={"Bool": {"aws:SecureTransport": "true"}}), id="on another condition"),
        pytest.param(allow(account(A), condition={"BoolIfExists": PEOPLE["Bool"]}), id="by another operator"),
        pytest.param(allow({"Service": "lambda.amazonaws.com"}, condition={"StringEquals": {"aws:SourceAccount": A}}),
                     id="a service for it"),
        pytest.param(deny(account(A), "ecr:ListImages"), id="a Deny"),
        pytest.param(deny(account(A), "ecr:BatchGetImage", PEOPLE), id="a Deny of as much"),
    ],
)  # fmt: skip
def test_an_account_that_has_less_by_another_statement_is_named(stays: object) -> None:
    assert left(stays, allow("*", condition=PEOPLE)) == [stays, allow({"AWS": root(OWNER, A, B)}, condition=PEOPLE)]


def test_an_account_that_another_statement_leaves_out_is_named() -> None:
    """An Allow with NotPrincipal names the principals that it does not allow."""
    actions = ["ecr:BatchGetImage", "ecr:PutImage"]
    either = {"StringEquals": {"aws:PrincipalAccount": [OWNER, A]}, **PEOPLE}
    stays = {"Effect": "Allow", "NotPrincipal": account(A), "Action": actions, "Condition": either}
    assert left(stays, allow(account(A), actions, either)) == [stays, allow(account(A), "ecr:BatchGetImage", either)]


def test_several_statements_may_give_as_much_together() -> None:
    both = (allow(account(A)), allow(account(A), "ecr:ListImages"))
    found = left(*both, allow("*", ["ecr:ListImages", "ecr:BatchGetImage"], PEOPLE))
    assert found[2]["Principal"] == {"AWS": root(OWNER, B)}


def test_all_actions_but_some_are_as_much_as_another() -> None:
    trust = trusting({"account": A, "access": "ADMIN"}, {"account": B})
    stays = {"Effect": "Allow", "Principal": account(A), "NotAction": "ecr:PutImage"}
    assert left(stays, allow("*", condition=PEOPLE), trust=trust) == [
        stays,
        allow({"AWS": root(OWNER, B)}, condition=PEOPLE),
    ]


def test_more_values_of_a_condition_let_in_as_much() -> None:
    wide = allow("*", condition={"StringEquals": {"aws:PrincipalOrgID": ["o-z9y8x7w6v5", ORG]}})
    narrow = allow("*", condition={"StringEqualsIfExists": {"aws:PrincipalOrgID": ORG}, **PEOPLE})
    trust = trusting({"organization": ORG}, {"organization": "o-z9y8x7w6v5"})
    (first, second) = left(wide, narrow, trust=trust)
    assert first == wide
    assert second["Principal"] == {"AWS": root(OWNER)}, "for the organization has it by the first one"


@pytest.mark.parametrize(
    "operator, is_as_much",
    [("StringEquals", True), ("StringLike", True), ("ArnEquals", True), ("ArnLike", True), ("BinaryEquals", False)],
)
def test_more_values_let_in_as_much_where_an_operator_is_known_for_it(operator: str, is_as_much: bool) -> None:  # noqa: FBT001
    stays = allow(account(OWNER), condition={operator: {"aws:PrincipalTag/team": ["YQ==", "Yg=="]}})
    found = left(stays, allow("*", condition={operator: {"aws:PrincipalTag/team": "YQ=="}}))
    assert found[1]["Principal"] == {"AWS": root(*([] if is_as_much else [OWNER]), A, B)}


def test_no_value_at_all_says_nothing_of_another_condition() -> None:
    """What an empty list matches is not documented."""
    stays = allow(account(OWNER), condition={"StringEquals": {"aws:PrincipalTag/team": ["x"]}})
    found = left(stays, allow("*", condition={"StringEquals": {"aws:PrincipalTag/team": []}}))
    assert found[1]["Principal"] == {"AWS": root(OWNER, A, B)}


def test_more_values_of_a_negated_condition_do_not() -> None:
    stays = allow(account(OWNER), condition={"StringNotEquals": {"aws:username": ["x", "y"]}})
    found = left(stays, allow("*", condition={"StringNotEquals": {"aws:username": "x"}, **PEOPLE}))
    assert found[1]["Principal"] == {"AWS": root(OWNER, A, B)}


def test_everybody_gives_as_much_to_each() -> None:
    """A statement that gives no one outside access stays, and includes everything in the other one."""
    stays = allow("*", ["ecr:BatchGetImage", "ecr:ListImages"], {"StringEquals": {"aws:PrincipalOrgID": ORG}})
    open_to_all = allow({"AWS": "*"}, condition={"StringEqualsIfExists": {"aws:PrincipalOrgID": ORG}, **PEOPLE})
    repository = Repository(OWNER, organization=ORG)
    found = planned(stays, open_to_all, trust=trusting({"organization": ORG}), repository=repository)
    assert found.policy == policy(stays)
    assert found.changes[-1].change == "statement removed"
    assert found.changes[-1].reason == sentence("reasons.other_statements_policy")


def test_a_condition_that_is_not_known_yet_says_nothing_of_another() -> None:
    unknown = {"StringEquals": Hole("C")}
    stays = allow(account(OWNER), condition=unknown)
    found = left(stays, allow("*", condition=PEOPLE))
    assert found[1]["Principal"] == {"AWS": root(OWNER, A, B)}
    assert left(allow(account(OWNER), condition=Hole("C")), allow("*", condition=PEOPLE))[1] == found[1]


def test_an_unknown_element_of_the_other_statement_says_something_of_its_own() -> None:
    elsewhere = {**allow(account(OWNER)), "Resource": "*"}
    found = plan(policy(elsewhere, allow("*", condition=PEOPLE)), OURS, READERS)
    assert found.invalid, "a Resource is none of a repository's policy, and is never a reason to leave someone out"


def test_of_two_that_say_the_same_the_first_one_stays() -> None:
    found = left({"Sid": "One", **allow("*")}, {"Sid": "Two", **allow("*")})
    assert found == [{"Sid": "One", **allow({"AWS": root(OWNER, A, B)})}]


def test_a_service_that_another_statement_lets_in_is_not_named_again() -> None:
    trust = trusting({"service": "lambda.amazonaws.com"}, {"service": "codebuild.amazonaws.com"})
    stays = allow({"Service": "lambda.amazonaws.com"})
    every = allow({"Service": ["lambda.amazonaws.com", "codebuild.amazonaws.com", "events.amazonaws.com"]})
    found = left(stays, every, trust=trust)
    assert [one["Principal"] for one in found] == [
        {"Service": "lambda.amazonaws.com"},
        {"Service": ["codebuild.amazonaws.com"]},
        {"Service": ["events.amazonaws.com"]},
    ]


@pytest.mark.parametrize(
    "everybody, stays",
    [("*", "*"), ({"AWS": "*"}, {"AWS": "*"}), ({"AWS": ["*"]}, {"AWS": ["*"]}), (account(A, "*"), {"AWS": "*"})],
)
def test_everybody_stays_as_written(everybody: object, stays: object) -> None:
    trust = trusting({"organization": ORG, "access": "ADMIN"})
    found = left(allow(everybody), trust=trust, repository=Repository(OWNER, organization=ORG))
    assert found == [allow(stays, condition={"StringEquals": {"aws:PrincipalOrgID": ORG}})]


def test_of_what_two_give_to_one_account_one_stays() -> None:
    assert left(allow(account(A, STRANGER)), allow(account(A, B, STRANGER))) == [allow(account(A, B))]


# --- joined statements ---


def test_accounts_and_services_with_equal_actions_and_conditions_become_one() -> None:
    trust = trusting({"account": A}, {"service": "lambda.amazonaws.com"})
    assert left(allow("*"), trust=trust) == [
        allow({"AWS": root(OWNER, A), "Service": ["lambda.amazonaws.com"]}),
    ]


def test_a_condition_that_only_services_meet_keeps_them_apart() -> None:
    trust = trusting({"account": A}, {"service": "lambda.amazonaws.com"})
    found = left(allow("*", condition={"StringEqualsIfExists": {"aws:SourceAccount": OWNER}}), trust=trust)
    assert [one["Principal"] for one in found] == [
        {"AWS": root(OWNER, A)},
        {"Service": ["lambda.amazonaws.com"]},
        "*",
    ]


def test_actions_in_another_order_are_the_same() -> None:
    one = allow(account(A, STRANGER), ["ecr:BatchGetImage", "ecr:ListImages"])
    other = allow(account(B, STRANGER), ["ecr:ListImages", "ecr:BatchGetImage"])
    assert left(one, other) == [allow(account(A, B), ["ecr:BatchGetImage", "ecr:ListImages"])]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(allow(account(B, STRANGER), ["ecr:BatchGetImage", "ecr:ListImages"]), id="actions"),
        pytest.param(allow(account(B, STRANGER), condition=PEOPLE), id="conditions"),
        pytest.param({"Sid": "Theirs", **allow(account(B, STRANGER))}, id="a name"),
    ],
)
def test_statements_that_differ_in_more_than_principals_stay_apart(other: dict[str, Any]) -> None:
    assert left(allow(account(A, STRANGER)), other) == [allow(account(A)), {**other, "Principal": account(B)}]


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(allow(account(A, STRANGER), condition=PEOPLE), id="conditions"),
        pytest.param({"Sid": "Ours", **allow(account(A, STRANGER))}, id="a name"),
        pytest.param(allow(account(A, STRANGER), ["ecr:BatchGetImage", "ecr:ListImages"]), id="actions"),
    ],
)
def test_a_first_statement_that_says_more_stays_apart(first: dict[str, Any]) -> None:
    assert left(first, allow(account(B, STRANGER))) == [{**first, "Principal": account(A)}, allow(account(B))]


def test_an_action_list_and_its_opposite_stay_apart() -> None:
    trust = trusting({"account": A, "access": "ADMIN"}, {"account": B, "access": "ADMIN"})
    one = allow(account(A, STRANGER), "ecr:PutImage")
    other = {"Effect": "Allow", "Principal": account(B, STRANGER), "NotAction": "ecr:PutImage"}
    assert left(one, other, trust=trust) == [allow(account(A), "ecr:PutImage"), {**other, "Principal": account(B)}]


# --- Sids ---


def test_the_first_part_keeps_the_name_and_the_others_tell_what_they_are_for() -> None:
    assert sids({"Sid": "All", **allow("*", "ecr:*")}) == ["All", "PullFromAccounts"]


@pytest.mark.parametrize("sid", ["None", "null", "", "Twice"])
def test_a_name_that_tells_nothing_or_stands_twice_is_replaced(sid: str) -> None:
    second = {"Sid": "Twice", **allow(account(OWNER), "ecr:ListImages")}
    assert sids({"Sid": sid, **allow(account(A, STRANGER))}, second) == ["PullFromAccount222233334444", "Twice"]


def test_one_statement_without_a_name_gets_none() -> None:
    assert sids(allow(account(A, STRANGER))) == [None]


def test_a_name_that_is_not_known_yet_stays() -> None:
    found = left({"Sid": Hole("Name"), **allow("*", "ecr:*")})
    assert [one["Sid"] for one in found] == [Hole("Name"), "PullFromAccounts"]


@pytest.mark.parametrize("taken, number", [(0, ""), (1, "2"), (2, "3"), (3, "4")])
def test_a_name_that_is_taken_gets_a_number(taken: int, number: str) -> None:
    names = ["PullFromAccounts", "PullFromAccounts2", "PullFromAccounts3"][:taken]
    others = [{"Sid": sid, **allow(account(OWNER), "ecr:ListImages")} for sid in names]
    assert sids({"Sid": "All", **allow("*", "ecr:*")}, *others)[:2] == ["All", f"PullFromAccounts{number}"]


PUSH = ["ecr:BatchCheckLayerAvailability", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart"]


@pytest.mark.parametrize(
    "actions, purpose",
    [
        pytest.param("ecr:BatchGetImage", "Pull", id="manifests"),
        pytest.param("ecr:GetDownloadUrlForLayer", "Pull", id="layers"),
        pytest.param("ecr:DescribeImages", "Read", id="neither"),
        pytest.param("ecr:PutImage", "Push", id="push"),
        pytest.param("ecr:InitiateLayerUpload", "Push", id="begin to push a layer"),
        pytest.param("ecr:UploadLayerPart", "Push", id="push a part of a layer"),
        pytest.param("ecr:CompleteLayerUpload", "Push", id="end to push a layer"),
        pytest.param(PUSH, "Push", id="push, and ask for layers"),
        pytest.param("ecr:TagResource", "Write", id="write"),
        pytest.param(["ecr:BatchCheckLayerAvailability", "ecr:TagResource"], "ReadAndWrite", id="ask for layers alone"),
        pytest.param(["ecr:BatchGetImage", "ecr:PutImage"], "PullAndPush", id="both"),
        pytest.param(["ecr:ListImages", "ecr:PutImage"], "ReadAndPush", id="list and push"),
        pytest.param("ecr:*", "Manage", id="everything"),
        pytest.param("ecr:PutLifecyclePolicy", "Manage", id="settings"),
    ],
)
def test_a_name_tells_the_purpose(actions: object, purpose: str) -> None:
    trust = trusting({"organization": ORG, "access": "ADMIN"})
    assert sids(allow("*", actions, PEOPLE), trust=trust) == [f"{purpose}FromOrganization", f"{purpose}FromOwner"]


@pytest.mark.parametrize(
    "principal, trust, names",
    [
        pytest.param("*", {"organization_path": f"{ORG}/r-ab12/*"}, ["OrganizationPath", "Owner"], id="a path"),
        pytest.param("*", {"vpc": "vpc-0123456789abcdef0"}, ["Owner", "Vpc"], id="a VPC"),
        pytest.param("*", {"vpc_endpoint": "vpce-0123456789abcdef0"}, ["Owner", "VpcEndpoint"], id="an endpoint"),
        pytest.param(account(Hole("P")), {"account": A}, ["Accounts"], id="an account that is not known yet"),
    ],
)
def test_a_name_tells_whom_it_is_for(principal: object, trust: dict[str, Any], names: list[str]) -> None:
    found = sids({"Sid": "None", **allow(principal, condition=PEOPLE)}, trust=trusting(trust))
    assert found == [f"PullFrom{name}" for name in names]


def test_a_name_tells_accounts_and_services_together() -> None:
    trust = trusting({"account": A}, {"service": "lambda.amazonaws.com"})
    assert sids({"Sid": "None", **allow("*")}, trust=trust) == ["PullFromAccountsAndLambda"]


def test_several_organizations_are_many() -> None:
    trust = trusting({"organization": ORG}, {"organization": "o-z9y8x7w6v5"})
    assert sids(allow("*", condition=PEOPLE), trust=trust) == ["PullFromOrganizations", "PullFromOwner"]


@pytest.mark.parametrize(
    "services, name",
    [
        pytest.param("lambda.amazonaws.com", "Lambda", id="a service"),
        pytest.param("ecs-tasks.amazonaws.com", "EcsTasks", id="a name of two words"),
        pytest.param("replication.ecr.amazonaws.com.cn", "ReplicationEcr", id="China"),
        pytest.param(["lambda.amazonaws.com", "codebuild.amazonaws.com"], "Services", id="several"),
        pytest.param(Holed(("lambda.", Hole("Region"), ".amazonaws.com")), "Services", id="one that is not known yet"),
        pytest.param("-".join(["x"] * 200) + ".amazonaws.com", "X" * 40, id="a long one"),
    ],
)
def test_a_name_tells_the_service(services: object, name: str) -> None:
    named = allow({"Service": services, "AWS": OWNER})
    assert sids(named, trust=READERS) == ["PullFromOwner", f"PullFrom{name}ForAccounts"]


def test_a_name_tells_for_whom_a_service_acts() -> None:
    trust = trusting({"organization": ORG}, {"organization_path": "o-z9y8x7w6v5/r-ab12/*"})
    assert sids(allow({"Service": "lambda.amazonaws.com"}), trust=trust) == [
        "PullFromLambdaForOwner",
        "PullFromLambdaForOrganization",
        "PullFromLambdaForOrganizationPath",
    ]


def test_what_a_policy_keeps_for_everybody_is_named_for_its_purpose() -> None:
    guard = deny("*", "ecr:BatchGetImage", {"StringNotEquals": {"aws:PrincipalOrgID": ORG}})
    open_to_all = allow("*", ["ecr:BatchGetImage", "ecr:PutImage"])
    assert sids(open_to_all, guard, trust=trusting({"organization": ORG})) == ["Pull", "PushFromOwner", None]


# --- services that a wildcard allows ---


def losses(*statements: object, trust: Trust = READERS) -> list[str]:
    found = planned(*statements, trust=trust)
    return [one.change for one in found.changes if "AWS services that act" in one.change]


def test_services_that_only_a_wildcard_lets_in_are_taken_and_told() -> None:
    assert losses(allow("*", ["ecr:BatchGetImage", "ecr:PutImage"])) == [sentence("reasons.read_write_removed")]


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(allow("*", condition=PEOPLE), id="people alone"),
        pytest.param(allow("*", condition={"StringEquals": {"aws:username": "ci"}}), id="what a service has not"),
        pytest.param(allow({"AWS": [A, STRANGER]}), id="accounts"),
        pytest.param(allow("*", condition={"ArnLike": {"aws:SourceArn": "arn:aws:lambda:*:*:function:*"}}), id="meant"),
        pytest.param({"Effect": "Allow", "NotPrincipal": {"AWS": "*"}, "Action": "ecr:ListImages"}, id="only services"),
    ],
)
def test_nothing_is_told_of_services_where_none_is_lost(statement: object) -> None:
    assert losses(statement) == []


def test_a_service_beside_everybody_keeps_to_accounts_inside() -> None:
    beside = allow({"AWS": "*", "Service": "lambda.amazonaws.com"})
    (_, service) = left(beside)
    source = {"StringEquals": {"aws:SourceAccount": [OWNER, A, B]}}
    assert service == {
        "Sid": "PullFromLambdaForAccounts", **allow({"Service": "lambda.amazonaws.com"}, condition=source)
    }  # fmt: skip
    trusted = trusting({"account": A}, {"service": "lambda.amazonaws.com"})
    assert left(beside, trust=trusted) == [
        allow({"AWS": root(OWNER, A), "Service": ["lambda.amazonaws.com"]}),
    ]


@pytest.mark.parametrize(
    "condition",
    [
        {"Bool": {"aws:PrincipalIsAWSService": "true"}},
        {"StringLike": {"aws:PrincipalServiceName": "lambda*"}},
        {"ForAnyValue:StringLike": {"aws:PrincipalServiceNamesList": "lambda*"}},
        {"StringLike": {"aws:SourceAccount": "*"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:lambda:*:*:function:*"}},
        {"StringLike": {"aws:SourceOrgID": "o-*"}},
        {"ForAnyValue:StringLike": {"aws:SourceOrgPaths": "o-*"}},
    ],
    ids=lambda condition: next(iter(next(iter(condition.values())))),
)
def test_a_wildcard_that_asks_for_what_only_a_service_has_keeps_services(condition: dict[str, Any]) -> None:
    (one,) = left(allow("*", condition=condition), trust=Trust.nobody())
    assert one["Principal"] == "*"
    assert one["Condition"]["StringEquals"]["aws:SourceAccount"] == OWNER


@pytest.mark.parametrize("key", ["aws:PrincipalOrgID", "aws:username"])
def test_a_service_does_not_keep_a_condition_that_a_caller_alone_meets(key: str) -> None:
    (one,) = left(allow({"Service": "lambda.amazonaws.com"}, condition={"StringNotEquals": {key: "x"}}))
    assert one["Condition"] == {"StringEquals": {"aws:SourceAccount": [OWNER, A, B]}}


def test_a_service_for_an_organization_does_not_keep_a_condition_that_a_caller_alone_meets() -> None:
    trust = trusting({"organization": ORG}, {"organization_path": "o-z9y8x7w6v5/r-ab12/*"})
    users = {"StringNotEquals": {"aws:username": "x"}}
    found = left(allow({"Service": "lambda.amazonaws.com"}, condition=users), trust=trust)
    assert [one["Condition"] for one in found] == [
        {"StringEquals": {"aws:SourceAccount": OWNER}},
        {"StringEquals": {"aws:SourceOrgID": ORG}},
        {"ForAnyValue:StringLike": {"aws:SourceOrgPaths": "o-z9y8x7w6v5/r-ab12/*"}},
    ]


def test_a_service_does_not_keep_a_condition_on_paths_of_a_caller() -> None:
    paths = {"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": f"{ORG}/*"}}
    (one,) = left(allow({"Service": "lambda.amazonaws.com"}, condition=paths))
    assert one["Condition"] == {"StringEquals": {"aws:SourceAccount": [OWNER, A, B]}}


@pytest.mark.parametrize("key", ["aws:SourceAccount", "aws:SourceArn", "aws:SourceOrgID", "aws:SourceOrgPaths"])
def test_an_account_does_not_keep_a_condition_that_a_service_alone_meets(key: str) -> None:
    operator = "ForAllValues:StringLike" if key.endswith("Paths") else "StringLikeIfExists"
    callers = left(allow("*", condition={operator: {key: "*"}}))[0]
    assert callers["Principal"] == {"AWS": root(OWNER, A, B)}
    assert "Condition" not in callers


# --- a stranger beside a trusted account ---


@pytest.mark.parametrize(
    "group",
    [
        {"organization": ORG},
        {"organization_path": f"{ORG}/r-ab12/*"},
        {"vpc": "vpc-0123456789abcdef0"},
        {"vpc_endpoint": "vpce-0123456789abcdef0"},
    ],
    ids=lambda group: next(iter(group)),
)
def test_a_stranger_leaves_a_list_even_if_a_group_is_trusted(group: dict[str, Any]) -> None:
    trust = trusting({"account": A}, group)
    found = planned(allow(account(A, STRANGER)), trust=trust)
    assert found.policy == policy(allow(account(A)))
    told = [one for one in found.changes if "left out of Principal" in one.change]
    assert [one.change for one in told] == [f"`{STRANGER}` left out of Principal"]


def test_strangers_alone_are_confined_to_the_organization() -> None:
    trust = trusting({"account": A}, {"organization": ORG})
    found = left(allow(account(STRANGER)), trust=trust)
    assert found == [allow(account(STRANGER), condition={"StringEquals": {"aws:PrincipalOrgID": ORG}})]


def test_an_account_that_is_not_known_yet_is_no_stranger() -> None:
    trust = trusting({"account": A}, {"organization": ORG})
    found = left(allow({"AWS": [A, Hole("P")]}), trust=trust)
    assert [one["Principal"] for one in found] == [account(A), {"AWS": [Hole("P")]}, {"AWS": [Hole("P")]}]


# --- the owner and the organization ---


def test_an_owner_in_the_trusted_organization_needs_no_mention() -> None:
    repository = Repository(OWNER, organization=ORG)
    (one,) = left(allow("*", condition=PEOPLE), trust=trusting({"organization": "self"}), repository=repository)
    assert one == allow("*", condition={**PEOPLE, "StringEquals": {"aws:PrincipalOrgID": ORG}})


@pytest.mark.parametrize(
    "organization, trusted",
    [
        pytest.param(None, {"organization": ORG}, id="its organization is not known"),
        pytest.param("o-z9y8x7w6v5", {"organization": ORG}, id="it is in another one"),
        pytest.param(ORG, {"organization_path": f"{ORG}/r-ab12/*"}, id="a part of it is trusted"),
    ],
)
def test_an_owner_who_may_not_be_covered_is_named(organization: str | None, trusted: dict[str, Any]) -> None:
    repository = Repository(OWNER, organization=organization)
    found = left(allow("*", condition=PEOPLE), trust=trusting(trusted), repository=repository)
    assert allow({"AWS": root(OWNER)}, condition=PEOPLE) in [
        {name: value for name, value in one.items() if name != "Sid"} for one in found
    ]


def test_an_owner_who_may_do_more_than_the_organization_is_named() -> None:
    repository = Repository(OWNER, organization=ORG)
    found = left(allow("*", "ecr:*"), trust=trusting({"organization": "self"}), repository=repository)
    assert found[0]["Principal"] == {"AWS": root(OWNER)}
    assert found[0]["Action"] == "ecr:*"


def test_a_condition_that_only_the_owner_meets_keeps_the_part_of_the_organization() -> None:
    """It allows no one else, so the owner is not named beside it."""
    repository = Repository(OWNER, organization=ORG)
    ours = {"StringLikeIfExists": {"aws:PrincipalArn": f"arn:aws:iam::{OWNER}:*"}}
    (one,) = left(allow("*", condition=ours), trust=trusting({"organization": "self"}), repository=repository)
    assert one == allow("*", condition={**ours, "StringEquals": {"aws:PrincipalOrgID": ORG}})


def test_an_owner_who_is_named_does_not_make_the_part_of_the_organization_needed() -> None:
    repository = Repository(OWNER, organization=ORG)
    ours = {"StringLikeIfExists": {"aws:PrincipalArn": f"arn:aws:iam::{OWNER}:*"}}
    both = allow("*", ["ecr:BatchGetImage", "ecr:PutImage"], ours)
    (one,) = left(both, trust=trusting({"organization": "self"}), repository=repository)
    assert one["Principal"] == {"AWS": root(OWNER)}
