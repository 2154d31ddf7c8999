"""Templates made of parts of the processed one, and of the parts that an organization adds."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from organization.sources import Json

_IN_TEXT = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.[A-Za-z0-9.]+)?\}")
_INTERFACE = "AWS::CloudFormation::Interface"


def derived(source: Json, names: Iterable[str], own: Json, instead: Mapping[str, Json] | None = None) -> Json:
    """Return a template of some resources of `source`, and of its `own` parts.

    A resource in both has the properties of `source`, overridden by those of `own`. Conditions and parameters are
    included if something needs them. `instead` has the replacements for references to resources that are left out.
    """
    whole = copy.deepcopy(own)
    taken = {name: _merged(source["Resources"][name], own["Resources"].get(name, {})) for name in names}
    replaced: Json = _replaced(taken, instead or {})
    whole["Resources"] = {**replaced, **{name: one for name, one in whole["Resources"].items() if name not in replaced}}
    _bring_along(whole, source, "Conditions", _conditions_in)
    _bring_along(whole, source, "Parameters", _names_in)
    _group(whole, source)
    return whole


def _merged(taken: Json, own: Json) -> Json:
    properties = {**taken.get("Properties", {}), **own.get("Properties", {})}
    return copy.deepcopy({**taken, **own, "Properties": properties})


def _replaced(value: Any, instead: Mapping[str, Json]) -> Any:  # noqa: ANN401 - any part of a template
    match value:
        case {"Ref": str(name)} if name in instead:
            return copy.deepcopy(instead[name])
        case {"Fn::GetAtt": [str(name), "Arn"]} if name in instead:
            return copy.deepcopy(instead[name])
        case dict():
            return {key: _replaced(one, instead) for key, one in value.items()}
        case list():
            return [_replaced(one, instead) for one in value]
        case _:
            return value


def _bring_along(whole: Json, source: Json, part: str, needed: Any) -> None:  # noqa: ANN401 - one of the two below
    """Copy the entries of a part of the source that the template needs, and those that they need."""
    there = whole.setdefault(part, {})
    while missing := [name for name in needed(whole) if name in source[part] and name not in there]:
        there |= {name: copy.deepcopy(source[part][name]) for name in missing}
    whole[part] = {name: there[name] for name in [*source[part], *there] if name in there}


def _conditions_in(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _conditions_in(one)
    if isinstance(value, dict):
        if isinstance(value.get("Condition"), str):
            yield value["Condition"]
        if isinstance(value.get("Fn::If"), list):
            yield value["Fn::If"][0]
        yield from _conditions_in(list(value.values()))


def _names_in(value: object) -> Iterator[str]:
    """Yield every name that a value refers to, at any depth."""
    if isinstance(value, list):
        for one in value:
            yield from _names_in(one)
    if isinstance(value, dict):
        if isinstance(value.get("Ref"), str):
            yield value["Ref"]
        text = value.get("Fn::Sub")
        yield from _IN_TEXT.findall(text[0] if isinstance(text, list) else text or "")
        yield from _names_in(list(value.values()))


def _group(whole: Json, source: Json) -> None:
    """Group and label the copied parameters as in the source."""
    own, theirs = (one["Metadata"][_INTERFACE] for one in (whole, source))
    grouped = {name for group in own["ParameterGroups"] for name in group["Parameters"]}
    for group in theirs["ParameterGroups"]:
        names = [name for name in group["Parameters"] if name in whole["Parameters"] and name not in grouped]
        if names:
            own["ParameterGroups"].append({"Label": group["Label"], "Parameters": names})
            own["ParameterLabels"] |= {name: theirs["ParameterLabels"][name] for name in names}
