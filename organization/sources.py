"""Templates and Automation documents, as they are in this repository."""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from samcli.yamlhelper import yaml_parse

Json = dict[str, Any]

ROOT = Path(__file__).parents[1]
DOCUMENTS = ("RemediateDocument", "RestoreDocument")


def template(path: str = "template.yaml") -> Json:
    """Return a template with its short-form intrinsic functions in full form."""
    return parsed((ROOT / path).read_text(encoding="utf-8"))


def parsed(text: str) -> Json:
    """Return the YAML or JSON of a template or document, with its short-form intrinsic functions in full form."""
    return copy.deepcopy(_parsed(text))


@cache
def _parsed(text: str) -> Json:
    found: Json = yaml_parse(text)
    return found


def included(source: Json) -> Json:
    """Return a template that includes the Automation documents, like CloudFormation before SAM's transform."""
    whole = copy.deepcopy(source)
    for name in whole["Resources"].keys() & DOCUMENTS:
        properties = whole["Resources"][name]["Properties"]
        location = properties["Content"]["Fn::Transform"]["Parameters"]["Location"]
        properties["Content"] = yaml.safe_load((ROOT / location).read_text(encoding="utf-8"))
    return whole
