"""Terraform plans: the state after apply is judged, and a value that is only known after apply is a hole."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.check.terraform.plans import Json, Planned, plan, said, text
from tests.cli.conftest import OWNER, Result, Run, Write
from tests.wording import sentence

OTHER = "222233334444"
OPEN = text({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}]})
OWN = text({"Statement": [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OWNER}:root"}, "Action": "ecr:*"}]})
POLICY = "aws_ecr_repository_policy.this"
DOCUMENT = "data.aws_iam_policy_document.this"
FROM_DOCUMENT = {"policy": said(f"{DOCUMENT}.json", DOCUMENT), "repository": {"constant_value": "base/x"}}


def check(run: Run, write: Write, document: object, *arguments: str) -> Result:
    return run("check", "--format", "json", "--account", OWNER, *arguments, write(text(document), "plan.json"))


def only(done: Result) -> Json:
    (policy,) = done.json["policies"]
    return dict(policy)


def statement(identifiers: Any, kind: str = "AWS", **more: Any) -> Json:  # noqa: ANN401 - JSON
    return {
        "sid": None,
        "effect": "Allow",
        "actions": ["ecr:BatchGetImage"],
        "not_actions": None,
        "resources": None,
        "not_resources": None,
        "not_principals": [],
        "principals": [{"type": kind, "identifiers": identifiers}],
        "condition": [],
        **more,
    }


def read_at_apply(*statements: Json, unknown: Any = None, **more: Any) -> tuple[Planned, Planned]:  # noqa: ANN401 - JSON
    """Return a policy from a document that Terraform reads during apply."""
    after = {"statement": list(statements), "version": None, "policy_id": None, **more}
    doubts = {"id": True, "json": True, "statement": unknown or [{} for _ in statements]}
    return (
        Planned(POLICY, {"repository": "base/x"}, {"policy": True, "id": True}, FROM_DOCUMENT),
        Planned(DOCUMENT, after, doubts, actions=("read",)),
    )


def test_a_known_policy_is_judged_and_placed_in_the_one_line_of_a_plan(run: Run, write: Write) -> None:
    document = plan(Planned(POLICY, {"repository": "base/x", "policy": OPEN}))
    done = check(run, write, document)
    found = only(done)
    assert done.status == 1
    assert (found["resource"], found["kind"], found["public"]) == (POLICY, "repository", True)
    line = Path(found["file"]).read_text("utf-8").split("\n")[found["line"] - 1]
    assert line[found["column"] - 1 :].startswith(r"{\"Effect\":\"Allow\"")


@pytest.mark.parametrize(
    "kind, attribute, expected",
    [
        ("aws_ecr_repository_policy", "policy", "repository"),
        ("aws_ecr_registry_policy", "policy", "registry"),
        ("aws_ecr_repository_creation_template", "repository_policy", "creation-template"),
        ("aws_ecrpublic_repository_policy", "policy", "public-repository"),
        ("awscc_ecr_repository", "repository_policy_text", "repository"),
        ("awscc_ecr_registry_policy", "policy_text", "registry"),
        ("awscc_ecr_repository_creation_template", "repository_policy", "creation-template"),
        ("awscc_ecr_public_repository", "repository_policy_text", "public-repository"),
    ],
)
def test_every_resource_that_carries_a_policy(run: Run, write: Write, kind: str, attribute: str, expected: str) -> None:
    found = only(check(run, write, plan(Planned(f"{kind}.x", {attribute: OWN}))))
    assert (found["resource"], found["kind"]) == (f"{kind}.x", expected)


def test_a_resource_without_a_policy_is_listed_and_compliant(run: Run, write: Write) -> None:
    found = only(check(run, write, plan(Planned("awscc_ecr_repository.x", {"repository_policy_text": None}))))
    assert found["compliance"] == "COMPLIANT"


def test_addresses_of_modules_counts_and_keys(run: Run, write: Write) -> None:
    addresses = [
        f"{POLICY}[0]",
        f"module.ecr.{POLICY}",
        f'module.ecr["a.b/c"].{POLICY}["x"]',
        f"module.outer.module.inner.{POLICY}[1]",
    ]
    document = plan(*(Planned(one, {"repository": "x", "policy": OWN}) for one in addresses))
    assert [one["resource"] for one in check(run, write, document).json["policies"]] == addresses


@pytest.mark.parametrize(
    "actions, judged",
    [
        (("no-op",), True),
        (("update",), True),
        (("delete", "create"), True),
        (("create", "delete"), True),
        (("delete",), False),
    ],
)
def test_what_a_plan_does_to_a_policy(run: Run, write: Write, actions: tuple[str, ...], *, judged: bool) -> None:
    after = {"repository": "x", "policy": OPEN} if judged else None
    document = plan(Planned(POLICY, after, actions=actions, before={"repository": "x", "policy": OWN}))
    assert [one["public"] for one in check(run, write, document).json["policies"]] == [True] * judged


def test_a_policy_that_is_only_forgotten_stays_and_is_judged(run: Run, write: Write) -> None:
    document = plan(Planned(POLICY, None, actions=("forget",), before={"repository": "x", "policy": OPEN}))
    found = only(check(run, write, document))
    assert found["public"]
    assert any("only forgets it" in note for note in found["notes"])


def test_a_policy_known_only_after_apply_is_undecided_and_names_what_it_waits_for(run: Run, write: Write) -> None:
    waits = {"policy": said("aws_ssm_parameter.policy.value", "aws_ssm_parameter.policy")}
    done = check(run, write, plan(Planned(POLICY, {"repository": "x"}, {"policy": True}, waits)))
    assert done.status == 2
    assert "<aws_ssm_parameter.policy.value>" in only(done)["undecided"][0]["reason"]


def test_a_document_read_during_apply_is_judged_by_what_is_known(run: Run, write: Write) -> None:
    outside = only(check(run, write, plan(*read_at_apply(statement([f"arn:aws:iam::{OTHER}:root"])))))
    assert [grant["grantee"] for grant in outside["grants"]] == [OTHER]
    assert any(DOCUMENT in note for note in outside["notes"])
    inside = only(check(run, write, plan(*read_at_apply(statement([OWNER])))))
    assert inside["compliance"] == "COMPLIANT"
    everybody = only(check(run, write, plan(*read_at_apply(statement(["*"], "*")))))
    assert everybody["public"]


def test_a_statement_of_a_document_is_placed_where_the_plan_has_it(run: Run, write: Write) -> None:
    document = plan(*read_at_apply(statement([OWNER]), statement(["*"])))
    found = only(check(run, write, document))
    line = Path(found["file"]).read_text("utf-8").split("\n")[found["line"] - 1]
    assert json.JSONDecoder().raw_decode(line[found["column"] - 1 :])[0] == statement(["*"])


def test_only_the_unknown_part_of_a_document_is_a_hole(run: Run, write: Write) -> None:
    resources = plan(
        *read_at_apply(
            statement([OWNER], resources=[None]),
            unknown=[{"resources": [True], "principals": [{"identifiers": [False]}]}],
        )
    )
    assert not only(check(run, write, resources))["undecided"]
    role = plan(*read_at_apply(statement([None]), unknown=[{"principals": [{"identifiers": [True]}]}]))
    done = check(run, write, role)
    assert done.status == 2
    assert "statement 0" in only(done)["undecided"][0]["reason"]


def test_variables_of_iam_and_conditions_of_a_document(run: Run, write: Write) -> None:
    condition = {"test": "StringEquals", "variable": "aws:PrincipalOrgID", "values": ["o-a1b2c3d4e5"]}
    guarded = plan(*read_at_apply(statement(["*"], condition=[condition])))
    found = only(check(run, write, guarded))
    assert (found["external"], found["public"]) == (True, False)
    tagged = {"test": "StringEquals", "variable": "aws:PrincipalAccount", "values": ["&{aws:ResourceAccount}"]}
    own = only(check(run, write, plan(*read_at_apply(statement(["*"], condition=[tagged])))))
    assert not own["external"]


@pytest.mark.parametrize(
    "name", ["source_policy_documents", "override_policy_documents", "source_json", "override_json"]
)
def test_a_document_made_from_others_read_during_apply(run: Run, write: Write, name: str) -> None:
    source = "data.aws_iam_policy_document.base"
    policy, document = read_at_apply()
    are_several = name.endswith("documents")
    document.after = {"statement": None, name: [None] if are_several else None}
    document.unknown = {"json": True, name: [True] if are_several else True}
    document.said = {name: said(f"{source}.json", source)}
    base = Planned(source, {"statement": [statement([OTHER])]}, {"json": True}, actions=("read",))
    found = only(check(run, write, plan(policy, document, base)))
    assert [grant["grantee"] for grant in found["grants"]] == [OTHER]
    assert not found["undecided"]
    unknown = only(check(run, write, plan(policy, document)))
    assert unknown["undecided"]


def test_two_policies_may_be_made_of_one_document(run: Run, write: Write) -> None:
    policy, document = read_at_apply()
    other = replace(policy, address=f"{policy.address}_too")
    found = check(run, write, plan(policy, other, document)).json["policies"]
    assert len(found) == 2
    assert found[0]["grants"] == found[1]["grants"]
    assert not any(one["undecided"] for one in found)


def test_a_document_is_found_through_a_module_s_variable_and_output(run: Run, write: Write) -> None:
    policy = Planned(f"module.ecr.{POLICY}[0]", {"repository": "x"}, {"policy": True}, {"policy": said("var.policy")})
    inside = "module.policy.data.aws_iam_policy_document.this"
    document = Planned(inside, {"statement": [statement([OTHER])]}, {"json": True}, actions=("read",))
    calls = {
        "ecr": {"expressions": {"policy": said("module.policy.json", "module.policy")}},
        "policy": {"module": {"outputs": {"json": {"expression": said(f"{DOCUMENT}.json", DOCUMENT)}}}},
    }
    found = only(check(run, write, plan(policy, document, module_calls=calls)))
    assert [grant["grantee"] for grant in found["grants"]] == [OTHER]


def test_an_expression_of_more_than_one_document_is_not_guessed_at(run: Run, write: Write) -> None:
    policy, document = read_at_apply(statement([OWNER]))
    policy.said = {"policy": said("var.open", f"{DOCUMENT}.json", DOCUMENT)}
    assert only(check(run, write, plan(policy, document)))["undecided"]


@pytest.mark.parametrize("by, keys", [("each.key", ['["a"]', '["b"]']), ("count.index", ["[0]", "[1]"])])
def test_each_instance_has_its_own_document(run: Run, write: Write, by: str, keys: list[str]) -> None:
    refers = {"policy": said(DOCUMENT, by)}
    first, second = keys
    parts = [
        Planned(f"{POLICY}{first}", {"repository": "a"}, {"policy": True}, refers),
        Planned(f"{POLICY}{second}", {"repository": "b"}, {"policy": True}, refers),
        Planned(f"{DOCUMENT}{first}", {"statement": [statement([OWNER])]}, {"json": True}, actions=("read",)),
        Planned(f"{DOCUMENT}{second}", {"statement": [statement([OTHER])]}, {"json": True}, actions=("read",)),
    ]
    found = check(run, write, plan(*parts)).json["policies"]
    assert [one["external"] for one in found] == [False, True]


def test_names_reach_the_register(run: Run, write: Write) -> None:
    register = write({"version": 1, "trust": [{"account": OTHER, "repositories": ["base/*"]}]}, "trust.json")
    for name, status in (("base/python", 0), ("tools/x", 1)):
        after = {
            "repository": name,
            "policy": OWN.replace(OWNER, OTHER).replace("ecr:*", "ecr:BatchGetImage"),
        }
        assert check(run, write, plan(Planned(POLICY, after)), "--trust", register).status == status


def test_the_tags_of_the_repository_are_known_from_the_plan(run: Run, write: Write) -> None:
    condition = {"StringEquals": {"ecr:ResourceTag/share": "yes"}}
    policy = text(
        {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:PutImage", "Condition": condition}]}
    )
    for tag, external in (("yes", True), ("no", False)):
        repository = Planned("aws_ecr_repository.x", {"name": "x", "tags_all": {"share": tag}})
        found = only(check(run, write, plan(repository, Planned(POLICY, {"repository": "x", "policy": policy}))))
        assert (found["external"], found["undecided"]) == (external, [])


def test_a_tag_that_is_not_known_may_have_any_value(run: Run, write: Write) -> None:
    condition = {"StringEquals": {"ecr:ResourceTag/share": "yes"}}
    policy = text(
        {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:PutImage", "Condition": condition}]}
    )
    of_policy = Planned(POLICY, {"repository": "x", "policy": policy})
    known = {"name": "x", "tags_all": {"team": "a"}}
    for unknown in ({"tags_all": {"share": True}}, {"tags_all": True}):
        repository = Planned("aws_ecr_repository.x", known, unknown)
        assert check(run, write, plan(repository, of_policy)).status == 2
    # Of two repositories with the same name, one has the policy.
    others = [Planned(f"aws_ecr_repository.{tag}", {"name": "x", "tags_all": {"share": tag}}) for tag in ("yes", "no")]
    assert check(run, write, plan(*others, of_policy)).status == 2
    assert check(run, write, plan(*reversed(others), of_policy)).status == 2


def test_a_plan_that_lacks_what_it_plans_is_refused(run: Run, write: Write) -> None:
    document = plan(Planned(POLICY, {"repository": "x", "policy": OWN}))
    del document["planned_values"], document["resource_changes"]
    done = check(run, write, document)
    assert done.status == 3
    assert ["an incomplete plan" in error["reason"] for error in done.json["errors"]] == [True]


@pytest.mark.parametrize("part", ["planned_values", "resource_changes"])
def test_a_plan_is_judged_by_what_is_left_of_it(run: Run, write: Write, part: str) -> None:
    document = plan(Planned(POLICY, {"repository": "x", "policy": OPEN}))
    del document[part]
    assert only(check(run, write, document))["public"]


@pytest.mark.parametrize("configuration", [True, False])
def test_a_policy_that_planned_values_leave_out_is_undecided(run: Run, write: Write, *, configuration: bool) -> None:
    document = plan(Planned(POLICY, {"repository": "x"}, said={"policy": said("aws_ssm_parameter.x.value")}))
    del document["resource_changes"]
    if not configuration:
        del document["configuration"]
    assert check(run, write, document).status == 2


def test_what_nobody_sets_is_not_there_though_a_provider_computes_it(run: Run, write: Write) -> None:
    unset = Planned("awscc_ecr_repository.x", {"repository_name": "x"}, {"repository_policy_text": True})
    assert check(run, write, plan(unset)).status == 0
    unset.said = {"repository_policy_text": said("aws_ssm_parameter.x.value")}
    assert check(run, write, plan(unset)).status == 2


@pytest.mark.parametrize(
    "after, configuration, status",
    [
        pytest.param({}, True, 2, id="said, and left out"),
        pytest.param({}, False, 0, id="left out, and nobody knows whether it is said"),
        pytest.param({"repository_policy_text": None}, True, 0, id="said, and known to be null"),
    ],
)
def test_a_policy_that_a_repository_need_not_have_is_undecided_if_it_is_said_and_left_out(
    run: Run, write: Write, after: Json, status: int, *, configuration: bool
) -> None:
    resource = "awscc_ecr_repository.x"
    says = {"repository_policy_text": said("aws_ssm_parameter.x.value")}
    document = plan(Planned(resource, {"repository_name": "x", **after}, said=says))
    del document["resource_changes"]
    if not configuration:
        del document["configuration"]
    assert check(run, write, document).status == status


def test_a_plan_cut_in_the_middle_and_one_that_failed_are_refused(run: Run, write: Write) -> None:
    whole = text(plan(Planned(POLICY, {"repository": "x", "policy": OWN})))
    cut = run("check", "--format", "json", "--account", OWNER, write(whole[: len(whole) // 2], "cut.json"))
    assert (cut.status, cut.json["policies"], len(cut.json["errors"])) == (3, [], 1)
    assert check(run, write, plan(errored=True)).status == 3


def test_an_empty_plan_holds_nothing(run: Run, write: Write) -> None:
    done = check(run, write, plan())
    assert (done.status, done.json["errors"], done.json["skipped"]) == (0, [], [])


def test_a_plan_of_another_account_is_warned_of(run: Run, write: Write) -> None:
    caller = {"address": "data.aws_caller_identity.current", "values": {"account_id": OTHER}}
    prior = {"values": {"root_module": {"resources": [caller]}}}
    document = plan(Planned(POLICY, {"repository": "x", "policy": OWN}), prior_state=prior)
    found = only(check(run, write, document))
    assert [OTHER in note and OWNER in note for note in found["notes"]] == [True]
    unnamed = run("check", "--format", "json", write(text(document), "plan.json"))
    assert [grant["grantee"] for grant in only(unnamed)["grants"]] == [OWNER]


def test_the_account_of_the_plan_is_not_that_of_a_provider_with_other_credentials(run: Run, write: Write) -> None:
    caller = {"address": "data.aws_caller_identity.current", "values": {"account_id": OTHER}}
    prior = {"values": {"root_module": {"resources": [caller]}}}
    document = plan(Planned(POLICY, {"repository": "x", "policy": OWN}, provider="aws.shared"), prior_state=prior)
    shared = {"name": "aws", "alias": "shared", "expressions": {"profile": {"references": ["var.profile"]}}}
    document["configuration"]["provider_config"]["aws.shared"] = shared
    found = only(run("check", "--format", "json", write(text(document), "plan.json")))
    assert ["aws.shared" in note for note in found["notes"]] == [True]
    assert [one["reason"].partition(":")[0] for one in found["undecided"]] == [f"if the owner is not {OWNER}"]


def test_a_provider_of_another_account_owns_what_it_makes(run: Run, write: Write) -> None:
    document = plan(Planned(POLICY, {"repository": "x", "policy": OWN}, provider="aws.shared"))
    role = {"constant_value": f"arn:aws:iam::{OTHER}:role/deploy"}
    shared = {"name": "aws", "alias": "shared", "expressions": {"assume_role": [{"role_arn": role}]}}
    document["configuration"]["provider_config"]["aws.shared"] = shared
    assert [grant["grantee"] for grant in only(check(run, write, document))["grants"]] == [OWNER]
    for expressions, notes in (
        ({"profile": {"references": ["var.profile"]}}, [True]),
        ({"region": {"constant_value": "us-east-1"}}, []),
    ):
        shared["expressions"] = expressions
        found = only(check(run, write, document))
        assert (found["grants"], ["aws.shared" in note for note in found["notes"]]) == ([], notes)


@pytest.mark.parametrize(
    "role", [{}, {"references": ["var.role"]}, *({"constant_value": one} for one in (None, "", "x", 5))]
)
def test_a_provider_whose_role_nobody_knows_is_of_an_account_that_nobody_knows(
    run: Run, write: Write, role: Json
) -> None:
    document = plan(Planned(POLICY, {"repository": "x", "policy": OWN}, provider="aws.shared"))
    shared = {"name": "aws", "alias": "shared", "expressions": {"assume_role": [{"role_arn": role}]}}
    document["configuration"]["provider_config"]["aws.shared"] = shared
    (note,) = only(check(run, write, document))["notes"]
    assert sentence("plan.aws_shared_account") in note


@pytest.mark.parametrize(
    "content",
    [
        '{"@level":"info","@message":"Terraform 1.9.5","type":"version"}\n{"@level":"info"}\n',
        sentence("terraform.terraform_used_selected"),
    ],
)
def test_what_is_printed_beside_a_plan_is_refused_with_what_would_be_right(
    run: Run, write: Write, content: str
) -> None:
    done = run("check", "--format", "json", "--account", OWNER, write(content, "plan.json"))
    assert (done.status, ["terraform show -json" in one["reason"] for one in done.json["errors"]]) == (3, [True])


def test_a_change_that_is_put_off_is_judged(run: Run, write: Write) -> None:
    change = {"actions": ["create"], "before": None, "after": {"policy": OPEN}, "after_unknown": {"repository": True}}
    named = {"address": POLICY, "mode": "managed", "type": "aws_ecr_repository_policy", "name": "x", "change": change}
    deferred = [{"reason": "resource_config_unknown", "resource_change": named}]
    found = only(check(run, write, plan(complete=False, deferred_changes=deferred)))
    assert (found["resource"], found["public"]) == (POLICY, True)


def test_a_stack_inside_a_plan_is_looked_into(run: Run, write: Write) -> None:
    properties = {"RepositoryPolicyText": json.loads(OPEN)}
    template = text({"Resources": {"Repository": {"Type": "AWS::ECR::Repository", "Properties": properties}}})
    known = Planned("aws_cloudformation_stack.x", {"template_body": template, "parameters": None})
    found = only(check(run, write, plan(known)))
    assert (found["resource"], found["public"]) == ("aws_cloudformation_stack.x/Repository", True)
    in_members = only(check(run, write, plan(Planned("aws_cloudformation_stack_set.x", {"template_body": template}))))
    assert (in_members["resource"], in_members["public"]) == ("aws_cloudformation_stack_set.x/Repository", True)
    unknown = Planned("aws_cloudformation_stack.x", {"name": "x"}, {"template_body": True})
    done = check(run, write, plan(unknown))
    assert [one["resource"] for one in done.json["unjudged"]] == ["aws_cloudformation_stack.x"]


def test_a_stack_whose_template_is_none_is_an_error(run: Run, write: Write) -> None:
    for body in ("{", "Resources: [", "just text"):
        done = check(run, write, plan(Planned("aws_cloudformation_stack.x", {"template_body": body})))
        assert (done.status, ["aws_cloudformation_stack.x" in one["reason"] for one in done.json["errors"]]) == (
            3,
            [True],
        )


def test_principals_and_conditions_that_come_at_apply_are_holes_of_their_own(run: Run, write: Write) -> None:
    for doubt in ({"principals": True}, {"principals": [{"type": True}]}, {"condition": True}, {"effect": True}):
        resources = read_at_apply(statement(["*"]), unknown=[doubt])
        done = check(run, write, plan(*resources))
        assert (done.status, only(done)["grants"]) == (2, []), doubt
    own = read_at_apply(statement([OWNER]), unknown=[{"condition": True, "actions": True}])
    assert check(run, write, plan(*own)).status == 0


def test_a_document_whose_statements_come_at_apply_is_undecided(run: Run, write: Write) -> None:
    policy, document = read_at_apply()
    document.after, document.unknown = {}, {"json": True, "statement": True}
    assert check(run, write, plan(policy, document)).status == 2


def test_what_is_known_of_a_list_and_what_is_not_stand_side_by_side(run: Run, write: Write) -> None:
    for identifiers in ([OTHER], [OTHER, None]):
        unknown = [{"principals": [{"identifiers": [False, True]}]}]
        found = only(check(run, write, plan(*read_at_apply(statement(identifiers), unknown=unknown))))
        assert [grant["grantee"] for grant in found["grants"]] == [OTHER]
        assert found["undecided"]


def test_a_document_whose_name_begins_another_s_is_not_lost_beside_it(run: Run, write: Write) -> None:
    policy, document = read_at_apply(statement([OWNER]))
    longer = Planned(f"{DOCUMENT}_more", {"statement": [statement(["*"])]}, document.unknown, actions=("read",))
    policy.said = {"policy": said(DOCUMENT, "each.key", f"{DOCUMENT}_more.json", f"{DOCUMENT}_more")}
    assert only(check(run, write, plan(policy, document, longer)))["undecided"]


@pytest.mark.parametrize(
    "other, words",
    [
        (OWNER, "COMPLIANT []"),
        (OTHER, "NON_COMPLIANT ['if it is not `data.aws_iam_policy_document.this`: account"),
        ("*", "any AWS"),
    ],
)
def test_a_policy_that_is_one_of_two_documents_is_judged_as_each(
    run: Run, write: Write, other: str, words: str
) -> None:
    policy, document = read_at_apply(statement([OWNER]))
    more = Planned(f"{DOCUMENT}_more", {"statement": [statement([other])]}, document.unknown, actions=("read",))
    policy.said = {"policy": said(f"{DOCUMENT}.json", DOCUMENT, f"{DOCUMENT}_more.json", f"{DOCUMENT}_more")}
    found = only(check(run, write, plan(policy, document, more)))
    assert words in f"{found['compliance']} {[one['reason'] for one in found['undecided']]}"
    assert not found["grants"]
    document.after = {"statement": [statement(["333344445555"])]}
    both = only(check(run, write, plan(policy, document, more)))
    assert both["external"] == (other != OWNER)


def test_a_policy_that_is_one_of_many_documents_is_undecided(run: Run, write: Write) -> None:
    policy, document = read_at_apply(statement([OWNER]))
    names = [f"{DOCUMENT}{number}" for number in range(5)]
    others = [Planned(name, document.after, document.unknown, actions=("read",)) for name in names]
    policy.said = {"policy": said(*names)}
    assert only(check(run, write, plan(policy, *others)))["undecided"]


IN_MODULE = {"policy": said("var.create", f"{DOCUMENT}[0].json", f"{DOCUMENT}[0]", DOCUMENT, "var.policy")}


@pytest.mark.parametrize(
    "passed, decided",
    [
        ({}, True),
        ({"policy": {"constant_value": ""}, "create": {"constant_value": True}}, True),
        ({"create": said("var.create")}, True),
        ({"policy": {}}, False),
        ({"policy": {"constant_value": OPEN}}, False),
        ({"policy": said("local.policy")}, False),
        ({"policy": said("var.policy")}, False),
        ({"policy": said("var.nobody")}, False),
        ({"undeclared": said("var.create"), "create": said("module.elsewhere.create")}, False),
    ],
)
def test_a_module_that_makes_its_policy_unless_it_is_given_one(
    run: Run, write: Write, passed: Json, *, decided: bool
) -> None:
    policy = Planned(f"module.ecr.{POLICY}", {"repository": "x"}, {"policy": True}, IN_MODULE)
    document = Planned(
        f"module.ecr.{DOCUMENT}[0]", {"statement": [statement([OTHER])]}, {"json": True}, actions=("read",)
    )
    whole = plan(policy, document, module_calls={"ecr": {"expressions": passed}})
    whole["configuration"]["root_module"]["module_calls"]["ecr"]["module"]["variables"] = {
        "create": {"default": True},
        "policy": {"default": None},
    }
    whole["variables"] = {"create": {"value": True}, "policy": {"value": OPEN}}
    found = only(check(run, write, whole))
    assert (found["external"], bool(found["undecided"])) == (decided, not decided)


def test_a_variable_that_a_module_must_be_given_is_not_passed_over(run: Run, write: Write) -> None:
    policy = Planned(f"module.ecr.{POLICY}", {"repository": "x"}, {"policy": True}, IN_MODULE)
    document = Planned(
        f"module.ecr.{DOCUMENT}[0]", {"statement": [statement([OWNER])]}, {"json": True}, actions=("read",)
    )
    assert only(check(run, write, plan(policy, document, module_calls={"ecr": {"expressions": {}}})))["undecided"]


def test_a_splat_of_the_only_instance_is_that_instance(run: Run, write: Write) -> None:
    policy, document = read_at_apply(statement([OTHER]))
    document.address = f"{DOCUMENT}[0]"
    policy.said = {"policy": said(DOCUMENT)}
    assert only(check(run, write, plan(policy, document)))["external"]
    second = Planned(f"{DOCUMENT}[1]", document.after, document.unknown, actions=("read",))
    assert only(check(run, write, plan(policy, document, second)))["undecided"]


ROLE = "aws_iam_role.deploy"


def to_come(*names: str, provider: str = "aws", **more: Any) -> Json:  # noqa: ANN401 - JSON
    """Return a plan whose document names a principal that is known after apply, with its references."""
    policy, document = read_at_apply(statement([None]), unknown=[{"principals": [{"identifiers": [True]}]}])
    document.said = {"statement": [{"principals": [{"identifiers": said(*names)}]}]}
    role = Planned(ROLE, {"name": "deploy"}, {"arn": True}, provider=provider)
    return plan(policy, document, role, **more)


def test_the_arn_of_a_role_that_is_to_be_made_is_one_of_the_account_it_is_made_in(run: Run, write: Write) -> None:
    found = only(check(run, write, to_come(f"{ROLE}.arn", ROLE)))
    assert found["compliance"] == "COMPLIANT"
    assert any(sentence("plan.arn_known_only", role=ROLE) in note for note in found["notes"])
    shared = to_come(f"{ROLE}.arn", ROLE, provider="aws.shared")
    role = {"constant_value": f"arn:aws:iam::{OTHER}:role/deploy"}
    configured = {"name": "aws", "alias": "shared", "expressions": {"assume_role": [{"role_arn": role}]}}
    shared["configuration"]["provider_config"]["aws.shared"] = configured
    assert [grant["grantee"] for grant in only(check(run, write, shared))["grants"]] == [OTHER]
    configured["expressions"] = {"profile": {"references": ["var.profile"]}}
    assert only(check(run, write, shared))["undecided"]


@pytest.mark.parametrize(
    "names",
    [
        ("var.partner", f"{ROLE}.arn", ROLE),
        (f"{ROLE}.name", ROLE),
        ("local.role",),
        ("aws_iam_role_of_tomorrow.x.arn", "aws_iam_role_of_tomorrow.x"),
        ("data.aws_ssm_parameter.role.arn", "data.aws_ssm_parameter.role"),
        ("aws_lambda_function.f.arn", "aws_lambda_function.f", f"{ROLE}.arn", ROLE),
    ],
)
def test_what_refers_to_more_than_an_arn_that_is_known_is_not_guessed_at(
    run: Run, write: Write, names: tuple[str, ...]
) -> None:
    found = only(check(run, write, to_come(*names)))
    assert found["undecided"]
    assert not found["grants"]


def test_the_arn_of_a_role_is_found_through_a_module_s_variable(run: Run, write: Write) -> None:
    policy, document = read_at_apply(statement([None]), unknown=[{"principals": [{"identifiers": [True]}]}])
    policy.address, document.address = f"module.ecr.{POLICY}", f"module.ecr.{DOCUMENT}"
    document.said = {"statement": [{"principals": [{"identifiers": said("var.roles")}]}]}
    calls = {"ecr": {"expressions": {"roles": said(f'{ROLE}["a"].arn', f'{ROLE}["a"]', ROLE)}}}
    found = only(check(run, write, plan(policy, document, module_calls=calls)))
    assert found["compliance"] == "COMPLIANT"


def test_a_policy_that_refers_to_an_arn_is_not_that_arn(run: Run, write: Write) -> None:
    waits = {"policy": said(f"{ROLE}.arn", ROLE)}
    found = only(check(run, write, plan(Planned(POLICY, {"repository": "x"}, {"policy": True}, waits))))
    assert f"<{ROLE}.arn>" in found["undecided"][0]["reason"]


def test_the_source_of_a_service_is_of_the_account_too(run: Run, write: Write) -> None:
    condition = {"test": "ArnLike", "variable": "aws:SourceArn", "values": [None]}
    policy, document = read_at_apply(
        statement(["lambda.amazonaws.com"], "Service", condition=[condition]),
        unknown=[{"condition": [{"values": [True]}]}],
    )
    function = "aws_lambda_function.f"
    document.said = {"statement": [{"condition": [{"values": said(f"{function}.arn", function)}]}]}
    for region in ((), ("--region", "eu-west-1")):
        assert only(check(run, write, plan(policy, document), *region))["compliance"] == "COMPLIANT"
