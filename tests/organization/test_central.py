"""The central stack, the members' stacks, and the conformance pack that connects them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from ecr_crossaccount.products.rule.parameters import Parameters
from ecr_crossaccount.sources.aws.events import ROLL_CALL
from ecr_crossaccount.sources.aws.metrics import Metric

from organization.sources import DOCUMENTS, ROOT, included, template
from tests.organization.releases import Json, Release
from tests.organization.test_account import names_in
from tests.rule.test_parameters import TODAY
from tests.stack.cloudformation import Stack, assert_pattern

LARGEST_PACK = 51_200
MOST_RULES, MOST_PARAMETERS = 130, 60
"""https://docs.aws.amazon.com/config/latest/developerguide/configlimits.html"""
LARGEST_FUNCTION_POLICY = 20_480
LARGEST_PARAMETER = 4_096
"""https://docs.aws.amazon.com/general/latest/gr/ssm.html"""
MOST_ACCOUNTS = 314
IN_A_PACK = {"AWS::Config::ConfigRule", "AWS::Config::RemediationConfiguration"}
MEMBERS = ["222233334444", "333344445555"]
CENTRAL = "111122223333"
FUNCTION = f"arn:aws:lambda:eu-central-1:{CENTRAL}:function:central"
CHOSEN: Mapping[str, object] = {
    "OrganizationId": "o-a1b2c3d4e5",
    "MemberAccounts": MEMBERS,
    "CodeBuckets": "code",
    "AWS::AccountId": CENTRAL,
}
STARTED = {"MembersRemediate": "true", "PackStarts": "Config", "RemediationDryRun": "false"}


def central(made: Release, **chosen: object) -> Stack:
    names = {"RuleFunction.Arn": FUNCTION}
    return Stack(made.template("central"), names, **{**CHOSEN, **chosen})


def of_members(made: Release, **chosen: object) -> Stack:
    stored = json.loads(made.stored("members").content)
    names = {"AutomationRole.Arn": "arn:aws:iam::222233334444:role/ecr-crossaccount-automation-eu-central-1"}
    return Stack(stored, names, **{"CentralAccount": CENTRAL, "AWS::AccountId": MEMBERS[0], **chosen})


def pack(made: Release, name: str, **chosen: object) -> tuple[str, Json]:
    """Return the text of a pack as AWS Config gets it, and its parsed content."""
    stack = central(made, **chosen)
    template = stack.template["Resources"][name]["Properties"]["TemplateBody"]
    text = stack.resolved(in_names(template, FUNCTION))
    return text, yaml.safe_load(text)


def in_names(value: Any, arn: str) -> Any:  # noqa: ANN401 - JSON
    """Return a value with the attribute that only CloudFormation knows filled in."""
    return json.loads(json.dumps(value).replace("${RuleFunction.Arn}", arn))


PACKS = [("Pack", {}), ("PackWithRemediation", STARTED), ("PackWithRemediation", STARTED | {"PackStarts": "People"})]


def test_a_pack_that_people_start_has_no_intrinsic_function(made: Release) -> None:
    """No pack that AWS publishes has Fn::Sub. Where AWS Config starts, it needs the role of each member."""
    by_people = pack(made, "PackWithRemediation", **STARTED | {"PackStarts": "People"})[0]
    assert "Fn::" not in pack(made, "Pack")[0] + by_people
    assert "#" not in by_people
    content = of_members(made, Remediation="Manual").properties("RemediateDocument")["Content"]
    assert content["parameters"]["AutomationAssumeRole"]["default"].startswith("arn:aws:iam::")
    assert pack(made, "PackWithRemediation", **STARTED)[0].count("Fn::") == 1


