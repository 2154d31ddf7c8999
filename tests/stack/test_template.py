from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from ecr_crossaccount.products.rule.parameters import Parameters
from ecr_crossaccount.sources.register.content import Location
from ecr_crossaccount.sources.register.memory import CONFIRMED, TABLE
from samcli.commands.deploy.command import cli as deploy
from samcli.lib.config.samconfig import SamConfig
from samcli.yamlhelper import yaml_parse

from tests.events import RULE
from tests.rule.test_parameters import TODAY
from tests.stack.cloudformation import ROOT, Stack, assert_pattern

Json = dict[str, Any]


def always(template: Json) -> list[Json]:
    """Return the resources that exist for all parameters: without alarms and remediation."""
    return [resource for resource in template["Resources"].values() if "Condition" not in resource]


def of_type(template: Json, kind: str) -> Json:
    """Return the properties of the only resource of a type that exists for all parameters."""
    (resource,) = [resource for resource in always(template) if resource["Type"] == kind]
    properties: Json = resource["Properties"]
    return properties


def input_parameters(template: Json, **chosen: str) -> Json:
    """Return the rule's parameters as CloudFormation passes them on, for chosen parameters of the stack."""
    given: Json = Stack(template, **chosen).properties("Rule")["InputParameters"]
    return given


def test_the_rule_answers_changes_oversized_changes_and_a_schedule(template: Json) -> None:
    rule = of_type(template, "AWS::Config::ConfigRule")
    assert rule["ConfigRuleName"] == {"Ref": "RuleName"}
    assert template["Parameters"]["RuleName"]["Default"] == RULE
    assert rule["Scope"] == {"ComplianceResourceTypes": ["AWS::ECR::Repository"]}
    assert rule["Source"]["Owner"] == "CUSTOM_LAMBDA"
    assert rule["Source"]["SourceIdentifier"] == {"Fn::GetAtt": ["RuleFunction", "Arn"]}
    details = rule["Source"]["SourceDetails"]
    assert [(detail["EventSource"], detail["MessageType"]) for detail in details] == [
        ("aws.config", "ConfigurationItemChangeNotification"),
        ("aws.config", "OversizedConfigurationItemChangeNotification"),
        ("aws.config", "ScheduledNotification"),
    ]
    assert [detail.get("MaximumExecutionFrequency") for detail in details] == [
        None,
        None,
        {"Ref": "MaximumExecutionFrequency"},
    ]


def test_the_rule_is_described_as_config_rules_are(template: Json) -> None:
    description = of_type(template, "AWS::Config::ConfigRule")["Description"]
    assert description.startswith("Checks if ")
    assert len(description) <= 256


def test_the_rule_is_made_after_config_may_call_its_function(template: Json) -> None:
    assert template["Resources"]["Rule"]["DependsOn"] == "ConfigMayInvoke"
    assert of_type(template, "AWS::Lambda::Permission") == {
        "FunctionName": {"Ref": "RuleFunction"},
        "Action": "lambda:InvokeFunction",
        "Principal": "config.amazonaws.com",
        "SourceAccount": {"Ref": "AWS::AccountId"},
    }


def test_the_defaults_are_parameters_that_the_rule_accepts(template: Json) -> None:
    given = input_parameters(template)
    assert given == {"trustedOrganizations": "none"}
    Parameters.parse(given, TODAY)


def test_all_parameters_reach_the_rule_under_its_names(template: Json) -> None:
    given = input_parameters(
        template,
        TrustedOrganizations="none",
        TrustedOrganizationPaths="o-a1b2c3d4e5/r-ab12/*",
        TrustedAccounts="222233334444,333344445555",
        TrustedWriteAccounts="444455556666",
        TrustedServices="lambda.amazonaws.com",
    )
    trust = Parameters.parse(given, TODAY).trust
    assert [(entry.subject.value, entry.access.value) for entry in trust.entries] == [
        ("account", "READ"),
        ("account", "READ"),
        ("account", "WRITE"),
        ("organization_path", "READ"),
        ("service", "READ"),
    ]


