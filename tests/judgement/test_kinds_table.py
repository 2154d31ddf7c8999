"""One kind of resource has one row, from which every format takes where its policy is, and one judge.

`tests/test_kinds.py` has the tests of the other rows and tables.
"""

from __future__ import annotations

from collections import Counter
from itertools import chain

import botocore.session
import pytest
from botocore import xform_name
from ecr_crossaccount.judgement.kinds.table import EXCHANGES, PREFIXED, ROWS, Field, Format, ResourceKind, fields_in


def test_each_kind_has_a_row_in_the_order_of_reports() -> None:
    assert [*ROWS] == [*ResourceKind]
    assert (PREFIXED, EXCHANGES) == (
        (ResourceKind.CREATION_TEMPLATE, ResourceKind.PULL_THROUGH_CACHE),
        (ResourceKind.REPLICATION, ResourceKind.PULL_THROUGH_CACHE),
    )


@pytest.mark.parametrize("written", Format)
def test_a_format_has_each_type_once(written: Format) -> None:
    types = Counter(field.type for row in ROWS.values() for field in row.fields.get(written, ()))
    assert set(types.values()) == {1}
    assert {name: field.kind in ROWS for name, field in fields_in(written).items()} == dict.fromkeys(types, True)


@pytest.mark.parametrize("kind", ResourceKind)
def test_a_row_says_where_the_policy_is(kind: ResourceKind) -> None:
    row = ROWS[kind]
    fields = [*chain.from_iterable(row.fields.values())]
    assert row.template.type.startswith("AWS::ECR::")
    assert bool(row.call.name or row.call.prefix) is bool(row.template.name or row.template.prefix)
    assert {bool(field.prefix) for field in fields} == {row.is_prefixed}
    assert all(field.policy in field.names or row.is_exchange for field in fields)
    assert [row.arn is None or row.called != "{}", bool(row.arn)] == [True, row.is_prefixed or row.is_exchange]


SERVICES = {Format.API: "ecr", Format.CLI: "ecr", Format.API_PUBLIC: "ecr-public", Format.CLI_PUBLIC: "ecr-public"}


@pytest.mark.parametrize(
    "written, field", [(written, field) for written in SERVICES for field in fields_in(written).values()]
)
def test_a_call_is_one_of_ecr_and_has_the_fields(written: Format, field: Field) -> None:
    model = botocore.session.get_session().get_service_model(SERVICES[written])
    operations = {
        name if written.name.startswith("API") else xform_name(name, "-"): name for name in model.operation_names
    }
    operation = model.operation_model(operations[field.type]).input_shape
    assert operation is not None
    if written.name.startswith("API"):
        assert {*field.names, *field.whose, *filter(None, (field.uses, field.required))} - {""} <= {*operation.members}
    else:
        assert {*field.names} <= {f"--{xform_name(one, '-')}" for one in operation.members}
        assert field.policy == f"--{xform_name(field.input, '-')}"
        assert field.optional is (field.input not in operation.required_members)


WRITTEN = """
CLOUDFORMATION AWS::ECR::Repository RepositoryPolicyText RepositoryName
CLOUDFORMATION AWS::ECR::RegistryPolicy PolicyText
CLOUDFORMATION AWS::ECR::RepositoryCreationTemplate RepositoryPolicy Prefix
CLOUDFORMATION AWS::ECR::PublicRepository RepositoryPolicyText RepositoryName
CLOUDFORMATION AWS::ECR::ReplicationConfiguration ReplicationConfiguration
CLOUDFORMATION AWS::ECR::PullThroughCacheRule EcrRepositoryPrefix
AWS_PROVIDER aws_ecr_repository_policy policy repository
AWS_PROVIDER awscc_ecr_repository repository_policy_text repository_name
AWS_PROVIDER aws_ecr_registry_policy policy
AWS_PROVIDER awscc_ecr_registry_policy policy_text
AWS_PROVIDER aws_ecr_repository_creation_template repository_policy prefix
AWS_PROVIDER awscc_ecr_repository_creation_template repository_policy prefix
AWS_PROVIDER aws_ecrpublic_repository_policy policy repository_name
AWS_PROVIDER awscc_ecr_public_repository repository_policy_text repository_name
AWS_PROVIDER aws_ecr_replication_configuration replication_configuration
AWS_PROVIDER awscc_ecr_replication_configuration replication_configuration
AWS_PROVIDER aws_ecr_pull_through_cache_rule ecr_repository_prefix
AWS_PROVIDER awscc_ecr_pull_through_cache_rule ecr_repository_prefix
UPJET RepositoryPolicy policy repository
UPJET RegistryPolicy policy
UPJET RepositoryCreationTemplate repositoryPolicy prefix
UPJET ReplicationConfiguration replicationConfiguration
UPJET PullThroughCacheRule ecrRepositoryPrefix whose ecrRepositoryPrefix upstreamRegistryUrl customRoleArn
UPJET_PUBLIC RepositoryPolicy policy repositoryName
COMMUNITY RepositoryPolicy policy repositoryName
ACK Repository policy name
ACK RepositoryCreationTemplate repositoryPolicy prefix
ACK PullThroughCacheRule ecrRepositoryPrefix
 whose ecrRepositoryPrefix upstreamRegistry upstreamRegistryURL customRoleARN
"""
"""The names in the schemas of CloudFormation, of the providers and of the custom resources of Kubernetes."""


def test_the_names_are_those_of_the_schemas() -> None:
    found = [
        " ".join(
            [written.name, field.type, *filter(None, field.names), *(("whose", *field.whose) if field.whose else ())]
        )
        for row in ROWS.values()
        for written in Format
        if written not in SERVICES
        for field in row.fields.get(written, ())
    ]
    assert sorted(found) == sorted(WRITTEN.replace("\n ", " ").split("\n")[1:-1])


def test_the_calls_are_these() -> None:
    assert sorted(fields_in(Format.API)) == [
        "CreatePullThroughCacheRule",
        "CreateRepositoryCreationTemplate",
        "PutRegistryPolicy",
        "PutReplicationConfiguration",
        "SetRepositoryPolicy",
        "UpdateRepositoryCreationTemplate",
    ]
    assert [*fields_in(Format.API_PUBLIC)] == ["SetRepositoryPolicy"]


@pytest.mark.parametrize("kind", ResourceKind)
def test_reports_say_what_it_is(kind: ResourceKind) -> None:
    assert ROWS[kind].called.format("base") == {
        ResourceKind.REGISTRY: "the registry policy",
        ResourceKind.CREATION_TEMPLATE: "the creation template base",
        ResourceKind.REPLICATION: "the replication configuration",
        ResourceKind.PULL_THROUGH_CACHE: "the pull-through cache base",
    }.get(kind, "base")
    assert ROWS[kind].arn == {
        ResourceKind.CREATION_TEMPLATE: "repository-creation-template",
        ResourceKind.REPLICATION: "replication-configuration",
        ResourceKind.PULL_THROUGH_CACHE: "pull-through-cache-rule",
    }.get(kind)