@pytest.mark.parametrize("name, chosen", PACKS)
def test_a_pack_keeps_the_limits_of_packs(made: Release, name: str, chosen: dict[str, str]) -> None:
    text, parsed = pack(made, name, **chosen)
    assert len(text.encode()) <= LARGEST_PACK
    assert set(parsed) == {"Resources"}  # no parameters, conditions or mappings that could be refused
    assert {one["Type"] for one in parsed["Resources"].values()} <= IN_A_PACK
    assert len(parsed["Resources"]) <= MOST_RULES
    assert len(parsed.get("Parameters", {})) <= MOST_PARAMETERS


@pytest.mark.parametrize("name, chosen", PACKS)
def test_a_pack_has_the_rule_of_the_template_but_for_its_parameters(
    made: Release, name: str, chosen: dict[str, str]
) -> None:
    rule = dict(pack(made, name, **chosen)[1]["Resources"]["Rule"]["Properties"])
    expected = Stack(template(), {"RuleFunction.Arn": FUNCTION}).properties("Rule")
    assert expected.pop("InputParameters")
    assert rule == expected


def test_what_is_remediated_names_what_the_members_have(made: Release) -> None:
    remediation = pack(made, "PackWithRemediation", **STARTED)[1]["Resources"]["Remediation"]
    assert remediation["DependsOn"] == "Rule"
    properties = remediation["Properties"]
    members = of_members(made, Remediation="Automatic", PackStarts="Config")
    document, role = members.properties("RemediateDocument"), members.properties("AutomationRole")
    assert properties["TargetId"] == document["Name"]
    assert "TargetVersion" not in properties  # the document's default version is its newest
    assert set(properties["Parameters"]) <= set(document["Content"]["parameters"])
    (assumed,) = properties["Parameters"]["AutomationAssumeRole"]["StaticValue"]["Values"]
    in_member = assumed["Fn::Sub"].replace("${AWS::AccountId}", MEMBERS[0])
    assert in_member == f"arn:aws:iam::{MEMBERS[0]}:role/{role['RoleName']}"
    assert document["Content"]["parameters"]["AutomationAssumeRole"]["allowedValues"] == [in_member]


@pytest.mark.parametrize("starts", ["People", "Config"])
def test_config_starts_it_only_where_that_was_chosen(made: Release, starts: str) -> None:
    chosen = STARTED | {"PackStarts": starts}
    properties = pack(made, "PackWithRemediation", **chosen)[1]["Resources"]["Remediation"]["Properties"]
    by_config = {"Automatic", "MaximumAutomaticAttempts", "RetryAttemptSeconds"}
    assert by_config & set(properties) == (by_config if starts == "Config" else set())
    assert properties.get("Automatic", False) is (starts == "Config")
    assert properties.get("MaximumAutomaticAttempts", 1) in range(1, 26)


@pytest.mark.parametrize("region", ["eu-central-1", "mx-central-1"])
@pytest.mark.parametrize("starts", ["Nobody", "People", "Config"])
def test_one_pack_is_made_and_in_a_region_without_remediation_that_of_the_rule(
    made: Release, region: str, starts: str
) -> None:
    stack = central(made, **{"PackStarts": starts, "AWS::Region": region})
    made_here = [name for name in ("Pack", "PackWithRemediation") if condition(stack, name)]
    with_rule_only = starts == "Nobody" or region == "mx-central-1"
    assert made_here == ["Pack" if with_rule_only else "PackWithRemediation"]


def condition(stack: Stack, name: str) -> bool:
    return stack.condition(stack.template["Resources"][name]["Condition"])


def test_config_is_let_in_before_a_rule_is_made(made: Release) -> None:
    for name in ("Pack", "PackWithRemediation"):
        assert made.template("central")["Resources"][name]["DependsOn"] == "FunctionPolicy"


def test_config_is_let_in_for_the_organization_and_nobody_else(made: Release) -> None:
    (statement,) = central(made).properties("FunctionPolicy")["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "config.amazonaws.com"}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceOrgID": "o-a1b2c3d4e5"}}