def test_seventy_accounts_fit_into_what_config_takes(template: Json) -> None:
    accounts = ",".join(["222233334444"] * 69)
    assert len(accounts) <= template["Parameters"]["TrustedAccounts"]["MaxLength"]
    assert len(json.dumps(input_parameters(template, TrustedAccounts=accounts))) <= 1024


@pytest.mark.parametrize(
    "name, accepted, refused",
    [
        ("TrustedOrganizations", ["self", "none", "self, o-a1b2c3d4e5"], ["", "o-1", "none,self", "self,"]),
        ("TrustedOrganizationPaths", ["", "o-a1b2c3d4e5/*"], ["*/r-ab12/*", "o-a1b2c3d4e5"]),
        ("TrustedAccounts", ["", "222233334444", "222233334444 , 333344445555"], ["1", "222233334444,", "me"]),
        ("TrustedWriteAccounts", ["", "222233334444"], ["arn:aws:iam::222233334444:root"]),
        ("AlarmTopic", ["", "create", "arn:aws-cn:sns:cn-north-1:111122223333:alarms"], ["yes", "arn:aws:sqs:a:1:b"]),
        (
            "LogKey",
            ["", "arn:aws:kms:eu-central-1:111122223333:key/0d1f-2", "arn:aws-cn:kms:cn-north-1:111122223333:key/mrk"],
            ["alias/logs", "arn:aws:kms:eu-central-1:111122223333:alias/logs", "0d1f-2a"],
        ),
        ("RuleName", [RULE, "ECR_REPOSITORY_CROSS_ACCOUNT_ACCESS_CHECK", "a"], ["", "-a", "two words", "a" * 129]),
        ("ReservedConcurrency", ["none", "2", "10", "1000"], ["", "0", "1", "01", "-2", "10000"]),
        (
            "TrustRegister",
            ["", "s3://registers/ecr/trust.json", "ssm:/ecr/trust", "appconfig:abc1234/def5678/ghi9012"],
            [
                "trust.json",
                "s3://registers",
                "s3://registers/*",
                "ssm:trust",
                "appconfig:my app/prod/ecr",
                "s3://b/${x}",
            ],
        ),
        ("TrustedServices", ["", "lambda.amazonaws.com,ecs.amazonaws.com.cn"], ["lambda", "lambda.example.com"]),
    ],
)
def test_a_slip_is_caught_before_anything_is_deployed(
    template: Json, name: str, accepted: list[str], refused: list[str]
) -> None:
    assert_pattern(template, name, accepted, refused)
    camel = name[0].lower() + name[1:]
    for value in accepted if name.startswith("Trusted") else ():
        Parameters.parse({camel: value}, TODAY)


def resources_by_action(statements: list[Json]) -> dict[str, Any]:
    """Return the Resource of each action that the statements allow."""
    return {
        action: one["Resource"]
        for one in statements
        for action in ([one["Action"]] if isinstance(one["Action"], str) else one["Action"])
    }


@pytest.mark.parametrize(
    "place, expected",
    [
        ("", {}),
        (
            "s3://registers/ecr/trust.json",
            {"s3:GetObject": "arn:aws:s3:::registers/ecr/trust.json"},
        ),
        (
            "ssm:/ecr/trust",
            {
                "ssm:GetParameter": "arn:aws:ssm:eu-central-1:111122223333:parameter/ecr/trust",
                "ssm:GetParameters": "arn:aws:ssm:eu-central-1:111122223333:parameter/ecr/trust/*",
            },
        ),
        (
            "appconfig:abc1234/def5678/ghi9012",
            dict.fromkeys(
                ("appconfig:GetLatestConfiguration", "appconfig:StartConfigurationSession"),
                "arn:aws:appconfig:eu-central-1:111122223333:application/abc1234/environment/def5678/configuration/ghi9012",
            ),
        ),
    ],
)
@pytest.mark.parametrize("key", ["", "arn:aws:kms:eu-central-1:111122223333:key/0d1f"])
def test_a_register_may_be_read_and_nothing_else(
    template: Json, place: str, expected: dict[str, str], key: str
) -> None:
    stack = Stack(template, TrustRegister=place, TrustRegisterKey=key, Remediation="Manual")
    assert stack.condition("TrustsRegister") == bool(place)
    if not place:
        return
    policy = stack.properties("ReadRegister")
    assert policy["Roles"] == ["<RuleFunctionRole>", "<PlanFunctionRole>"]
    statements = policy["PolicyDocument"]["Statement"]
    assert resources_by_action(statements) == expected | ({"kms:Decrypt": key} if key else {})
    assert all("Condition" in one for one in statements if one["Sid"] in ("ReadObject", "DecryptIt"))
    Location.parse(place)


