"""The longest environment that a template can give a function, counted in one place.

Lambda refuses more than 4 KB, with the names and as JSON: its error shows the string that it measured.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.stack.cloudformation import Stack

Json = dict[str, Any]

MOST = 4096
MOST_INPUT = 1024
"""The most characters of a rule's parameters, with their names.

https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigRule.html
"""

_LONGEST_NAMES: Mapping[str, int] = {
    "AWS::DynamoDB::Table": 160,  # a name that CloudFormation makes: that of the stack (128), the logical id, 13 more
    "AWS::IAM::Role": 120,
    "AWS::S3::Bucket": 63,
    "AWS::SNS::Topic": 330,  # an ARN
    "AWS::StepFunctions::StateMachine": 160,  # an ARN
    "AWS::SSM::Parameter": 60,
}
"""The longest texts that Ref or Fn::GetAtt return for a resource, generously."""
_CHOSEN: Mapping[str, str] = {"Operations": "RESOURCE,CLOUD_CONTROL", "Actions": "CREATE,UPDATE,DELETE"}
"""Lists in which every entry is one of a few."""


def longest_of(template: Json, parameter: str) -> int:
    """Return the length of the longest value of a parameter. Raises AssertionError if nothing limits it."""
    declared = template["Parameters"][parameter]
    if "AllowedValues" in declared:
        return max(len(str(one)) for one in declared["AllowedValues"])
    if declared["Type"] == "Number":
        return len(str(declared["MaxValue"]))
    if parameter in _CHOSEN:
        return len(_CHOSEN[parameter])
    assert "MaxLength" in declared, f"nothing limits the parameter {parameter}, which is in an environment"
    return int(declared["MaxLength"])


def longest_environment(template: Json, function: str) -> int:
    """Return the length of the longest environment of a function."""
    found = template["Resources"][function]["Properties"].get("Environment", {}).get("Variables", {})
    names = {name for name, one in template["Parameters"].items() if _is_in(name, found)}
    taken = names & _inputs(template)
    others = {name: "x" * longest_of(template, name) for name in names - taken}
    # What the rule takes as well is limited by AWS Config, which refuses the rule, and so the stack.
    inputs = dict.fromkeys(taken, "")
    lengths = sum(longest_of(template, name) for name in taken)
    texts = Stack(template, _resources(template), **{**_switched_on(template), **others, **inputs}).resolved(found)
    return len(json.dumps(texts, separators=(",", ":"))) + min(lengths, MOST_INPUT)


def _switched_on(template: Json) -> dict[str, str]:
    """Return a value for each parameter that is not empty, so that conditions on it hold."""
    places = ("TrustRegister", "TrustMembers")
    return {name: "x" for name in places if name in template["Parameters"]}


def _inputs(template: Json) -> set[str]:
    rule = template["Resources"].get("Rule", {}).get("Properties", {}).get("InputParameters", {})
    return {name for name in template["Parameters"] if _is_in(name, rule)}


def _is_in(name: str, value: object) -> bool:
    return name in set(_names(value))


def _names(value: object) -> Iterator[str]:
    match value:
        case {"Ref": str(name)}:
            yield name
        case {"Fn::Sub": text}:
            for part in str(text[0] if isinstance(text, list) else text).split("${")[1:]:
                yield part.partition("}")[0]
        case dict():
            for one in value.values():
                yield from _names(one)
        case list():
            for one in value:
                yield from _names(one)
        case _:
            pass


def _resources(template: Json) -> dict[str, str]:
    return {
        name: "x" * _LONGEST_NAMES[one["Type"]]
        for name, one in template["Resources"].items()
        if one["Type"] in _LONGEST_NAMES
    }