def test_config_is_let_in_by_accounts_where_it_does_not_name_the_organization(made: Release) -> None:
    (statement,) = central(made, InvokedBy="Accounts").properties("FunctionPolicy")["PolicyDocument"]["Statement"]
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": MEMBERS}}


def test_a_function_has_a_whole_policy_or_permissions_and_never_both(made: Release) -> None:
    for key, one in made.templates().items():
        types = {resource["Type"] for resource in one["Resources"].values()}
        assert not {"AWS::Lambda::ResourcePolicy", "AWS::Lambda::Permission"} <= types, key


def test_as_many_accounts_as_the_page_says_fit_into_the_parameter_and_the_policy(made: Release) -> None:
    many = [f"{number:012}" for number in range(MOST_ACCOUNTS)]
    stack = central(made, MemberAccounts=many, InvokedBy="Accounts")
    assert len(json.dumps(stack.properties("FunctionPolicy")["PolicyDocument"])) <= LARGEST_FUNCTION_POLICY
    served = stack.properties("ServedAccounts")
    assert json.loads(served["Value"]) == {"accounts": ",".join(many)}
    assert len(served["Value"]) <= LARGEST_PARAMETER < len(served["Value"]) + len(",000000000000")
    description = made.template("central")["Parameters"]["MemberAccounts"]["Description"]
    assert f"at most {MOST_ACCOUNTS}." in description
    assert f"{MOST_ACCOUNTS} by number" in (ROOT / "docs" / "organization.md").read_text(encoding="utf-8")


def test_the_accounts_are_in_a_parameter_unless_the_organizations_list_is_known(made: Release) -> None:
    stack = central(made)
    variables = stack.properties("RuleFunction")["Environment"]["Variables"]
    assert variables["SERVED_MEMBERS"] == "ssm:<ServedAccounts>"
    assert stack.properties("ServedAccounts")["Name"] == "/ecr-crossaccount-served-accounts"
    listed = central(made, TrustRegister="s3://registers/trust.json", TrustMembers="s3://registers/members.json")
    variables = listed.properties("RuleFunction")["Environment"]["Variables"]
    assert variables["SERVED_MEMBERS"] == "s3://registers/members.json"
    assert not condition(listed, "ServedAccounts")


def test_the_parameters_that_count_are_those_of_the_plan_and_the_role(made: Release) -> None:
    chosen = {"TrustedAccounts": "222233334444", "TrustedServices": "lambda.amazonaws.com"}
    stack = central(made, CountRegistryPolicy="false", **chosen)
    rule, plan = (
        json.loads(stack.properties(name)["Environment"]["Variables"]["RULE_PARAMETERS"])
        for name in ("RuleFunction", "PlanFunction")
    )
    assert rule == plan | {
        "ExecutionRoleName": "ecr-crossaccount-evaluation",
        "trustRegisterKeepHours": "24",
        "resourceControlPolicies": "",
        "countResourceControlPolicies": "false",
    }
    given = {name: value for name, value in rule.items() if value}
    assert len(Parameters.parse(given, TODAY).trust.entries) == 2


def test_the_function_may_take_the_members_role_in_the_organization_and_do_nothing_else_in_it(made: Release) -> None:
    (policy,) = central(made).properties("RuleFunctionRole")["Policies"]
    take, *others = policy["PolicyDocument"]["Statement"]
    assert take["Action"] == "sts:AssumeRole"
    assert take["Resource"] == "arn:aws:iam::*:role/ecr-crossaccount-evaluation"
    assert take["Condition"] == {"StringEquals": {"aws:ResourceOrgID": "o-a1b2c3d4e5"}}
    assert {one["Sid"] for one in others} == {
        "ReadServedAccounts",
        "GoOnWithSweep",
        "WriteLog",
        "NoteRuns",
        "CallTheRoll",
    }
    noting, calling = ((one["Action"], one["Resource"]) for one in others if one["Sid"] in ("NoteRuns", "CallTheRoll"))
    assert (noting, calling) == (("s3:PutObject", "<Roll.Arn>/*"), ("s3:ListBucket", "<Roll.Arn>"))


