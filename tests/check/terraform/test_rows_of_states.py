"""Resources of states, one case a row: their accounts, Regions and places, and which of them are read."""

from __future__ import annotations

import json

import pytest
from ecr_crossaccount import Hole
from ecr_crossaccount.sources.files.files import File
from ecr_crossaccount.sources.files.values.documents import read_json
from ecr_crossaccount.sources.formats.terraform.read import read
from ecr_crossaccount.sources.found.context import Context
from ecr_crossaccount.sources.found.found import Harvest

from tests.check.terraform.plans import Json
from tests.cli.conftest import OWNER

OTHER = "222233334444"
OPEN = json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}]})
KIND = "aws_ecr_repository_policy"
ADDRESS = f"{KIND}.this"


def look(document: object, account: str | None = OWNER, region: str | None = None) -> Harvest:
    text = json.dumps(document, indent=1)
    found = read(read_json(text), File("s.json", text, named=True), Context(account, region=region))
    assert found is not None
    return found


def shown(values: object, kind: str = KIND, mode: str = "") -> Json:
    resource = {"address": f"{mode}{kind}.this", "values": values}
    return {"format_version": "1.0", "terraform_version": "1", "values": {"root_module": {"resources": [resource]}}}


def raw(*instances: object, kind: str = KIND, **more: object) -> Json:
    resource = {"mode": "managed", "type": kind, "name": "this", "instances": instances, **more}
    return {"version": 4, "terraform_version": "1", "serial": 1, "lineage": "x", "resources": [resource]}


OWNERS: list[tuple[Json, str | None, str | None, int]] = [
    ({}, OWNER, None, 0),
    ({"registry_id": OTHER}, OWNER, None, 1),
    ({"registry_id": OTHER}, None, OTHER, 0),
    ({"registry_id": OWNER}, OWNER, None, 0),
    ({"registry_id": OTHER[1:]}, None, None, 0),
    ({"registry_id": f"{OTHER}5"}, None, None, 0),
    ({"registry_id": OTHER[1:]}, OWNER, None, 0),
    ({"registry_id": "my account"}, None, None, 0),
    ({"registry_id": 222233334444}, None, None, 0),
]


@pytest.mark.parametrize("values, given, account, notes", OWNERS, ids=range(len(OWNERS)))
def test_the_account_of_a_resource(values: Json, given: str | None, account: str | None, notes: int) -> None:
    for document in (shown({"policy": OPEN, **values}), raw({"attributes": {"policy": OPEN, **values}})):
        (found,) = look(document, given).policies
        assert (found.account, len(found.notes)) == (account, notes)
        location = found.location
        assert location is not None
        assert (location.account, location.region, location.by) == (account or given, None, ADDRESS)
        assert look(document, given, "eu-west-1").policies[0].location is None


@pytest.mark.parametrize("region, expected", [("us-east-1", "us-east-1"), ("", None), (None, None)])
def test_the_region_of_a_resource(region: object, expected: str | None) -> None:
    (found,) = look(shown({"policy": OPEN, "region": region})).policies
    assert (found.region, found.location is None) == (expected, expected is not None)
    setting = {"name": "REGISTRY_POLICY_SCOPE", "value": "V2", "region": region, "registry_id": OTHER}
    document = shown(setting, "aws_ecr_account_setting")
    (scope,) = look(document, None).scopes
    assert (scope.value, scope.account, scope.region) == ("V2", OTHER, expected)
    assert (scope.location is None) == (expected is not None)
    assert look(document, None, "eu-west-1").scopes[0].location is None
    if scope.location is not None:
        at = scope.location
        assert (at.account, at.region, at.by) == (None, None, "aws_ecr_account_setting.this")


def test_another_setting_is_none() -> None:
    assert look(shown({"name": "OTHER", "value": "V2"}, "aws_ecr_account_setting")) == Harvest()


POLICIES: list[tuple[str, Json, object]] = [
    (KIND, {}, Hole("policy")),
    (KIND, {"policy": None}, None),
    (KIND, {"policy": ""}, None),
    (KIND, {"policy": {"Statement": []}}, {"Statement": []}),
    (KIND, {"policy": "{"}, "{"),
    ("awscc_ecr_registry_policy", {}, Hole("policy_text")),
    ("awscc_ecr_registry_policy", {"policy_text": '{"a":1}'}, '{"a":1}'),
    ("aws_ecr_repository_creation_template", {}, None),
    ("awscc_ecr_repository", {}, None),
]


