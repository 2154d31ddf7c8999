"""Values that are unknown before deployment. What is true for every value is decided, and the rest names the hole."""

from __future__ import annotations

import pytest
from ecr_crossaccount import Access, Compliance, Hole, Holed, Repository, Trust, judge

from tests.judgement.policies import OTHER, OWNER, THIRD, account, allow, deny, reasons, statement, verdict

PARTNER = Hole("Partner")
ROOT = Holed(("arn:aws:iam::", PARTNER, ":root"))
LAMBDA = {"Service": "lambda.amazonaws.com"}
FUNCTION = Holed(("arn:aws:lambda:eu-west-1:22223333", PARTNER, ":function:x"))
OF_SOME_ACCOUNT = Holed(("arn:aws:lambda:*:", PARTNER, "3333:function:x"))
IN_DOUBT = "depends on unknown values"


@pytest.mark.parametrize(
    "written",
    [
        allow({"AWS": ROOT}),
        allow({"AWS": [ROOT]}),
        allow({"AWS": PARTNER}),
        allow({"Service": PARTNER}),
        allow({"Service": [Holed((PARTNER, ".amazonaws.com"))]}),
        allow(PARTNER),
        allow(account(OTHER), PARTNER),
        allow(account(OTHER), [Holed(("ecr:", PARTNER))]),
        statement(PARTNER, account(OTHER), "ecr:*"),
        allow("*", "ecr:*", PARTNER),
        allow("*", "ecr:*", {"StringEquals": PARTNER}),
        allow("*", "ecr:*", {"StringEquals": {"aws:PrincipalOrgID": PARTNER}}),
        allow("*", "ecr:*", {"StringLike": {"aws:PrincipalArn": Holed(("arn:aws:iam::", PARTNER, ":*"))}}),
        allow("*", "ecr:*", {"StringLike": {"aws:PrincipalOrgID": Holed(("*", PARTNER))}}),
        allow("*", "ecr:*", {"ArnLike": {"aws:PrincipalArn": Holed(("arn:aws:iam::*", PARTNER, ":role/*"))}}),
        allow("*", "ecr:*", {"ArnLike": {"aws:PrincipalArn": Holed(("arn:aws:iam::*:*", PARTNER))}}),
        allow(LAMBDA, "ecr:*", {"ArnLike": {"aws:SourceArn": FUNCTION}}),
        allow(LAMBDA, "ecr:*", {"StringLike": {"aws:SourceArn": FUNCTION}}),
        allow(
            LAMBDA, "ecr:*", {"ArnLike": {"aws:SourceArn": Holed(("arn:aws:lambda:*:", PARTNER, "3333:function:x"))}}
        ),
        allow(LAMBDA, "ecr:*", {"StringEquals": {"aws:SourceAccount": Holed(("22223333", PARTNER))}}),
        allow("*", "ecr:*", {"NumericEquals": {"aws:PrincipalTag/x": PARTNER}}),
        allow("*", "ecr:*", {"ArnLike": {"aws:PrincipalArn": Holed(("arn:aws:iam::", PARTNER, ":role/*"))}}),
        allow("*", "ecr:*", {"Bool": {"aws:MultiFactorAuthPresent": PARTNER}}),
        allow("*", "ecr:*", {"Null": {"aws:PrincipalOrgID": PARTNER}}),
        allow("*", "ecr:*", {"IpAddress": {"aws:SourceIp": PARTNER}}),
        allow("*", "ecr:*", {"DateLessThan": {"aws:CurrentTime": PARTNER}}),
        allow("*", "ecr:*", {"NumericLessThan": {"aws:MultiFactorAuthAge": PARTNER}}),
        allow("*", "ecr:*", {"BinaryEquals": {"aws:PrincipalTag/key": PARTNER}}),
        PARTNER,
        Holed(("{", PARTNER, "}")),
    ],
)
def test_what_a_hole_decides_is_undecided_and_named(written: object) -> None:
    found = verdict(written)
    assert found.compliance is Compliance.NON_COMPLIANT
    assert not found.external
    assert not found.grants
    assert not found.invalid
    assert any(IN_DOUBT in reason and "<Partner>" in reason for reason in reasons(found)), reasons(found)


def test_a_statement_that_is_a_hole_may_be_for_an_account_and_for_a_service() -> None:
    unknown = Hole("Statement")
    assert reasons(verdict(unknown, deny("*"))) == []
    (service,) = reasons(verdict(unknown, deny({"AWS": "*"})))
    assert service.startswith("whether statement 0 gives an AWS service access")
    callers = deny("*", "*", {"Bool": {"aws:PrincipalIsAWSService": "true"}})
    (account_,) = reasons(verdict(unknown, callers))
    assert account_.startswith("whether statement 0 gives someone outside access")