def evaluation(made: Release, **chosen: str) -> Json:
    stored = json.loads(made.stored("member-roles").content)
    regions = {"Regions": ["eu-central-1", "us-east-1"]}
    return Stack(stored, CentralAccount=CENTRAL, OrganizationId="o-a1b2c3d4e5", **regions, **chosen).properties(
        "EvaluationRole"
    )


def test_the_members_role_may_what_a_function_of_the_account_might(made: Release) -> None:
    (here,) = evaluation(made, RemediatedByConfig="true", SecurityHub="true")["Policies"]
    alone = Stack(template(), Remediation="Automatic", SecurityHub="true")
    (there,) = alone.properties("RuleFunctionRole")["Policies"]
    own = {"GoOnWithSweep", "WriteLog"}
    actions = [{one["Sid"]: one["Action"] for one in policy["PolicyDocument"]["Statement"]} for policy in (here, there)]
    assert actions[0] == {sid: action for sid, action in actions[1].items() if sid not in own}


def test_the_members_role_is_for_the_regions_that_the_rule_is_in(made: Release) -> None:
    (policy,) = evaluation(made)["Policies"]
    for one in policy["PolicyDocument"]["Statement"]:
        confined = one.get("Condition") == {"StringEquals": {"aws:RequestedRegion": ["eu-central-1", "us-east-1"]}}
        assert confined or one["Action"] == "organizations:DescribeOrganization"
        assert one["Resource"] == "*" or f":*:{CENTRAL}:" in one["Resource"]


def test_the_documents_are_those_of_the_stack_with_the_central_sides_plan(made: Release) -> None:
    ours = of_members(made, Remediation="Automatic").properties("RemediateDocument")["Content"]
    names = {"AutomationRole.Arn": "arn:aws:iam::222233334444:role/ecr-crossaccount-automation-eu-central-1"}
    names["PlanFunction"] = f"arn:aws:lambda:eu-central-1:{CENTRAL}:function:ecr-crossaccount-plan"
    assert (
        ours == Stack(included(template()), names, Remediation="Automatic").properties("RemediateDocument")["Content"]
    )


def test_the_planning_function_answers_the_documents_of_the_organization(made: Release) -> None:
    stack = central(made, MembersRemediate="true")
    assert condition(stack, "PlanFunction")
    assert stack.properties("PlanFunction")["FunctionName"] == "ecr-crossaccount-plan"
    (allowed,) = stack.properties("PlanFunctionPolicy")["PolicyDocument"]["Statement"]
    role = of_members(made, Remediation="Manual").properties("AutomationRole")
    assert allowed["Condition"] == {
        "StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"},
        "ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::*:role/{role['RoleName']}"},
    }
    (policy,) = role["Policies"]
    (plan,) = [one for one in policy["PolicyDocument"]["Statement"] if one["Sid"] == "Plan"]
    assert plan["Resource"] == f"arn:aws:lambda:eu-central-1:{CENTRAL}:function:ecr-crossaccount-plan"


@pytest.mark.parametrize("starts", ["Nobody", "People", "Config"])
@pytest.mark.parametrize("remediation", ["Off", "Manual", "Automatic"])
@pytest.mark.parametrize("region", ["eu-central-1", "mx-central-1"])
def test_an_automatic_remediation_is_started_by_one(made: Release, starts: str, remediation: str, region: str) -> None:
    stack = of_members(made, **{"Remediation": remediation, "PackStarts": starts, "AWS::Region": region})
    config = starts == "Config" and region == "eu-central-1"
    assert stack.condition("EventsStart") is (remediation == "Automatic" and not config)


