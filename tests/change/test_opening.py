"""What a change opens between two whole states: names, contexts, registers, forms and registry policies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ecr_crossaccount import Access, Origin, RegistryPolicy, Repository, Scope, Trust
from ecr_crossaccount.documents.document import Document
from ecr_crossaccount.documents.json import RepeatedNames
from ecr_crossaccount.documents.pattern import Hole, Holed
from ecr_crossaccount.judgement.kinds.table import ResourceKind as Kind
from ecr_crossaccount.judgement.patterns.automaton import Budget
from ecr_crossaccount.judgement.values.verdict import Severity
from ecr_crossaccount.questions.change.answer import Opened
from ecr_crossaccount.questions.change.opening import difference, opened_access
from ecr_crossaccount.questions.change.states import NO_CONDITION, Form, Guard, State, either
from ecr_crossaccount.questions.change.together import verdict_of_forms

from tests.judgement.policies import OTHER, OWNER, THIRD, account, allow, deny, policy
from tests.wording import sentence

REGION = "eu-west-1"
HERE = Repository(OWNER, "base/app", REGION)
PUSH, PULL, LOOK = "ecr:PutImage", "ecr:BatchGetImage", "ecr:DescribeRepositories"
ORGANIZATION = "o-ownorg00001"


def trusting(*entries: dict[str, Any]) -> Trust:
    return Trust.parse({"version": 1, "trust": list(entries)})


def state(*forms: object, kind: Kind = Kind.REPOSITORY, **fields: Any) -> State:  # noqa: ANN401 - those of State
    made = tuple(one if isinstance(one, Form) else Form(one) for one in forms)
    return State(kind, fields.pop("repository", HERE), fields.pop("trust", Trust.nobody()), made, **fields)


def who(found: Opened) -> set[tuple[str, str]]:
    return {(one.grant.grantee, action.removeprefix("ecr:")) for one in found.changes for action in one.grant.actions}


PARTNER = policy(allow(account(OTHER), PUSH))

# --- the repositories of both states ---


@pytest.mark.parametrize(
    "fields, other, is_within",
    [
        ({}, {}, True),
        ({"names": ("base/app",)}, {"names": ("base/app", "team")}, True),
        ({"names": ("base/app", "team")}, {"names": ("base/app",)}, False),
        ({"names": (Holed((Hole("Name"),)),)}, {"names": (Holed((Hole("Name"),)),)}, True),
        ({"names": ("base/app",)}, {"names": (Holed((Hole("Name"),)),)}, False),
        ({"names": ("base/app",)}, {"names": ("*",)}, False),
        ({"repository": replace(HERE, region=None)}, {}, True),
        ({"repository": replace(HERE, region="eu-central-1")}, {}, False),
        ({"repository": replace(HERE, account=OTHER)}, {}, False),
        ({"kind": Kind.PUBLIC_REPOSITORY}, {}, False),
        (
            {"kind": Kind.CREATION_TEMPLATE, "names": ("a/b/*",)},
            {"kind": Kind.CREATION_TEMPLATE, "names": ("a/*",)},
            True,
        ),
        ({"kind": Kind.CREATION_TEMPLATE, "names": ("*",)}, {"kind": Kind.CREATION_TEMPLATE, "names": ("a/*",)}, False),
        ({"applied_for": ("CREATE_ON_PUSH",)}, {"applied_for": ("CREATE_ON_PUSH", "REPLICATION")}, True),
        ({"applied_for": ("CREATE_ON_PUSH", "REPLICATION")}, {"applied_for": ("CREATE_ON_PUSH",)}, False),
        ({"applied_for": ("CREATE_ON_PUSH",)}, {}, False),
    ],
)
def test_which_repositories_were_there_before(
    fields: dict[str, Any],
    other: dict[str, Any],
    is_within: bool,  # noqa: FBT001 - a table
) -> None:
    after, before = state(PARTNER, **fields), state(PARTNER, **other)
    assert after.is_within(before) is is_within
    assert opened_access(before, after) == (Opened() if is_within else opened_access(None, after))


def test_without_a_state_before_everything_is_opened() -> None:
    found = opened_access(None, state(policy(allow(account(OTHER), PUSH), {"Effect": "Allow"})))
    assert who(found) == {(OTHER, "PutImage")}
    assert found.undecided
    assert found.invalid
    assert found.severity is Severity.CRITICAL


# --- the context of each state ---

_TAG = {"StringEquals": {"ecr:ResourceTag/open": "yes"}}
_VARIABLE = {"StringEquals": {"aws:PrincipalTag/team": "${aws:ResourceTag/team, 'none'}"}}


def tagged(**tags: str) -> Repository:
    return replace(HERE, tags=tags, tags_known=True)


@pytest.mark.parametrize(
    "condition, old, new, is_opened",
    [
        (_TAG, tagged(open="no"), tagged(open="yes"), True),
        (_TAG, tagged(open="yes"), tagged(open="no"), False),
        (_TAG, tagged(open="yes"), tagged(open="yes", team="red"), False),
        (_TAG, replace(HERE, tags={}), tagged(open="yes"), None),
        ({"StringNotEquals": {"ecr:ResourceTag/open": "no"}}, tagged(open="no"), tagged(), True),
        ({"StringEquals": {"aws:RequestedRegion": REGION}}, replace(HERE, region=None), HERE, None),
        ({"StringEquals": {"aws:ResourceOrgID": ORGANIZATION}}, HERE, replace(HERE, organization=ORGANIZATION), None),
        ({"StringEquals": {"ecr:ResourceTag/open": "${aws:username}"}}, tagged(open="no"), tagged(open="yes"), None),
        (_VARIABLE, tagged(team="red"), tagged(team="blue"), True),
        (_VARIABLE, tagged(team="none"), tagged(), False),
        (_VARIABLE, tagged(), tagged(team="none"), False),
        (_VARIABLE, replace(HERE, tags={}), tagged(team="red"), None),
    ],
)
def test_each_state_is_judged_with_its_own_tags_and_region(
    condition: dict[str, Any],
    old: Repository,
    new: Repository,
    is_opened: bool | None,  # noqa: FBT001 - a table
) -> None:
    limited = policy(allow(account(OTHER), PUSH, condition))
    found = opened_access(state(limited, repository=old), state(limited, repository=new))
    assert (bool(found.changes), bool(found.undecided)) == (is_opened is True, is_opened is None)


def test_a_deny_on_a_tag_counts_in_its_own_state() -> None:
    fenced = policy(allow(account(OTHER), PUSH), deny("*", "ecr:*", {"StringEquals": {"ecr:ResourceTag/open": "no"}}))
    closed, free = (state(fenced, repository=tagged(open=value)) for value in ("no", "yes"))
    assert who(opened_access(closed, free)) == {(OTHER, "PutImage")}
    assert opened_access(free, closed).is_nothing


# --- the register of each state ---


@pytest.mark.parametrize(
    "entry, statement, grantee",
    [
        ({"account": OTHER, "access": "WRITE"}, allow(account(OTHER), PUSH), OTHER),
        ({"account": OTHER, "access": "WRITE"}, allow("*", PUSH), OTHER),
        (
            {"organization": "o-partner0001", "access": "WRITE"},
            allow("*", PUSH, {"StringEquals": {"aws:PrincipalOrgID": "o-partner0001"}}),
            "o-partner0001",
        ),
        (
            {"organization_path": "o-partner0001/r-ab12/ou-ab12-11111111/*", "access": "WRITE"},
            allow(
                "*",
                PUSH,
                {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-partner0001/r-ab12/ou-ab12-11111111/*"}},
            ),
            "o-partner0001",
        ),
        (
            {"vpc": "vpc-0123456789abcdef0", "access": "WRITE"},
            allow("*", PUSH, {"StringEquals": {"aws:SourceVpc": "vpc-0123456789abcdef0"}}),
            sentence("problem.any_aws_account"),
        ),
        (
            {"vpc_endpoint": "vpce-0123456789abcdef0", "access": "WRITE"},
            allow("*", PUSH, {"StringEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0"}}),
            sentence("problem.any_aws_account"),
        ),
        (
            {"service": "lambda.amazonaws.com", "access": "WRITE"},
            allow({"Service": "lambda.amazonaws.com"}, PUSH),
            "lambda.amazonaws.com for any account",
        ),
        (
            {"account": OTHER, "access": "WRITE"},
            allow({"Service": "lambda.amazonaws.com"}, PUSH, {"StringEquals": {"aws:SourceAccount": OTHER}}),
            f"lambda.amazonaws.com for {OTHER}",
        ),
    ],
)
def test_who_is_no_longer_trusted_is_outside_again(entry: dict[str, Any], statement: Any, grantee: str) -> None:  # noqa: ANN401 - a statement
    given = policy(statement)
    trusted, alone = state(given, trust=trusting(entry)), state(given)
    found = opened_access(trusted, alone)
    assert grantee in {one.grant.grantee for one in found.changes}, found
    assert all(one.by_trust for one in found.changes)
    assert opened_access(alone, trusted).is_nothing


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}])
def test_a_service_that_is_no_longer_trusted_is_outside_whoever_else_is_named(principal: object) -> None:
    given = policy(allow(principal, PUSH), deny({"AWS": "*"}, "ecr:*"))
    entry = {"service": "lambda.amazonaws.com", "access": "WRITE"}
    found = opened_access(state(given, trust=trusting(entry)), state(given))
    assert {one.grant.grantee for one in found.changes} >= {"lambda.amazonaws.com for any account"}


def test_a_service_that_is_excepted_was_not_trusted_with_anything() -> None:
    given = policy({"Effect": "Allow", "NotPrincipal": {"Service": "lambda.amazonaws.com"}, "Action": PUSH})
    entry = {"service": "lambda.amazonaws.com", "access": "WRITE"}
    before, after = state(given, trust=trusting(entry)), state(given)
    assert not [one for one in opened_access(before, after).changes if one.grant.grantee.startswith("lambda")]


def test_access_that_is_new_is_not_told_again_because_of_the_register() -> None:
    found = opened_access(state(None, trust=trusting({"account": OTHER, "access": "WRITE"})), state(PARTNER))
    assert [(one.grant.grantee, one.by_trust) for one in found.changes] == [(OTHER, False)]


def test_trust_counts_only_for_the_access_that_it_names() -> None:
    given = policy(allow(account(OTHER), [PULL, PUSH]))
    found = opened_access(state(given, trust=trusting({"account": OTHER})), state(given))
    assert who(found) == {(OTHER, "BatchGetImage")}
    assert opened_access(state(given, trust=trusting({"service": "lambda.amazonaws.com"})), state(given)).is_nothing


def test_trust_is_asked_for_the_repositories_of_the_new_state() -> None:
    kind, entry = Kind.CREATION_TEMPLATE, {"account": OTHER, "access": "WRITE", "repositories": ["a/b/*"]}
    before = state(PARTNER, kind=kind, names=("a/*",), trust=trusting(entry), repository=replace(HERE, name="a/*"))
    after = state(PARTNER, kind=kind, names=("a/b/*",), repository=replace(HERE, name="a/b/*"))
    assert [one.by_trust for one in opened_access(before, after).changes] == [True]


# --- forms ---

PROD, DEV = (Guard(f"Env is {value}", (frozenset({("Env", value, True)}),)) for value in ("prod", "dev"))
NOT_PROD = Guard("Env is not prod", (frozenset({("Env", "prod", False)}),))


def test_guards_that_cannot_hold_together() -> None:
    assert PROD.excludes(DEV)
    assert PROD.excludes(NOT_PROD)
    assert not DEV.excludes(NOT_PROD)
    assert not NOT_PROD.excludes(NOT_PROD)
    assert not PROD.excludes(Guard("X is 1", (frozenset({("X", "1", True)}),)))
    assert not PROD.excludes(NO_CONDITION)
    assert (PROD & DEV).ways == ()
    assert str(DEV & NOT_PROD) == "Env is dev and Env is not prod"
    assert (PROD & Guard("else")).ways == PROD.ways
    assert (NO_CONDITION & PROD) == PROD
    assert str(either([PROD, DEV, PROD])) == "Env is prod or Env is dev"
    assert len(either([PROD, DEV]).ways) == 2
    assert either([PROD, Guard("else")]).ways == ()
    assert str(either([Guard(str(number)) for number in range(5)])) == "0 or 1 or 2 or in 2 more cases"


def forms(one: object, other: object, **fields: Any) -> State:  # noqa: ANN401 - the fields of Form
    return state(Form(one, PROD), Form(other, NOT_PROD, **fields))


def test_forms_that_exclude_each_other_do_not_follow_each_other() -> None:
    before = forms(None, PARTNER)
    after = state(
        Form(None, PROD), Form(None, DEV), Form(PARTNER, Guard("Env is test", (frozenset({("Env", "test", True)}),)))
    )
    assert opened_access(before, after).is_nothing
    found = opened_access(after, state(Form(PARTNER, PROD), Form(PARTNER, DEV)))
    assert {one.reason.partition(":")[0] for one in found.undecided} <= {
        "if Env is prod",
        "if Env is prod or Env is dev",
        "if Env is dev",
    }
    assert not found.is_nothing


def test_what_only_one_form_gives_is_undecided_with_its_severity() -> None:
    found = verdict_of_forms(forms(policy(allow(account(OTHER), PUSH)), None))
    (doubt,) = found.undecided
    assert (found.grants, found.external, doubt.severity) == ((), False, Severity.CRITICAL)
    assert doubt.reason.startswith("if Env is prod: account")
    assert doubt.to_json()["grant"] == doubt.grant.to_json() if doubt.grant else False


def test_what_every_form_gives_is_certain_though_by_another_statement() -> None:
    one = policy(allow(account(OTHER), [PULL, PUSH]))
    other = policy(allow(account(OTHER), [PULL, LOOK]), allow(account(THIRD), PULL))
    found = verdict_of_forms(forms(one, other, numbers=(5, 6)))
    (grant,) = found.grants
    assert (grant.actions, grant.access, grant.severity) == ((PULL,), (Access.READ,), Severity.MEDIUM)
    assert grant.reason == sentence("together.account_can_pull", other=OTHER)
    assert {(one.statement, one.severity) for one in found.undecided} == {
        (0, Severity.CRITICAL),
        (5, Severity.MEDIUM),
        (6, Severity.MEDIUM),
    }


def test_what_every_form_gives_may_come_from_several_statements() -> None:
    one = policy(allow(account(OTHER), [PULL]), allow(account(OTHER), [PUSH]))
    other = policy(allow(account(OTHER), [PULL, PUSH, LOOK]))
    found = verdict_of_forms(forms(one, other, numbers=(5,)))
    assert {grant.actions for grant in found.grants} == {(PULL,), (PUSH,)}
    assert [one.statement for one in found.undecided] == [5]
    three = state(
        Form(policy(allow(account(OTHER), [PULL, LOOK])), PROD),
        Form(policy(allow(account(OTHER), [PULL, PUSH])), DEV, numbers=(1,)),
        Form(policy(allow(account(OTHER), [PULL, "ecr:ListImages"])), Guard("else"), numbers=(2,)),
    )
    assert [grant.actions for grant in verdict_of_forms(three).grants] == [(PULL,)]


def test_if_every_form_lets_in_somebody_else_each_is_a_grant() -> None:
    found = verdict_of_forms(forms(policy(allow(account(OTHER))), policy(allow(account(THIRD)))))
    assert {grant.grantee for grant in found.grants} == {OTHER, THIRD}
    assert found.external
    assert not found.undecided
    services = [policy(allow({"Service": f"{name}.amazonaws.com"})) for name in ("lambda", "ecs")]
    assert len(verdict_of_forms(forms(*services)).grants) == 2


def test_a_form_beyond_the_defaults_adds_only_what_it_certainly_gives() -> None:
    partner = Hole("Partner")
    other = policy(allow(account(Holed(("arn:aws:iam::", partner, ":root"))), PUSH), allow(account(THIRD), LOOK))
    found = verdict_of_forms(forms(policy(allow(account(OTHER))), other, by_default=False, beyond=frozenset({partner})))
    assert [grant.grantee for grant in found.grants] == [OTHER]
    assert [one.grant.grantee for one in found.undecided if one.grant] == [THIRD]
    assert len(found.undecided) == 1
    faulty = verdict_of_forms(forms(None, {"Statement": 7}, by_default=False, beyond=frozenset({partner})))
    assert [one.reason.partition(": ")[0] for one in faulty.undecided] == ["if Env is not prod"]
    whole = verdict_of_forms(forms(None, partner, by_default=False, beyond=frozenset({partner})))
    assert not whole.undecided


def test_a_form_without_words_says_no_condition() -> None:
    found = verdict_of_forms(state(Form(PARTNER), Form(None, DEV)))
    assert [one.reason.startswith("account") for one in found.undecided] == [True]


def test_doubts_of_a_state_are_new_unless_they_were_there() -> None:
    assert [one.reason for one in verdict_of_forms(state(None, doubts=("a",))).undecided] == ["a"]
    found = difference(state(None, doubts=("a", "b")), state(None, doubts=("a", "c")))
    assert [one.reason for one in found.opened.undecided] == ["c", "b"]


def test_a_region_that_only_a_form_knows_is_its_own() -> None:
    unknown = replace(HERE, region=None)
    one = state(Form(PARTNER, region="cn-north-1"), repository=unknown)
    assert one.for_form(one.forms[0]).repository.partition == "aws-cn"
    assert state(Form(PARTNER, region="cn-north-1")).for_form(one.forms[0]).repository.region == REGION
    assert one.verdict(one.forms[0]).external


# --- registry policies ---

EVERYWHERE = {"Resource": "*"}
FENCE = deny("*", "ecr:*", {"StringNotEquals": {"aws:PrincipalOrgID": ORGANIZATION}}) | EVERYWHERE
OPENING = allow(account(OTHER), PUSH) | EVERYWHERE


def beside(own: object, *statements: Any, scope: Scope = Scope.V2, **fields: Any) -> State:  # noqa: ANN401 - statements
    return state(Form(own, registry=RegistryPolicy(policy(*statements), scope)), **fields)


def test_a_registry_policy_is_one_more_policy_of_each_state() -> None:
    assert opened_access(beside(PARTNER, FENCE), beside(PARTNER, FENCE, OPENING)).is_nothing
    assert who(opened_access(beside(PARTNER, FENCE), beside(PARTNER))) == {(OTHER, "PutImage")}
    found = opened_access(beside(policy(deny(account(OTHER), "ecr:*")), OPENING), beside(None, OPENING))
    assert [(one.grant.document, one.grant.grantee) for one in found.changes] == [(Document.REGISTRY, OTHER)]


def test_its_statements_have_the_numbers_of_all_forms() -> None:
    form = Form(None, registry=RegistryPolicy(policy(OPENING), Scope.V2), of_registry=(10_240,))
    assert [one.grant.statement for one in opened_access(None, state(form)).changes] == [0], (
        "a single form is not numbered"
    )
    two = state(replace(form, when=PROD), Form(None, NOT_PROD))
    assert [one.statement for one in verdict_of_forms(two).undecided] == [10_240]


def test_a_scope_that_changes_removes_a_fence() -> None:
    found = opened_access(beside(PARTNER, FENCE), beside(PARTNER, FENCE, scope=Scope.V1))
    assert who(found) == {(OTHER, "PutImage")}
    assert opened_access(beside(PARTNER, FENCE, scope=Scope.V1), beside(PARTNER, FENCE)).is_nothing


def test_an_unknown_scope_is_the_same_only_at_one_time() -> None:
    unknown = beside(policy(allow(account(OTHER), [PUSH, PULL])), FENCE, scope=Scope.UNKNOWN)
    narrower = beside(PARTNER, FENCE, scope=Scope.UNKNOWN)
    assert opened_access(unknown, narrower).is_nothing
    found = opened_access(unknown, narrower, at_once=False)
    assert sentence("beside.registry_policy_scope_2") in found.undecided[0].reason


@pytest.mark.parametrize(
    "statement",
    [
        allow(account(OTHER), [Holed(("ecr:Repl", Hole("A")))]) | EVERYWHERE,
        {"Effect": "Allow", "Principal": account(OTHER), "NotAction": [Holed(("ecr:Put", Hole("A")))]} | EVERYWHERE,
        {"Effect": "Allow", "Principal": account(OTHER), "NotAction": "ecr:PutImage"} | EVERYWHERE,
        allow(account(OTHER), "ecr:*") | EVERYWHERE,
    ],
)
def test_statements_in_a_scope_are_the_same_in_the_same_scope(statement: Any) -> None:  # noqa: ANN401 - a statement
    before, after = (
        beside(policy({**allow(account(THIRD), PULL), "Sid": sid}), statement, scope=Scope.V1) for sid in ("A", "B")
    )
    assert opened_access(before, after).is_nothing
    assert not opened_access(beside(None), after).is_nothing


def test_a_registry_policy_that_was_not_read_may_allow_what_a_deny_stopped() -> None:
    unread = RegistryPolicy(unread="it is not here")
    before, after = (state(Form(own, registry=unread)) for own in (policy(deny(account(OTHER), "ecr:*")), None))
    (doubt,) = opened_access(before, after).undecided
    assert doubt.document is Document.REGISTRY
    assert opened_access(after, before).is_nothing
    assert opened_access(after, state(Form(None, registry=replace(unread, unread="it is elsewhere")))).undecided


def test_a_registry_policy_of_a_resource_that_may_be_another_is_a_doubt() -> None:
    unknown = replace(HERE, name="*")
    limited = OPENING | {"Resource": f"arn:aws:ecr:{REGION}:{OWNER}:repository/team/*"}
    other = OPENING | {"Resource": f"arn:aws:ecr:{REGION}:{OWNER}:repository/prod/*"}
    excepted = {**OPENING, "NotResource": limited["Resource"]}
    del excepted["Resource"]
    states = [beside(None, one, repository=unknown) for one in (limited, other, excepted)]
    for one in states:
        assert opened_access(one, replace(one, trust=trusting())).is_nothing
        assert all(opened_access(one, another).undecided for another in states if another is not one)
    elsewhere = OPENING | {"Resource": f"arn:aws:ecr:{REGION}:{OTHER}:repository/*"}
    assert opened_access(states[0], beside(None, elsewhere, repository=unknown)).is_nothing


def test_the_policy_of_a_registry_has_a_scope_too() -> None:
    fenced = policy(FENCE)
    wide, narrow = (state(Form(fenced, scope=scope), kind=Kind.REGISTRY) for scope in (Scope.V2, Scope.V1))
    (doubt,) = opened_access(wide, narrow).undecided
    assert (doubt.statement, doubt.document) == (None, Document.REPOSITORY)
    assert opened_access(narrow, wide).is_nothing


def test_trust_in_a_registry_is_that_in_each_kind_of_repository() -> None:
    given = policy(OPENING)
    entry = {"account": OTHER, "access": "WRITE", "repositories": ["team/*"]}
    before, after = (state(given, kind=Kind.REGISTRY, trust=one) for one in (trusting(entry), Trust.nobody()))
    assert {one.by_trust for one in opened_access(before, after).changes} == {True}
    assert opened_access(after, before).is_nothing


@pytest.mark.parametrize(
    "statement, is_opened",
    [
        ({"Action": "ecr:CreatePullThroughCacheRule"}, False),
        ({"Action": "ecr:ReplicateImage"}, True),
    ],
)
def test_an_action_that_pages_contradict_each_other_about_is_a_doubt(
    statement: dict[str, Any],
    is_opened: bool,  # noqa: FBT001 - a table
) -> None:
    after = state(policy(OPENING | statement), kind=Kind.REGISTRY)
    found = opened_access(state(None, kind=Kind.REGISTRY), after)
    assert (bool(found.changes), bool(found.undecided)) == (is_opened, not is_opened)


# --- what IAM would not accept ---


def test_a_fault_of_a_registry_policy_or_a_control_policy_that_stays_is_no_change() -> None:
    broken = {"Effect": "Deny", "Principal": "*", "Action": "ecr:*", "Resource": "*", "Foo": 1}
    same = beside(PARTNER, broken, rcps=(policy(broken),))
    more = replace(same, forms=tuple(replace(one, policy=policy(allow(account(OTHER), [PUSH]))) for one in same.forms))
    assert opened_access(same, more).is_nothing
    assert opened_access(
        beside(PARTNER, broken), beside(PARTNER, broken, allow(account(THIRD), PUSH) | EVERYWHERE)
    ).undecided
    assert opened_access(beside(PARTNER), beside(PARTNER, broken)).undecided
    assert opened_access(replace(same, rcps=()), more).undecided


def test_a_name_that_stands_twice_is_never_the_same() -> None:
    twice = RepeatedNames([("Version", "2012-10-17"), ("Statement", []), ("Statement", [allow(account(OTHER))])])
    assert opened_access(state(twice), state(twice)).undecided


def test_resource_control_policies_count_in_each_state() -> None:
    rcp = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "ecr:*",
                "Resource": "*",
                "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORGANIZATION}},
            }
        ],
    }
    given = policy(allow(account(OTHER), [PUSH, PULL]))
    under, free = state(given, rcps=(rcp,)), state(given)
    assert {(OTHER, "PutImage")} <= who(opened_access(under, free))
    assert opened_access(free, under).is_nothing
    assert opened_access(under, state(policy(allow(account(OTHER), [PUSH])), rcps=(rcp,))).is_nothing


def test_the_budget_may_be_shared() -> None:
    budget = Budget(1)
    condition = {"StringLike": {"aws:PrincipalArn": "*a*"}}
    found = opened_access(state(None), state(policy(allow("*", PUSH, condition))), budget=budget)
    assert "too complex" in found.undecided[0].reason
    of_registry = state(policy(allow("*", PUSH, condition) | EVERYWHERE), kind=Kind.REGISTRY)
    assert opened_access(state(None, kind=Kind.REGISTRY), of_registry, budget=budget).undecided


def test_a_public_repository_is_about_who_may_push() -> None:
    public = {"kind": Kind.PUBLIC_REPOSITORY}
    found = opened_access(state(None, **public), state(policy(allow(account(OTHER), "ecr-public:PutImage")), **public))
    assert [one.grant.actions for one in found.changes] == [("ecr-public:PutImage",)]


def test_replication_that_the_register_no_longer_trusts_is_opened() -> None:
    rules = {"Rules": [{"Destinations": [{"Region": REGION, "RegistryId": OTHER}]}]}
    trusted, alone = (
        state(rules, kind=Kind.REPLICATION, trust=one) for one in (trusting({"account": OTHER}), Trust.nobody())
    )
    (change,) = opened_access(trusted, alone).changes
    assert change.by_trust
    assert "register that trusts it" in change.otherwise
    assert opened_access(alone, trusted).is_nothing
    assert opened_access(state({}, kind=Kind.REPLICATION), state({}, kind=Kind.REPLICATION)).invalid
    assert opened_access(state({}, kind=Kind.REPLICATION), alone).undecided


def test_the_origin_of_each_state_is_its_own() -> None:
    unique = policy(allow({"AWS": "AROAEXAMPLEID0000001"}))
    stored, written = (state(unique, origin=one) for one in (Origin.DEPLOYED, Origin.PROPOSED))
    assert opened_access(stored, written).undecided
    assert opened_access(written, stored).is_nothing


def test_without_a_state_before_a_registry_and_a_public_repository_open_all() -> None:
    assert who(opened_access(None, state(policy(OPENING), kind=Kind.REGISTRY))) >= {(OTHER, "PutImage")}
    public = state(policy(allow(account(OTHER), "ecr-public:PutImage")), kind=Kind.PUBLIC_REPOSITORY)
    assert who(opened_access(None, public)) == {(OTHER, "ecr-public:PutImage")}


def test_without_a_state_before_a_cache_opens_its_upstream() -> None:
    rule = {"EcrRepositoryPrefix": "hub", "UpstreamRegistryUrl": f"{OTHER}.dkr.ecr.{REGION}.amazonaws.com"}
    (change,) = opened_access(None, state(rule, kind=Kind.PULL_THROUGH_CACHE)).changes
    assert change.grant.grantee == OTHER


def test_a_deny_of_services_beside_an_allow_for_nobody() -> None:
    nobody = {"Effect": "Allow", "NotPrincipal": "*", "Action": PUSH}
    given = policy(allow(account(OTHER), PUSH), nobody)
    before = policy(*given["Statement"], deny({"Service": "lambda.amazonaws.com"}, "ecr:*"))
    assert opened_access(state(before), state(given)).is_nothing
