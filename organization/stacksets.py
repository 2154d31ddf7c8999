"""Templates that create StackSets, with the parameters of the templates for the accounts."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass

from organization.processed import CODE_BUCKETS
from organization.sources import Json

_LIST = "CommaDelimitedList"
_INTERFACE = "AWS::CloudFormation::Interface"


@dataclass(frozen=True, slots=True)
class Stored:
    """A template for accounts, and its key in the buckets."""

    template: Json
    key: str


def with_stacksets(own: Json, accounts: Mapping[str, Stored]) -> Json:
    """Return a template whose StackSets, by their logical IDs, deploy these templates to accounts.

    Each of their parameters is also a parameter of this template, with the same checks, and is passed on.
    """
    whole = copy.deepcopy(own)
    for name, stored in accounts.items():
        properties = whole["Resources"][name]["Properties"]
        properties["TemplateURL"] = {
            "Fn::Sub": f"https://${{{CODE_BUCKETS}}}-${{AWS::Region}}.s3.${{AWS::Region}}.${{AWS::URLSuffix}}/{stored.key}"
        }
        properties["Parameters"] = [
            {"ParameterKey": key, "ParameterValue": _passed_on(key, one)}
            for key, one in stored.template["Parameters"].items()
        ]
        _ask_for(whole, stored.template)
    return whole


def _ask_for(whole: Json, template: Json) -> None:
    asked = set(whole["Parameters"])
    whole["Parameters"] |= {name: one for name, one in template["Parameters"].items() if name not in asked}
    if "Rules" in template:
        whole["Rules"] = whole.get("Rules", {}) | template["Rules"]
    interface, theirs = (one["Metadata"][_INTERFACE] for one in (whole, template))
    for group in theirs["ParameterGroups"]:
        if names := [name for name in group["Parameters"] if name not in asked]:
            interface["ParameterGroups"].append(group | {"Parameters": names})
            interface["ParameterLabels"] |= {name: theirs["ParameterLabels"][name] for name in names}


def _passed_on(name: str, parameter: Json) -> Json:
    reference = {"Ref": name}
    return {"Fn::Join": [",", reference]} if parameter["Type"] == _LIST else reference