def test_the_register_that_counts_is_written_by_the_rule_alone(template: Json) -> None:
    """Permission to write the register's object reach the table."""
    stack = Stack(template, TrustRegister="ssm:/ecr/trust", Remediation="Manual")
    roles = {"RuleFunctionRole": {"dynamodb:GetItem", "dynamodb:PutItem"}, "PlanFunctionRole": {"dynamodb:GetItem"}}
    for role, expected in roles.items():
        (policy,) = stack.properties(role)["Policies"]
        allowed = resources_by_action(policy["PolicyDocument"]["Statement"])
        assert {one for one, where in allowed.items() if where == "<RegisterMemory.Arn>"} == expected
    for function in ("RuleFunction", "PlanFunction"):
        variables = stack.properties(function)["Environment"]["Variables"]
        assert (variables[TABLE], variables[CONFIRMED]) == ("<RegisterMemory>", "")
        assert TABLE not in Stack(template, Remediation="Manual").properties(function)["Environment"]["Variables"]


PLACES = {
    "s3://registers/rcps.json": {"s3:GetObject": "arn:aws:s3:::registers/rcps.json"},
    "ssm:/ecr/rcps": {
        "ssm:GetParameter": "arn:aws:ssm:eu-central-1:111122223333:parameter/ecr/rcps",
        "ssm:GetParameters": "arn:aws:ssm:eu-central-1:111122223333:parameter/ecr/rcps/*",
    },
    "appconfig:abc1234/def5678/ghi9012": dict.fromkeys(
        ("appconfig:GetLatestConfiguration", "appconfig:StartConfigurationSession"),
        "arn:aws:appconfig:eu-central-1:111122223333:application/abc1234/environment/def5678/configuration/ghi9012",
    ),
}


@pytest.mark.parametrize("place, expected", PLACES.items())
@pytest.mark.parametrize("key", ["", "arn:aws:kms:eu-central-1:111122223333:key/0d1f"])
def test_resource_control_policies_may_be_read_by_the_rule_alone_and_nothing_else(
    template: Json, place: str, expected: dict[str, str], key: str
) -> None:
    stack = Stack(template, ResourceControlPolicies=place, TrustRegisterKey=key, Remediation="Manual")
    policy = stack.properties("ReadControlPolicies")
    assert policy["Roles"] == ["<RuleFunctionRole>"]
    statements = policy["PolicyDocument"]["Statement"]
    assert resources_by_action(statements) == expected | ({"kms:Decrypt": key} if key else {})
    assert all("Condition" in one for one in statements if one["Sid"] in ("ReadObject", "DecryptIt"))
    parameters = Parameters.parse(stack.properties("Rule")["InputParameters"], TODAY)
    assert (str(parameters.controls), parameters.counts_control_policies) == (place, False)


@pytest.mark.parametrize("place, expected", PLACES.items())
@pytest.mark.parametrize("key", ["", "arn:aws:kms:eu-central-1:111122223333:key/0d1f"])
def test_required_statements_may_be_read_by_rule_and_plan_and_nothing_else(
    template: Json, place: str, expected: dict[str, str], key: str
) -> None:
    chosen = {"RequiredStatements": place, "TrustRegisterKey": key}
    assert Stack(template, **chosen).properties("ReadRegister")["Roles"] == ["<RuleFunctionRole>"]
    stack = Stack(template, **chosen, Remediation="Manual")
    policy = stack.properties("ReadRegister")
    assert policy["Roles"] == ["<RuleFunctionRole>", "<PlanFunctionRole>"]
    statements = policy["PolicyDocument"]["Statement"]
    assert resources_by_action(statements) == expected | ({"kms:Decrypt": key} if key else {})
    guarded = [one for one in statements if one["Action"] in ("s3:GetObject", "kms:Decrypt")]
    assert all("Condition" in one for one in guarded)
    assert stack.condition(template["Resources"]["ReadRegister"]["Condition"])
    assert not Stack(template).condition(template["Resources"]["ReadRegister"]["Condition"])


