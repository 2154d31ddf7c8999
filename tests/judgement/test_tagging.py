"""Which actions carry which tags: as botocore's model of ECR has them in the input of an operation."""

from __future__ import annotations

import json
from pathlib import Path

import botocore.session
import cfnlint
import pytest
from ecr_crossaccount import Compliance, Repository, Verdict
from ecr_crossaccount.judgement.judge import reads_tags
from ecr_crossaccount.judgement.kinds.registry import judge_registry
from ecr_crossaccount.judgement.values.actions import CONTRADICTED, KNOWN, NAMES, ActionSets

from tests.judgement.policies import OTHER, OWNER, account, allow, deny, policy, reasons, trusting, verdict
from tests.wording import sentence

MODEL = botocore.session.get_session().get_service_model("ecr")
NOT_CALLED = {"ecr:BatchImportUpstreamImage", "ecr:GetImageCopyStatus", "ecr:ReplicateImage"}
"""Actions that no operation has. The Service Authorization Reference gives them no key of the request.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
"""
UNDECIDED = ActionSets(CONTRADICTED).names(CONTRADICTED)
CALLED = sorted(KNOWN - NOT_CALLED - {*UNDECIDED})


AUTHORIZATION = Path(cfnlint.__file__).with_name("data") / "AdditionalSpecs" / "Policies.json"
"""The Service Authorization Reference, as cfn-lint has it."""


def of_registry(*statements: dict[str, object]) -> Verdict:
    speaking = [{**one, "Resource": "*"} for one in statements]
    return judge_registry(policy(*speaking), Repository(OWNER, region="eu-west-1"), trusting())


def inputs(action: str) -> set[str]:
    shape = MODEL.operation_model(action.removeprefix("ecr:")).input_shape
    return set() if shape is None else {*shape.members}


def test_the_model_has_every_action_but_those_without_an_operation() -> None:
    assert {one for one in KNOWN if one.removeprefix("ecr:") not in MODEL.operation_names} == NOT_CALLED


def test_the_tags_of_the_repository_are_keys_of_every_action_on_it() -> None:
    ecr = json.loads(AUTHORIZATION.read_text("utf-8"))["ecr"]
    keys = {one.partition("/")[0] for one in ecr["Resources"]["repository"]["ConditionKeys"]}
    assert keys == {"aws:ResourceTag", "ecr:ResourceTag"}
    known = {name.lower(): ecr["Actions"].get(name.lower()) for name in NAMES}
    assert {name for name, found in known.items() if found is None} <= {"listimagereferrers"}
    assert all(found is None or found["Resources"] == ["repository"] for found in known.values())
    prod = {"StringEquals": {"ecr:ResourceTag/env": "prod"}}
    asked = allow(account(OTHER), [f"ecr:{name}" for name in NAMES], prod)
    (grant,) = verdict(asked, tags={"env": "prod"}).grants
    assert {*grant.actions} == {f"ecr:{name}" for name in NAMES}


def test_a_tag_that_is_known_counts_although_others_may_not_be() -> None:
    asked = allow(account(OTHER), "ecr:BatchGetImage", {"StringEquals": {"ecr:ResourceTag/Env": "test"}})
    for known in (True, False):
        assert verdict(asked, tags={"env": "prod"}, tags_known=known).compliance is Compliance.COMPLIANT


@pytest.mark.parametrize("action", [*CALLED, *sorted(NOT_CALLED)])
def test_an_action_sends_the_tags_that_its_operation_takes(action: str) -> None:
    taken = inputs(action) if action in CALLED else set()
    for key, carried in (("aws:RequestTag/env", "tags" in taken), ("aws:TagKeys", bool({"tags", "tagKeys"} & taken))):
        found = of_registry(allow(account(OTHER), action, {"Null": {key: "false"}}))
        assert (found.external, found.undecided) == (carried, ()), key


def test_another_account_creates_a_repository_with_the_tag_that_a_registry_policy_asks_for() -> None:
    dev = {"StringEquals": {"aws:RequestTag/environment": "dev"}}
    found = of_registry(allow(account(OTHER), "ecr:CreateRepository", dev))
    (grant,) = found.grants
    assert grant.witness.context["aws:RequestTag/environment"] == "dev"
    assert [one.lower() for one in grant.witness.values("aws:TagKeys")] == ["environment"]
    prod = {"StringNotEquals": {"aws:RequestTag/environment": "prod"}}
    assert of_registry(allow(account(OTHER), "ecr:CreateRepository"), deny("*", "*", prod)).external


@pytest.mark.parametrize("key", ["aws:RequestTag/env", "aws:TagKeys"])
def test_whether_an_action_outside_the_table_carries_tags_is_undecided(key: str) -> None:
    asked = allow(account(OTHER), ["ecr:NewAction", "ecr:PutImage"], {"Null": {key: "false"}})
    (reason,) = reasons(verdict(asked))
    assert sentence("request.lets_someone_outside", key=key) in reason
    stopped = verdict(allow(account(OTHER), "ecr:NewAction"), deny("*", "*", {"Null": {key: "false"}}))
    assert stopped.external, "a call without tags is allowed"
    assert [grant.actions for grant in stopped.grants] == [("ecr:NewAction",)]
    bound = {"ForAllValues:StringEquals": {"aws:TagKeys": "env"}}
    assert verdict(allow(account(OTHER), "ecr:NewAction", bound)).undecided


@pytest.mark.parametrize(
    "operator, value",
    [
        ("Bool", "true"), ("Bool", "odd"), ("Null", "false"), ("NumericEquals", "5"), ("DateLessThan", "2026-12-01"),
        ("DateEquals", "2026"), ("IpAddress", "203.0.113.0/24"), ("StringEquals", "x"), ("BinaryEquals", "YQ=="),
    ],
)  # fmt: skip
def test_which_texts_read_the_tags_of_the_repository(operator: str, value: str) -> None:
    def reads(name: str, tag: str) -> bool:
        conditions = {operator: {name: value}, "StringLike": {"aws:userid": tag}}
        return reads_tags(json.dumps(policy(allow("*", condition=conditions))))

    assert reads("ecr:ResourceTag/env", "x")
    assert reads("aws:username", "${aws:ResourceTag/env}")
    assert not reads("aws:username", "resourcetag/")