def test_a_policy_that_is_a_hole_is_undecided() -> None:
    found = judge(Hole("Policy"), Repository(OWNER), Trust.nobody())
    assert [(one.statement, "<Policy>" in one.reason) for one in found.undecided] == [(0, True)]


@pytest.mark.parametrize(
    "written",
    [
        deny({"AWS": ROOT}),
        deny("*", PARTNER),
        deny("*", "*", PARTNER),
        allow(account(OWNER), PARTNER),
        allow({"AWS": Holed(("arn:aws:iam::", PARTNER, ":root"))}, "s3:*"),
        allow({"AWS": ROOT}, []),
        allow("*", "ecr:*", {"StringEquals": {"aws:SourceVpc": PARTNER, "aws:PrincipalAccount": OWNER}}),
    ],
)
def test_what_is_safe_for_every_filling_is_decided(written: object) -> None:
    assert verdict(written).compliance is Compliance.COMPLIANT


def test_what_gets_in_for_every_filling_is_a_grant() -> None:
    found = verdict(allow("*", ["ecr:BatchGetImage", Holed(("ecr:", Hole("Extra")))]))
    assert found.access == (Access.READ,)
    assert found.public
    assert "ecr:PutImage" not in found.grants[0].actions
    assert ["<Extra>" in reason for reason in reasons(found)] == [True]


def test_not_action_with_a_hole_allows_for_certain_only_what_no_filling_takes_away() -> None:
    element = {"Effect": "Allow", "Principal": "*", "NotAction": [Holed(("ecr:Put", Hole("What"))), "ecr:*Layer*"]}
    found = verdict(element)
    assert "ecr:BatchGetImage" in found.grants[0].actions
    assert "ecr:PutImage" not in found.grants[0].actions
    assert ["<What>" in reason for reason in reasons(found)] == [True]


def test_a_principal_that_is_not_known_at_all_may_be_everybody_and_so_a_service() -> None:
    nobody_else = deny({"AWS": "*"}, "*")
    for entries in (PARTNER, [PARTNER], [account(OWNER)["AWS"][0], PARTNER]):
        assert ["an AWS service" in one for one in reasons(verdict(allow({"AWS": entries}), nobody_else))] == [True]
        both = {"AWS": entries, "Service": []}
        assert verdict(allow(both), nobody_else).undecided
        assert verdict(allow(dict(reversed(both.items()))), nobody_else).undecided
    assert verdict(allow({"AWS": ROOT}), nobody_else).compliance is Compliance.COMPLIANT


def test_a_deny_of_which_one_value_is_not_known_may_apply() -> None:
    for values in ([PARTNER, "false"], ["false", PARTNER]):
        assert verdict(allow(account(OTHER)), deny("*", "*", {"Bool": {"aws:SecureTransport": values}})).undecided


def test_a_principal_that_is_not_known_at_all_may_be_an_account_where_no_service_gets_in() -> None:
    no_service = deny("*", "*", {"Bool": {"aws:PrincipalIsAWSService": "true"}})
    for whom in (PARTNER, {"AWS": PARTNER}, {"AWS": [PARTNER]}):
        assert verdict(allow(whom), no_service).undecided


def test_a_deny_with_a_variable_of_no_value_and_a_hole_may_apply() -> None:
    people = allow("*", condition={"Bool": {"aws:PrincipalIsAWSService": "false"}})
    values = ["${aws:PrincipalTag/account}-", PARTNER]
    assert verdict(people, deny("*", "*", {"StringNotEquals": {"aws:ResourceAccount": values}})).undecided


def test_some_role_that_is_excepted_is_not_its_whole_account() -> None:
    excepted = {
        "Effect": "Allow",
        "NotPrincipal": {"AWS": [Holed((f"arn:aws:iam::{OTHER}:role/", PARTNER))]},
        "Action": "ecr:BatchGetImage",
    }
    others = deny("*", "*", {"StringNotEquals": {"aws:PrincipalAccount": [OWNER, OTHER]}})
    assert verdict(excepted, others).undecided


READS = [{"account": OTHER, "access": "READ"}]


def holed_action(text: str) -> dict[str, object]:
    start, _, end = text.partition("<>")
    return allow(account(OTHER), [Holed(tuple(part for part in (start, Hole("What"), end) if part))])


def all_but(action: object) -> dict[str, object]:
    return {"Effect": "Deny", "Principal": "*", "NotAction": action}