def test_rule_and_plan_require_the_same(template: Json) -> None:
    stack = Stack(template, RequiredStatements="ssm:/ecr/required", Remediation="Manual")
    variables = stack.properties("PlanFunction")["Environment"]["Variables"]
    assert json.loads(variables["RULE_PARAMETERS"])["requiredStatements"] == "ssm:/ecr/required"
    parameters = Parameters.parse(stack.properties("Rule")["InputParameters"], TODAY)
    assert str(parameters.requires) == "ssm:/ecr/required"
    assert Parameters.parse(Stack(template).properties("Rule")["InputParameters"], TODAY).requires is None


def holds(template: Json, rule: str, **chosen: object) -> bool:
    """Return whether a rule of the template accepts a deployment with these parameters."""
    stack, found = Stack(template, **chosen), template["Rules"][rule]
    if not stack.resolved(found["RuleCondition"]):
        return True
    return all(stack.resolved(one["Assert"]) for one in found["Assertions"])


def test_require_is_refused_without_statements(template: Json) -> None:
    chosen = {"RemediationStrategy": "require", "Remediation": "Automatic"}
    assert not holds(template, "RequireNeedsStatements", **chosen)
    assert holds(template, "RequireNeedsStatements", **chosen, RequiredStatements="ssm:/ecr/required")
    assert holds(template, "RequireNeedsStatements", **chosen | {"Remediation": "Off"})
    assert holds(template, "RequireNeedsStatements", **chosen | {"RemediationStrategy": "narrow"})


@pytest.mark.parametrize("mode", ["Off", "Manual", "Automatic", "ManualWithApproval", "AutomaticWithApproval"])
def test_whom_the_register_trusts_is_shut_out_only_with_approval(template: Json, mode: str) -> None:
    is_approved = mode.endswith("WithApproval")
    assert holds(template, "CuttingNeedsApproval", RemediationCutTrusted="true", Remediation=mode) == is_approved
    assert holds(template, "CuttingNeedsApproval", Remediation=mode)
    stack = Stack(template, RemediationCutTrusted="true", Remediation=mode)
    document = stack.filled(ROOT / "remediation" / "remediate.yaml")
    cuts = {one["inputs"]["InputPayload"].get("CutTrusted") for one in document["mainSteps"] if "look" in one["name"]}
    assert cuts == {"true" if is_approved else "false"}


def test_resource_control_policies_count_only_where_they_are_named_and_the_stack_says_so(template: Json) -> None:
    assert not Stack(template).condition("KnowsControlPolicies")
    rule = template["Rules"]["CountingNeedsPolicies"]
    (assertion,) = rule["Assertions"]
    nothing = Stack(template, CountResourceControlPolicies="true")
    assert nothing.resolved(rule["RuleCondition"])
    assert not nothing.resolved(assertion["Assert"])
    counting = Stack(template, CountResourceControlPolicies="true", ResourceControlPolicies="ssm:/ecr/rcps")
    assert counting.resolved(assertion["Assert"])
    assert Parameters.parse(counting.properties("Rule")["InputParameters"], TODAY).counts_control_policies


@pytest.mark.parametrize("path", ["template.yaml", "organization/hook.yaml", "organization/alerts.yaml"])
def test_a_list_of_members_without_a_register_is_refused(path: str) -> None:
    """It would cover no one, and no finding would say why."""
    made = yaml_parse((ROOT / path).read_text(encoding="utf-8"))
    rule = made["Rules"]["MembersNeedARegister"]
    (assertion,) = rule["Assertions"]

    def is_refused(**given: str) -> bool:
        stack = Stack(made, **given)
        return bool(stack.resolved(rule["RuleCondition"])) and not stack.resolved(assertion["Assert"])

    assert is_refused(TrustMembers="s3://registers/members.json")
    assert not is_refused(TrustMembers="s3://registers/members.json", TrustRegister="ssm:/ecr/trust")
    assert not is_refused()


