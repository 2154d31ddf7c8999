"""`plan`: results other than the cases in `tests/cases/plans` and the laws in `tests/properties`."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ecr_crossaccount import Action, Compliance, Hole, Holed, Origin, Plan, Repository, Strategy, Trust, judge, plan
from ecr_crossaccount.questions.plan.outcome import Style, text_of

from tests.judgement.policies import OWNER, account, allow, deny, policy, trusting
from tests.wording import sentence

OURS = Repository(OWNER)
PARTNER, STRANGER = "222233334444", "333344445555"
TRUSTED = trusting({"account": PARTNER})


def planned(*statements: object, trust: Trust = TRUSTED, **more: Any) -> Plan:  # noqa: ANN401 - strategy or origin
    return plan(policy(*statements), OURS, trust, **more)


def test_a_policy_that_is_compliant_is_left() -> None:
    before = policy(allow(account(PARTNER)))
    assert plan(before, OURS, TRUSTED) == Plan(Action.NONE, before)


def test_no_policy_needs_no_plan() -> None:
    assert plan(None, OURS, TRUSTED) == Plan(Action.NONE, None)


def test_an_untrusted_account_leaves_a_list() -> None:
    found = planned(allow(account(PARTNER, STRANGER)))
    assert found.action is Action.SET
    assert found.policy == policy(allow(account(PARTNER)))


def test_nobody_left_means_delete() -> None:
    found = planned(allow(account(STRANGER)))
    assert (found.action, found.policy) == (Action.DELETE, None)
    assert [change.statement for change in found.changes] == [0, 0, None]


def test_a_plan_is_the_same_for_text_and_mapping() -> None:
    before = policy(allow(account(PARTNER, STRANGER)))
    assert plan(json.dumps(before), OURS, TRUSTED) == plan(before, OURS, TRUSTED)


def test_a_strategy_may_be_a_word() -> None:
    assert planned(allow("*"), strategy="remove") == planned(allow("*"), strategy=Strategy.REMOVE)
    with pytest.raises(ValueError, match="burn"):
        planned(allow("*"), strategy="burn")


def test_invalid_is_not_narrowed_and_says_so() -> None:
    found = planned(allow("*"), allow({"AWS": "everybody"}))
    assert found.action is Action.NONE
    assert found.refused is not None
    assert found.refused.startswith(sentence("plan.invalid_policy_cannot"))
    assert [one.at for one in found.invalid] == ["$.Statement[1].Principal.AWS"]
    assert found.to_json()["invalid"] == [{"at": one.at, "reason": one.reason} for one in found.invalid]


def test_an_invalid_allow_can_be_removed() -> None:
    found = planned(allow(account(PARTNER)), allow({"AWS": "everybody"}), strategy="remove")
    assert found.policy == policy(allow(account(PARTNER)))


def test_an_invalid_allow_that_is_all_there_is_can_be_removed() -> None:
    alone = {"Version": "2012-10-17", "Statement": allow({"AWS": "everybody"})}
    assert plan(alone, OURS, TRUSTED, Strategy.REMOVE).action is Action.DELETE


def test_an_invalid_deny_is_not_removed() -> None:
    found = planned(allow(account(PARTNER)), deny({"AWS": "everybody"}), strategy="remove")
    assert found.action is Action.NONE
    assert found.refused is not None


def test_a_text_that_is_no_json_can_only_be_deleted() -> None:
    assert plan("{", OURS, TRUSTED).action is Action.NONE
    assert plan("{", OURS, TRUSTED, "remove").action is Action.NONE
    assert plan("{", OURS, TRUSTED, "delete").action is Action.DELETE


def test_a_hole_in_a_principal_is_confined_and_kept() -> None:
    hole = Holed(("arn:aws:iam::", Hole("Partner"), ":root"))
    found = planned(allow({"AWS": [hole]}))
    condition = {"StringEquals": {"aws:PrincipalAccount": [OWNER, PARTNER]}}
    assert found.policy == policy(allow({"AWS": [hole]}, condition=condition))
    assert found.to_json()["policy"] == policy(allow({"AWS": ["arn:aws:iam::<Partner>:root"]}, condition=condition))


def test_a_deleted_principal_is_left_out_of_what_is_written() -> None:
    gone = allow(account("AROAEXAMPLEID0000001", PARTNER), "ecr:ListImages")
    found = planned(gone, allow(account(STRANGER)), origin=Origin.DEPLOYED)
    assert found.policy == policy(allow(account(PARTNER), "ecr:ListImages"))
    assert planned(gone, allow("*"), strategy="remove", origin=Origin.DEPLOYED).policy == found.policy
    assert planned(gone, origin=Origin.DEPLOYED).action is Action.NONE


def test_the_parts_of_a_statement_have_ids_of_their_own() -> None:
    named = {"Sid": "Pull", **allow(account(OWNER, PARTNER), "ecr:*")}
    found = planned(named, {"Sid": "Pull2", **allow(account(OWNER))})
    assert found.policy is not None
    sids = [one["Sid"] for one in found.policy["Statement"]]  # type: ignore[attr-defined]
    assert sids == ["Pull", "PullFromAccount222233334444", "Pull2"]


def many(count: int) -> Trust:
    return trusting(*({"account": f"{number:012}", "access": "WRITE"} for number in range(count)))


def test_what_would_be_too_long_is_written_shorter() -> None:
    found = plan(policy(allow("*", "ecr:*")), OURS, many(300))
    assert found.text is not None
    assert len(found.text) <= 10_240
    assert json.loads(found.text) == found.policy
    assert '"000000000007"' in found.text, "an account by its number"
    assert '"ecr:Describe*"' in found.text, "actions by the first words of their names"
    assert '"ecr:Delete*"' not in found.text, "which would let more in than trust covers"
    assert '"ecr:PutImage"' in found.text, "of which PutImageTagMutability is one"


def test_what_is_short_enough_is_written_plainly() -> None:
    found = plan(policy(allow("*", "ecr:*")), OURS, many(2))
    assert found.text is not None
    assert '"arn:aws:iam::000000000001:root"' in found.text
    assert "ecr:Describe*" not in found.text


def test_a_pattern_is_shortened_only_to_what_it_says_itself() -> None:
    found = plan(policy(allow("*", ["ecr:*Image", "ecr:DescribeImages"])), OURS, many(300))
    assert found.text is not None
    assert '"ecr:BatchGet*"' not in found.text, "for it would allow more than `ecr:*Image`"


def test_what_would_be_too_long_is_refused() -> None:
    found = plan(policy(allow("*", "ecr:*")), OURS, many(800))
    assert found.action is Action.NONE
    assert "more than the 10,240 that ECR keeps" in str(found.refused)
    assert found.text is None


def test_a_policy_that_ecr_just_keeps_is_planned() -> None:
    def found(length: int) -> Plan:
        return plan(policy(allow(account(PARTNER, STRANGER))) | {"Id": "x" * length}, OURS, TRUSTED)

    room = 10_241 - len(str(found(1).text))
    assert len(str(found(room).text)) == 10_240
    assert found(room + 1).action is Action.NONE


def test_the_result_of_a_refused_plan_is_the_policy_as_it_was() -> None:
    before = policy({"Effect": Hole("Effect"), "Principal": "*", "Action": "ecr:*"})
    found = plan(before, OURS, TRUSTED)
    assert (found.action, found.policy) == (Action.NONE, before)
    assert judge(before, OURS, TRUSTED).compliance is Compliance.NON_COMPLIANT


# --- unknown values ---


def test_a_principal_that_is_not_known_yet_is_confined_whatever_it_will_be() -> None:
    found = planned(allow(Hole("Whom")))
    owner_and_partner = [OWNER, PARTNER]
    assert found.policy == policy(
        {
            "Sid": "PullFromAccounts",
            **allow(Hole("Whom"), condition={"StringEquals": {"aws:PrincipalAccount": owner_and_partner}}),
        },
        {
            "Sid": "PullFromServicesForAccounts",
            **allow(Hole("Whom"), condition={"StringEquals": {"aws:SourceAccount": owner_and_partner}}),
        },
    )


def test_a_principal_that_is_not_known_yet_keeps_what_a_deny_keeps_for_the_owner() -> None:
    whom, guarded = {"AWS": Hole("Whom")}, {"StringNotEquals": {"aws:PrincipalAccount": OWNER}}
    guard = {"Effect": "Deny", "Principal": "*", "Action": "ecr:BatchGetImage", "Condition": guarded}
    found = planned(allow(whom, ["ecr:BatchGetImage", "ecr:PutImage"]), guard, trust=Trust.nobody())
    assert [one.change for one in found.changes if "kept for" in one.change] == [
        f"READ, WRITE kept for account `{OWNER}`",
        "READ kept for `<Whom>`",
    ]


def test_a_deny_that_is_not_known_yet_takes_nothing_from_services_inside() -> None:
    unknown = {"Effect": "Deny", "NotPrincipal": {"AWS": OWNER}, "Action": Hole("Action")}
    from_lambda = {"StringLike": {"aws:SourceArn": "arn:aws:lambda:*:function:*"}}
    found = planned(allow("*", "ecr:ListImages", from_lambda), unknown, trust=Trust.nobody())
    own = {**from_lambda, "StringEquals": {"aws:SourceAccount": OWNER}}
    assert found.policy == policy(allow("*", "ecr:ListImages", own), unknown)


@pytest.mark.parametrize(
    "statement, reason",
    [
        pytest.param(Hole("Statement"), "statement 0 is not known yet", id="the statement"),
        pytest.param({**allow("*"), "Effect": Hole("E")}, sentence("narrow.whether_allows_denies"), id="Effect"),
        pytest.param({**allow("*"), "Condition": Hole("C")}, "its Condition is not known yet", id="Condition"),
        pytest.param(allow(account(PARTNER), Hole("A")), sentence("narrow.actions_allows_not_known"), id="Action"),
        pytest.param(
            {"Effect": "Allow", "NotPrincipal": {"AWS": OWNER}, "Action": "*", "Condition": Hole("C")},
            "its Condition is not known yet",
            id="Condition beside NotPrincipal",
        ),
        pytest.param(
            {
                "Effect": "Allow",
                "NotPrincipal": {"AWS": OWNER},
                "Action": "*",
                "Condition": {"StringNotEquals": Hole("C")},
            },
            sentence("blocks.conditions_under_stringnotequals"),
            id="an operator beside NotPrincipal",
        ),
        pytest.param(
            {"Effect": "Allow", "NotPrincipal": {"AWS": Hole("P")}, "Action": "*"},
            sentence("blocks.whom_notprincipal_excludes"),
            id="NotPrincipal",
        ),
        pytest.param(
            {
                "Effect": "Allow",
                "NotPrincipal": {"AWS": [OWNER, Holed(("arn:aws:iam::", Hole("P"), ":root"))]},
                "Action": "*",
            },
            sentence("blocks.whom_notprincipal_excludes"),
            id="one of NotPrincipal",
        ),
        (
            {"Effect": "Allow", "Principal": "*", "NotAction": [Holed(("ecr:Put", Hole("What")))]},
            sentence("narrow.actions_allows_not_known"),
        ),
    ],
)
def test_what_is_not_known_yet_can_stand_in_the_way(statement: object, reason: str) -> None:
    found = planned(statement)
    assert (found.action, found.changes) == (Action.NONE, ())
    assert reason in str(found.refused)


def test_one_unknown_action_beside_a_known_one_stands_in_the_way() -> None:
    unknown = Holed(("ecr:Put", Hole("What")))
    found = planned({"Effect": "Allow", "Principal": "*", "NotAction": ["ecr:PutImage", unknown]})
    assert sentence("narrow.actions_allows_not_known") in str(found.refused)


@pytest.mark.parametrize("statements", [[allow("*")], (allow("*"),)], ids=["list", "tuple"])
def test_one_statement_of_a_list_stays_in_a_list(statements: object) -> None:
    found = plan({"Version": "2012-10-17", "Statement": statements}, OURS, TRUSTED)
    names = [f"arn:aws:iam::{number}:root" for number in (OWNER, PARTNER)]
    assert found.policy == policy(allow(account(*names)))
    alone = plan({"Version": "2012-10-17", "Statement": allow("*")}, OURS, TRUSTED)
    assert alone.policy == {"Version": "2012-10-17", "Statement": allow(account(*names))}


def test_a_text_has_its_letters_as_they_are() -> None:
    found = planned({"Sid": "Zur\u00fcck", **allow(account(PARTNER, STRANGER))})
    assert found.text is not None
    assert "Zur\u00fcck" in found.text, "as ECR counts it: one character for a letter"


# --- NotPrincipal ---


def everybody_but(principal: object, condition: object = None) -> dict[str, Any]:
    element = {"Effect": "Allow", "NotPrincipal": principal, "Action": "ecr:ListImages"}
    return element if condition is None else {**element, "Condition": condition}


def test_of_everybody_but_the_callers_the_services_are_left() -> None:
    found = planned(everybody_but({"AWS": "*"}), trust=Trust.nobody())
    condition = {"Bool": {"aws:PrincipalIsAWSService": "true"}, "StringEquals": {"aws:SourceAccount": OWNER}}
    assert found.policy == policy(allow("*", "ecr:ListImages", condition))


def test_exceptions_join_those_that_are_there() -> None:
    people = {"Bool": {"aws:PrincipalIsAWSService": "false"}}
    stays = {"StringNotEquals": {"AWS:PrincipalAccount": "555566667777"}, **people}
    found = planned(everybody_but(account(STRANGER), stays))
    known = {**stays, "StringNotEquals": {"AWS:PrincipalAccount": ["555566667777", STRANGER]}}
    names = [f"arn:aws:iam::{OWNER}:root", f"arn:aws:iam::{PARTNER}:root"]
    assert found.policy == policy(allow(account(*names), "ecr:ListImages", known))


def test_an_exception_that_contradicts_is_refused() -> None:
    found = planned(everybody_but({"AWS": "*"}, {"Bool": {"aws:PrincipalIsAWSService": ["true", "false"]}}))
    assert sentence("blocks.condition_says_too") in str(found.refused)


# --- the rest ---


def test_an_entry_for_the_owner_changes_nothing() -> None:
    trust = trusting({"account": OWNER}, {"account": PARTNER})
    assert planned(allow("*"), trust=trust) == planned(allow("*"))


def test_a_role_that_has_it_all_does_not_stand_for_its_account() -> None:
    people = {"Bool": {"aws:PrincipalIsAWSService": "false"}}
    role = allow(account(f"arn:aws:iam::{OWNER}:role/ci"))
    found = planned(role, allow("*", condition=people), trust=Trust.nobody())
    assert found.policy == policy(role, allow(account(f"arn:aws:iam::{OWNER}:root"), condition=people))


def test_a_statement_of_deleted_principals_alone_is_left_out() -> None:
    gone = allow(account("AROAEXAMPLEID0000001", "AIDAEXAMPLEID0000001"))
    found = planned(gone, allow(account(PARTNER, STRANGER)), origin=Origin.DEPLOYED)
    assert found.policy == policy(allow(account(PARTNER)))
    both = {**gone, "Principal": {**gone["Principal"], "Service": "lambda.amazonaws.com"}}
    trust = trusting({"account": PARTNER}, {"service": "lambda.amazonaws.com"})
    found = planned(both, allow(account(PARTNER, STRANGER)), trust=trust, origin=Origin.DEPLOYED)
    assert found.policy == policy(allow({"Service": "lambda.amazonaws.com"}), allow(account(PARTNER)))


def test_a_statement_that_says_twice_what_it_does_is_not_removed() -> None:
    text = '{"Statement": [{"Effect": "Deny", "Effect": "Allow", "Principal": "*", "Action": "ecr:*"}]}'
    found = plan(text, OURS, TRUSTED, "remove")
    assert found.action is Action.NONE
    assert "names `Effect` twice" in str(found.refused)


@pytest.mark.parametrize(
    "principal", [{"AWS": []}, {"AWS": [], "Service": "lambda.amazonaws.com"}, {"Service": "lambda.amazonaws.com"}]
)
def test_a_list_in_which_nobody_was_deleted_is_left_as_it_is(principal: dict[str, Any]) -> None:
    stays = allow(principal, "ecr:ListImages")
    trust = trusting({"account": PARTNER}, {"service": "lambda.amazonaws.com"})
    found = planned(stays, allow(account(PARTNER, STRANGER)), trust=trust, origin=Origin.DEPLOYED)
    assert found.policy == policy(stays, allow(account(PARTNER)))


def test_a_list_that_is_confined_leaves_out_a_principal_that_was_deleted() -> None:
    org = "o-a1b2c3d4e5"
    before = allow(account("AROAEXAMPLEID0000001", STRANGER))
    confined = {"StringEquals": {"aws:PrincipalOrgID": org}}
    found = planned(before, trust=trusting({"organization": org}), origin=Origin.DEPLOYED)
    assert found.policy == policy(allow(account(STRANGER), condition=confined))


def test_a_deny_keeps_a_principal_that_was_deleted() -> None:
    stays = deny(account("AROAEXAMPLEID0000001", STRANGER), "ecr:PutImage")
    found = planned(stays, allow(account(PARTNER, STRANGER)), origin=Origin.DEPLOYED)
    assert found.policy == policy(stays, allow(account(PARTNER)))


def test_a_removed_statement_is_told_with_its_own_reason() -> None:
    found = planned(allow(account(STRANGER)), allow("*", "ecr:PutImage"), allow(account(PARTNER)), strategy="remove")
    assert [(one.statement, one.change) for one in found.changes] == [
        (0, "statement removed"),
        (1, "statement removed"),
    ]
    assert f"account {STRANGER} can pull" in found.changes[0].reason
    assert "any AWS account can push" in found.changes[1].reason


def test_a_removed_statement_that_cannot_be_decided_is_told_with_its_own_reason() -> None:
    unknown = [allow(account(STRANGER), condition={"StringEquals": {key: "x"}}) for key in ("aws:One", "aws:Two")]
    found = planned(*unknown, allow(account(PARTNER)), strategy="remove")
    assert [key in one.reason for key, one in zip(("aws:One", "aws:Two"), found.changes, strict=True)] == [True, True]


def test_a_doubt_that_counts_only_once_another_statement_is_removed_goes_too() -> None:
    unknown = allow("*", condition={"StringEquals": {"aws:Unknown": "x"}})
    found = planned(allow("*", "ecr:*"), allow(account(PARTNER)), unknown, strategy="remove")
    assert (found.refused, found.policy) == (None, policy(allow(account(PARTNER))))
    assert [(one.statement, "aws:Unknown" in one.reason) for one in found.changes] == [(0, False), (2, True)]


def test_what_is_no_statement_is_not_removed() -> None:
    found = planned("Allow", allow("*"), strategy="remove")
    assert sentence("plan.invalid_not_allow_stays") in str(found.refused)


def test_an_organization_that_only_a_pattern_names_is_told_in_words() -> None:
    before = policy(allow("*", condition={"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "*/ou-ab12-11111111/*"}}))
    (grant,) = judge(before, OURS, TRUSTED).grants
    assert grant.grantee.startswith("an ")
    assert plan(before, OURS, TRUSTED).changes[0].change == f"READ removed from {grant.grantee}"


def test_a_policy_is_measured_as_it_is_printed() -> None:
    document = policy(allow("*"), deny(account(PARTNER)))
    assert text_of(document, Style.PLAIN) == json.dumps(document)
    assert text_of(document, Style.SHORT) == json.dumps(document, separators=(",", ":"))


def test_a_change_bears_the_name_of_its_statement_or_none() -> None:
    statements = [allow(account(STRANGER)), {"Sid": "Pull", **allow(account(STRANGER))}]
    found = planned(*statements, {"Sid": Hole("Name"), **allow(account(STRANGER))})
    assert {change.statement: change.sid for change in found.changes} == {0: None, 1: "Pull", 2: "<Name>", None: None}


def test_a_statement_without_deleted_principals_is_left() -> None:
    left = allow("*", "ecr:ListImages", {"StringEquals": {"aws:PrincipalAccount": OWNER}})
    assert planned(left, allow(account(STRANGER)), origin=Origin.DEPLOYED).policy == policy(left)


def test_what_is_too_intricate_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecr_crossaccount.judgement.judgement.STEPS", 0)
    monkeypatch.setattr("ecr_crossaccount.questions.plan.reasons.STEPS_TO_PROVE", 0)
    trust = trusting({"organization": "o-a1b2c3d4e5"})
    found = planned(allow("*", condition={"StringLike": {"aws:PrincipalArn": "*:role/*"}}), trust=trust)
    assert (found.action, found.changes) == (Action.NONE, ())
    assert sentence("plan.no_narrower_policy_could") in str(found.refused)
    assert "is too complex" in str(found.refused)


def test_what_is_not_asked_stays_and_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = [{"organization": "o-a1b2c3d4e5"}, {"organization_path": "o-a1b2c3d4e5/r-ab12/*"}]
    before = policy(allow("*", ["ecr:ListImages", "ecr:PutImage"]), deny("*", "ecr:PutImage"))
    usual = plan(before, OURS, trusting(*ours))
    monkeypatch.setattr("ecr_crossaccount.questions.plan.reasons.MOST_QUESTIONS", 0)
    hasty = plan(before, OURS, trusting(*ours))
    assert len(str(hasty.text)) > len(str(usual.text))
    assert judge(hasty.policy, OURS, trusting(*ours)).compliance is Compliance.COMPLIANT


# --- the text of a plan ---


def reasons(*statements: object, trust: Trust) -> list[str]:
    found = planned(*statements, trust=trust)
    return [change.reason for change in found.changes if " kept for " in change.change]


def test_what_is_kept_is_kept_by_whose_word() -> None:
    why = "the partner builds on our images"
    trust = trusting({"account": PARTNER, "reason": why}, {"vpc": "vpc-0123456789abcdef0"})
    people = {"Bool": {"aws:PrincipalIsAWSService": "false"}}
    assert reasons(allow("*", condition=people), trust=trust) == [
        sentence("reasons.owner_account_register_trusts", partner=PARTNER, why=why),
        "the register trusts `vpc-0123456789abcdef0`",
    ]


@pytest.mark.parametrize("count", range(1, 8))
def test_of_many_who_are_inside_or_are_kept_four_are_named(count: int) -> None:
    names = [f"22223333444{digit}" for digit in range(count)]
    limited = allow(Hole("Whom"), condition={"StringLike": {"aws:PrincipalAccount": "2222*"}})
    changes = planned(limited, trust=trusting(*({"account": name} for name in names))).changes
    (one,) = [change for change in changes if " kept for account" in change.change]
    kept = ", ".join(f"`{name}`" for name in names[:4])
    by_trust = "; ".join(f"the register trusts `{name}`" for name in names[:4])
    more = count - 4
    plural = "s" if count > 1 else ""
    assert one.change == f"READ kept for account{plural} {kept}" + (f" and {more} more" if more > 0 else "")
    assert one.reason == by_trust + (f"; and {more} more" if more > 0 else "")


def test_whom_a_guardrail_leaves_is_inside_by_it() -> None:
    trust = trusting({"organization": "o-a1b2c3d4e5"})
    guard = deny("*", "ecr:ListImages", {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}})
    names = account(STRANGER, "555566667777")
    assert reasons(allow(names, ["ecr:ListImages", "ecr:PutImage"]), guard, trust=trust) == [
        sentence("reasons.only_owner_account")
    ]
    unnamed = account("AROAEXAMPLEID0000001", "AIDAEXAMPLEID0000001")
    assert reasons(allow(unnamed, ["ecr:ListImages", "ecr:PutImage"]), guard, trust=trust)[-1:] == [
        sentence("reasons.owner_account_register")
    ]
    everybody = reasons(allow("*", ["ecr:ListImages", "ecr:PutImage"]), guard, trust=trust)
    assert sentence("reasons.owner_account_register") in everybody


def test_the_register_says_self_of_the_owners_organization() -> None:
    ours = Repository(OWNER, organization="o-a1b2c3d4e5")
    trust = trusting({"organization": "self", "reason": "all of us"})
    found = plan(policy(allow(account(STRANGER))), ours, trust)
    assert found.changes[-1].reason == "the register trusts `o-a1b2c3d4e5` (all of us)"


def test_a_limit_is_told_without_what_a_condition_rules_out() -> None:
    source = {"StringEqualsIfExists": {"aws:SourceAccount": OWNER}}
    found = planned(allow({"Service": "lambda.amazonaws.com"}, condition=source))
    assert found.changes[-1].change == f"READ kept for services acting for account `{OWNER}`"


def test_a_stored_policy_is_planned_without_the_resources_that_say_nothing() -> None:
    owner = {"Effect": "Allow", "Principal": {"AWS": OWNER}, "Action": "ecr:*", "Resource": "*"}
    partner = {"Effect": "Allow", "Principal": {"AWS": [OWNER, STRANGER]}, "Action": "ecr:BatchGetImage"}
    elsewhere = {**owner, "Effect": "Deny", "Resource": f"arn:aws:ecr:eu-central-1:{OWNER}:repository/other"}
    stored = {"Version": "2012-10-17", "Statement": [owner, {**partner, "NotResource": "*"}, elsewhere]}
    repository = Repository(OWNER, name="team/base", region="eu-central-1")
    found = plan(stored, repository, Trust.nobody(), origin=Origin.DEPLOYED)
    assert found.policy is not None
    assert [sorted(one) for one in found.policy["Statement"]] == [  # type: ignore[attr-defined]
        ["Action", "Effect", "Principal"],
        ["Action", "Effect", "NotResource", "Principal"],
        ["Action", "Effect", "Principal", "Resource"],
    ]
    assert [one.statement for one in found.changes if one.change == "Resource removed"] == [0]


def test_a_plan_has_the_fields_of_the_batch_form_and_no_others() -> None:
    answers: list[dict[str, Any]] = [planned(allow("*")).to_json(), planned(allow({"AWS": "nobody"})).to_json()]
    assert {tuple(answer) for answer in answers} == {("action", "policy", "changes", "invalid", "refused")}
    assert {tuple(one) for answer in answers for one in answer["changes"]} == {("statement", "sid", "change", "reason")}
    assert {tuple(one) for answer in answers for one in answer["invalid"]} == {("at", "reason")}


def test_there_is_a_text_only_of_a_policy_that_is_to_be_written() -> None:
    assert planned(allow(account(PARTNER))).text is None
    assert planned(allow(account(STRANGER))).text is None
    assert planned(allow(account(PARTNER, STRANGER))).text == json.dumps(
        policy(allow(account(PARTNER))), separators=(",", ":")
    )


def test_services_that_are_not_known_yet_cannot_be_left_out() -> None:
    written = {"Effect": "Allow", "NotPrincipal": {"Service": [Hole("Partner")]}, "Action": "ecr:BatchGetImage"}
    found = planned(written)
    assert found.refused is not None
    assert sentence("blocks.whom_notprincipal_excludes") in found.refused


@pytest.mark.parametrize(
    "key",
    [
        "aws:CalledVia", "aws:CalledViaFirst", "aws:PrincipalTag/team", "aws:Referer", "aws:SourceIdentity",
        "aws:SourceVpc", "aws:SourceVpce", "aws:UserAgent", "aws:userid", "aws:username", "aws:VpceAccount",
    ],
)  # fmt: skip
def test_who_asks_about_people_keeps_no_service(key: str) -> None:
    trust = trusting({"account": PARTNER}, {"service": "lambda.amazonaws.com"})
    found = planned(allow("*", condition={"ForAnyValue:StringLike": {key: "x*"}}), trust=trust)
    assert found.action is not Action.NONE
    assert "lambda" not in json.dumps(found.policy)


@pytest.mark.parametrize("others, asked", [(15, True), (16, False)])
def test_accounts_that_a_condition_keeps_out_leave_a_list_of_sixteen_at_most(others: int, asked: bool) -> None:  # noqa: FBT001
    names = [f"{222200000000 + number}" for number in range(others)]
    condition = {"StringEquals": {"aws:PrincipalAccount": [OWNER, names[0], "444455556666"]}}
    trust = trusting(*({"account": name} for name in names))
    found = plan(policy(allow("*", condition=condition)), Repository(OWNER), trust)
    kept = [f"arn:aws:iam::{name}:root" for name in ([OWNER, names[0]] if asked else [OWNER, *names])]
    assert found.policy == policy(allow({"AWS": kept}, condition=condition))


def test_an_owner_whose_number_is_all_zeros_keeps_his_access() -> None:
    found = plan(policy(allow("*")), Repository("000000000000"), Trust.nobody())
    assert found.policy == policy(allow({"AWS": ["arn:aws:iam::000000000000:root"]}))


def test_a_trusted_account_whose_number_is_all_zeros_keeps_its_access() -> None:
    condition = {"StringEquals": {"aws:PrincipalAccount": ["000000000000", "444455556666"]}}
    found = plan(policy(allow("*", condition=condition)), Repository(OWNER), trusting({"account": "000000000000"}))
    assert found.policy == policy(allow({"AWS": ["arn:aws:iam::000000000000:root"]}, condition=condition))


@pytest.mark.parametrize(
    "version, sids", [("2012-10-17", ["PullFromOrganization", "PullFromOwner"]), ("2008-10-17", [])]
)
def test_a_variable_is_one_where_the_version_knows_variables(version: str, sids: list[str]) -> None:
    own = {"StringEquals": {"aws:PrincipalOrgID": "${aws:PrincipalTag/organization}"}}
    written = {"Version": version, "Statement": [allow("*", condition=own)]}
    found = plan(written, Repository(OWNER), trusting({"organization": "o-a1b2c3d4e5"}))
    body: Any = found.policy
    assert [one["Sid"] for one in body["Statement"] if "Sid" in one] == sids


def test_a_condition_that_is_not_known_yet_may_mean_services() -> None:
    asked = {"BoolIfExists": {"aws:MultiFactorAuthPresent": Hole("MFA")}, "StringEquals": {"aws:NewKey": "x"}}
    found = planned(allow("*", condition=asked), trust=trusting({"service": "lambda.amazonaws.com"}))
    body: Any = found.policy
    assert [one["Principal"].get("Service") for one in body["Statement"]] == [["lambda.amazonaws.com"]]


def test_who_cannot_get_in_is_left_out_although_the_owner_of_the_repository_is_asked_for() -> None:
    others = {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}
    asked = {"StringNotEquals": others, "StringEquals": {"aws:ResourceAccount": OWNER}}
    found = planned(allow("*", condition=asked), trust=trusting({"organization": "o-a1b2c3d4e5"}))
    assert found.policy == policy(allow({"AWS": [f"arn:aws:iam::{OWNER}:root"]}, condition=asked))


def test_a_stored_policy_keeps_the_resources_that_it_leaves_out() -> None:
    all_but = {**allow(account(OWNER, STRANGER)), "NotResource": "arn:aws:s3:::elsewhere"}
    found = plan(policy(all_but), OURS, Trust.nobody(), origin=Origin.DEPLOYED)
    assert found.policy == policy({**all_but, "Principal": account(OWNER)})
    assert [one.change for one in found.changes if "Resource" in one.change] == []


def test_a_principal_that_was_never_written_is_not_left_out_of_what_does_not_offend() -> None:
    confined = allow(
        account(OWNER, "AROAEXAMPLEID0000001"), condition={"StringEquals": {"aws:PrincipalAccount": OWNER}}
    )
    found = planned(confined, allow(account(OWNER, STRANGER)), trust=Trust.nobody())
    assert found.policy == policy(confined, allow(account(OWNER)))


def test_each_statement_that_cannot_be_decided_is_told_once() -> None:
    unknown = {"StringEquals": {"aws:NewKey": "x"}}
    found = planned(allow(account(STRANGER), condition=unknown), allow(account(STRANGER), "ecr:ListImages", unknown))
    told = [one.statement for one in found.changes if one.change == sentence("losses.cannot_decided_taken")]
    assert told == [0, 1]


def test_a_policy_with_what_is_no_number_is_refused_and_not_shown() -> None:
    found = plan({**policy(allow("*")), "Id": float("nan")}, OURS, TRUSTED)
    assert (found.action, found.to_json()["policy"]) == (Action.NONE, None)


def test_a_policy_without_end_is_refused_and_not_shown() -> None:
    nested: dict[str, Any] = {}
    for _ in range(5_000):
        nested = {"x": nested}
    found = plan({**policy(allow("*")), "Id": nested}, OURS, TRUSTED)
    assert (found.action, found.to_json()["policy"]) == (Action.NONE, None)


@pytest.mark.parametrize(
    "principal, is_left",
    [("*", True), (account(STRANGER), False)],
)
def test_what_only_services_hold_is_left_out_where_a_trusted_network_confines_accounts(
    principal: object,
    is_left: bool,  # noqa: FBT001
) -> None:
    """A named account has no source account. Everyone includes services."""
    vpc = "vpc-0a1b2c3d4e5f60718"
    idle = {"StringEqualsIfExists": {"aws:SourceAccount": PARTNER}}
    found = planned(allow(principal, condition=idle), trust=trusting({"vpc": vpc}))
    assert found.policy is not None
    statements: Any = found.policy["Statement"]
    confined = {**(idle if is_left else {}), "StringEquals": {"aws:SourceVpc": vpc}}
    assert [one["Condition"] for one in statements if "Condition" in one] == [confined]


def test_no_network_is_allowed_from_which_the_conditions_let_nobody_in() -> None:
    roles = [f"arn:aws:iam::{one}:role/*" for one in (OWNER, STRANGER)]
    asked = {
        "Null": {"aws:SourceVpc": "true"},
        "ArnLike": {"aws:PrincipalArn": roles},
        "StringEquals": {"aws:ResourceAccount": OWNER},
    }
    trust = trusting({"vpc": "vpc-0a1b2c3d4e5f60718", "access": "ADMIN"})
    found = planned(allow(account("*"), condition=asked), trust=trust)
    root = account(f"arn:aws:iam::{OWNER}:root")
    assert found.policy == policy(allow(root, condition=asked))


def test_there_is_a_text_only_of_a_policy_that_is_written() -> None:
    nobody, repository = Trust.nobody(), Repository("111122223333")
    closed = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "ecr:*"}]}
    kept = plan(closed, repository, nobody)
    assert (kept.action, kept.policy, kept.text) == (Action.NONE, closed, None)
    opened = {"Statement": [*closed["Statement"], {"Effect": "Allow", "Principal": "*", "Action": "ecr:ListImages"}]}
    written = plan(opened, repository, nobody, "remove")
    assert (written.action, written.text) == (Action.SET, json.dumps(closed, separators=(",", ":")))
    gone = plan(opened, repository, nobody, "delete")
    assert (gone.action, gone.policy, gone.text) == (Action.DELETE, None, None)


def test_an_allow_for_deleted_principals_alone_is_removed_whatever_it_gives() -> None:
    deleted = policy(allow({"AWS": ["AROAEXAMPLEEXAMPLEEXA"]}, "ecr:*"), allow("*", "ecr:PutImage"))
    found = plan(deleted, OURS, TRUSTED, "narrow", Origin.DEPLOYED)
    assert found.refused is None
    assert "AROAEXAMPLEEXAMPLEEXA" not in str(found.policy)
