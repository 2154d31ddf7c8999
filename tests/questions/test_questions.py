"""Questions that are possible, questions that are refused, and what a work budget or an open list leaves undecided."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from ecr_crossaccount import Origin, RegistryPolicy, Repository, Scope, Trust, judge
from ecr_crossaccount.documents.pattern import Hole, Holed
from ecr_crossaccount.errors import QuestionError
from ecr_crossaccount.judgement.beside import Beside
from ecr_crossaccount.judgement.values.actions import NAMES
from ecr_crossaccount.questions.ask import ask as asking
from ecr_crossaccount.questions.ask.ask import ask
from ecr_crossaccount.questions.ask.question import Needs, Question, caller_of, given_of, wanted_of
from ecr_crossaccount.questions.ask.replies import Answer, Answered

from tests.wording import sentence

OWNER, OTHER = "111122223333", "222233334444"
REPOSITORY = Repository(OWNER, "base/node", "eu-west-1")


def allow(principal: object = "*", **more: object) -> dict[str, object]:
    return {"Effect": "Allow", "Principal": principal, "Action": "ecr:BatchGetImage", **more}


def answer_to(
    statements: list[dict[str, object]],
    who: str = OTHER,
    can: str = "ecr:BatchGetImage",
    context: Mapping[str, tuple[str, ...]] | None = None,
) -> Answered:
    given = given_of({f"aws:{key}": value for key, value in (context or {}).items()})
    policy = {"Version": "2012-10-17", "Statement": statements}
    return ask(policy, REPOSITORY, Question(caller_of(who), wanted_of(can), given), Trust.nobody())


@pytest.mark.parametrize(
    "who", ["", "22223333444", "arn:aws:iam::222233334444:role/*", "everybody", "arn:aws:s3:::b", "Lambda", "AROAX1234"]
)
def test_nobody_who_can_be_asked_about(who: str) -> None:
    with pytest.raises(QuestionError, match=re.escape(sentence("question.not_caller_expected_account"))):
        caller_of(who)


@pytest.mark.parametrize(
    "can, meant",
    [
        ("ecr:PutImages", "did you mean `ecr:PutImage`"),
        ("pul", "did you mean `pull`"),
        ("s3:GetObject", sentence("question.not_known_action_repository")),
        ("ecr:GetAuthorizationToken", sentence("question.not_known_action_repository")),
        ("ecr:SomethingNew", sentence("question.not_known_action_repository")),
        ("", sentence("question.not_known_action_repository")),
        ("s3:*", sentence("question.not_known_action_repository")),
    ],
)
def test_what_is_no_action_is_refused_and_never_denied(can: str, meant: str) -> None:
    with pytest.raises(QuestionError, match=meant):
        wanted_of(can)


@pytest.mark.parametrize(
    "can, count, needs",
    [
        ("pull", 2, Needs.ALL),
        ("PUSH", 5, Needs.ALL),
        ("admin", 7, Needs.ANY),
        ("*", len(NAMES), Needs.ANY),
        ("ecr:*", len(NAMES), Needs.ANY),
        ("ecr:putimage", 1, Needs.ANY),
        ("PutImage", 1, Needs.ANY),
    ],
)
def test_words_and_patterns(can: str, count: int, needs: Needs) -> None:
    found = wanted_of(can)
    assert (len(found.actions), found.needs) == (count, needs)


@pytest.mark.parametrize(
    "who, context",
    [
        (OTHER, {"PrincipalAccount": ("333344445555",)}),
        (OTHER, {"PrincipalArn": ("arn:aws:iam::333344445555:role/ci",)}),
        (f"arn:aws:iam::{OTHER}:role/ci", {"PrincipalArn": (f"arn:aws:iam::{OTHER}:role/cd",)}),
        (f"arn:aws-cn:iam::{OTHER}:role/ci", {}),
        (OTHER, {"SecureTransport": ("false",)}),
        (OTHER, {"TagKeys": ("team",)}),
        (OTHER, {"ResourceAccount": (OTHER,)}),
        (OTHER, {"CalledViaFirst": ("glue.amazonaws.com",), "CalledVia": ("athena.amazonaws.com",)}),
        (OTHER, {"SourceIp": ("10.1.1.1",)}),
        (OTHER, {"SourceIp": ("fd00::1",)}),
        (OTHER, {"SourceVpce": ("VPCE-1",)}),
        (OTHER, {"SourceVpcArn": ("vpc-0123456789abcdef0",)}),
        ("lambda.amazonaws.com", {"PrincipalServiceName": ("codebuild.amazonaws.com",)}),
    ],
)
def test_a_request_that_there_cannot_be_is_refused(who: str, context: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(QuestionError, match="no request by") as refused:
        answer_to([allow()], who, context=context)
    assert all(key in str(refused.value) for key in context)


def test_what_a_key_may_hold_is_said_where_it_is_refused() -> None:
    private = allow(Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})
    assert answer_to([private]).answer is Answer.DENIED
    with pytest.raises(QuestionError, match="aws:SourceIp holds any public address"):
        answer_to([private], context={"SourceIp": ("10.1.1.1",)})
    through = allow(Condition={"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}})
    assert answer_to([through], context={"VpcSourceIp": ("10.1.1.1",)}).answer is Answer.ALLOWED


def test_keys_that_move_together_must_go_together() -> None:
    statement = allow(Condition={"StringEquals": {"aws:username": "bob"}})
    with pytest.raises(QuestionError, match="no request by"):
        answer_to([statement], context={"PrincipalArn": ("arn:aws:iam::333344445555:user/bob",)})


def test_a_key_that_cannot_be_left_out_is_refused() -> None:
    question = Question(caller_of(OTHER), wanted_of("pull"), given_of({"aws:PrincipalArn": None}))
    with pytest.raises(QuestionError, match="can have no aws:PrincipalArn"):
        ask({"Version": "2012-10-17", "Statement": [allow()]}, REPOSITORY, question, Trust.nobody())


@pytest.mark.parametrize(
    "context, reason",
    [
        ({"aws:SourceVpce": ("vpce-1",), "AWS:sourcevpce": ("vpce-2",)}, "appears twice"),
        ({"aws:SourceVpce": ("vpce-1", "vpce-2")}, sentence("question.one_value_request")),
        ({"aws:CurrentTime": ("tomorrow",)}, sentence("question.cannot_tomorrow_expected")),
        ({"aws:EpochTime": ("soon",)}, "expected a date and time"),
        ({"aws:TokenIssueTime": ("yesterday",)}, "expected a date and time"),
        ({"aws:SourceIp": ("203.0.113.0/24",)}, "expected an address"),
        ({"aws:ViaAWSService": ("yes",)}, "expected `true` or `false`"),
        ({"aws:MultiFactorAuthAge": ("an hour",)}, "expected a number"),
        ({"aws:SourceAccount": ("2222",)}, sentence("question.expected_account_digits")),
        ({"aws:PrincipalOrgID": ("o-A1B2C3D4E5",)}, sentence("question.expected_id_organization")),
        ({"aws:SourceOrgID": ("o-a1b2c3d4e5\n",)}, sentence("question.expected_id_organization_2")),
        ({"aws:VpceOrgID": ("a1b2c3d4e5",)}, sentence("question.expected_id_organization_2")),
        ({"aws:PrincipalOrgPaths": ("o-A1B2C3D4E5/r-ab12/",)}, sentence("question.expected_path_such")),
        ({"aws:SourceOrgPaths": ("o-a1b2c3d4e5",)}, "expected a path"),
    ],
)
def test_what_is_said_of_a_key_is_checked(context: dict[str, tuple[str, ...]], reason: str) -> None:
    with pytest.raises(QuestionError, match=reason):
        given_of(context)


def test_a_key_that_nobody_knows_and_no_statement_asks_about_is_noted() -> None:
    given = given_of({"aws:SourceVpc3": ("vpce-1",), "aws:SourceVpce": ("vpce-1",), "ecr:Surprise": ("x",)})
    condition = {"StringEquals": {"ecr:Surprise": "x"}}
    policy = {"Version": "2012-10-17", "Statement": [allow(Condition=condition)]}
    found = ask(policy, REPOSITORY, Question(caller_of(OTHER), wanted_of("BatchGetImage"), given), Trust.nobody())
    assert found.answer is Answer.ALLOWED
    unknown = sentence("ask.aws_sourcevpc_not_known")
    assert found.notes == (f"{unknown} (did you mean `aws:SourceVpc`?)",)


@pytest.mark.parametrize(
    "name, meant",
    [
        ("aws:SourcIp", " (did you mean `aws:SourceIp`?)"),
        ("ecr:surprize", " (did you mean `ecr:Surprise`?)"),
        ("x:Nothing", ""),
    ],
)
def test_a_mistyped_key_names_the_one_that_may_be_meant(name: str, meant: str) -> None:
    policy = {"Version": "2012-10-17", "Statement": [allow(Condition={"StringEquals": {"ecr:Surprise": "x"}})]}
    question = Question(caller_of(OTHER), wanted_of("BatchGetImage"), given_of({name: ("10.0.0.1",)}))
    (note,) = ask(policy, REPOSITORY, question, Trust.nobody()).notes
    assert note.endswith(f"no statement asks about it{meant}")


def test_keys_are_written_as_aws_does_whatever_their_case() -> None:
    condition = {"StringEquals": {"AWS:PRINCIPALTAG/Team": "${aws:principaltag/owner}", "aws:sourcevpc": "vpc-1"}}
    policy = {"Version": "2012-10-17", "Statement": [allow(Condition=condition)]}
    found = ask(policy, REPOSITORY, Question(caller_of(OTHER), wanted_of("BatchGetImage")), Trust.nobody())
    assert "aws:PrincipalTag/owner, aws:PrincipalTag/Team, aws:SourceVpc" in found.reply.reason
    reason = judge(policy, REPOSITORY, Trust.nobody()).grants[0].reason
    assert "its conditions on aws:PrincipalTag/Team, aws:SourceVpc confine the network" in reason


def test_a_work_budget_that_is_spent_leaves_it_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "STEPS", 5)
    condition = {"StringLike": {"aws:PrincipalArn": "*a*b*"}}
    assert answer_to([allow(Condition=condition)]).answer is Answer.UNDECIDED
    two = [allow(Condition=condition), {**allow(Condition=condition), "Action": "ecr:GetDownloadUrlForLayer"}]
    found = answer_to(two, can="pull")
    assert (found.answer, "too complex" in found.reply.reason) == (Answer.UNDECIDED, True)


def test_a_budget_that_is_spent_on_all_together_leaves_it_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    endpoints = ("vpce-0123456789abcdef0", "vpce-0fedcba9876543210")
    actions = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
    two = [
        {**allow(Condition={"StringEquals": {"aws:SourceVpce": one}}), "Action": action}
        for one, action in zip(endpoints, actions, strict=True)
    ]
    found = None
    for steps in range(40, 2_000, 20):
        monkeypatch.setattr(asking, "STEPS", steps)
        found = answer_to(two, can="pull")
        if found.answer is Answer.UNDECIDED and [one.answer for one in found.single] == [Answer.DEPENDS] * 2:
            return
    pytest.fail(f"no budget ends between the parts and the whole: {found}")


def test_sources_that_cannot_all_be_tried_leave_it_undecided() -> None:
    condition = {"StringLike": {"aws:SourceArn": "*1111222*33"}, "StringEquals": {"ecr:Surprise": "x"}}
    found = answer_to([allow({"Service": "lambda.amazonaws.com"}, Condition=condition)], "lambda.amazonaws.com")
    assert (found.answer, sentence("replies.distinguishes_accounts_organizations") in found.reply.reason) == (
        Answer.UNDECIDED,
        True,
    )


def test_what_is_not_known_before_deployment_is_named() -> None:
    hole = Holed((Hole("Partner"),))
    found = answer_to([allow({"AWS": hole})])
    assert (found.answer, "`Partner`" in found.reply.reason or "Partner" in found.reply.reason) == (
        Answer.UNDECIDED,
        True,
    )
    whole = {"Effect": hole, "Principal": {"AWS": OTHER}, "Action": "ecr:*"}
    found = answer_to([whole])
    assert (found.answer, "unknown values" in found.reply.reason) == (Answer.UNDECIDED, True)


@pytest.mark.parametrize(
    "start, can, answer",
    [
        ("ecr:New", "ecr:*", Answer.UNDECIDED),
        ("ecr:New", "ecr:*Image", Answer.UNDECIDED),
        ("ecr:New", "ecr:Put*", Answer.DENIED),
        ("", "ecr:Put*", Answer.UNDECIDED),
    ],
)
def test_an_action_with_a_hole_may_be_one_that_no_table_names(start: str, can: str, answer: Answer) -> None:
    parts = (start, Hole("Action")) if start else (Hole("Action"),)
    assert answer_to([{**allow({"AWS": OTHER}), "Action": Holed(parts)}], can=can).answer is answer


def test_what_lets_in_and_what_keeps_out() -> None:
    statement = allow({"AWS": OTHER})
    assert (answer_to([statement]).lets_in, answer_to([statement]).keeps_out) == (True, False)
    half = answer_to([statement], can="pull")
    assert (half.answer, half.lets_in, half.keeps_out) == (Answer.PARTLY, True, True)
    none = answer_to([statement], "333344445555")
    assert (none.lets_in, none.keeps_out) == (False, True)
    depends = answer_to([allow({"AWS": OTHER}, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})])
    assert (depends.answer, depends.lets_in, depends.keeps_out) == (Answer.DEPENDS, True, True)


def test_notes_of_the_policy_are_told() -> None:
    policy = {"Version": "2012-10-17", "Statement": [allow({"AWS": ["AROAEXAMPLEID0000001", OTHER]})]}
    question = Question(caller_of(OTHER), wanted_of("BatchGetImage"))
    found = ask(policy, REPOSITORY, question, Trust.nobody(), Origin.DEPLOYED)
    assert found.answer is Answer.ALLOWED
    assert "stale principal" in found.notes[0]


def test_tags_of_the_repository_count_where_they_are_known() -> None:
    condition = {"StringEquals": {"ecr:ResourceTag/team": "ci"}}
    policy = {"Version": "2012-10-17", "Statement": [allow({"AWS": OTHER}, Condition=condition)]}
    question = Question(caller_of(OTHER), wanted_of("BatchGetImage"))
    tagged = Repository(OWNER, tags={"Team": "ci"}, tags_known=True)
    assert ask(policy, tagged, question, Trust.nobody()).answer is Answer.ALLOWED
    assert ask(policy, REPOSITORY, question, Trust.nobody()).answer is Answer.UNDECIDED


# --- other documents ---


def beside(effect: str, scope: Scope, action: str = "ecr:*") -> Beside:
    arn = f"arn:aws:ecr:eu-west-1:{OWNER}:repository/base/*"
    statement = {"Sid": "R", "Effect": effect, "Principal": {"AWS": OTHER}, "Action": action, "Resource": arn}
    return Beside(RegistryPolicy({"Version": "2012-10-17", "Statement": [statement]}, scope), ())


def asked_beside(documents: Beside, can: str = "ecr:BatchGetImage", who: str = OTHER) -> Answered:
    policy = {"Version": "2012-10-17", "Statement": [allow({"AWS": OTHER})]}
    return ask(policy, REPOSITORY, Question(caller_of(who), wanted_of(can)), Trust.nobody(), beside=documents)


@pytest.mark.parametrize(
    "effect, scope, can, answer, document",
    [
        ("Allow", Scope.V2, "ecr:PutImage", Answer.ALLOWED, "registry"),
        ("Allow", Scope.V1, "ecr:PutImage", Answer.DENIED, None),
        ("Allow", Scope.UNKNOWN, "ecr:PutImage", Answer.UNDECIDED, "registry"),
        ("Allow", Scope.UNKNOWN, "ecr:ReplicateImage", Answer.ALLOWED, "registry"),
        ("Deny", Scope.V2, "ecr:BatchGetImage", Answer.DENIED, "registry"),
        ("Deny", Scope.V1, "ecr:BatchGetImage", Answer.ALLOWED, "repository"),
        ("Deny", Scope.UNKNOWN, "ecr:BatchGetImage", Answer.UNDECIDED, "registry"),
    ],
)
def test_a_registry_policy_counts_by_its_scope(
    effect: str, scope: Scope, can: str, answer: Answer, document: str | None
) -> None:
    found = asked_beside(beside(effect, scope), can)
    assert found.answer is answer
    assert (document in {one.policy for one in found.reply.by}) is (document is not None)
    if document == "registry":
        assert "of the registry policy" in found.reply.reason


def test_a_registry_policy_about_other_repositories_does_not_count() -> None:
    other = Repository(OWNER, "team/api", "eu-west-1")
    question = Question(caller_of(OTHER), wanted_of("ecr:PutImage"))
    found = ask(None, other, question, Trust.nobody(), beside=beside("Allow", Scope.V2))
    assert found.answer is Answer.DENIED


def test_a_registry_policy_that_is_not_known_or_not_valid_leaves_it_undecided() -> None:
    unread = asked_beside(Beside(RegistryPolicy(unread="access denied"), ()))
    assert (unread.answer, "access denied" in unread.reply.reason) == (Answer.UNDECIDED, True)
    broken = asked_beside(Beside(RegistryPolicy("{"), ()))
    assert (broken.answer, "IAM would reject" in broken.reply.reason) == (Answer.UNDECIDED, True)


def test_a_resource_control_policy_denies_to_the_owner_too() -> None:
    perimeter = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "ecr:*", "Resource": "*"}],
    }
    documents = Beside(None, (perimeter,))
    question = Question(caller_of(OTHER), wanted_of("ecr:DescribeImages"))
    policy = {"Version": "2012-10-17", "Statement": [{**allow({"AWS": OTHER}), "Action": "ecr:*"}]}
    found = ask(policy, REPOSITORY, question, Trust.nobody(), beside=documents)
    assert found.answer is Answer.DENIED
    assert {one.policy for one in found.reply.by} == {"resource-control"}
    # A service-linked role of the account may pull, and resource control policies do not apply to it.
    assert asked_beside(documents).answer is Answer.UNDECIDED
    assert asked_beside(documents, who=OWNER, can="ecr:SetRepositoryPolicy").answer is Answer.DENIED