def test_a_list_of_members_may_be_read_where_one_is_named(template: Json) -> None:
    stack = Stack(
        template, TrustRegister="ssm:/ecr/trust", TrustMembers="s3://registers/members.json", Remediation="Manual"
    )
    (statement,) = (
        one for one in stack.properties("ReadRegister")["PolicyDocument"]["Statement"] if one["Sid"] == "ReadMembers"
    )
    assert (statement["Action"], statement["Resource"]) == ("s3:GetObject", "arn:aws:s3:::registers/members.json")
    assert statement["Condition"] == {"StringEquals": {"aws:ResourceAccount": "111122223333"}}
    rule = stack.properties("Rule")["InputParameters"]
    plan = json.loads(stack.properties("PlanFunction")["Environment"]["Variables"]["RULE_PARAMETERS"])
    assert rule["trustMembers"] == plan["trustMembers"] == "s3://registers/members.json"
    assert str(Parameters.parse(rule, TODAY).members) == rule["trustMembers"]


@pytest.mark.parametrize("account, owner", [("", "111122223333"), ("222233334444", "222233334444")])
def test_a_bucket_of_another_account_is_read_only_where_it_is_named(template: Json, account: str, owner: str) -> None:
    stack = Stack(template, TrustRegister="s3://registers/trust.json", TrustRegisterAccount=account)
    (statement,) = stack.properties("ReadRegister")["PolicyDocument"]["Statement"]
    assert statement["Condition"] == {"StringEquals": {"aws:ResourceAccount": owner}}
    assert stack.properties("ReadRegister")["Roles"] == ["<RuleFunctionRole>"]


@pytest.mark.parametrize("counts, told", [("true", None), ("false", "false")])
def test_rule_and_plan_are_told_the_same_of_the_registry_policy(template: Json, counts: str, told: str | None) -> None:
    stack = Stack(template, CountRegistryPolicy=counts, Remediation="Manual")
    plan = json.loads(stack.properties("PlanFunction")["Environment"]["Variables"]["RULE_PARAMETERS"])
    assert stack.properties("Rule")["InputParameters"].get("countRegistryPolicy") == told
    assert plan.get("countRegistryPolicy") == told


def test_rule_and_plan_are_told_the_same_register(template: Json) -> None:
    stack = Stack(template, TrustRegister="s3://registers/trust.json", Remediation="Manual")
    rule = stack.properties("Rule")["InputParameters"]
    plan = json.loads(stack.properties("PlanFunction")["Environment"]["Variables"]["RULE_PARAMETERS"])
    assert rule["trustRegister"] == plan["trustRegister"] == "s3://registers/trust.json"
    assert Parameters.parse(rule, TODAY).keep_hours == 24
    assert "trustRegister" not in Stack(template).properties("Rule")["InputParameters"]


def test_every_parameter_is_grouped_named_and_described(template: Json) -> None:
    interface = template["Metadata"]["AWS::CloudFormation::Interface"]
    grouped = [name for group in interface["ParameterGroups"] for name in group["Parameters"]]
    assert grouped == list(template["Parameters"]), "`sam deploy --guided` asks in the order of the template"
    assert len(interface["ParameterGroups"][0]["Parameters"]) == 5
    assert sorted(interface["ParameterLabels"]) == sorted(template["Parameters"])
    assert all(parameter["Description"] for parameter in template["Parameters"].values())


