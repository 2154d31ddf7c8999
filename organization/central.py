"""The templates of a central rule: one function for an organization, and the resources of its members."""

from __future__ import annotations

import copy
import hashlib
import json
import re
from typing import Any

from organization.derived import derived
from organization.sources import DOCUMENTS, ROOT, Json, template

_FUNCTION = (
    "RuleFunction",
    "RuleFunctionLog",
    "RuleFunctionRole",
    "Sweeps",
    "SweepsRole",
    "SweepsMayGoOn",
    "PlanFunction",
    "PlanFunctionLog",
    "PlanFunctionRole",
    "RegisterMemory",
    "ReadRegister",
    "ReadControlPolicies",
)
_WATCH = (
    "RuleFails",
    "RuleIsThrottled",
    "SomethingIsUndecided",
    "RegisterCannotBeUsed",
    "TrustEndsSoon",
    "RegisterHasChanged",
    "RegisterOpens",
    "RegisterCloses",
    "FindingsAreNotTaken",
    "SweepDidNotRun",
    "SweepClock",
    "SweepClockRole",
    "PlanFails",
    "OwnAlarmTopic",
    "AlarmsMayPublish",
    "TopicKey",
)
_REMEDIATION = (
    *DOCUMENTS,
    "AutomationRole",
    "BackupBucket",
    "BackupBucketPolicy",
    "FindingStarts",
    "ChangeStarts",
    "StarterRole",
    "ApprovalTopic",
    "AutomationMayAsk",
    "RemediationFailed",
    "RemediationFailures",
    "RemediationFailuresPolicy",
    "RemediationFails",
    "OwnAlarmTopic",
    "AlarmsMayPublish",
    "TopicKey",
)
_OF_THE_FUNCTION = ("GoOnWithSweep", "RememberRegister", "WriteLog")
_OF_A_MEMBER = (
    "ReadRepositories",
    "ReadEarlierResults",
    "ReportAndAsk",
    "ReadExceptions",
    "SendFindings",
    "ReadFindings",
    "AskOrganization",
)
"""Statements of the function's role for one account. Here they are those of a role in every account."""
_EVERYWHERE = "AskOrganization"
_PLAN = {"Fn::Sub": "arn:${AWS::Partition}:lambda:${AWS::Region}:${CentralAccount}:function:${Name}-plan"}
_OURS = (
    '{"ExecutionRoleName": "${Name}-evaluation", "trustRegisterKeepHours": "${TrustRegisterKeepHours}", '
    '"resourceControlPolicies": "${ResourceControlPolicies}", '
    '"countResourceControlPolicies": "${CountResourceControlPolicies}", '
)
_BY_CONFIG = " # by Config"
_DIGITS = 12
_LONGEST = {
    "TrustedOrganizations": 300,
    "TrustedOrganizationPaths": 370,
    "TrustedAccounts": 650,
    "TrustedWriteAccounts": 400,
    "TrustedServices": 200,
    "TrustRegister": 300,
    "TrustMembers": 300,
    "ResourceControlPolicies": 200,
    "RequiredStatements": 200,
}
"""The most characters of parameters that the function has in its environment. All together must fit into 4 KB.

A rule has no parameters of its own here. In one account, AWS Config limits them.
"""


def central(account: Json) -> Json:
    """Return the template of the central account, derived from the one for a single account."""
    own = template("organization/central.yaml")
    resources = own["Resources"]
    _policy(resources["RuleFunctionRole"])["Statement"] += _statements(account, _OF_THE_FUNCTION)
    variables = resources["RuleFunction"]["Properties"]["Environment"]["Variables"]
    variables["RULE_PARAMETERS"] = {"Fn::Sub": _parameters(account)}
    rule, remediation = (_text(name) for name in ("pack.yaml", "pack-remediation.yaml"))
    resources["Pack"]["Properties"]["TemplateBody"] = {"Fn::Sub": rule}
    names = {"Document": {"Fn::Sub": documents(account)["RemediateDocument"]}}
    by_config, by_people = ({"Fn::Sub": [rule + text, names]} for text in _both(remediation))
    resources["PackWithRemediation"]["Properties"]["TemplateBody"] = {
        "Fn::If": ["ConfigRemediatesByItself", by_config, by_people]
    }
    whole = derived(account, (*_FUNCTION, *_WATCH), own)
    for name, most in _LONGEST.items():
        whole["Parameters"][name]["MaxLength"] = most
    return whole


