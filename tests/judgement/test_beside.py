"""The documents that decide together with a repository's policy: the registry policy and resource control policies."""

from __future__ import annotations

import json
from types import MappingProxyType

import pytest
from ecr_crossaccount import (
    Compliance,
    Hole,
    Origin,
    RegistryPolicy,
    Repository,
    Scope,
    Severity,
    Trust,
    Verdict,
    judge,
)
from ecr_crossaccount.documents.document import Document
from ecr_crossaccount.judgement.judgement import Judgement
from ecr_crossaccount.judgement.values.members import Members

from tests.case_tables import ANY_DAY, Case, cases_beside
from tests.judgement.policies import DAY, OTHER, OWNER, THIRD, account, allow, deny, policy, trusting
from tests.wording import sentence

HERE = Repository(OWNER, "base/python", region="eu-west-1")
EVERYWHERE = {"Resource": "*"}
ROLE = {"AWS": f"arn:aws:iam::{OTHER}:role/ci"}


@pytest.mark.parametrize("case", cases_beside(), ids=lambda case: f"{case.table}: {case.name}")
@pytest.mark.parametrize("as_text", [False, True])
def test_the_table(case: Case, *, as_text: bool) -> None:
    trust = Trust.parse(case.register, today=ANY_DAY)
    document = case.registry_policy
    if as_text and document is not None and not isinstance(document, str):
        document = json.dumps(document)
    own = json.dumps(case.policy) if as_text and isinstance(case.policy, dict) else case.policy
    registry = RegistryPolicy(document, Scope(case.registry_scope or "unknown")) if case.names_registry else None
    repository = Repository(case.owner, **case.repository_fields())
    found = judge(own, repository, trust, Origin.PROPOSED, registry=registry, rcps=case.rcps)
    assert case.expect.differences(found.to_json()) == []


def test_a_registry_policy_that_was_not_read_is_undecided() -> None:
    unread = RegistryPolicy(scope=Scope.V2, unread="AccessDeniedException")
    found = judge(None, HERE, trusting(), registry=unread)
    assert found.compliance is Compliance.NON_COMPLIANT
    assert not found.external
    [doubt] = found.undecided
    assert (doubt.statement, doubt.document) == (None, Document.REGISTRY)
    assert "AccessDeniedException" in doubt.reason


def test_a_grant_of_the_policy_stays_where_the_registry_policy_was_not_read() -> None:
    unread = RegistryPolicy(unread="AccessDeniedException")
    found = judge(policy(allow(account(OTHER))), HERE, trusting(), registry=unread)
    assert [grant.grantee for grant in found.grants] == [OTHER]


def test_a_registry_policy_that_is_not_known_before_deployment_is_undecided() -> None:
    found = judge(None, HERE, trusting(), registry=RegistryPolicy(Hole("Policy"), Scope.V2))
    assert not found.invalid
    assert [one.document for one in found.undecided] == [Document.REGISTRY]


def test_a_resource_control_policy_that_is_not_known_before_deployment_denies_nothing() -> None:
    control = {"Version": "2012-10-17", "Statement": [Hole("Deny")]}
    found = judge(policy(allow(account(OTHER))), HERE, trusting(), rcps=[control])
    assert found.external
    assert [one.at for one in found.invalid] == ["resource-control:0:$.Statement[0]"]


@pytest.mark.parametrize("action", [Hole("Action"), ["ecr:*", Hole("Action")]])
def test_a_resource_control_policy_whose_action_is_not_known_denies_nothing(action: object) -> None:
    control = {"Version": "2012-10-17", "Statement": [deny("*", "ecr:*") | EVERYWHERE | {"Action": action}]}
    found = judge(policy(allow(account(OTHER))), HERE, trusting(), rcps=[control])
    assert found.external
    assert [one.at for one in found.invalid] == ["resource-control:0:$.Statement[0]"]


@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize("length, shut", [(5_120, True), (5_121, False)])
def test_a_resource_control_policy_that_is_too_long_denies_nothing(length: int, *, shut: bool, as_text: bool) -> None:
    control = {"Version": "2012-10-17", "Statement": [deny("*", "ecr:*") | EVERYWHERE | {"Sid": ""}]}
    short = json.dumps(control, separators=(",", ":"))
    long = short.replace('"Sid":""', '"Sid":"' + "A" * (length - len(short)) + '"')
    assert len(long) == length
    found = judge(policy(allow(ROLE)), HERE, trusting(), rcps=[long if as_text else json.loads(long)])
    assert found.external is not shut
    assert [one.at for one in found.invalid] == ([] if shut else ["resource-control:0:$"])


