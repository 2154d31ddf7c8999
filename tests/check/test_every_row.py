"""The rows of the tables of `check`: each name that it reads, by what a file with this name comes to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ecr_crossaccount import Hole, Holed, Trust
from ecr_crossaccount.judgement.kinds.table import ResourceKind
from ecr_crossaccount.sources.files.marks import seems
from ecr_crossaccount.sources.files.strays import policies_in, refusal, without_too_long
from ecr_crossaccount.sources.files.values.documents import documents
from ecr_crossaccount.sources.files.values.nodes import Node, Place, plain
from ecr_crossaccount.sources.formats.dispatch import harvest
from ecr_crossaccount.sources.formats.hcl.absent import outsiders
from ecr_crossaccount.sources.formats.hcl.grammar import read_source
from ecr_crossaccount.sources.formats.hcl.module_sources import arguments_of
from ecr_crossaccount.sources.formats.hcl.operators import FailedError
from ecr_crossaccount.sources.formats.hcl.tree import Budget, Scope, Source
from ecr_crossaccount.sources.formats.kubernetes.kustomize import changed_by, merge_part
from ecr_crossaccount.sources.formats.terragrunt.names import Configured, Names, Run
from ecr_crossaccount.sources.found.context import Context
from ecr_crossaccount.sources.found.found import FoundPolicy, Harvest

from tests.case_tables import ANY_DAY, OWNER
from tests.check.conftest import Look

OPEN: Any = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}]}
SETS = f"aws ecr set-repository-policy --repository-name base --policy-text '{json.dumps(OPEN)}'\n"
CALLS = "client.set_repository_policy(policyText=p)\n"


def counts(found: Harvest) -> tuple[int, int, int]:
    """Return the number of policies, of things that are not judged, and of errors."""
    return len(found.policies), len(found.unjudged), len(found.errors)


JUDGED, NOT_JUDGED, NOTHING = (1, 0, 0), (0, 1, 0), (0, 0, 0)
FILES: Mapping[str, tuple[str, tuple[int, int, int], str]] = {
    "data": (json.dumps(OPEN), JUDGED, "a.json a.jsonc a.json5 a.yaml a.yml a.template a.cfn a.tfstate A.JSON"),
    "what a program fills in": (
        json.dumps(OPEN),
        NOT_JUDGED,
        "a.json.tpl a.gotmpl a.tmpl a.yaml.j2 a.jinja a.jinja2 a.erb a.mustache a.hbs a.jsonnet a.libsonnet",
    ),
    "scripts": (SETS, JUDGED, "a.sh a.bash a.zsh a.ksh Dockerfile dockerfile.dev Containerfile justfile A.SH"),
    "scripts of another language": (
        SETS,
        NOT_JUDGED,
        "a.fish a.mk a.ps1 a.psm1 a.bat a.cmd a.groovy Makefile GNUmakefile Jenkinsfile",
    ),
    "programs": (
        CALLS,
        NOT_JUDGED,
        "a.py a.ts a.mts a.cts a.tsx a.js a.mjs a.cjs a.jsx a.java a.kt a.scala a.go a.cs a.fs a.vb",
    ),
    "other files": (SETS + CALLS, NOTHING, "a.md a.txt a.rb a.swift notes a.shx a.pyc dock"),
    "folders of other programs": (
        json.dumps(OPEN),
        NOTHING,
        ".git/a.json .hg/a.json .svn/a.json .terraform/a.json .terragrunt-cache/a.json .venv/a.json .tox/a.json",
    ),
    "more folders of other programs": (
        json.dumps(OPEN),
        NOTHING,
        "node_modules/a.json __pycache__/a.json a/.git/a.json",
    ),
    "installed programs": (
        CALLS,
        NOTHING,
        "site-packages/a.py lib/dist-packages/b/a.py vendor/a.go x/bower_components/a.js",
    ),
    "data beside installed programs": (
        json.dumps(OPEN),
        JUDGED,
        "site-packages/a.json dist-packages/a.json vendor/a.json bower_components/a.json git/a.json",
    ),
}


@pytest.mark.parametrize("kind", FILES)
def test_files_are_read_by_their_names(look: Look, kind: str) -> None:
    text, expected, names = FILES[kind]
    assert {name: counts(look({name: text})) for name in names.split()} == dict.fromkeys(names.split(), expected)


PROGRAMS = {
    JUDGED: (SETS, "sh bash zsh ksh mksh dash ash make just"),
    NOT_JUDGED: (SETS, "fish pwsh"),
    (0, 1): (CALLS, "python python3 node nodejs deno bun tsx ts-node"),
    NOTHING: (SETS + CALLS, "perl ruby bashful nodemon"),
}


@pytest.mark.parametrize("expected", PROGRAMS)
def test_files_without_a_suffix_are_read_by_the_program_that_runs_them(look: Look, expected: tuple[int, ...]) -> None:
    text, names = PROGRAMS[expected]
    for name in names.split():
        for first in (f"#!/usr/bin/env {name}", f"#! /opt/{name}", f"#!/usr/bin/env -S A=b {name} -x"):
            assert counts(look({"run": f"{first}\n{text}"}))[: len(expected)] == expected, first


# --- ARNs and names of other resources ---

ARNS = {
    "AWS::IAM::Role": "iam::111122223333:role/RoleName",
    "AWS::IAM::User": "iam::111122223333:user/UserName",
    "AWS::ECR::Repository": "ecr:eu-west-1:111122223333:repository/RepositoryName",
    "AWS::Lambda::Function": "lambda:eu-west-1:111122223333:function:FunctionName",
    "AWS::Serverless::Function": "lambda:eu-west-1:111122223333:function:FunctionName",
    "AWS::CodeBuild::Project": "codebuild:eu-west-1:111122223333:project/Name",
    "AWS::StepFunctions::StateMachine": "states:eu-west-1:111122223333:stateMachine:",
    "AWS::Serverless::StateMachine": "states:eu-west-1:111122223333:stateMachine:",
    "AWS::ECS::Cluster": "ecs:eu-west-1:111122223333:cluster/",
    "AWS::EKS::Cluster": "eks:eu-west-1:111122223333:cluster/",
    "AWS::AppRunner::Service": "apprunner:eu-west-1:111122223333:service/",
    "AWS::SageMaker::Domain": "sagemaker:eu-west-1:111122223333:domain/",
    "AWS::Events::Rule": "events:eu-west-1:111122223333:rule/",
    "AWS::SNS::Topic": "",
    "AWS::IAM::Group": "",
}
"""The ARN in a stack of the owner, up to the property that names the resource. A name may be known only to AWS."""
ATTRIBUTES = {"AWS::AppRunner::Service": "ServiceArn", "AWS::SageMaker::Domain": "DomainArn"}
NAMED_BY = {
    "AWS::ECR::Repository": "RepositoryName", "AWS::ECR::PublicRepository": "RepositoryName",
    "AWS::IAM::Role": "RoleName", "AWS::IAM::User": "UserName", "AWS::IAM::Group": "GroupName",
    "AWS::Lambda::Function": "FunctionName", "AWS::Serverless::Function": "FunctionName",
    "AWS::CodeBuild::Project": "Name", "AWS::CodePipeline::Pipeline": "Name", "AWS::S3::Bucket": "BucketName",
}  # fmt: skip


def resolved(look: Look, kind: str, properties: object, wanted: object) -> object:
    """Return the value that a policy has in a stack with a resource of a type."""
    condition = {"ArnLike": {"aws:SourceArn": wanted}}
    statement = {**OPEN["Statement"][0], "Condition": condition}
    policy = {"Type": "AWS::ECR::Repository", "Properties": {"RepositoryPolicyText": {"Statement": [statement]}}}
    resources = {"Thing": {"Type": kind, "Properties": properties}, "Policy": policy}
    found = next(one for one in look({"template.json": {"Resources": resources}}).policies if one.policy)
    policy_found: Any = found.policy
    return policy_found["Statement"][0]["Condition"]["ArnLike"]["aws:SourceArn"]


@pytest.mark.parametrize("kind", ARNS)
def test_an_attribute_is_the_arn_that_the_stack_will_have(look: Look, kind: str) -> None:
    name = NAMED_BY.get(kind, "Name")
    attribute = ATTRIBUTES.get(kind, "Arn")
    found = resolved(look, kind, {name: "mine"}, {"Fn::GetAtt": ["Thing", attribute]})
    start = f"arn:aws:{ARNS[kind]}"
    if start.endswith(name):
        assert found == start.removesuffix(name) + "mine"
        unnamed = resolved(look, kind, {}, {"Fn::GetAtt": ["Thing", attribute]})
        assert unnamed == Holed((start.removesuffix(name), Hole("Thing")))
    else:
        assert found == (Holed((start, Hole("Thing"))) if ARNS[kind] else Hole(f"Thing.{attribute}"))
    assert resolved(look, kind, {name: "mine"}, {"Fn::GetAtt": ["Thing", "Other"]}) == Hole("Thing.Other")


@pytest.mark.parametrize("kind", NAMED_BY)
def test_a_reference_is_the_name_of_the_resource(look: Look, kind: str) -> None:
    assert resolved(look, kind, {NAMED_BY[kind]: "mine"}, {"Ref": "Thing"}) == "mine"
    assert resolved(look, kind, {"Other": "mine"}, {"Ref": "Thing"}) == Hole("Thing")


IN_TERRAFORM = {
    "aws_iam_role": ("name", "iam::111122223333:role/mine"),
    "aws_iam_user": ("name", "iam::111122223333:user/mine"),
    "aws_ecr_repository": ("name", "ecr:eu-west-1:111122223333:repository/mine"),
    "aws_lambda_function": ("function_name", "lambda:eu-west-1:111122223333:function:mine"),
    "aws_codebuild_project": ("name", "codebuild:eu-west-1:111122223333:project/mine"),
    "aws_codepipeline": ("name", "codepipeline:eu-west-1:111122223333:mine"),
    "aws_apprunner_service": ("service_name", "apprunner:eu-west-1:111122223333:service/mine"),
    "aws_sagemaker_domain": ("id", "sagemaker:eu-west-1:111122223333:domain/mine"),
}


@pytest.mark.parametrize("kind", IN_TERRAFORM)
def test_an_arn_in_terraform_is_of_the_account_of_the_provider(look: Look, kind: str) -> None:
    name, arn = IN_TERRAFORM[kind]
    condition = f'Condition={{ArnLike={{"aws:SourceArn"={kind}.x.arn}}}}'
    policy = f'jsonencode({{Statement=[{{Effect="Allow",Principal="*",Action="ecr:*",{condition}}}]}})'
    carrier = f'resource "aws_ecr_repository_policy" "p" {{\n repository = "base"\n policy = {policy}\n}}\n'
    found = look({"main.tf": f'resource "{kind}" "x" {{\n {name} = "mine"\n}}\n{carrier}'})
    policy_found: Any = found.policies[0].policy
    assert policy_found["Statement"][0]["Condition"]["ArnLike"]["aws:SourceArn"] == f"arn:aws:{arn}"


# --- resources and calls ---


@pytest.mark.parametrize(
    "kinds, expected",
    [
        (
            "lifecycle_policy pull_time_update_exclusion registry_scanning_configuration repository account_setting",
            NOTHING,
        ),
        ("brand_new_kind signing_configuration", NOT_JUDGED),
    ],
)
def test_resources_of_the_aws_provider(look: Look, kinds: str, expected: tuple[int, int, int]) -> None:
    for kind in kinds.split():
        assert counts(look({"main.tf": f'resource "aws_ecr_{kind}" "x" {{\n  name = "a"\n}}\n'})) == expected, kind


def test_resources_of_the_cloud_control_provider(look: Look) -> None:
    for kind in ("pull_time_update_exclusion", "registry_scanning_configuration", "signing_configuration"):
        assert counts(look({"main.tf": f'resource "awscc_ecr_{kind}" "x" {{\n  name = "a"\n}}\n'})) == NOTHING, kind
    assert counts(look({"main.tf": 'resource "awscc_ecr_brand_new" "x" {\n  name = "a"\n}\n'})) == NOT_JUDGED


ELSEWHERE = {"rules": [{"destinations": [{"region": "eu-west-1", "registryId": "222233334444"}]}]}
BY_CALL: Mapping[str, dict[str, object]] = {
    "setRepositoryPolicy": {"repositoryName": "base", "policyText": json.dumps(OPEN)},
    "putRegistryPolicy": {"policyText": json.dumps({"Statement": [{**OPEN["Statement"][0], "Resource": "*"}]})},
    "createRepositoryCreationTemplate": {"prefix": "base", "repositoryPolicy": json.dumps(OPEN)},
    "updateRepositoryCreationTemplate": {"prefix": "base", "repositoryPolicy": json.dumps(OPEN)},
    "putReplicationConfiguration": {"replicationConfiguration": ELSEWHERE},
    "createPullThroughCacheRule": {
        "ecrRepositoryPrefix": "base",
        "upstreamRegistryUrl": "222233334444.dkr.ecr.eu-west-1.amazonaws.com",
    },
}
WITHOUT_ACCESS = (
    "getRepositoryPolicy describeImages listImages batchGetImage deleteRepository tagResource untagResource "
    "startImageScan startLifecyclePolicyPreview validatePullThroughCacheRule createRepository putLifecyclePolicy "
    "putImage putImageScanningConfiguration putImageTagMutability putRegistryScanningConfiguration putAccountSetting"
)


def calling(action: str, parameters: object) -> dict[str, object]:
    """Return a template whose custom resource of the AWS CDK makes a call."""
    call = json.dumps({"service": "ECR", "action": action, "parameters": parameters})
    properties = {"ServiceToken": "arn:aws:lambda:eu-west-1:111122223333:function:f", "Create": call}
    return {"Resources": {"Call": {"Type": "Custom::AWS", "Properties": properties}}}


def test_each_call_of_a_custom_resource(look: Look) -> None:
    for action, parameters in BY_CALL.items():
        found = look({"template.json": calling(action, parameters)})
        assert counts(found) == JUDGED, action
        assert found.policies[0].policy not in (None, {}), action
    for action in WITHOUT_ACCESS.split():
        assert counts(look({"template.json": calling(action, {"repositoryName": "base"})})) == NOTHING, action
    assert counts(look({"template.json": calling("brandNewCall", {"repositoryName": "base"})})) == NOT_JUDGED


GROUPS = {
    "ecr.aws.upbound.io/v1beta1": ("repository", "policy"),
    "ecr.aws.upbound.io/v1beta2": ("repository", "policy"),
    "ecr.aws.m.upbound.io/v1beta1": ("repository", "policy"),
    "ecrpublic.aws.upbound.io/v1beta1": ("repositoryName", "policy"),
    "ecrpublic.aws.m.upbound.io/v1beta1": ("repositoryName", "policy"),
    "ecr.aws.jet.crossplane.io/v1alpha1": ("repository", "policy"),
    "ecr.aws.jet.crossplane.io/v1alpha2": ("repository", "policy"),
    "ecrpublic.aws.jet.crossplane.io/v1alpha2": ("repositoryName", "policy"),
    "ecr.aws.crossplane.io/v1alpha1": ("repositoryName", "rawPolicy"),
    "ecr.aws.crossplane.io/v1beta1": ("repositoryName", "rawPolicy"),
}
"""A version of a group, and its fields for the repository and the policy."""


def test_each_group_of_kubernetes(look: Look) -> None:
    for group, (name, policy) in GROUPS.items():
        provider = {"region": "eu-west-1", policy: json.dumps(OPEN), name: "base"}
        manifest = {"apiVersion": group, "kind": "RepositoryPolicy", "metadata": {"name": "p"}}
        manifest |= {"spec": {"forProvider": provider}}
        assert counts(look({"a.json": manifest})) == JUDGED, group
        assert counts(look({"a.json": {**manifest, "apiVersion": f"{group}9"}})) == NOT_JUDGED, group
    expected = {"ecr.services.k8s.aws": JUDGED, "ecrpublic.services.k8s.aws": NOT_JUDGED, "ecr.example.org": NOT_JUDGED}
    for group, result in expected.items():
        manifest = {"apiVersion": f"{group}/v1alpha1", "kind": "Repository", "metadata": {"name": "p"}}
        manifest |= {"spec": {"name": "base", "policy": json.dumps(OPEN)}}
        assert counts(look({"a.json": manifest})) == result, group


ACK = "ecr.services.k8s.aws/v1alpha1"
ADOPTED = {"services.k8s.aws/adoption-policy": "adopt"}
NO_POLICY: list[tuple[str, str, dict[str, object], dict[str, str], bool]] = [
    ("ecr.aws.upbound.io/v1beta1", "RepositoryPolicy", {"repository": "base"}, {}, False),
    ("ecr.aws.upbound.io/v1beta1", "RepositoryPolicy", {"repository": "base", "name": "x"}, {}, False),
    (ACK, "Repository", {"name": "base"}, {}, True),
    (ACK, "Repository", {"name": "base"}, ADOPTED, False),
    (ACK, "Repository", {}, {}, False),
]


@pytest.mark.parametrize("row", NO_POLICY)
def test_a_resource_of_kubernetes_without_a_policy(
    look: Look, row: tuple[str, str, dict[str, object], dict[str, str], bool]
) -> None:
    group, kind, fields, annotations, has_none = row
    spec = fields if group == ACK else {"forProvider": {"region": "eu-west-1", **fields}}
    metadata = {"name": "p", "annotations": annotations}
    found = look({"a.json": {"apiVersion": group, "kind": kind, "metadata": metadata, "spec": spec}})
    assert counts(found) == (JUDGED if has_none else NOT_JUDGED)


def test_each_operation_of_a_pulumi_preview(look: Look) -> None:
    urn = "urn:pulumi:dev::app::aws:ecr/repositoryPolicy:RepositoryPolicy::open"
    state = {
        "urn": urn, "type": "aws:ecr/repositoryPolicy:RepositoryPolicy", "custom": True,
        "inputs": {"repository": "base", "policy": json.dumps(OPEN)},
    }  # fmt: skip
    gone = "delete delete-replaced discard-replaced remove-pending-replace read-discard discard"
    for operation in ("create", "update", "same", "replace", "create-replacement", "import", *gone.split()):
        step = {"op": operation, "urn": urn, "newState": state, "oldState": state}
        expected = NOTHING if operation in gone.split() else JUDGED
        assert counts(look({"preview.json": {"steps": [step]}})) == expected, operation


def test_a_creation_template_as_the_command_line_prints_it(look: Look) -> None:
    printed = {
        "prefix": "team", "description": "AWS::ECR", "encryptionConfiguration": {"encryptionType": "AES256"},
        "resourceTags": [], "imageTagMutability": "MUTABLE", "imageTagMutabilityExclusionFilters": [],
        "repositoryPolicy": json.dumps(OPEN), "lifecyclePolicy": "", "appliedFor": ["REPLICATION"],
        "customRoleArn": "", "createdAt": "2026-01-01", "updatedAt": "2026-01-01",
    }  # fmt: skip

    def of(template: Mapping[str, object]) -> tuple[int, int, int]:
        return counts(look({"a.json": {"registryId": OWNER, "repositoryCreationTemplates": [template]}}))

    assert of(printed) == JUDGED
    del printed["repositoryPolicy"]
    assert of(printed)[2] == 0, "a template without a policy gives no access"
    for field in printed:
        assert of({**printed, f"{field}X": "x"})[2] == 1, "an unknown field may be the policy"


# --- values ---


@pytest.mark.parametrize(
    "region, suffix",
    [
        ("eu-west-1", "amazonaws.com"),
        ("us-gov-west-1", "amazonaws.com"),
        ("cn-north-1", "amazonaws.com.cn"),
        ("us-iso-east-1", "c2s.ic.gov"),
        ("us-isob-east-1", "sc2s.sgov.gov"),
        ("eu-isoe-west-1", "cloud.adc-e.uk"),
        ("us-isof-south-1", "csp.hci.ic.gov"),
        ("eusc-de-east-1", "amazonaws.eu"),
    ],
)
def test_the_suffix_of_urls_is_that_of_the_partition(tmp_path: Path, region: str, suffix: str) -> None:
    statement = {**OPEN["Statement"][0], "Principal": {"Service": {"Fn::Sub": "codebuild.${AWS::URLSuffix}"}}}
    policy = {"Type": "AWS::ECR::Repository", "Properties": {"RepositoryPolicyText": {"Statement": [statement]}}}
    (tmp_path / "template.json").write_text(json.dumps({"Resources": {"Policy": policy}}), encoding="utf-8")
    (found,) = harvest([str(tmp_path)], Context(OWNER, region=region)).policies
    policy_found: Any = found.policy
    assert policy_found["Statement"][0]["Principal"] == {"Service": f"codebuild.{suffix}"}


@pytest.mark.parametrize("name", ["AWS::StackName", "AWS::StackId", "AWS::NotificationARNs"])
def test_a_pseudo_parameter_that_only_aws_knows_is_a_hole(look: Look, name: str) -> None:
    assert resolved(look, "AWS::S3::Bucket", {}, {"Ref": name}) == Hole(name)


PULUMI: list[tuple[object, object]] = [
    ({"fn::join": ["-", ["a", "b"]]}, "a-b"),
    ({"fn::select": [1, ["a", "b"]]}, "b"),
    ({"fn::select": ["0", {"fn::split": [",", "a,b"]}]}, "a"),
    ({"fn::secret": "x"}, "x"),
    ({"fn::readFile": "note.txt"}, "read\n"),
    ({"fn::invoke": {"function": "aws:getCallerIdentity", "return": "accountId"}}, OWNER),
    ({"fn::invoke": {"function": "aws-native:getAccountId", "return": "accountId"}}, OWNER),
    ({"fn::invoke": {"function": "aws:getRegion", "return": "name"}}, "eu-west-1"),
    ({"fn::invoke": {"function": "aws:index/getRegion:getRegion", "return": "id"}}, "eu-west-1"),
    ({"fn::invoke": {"function": "aws-native:getRegion", "return": "region"}}, "eu-west-1"),
    ({"fn::invoke": {"function": "aws:getPartition", "return": "partition"}}, "aws"),
    ({"fn::invoke": {"function": "aws-native:getPartition", "return": "partition"}}, "aws"),
    ({"fn::invoke": {"function": "aws:getBrandNew", "return": "name"}}, None),
    ({"fn::invoke": {"function": "aws:getRegion", "return": "other"}}, None),
    (
        {
            "fn::invoke": {
                "function": "aws:getRegion", "return": "name", "options": {"provider": "${other}"},
            }
        },
        None,
    ),
]  # fmt: skip


@pytest.mark.parametrize("written, expected", PULUMI, ids=[json.dumps(one) for one, _ in PULUMI])
def test_a_function_of_pulumi(look: Look, written: object, expected: object) -> None:
    tag = {**OPEN["Statement"][0], "Condition": {"StringEquals": {"aws:PrincipalTag/x": written}}}
    properties = {"repository": "base", "policy": {"fn::toJSON": {"Statement": [tag]}}}
    resources = {"p": {"type": "aws:ecr:RepositoryPolicy", "properties": properties}}
    program = {"name": "app", "runtime": "yaml", "resources": resources}
    (found,) = look({"Pulumi.yaml": program, "note.txt": "read\n"}).policies
    policy: Any = found.policy
    value = policy["Statement"][0]["Condition"]["StringEquals"]["aws:PrincipalTag/x"]
    assert value == expected if expected is not None else isinstance(value, (Hole, Holed))


@pytest.mark.parametrize(
    "attribute, provider, expected",
    [
        ("arn", False, "arn:aws:iam::111122223333:role/<r.arn>"),
        ("arn", True, "<r.arn>"),
        ("id", False, "<r.id>"),
        ("name", False, "mine"),
    ],
)
def test_an_attribute_of_a_resource_of_pulumi(look: Look, attribute: str, provider: object, expected: str) -> None:
    condition = {"StringEquals": {"aws:PrincipalTag/x": f"${{r.{attribute}}}"}}
    properties = {"repository": "base", "policy": {"fn::toJSON": {"Statement": [{"Condition": condition}]}}}
    role = {"type": "aws:iam:Role", "properties": {"name": "mine"}}
    resources = {
        "r": {**role, "options": {"provider": "${other}"}} if provider else role,
        "p": {"type": "aws:ecr:RepositoryPolicy", "properties": properties},
    }
    (found,) = look({"Pulumi.yaml": {"name": "app", "runtime": "yaml", "resources": resources}}).policies
    policy: Any = found.policy
    assert str(policy["Statement"][0]["Condition"]["StringEquals"]["aws:PrincipalTag/x"]) == expected


@pytest.mark.parametrize("document", ["json", "minifiedJson"])
def test_a_policy_document_of_pulumi(look: Look, document: str) -> None:
    statement = {"effect": "Allow", "principals": [{"type": "*", "identifiers": ["*"]}], "actions": ["ecr:*"]}
    call = {"function": "aws:iam:getPolicyDocument", "arguments": {"statements": [statement]}, "return": document}
    properties = {"repository": "base", "policy": {"fn::invoke": call}}
    resources = {"p": {"type": "aws:ecr:RepositoryPolicy", "properties": properties}}
    (found,) = look({"Pulumi.yaml": {"name": "app", "runtime": "yaml", "resources": resources}}).policies
    policy: Any = found.policy
    assert policy["Statement"][0]["Action"] in ("ecr:*", ["ecr:*"])


@pytest.mark.parametrize(
    "field, value, expected",
    [
        ("stringValue", "x", "x"),
        ("booleanValue", True, True),
        ("numericValue", 3, 3),
        ("dateValue", "2030-01-01T00:00:00Z", "2030-01-01T00:00:00Z"),
        ("listValue", ["x", "y"], ["x", "y"]),
        ("otherValue", "x", Hole("aws:username")),
    ],
)
def test_a_value_of_a_condition_of_crossplane(look: Look, field: str, value: object, expected: object) -> None:
    condition = {"operatorKey": "StringEquals", "conditions": [{"key": "aws:username", field: value}]}
    statement = {"effect": "Allow", "principal": "*", "action": ["ecr:*"], "condition": [condition]}
    manifest = {
        "apiVersion": "ecr.aws.crossplane.io/v1beta1", "kind": "RepositoryPolicy", "metadata": {"name": "p"},
        "spec": {"forProvider": {"region": "eu-west-1", "policy": {"version": "1", "statements": [statement]}}},
    }  # fmt: skip
    (found,) = look({"a.json": manifest}).policies
    policy: Any = found.policy
    assert policy["Statement"][0]["Condition"]["StringEquals"]["aws:username"] == expected


# --- programs that change or pass values ---

_REPOSITORY = {
    "apiVersion": "ecr.services.k8s.aws/v1alpha1", "kind": "Repository", "metadata": {"name": "p"},
    "spec": {"name": "base"},
}  # fmt: skip


def test_what_a_kustomization_changes_by_other_means_is_not_judged(look: Look) -> None:
    names = "replacements transformers generators components helmCharts vars configurations openapi"
    for name in names.split():
        alone = name in ("replacements", "transformers", "components")
        kustomization = {"resources": ["a.json"], name: [{"path": "x.yaml"}]} | ({} if alone else {"patches": []})
        found = look({"kustomization.yaml": kustomization, "a.json": _REPOSITORY, "x.yaml": "{}"})
        assert [f"`{name}`" in one.reason for one in found.unjudged] == [True], name
    for name in ("namespace", "commonLabels"):
        kustomization = {"resources": ["a.json"], name: "x", "patches": []}
        found = look({"kustomization.yaml": kustomization, "a.json": _REPOSITORY})
        assert found.unjudged == (), name


MAIN = """variable "partner" {
  default = "111122223333"
}
resource "aws_ecr_repository_policy" "x" {
  repository = "base"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = var.partner }, Action = "ecr:*" }] })
}
"""
CALLERS = {
    "a.tfcomponent.hcl": ("component", 'component "ecr" {\n  inputs = {\n    partner = var.x\n  }\n}\n'),
    "a.tfstack.hcl": ("component", 'component "ecr" {\n  inputs = {\n    partner = var.x\n  }\n}\n'),
    "atmos.yaml": ("component", "components:\n  terraform:\n    ecr:\n      vars:\n        partner: x\n"),
    "older.yaml": ("component", "terraform:\n  vars:\n    partner: x\n"),
    "flux.yaml": (
        "Terraform",
        "apiVersion: infra.contrib.fluxcd.io/v1\nkind: Terraform\nspec:\n  vars:\n    - name: partner\n",
    ),
    "from.yaml": ("Terraform", "apiVersion: infra.contrib.fluxcd.io/v1\nkind: Terraform\nspec:\n  varsFrom: []\n"),
    "tf.yaml": (
        "Workspace",
        "apiVersion: tf.upbound.io/v1beta1\nkind: Workspace\nspec:\n  vars:\n    - key: partner\n",
    ),
    "m.yaml": (
        "Workspace",
        "apiVersion: opentofu.m.upbound.io/v1beta1\nkind: Workspace\nspec:\n  vars:\n    - key: partner\n",
    ),
    "tofu.yaml": (
        "Workspace",
        "apiVersion: tf.crossplane.io/v1alpha1\nkind: Workspace\nspec:\n  vars:\n    - key: partner\n",
    ),
    "files.yaml": ("Workspace", "apiVersion: tf.upbound.io/v1beta1\nkind: Workspace\nspec:\n  varFiles: []\n"),
    "map.yaml": ("Workspace", "apiVersion: tf.upbound.io/v1beta1\nkind: Workspace\nspec:\n  varmap: {}\n"),
    "apply.sh": ("terraform", "terraform apply -var partner=x\n"),
    "quoted.sh": ("terraform", "terraform apply -var 'partner=x'\n"),
    "equals.sh": ("terraform", "terraform apply -var=partner=x\n"),
    "environment.sh": ("terraform", "export TF_VAR_partner=x\n"),
    "steps.json": ("terraform", '{"command": ["terraform", "apply", "-var", "partner=x"]}'),
    "file.sh": ("terraform", "terraform apply -var-file=../x/prod.tfvars\n"),
}
"""A file of each tool that gives the variable a value, and what it is called."""


def test_what_passes_a_value_to_terraform_is_not_judged(look: Look) -> None:
    for name, (kind, text) in CALLERS.items():
        found = look({"infra/main.tf": MAIN, name: text})
        assert [one.resource for one in found.unjudged] == [kind], name
        assert counts(look({"infra/main.tf": MAIN, name: text.replace("partner", "others")}))[1] == (
            0 if "partner" in text else 1
        ), name


# --- Ansible ---


def task(arguments: Mapping[str, object], who: str = "222233334444", **beside: object) -> list[dict[str, object]]:
    """Return a play with one task that sets a policy for an account."""
    policy = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": who}, "Action": "ecr:*"}]}
    called = {"name": "open", "ecs_ecr": {"name": "base", "policy": policy, **arguments}, **beside}
    return [{"hosts": "localhost", "tasks": [called]}]


def whom(found: Harvest) -> list[object]:
    policies: list[Any] = [one.policy for one in found.policies]
    return [one["Statement"][0]["Principal"]["AWS"] for one in policies]


@pytest.mark.parametrize("loop", ["loop", "with_items", "with_list"])
def test_a_loop_of_ansible_gives_a_policy_for_each_item(look: Look, loop: str) -> None:
    accounts = ["222233334444", "333344445555"]
    assert whom(look({"p.json": task({}, "{{ item }}", **{loop: accounts})})) == accounts


def test_a_loop_of_ansible_over_an_object_has_its_values(look: Look) -> None:
    found = look({"p.json": task({}, "{{ item.value }}", with_dict={"a": "222233334444", "b": "333344445555"})})
    assert whom(found) == ["222233334444", "333344445555"]
    unknown = look({"p.json": task({}, "{{ item }}", with_sequence="start=1")})
    assert [isinstance(one, (Hole, Holed)) for one in whom(unknown)] == [True]


def test_arguments_of_ansible_s_module(look: Look) -> None:
    for name in ("region", "aws_region", "ec2_region"):
        assert look({"p.json": task({name: "us-east-1"})}).policies[0].region == "us-east-1", name
    for name in ("purge_policy", "delete_policy"):
        for value in ("true", "yes", "on", "1", True, "True"):
            assert look({"p.json": task({name: value})}).policies[0].policy is None, (name, value)
        for value in ("false", "no", "off", "0", False):
            assert look({"p.json": task({name: value})}).policies[0].policy is not None, (name, value)
    usual = look({"p.json": task({"region": "us-east-1"})}).policies[0].location
    credentials = ["profile", "aws_profile", "access_key", "aws_access_key_id", "aws_access_key", "ec2_access_key"]
    for name in credentials:
        location = look({"p.json": task({"region": "us-east-1", name: "theirs"})}).policies[0].location
        assert location != usual, name
    assert look({"p.json": task({"region": "us-east-1", "other": "x"})}).policies[0].location == usual


def test_defaults_of_ansible_s_group_of_modules(look: Look) -> None:
    for group, region in (("aws", "us-east-1"), ("amazon.aws.aws", "us-east-1"), ("gcp", None), ("amazon.aws.x", None)):
        (play,) = task({})
        found = look({"p.json": [{**play, "module_defaults": {f"group/{group}": {"region": "us-east-1"}}}]})
        assert found.policies[0].region == region, group


def test_a_task_of_ansible_by_its_action(look: Look) -> None:
    (play,) = task({})
    tasks: Any = play["tasks"]
    module = {"module": "ecs_ecr", **tasks[0]["ecs_ecr"]}
    for name, expected in (("action", ["222233334444"]), ("local_action", ["222233334444"])):
        assert whom(look({"p.json": [{"hosts": "l", "tasks": [{"name": "open", name: module}]}]})) == expected, name


# --- Terragrunt ---


def test_each_function_of_terragrunt_that_names_a_folder(tmp_path: Path) -> None:
    unit, root = tmp_path / "live" / "app" / "terragrunt.hcl", tmp_path / "live" / "root.hcl"
    unit.parent.mkdir(parents=True)
    for path in (unit, root, tmp_path / "live" / "terragrunt.hcl"):
        path.touch()
    (tmp_path / ".git").mkdir()
    shared = Run.for_unit(str(unit), Context(OWNER))
    above = Names(shared, Configured(str(root), Source(())), str(unit))
    names = Names(shared, Configured(str(unit), Source(())), str(unit), {"root": above})

    def call(name: str, *arguments: Any, of: Names = names) -> object:  # noqa: ANN401 - a value
        return of.call(name, list(arguments), Scope(of, Budget()))

    assert {name: call(name) for name in FOLDERS} == FOLDERS
    places = {name: tmp_path / place for name, place in PLACES.items()}
    assert {name: Path(str(call(name))) for name in PLACES} == places
    assert call("get_parent_terragrunt_dir", "root") == str(tmp_path / "live")
    assert call("get_parent_terragrunt_dir", of=above) == str(tmp_path / "live")
    assert call("find_in_parent_folders", "root.hcl") == str(root)
    assert call("find_in_parent_folders", "none.hcl", "else") == "else"
    for name, *arguments in (("find_in_parent_folders", "none.hcl"), ("get_parent_terragrunt_dir", "other")):
        with pytest.raises(FailedError):
            call(name, *arguments)
    (tmp_path / ".git").rmdir()
    assert call("upper", "a") == "A"


PLACES = {
    "get_terragrunt_dir": "live/app",
    "get_original_terragrunt_dir": "live/app",
    "get_parent_terragrunt_dir": "live",
    "find_in_parent_folders": "live/terragrunt.hcl",
    "get_repo_root": ".",
}
FOLDERS = {
    "path_relative_from_include": "..",
    "path_relative_to_include": "app",
    "get_path_to_repo_root": "../..",
    "get_path_from_repo_root": "live/app",
}


# --- damaged files, and files of another kind ---


def test_a_damaged_manifest_is_an_error_and_a_template_of_a_chart_is_not_judged(look: Look) -> None:
    manifest = "apiVersion: ecr.aws.upbound.io/v1beta1\nkind: RepositoryPolicy\nspec: {forProvider: {policy: [}}\n"
    assert counts(look({"a.yaml": manifest})) == (0, 0, 1)
    assert counts(look({"a.yaml": manifest.replace("[", "{{ .Values.policy }}[")})) == NOT_JUDGED


@pytest.mark.parametrize(
    "names, kind",
    [
        ("audited", "a report of an audit"),
        ("trust", "a trust register"),
        ("AWSTemplateFormatVersion Resources", "a template"),
        ("resource_changes planned_values terraform_version", "a plan or state of Terraform"),
        ("Results configurationItems baseConfigurationItems BaseConfigurationItems", "an inventory of AWS Config"),
        ("Statement policyText", "a policy"),
        ("other", ""),
    ],
)
def test_what_a_file_seems_to_be(names: str, kind: str) -> None:
    for name in names.split():
        for text in (json.dumps({name: 1}), f"# a\n---\n{name}: 1\n"):
            told = seems(text, but="")
            assert told.startswith(f"it seems to be {kind}: ") if kind else not told, text
            assert not seems(text, but=kind or "a policy")


def test_a_policy_and_a_call_in_a_file_of_another_kind(look: Look) -> None:
    machine = {"States": {"A": {"Resource": "arn:aws:states:::aws-sdk:ecr:setRepositoryPolicy"}}}
    assert [one.resource for one in look({"a.json": machine}).unjudged] == ["ecr:setRepositoryPolicy"]
    found = look({"a.json": {**machine, "more": {"policy": OPEN}}})
    assert [one.resource for one in found.unjudged] == ["policy", "ecr:setRepositoryPolicy"]


@pytest.mark.parametrize("texts", range(5))
def test_a_policy_in_texts_in_texts(texts: int) -> None:
    value: object = OPEN
    for _ in range(texts):
        value = json.dumps({"x": value})
    assert [name for name, _ in policies_in(node_of({"y": value}), "policy")] == ["y"]


def test_an_empty_file_is_an_error_if_it_is_named(look: Look) -> None:
    assert counts(look({"a.json": ""})) == NOTHING
    assert [one.reason for one in look({"a.json": ""}, "a.json").errors] == ["empty"]


def test_the_inputs_of_a_call_are_what_is_not_for_terraform() -> None:
    names = ["source", "version", "count", "for_each", "providers", "depends_on", "partner"]
    (call,) = read_source("".join(('module "x" {\n', *(f"  {name} = 1\n" for name in names), "}\n")), "a.tf").blocks
    assert [*arguments_of(call)] == ["partner"]


def test_accounts_that_are_handed_to_a_module_that_is_not_here() -> None:
    def entry(**who: object) -> dict[str, object]:
        return {"repositories": ["*"], "reason": "r", "owner": "o@example.com", **who}

    mine, theirs = "o-aaaaaaaaaa", "o-bbbbbbbbbb"
    trust = Trust.parse(
        {
            "version": 1,
            "trust": [
                entry(account="222233334444"),
                entry(account="333344445555", repositories=["base/*"]),
                entry(organization=theirs),
                entry(service="lambda.amazonaws.com"),
            ],
        },
        today=ANY_DAY,
    )
    context = Context(OWNER, organization=mine, trust=trust)
    texts = [f"{OWNER} 222233334444 333344445555 444455556666 555566667777", f"{mine} {theirs} o-cccccccccc"]
    found = outsiders(texts, context, "444455556666")
    assert found == ["333344445555", "555566667777", "o-cccccccccc"]
    assert outsiders(["a111122223334 1111222233334 444455556667.dkr.ecr.x o-short"], context, OWNER) == []


FITS = "x" * 10_232
"""The longest value of `Id` with which a policy may fit, in characters."""
LENGTHS: Mapping[str, tuple[object, bool]] = {
    "nothing": (None, True),
    "as long as it may be": ({"Id": FITS}, True),
    "longer": ({"Id": f"{FITS}x"}, False),
    "a text as long as it may be": (json.dumps({"Id": FITS}), True),
    "a longer text": (json.dumps({"Id": f"{FITS}x"}), False),
    "a text with white space": (json.dumps({"Id": "x"}) + " " * 20_000, True),
    "a long text that is no JSON": ("x" * 20_000, True),
    "a list": ({"Id": ["x" * 10_231]}, False),
    "a list that fits": ({"Id": ["x" * 10_230]}, True),
    "a name": ({f"Id{FITS}x": ""}, False),
    "a name that fits": ({f"Id{FITS}": ""}, True),
    "partly unknown": ({"Id": Holed((FITS, Hole("y" * 99)))}, True),
    "partly unknown and longer": ({"Id": Holed((f"{FITS}x", Hole("y")))}, False),
    "unknown": (Hole("y" * 20_000), True),
    "numbers": ({"Id": [1, True, None] * 9}, True),
}


@pytest.mark.parametrize("row", LENGTHS)
def test_a_policy_that_ecr_refuses_for_its_length_is_an_error(row: str) -> None:
    policy, fits = LENGTHS[row]
    at = Place("a.json", 3, 1)
    other = FoundPolicy(at, "other", ResourceKind.REPOSITORY, {})
    found = FoundPolicy(at, "one", ResourceKind.REPOSITORY, policy)
    left = without_too_long(Harvest((other, found, other)), Context(OWNER))
    assert [one.resource for one in left.policies] == (["other", "one", "other"] if fits else ["other", "other"])
    assert [(one.file, one.line) for one in left.errors] == ([] if fits else [("a.json", 3)])
    copies = replace(found, kind=ResourceKind.REPLICATION)
    assert without_too_long(Harvest((copies,)), Context(OWNER)).policies == (copies,)


LARGE = "[" + " " * (2 * 1024 * 1024 - 1)


@pytest.mark.parametrize(
    "text, is_read",
    [
        (LARGE, True),
        (f"{LARGE} ", False),
        (f"{{{LARGE[1:]} ", False),
        (f" {LARGE}", False),
        (f"a{LARGE}", True),
        (f'{LARGE}"format_version"', True),
        (f'{LARGE}"terraform_version"', True),
        (f'{LARGE}"pulumi:pulumi:Stack"', True),
        (f'{LARGE}"version"', False),
    ],
    ids=range(9),
)
def test_a_data_file_that_is_too_long_is_read_if_a_tool_has_written_it(text: str, is_read: object) -> None:
    assert (refusal(text) is None) == is_read


# --- JSON Patch and merged parts ---

BEFORE: Any = {"a": 1, "l": [1, 2, 3], "o": {"x": {"y": [{"z": 1}]}}, "m~n/k": 5}
PATCHES: list[tuple[list[dict[str, object]], object]] = [
    ([{"op": "test", "path": "/a", "value": 1}], BEFORE),
    ([{"op": "add", "path": "/b", "value": 2}], {**BEFORE, "b": 2}),
    ([{"op": "add", "path": "/a", "value": 2}], {**BEFORE, "a": 2}),
    ([{"op": "add", "path": "/b"}], {**BEFORE, "b": None}),
    ([{"op": "replace", "path": "/a", "value": {"c": []}}], {**BEFORE, "a": {"c": []}}),
    ([{"op": "replace", "path": "", "value": {"c": 1}}], {"c": 1}),
    ([{"op": "remove", "path": "/a"}], {name: one for name, one in BEFORE.items() if name != "a"}),
    ([{"op": "remove", "path": "/none"}], BEFORE),
    ([{"op": "add", "path": "/l/0", "value": 9}], {**BEFORE, "l": [9, 1, 2, 3]}),
    ([{"op": "add", "path": "/l/3", "value": 9}], {**BEFORE, "l": [1, 2, 3, 9]}),
    ([{"op": "add", "path": "/l/-", "value": 9}], {**BEFORE, "l": [1, 2, 3, 9]}),
    ([{"op": "replace", "path": "/l/1", "value": 9}], {**BEFORE, "l": [1, 9, 3]}),
    ([{"op": "remove", "path": "/l/1"}], {**BEFORE, "l": [1, 3]}),
    ([{"op": "remove", "path": "/l/2"}], {**BEFORE, "l": [1, 2]}),
    ([{"op": "replace", "path": "/o/x/y/0/z", "value": 2}], {**BEFORE, "o": {"x": {"y": [{"z": 2}]}}}),
    ([{"op": "remove", "path": "/o/x/y/0/z"}], {**BEFORE, "o": {"x": {"y": [{}]}}}),
    ([{"op": "add", "path": "/o/x/y/-", "value": 7}], {**BEFORE, "o": {"x": {"y": [{"z": 1}, 7]}}}),
    ([{"op": "replace", "path": "/m~0n~1k", "value": 6}], {**BEFORE, "m~n/k": 6}),
    ([{"op": "copy", "from": "/o/x/y/0", "path": "/l/0"}], {**BEFORE, "l": [{"z": 1}, 1, 2, 3]}),
    ([{"op": "move", "from": "/l/2", "path": "/l/0"}], {**BEFORE, "l": [3, 1, 2]}),
    ([{"op": "move", "from": "/o/x", "path": "/a"}], {**BEFORE, "a": {"y": [{"z": 1}]}, "o": {}}),
    ([{"op": "remove", "path": "/l/0"}, {"op": "replace", "path": "/l/0", "value": 9}], {**BEFORE, "l": [9, 3]}),
]
"""Operations on the resource above, and what it is afterwards."""
NOT_UNDERSTOOD: list[dict[str, object]] = [
    {"op": "increment", "path": "/a"},
    {"op": "add", "value": 1},
    {"path": "/a", "value": 1},
    {"op": "remove", "path": ""},
    {"op": "add", "path": "/none/b", "value": 1},
    {"op": "add", "path": "/a/b", "value": 1},
    {"op": "add", "path": "/l/4", "value": 9},
    {"op": "replace", "path": "/l/3", "value": 9},
    {"op": "remove", "path": "/l/3"},
    {"op": "remove", "path": "/l/-"},
    {"op": "add", "path": "/l/-/b", "value": 1},
    {"op": "add", "path": "/l/x", "value": 1},
    {"op": "add", "path": "/l/3/x", "value": 1},
    {"op": "copy", "path": "/a"},
    {"op": "copy", "from": "/none", "path": "/a"},
    {"op": "move", "from": "/l/3", "path": "/a"},
]


def node_of(value: object) -> Node:
    (found,) = documents(json.dumps(value))
    return found


@pytest.mark.parametrize("operations, after", PATCHES, ids=[json.dumps(one) for one, _ in PATCHES])
def test_a_json_patch(operations: list[dict[str, object]], after: object) -> None:
    assert plain(changed_by(node_of(BEFORE), node_of(operations).items)) == after


@pytest.mark.parametrize("operation", NOT_UNDERSTOOD, ids=json.dumps)
def test_a_json_patch_that_is_not_understood_leaves_the_resource_unknown(operation: dict[str, object]) -> None:
    operations = [{"op": "test", "path": "/a"}, operation]
    assert isinstance(changed_by(node_of(BEFORE), node_of(operations).items).value, Hole)


@pytest.mark.parametrize(
    "part, after",
    [
        ({"a": 2}, {**BEFORE, "a": 2}),
        ({"b": {"c": 1}}, {**BEFORE, "b": {"c": 1}}),
        ({"a": None}, {name: one for name, one in BEFORE.items() if name != "a"}),
        ({"none": None}, BEFORE),
        ({"l": [9]}, {**BEFORE, "l": [9]}),
        ({"o": {"w": 1}}, {**BEFORE, "o": {"x": {"y": [{"z": 1}]}, "w": 1}}),
        ({"o": {"x": 1}}, {**BEFORE, "o": {"x": 1}}),
        ({"a": {"b": 1}}, {**BEFORE, "a": {"b": 1}}),
    ],
)
def test_a_merged_part(part: object, after: object) -> None:
    assert plain(merge_part(node_of(BEFORE), node_of(part))) == after


def test_a_directive_in_a_merged_part_is_not_understood() -> None:
    assert isinstance(merge_part(node_of(BEFORE), node_of({"$patch": "delete"})).value, Hole)
    inner: Any = merge_part(node_of(BEFORE), node_of({"o": {"$patch": "replace"}})).get("o")
    assert isinstance(inner.value, Hole)