def members(account: Json) -> Json:
    """Return the template of a member's documents, for an account and Region."""
    own = template("organization/members.yaml")
    for name, document in documents(account).items():
        # The document's name changes with its content. A new parameter value creates a version, which becomes the
        # default.
        own["Resources"][name] = {"Properties": {"Name": {"Fn::Sub": document}, "UpdateMethod": "NewVersion"}}
    whole = derived(account, _REMEDIATION, own, {"PlanFunction": _PLAN})
    for name in ("FindingStarts", "ChangeStarts"):
        (target,) = whole["Resources"][name]["Properties"]["Targets"]
        target["Arn"] = {"Fn::Sub": target["Arn"]["Fn::Sub"].removesuffix(":1") + ":$DEFAULT"}
    return whole


def member_roles(account: Json) -> Json:
    """Return the template of a member's role. The central function reads and reports with it."""
    own = template("organization/member-roles.yaml")
    statements = [_in_regions(one) for one in _statements(account, _OF_A_MEMBER)]
    own["Resources"]["EvaluationRole"]["Properties"]["Policies"] = [
        {"PolicyName": "read-and-report", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}
    ]
    return own


def role_policy(account: Json) -> Json:
    """Return the permissions of the rule's function, for tools that create its role: for any Region and account."""
    statements = [one for one in _statements(account, _OF_A_MEMBER) if "Fn::If" not in one]
    return {"Version": "2012-10-17", "Statement": [_anywhere(one) for one in statements]}


def documents(account: Json) -> dict[str, str]:
    """Return the name of each document, for Fn::Sub. It changes with the content."""
    return {
        name: f"${{Name}}-{name.removesuffix('Document').lower()}-{_digest(account['Resources'][name])}"
        for name in DOCUMENTS
    }


def _digest(document: Json) -> str:
    text = json.dumps(document["Properties"]["Content"], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def _parameters(account: Json) -> list[Any]:
    """Return the planning function's parameters, and those that only the rule's function needs."""
    variables = account["Resources"]["PlanFunction"]["Properties"]["Environment"]["Variables"]
    text, values = variables["RULE_PARAMETERS"]["Fn::Sub"]
    # A function's environment has at most 4 KB, and MemberAccounts may need most of it.
    return [re.sub(r'(?<=[:,]) +(?=")', "", text.replace("{", _OURS, 1)), copy.deepcopy(values)]


def _text(name: str) -> str:
    """Return a part of the pack without its comments, which would otherwise be sent along."""
    lines = (ROOT / "organization" / name).read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("#"))


def _both(text: str) -> tuple[str, str]:
    """Return a part of the pack with the lines for remediations that AWS Config starts, and without them."""
    lines = text.splitlines(keepends=True)
    return text.replace(_BY_CONFIG, ""), "".join(line for line in lines if _BY_CONFIG not in line)


def _policy(role: Json) -> Json:
    (policy,) = role["Properties"]["Policies"]
    document: Json = policy["PolicyDocument"]
    return document


def _statements(account: Json, sids: tuple[str, ...]) -> list[Json]:
    """Return statements of the role that the function has if it serves one account."""
    found = {_sid(one): one for one in _policy(account["Resources"]["RuleFunctionRole"])["Statement"]}
    return [copy.deepcopy(found[sid]) for sid in sids]


def _sid(statement: Json) -> str:
    sid: str = statement.get("Fn::If", [None, statement])[1]["Sid"]
    return sid


def _anywhere(statement: Json) -> Json:
    """Return a statement without intrinsic functions. The role belongs to the account, and reaches no other account."""
    resource = statement["Resource"]
    named = resource if resource == "*" else re.sub(r"\$\{[^}]+\}", "*", resource["Fn::Sub"])
    return {name: value for name, value in statement.items() if name != "Condition"} | {"Resource": named}


def _in_regions(statement: Json) -> Json:
    """Return a statement for all Regions that the rule is in, because a role applies to all of them."""
    if "Fn::If" in statement:
        condition, then, otherwise = statement["Fn::If"]
        return {"Fn::If": [condition, _in_regions(then), otherwise]}
    if statement["Sid"] == _EVERYWHERE:
        return statement
    in_all: Any = {"Condition": {"StringEquals": {"aws:RequestedRegion": {"Ref": "Regions"}}}}
    resource = statement["Resource"]
    if resource != "*":
        resource = {"Fn::Sub": resource["Fn::Sub"].replace("${AWS::Region}", "*")}
    return {**statement, "Resource": resource, **in_all}
