"""The template for every account: template.yaml as CloudFormation processes it, for any Region and partition."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from organization.processed import processed
from organization.sources import DOCUMENTS, included, template
from organization.stacks import ACCOUNT
from tests.docs.markdown import page
from tests.organization.releases import Release

Json = Mapping[str, Any]

FUNCTIONS = tuple(ACCOUNT.functions)
LARGEST_IN_A_CALL = 51_200
LARGEST_IN_S3 = 1_000_000
"""Bytes of a template: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""


def names_in(value: object) -> set[str]:
    """Return every name of a field below a value."""
    if isinstance(value, list):
        return {name for one in value for name in names_in(one)}
    return set(value) | names_in(list(value.values())) if isinstance(value, dict) else set()


def test_no_template_of_a_release_has_a_macro(made: Release) -> None:
    for key, one in made.templates().items():
        assert not names_in(one) & {"Transform", "Fn::Transform", "AWS::Include"}, key
        assert not [name for name, resource in one["Resources"].items() if "Serverless" in resource["Type"]], key


def test_a_macro_that_nobody_has_processed_is_no_release() -> None:
    source = template()
    source["Resources"]["Rule"]["Properties"]["Description"] = {"Fn::Transform": {"Name": "Mine"}}
    with pytest.raises(ValueError, match=r"has macros: Fn::Transform"):
        processed({}, source)


def test_what_the_buckets_have_fits_where_a_stackset_takes_it_from(made: Release) -> None:
    for key in made.stored_keys():
        assert not key.endswith(".json") or len(made.files[key].content) <= LARGEST_IN_S3, key


def test_what_is_deployed_by_hand_fits_into_a_call_or_goes_through_a_bucket(made: Release) -> None:
    commands = [block.text for block in page("docs/organization.md").blocks("shell")]
    for key, artefact in made.files.items():
        if "/" not in key:
            through_bucket = any(f"/{key} " in one and "--s3-bucket" in one for one in commands)
            assert len(artefact.content) <= (LARGEST_IN_S3 if through_bucket else LARGEST_IN_A_CALL), key


def test_it_is_the_stack_that_one_account_gets(account: Json) -> None:
    source = included(template())
    for part in ("Conditions", "Rules", "Outputs"):
        assert account[part] == source[part]
    ours = {name: one for name, one in account["Resources"].items() if name in source["Resources"]}
    assert set(ours) == set(source["Resources"])
    as_they_were = {name: one for name, one in source["Resources"].items() if name not in FUNCTIONS}
    assert {name: one for name, one in ours.items() if name not in FUNCTIONS} == as_they_were
    assert {name for name in account["Resources"] if name not in ours} == set()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_keeps_what_the_template_says_of_it(account: Json, name: str) -> None:
    said = template()["Resources"][name]["Properties"]
    kept = account["Resources"][name]["Properties"]
    for field in said.keys() - {"CodeUri", "Events"}:
        assert kept[field] == said[field]


def test_the_documents_are_in_it_and_nothing_is_fetched(account: Json) -> None:
    for name in DOCUMENTS:
        assert account["Resources"][name]["Properties"]["Content"]["schemaVersion"] == "0.3"


def test_it_is_for_any_region_and_partition(account: Json) -> None:
    text = json.dumps(account)
    assert not re.search(r"arn:aws(-cn|-us-gov)?:[a-z]", text)
    assert not re.search(r"\b(us|eu|cn)-[a-z]+-[0-9]\b", text)


def test_the_code_comes_from_a_bucket_of_the_accounts_own_region(made: Release, account: Json) -> None:
    for name, archive in ACCOUNT.functions.items():
        code = account["Resources"][name]["Properties"]["Code"]
        assert code["S3Bucket"] == {"Fn::Sub": "${CodeBuckets}-${AWS::Region}"}
        assert code["S3Key"] in made.files
        assert code["S3Key"].startswith(f"functions/{archive}-")


def test_every_parameter_is_grouped_and_named(made: Release) -> None:
    for key, one in made.templates().items():
        interface = one["Metadata"]["AWS::CloudFormation::Interface"]
        grouped = [name for group in interface["ParameterGroups"] for name in group["Parameters"]]
        assert sorted(grouped) == sorted(one["Parameters"]) == sorted(interface["ParameterLabels"]), key
        assert all(parameter["Description"] for parameter in one["Parameters"].values()), key
