"""The stacks beside the rule in an organization: without macros, and with code from the buckets of a release."""

from __future__ import annotations

import json
from typing import Any

import pytest

from organization.sources import ROOT, template
from organization.stacks import ACCOUNT, STACKS, Stack
from tests.organization.releases import Release
from tests.organization.test_account import LARGEST_IN_A_CALL
from tests.stack.linting import cfn_lint

Json = dict[str, Any]

BESIDE = [one for one in STACKS if one is not ACCOUNT]
MADE_BY_SAM: dict[str, set[str]] = {"hook": set(), "alerts": {"AlertFunctionEventInvokeConfig"}, "membership": set()}


@pytest.fixture(params=BESIDE, ids=lambda one: one.name)
def stack(request: pytest.FixtureRequest) -> Stack:
    found: Stack = request.param
    return found


@pytest.fixture
def processed(made: Release, stack: Stack) -> Json:
    parsed: Json = json.loads(made.stored(stack.name).content)
    return parsed


def test_every_template_of_sams_is_in_a_release() -> None:
    sources = ["template.yaml", *(f"organization/{path.name}" for path in (ROOT / "organization").glob("*.yaml"))]
    assert {one.source for one in STACKS} == {one for one in sources if "Transform" in template(one)}


def test_every_function_of_it_is_in_a_release(stack: Stack) -> None:
    resources = template(stack.source)["Resources"].items()
    assert {name for name, one in resources if one["Type"] == "AWS::Serverless::Function"} == set(stack.functions)


def test_its_code_is_in_the_bucket_of_its_region(made: Release, processed: Json, stack: Stack) -> None:
    for name, archive in stack.functions.items():
        (key,) = [key for key in made.files if key.startswith(f"functions/{archive}-")]
        code = processed["Resources"][name]["Properties"]["Code"]
        assert code == {"S3Bucket": {"Fn::Sub": "${CodeBuckets}-${AWS::Region}"}, "S3Key": key}


def test_it_is_the_template_that_one_deploys_by_hand_otherwise(processed: Json, stack: Stack) -> None:
    source = template(stack.source)
    assert processed["Resources"].keys() - source["Resources"].keys() == MADE_BY_SAM[stack.name]
    assert processed["Parameters"].keys() - source["Parameters"].keys() == {"CodeBuckets"}
    assert source["Parameters"].items() <= processed["Parameters"].items()
    for part in ("Conditions", "Outputs"):
        assert processed[part] == source[part]
    for name, one in source["Resources"].items():
        if name not in stack.functions:
            assert processed["Resources"][name] == one, name


def test_a_function_keeps_what_the_template_says_of_it(processed: Json, stack: Stack) -> None:
    for name in stack.functions:
        said = template(stack.source)["Resources"][name]["Properties"]
        kept = processed["Resources"][name]["Properties"]
        for field in said.keys() - {"CodeUri", "EventInvokeConfig"}:
            assert kept[field] == said[field], field


def test_it_fits_into_a_call_where_one_account_deploys_it_alone(made: Release, stack: Stack) -> None:
    assert len(made.stored(stack.name).content) <= LARGEST_IN_A_CALL


@pytest.mark.slow
def test_cfn_lint_has_nothing_to_say_about_what_one_deploys_by_hand() -> None:
    """test_invariants.py checks the templates of a release for all Regions."""
    sources = [one.source for one in BESIDE]
    assert cfn_lint(sources, "--regions", "eu-central-1", "us-east-1") == (0, "")