def test_events_know_the_packs_rule_by_the_beginning_of_its_name(made: Release) -> None:
    pattern = of_members(made).properties("FindingStarts")["EventPattern"]
    assert pattern["detail"]["configRuleName"] == [{"prefix": "ecr-repository-cross-account-access-check"}]
    ours = dict(pattern["detail"]) | {"configRuleName": ["<Rule>"]}
    assert ours == Stack(template()).properties("FindingStarts")["EventPattern"]["detail"]


def test_what_events_start_is_the_documents_newest_version(made: Release) -> None:
    for name in ("FindingStarts", "ChangeStarts"):
        (target,) = of_members(made, Remediation="Automatic").properties(name)["Targets"]
        assert target["Arn"].endswith(":automation-definition/<RemediateDocument>:$DEFAULT")


def test_another_document_has_another_name_and_other_parameters_another_version(made: Release) -> None:
    before, after = (
        of_members(made, RemediationStrategy=one).properties("RemediateDocument") for one in ("narrow", "remove")
    )
    assert before["Content"] != after["Content"]
    assert before["Name"] == after["Name"]
    members = json.loads(made.stored("members").content)["Resources"]
    both = [members[name]["Properties"] for name in DOCUMENTS]
    assert {one["UpdateMethod"] for one in both} == {"NewVersion"}
    assert len({json.dumps(one["Name"]) for one in both}) == 2


def test_alarms_of_the_central_side_watch_metrics_that_its_function_sends(made: Release) -> None:
    stack = central(made)
    own = {"FunctionName": "<RuleFunction>"}
    for name in ("SomethingIsUndecided", "RegisterCannotBeUsed", "TrustEndsSoon", "SweepDidNotRun"):
        dimensions = stack.properties(name)["Dimensions"]
        assert {one["Name"]: one["Value"] for one in dimensions} == own
    assert stack.properties("RuleFunction")["Environment"]["Variables"]["METRICS_BY"] == "FunctionName"


def test_one_account_that_is_overdue_rings(made: Release) -> None:
    alarm = central(made).properties("SweepDidNotRun")
    assert (alarm["MetricName"], alarm["Statistic"]) == (Metric.OVERDUE.value, "Maximum")
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (1, "GreaterThanOrEqualToThreshold")
    # The clock and the alarm's periods may differ. One of three periods without a roll call is normal.
    assert (alarm["DatapointsToAlarm"], alarm["EvaluationPeriods"], alarm["TreatMissingData"]) == (1, 3, "missing")
    heard = central(made, AlarmTopic="create").properties("SweepDidNotRun")
    assert heard["InsufficientDataActions"] == heard["AlarmActions"] == ["<OwnAlarmTopic>"]