@pytest.mark.parametrize("action", ["ecr:Get<>", "ecr:Frobnicate<>", "ECR:Get<>Url", "<>:Frobnicate", "ec<>", "<>"])
def test_a_hole_may_write_out_an_action_that_no_table_names_which_is_write(action: str) -> None:
    element = holed_action(action)
    assert verdict(element, trust=READS).undecided
    assert not verdict(element, trust=[{"account": OTHER, "access": "ADMIN"}]).undecided
    # A Deny closes it only if it matches for every value of the hole.
    assert not verdict(element, deny("*", "*"), trust=READS).undecided
    assert verdict(element, deny("*", ["ecr:Get", "ecr:Get?", "ecr:Frobnicate"]), trust=READS).undecided
    assert verdict(element, all_but("ecr:Describe*"), trust=READS).undecided


@pytest.mark.parametrize("action", ["ecr:Get*<>", "s3:<>", "<>:GetDownloadUrlForLayer", "<>:CreateRepository"])
def test_a_pattern_another_service_and_a_name_that_is_known_are_no_new_action(action: str) -> None:
    assert verdict(holed_action(action), trust=READS).compliance is Compliance.COMPLIANT


def test_a_deny_of_all_but_what_a_hole_names_takes_no_new_action_away_for_certain() -> None:
    element = allow("*", "ecr:Frobnicate")
    assert verdict(element, all_but("ecr:Get*")).compliance is Compliance.COMPLIANT
    assert verdict(element, all_but(Holed(("ecr:", PARTNER)))).compliance is Compliance.NON_COMPLIANT


def test_a_deny_with_a_hole_takes_away_what_is_certain() -> None:
    open_to_all = allow("*", ["ecr:BatchGetImage", "ecr:PutImage"])
    found = verdict(open_to_all, deny("*", ["ecr:PutImage", Hole("More")]))
    assert found.access == ()
    assert ["<More>" in reason for reason in reasons(found)] == [True]
    every = verdict(open_to_all, deny("*", ["*", Hole("More")]))
    assert every.compliance is Compliance.COMPLIANT


@pytest.mark.parametrize(
    "guard",
    [
        deny({"AWS": ROOT}),
        deny({"Service": PARTNER, "AWS": "*"}, "*", PARTNER),
        deny("*", "*", {"StringNotEquals": {"aws:PrincipalOrgID": PARTNER}}),
        {"Effect": "Deny", "NotPrincipal": {"AWS": ROOT}, "Action": "*"},
    ],
)
def test_no_witness_relies_on_how_a_hole_of_a_deny_is_filled(guard: object) -> None:
    found = verdict(allow(account(OTHER)), guard)
    assert not found.external
    assert ["<Partner>" in reason for reason in reasons(found)] == [True]


def test_a_deny_on_a_service_that_is_not_known_leaves_services_undecided() -> None:
    found = verdict(allow({"Service": "lambda.amazonaws.com"}), deny({"Service": PARTNER}))
    assert not found.service
    assert ["<Partner>" in reason for reason in reasons(found)] == [True]


def test_those_whom_not_principal_exempts_in_an_allow_may_be_anybody() -> None:
    found = verdict({"Effect": "Allow", "NotPrincipal": {"AWS": [ROOT, OWNER]}, "Action": "ecr:*"})
    assert not found.external
    assert any("<Partner>" in reason for reason in reasons(found))


def test_a_doubt_is_looked_for_under_the_denies_of_the_actions_that_a_hole_may_add() -> None:
    found = verdict(
        allow("*", ["ecr:GetDownloadUrlForLayer", Hole("Extra")]),
        deny("*", "ecr:GetDownloadUrlForLayer", {"Null": {"aws:CurrentTime": "false"}}),
        {
            "Effect": "Deny",
            "Principal": "*",
            "NotAction": "ecr:GetDownloadUrlForLayer",
            "Condition": {"StringNotEquals": {"aws:PrincipalType": "User"}},
        },
        deny("*", "*", {"Bool": {"aws:PrincipalIsAWSService": "true"}}),
    )
    assert ["<Extra>" in reason for reason in reasons(found)] == [True], "a user may call what the hole adds"


def test_a_deny_with_a_hole_that_the_caller_escapes_for_every_filling_stops_nobody() -> None:
    for block in ({"StringEquals": {"aws:PrincipalTag/x": PARTNER}}, {"Bool": {"aws:ViaAWSService": PARTNER}}):
        found = verdict(allow(account(OTHER)), deny("*", "*", block))
        assert (found.external, bool(found.undecided)) == ("StringEquals" in block, "Bool" in block)


def test_holes_in_resources_change_nothing_for_a_repository() -> None:
    found = verdict({**allow(account(OWNER)), "Resource": Holed(("arn:aws:ecr:", PARTNER, ":*"))})
    assert [one.at for one in found.invalid] == ["$.Statement[0].Resource"]
    assert not found.undecided


def test_a_hole_is_shown_by_its_name() -> None:
    text = Holed(("a", Hole("B"), "c", Hole("D")))
    assert str(text) == "a<B>c<D>"
    assert text.holes == (Hole("B"), Hole("D"))