@pytest.mark.parametrize("kind, values, expected", POLICIES, ids=range(len(POLICIES)))
def test_the_policy_of_a_resource(kind: str, values: Json, expected: object) -> None:
    for document in (shown(values, kind), raw({"attributes": values}, kind=kind)):
        (found,) = look(document).policies
        policy = found.policy
        assert policy == expected or (isinstance(expected, str) and policy == json.loads(expected))
        assert found.doubts == () or policy is None


KINDS: list[tuple[str, Json, tuple[int, int, int]]] = [
    (KIND, {"policy": OPEN}, (1, 0, 0)),
    ("aws_ecr_lifecycle_policy", {"policy": OPEN}, (0, 0, 0)),
    ("aws_iam_policy", {"policy": OPEN}, (0, 0, 0)),
    ("aws_ecr_of_tomorrow", {"policy": OPEN}, (0, 1, 0)),
    ("aws_cloudcontrolapi_resource", {"type_name": "AWS::ECR::Repository"}, (0, 1, 0)),
    ("aws_cloudcontrolapi_resource", {"type_name": "AWS::S3::Bucket"}, (0, 0, 0)),
    ("aws_cloudformation_stack", {"template_body": None}, (0, 1, 0)),
    ("aws_cloudformation_stack", {"template_body": "{"}, (0, 0, 1)),
    ("aws_cloudformation_stack", {"template_body": '{"a":1}'}, (0, 0, 1)),
    ("aws_cloudformation_stack", {"template_body": '{"Resources":{"a":{"Type":"AWS::S3::Bucket"}}}'}, (0, 0, 0)),
]


@pytest.mark.parametrize("kind, values, expected", KINDS, ids=range(len(KINDS)))
def test_the_type_of_a_resource(kind: str, values: Json, expected: tuple[int, int, int]) -> None:
    for document in (shown(values, kind), raw({"attributes": values}, kind=kind)):
        found = look(document)
        assert (len(found.policies), len(found.unjudged), len(found.errors)) == expected
        told = [one.resource for one in found.unjudged]
        assert told == [f"{kind}.this"] * len(told)
        lines = json.dumps(document, indent=1).split("\n")
        for one in found.unjudged:
            body = '"template_body"' if "template_body" in values else ""
            line = lines[one.line - 1]
            assert body in line if body else line.strip() in ("{", '"instances": [')
    for document in (shown(values, kind, "data."), raw({"attributes": values}, kind=kind, mode="data")):
        assert look(document) == Harvest()


INSTANCES: list[tuple[Json, Json, list[str]]] = [
    ({}, {}, [ADDRESS]),
    ({"index_key": 0}, {}, [f"{ADDRESS}[0]"]),
    ({"index_key": "a.b"}, {}, [f'{ADDRESS}["a.b"]']),
    ({"index_key": None}, {}, [ADDRESS]),
    ({}, {"module": "module.m[0]"}, [f"module.m[0].{ADDRESS}"]),
    ({}, {"module": ""}, [ADDRESS]),
    ({"deposed": "x"}, {}, []),
    ({}, {"name": "a.b"}, []),
]


@pytest.mark.parametrize("instance, resource, expected", INSTANCES, ids=range(len(INSTANCES)))
def test_the_address_of_an_instance(instance: Json, resource: Json, expected: list[str]) -> None:
    found = look(raw({"attributes": {"policy": OPEN}, **instance}, **resource))
    assert [one.resource for one in found.policies] == expected
    assert all(one.policy == json.loads(OPEN) for one in found.policies)


def test_the_places_of_a_state_are_those_of_the_text() -> None:
    document = shown({"repository": "x", "policy": OPEN})
    lines = json.dumps(document, indent=1).split("\n")
    (found,) = look(document).policies
    assert (found.at.file, '"policy"' in lines[found.at.line - 1]) == ("s.json", True)
    assert lines[found.at.line - 1][found.at.column - 1] == '"'
    assert found.resource_at is not None
    assert lines[found.resource_at.line - 1].strip() == "{"
    assert [(one.file, one.line) for one in found.statements] == [("s.json", found.at.line)]
    (bare,) = look(shown({"repository": "x"})).policies
    assert bare.at == bare.resource_at
