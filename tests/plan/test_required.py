"""`Required`: what can be required of every policy, and when a policy has it."""

from __future__ import annotations

from typing import Any

import pytest
from ecr_crossaccount import Required, RequiredError
from ecr_crossaccount.documents.json import lenient_value_of
from ecr_crossaccount.questions.plan.required import says_the_same

from tests.judgement.policies import policy
from tests.wording import sentence

DENY: dict[str, Any] = {"Sid": "Perimeter", "Effect": "Deny", "Principal": "*", "Action": "ecr:*"}
BOUND = {"StringNotEquals": {"aws:PrincipalOrgID": "${ORG_ID}"}}


def problems(value: object, values: dict[str, str] | None = None) -> list[tuple[str, str]]:
    with pytest.raises(RequiredError) as raised:
        Required.parse(value, values)
    assert str(raised.value) == "; ".join(f"{at}: {reason}" for at, reason in raised.value.problems)
    return list(raised.value.problems)


@pytest.mark.parametrize("form", [[DENY], DENY, policy(DENY), {"Statement": DENY}, (DENY,)])
def test_statements_may_be_listed_or_in_a_policy(form: object) -> None:
    assert Required.parse(form).statements == (DENY,)


@pytest.mark.parametrize(
    "form, at",
    [
        ([], "required"),
        (policy(), "required.Statement"),
        ({"Statement": DENY, "Statements": []}, "required.Statements"),
        ({"Version": "2008-10-17", "Statement": DENY}, "required.Version"),
        ({"Version": None, "Statement": DENY}, "required.Version"),
        (lenient_value_of('{"Id": "a", "Id": "b", "Statement": {"Effect": "Deny"}}'), "required.Id"),
    ],
)
def test_nothing_and_what_is_no_policy_is_refused(form: object, at: str) -> None:
    assert [place for place, _ in problems(form)] == [at]


@pytest.mark.parametrize(
    "changes, at, reason",
    [
        ({"Effect": "Allow"}, "required[0].Effect", "only a Deny can be required"),
        ({"Effect": "deny"}, "required[0].Effect", "is not an effect"),
        ({"Sid": None}, "required[0].Sid", "string"),
        ({"Sid": "no words"}, "required[0].Sid", "expected letters and digits"),
        ({"Sid": ""}, "required[0].Sid", "expected letters and digits"),
        ({"Resource": "*"}, "required[0]", "takes no Resource"),
        ({"Condition": {}}, "required[0].Condition", "is empty"),
        ({"Condition": {"StringNotEquals": {}}}, "required[0].Condition", "is empty"),
        ({"Principal": {"AWS": "222233334444"}}, "required[0]", sentence("required.use_conditions_name")),
        ({"Principal": {"Service": "lambda.amazonaws.com"}}, "required[0]", sentence("required.use_conditions_name")),
        ({"Action": "s3:*"}, "required[0]", sentence("required.denies_no_action_repository")),
        ({"Action": "ecr:CreateRepository"}, "required[0]", sentence("required.denies_no_action_repository")),
        ({"Condition": {"StringIs": {"aws:PrincipalOrgID": "o"}}}, "required[0].Condition.StringIs", "operator"),
        ({"Conditions": {}}, "required[0]", "Conditions"),
    ],
)
def test_what_is_no_deny_that_can_be_proven_is_refused(changes: dict[str, object], at: str, reason: str) -> None:
    ((place, why),) = problems([{**DENY, **changes}])
    assert place == at
    assert reason in why


def test_a_statement_without_a_sid_could_not_be_found_again() -> None:
    nameless = {name: value for name, value in DENY.items() if name != "Sid"}
    assert problems([nameless]) == [("required[0]", sentence("required.no_sid_add_one"))]


def test_a_sid_stands_once() -> None:
    assert [at for at, _ in problems([DENY, {**DENY, "Action": "*"}])] == ["required[1].Sid"]


def test_all_that_is_wrong_is_said_at_once() -> None:
    assert [at for at, _ in problems([{**DENY, "Sid": "-"}, {**DENY, "Effect": "Allow"}])] == [
        "required[0].Sid",
        "required[1].Effect",
    ]


@pytest.mark.parametrize("form", [None, 1, "text", ["text"], [[DENY]], {}])
def test_what_is_no_statement_is_refused(form: object) -> None:
    assert problems(form)


def test_names_that_appear_twice_are_refused() -> None:
    twice = lenient_value_of('[{"Sid": "A", "Sid": "B", "Effect": "Deny", "Principal": "*", "Action": "ecr:*"}]')
    assert problems(twice) == [("required[0].Sid", "appears twice")]


def test_what_is_nested_without_end_is_refused() -> None:
    deep: object = "x"
    for _ in range(5_000):
        deep = [deep]
    ((at, reason),) = problems([{**DENY, "Action": deep}])
    assert at.startswith("required[0].Action[0]")
    assert reason == "nested too deeply"


