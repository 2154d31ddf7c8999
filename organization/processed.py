"""A stack's template after processing by CloudFormation.

It has no macros, because service-managed StackSets refuse them.

https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStackSet.html
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from organization.sources import Json, included

CODE_BUCKETS = "CodeBuckets"
"""The parameter for the buckets with the code. A bucket's name is this value, a hyphen and the Region."""

_ANY_REGION = "eu-central-1"
"""SAM's transform requires a Region, but its output is the same for all. A test checks that."""
_PLACEHOLDER = "s3://code/of-a-function"
_FUNCTION = "AWS::Serverless::Function"
_MACROS = frozenset({"Transform", "Fn::Transform"})
_OF_THE_BUILD = frozenset({"BuildMethod", "SamResourceId"})


def expanded(source: Json) -> Json:
    """Return a template after SAM's transform. The location of its functions' code is a placeholder."""
    packaged = copy.deepcopy(source)
    for resource in packaged["Resources"].values():
        if resource["Type"] == _FUNCTION:
            resource["Properties"]["CodeUri"] = _PLACEHOLDER
    translator = Translator(None, Parser(), boto_session=boto3.Session(region_name=_ANY_REGION))
    result: Json = translator.translate(packaged, parameter_values={})
    return result


def processed(code: Mapping[str, str], source: Json) -> Json:
    """Return a template that includes its documents and has no macros. `code` has the key of each function's archive.

    Raises ValueError if a macro is left.
    """
    whole = expanded(included(source))
    for name, key in code.items():
        whole["Resources"][name]["Properties"]["Code"] = {
            "S3Bucket": {"Fn::Sub": f"${{{CODE_BUCKETS}}}-${{AWS::Region}}"},
            "S3Key": key,
        }
    for resource in whole["Resources"].values():
        _drop(resource, _OF_THE_BUILD)
    _ask_where_the_code_is(whole)
    if left := sorted(_macros_in(whole)):
        raise ValueError(f"the processed template has macros: {', '.join(left)}")
    return whole


def _drop(resource: Json, unwanted: Iterable[str]) -> None:
    metadata = {name: value for name, value in resource.pop("Metadata", {}).items() if name not in unwanted}
    if metadata:
        resource["Metadata"] = metadata


def _ask_where_the_code_is(whole: Json) -> None:
    whole["Parameters"] = {
        CODE_BUCKETS: {
            "Type": "String",
            # with `-ap-southeast-1`, the longest Region name, at most 63 characters
            "AllowedPattern": "^[a-z0-9][a-z0-9-]{1,44}[a-z0-9]$",
            "ConstraintDescription": "must be 3 to 46 lower-case letters, digits and hyphens",
            "Description": "Name of the buckets with the code, without the hyphen and the Region at its end.",
        }
    } | whole["Parameters"]
    interface = whole["Metadata"]["AWS::CloudFormation::Interface"]
    interface["ParameterGroups"].insert(0, {"Label": {"default": "Where the code is"}, "Parameters": [CODE_BUCKETS]})
    interface["ParameterLabels"][CODE_BUCKETS] = {"default": "Buckets with the functions' code"}


def _macros_in(value: object) -> set[str]:
    if isinstance(value, list):
        return {found for one in value for found in _macros_in(one)}
    if not isinstance(value, dict):
        return set()
    return (set(value) & _MACROS) | _macros_in(list(value.values()))