def holed_arn(number: str, resource: str = "role/", partition: str | Hole = "aws") -> dict[str, object]:
    return {"AWS": Holed(("arn:", partition, f":iam::{number}:{resource}", PARTNER))}


def test_somebody_of_the_owner_is_inside_whoever_it_is() -> None:
    for principal in (holed_arn(OWNER), holed_arn(OWNER, ""), holed_arn(OWNER, partition=Hole("Partition"))):
        found = verdict(allow(principal), deny(principal, "*"))
        assert found.compliance is Compliance.COMPLIANT


def test_a_deny_or_an_exception_of_somebody_of_the_owner_changes_nothing_outside() -> None:
    outsider = allow(account(OTHER))
    assert verdict(outsider, deny(holed_arn(OWNER), "*")).external
    exempt = {"Effect": "Deny", "NotPrincipal": holed_arn(OWNER), "Action": "*"}
    assert verdict(outsider, exempt).compliance is Compliance.COMPLIANT


def test_somebody_of_another_account_gets_in_whoever_it_is() -> None:
    found = verdict(allow(holed_arn(OTHER)))
    assert [(grant.grantee, grant.public) for grant in found.grants] == [(OTHER, False)]
    assert not found.undecided


def test_somebody_of_another_account_stands_beside_those_that_are_named() -> None:
    found = verdict(allow({"AWS": [THIRD, *holed_arn(OTHER).values()]}))
    assert [grant.grantee for grant in found.grants] == [THIRD, OTHER]


def test_whether_somebody_of_another_account_meets_a_condition_is_not_known() -> None:
    found = verdict(allow(holed_arn(OTHER), "ecr:*", {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OTHER}:role/x"}}))
    assert not found.external
    assert ["<Partner>" in reason for reason in reasons(found)] == [True]
    stopped = verdict(allow(account(OTHER)), deny(holed_arn(OTHER), "*"))
    assert not stopped.external
    assert ["<Partner>" in reason for reason in reasons(stopped)] == [True]


def test_whether_somebody_of_another_account_is_let_in_names_every_hole() -> None:
    found = verdict(statement(Hole("Effect"), holed_arn(OTHER), "ecr:*"))
    assert not found.external
    assert all("<Effect>" in reason and "<Partner>" in reason for reason in reasons(found))
    assert found.undecided


@pytest.mark.parametrize(
    "condition",
    [
        {"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{OTHER}:root"}},
        {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OTHER}:user/*"}},
        {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OTHER}:role/*"}},
        {"StringEquals": {"aws:PrincipalType": "FederatedUser"}},
    ],
)
def test_a_principal_that_is_not_known_may_be_of_any_type(condition: object) -> None:
    found = verdict(allow({"AWS": Holed(("22", PARTNER, "4"))}, "ecr:*", condition))
    assert not found.external
    assert found.undecided


def test_a_principal_that_may_be_of_any_account_stays_unknown() -> None:
    for number in ("1111", "1111222233334"):
        assert verdict(allow(holed_arn(number))).undecided
    assert verdict(allow(Holed((f"arn:aws:iam::{OWNER}:role/", PARTNER)))).undecided


@pytest.mark.parametrize("denied", ["StringLike", "StringNotLike"])
@pytest.mark.parametrize(
    "key", ["aws:PrincipalOrgID", "aws:PrincipalAccount", "aws:SourceVpc", "aws:Unheard", "aws:PrincipalTag/team"]
)
def test_where_among_the_values_of_a_deny_the_hole_stands_is_no_matter(key: str, denied: str) -> None:
    present = allow(account(OTHER), condition={"Null": {key: "false"}})
    first, last = (
        verdict(present, deny("*", "*", {denied: {key: values}}))
        for values in ([Holed((Hole("P"),)), "9999*"], ["9999*", Holed((Hole("P"),))])
    )
    assert (first.grants, bool(first.undecided)) == (last.grants, bool(last.undecided))
    if not (key == "aws:PrincipalTag/team" and denied == "StringNotLike"):
        assert not first.grants
        assert first.undecided


def test_an_unknown_principal_may_name_a_role_with_another_path() -> None:
    role = f"arn:aws:iam::{OTHER}:role"
    session = {"AWS": f"arn:aws:sts::{OTHER}:assumed-role/ci/x"}
    of_path_a = allow(session, condition={"ArnEquals": {"aws:PrincipalArn": f"{role}/a/ci"}})
    paths = [Holed((f"{role}/", PARTNER)), f"{role}/b/ci"]
    assert verdict(of_path_a, deny({"AWS": paths[1]}, "ecr:PutImage")).compliance is Compliance.COMPLIANT
    assert verdict(of_path_a, deny({"AWS": paths}, "ecr:PutImage")).compliance is Compliance.NON_COMPLIANT