@pytest.mark.parametrize("depth, is_too_deep", [(19, False), (20, True)])
def test_how_deep_a_statement_may_be_nested(depth: int, is_too_deep: bool) -> None:  # noqa: FBT001 - a column
    deep: object = "x"
    for _ in range(depth):
        deep = [deep]
    ((_, reason),) = problems([{**DENY, "Action": deep}])
    assert (reason == "nested too deeply") is is_too_deep
    inside: object = "x"
    for _ in range(depth):
        inside = {"x": inside}
    reasons = [reason for _, reason in problems([{**DENY, "Action": inside}])]
    assert (reasons == ["nested too deeply"]) is is_too_deep


# --- placeholders ---


def test_a_placeholder_is_filled_in_wherever_it_stands() -> None:
    condition = {"ArnNotLike": {"aws:PrincipalArn": ["arn:aws:iam::${ACCOUNT}:role/${ROLE}", "${ROLE}"]}}
    (found,) = Required.parse([{**DENY, "Condition": condition}], {"ACCOUNT": "111122223333", "ROLE": "a"}).statements
    assert found["Condition"] == {"ArnNotLike": {"aws:PrincipalArn": ["arn:aws:iam::111122223333:role/a", "a"]}}


@pytest.mark.parametrize("text", ["${ORG_ID}", "${ACCEL_LOOKUP::ORG}", "${ORG", "${}", "${org_id}", "o-${X}${"])
def test_what_is_not_filled_in_is_refused(text: str) -> None:
    found = problems([{**DENY, "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": text}}}])
    assert {at for at, _ in found} == {"required[0].Condition.StringNotEquals.aws:PrincipalOrgID"}
    assert "--parameter NAME=VALUE" in found[0][1]


@pytest.mark.parametrize("text", ["${aws:ResourceOrgID}", "${*}", "${?}", "${$}", "${aws:PrincipalTag/team, 'x'}"])
def test_what_iam_fills_in_is_left(text: str) -> None:
    required = Required.parse([{**DENY, "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": text}}}])
    assert required.has_variables
    assert not Required.parse([DENY]).has_variables


def test_a_value_is_not_filled_in_once_more() -> None:
    (found,) = Required.parse([{**DENY, "Condition": BOUND}], {"ORG_ID": "${X}"}).statements
    assert found["Condition"] == {"StringNotEquals": {"aws:PrincipalOrgID": "${X}"}}


@pytest.mark.parametrize("name, reason", [("ORG", "no statement has"), ("aws:ResourceOrgID", "takes no value")])
def test_a_value_without_a_place_is_a_mistake(name: str, reason: str) -> None:
    found = problems([{**DENY, "Condition": BOUND}], {"ORG_ID": "o-a1b2c3d4e5", name: "x"})
    assert [at for at, _ in found] == ["required"]
    assert reason in found[0][1]


# --- whether a policy has it ---

ORGANIZATION = {"StringNotEquals": {"aws:PrincipalOrgID": ["o-a1b2c3d4e5", "o-f6g7h8i9j0"]}}
STATED = {**DENY, "Action": ["ecr:GetX", "ecr:PutX"], "Condition": ORGANIZATION}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"Action": ["ecr:putx", "ECR:GetX", "ecr:GetX"]},
        {"Condition": {"StringNotEquals": {"aws:PrincipalOrgID": ["o-f6g7h8i9j0", "o-a1b2c3d4e5"]}}},
    ],
)
def test_the_same_in_other_words(changes: dict[str, object]) -> None:
    assert says_the_same({**STATED, **changes}, STATED)
    assert says_the_same(dict(reversed(STATED.items())), STATED)
    assert says_the_same({"NotAction": ["ecr:PutImage", "ecr:A"]}, {"NotAction": ["ECR:a", "ecr:putimage"]})
    assert not says_the_same({"NotAction": "ecr:PutImage"}, {"Action": "ecr:PutImage"})


def test_an_account_is_the_same_by_number_and_by_arn() -> None:
    number, arn = ({"Principal": {"AWS": [one]}} for one in ("222233334444", "arn:aws:iam::222233334444:root"))
    assert says_the_same(number, arn)
    assert not says_the_same(number, {"Principal": {"AWS": "arn:aws:iam::222233334444:role/a"}})


@pytest.mark.parametrize(
    "changes",
    [
        {"Effect": "Allow"},
        {"Principal": {"AWS": "*"}},
        {"Action": "ecr:GetX"},
        {"NotAction": "ecr:GetX"},
        {"Action": [True]},
        {"Sid": 1},
        {"Principal": {"AWS": [1]}},
        {"Condition": None},
        {"Condition": {"StringNotEquals": None}},
        {"Condition": {"StringEquals": ORGANIZATION["StringNotEquals"]}},
        {"Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}},
        {"Condition": {"StringNotEquals": {"aws:PrincipalOrgID": ["O-A1B2C3D4E5", "o-f6g7h8i9j0"]}}},
        {"Resource": "*"},
    ],
)
def test_what_means_something_else_is_another_statement(changes: dict[str, object]) -> None:
    assert not says_the_same({**STATED, **changes}, STATED)