@pytest.mark.parametrize(
    "frequency, hours",
    [("One_Hour", 1), ("Three_Hours", 3), ("Six_Hours", 6), ("Twelve_Hours", 12), ("TwentyFour_Hours", 24)],
)
def test_the_schedule_calls_the_roll_and_may_do_nothing_else(made: Release, frequency: str, hours: int) -> None:
    excluded = ["444455556666", "555566667777"]
    stack = central(made, MaximumExecutionFrequency=frequency, ExcludedAccounts=excluded, AccountsAtLeast=40)
    clock, alarm = stack.properties("SweepClock"), stack.properties("SweepDidNotRun")
    assert clock["Target"]["Arn"] == FUNCTION
    assert json.loads(clock["Target"]["Input"]) == {
        "messageType": ROLL_CALL,
        "rule": "ecr-repository-cross-account-access-check",
        "hours": str(3 * hours),
        "atLeast": "40",
        "excluded": ",".join(excluded),
    }
    assert alarm["Period"] == hours * 3600
    (policy,) = stack.properties("SweepClockRole")["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert (statement["Action"], statement["Resource"]) == ("lambda:InvokeFunction", FUNCTION)


def test_only_the_function_writes_the_roll_and_without_alarms_there_is_none(made: Release) -> None:
    stack = central(made)
    assert stack.properties("RuleFunction")["Environment"]["Variables"]["ROLL_BUCKET"] == "<Roll>"
    (only,) = [
        one
        for one in stack.properties("RollPolicy")["PolicyDocument"]["Statement"]
        if one["Sid"] == "OnlyTheFunctionNotesRuns"
    ]
    assert only["Condition"] == {"ArnNotEquals": {"aws:PrincipalArn": "<RuleFunctionRole.Arn>"}}
    none = central(made, Alarms="None")
    assert "ROLL_BUCKET" not in none.properties("RuleFunction")["Environment"]["Variables"]
    assert not any(none.condition(none.template["Resources"][name]["Condition"]) for name in ("Roll", "RollPolicy"))


def test_everything_that_is_referred_to_is_there(made: Release) -> None:
    for key, one in made.templates().items():
        known = {*one["Parameters"], *one["Resources"]}
        assert {name for name in referred(one) if not name.startswith("AWS::")} <= known, key
        assert not names_in(one.get("Conditions", {})) & {"Rule"}, key


def referred(value: Any) -> set[str]:  # noqa: ANN401 - JSON
    if isinstance(value, list):
        return {name for one in value for name in referred(one)}
    if not isinstance(value, dict):
        return set()
    found = {value["Ref"]} if isinstance(value.get("Ref"), str) else set()
    return found.union(*(referred(one) for one in value.values()))


@pytest.mark.parametrize(
    "name, accepted, refused",
    [
        ("Name", ["ecr-crossaccount", "ab"], ["", "a", "Ecr", "1st", "a" * 21]),
        ("MemberAccounts", ["", "222233334444"], ["1"]),
        ("OrganizationId", ["o-a1b2c3d4e5"], ["", "self"]),
    ],
)
def test_what_is_typed_is_checked(made: Release, name: str, accepted: list[str], refused: list[str]) -> None:
    assert_pattern(made.template("central"), name, accepted, refused)


def stacksets(made: Release, **chosen: object) -> Stack:
    given = {
        "OrganizationalUnits": "ou-ab12-11111111",
        "Regions": "eu-central-1,us-east-1",
        "ManagementAccount": "444455556666",
    }
    names = {"Roles": "ecr-crossaccount-member-roles:0d1f"}
    return Stack(made.template("every-member"), names, **{**CHOSEN, **given, "CentralAccount": CENTRAL, **chosen})


def test_roles_come_before_documents_in_accounts_that_join_later(made: Release) -> None:
    stack = stacksets(made, Remediation="Automatic")
    assert stack.properties("Roles")["AutoDeployment"]["Enabled"] is True
    (after,) = stack.properties("Documents")["AutoDeployment"]["DependsOn"]
    stackset = "ecr-crossaccount-member-roles:0d1f"
    assert after == f"arn:aws:cloudformation:eu-central-1:444455556666:stackset/{stackset}"


def test_a_role_is_made_once_and_documents_in_every_region(made: Release) -> None:
    stack = stacksets(made, Remediation="Automatic")
    regions = {name: stack.properties(name)["StackInstancesGroup"][0]["Regions"] for name in ("Roles", "Documents")}
    assert regions == {"Roles": ["eu-central-1"], "Documents": ["eu-central-1", "us-east-1"]}
    passed = {one["ParameterKey"]: one["ParameterValue"] for one in stack.properties("Roles")["Parameters"]}
    assert passed["Regions"] == "eu-central-1,us-east-1"


def test_without_remediation_members_have_the_role_alone(made: Release) -> None:
    stack = stacksets(made)
    assert not condition(stack, "Documents")
    assert condition(stacksets(made, Remediation="Manual"), "Documents")


def test_both_sides_name_things_alike(made: Release) -> None:
    defaults = {made.template(one)["Parameters"]["Name"]["Default"] for one in ("central", "every-member")}
    patterns = {made.template(one)["Parameters"]["Name"]["AllowedPattern"] for one in ("central", "every-member")}
    assert (len(defaults), len(patterns)) == (1, 1)