@pytest.mark.parametrize("as_text", [False, True])
def test_a_letter_beyond_ascii_is_one_character_of_a_resource_control_policy(*, as_text: bool) -> None:
    tagged = {"StringNotEquals": {"aws:PrincipalTag/city": "Z\u00fcrich" * 700}}
    control = {"Version": "2012-10-17", "Statement": [deny("*", "ecr:*", tagged) | EVERYWHERE]}
    written = json.dumps(control, ensure_ascii=False)
    assert len(written) < 5_120 < len(json.dumps(control))
    found = judge(policy(allow(ROLE)), HERE, trusting(), rcps=[written if as_text else control])
    assert found.invalid == ()


def test_a_resource_control_policy_may_hold_other_mappings_and_holes() -> None:
    statement = MappingProxyType(deny("*", "ecr:*") | EVERYWHERE | {"Sid": Hole("Name")})
    control = {"Version": "2012-10-17", "Statement": [statement]}
    assert not judge(policy(allow(ROLE)), HERE, trusting(), rcps=[control]).external


def test_a_resource_of_a_control_policy_that_may_be_another_is_named_once() -> None:
    rcp = policy({**deny("*", "ecr:*"), "Resource": "arn:aws:ecr:eu-*"})
    found = judge(policy(allow(account(OTHER))), HERE, trusting(), rcps=[rcp])
    unknown = sentence("reasons.depends_unknown_values")
    assert [one.reason for one in found.undecided] == [f"whether statement 0 gives someone outside access {unknown}"]


@pytest.mark.parametrize("element", [{"Effect": Hole("Effect")}, {"Condition": Hole("Condition")}])
def test_the_full_access_of_resource_control_policies_has_no_element_that_is_not_known(
    element: dict[str, Hole],
) -> None:
    full = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    for statement, valid in ((full, True), ({**full, **element}, False)):
        found = judge(policy(allow(ROLE)), HERE, trusting(), rcps=[policy(statement)])
        assert (found.external, found.invalid == ()) == (True, valid)


def test_the_white_space_of_a_resource_control_policy_counts() -> None:
    control = json.dumps({"Version": "2012-10-17", "Statement": [deny("*", "ecr:*") | EVERYWHERE]})
    found = judge(policy(allow(ROLE)), HERE, trusting(), rcps=[control + " " * 5_120])
    assert found.external
    assert "white space" in found.invalid[0].reason


def test_what_both_scopes_say_is_said_and_the_rest_is_undecided() -> None:
    registry = RegistryPolicy(
        policy(
            allow(account(OTHER), ["ecr:ReplicateImage", "ecr:PutImage"]) | EVERYWHERE,
            allow(account(THIRD), ["ecr:ReplicateImage"]) | EVERYWHERE,
        )
    )
    own = policy(allow({"Service": "lambda.amazonaws.com"}))
    found = judge(own, HERE, trusting(), registry=registry)
    actions = {(grant.document.value, grant.grantee): grant.actions for grant in found.grants}
    assert actions["registry", OTHER] == ("ecr:ReplicateImage",)
    assert actions["registry", THIRD] == ("ecr:ReplicateImage",)
    assert found.external
    assert found.service
    [doubt] = found.undecided
    assert sentence("beside.registry_policy_scope_3") in doubt.reason
    assert (doubt.statement, doubt.document) == (0, Document.REGISTRY)


def test_a_deny_of_either_scope_is_compared_action_by_action() -> None:
    registry = RegistryPolicy(
        policy(
            allow(account(OTHER), ["ecr:ReplicateImage", "ecr:PutImage"]) | EVERYWHERE,
            deny("*", ["ecr:PutImage", "ecr:BatchGetImage"]) | EVERYWHERE,
        )
    )
    own = policy(allow(account(OTHER), ["ecr:PutImage", "ecr:ListImages"]))
    found = judge(own, HERE, trusting(), registry=registry)
    actions = {grant.document.value: grant.actions for grant in found.grants}
    assert actions == {"registry": ("ecr:ReplicateImage",), "repository": ("ecr:ListImages",)}
    [doubt] = found.undecided
    assert sentence("beside.registry_policy_scope_4") in doubt.reason


def test_each_grantee_that_one_scope_alone_lets_in_is_told_once() -> None:
    registry = RegistryPolicy(
        policy(
            allow(account(OTHER, THIRD), "ecr:PutImage") | EVERYWHERE,
            allow(account(THIRD), "ecr:BatchGetImage") | EVERYWHERE,
        )
    )
    found = judge(None, HERE, trusting(), registry=registry)
    told = [(one.statement, one.document, one.grant.grantee) for one in found.undecided if one.grant is not None]
    assert sorted(told, key=str) == [
        (0, Document.REGISTRY, OTHER),
        (0, Document.REGISTRY, THIRD),
        (1, Document.REGISTRY, THIRD),
    ]
    assert found.severity is Severity.CRITICAL


