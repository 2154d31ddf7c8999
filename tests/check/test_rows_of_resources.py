"""Templates of CloudFormation: each part of a resource, a call and a service, by what a change of it changes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.check.conftest import Look
from tests.check.told import ELSEWHERE, OPEN, OPEN_BASE, STRAY, THEIRS, told, unusual
from tests.wording import sentence

KIND, TEMPLATES = "AWS::ECR::Repository", "AWS::ECR::RepositoryCreationTemplate"
PROPERTIES: Mapping[str, object] = {"RepositoryName": "base", "RepositoryPolicyText": OPEN}


def template(
    *,
    kind: str | None = KIND,
    properties: object = PROPERTIES,
    sections: Mapping[str, object] | None = None,
    **beside: Any,  # noqa: ANN401 - parts of a template
) -> dict[str, Any]:
    """Return a template with one resource. `beside`: its other attributes."""
    return {"Resources": {"Open": {"Type": kind, "Properties": properties, **beside}}, **(sections or {})}


def made(kind: str = KIND, **properties: object) -> dict[str, Any]:
    """Return a template with a resource whose properties are changed."""
    return template(kind=kind, properties={**(PROPERTIES if kind == KIND else {}), **properties})


def calling(
    action: object,
    service: object = "ECR",
    parameters: object = None,
    kind: str = "Custom::AWS",
    **more: Any,  # noqa: ANN401 - parts of a template
) -> dict[str, Any]:
    """Return a template with a custom resource that makes a call when it is created. `more`: other properties."""
    usual = {"repositoryName": "base", "policyText": json.dumps(OPEN)}
    call = {"service": service, "action": action, "parameters": usual if parameters is None else parameters}
    return template(kind=kind, properties={"ServiceToken": "x", "Create": json.dumps(call), **more})


def changed_by(
    macro: object,
    **more: Any,  # noqa: ANN401 - parts of a template
) -> dict[str, Any]:
    return template(sections={"Transform": macro, **more})


def chosen(
    condition: object,
    *,
    default: str | None = None,
    **more: Any,  # noqa: ANN401 - parts of a template
) -> dict[str, Any]:
    """Return a template whose resource has a condition on a parameter."""
    parameter = {"Type": "String"} | ({} if default is None else {"Default": default})
    return template(sections={"Parameters": {"P": parameter}, "Conditions": {"C": condition}}, Condition="C", **more)


def beyond(kind: str, default: str) -> dict[str, Any]:
    """Return a template whose policy has a parameter in a world where it is not its default."""
    parameters = {"P": {"Type": kind, "Default": default}}
    conditions = {"C": {"Fn::Equals": [{"Ref": "P"}, default]}}
    policy = {"Id": {"Fn::If": ["C", "a", {"Ref": "P"}]}}
    return template(
        properties={**PROPERTIES, "RepositoryPolicyText": policy},
        sections={"Parameters": parameters, "Conditions": conditions},
    )


def with_p(policy: object, parameter: Mapping[str, object]) -> dict[str, Any]:
    """Return a template with a policy, and a parameter that it depends on."""
    return template(
        properties={**PROPERTIES, "RepositoryPolicyText": policy}, sections={"Parameters": {"P": parameter}}
    )


USUAL: Mapping[str, object] = {**OPEN_BASE, "resource": "Open", "more": {}}


def differs(look: Look, *parts: Mapping[str, object], name: str = "a.json") -> dict[str, Any]:
    """Return what is found in a file and is not usual. `parts`: its content, and the files beside it, if any."""
    harvest = look({name: parts[0], **{other: one for more in parts[1:] for other, one in more.items()}}, name)
    found = told(harvest)
    for one in harvest.policies:
        more = {
            "tags": dict(one.tags),
            "other tags": one.other_tags,
            "applied for": one.applied_for,
            "perhaps": one.perhaps,
            "otherwise": [(other.when, other.by_default) for other in one.otherwise],
            "when": one.when,
            "without defaults": sorted(", ".join(sorted(names)) for names in one.undefaulted),
            "no heads": not one.heads,
            "kind": one.kind.name.removeprefix("REPOSITORY"),
            "statements": len(one.statements) - 1,
            "beyond": [sorted(map(str, other.beyond)) for other in one.otherwise if other.beyond],
        }
        found["more"] = {name: said for name, said in more.items() if said}
    if harvest.errors:
        found["errors"] = [one.reason for one in harvest.errors]
    return unusual(found, USUAL)


def served(look: Look, row: tuple[object, Mapping[str, object]]) -> dict[str, Any]:
    """Return what is found in a service with some resources, and files beside it."""
    resources, beside = row
    service = {"service": "s", "provider": {"name": "aws"}, "resources": resources}
    found = differs(look, service, beside, name="serverless.yml")
    return {name: one for name, one in found.items() if name != "notes"}


RESOURCE = {"Type": KIND, "Properties": PROPERTIES}
BARE = {"Type": KIND, "Properties": {"RepositoryName": "base"}}
WHOLE = {"Resources": {"Open": RESOURCE}}
ABOUT = "module.exports = 'AWS::ECR::Repository'"


def extended(**attributes: object) -> tuple[object, Mapping[str, object]]:
    """Return the resources of a service whose extension has some attributes."""
    return {"Resources": {"Open": BARE}, "extensions": {"Open": attributes}}, {}


def parts(first: object, second: object) -> tuple[object, Mapping[str, object]]:
    """Return the resources of a service in which two parts have the same resource."""
    return [{"Resources": {"Open": first}}, {"Resources": {"Open": second}}], {}


P_IS_X = {"Fn::Equals": [{"Ref": "P"}, "x"]}
SETS = calling("setRepositoryPolicy")["Resources"]["Open"]["Properties"]["Create"]
BRAND_NEW = calling("brandNew")["Resources"]["Open"]["Properties"]["Create"]
IF_C = "its Condition `C` is true"
CHANGED = sentence("cloudformation.macro_mine_may")
MAY_ADD = sentence("cloudformation.macro_mine_may_add")
BESIDE = sentence("cloudformation.fn_transform_beside")
FUNCTION = sentence("calls.function_may_set")
CALL = sentence("calls.calls_not_known_before")
NEW_CALL = sentence("calls.calls_brandnew_ecr")
NEW = sentence("found.version_does_not_know")
NOT_READ = sentence("marks.sets_not_read_here")
ROWS: Mapping[str, tuple[Mapping[str, object], Mapping[str, object]]] = {
    "usual": (template(), {}),
    "no name": (template(properties={"RepositoryPolicyText": OPEN}), {"names": ["*"]}),
    "a name that is not known": (made(RepositoryName={"Fn::GetAtt": "X.Y"}), {"names": ["*"]}),
    "a name in part": (made(RepositoryName={"Fn::Sub": "a-${AWS::StackName}"}), {"names": ["a-*"]}),
    "a name that is a list": (made(RepositoryName=["a"]), {"names": ["*"]}),
    "no policy": (
        template(properties={"RepositoryName": "base"}),
        {"policy": None, "more": {"no heads": True, "statements": -1}},
    ),
    "no properties": (
        template(properties=None),
        {"policy": None, "names": ["*"], "more": {"no heads": True, "statements": -1}},
    ),
    "properties that are a text": (
        template(properties="x"),
        {"errors": [sentence("resources.open_properties_not_object")]},
    ),
    "properties that are not known": (
        template(properties={"Ref": "X"}),
        {"errors": [sentence("resources.open_properties_not_known")]},
    ),
    "properties that are nothing": (
        template(properties={"Ref": "AWS::NoValue"}),
        {"policy": None, "names": ["*"], "more": {"no heads": True, "statements": -1}},
    ),
    "properties of a registry policy that are a text": (
        template(kind="AWS::ECR::RegistryPolicy", properties="x"),
        {"errors": [sentence("resources.open_properties_not_object")]},
    ),
    "properties by a condition": (
        template(
            properties={"Fn::If": ["C", PROPERTIES, {"RepositoryName": "other"}]},
            sections={"Parameters": {"P": {"Type": "String"}}, "Conditions": {"C": P_IS_X}},
        ),
        {"errors": [sentence("resources.open_properties_not_known")]},
    ),
    "properties by a condition with a default": (
        template(
            properties={"Fn::If": ["C", PROPERTIES, {"RepositoryName": "other"}]},
            sections={"Parameters": {"P": {"Type": "String", "Default": "x"}}, "Conditions": {"C": P_IS_X}},
        ),
        {
            "names": ["base", "other"],
            "more": {
                "otherwise": [("`P` is not `x`", False)],
                "when": "`P` is `x`",
                "without defaults": ["parameter `P`"],
            },
        },
    ),
    "a tag": (made(Tags=[{"Key": "a", "Value": "b"}]), {"more": {"tags": {"a": "b"}, "other tags": True}}),
    "a tag without a value": (made(Tags=[{"Key": "a"}]), {}),
    "a tag with a blank value": (
        made(Tags=[{"Key": "a", "Value": ""}]),
        {"more": {"tags": {"a": ""}, "other tags": True}},
    ),
    "a tag without a key": (made(Tags=[{"Value": "b"}]), {}),
    "a tag with a blank key": (made(Tags=[{"Key": "", "Value": "b"}]), {}),
    "a tag that is not known": (made(Tags=[{"Key": "a", "Value": {"Ref": "X"}}]), {}),
    "a creation template": (
        made(TEMPLATES, Prefix="base", RepositoryPolicy=OPEN),
        {"names": ["base/*"], "more": {"kind": "CREATION_TEMPLATE"}},
    ),
    "a creation template for replication": (
        made(TEMPLATES, Prefix="base", RepositoryPolicy=OPEN, AppliedFor=["REPLICATION"]),
        {"names": ["base/*"], "more": {"applied for": ("REPLICATION",), "kind": "CREATION_TEMPLATE"}},
    ),
    "a creation template for something unknown": (
        made(TEMPLATES, Prefix="base", RepositoryPolicy=OPEN, AppliedFor=["REPLICATION", {"Ref": "X"}]),
        {"names": ["base/*"], "more": {"kind": "CREATION_TEMPLATE"}},
    ),
    "a creation template for nothing": (
        made(TEMPLATES, Prefix="base", RepositoryPolicy=OPEN, AppliedFor=[]),
        {"names": ["base/*"], "more": {"kind": "CREATION_TEMPLATE"}},
    ),
    "a repository for replication": (made(AppliedFor=["REPLICATION"]), {}),
    "a creation template of an unknown prefix": (
        made(TEMPLATES, Prefix={"Fn::Sub": "a-${AWS::StackName}"}, RepositoryPolicy=OPEN),
        {"names": ["a-*/*"], "more": {"kind": "CREATION_TEMPLATE"}},
    ),
    "misspelled beside": (
        made(RepositoryPolicyTex=OPEN),
        {"doubts": [ELSEWHERE.format("RepositoryPolicyTex", "AWS CloudFormation", "RepositoryPolicyText")]},
    ),
    "misspelled in upper case beside": (
        made(REPOSITORYPOLICYTEXT=OPEN),
        {"doubts": [ELSEWHERE.format("REPOSITORYPOLICYTEXT", "AWS CloudFormation", "RepositoryPolicyText")]},
    ),
    "a policy beside the properties": (
        template(RepositoryPolicyText=OPEN),
        {"doubts": [ELSEWHERE.format("RepositoryPolicyText", "AWS CloudFormation", "Properties.RepositoryPolicyText")]},
    ),
    "a policy in the metadata": (template(Metadata={"RepositoryPolicyText": OPEN}), {}),
    "a type that gives no access": (made("AWS::ECR::PullTimeUpdateExclusion"), {"nothing": True}),
    "a scanning configuration": (made("AWS::ECR::RegistryScanningConfiguration"), {"nothing": True}),
    "a signing configuration": (made("AWS::ECR::SigningConfiguration"), {"nothing": True}),
    "a type that is not known": (made("AWS::ECR::BrandNew"), {"unjudged": ("Open", NEW.format("AWS::ECR::BrandNew"))}),
    "a type in lower case": (
        template(kind="aws::ecr::repository"),
        {
            "unjudged": (
                "Open",
                sentence("found.version_does_not_know_aws"),
            )
        },
    ),
    "no type": (template(kind=None), {"unjudged": ("RepositoryPolicyText", STRAY)}),
    "another type": (made("AWS::S3::Bucket"), {"nothing": True}),
    "a condition that holds": (chosen({"Fn::Equals": ["a", "a"]}), {}),
    "a condition that does not hold": (
        chosen({"Fn::Equals": ["a", "b"]}),
        {"skipped": ["Open: not created: its Condition `C` is false"]},
    ),
    "a condition that may hold": (chosen(P_IS_X), {"more": {"perhaps": IF_C}}),
    "a condition that holds by default": (chosen(P_IS_X, default="x"), {"more": {"perhaps": IF_C}}),
    "a condition that does not hold by default": (
        chosen(P_IS_X, default="y"),
        {
            "notes": [sentence("resources.not_created_unless_parameter")],
            "more": {"perhaps": IF_C},
        },
    ),
    "a type that is not known and not made": (
        chosen({"Fn::Equals": ["a", "b"]}, kind="AWS::ECR::BrandNew"),
        {"nothing": True},
    ),
    "a type that is not known and made": (
        chosen({"Fn::Equals": ["a", "a"]}, kind="AWS::ECR::BrandNew"),
        {"unjudged": ("Open", NEW.format("AWS::ECR::BrandNew"))},
    ),
    "a default": (
        with_p({"Id": {"Ref": "P"}}, {"Type": "String", "Default": "x"}),
        {"policy": {"Id": "x"}, "more": {"without defaults": ["parameter `P`"], "statements": -1}},
    ),
    "a blank default": (
        with_p({"Id": {"Ref": "P"}}, {"Type": "String", "Default": ""}),
        {"policy": {"Id": ""}, "more": {"without defaults": ["parameter `P`"], "statements": -1}},
    ),
    "a default of a list": (
        with_p({"Id": {"Ref": "P"}}, {"Type": "CommaDelimitedList", "Default": "x,"}),
        {"policy": {"Id": ["x", ""]}, "more": {"without defaults": ["parameter `P`"], "statements": -1}},
    ),
    "two defaults": (
        template(
            properties={**PROPERTIES, "RepositoryPolicyText": {"Id": {"Ref": "P"}, "Sid": {"Ref": "Q"}}},
            sections={"Parameters": {"P": {"Type": "String", "Default": "x"}, "Q": {"Type": "String", "Default": "y"}}},
        ),
        {
            "policy": {"Id": "x", "Sid": "y"},
            "more": {
                "without defaults": ["parameter `P`", "parameter `P`, parameter `Q`", "parameter `Q`"],
                "statements": -1,
            },
        },
    ),
    "a default of a name": (
        template(
            properties={**PROPERTIES, "RepositoryName": {"Ref": "P"}},
            sections={"Parameters": {"P": {"Type": "String", "Default": "x"}}},
        ),
        {"names": ["x"], "more": {"without defaults": ["parameter `P`"]}},
    ),
    "allowed values": (
        with_p({"Id": {"Ref": "P"}}, {"Type": "String", "AllowedValues": ["x", "y"]}),
        {"policy": {"Id": "x"}, "more": {"otherwise": [("`P` is `y`", True)], "when": "`P` is `x`", "statements": -1}},
    ),
    "allowed values of a name": (
        template(
            properties={**PROPERTIES, "RepositoryName": {"Ref": "P"}},
            sections={"Parameters": {"P": {"Type": "String", "AllowedValues": ["x", "y"]}}},
        ),
        {"names": ["x", "y"]},
    ),
    "a macro": (changed_by("Mine"), {"doubts": [CHANGED]}),
    "a macro of a list": (changed_by(["AWS::LanguageExtensions", "Mine"]), {"doubts": [CHANGED]}),
    "two macros": (changed_by(["Mine", "Other"]), {"doubts": [CHANGED]}),
    "a macro with a name": (changed_by({"Name": "Mine"}), {"doubts": [CHANGED]}),
    "a macro of AWS": (changed_by("AWS::Serverless-2016-10-31"), {}),
    "a macro that includes": (
        changed_by({"Name": "AWS::Include", "Parameters": {"Location": "s3://x/y"}}),
        {"unjudged": ("Fn::Transform", sentence("cloudformation.aws_include_adds"))},
    ),
    "a macro in full": (template(sections={"Fn::Transform": {"Name": "Mine"}}), {"doubts": [CHANGED]}),
    "a macro beside the properties": (
        template(properties={**PROPERTIES, "Fn::Transform": {"Name": "Mine"}}),
        {"doubts": [BESIDE]},
    ),
    "a macro of AWS beside the properties": (
        template(
            properties={**PROPERTIES, "Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://x/y"}}}
        ),
        {"doubts": [BESIDE]},
    ),
    "a macro instead of the properties": (
        template(properties={"Fn::Transform": {"Name": "Mine"}}),
        {"policy": "<Fn::Transform>", "names": ["*"], "doubts": [BESIDE], "more": {"no heads": True, "statements": -1}},
    ),
    "a macro in short beside the properties": (
        template(properties={**PROPERTIES, "Transform": {"Name": "Mine"}}),
        {"doubts": [BESIDE]},
    ),
    "a property that is no macro": (template(properties={**PROPERTIES, "Transform": "Mine"}), {}),
    "a macro beside a resource": (
        {"Resources": {"Open": {**template()["Resources"]["Open"], "Fn::Transform": {"Name": "Mine"}}}},
        {"doubts": [BESIDE]},
    ),
    "a macro of another resource": (
        {"Resources": {"X": {"Type": "AWS::S3::Bucket", "Fn::Transform": {"Name": "Mine"}}}},
        {"skipped": [MAY_ADD]},
    ),
    "a macro of another resource in its properties": (
        {"Resources": {"X": {"Type": "AWS::S3::Bucket", "Properties": {"Fn::Transform": {"Name": "Mine"}}}}},
        {"nothing": True},
    ),
    "a macro of no resource": (
        {"Resources": {"X": {"Type": "AWS::S3::Bucket"}}, "Transform": "Mine"},
        {"skipped": [MAY_ADD]},
    ),
    "a macro of AWS of no resource": (
        {"Resources": {"X": {"Type": "AWS::S3::Bucket"}}, "Transform": "AWS::LanguageExtensions"},
        {"nothing": True},
    ),
    "a macro among the resources": (
        {"Resources": {"X": {"Type": "AWS::S3::Bucket"}, "Fn::Transform": {"Name": "Mine"}}},
        {
            "unjudged": ("Fn::Transform", sentence("cloudformation.macro_mine_adds")),
            "skipped": [MAY_ADD],
        },
    ),
    "a macro without a name among the resources": (
        {"Resources": {"X": {"Type": "AWS::S3::Bucket"}, "Fn::Transform": {}}},
        {
            "unjudged": ("Fn::Transform", sentence("cloudformation.macro_adds_not_here")),
            "skipped": [sentence("cloudformation.macro_may_add")],
        },
    ),
    "resources that are a list": (
        {"AWSTemplateFormatVersion": "2010-09-09", "Resources": [KIND]},
        {"errors": [sentence("cloudformation.resources_not_object_nothing")]},
    ),
    "a loop": (
        {
            "Resources": {
                "Fn::ForEach::L": [
                    "N",
                    ["a"],
                    {"Open${N}": {"Type": KIND, "Properties": {**PROPERTIES, "RepositoryName": {"Ref": "N"}}}},
                ]
            }
        },
        {"resource": "Opena", "names": ["a"]},
    ),
    "a loop in text": (
        {
            "Resources": {
                "Fn::ForEach::L": [
                    "N",
                    ["a"],
                    {
                        "Open&{N}": {
                            "Type": KIND,
                            "Properties": {**PROPERTIES, "RepositoryName": {"Fn::Sub": "x-${N}-${N}"}},
                        }
                    },
                ]
            }
        },
        {"resource": "Opena", "names": ["x-a-a"]},
    ),
    "a loop of another name": (
        {
            "Resources": {
                "Fn::ForEach::L": [
                    "N",
                    ["a"],
                    {"Open${M}": {"Type": KIND, "Properties": {**PROPERTIES, "RepositoryName": {"Ref": "M"}}}},
                ]
            }
        },
        {"resource": "Open${M}", "names": ["*"]},
    ),
    "a loop over something unknown": (
        {
            "Resources": {
                "Fn::ForEach::L": [
                    "N",
                    {"Ref": "X"},
                    {"Open${N}": {"Type": KIND, "Properties": {**PROPERTIES, "RepositoryName": {"Ref": "N"}}}},
                ]
            }
        },
        {"resource": "Open<Fn::ForEach>", "names": ["*"]},
    ),
    "a loop over nothing": (
        {
            "Resources": {
                "Fn::ForEach::L": ["N", {"Ref": "AWS::NoValue"}, {"Open${N}": {"Type": KIND, "Properties": PROPERTIES}}]
            }
        },
        {"nothing": True},
    ),
    "a loop of two": (
        {"Resources": {"Fn::ForEach::L": ["N", ["a"]]}, "Metadata": {"x": KIND}},
        {"errors": [sentence("cloudformation.not_loop_expected_identifier")]},
    ),
    "a loop of four": (
        {"Resources": {"Fn::ForEach::L": ["N", ["a"], {}, {}]}, "Metadata": {"x": KIND}},
        {"errors": [sentence("cloudformation.not_loop_expected_identifier")]},
    ),
    "a loop without an identifier": (
        {"Resources": {"Fn::ForEach::L": [["N"], ["a"], {}]}, "Metadata": {"x": KIND}},
        {"errors": [sentence("cloudformation.not_loop_expected_identifier")]},
    ),
    "a loop of a text": (
        {"Resources": {"Fn::ForEach::L": ["N", ["a"], "x"]}, "Metadata": {"x": KIND}},
        {"errors": [sentence("cloudformation.not_loop_repeated_value")]},
    ),
    "a call": (calling("setRepositoryPolicy"), {"more": {"no heads": True}}),
    "a call in the other version": (
        calling("SetRepositoryPolicyCommand", "@aws-sdk/client-ecr"),
        {"more": {"no heads": True}},
    ),
    "a call of public repositories": (
        calling("setRepositoryPolicy", "ECRPUBLIC"),
        {"more": {"no heads": True, "kind": "PUBLIC_REPOSITORY"}},
    ),
    "a call of another service": (calling("setRepositoryPolicy", "S3"), {"nothing": True}),
    "a call without a service": (calling("setRepositoryPolicy", None), {"unjudged": ("Open", CALL)}),
    "a call without an action": (calling(None), {"unjudged": ("Open", CALL)}),
    "a call of another service without an action": (calling(None, "S3", {}), {"nothing": True}),
    "a call without parameters": (
        calling("setRepositoryPolicy", parameters=[]),
        {"policy": "<policyText>", "names": ["*"], "more": {"no heads": True, "statements": -1}},
    ),
    "a call without a policy": (
        calling("setRepositoryPolicy", parameters={"repositoryName": "base"}),
        {"policy": "<policyText>", "more": {"no heads": True, "statements": -1}},
    ),
    "a call without a name": (
        calling("setRepositoryPolicy", parameters={"policyText": json.dumps(OPEN)}),
        {"names": ["*"], "more": {"no heads": True}},
    ),
    "a call with a blank name": (
        calling("setRepositoryPolicy", parameters={"repositoryName": "", "policyText": json.dumps(OPEN)}),
        {"names": ["*"], "more": {"no heads": True}},
    ),
    "a call with a name that is a list": (
        calling("setRepositoryPolicy", parameters={"repositoryName": ["a"], "policyText": json.dumps(OPEN)}),
        {"names": ["*"], "more": {"no heads": True}},
    ),
    "a call of a prefix": (
        calling(
            "createRepositoryCreationTemplate", parameters={"prefix": "base", "repositoryPolicy": json.dumps(OPEN)}
        ),
        {"names": ["base/*"], "more": {"no heads": True, "kind": "CREATION_TEMPLATE"}},
    ),
    "a call that gives no access": (calling("getRepositoryPolicy"), {"nothing": True}),
    "a call that is not known": (calling("brandNew"), {"unjudged": ("Open", NEW_CALL)}),
    "a call on an update": (template(kind="Custom::AWS", properties={"Update": SETS}), {"more": {"no heads": True}}),
    "a call on a deletion": (
        template(kind="Custom::AWS", properties={"Delete": SETS}),
        {"unjudged": ("Open", FUNCTION)},
    ),
    "the same call twice": (calling("setRepositoryPolicy", Update=SETS), {"more": {"no heads": True}}),
    "another call on an update": (
        calling("setRepositoryPolicy", Update=BRAND_NEW),
        {"unjudged": ("Open", NEW_CALL), "more": {"no heads": True}},
    ),
    "a call of another kind of resource": (
        calling("setRepositoryPolicy", kind="AWS::CloudFormation::CustomResource"),
        {"more": {"no heads": True}},
    ),
    "a custom resource that cleans up": (
        template(kind="Custom::ECRAutoDeleteImages", properties={"x": "ecr:SetRepositoryPolicy"}),
        {"nothing": True},
    ),
    "a custom resource that speaks of ECR": (
        template(kind="Custom::X", properties={"x": "ecr"}),
        {"unjudged": ("Open", FUNCTION)},
    ),
    "a custom resource that speaks of a policy": (
        template(kind="Custom::X", properties={"RepositoryPolicy": "x"}),
        {"unjudged": ("Open", FUNCTION)},
    ),
    "a custom resource that speaks of a policy in words": (
        template(kind="Custom::X", properties={"x": ["registry_policy"]}),
        {"unjudged": ("Open", FUNCTION)},
    ),
    "a custom resource that speaks of something else": (
        template(kind="Custom::X", properties={"x": "secret"}),
        {"nothing": True},
    ),
    "a function that calls ECR": (
        template(kind="AWS::Lambda::Function", properties={"Code": {"ZipFile": "ecr.set_repository_policy(x)"}}),
        {"unjudged": ("Open", sentence("calls.calls_set_repository"))},
    ),
    "a function that calls a registry": (
        template(kind="AWS::Lambda::Function", properties={"Code": {"ZipFile": "ecr.put-registry-policy(x)"}}),
        {"unjudged": ("put-registry-policy", NOT_READ)},
    ),
    "a function that may call ECR": (
        template(kind="AWS::IAM::Policy", properties={"x": "ecr:SetRepositoryPolicy"}),
        {"nothing": True},
    ),
    "a function that may call ECR public": (
        template(kind="AWS::IAM::Policy", properties={"x": "ecr-public:SetRepositoryPolicy"}),
        {"nothing": True},
    ),
    "a machine that calls ECR": (
        template(
            kind="AWS::StepFunctions::StateMachine",
            properties={"x": "arn:aws:states:::aws-sdk:ecr:setRepositoryPolicy"},
        ),
        {"unjudged": ("Open", sentence("calls.calls_aws_sdk"))},
    ),
    "a stack set without a template": (
        template(kind="AWS::CloudFormation::StackSet", properties={}),
        {"unjudged": ("Open", sentence("nested.template_not_here_check"))},
    ),
    "a stack set with a template": (
        template(kind="AWS::CloudFormation::StackSet", properties={"TemplateBody": json.dumps(template())}),
        {
            "resource": "Open/Open",
            "account": None,
            "region": None,
            "location": (None, None, "Open"),
            "owners": "<AWS::AccountId>",
        },
    ),
    "a stack set with an object": (
        template(kind="AWS::CloudFormation::StackSet", properties={"TemplateBody": {"Fn::ToJsonString": template()}}),
        {
            "resource": "Open/Open",
            "account": None,
            "region": None,
            "location": (None, None, "Open"),
            "owners": "<AWS::AccountId>",
        },
    ),
    "a stack set with a template that is broken": (
        template(kind="AWS::CloudFormation::StackSet", properties={"TemplateBody": f"{{ {KIND}"}),
        {"errors": [sentence("json.open_templatebody_not_json")]},
    ),
    "a stack set with a template that is not known": (
        template(kind="AWS::CloudFormation::StackSet", properties={"TemplateBody": {"Ref": "X"}}),
        {"unjudged": ("Open", sentence("nested.templatebody_not_known_before"))},
    ),
    "a stack set in an account": (
        template(
            kind="AWS::CloudFormation::StackSet",
            properties={
                "TemplateBody": json.dumps(template()),
                "StackInstancesGroup": [{"DeploymentTargets": {"Accounts": [THEIRS]}, "Regions": ["us-east-1"]}],
            },
        ),
        {"resource": "Open/Open", "account": THEIRS, "region": "us-east-1", "location": (THEIRS, "us-east-1", "Open")},
    ),
    "a module": (
        template(kind="My::Module::MODULE"),
        {"unjudged": ("Open", sentence("nested.module_my_module"))},
    ),
    "a module about ECR": (
        template(kind="My::ECR::Thing::MODULE", properties={"x": "ecr"}),
        {"unjudged": ("Open", sentence("nested.module_my_ecr"))},
    ),
    "a type of others about ECR": (
        template(kind="Their::ECR::Thing"),
        {"unjudged": ("Open", sentence("nested.type_their_ecr"))},
    ),
    "a type of others in words": (
        template(kind="Their::EcrThing::X"),
        {"unjudged": ("Open", sentence("nested.type_their_ecrthing"))},
    ),
    "a type of others": (template(kind="Their::SECRET::X"), {"nothing": True}),
    "tags by a condition": (
        template(
            properties={"Fn::If": ["C", {**PROPERTIES, "Tags": [{"Key": "a", "Value": "b"}]}, PROPERTIES]},
            sections={"Parameters": {"P": {"Type": "String", "Default": "x"}}, "Conditions": {"C": P_IS_X}},
        ),
        {"more": {"other tags": True, "when": "`P` is `x` or `P` is not `x`"}},
    ),
    "a name by a condition with a default": (
        template(
            properties={**PROPERTIES, "RepositoryName": {"Fn::If": ["C", "a", "b"]}},
            sections={"Parameters": {"P": {"Type": "String", "Default": "x"}}, "Conditions": {"C": P_IS_X}},
        ),
        {"names": ["a", "b"]},
    ),
    "a default in another world": (
        beyond("String", "y"),
        {
            "policy": {"Id": "a"},
            "more": {
                "otherwise": [("`P` is not `y`", False)],
                "when": "`P` is `y`",
                "without defaults": ["parameter `P`"],
                "statements": -1,
                "beyond": [["<P>"]],
            },
        },
    ),
    "a blank default in another world": (
        beyond("String", ""),
        {
            "policy": {"Id": "a"},
            "more": {
                "otherwise": [("`P` is not empty", False)],
                "when": "`P` is empty",
                "without defaults": ["parameter `P`"],
                "statements": -1,
            },
        },
    ),
    "a default of a list in another world": (
        beyond("CommaDelimitedList", "y,"),
        {
            "policy": {"Id": "a"},
            "more": {
                "otherwise": [("`P` is not `y,`", False)],
                "when": "`P` is `y,`",
                "without defaults": ["parameter `P`"],
                "statements": -1,
                "beyond": [["<P>"]],
            },
        },
    ),
    "a default of blanks in another world": (
        beyond("CommaDelimitedList", ","),
        {
            "policy": {"Id": "a"},
            "more": {
                "otherwise": [("`P` is not `,`", False)],
                "when": "`P` is `,`",
                "without defaults": ["parameter `P`"],
                "statements": -1,
            },
        },
    ),
}
"""A template, and what is found in it that is not found in the usual one."""


@pytest.mark.parametrize("row", ROWS)
def test_a_template(look: Look, row: str) -> None:
    file, expected = ROWS[row]
    assert differs(look, file) == expected


# --- services of the Serverless Framework ---

GIVES = "what `{}` gives is not {}here: run `serverless package`, and check `.serverless`"
SERVED: Mapping[str, tuple[tuple[object, Mapping[str, object]], Mapping[str, object]]] = {
    "an object": ((WHOLE, {}), {}),
    "a list": (([WHOLE], {}), {}),
    "a list of two": (([{"Resources": {"Other": {"Type": "AWS::S3::Bucket"}}}, WHOLE], {}), {}),
    "a file": (("${file(r.yml)}", {"r.yml": WHOLE}), {}),
    "a file in a list": ((["${file(r.yml)}"], {"r.yml": WHOLE}), {}),
    "a list in a file": (("${file(r.yml)}", {"r.yml": [WHOLE]}), {}),
    "a part of a file": (("${file(r.yml):a}", {"r.yml": {"a": WHOLE}}), {}),
    "resources in a file": (({"Resources": "${file(r.yml)}"}, {"r.yml": {"Open": RESOURCE}}), {}),
    "a resource in a file": (({"Resources": {"Open": "${file(r.yml)}"}}, {"r.yml": RESOURCE}), {}),
    "a resource that is a text in a file": (
        ({"Resources": {"Open": "${file(r.txt)}"}}, {"r.txt": "AWS::ECR::Repository"}),
        {"skipped": [GIVES.format("file(r.txt)", "")]},
    ),
    "properties in a file": (
        ({"Resources": {"Open": {"Type": KIND, "Properties": "${file(r.yml)}"}}}, {"r.yml": PROPERTIES}),
        {},
    ),
    "properties in a file that is not here": (
        ({"Resources": {"Open": {"Type": KIND, "Properties": "${file(r.yml)}"}}}, {}),
        {"errors": [sentence("resources.open_properties_not_known")]},
    ),
    "a type in a file": (
        ({"Resources": {"Open": {"Type": "${file(r.txt)}", "Properties": PROPERTIES}}}, {"r.txt": KIND}),
        {},
    ),
    "a policy in a file": (
        (
            {
                "Resources": {
                    "Open": {
                        "Type": KIND,
                        "Properties": {"RepositoryName": "base", "RepositoryPolicyText": "${file(r.yml)}"},
                    }
                }
            },
            {"r.yml": OPEN},
        ),
        {},
    ),
    "a file that is not here": (("${file(r.yml)}", {}), {"skipped": [GIVES.format("file(r.yml)", "")]}),
    "a file that is broken": (("${file(r.yml)}", {"r.yml": "a: ["}), {"skipped": [GIVES.format("file(r.yml)", "")]}),
    "a file of two documents": (
        ("${file(r.yml)}", {"r.yml": "a: 1\n---\nb: 1"}),
        {"skipped": [GIVES.format("file(r.yml)", "")]},
    ),
    "a program": (("${file(r.js)}", {"r.js": ABOUT}), {"unjudged": ("resources", GIVES.format("file(r.js)", "read "))}),
    "a program of a common module": (
        ("${file(r.cjs)}", {"r.cjs": ABOUT}),
        {"unjudged": ("resources", GIVES.format("file(r.cjs)", "read "))},
    ),
    "a program of a module": (
        ("${file(r.mjs)}", {"r.mjs": ABOUT}),
        {"unjudged": ("resources", GIVES.format("file(r.mjs)", "read "))},
    ),
    "a program with types": (
        ("${file(r.ts)}", {"r.ts": ABOUT}),
        {"unjudged": ("resources", GIVES.format("file(r.ts)", "read "))},
    ),
    "a program in upper case": (
        ("${file(r.JS)}", {"r.JS": ABOUT}),
        {"unjudged": ("resources", GIVES.format("file(r.JS)", "read "))},
    ),
    "a part of a program": (
        ("${file(r.js):a}", {"r.js": ABOUT}),
        {"unjudged": ("resources", GIVES.format("file(r.js):a", "read "))},
    ),
    "a program about something else": (("${file(r.js)}", {"r.js": "1"}), {"skipped": [GIVES.format("file(r.js)", "")]}),
    "a program that is not here": (("${file(r.js)}", {}), {"skipped": [GIVES.format("file(r.js)", "")]}),
    "a variable of the environment": (("${env:X}", {}), {"skipped": [GIVES.format("env:X", "")]}),
    "a text": (("x", {}), {"skipped": [sentence("dispatch.neither_template_nor")]}),
    "an extension of the properties": (extended(Properties={"RepositoryPolicyText": OPEN}), {}),
    "an extension of the metadata": (
        extended(Metadata={"x": OPEN}),
        {"policy": None, "more": {"no heads": True, "statements": -1}},
    ),
    "an extension of properties that are a text": (
        extended(Properties="${env:X}"),
        {"errors": [sentence("resources.open_properties_not_known")]},
    ),
    "an extension of a condition": (
        extended(Condition="C"),
        {"policy": None, "more": {"perhaps": "its Condition `C` is true", "no heads": True, "statements": -1}},
    ),
    "an extension of a type": (extended(Type="AWS::S3::Bucket", Properties={"RepositoryPolicyText": OPEN}), {}),
    "an extension of another": (
        ({"Resources": {"Open": BARE}, "extensions": {"Other": {"Properties": {"RepositoryPolicyText": OPEN}}}}, {}),
        {"policy": None, "more": {"no heads": True, "statements": -1}},
    ),
    "an extension in a file": (
        (
            {"Resources": {"Open": BARE}, "extensions": "${file(x.yml)}"},
            {"x.yml": {"Open": {"Properties": {"RepositoryPolicyText": OPEN}}}},
        ),
        {},
    ),
    "two parts": (parts(BARE, {"Properties": {"RepositoryPolicyText": OPEN}}), {}),
    "two parts in the other order": (parts({"Properties": {"RepositoryPolicyText": OPEN}}, BARE), {}),
    "two names": (parts(RESOURCE, {"Properties": {"RepositoryName": "other"}}), {"names": ["other"]}),
    "two policies": (
        parts(RESOURCE, {"Properties": {"RepositoryPolicyText": {"Statement": [{"Effect": "Deny"}]}}}),
        {"policy": {"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "ecr:*"}]}},
    ),
    "two lists": (
        parts(RESOURCE, {"Properties": {"RepositoryPolicyText": {"Statement": [{}, {"Sid": "x"}]}}}),
        {
            "policy": {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}, {"Sid": "x"}]},
            "more": {"statements": 1},
        },
    ),
    "a text over an object": (
        parts(RESOURCE, {"Properties": {"RepositoryPolicyText": "x"}}),
        {"policy": "<a value of several parts>", "more": {"statements": -1}},
    ),
    "a list over a text": (
        parts(
            {**RESOURCE, "Properties": {"RepositoryName": "base", "RepositoryPolicyText": "x"}},
            {"Properties": {"RepositoryPolicyText": []}},
        ),
        {"policy": "<a value of several parts>", "more": {"statements": -1}},
    ),
    "a variable over a text": (parts(RESOURCE, {"Properties": {"RepositoryName": "${env:X}"}}), {"names": ["*"]}),
    "parameters in one part": (
        (
            [
                {"Parameters": {"P": {"Type": "String", "Default": "base"}}},
                {"Resources": {"Open": {"Type": KIND, "Properties": {**PROPERTIES, "RepositoryName": {"Ref": "P"}}}}},
            ],
            {},
        ),
        {"more": {"without defaults": ["parameter `P`"]}},
    ),
    "parameters in a file": (
        (
            [
                {"Parameters": "${file(p.yml)}"},
                {"Resources": {"Open": {"Type": KIND, "Properties": {**PROPERTIES, "RepositoryName": {"Ref": "P"}}}}},
            ],
            {"p.yml": {"P": {"Type": "String", "Default": "base"}}},
        ),
        {"more": {"without defaults": ["parameter `P`"]}},
    ),
}


@pytest.mark.parametrize("row", SERVED)
def test_a_service(look: Look, row: str) -> None:
    service, expected = SERVED[row]
    assert served(look, service) == expected
