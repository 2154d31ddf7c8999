"""Templates that make StackSets: theirs, with the parameters of the template that the accounts get."""

from __future__ import annotations

import copy

from organization.processed import CODE_BUCKETS
from organization.sources import Json

_LIST = "CommaDelimitedList"


def stackset_of(own: Json, accounts: Json, key: str) -> Json:
    """Return a template whose only StackSet gives accounts a template, which is in the buckets under a key.

    Every parameter of the accounts' template is one of this template too, with the same checks, and is passed on.
    """
    whole = copy.deepcopy(own)
    (stackset,) = [one for one in whole["Resources"].values() if one["Type"] == "AWS::CloudFormation::StackSet"]
    stackset["Properties"]["TemplateURL"] = {
        "Fn::Sub": f"https://${{{CODE_BUCKETS}}}-${{AWS::Region}}.s3.${{AWS::Region}}.${{AWS::URLSuffix}}/{key}"
    }
    stackset["Properties"]["Parameters"] = [
        {"ParameterKey": name, "ParameterValue": _passed_on(name, one)} for name, one in accounts["Parameters"].items()
    ]
    whole["Parameters"] |= accounts["Parameters"]
    if "Rules" in accounts:
        whole["Rules"] = accounts["Rules"]
    interface, theirs = (one["Metadata"]["AWS::CloudFormation::Interface"] for one in (whole, accounts))
    interface["ParameterGroups"] += theirs["ParameterGroups"]
    interface["ParameterLabels"] |= theirs["ParameterLabels"]
    return whole


def _passed_on(name: str, parameter: Json) -> Json:
    reference = {"Ref": name}
    return {"Fn::Join": [",", reference]} if parameter["Type"] == _LIST else reference