def test_the_function_is_small_and_its_log_its_own(template: Json) -> None:
    function = of_type(template, "AWS::Serverless::Function")
    assert (function["Runtime"], function["Architectures"]) == ("python3.13", ["arm64"])
    assert (function["MemorySize"], function["Timeout"]) == (512, 900)  # benchmarks/sweep uses these values
    assert function["LoggingConfig"] == {"LogGroup": {"Ref": "RuleFunctionLog"}, "LogFormat": "JSON"}
    assert of_type(template, "AWS::Logs::LogGroup")["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_every_log_is_encrypted_with_the_users_key_where_one_is_named(template: Json) -> None:
    logs = [one["Properties"] for one in template["Resources"].values() if one["Type"] == "AWS::Logs::LogGroup"]
    assert len(logs) == 2
    for log in logs:
        assert log["KmsKeyId"] == {"Fn::If": ["HasLogKey", {"Ref": "LogKey"}, {"Ref": "AWS::NoValue"}]}


def test_what_a_scanner_is_told_to_pass_over_has_its_reason(template: Json) -> None:
    skipped = [
        one
        for resource in template["Resources"].values()
        for one in resource.get("Metadata", {}).get("checkov", {}).get("skip", ())
    ]
    assert {one["id"] for one in skipped} == {
        "CKV_AWS_116",
        "CKV_AWS_117",
        "CKV_AWS_173",
        "CKV_AWS_27",
        "CKV_AWS_28",
        "CKV_AWS_119",
        "CKV_AWS_158",
        "CKV_AWS_284",
        "CKV_AWS_285",
    }
    assert all(len(one["comment"]) > 40 for one in skipped)


def test_concurrency_is_reserved_where_somebody_says_so(template: Json) -> None:
    function = of_type(template, "AWS::Serverless::Function")
    reserved = {"Fn::If": ["ReservesConcurrency", {"Ref": "ReservedConcurrency"}, {"Ref": "AWS::NoValue"}]}
    assert function["ReservedConcurrentExecutions"] == reserved
    assert template["Parameters"]["ReservedConcurrency"]["Default"] == "none"


def test_the_stack_is_what_it_takes_and_nothing_else(expanded: Json) -> None:
    assert sorted(resource["Type"] for resource in always(expanded)) == [
        "AWS::Config::ConfigRule",
        "AWS::IAM::Policy",
        "AWS::IAM::Role",
        "AWS::IAM::Role",
        "AWS::Lambda::Function",
        "AWS::Lambda::Permission",
        "AWS::Logs::LogGroup",
        "AWS::StepFunctions::StateMachine",
    ]


def statements_in(value: Any) -> list[Json]:  # noqa: ANN401 - any part of a template
    """Return every statement of every policy in a value."""
    if isinstance(value, list):
        return [found for one in value for found in statements_in(one)]
    if not isinstance(value, dict):
        return []
    found = statements_in(list(value.values()))
    return [value, *found] if value.get("Effect") in ("Allow", "Deny") else found


def test_nobody_is_let_in_or_shut_out_without_a_condition(template: Json) -> None:
    for_all = [one for one in statements_in(template["Resources"]) if one.get("Principal") == "*"]
    assert {one["Effect"] for one in for_all} == {"Deny"}
    assert all(one.get("Condition") for one in for_all)


def given_names(expanded: Json) -> Iterator[tuple[str, Json | str]]:
    """Yield each resource that the template itself names, and the name. Excludes names of other resources."""
    for name, resource in expanded["Resources"].items():
        for key, value in resource.get("Properties", {}).items():
            referred = value.get("Ref") if isinstance(value, dict) else None
            if key == "MetricName" or referred in expanded["Resources"]:
                continue
            if key.endswith("Name"):
                yield name, value


def test_a_second_stack_in_a_region_meets_no_name_of_the_first(expanded: Json) -> None:
    names = dict(given_names(expanded))
    assert names["Rule"] == {"Ref": "RuleName"}
    assert all(value == {"Ref": "RuleName"} or "${AWS::StackName}" in json.dumps(value) for value in names.values())


def test_whatever_names_the_rule_follows_its_name(template: Json) -> None:
    assert template["Outputs"]["RuleName"]["Value"] == {"Ref": "Rule"}
    assert RULE not in json.dumps({**template, "Parameters": {}})


def deploy_settings() -> Json:
    """Return the parameters of `sam deploy` as the SAM CLI reads them from the shipped file."""
    config = SamConfig(str(ROOT), "samconfig.toml")
    found: Json = config.get_all(["deploy"], "parameters")
    return found


def test_sam_deploy_asks_for_no_more_than_the_role_needs() -> None:
    settings = deploy_settings()
    assert settings["capabilities"] == "CAPABILITY_IAM"
    assert settings["stack_name"] == "ecr-crossaccount"


def test_sam_deploy_asks_no_question_and_does_not_fail_where_nothing_has_changed() -> None:
    settings = deploy_settings()
    assert settings["confirm_changeset"] is False
    assert settings["fail_on_empty_changeset"] is False
    assert settings["resolve_s3"] is True
    assert "guided" not in settings
    options = {option.name for option in deploy.params}
    assert set(settings) <= options