def test_statements_of_one_number_in_two_documents_are_two() -> None:
    registry = RegistryPolicy(
        policy(allow(account(OTHER), "ecr:PutImage") | EVERYWHERE, deny("*", "ecr:BatchGetImage") | EVERYWHERE)
    )
    found = judge(policy(allow(account(THIRD))), HERE, trusting(), registry=registry)
    assert {(one.statement, one.document) for one in found.undecided} == {
        (0, Document.REPOSITORY),
        (0, Document.REGISTRY),
    }


def test_what_the_repository_opens_whichever_scope_counts_is_a_grant() -> None:
    ours = {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
    registry = RegistryPolicy(policy(deny("*", "ecr:*", ours) | EVERYWHERE))
    found = judge(policy(allow("*", "ecr:PutImage")), HERE, trusting(), registry=registry)
    assert (found.external, found.public, found.severity) == (True, False, Severity.CRITICAL)
    assert [(grant.grantee, grant.actions) for grant in found.grants] == [("o-a1b2c3d4e5", ("ecr:PutImage",))]
    assert sentence("beside.registry_policy_scope_any") in str(found.undecided)


def test_actions_of_which_each_scope_has_others_are_undecided() -> None:
    own = policy(allow(account(OTHER), ["ecr:ListImages"]))
    statements = [
        allow(account(THIRD), ["ecr:*"], {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}) | EVERYWHERE,
        deny("*", "ecr:ReplicateImage") | EVERYWHERE,
        deny("*", "ecr:PutImage") | EVERYWHERE,
    ]
    found = judge(own, HERE, trusting(), registry=RegistryPolicy(policy(*statements)))
    of_registry = [grant for grant in found.grants if grant.document is Document.REGISTRY]
    assert [grant.actions for grant in of_registry] == [("ecr:BatchImportUpstreamImage",)]
    assert found.undecided


def test_members_are_known_whichever_document_names_them() -> None:
    accounts = [{"account": OTHER}]
    members = Members.parse(
        {"version": 1, "organization": "o-a1b2c3d4e5", "listed": "2026-11-27T06:00:00Z", "accounts": accounts}
    )
    register = {"version": 1, "trust": [{"organization": "self", "members": True}]}
    trust = Trust.parse(register, today=DAY, members=members)
    registry = RegistryPolicy(policy(allow(account(OTHER)) | EVERYWHERE), Scope.V2)
    mine = Repository(OWNER, "base", region="eu-west-1", organization="o-a1b2c3d4e5")
    assert judge(None, mine, trust, registry=registry).compliance is Compliance.COMPLIANT
    assert judge(None, mine, trusting(), registry=registry).external


def test_the_same_registry_policy_is_judged_once_for_repositories_of_which_it_says_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    judged: list[int] = []
    whole = Judgement.verdict

    def counted(self: Judgement) -> Verdict:
        judged.append(1)
        return whole(self)

    monkeypatch.setattr(Judgement, "verdict", counted)
    text = json.dumps(policy(allow(account(OTHER), "ecr:ListImages") | EVERYWHERE))
    own = json.dumps(policy(allow(account(THIRD), "ecr:ListImages")))
    for name in ("one", "two", "three"):
        judge(own, Repository(OWNER, name, region="eu-west-1"), Trust.nobody(), registry=RegistryPolicy(text, Scope.V2))
    assert judged == [1]


@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize("asks", ["policy", "registry", "control"])
def test_the_tags_count_whichever_document_asks_about_them(asks: str, *, as_text: bool) -> None:
    def written(*statements: object) -> object:
        return json.dumps(policy(*statements)) if as_text else policy(*statements)

    open_to_all = {"StringEquals": {"aws:ResourceTag/team": "open"}}
    closed = {"StringNotEquals": {"aws:ResourceTag/team": "open"}}
    role = allow(ROLE, condition=open_to_all if asks == "policy" else None)
    other = allow({"AWS": f"arn:aws:iam::{THIRD}:role/ci"}, condition=open_to_all if asks == "registry" else None)
    guard = deny("*", "ecr:*", closed if asks == "control" else {"Bool": {"aws:SecureTransport": "false"}})
    for team, is_open in (("open", True), ("closed", False)):
        found = judge(
            written(role),
            Repository(OWNER, "base/python", region="eu-west-1", tags={"team": team}),
            trusting(),
            registry=RegistryPolicy(written(other | EVERYWHERE), Scope.V2),
            rcps=[written(guard | EVERYWHERE)],
        )
        gone = {"policy": {OTHER}, "registry": {THIRD}, "control": {OTHER, THIRD}}[asks]
        assert {grant.grantee for grant in found.grants} == ({OTHER, THIRD} if is_open else {OTHER, THIRD} - gone)
        assert found.undecided == ()
