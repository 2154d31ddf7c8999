"""The stack of the hook: its permissions, the calls that it gets, and the Regions that support it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import boto3
import pytest
from cfnlint.helpers import REGIONS
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from ecr_crossaccount.products.hook.evaluation import Fails, Settings
from ecr_crossaccount.sources.register.lists import trust_of

from organization import sources
from tests.stack.cloudformation import Stack, assert_pattern

Json = dict[str, Any]

TEMPLATE = "organization/hook.yaml"
HOOK = "AWS::CloudFormation::LambdaHook"
WITH_HOOKS = [region for region in sorted(REGIONS) if HOOK in PROVIDER_SCHEMA_MANAGER.get_resource_types(region)]


@pytest.fixture(scope="module")
def hook_template() -> Json:
    return sources.template(TEMPLATE)


def hook(template: Json, **chosen: object) -> Json:
    return Stack(template, **chosen).properties("Hook")


def test_every_parameter_has_a_group_and_a_label(hook_template: Json) -> None:
    interface = hook_template["Metadata"]["AWS::CloudFormation::Interface"]
    grouped = [name for group in interface["ParameterGroups"] for name in group["Parameters"]]
    assert sorted(grouped) == sorted(hook_template["Parameters"]) == sorted(interface["ParameterLabels"])


def test_it_is_asked_about_every_type_that_can_let_somebody_in(hook_template: Json) -> None:
    asked = hook(hook_template)
    everywhere = [
        "AWS::ECR::Repository",
        "AWS::ECR::RegistryPolicy",
        "AWS::ECR::RepositoryCreationTemplate",
        "AWS::ECR::ReplicationConfiguration",
        "AWS::ECR::PullThroughCacheRule",
    ]
    assert asked["TargetFilters"]["TargetNames"] == everywhere
    here = hook(hook_template, **{"AWS::Region": "us-east-1"})
    assert here["TargetFilters"]["TargetNames"] == [*everywhere, "AWS::ECR::PublicRepository"]
    assert asked["TargetFilters"]["InvocationPoints"] == ["PRE_PROVISION"]
    assert [one.strip() for one in asked["TargetOperations"]] == ["RESOURCE", "CLOUD_CONTROL"]
    assert [one.strip() for one in asked["TargetFilters"]["Actions"]] == ["CREATE", "UPDATE"]


@pytest.mark.parametrize("region", WITH_HOOKS)
def test_every_type_that_it_is_asked_about_is_known_in_the_region(hook_template: Json, region: str) -> None:
    asked = set(hook(hook_template, **{"AWS::Region": region})["TargetFilters"]["TargetNames"])
    known = set(PROVIDER_SCHEMA_MANAGER.get_resource_types(region))
    assert asked <= known
    # The schemas of some Regions list public repositories, although ECR Public has no endpoint there.
    public = boto3.Session().get_available_regions("ecr-public")
    assert ("AWS::ECR::PublicRepository" in asked) is (region in public and "AWS::ECR::PublicRepository" in known)


def test_it_warns_until_somebody_says_that_it_shall_stop_operations(hook_template: Json) -> None:
    assert (hook(hook_template)["FailureMode"], hook(hook_template)["HookStatus"]) == ("WARN", "ENABLED")
    assert hook(hook_template, FailureMode="FAIL")["FailureMode"] == "FAIL"


def test_it_is_for_every_stack_unless_some_are_named(hook_template: Json) -> None:
    assert "StackFilters" not in hook(hook_template)
    chosen = {"IncludedStacks": ["registry-*"], "ExcludedStackRoles": ["arn:aws:iam::111122223333:role/emergency"]}
    assert hook(hook_template, **chosen)["StackFilters"] == {
        "FilteringCriteria": "ALL",
        "StackNames": {"Include": ["registry-*"]},
        "StackRoles": {"Exclude": ["arn:aws:iam::111122223333:role/emergency"]},
    }
    assert hook(hook_template, ExcludedStacks=["sandbox"])["StackFilters"]["StackNames"] == {"Exclude": ["sandbox"]}


def test_change_sets_have_a_hook_of_their_own_where_asked(hook_template: Json) -> None:
    assert not Stack(hook_template).condition(hook_template["Resources"]["ChangeSetHook"]["Condition"])
    stack = Stack(hook_template, ChangeSets="true", FailureMode="FAIL", ExcludedStacks=["sandbox"])
    assert stack.condition("JudgesChangeSets")
    resources, change_sets = stack.properties("Hook"), stack.properties("ChangeSetHook")
    assert change_sets["TargetOperations"] == ["CHANGE_SET"]
    # A filter by resource type might exclude change sets, and they have no other action.
    assert change_sets["TargetFilters"] == {"Actions": ["CREATE"], "InvocationPoints": ["PRE_PROVISION"]}
    same = {"FailureMode", "HookStatus", "LambdaFunction", "ExecutionRole", "StackFilters"}
    assert {name: change_sets[name] for name in same} == {name: resources[name] for name in same}
    assert change_sets["Alias"] != resources["Alias"]


def test_cloudformation_may_call_the_function_and_nothing_else(hook_template: Json) -> None:
    role = Stack(hook_template).properties("HookRole")
    (trusting,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trusting["Principal"] == {"Service": "hooks.cloudformation.amazonaws.com"}
    assert trusting["Condition"] == {"StringEquals": {"aws:SourceAccount": "111122223333"}}
    (policy,) = role["Policies"]
    (allowed,) = policy["PolicyDocument"]["Statement"]
    assert (allowed["Action"], allowed["Resource"]) == ("lambda:InvokeFunction", "<HookFunction.Arn>")


def test_the_function_may_write_its_log_and_read_the_registry_policy_and_nothing_else(hook_template: Json) -> None:
    policies = Stack(hook_template).properties("HookFunctionRole")["Policies"]
    allowed = [one for policy in policies for one in policy["PolicyDocument"]["Statement"]]
    assert [(one["Action"], one["Resource"]) for one in allowed] == [
        (["logs:CreateLogStream", "logs:PutLogEvents"], "<HookFunctionLog.Arn>"),
        (["ecr:GetAccountSetting", "ecr:GetRegistryPolicy"], "*"),
    ]


def test_the_register_is_remembered_in_a_table_that_has_the_functions_name(hook_template: Json) -> None:
    stack = Stack(hook_template, TrustRegister="ssm:/security/trust")
    policy = stack.properties("RememberRegister")
    (remember,) = policy["PolicyDocument"]["Statement"]
    assert policy["Roles"] == ["<HookFunctionRole>"]
    assert remember["Action"] == ["dynamodb:GetItem", "dynamodb:PutItem"]
    assert remember["Resource"] == "<RegisterMemory.Arn>"
    table, of_rule = (one["Resources"]["RegisterMemory"] for one in (hook_template, sources.template()))
    assert table == of_rule | {"Properties": {"TableName": {"Ref": "HookFunction"}} | of_rule["Properties"]}


def test_the_register_is_named_and_read_as_by_the_rule(hook_template: Json) -> None:
    rule = sources.template()
    for name in ("TrustRegister", "TrustRegisterAccount", "TrustRegisterKey", "TrustRegisterKeepHours", "TrustMembers"):
        assert hook_template["Parameters"][name] == rule["Parameters"][name]
    for place in ("s3://registers/trust.json", "ssm:/security/trust", "appconfig:abcd/efgh/ijkl"):
        chosen = {"TrustRegister": place, "TrustRegisterKey": "arn:aws:kms:eu-central-1:111122223333:key/0d1f"}
        chosen["TrustMembers"] = "s3://registers/members.json"
        read, wanted = (Stack(one, **chosen).properties("ReadRegister") for one in (hook_template, rule))
        assert read["Roles"] == ["<HookFunctionRole>"]
        assert read["PolicyDocument"] == wanted["PolicyDocument"]
    assert hook_template["Resources"]["ReadRegister"]["Condition"] == "TrustsRegister"
    assert not Stack(hook_template).condition("TrustsRegister")


def test_the_function_is_done_before_cloudformation_stops_waiting(hook_template: Json) -> None:
    assert hook_template["Resources"]["HookFunction"]["Properties"]["Timeout"] < 30


def test_what_the_stack_says_is_what_the_function_reads(hook_template: Json) -> None:
    def read(**chosen: str) -> Settings:
        environment = Stack(hook_template, **chosen).properties("HookFunction")["Environment"]["Variables"]
        return Settings.from_environment(environment | {"AWS_REGION": "eu-central-1"})

    default = read()
    assert (default.organization, default.fails, default.docs) == (None, Fails.ALL, "")
    assert (default.register, default.keep) == ("", timedelta(hours=24))
    assert trust_of(default.lists, date(2026, 11, 27)).entries == ()
    chosen = read(
        Organization="o-a1b2c3d4e5",
        Fails="new",
        TrustedOrganizations="self",
        TrustedAccounts="222233334444",
        DocumentationUrl="https://example.com/docs/",
        TrustRegister="ssm:/security/trust",
        TrustRegisterKeepHours="1",
        TrustMembers="s3://registers/members.json",
    )
    assert (chosen.organization, chosen.fails, chosen.docs) == ("o-a1b2c3d4e5", Fails.NEW, "https://example.com/docs")
    assert (chosen.register, chosen.keep) == ("ssm:/security/trust", timedelta(hours=1))
    assert default.judges_resources
    assert not read(Operations="CLOUD_CONTROL").judges_resources
    assert (default.members, chosen.members) == ("", "s3://registers/members.json")
    assert [one.name for one in trust_of(chosen.lists, date(2026, 11, 27)).entries] == ["222233334444", "self"]


@pytest.mark.parametrize(
    "name, accepted, refused",
    [
        ("Alias", ["EcrCrossAccount::Deployment::Hook", "Awsome::A1::B2"], ["AWS::Ecr::Hook", "aws::a1::b2", "Hook"]),
        ("Organization", ["", "o-a1b2c3d4e5"], ["self", "o-1"]),
        ("Operations", ["RESOURCE", "CLOUD_CONTROL"], ["STACK", ""]),
        ("Actions", ["CREATE", "UPDATE", "DELETE"], ["IMPORT", ""]),
        ("DocumentationUrl", ["", "https://example.com/docs"], ["http://example.com", "https://a b"]),
        ("AlarmTopic", ["", "arn:aws:sns:eu-central-1:111122223333:alarms"], ["create"]),
    ],
)
def test_a_slip_is_caught_before_anything_is_deployed(
    hook_template: Json, name: str, accepted: list[str], refused: list[str]
) -> None:
    assert_pattern(hook_template, name, accepted, refused)


def test_the_regions_without_hooks_are_those_of_the_documentation() -> None:
    without = sorted(set(REGIONS) - set(WITH_HOOKS))
    assert without == ["cn-north-1", "cn-northwest-1", "us-gov-east-1", "us-gov-west-1"]
