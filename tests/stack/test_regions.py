"""The stack can be created in every Region in CloudFormation's schemas.

cfn-lint checks the template of a release: tests/organization/test_invariants.py.
"""

from __future__ import annotations

from typing import Any

import pytest
from cfnlint.helpers import REGIONS
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from tests.stack.cloudformation import Stack

Json = dict[str, Any]

REMEDIATION = "AWS::Config::RemediationConfiguration"
WITHOUT = [region for region in REGIONS if REMEDIATION not in PROVIDER_SCHEMA_MANAGER.get_resource_types(region)]


def test_the_regions_without_remediation_by_config_are_those_of_the_schemas(template: Json) -> None:
    assert WITHOUT
    condition = template["Conditions"]["ConfigCannotRemediateHere"]["Fn::Or"]
    assert [one["Fn::Equals"] for one in condition] == [[{"Ref": "AWS::Region"}, region] for region in sorted(WITHOUT)]


@pytest.mark.parametrize("region", REGIONS)
def test_what_is_made_in_a_region_is_known_there(expanded: Json, region: str) -> None:
    stack = Stack(expanded, Remediation="Automatic", **{"AWS::Region": region})
    known = PROVIDER_SCHEMA_MANAGER.get_resource_types(region)
    made = [
        resource
        for resource in expanded["Resources"].values()
        if "Condition" not in resource or stack.condition(resource["Condition"])
    ]
    assert {resource["Type"] for resource in made} <= set(known)
    assert (REMEDIATION in {resource["Type"] for resource in made}) is (region not in WITHOUT)


@pytest.mark.parametrize("region", ["eu-central-1", "mx-central-1"])
def test_who_gets_no_remediation_by_config_is_told(template: Json, region: str) -> None:
    told = template["Outputs"]["RemediationIsByHand"]["Condition"]
    here = {"AWS::Region": region}
    assert Stack(template, Remediation="Automatic", **here).condition(told) is (region in WITHOUT)
    assert not Stack(template, **here).condition(told)
