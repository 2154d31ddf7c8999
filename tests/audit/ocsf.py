"""The format of a Compliance Finding in OCSF 1.1.0, from tests/schemas/ocsf-1.1.0-compliance-finding.json."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.wording import sentence

Json = Mapping[str, Any]

SCHEMA: Json = json.loads(
    (Path(__file__).parents[1] / "schemas" / "ocsf-1.1.0-compliance-finding.json").read_text(encoding="utf-8")
)
_TYPES: Mapping[str, type | tuple[type, ...]] = {"integer_t": int, "long_t": int, "timestamp_t": int, "object": dict}


def problems(event: Json) -> Iterator[str]:
    """Yield the problems of an event."""
    yield from _of_object(event, SCHEMA["event"], "event")
    if event["type_uid"] != event["class_uid"] * 100 + event["activity_id"]:
        yield sentence("reasons.type_uid_not_class")


def _of_object(value: Json, spec: Json, at: str) -> Iterator[str]:
    attributes = spec["attributes"]
    for name, one in attributes.items():
        if one["requirement"] == "required" and name not in value:
            yield f"{at}.{name} is missing"
    choice = spec.get("constraints", {}).get("at_least_one", [])
    if choice and not set(choice) & set(value):
        yield f"{at} has none of {choice}"
    for name, member in value.items():
        if name not in attributes:
            yield f"{at}.{name} is no attribute"
        else:
            yield from _of_attribute(member, attributes[name], f"{at}.{name}")
            yield from _of_label(value, name, attributes, at)


def _of_attribute(value: object, spec: Json, at: str) -> Iterator[str]:
    if spec.get("is_array"):
        if not isinstance(value, list) or not value:
            yield sentence("changes.not_list_empty_one", at=at)
            return
        for one in value:
            yield from _of_attribute(one, {**spec, "is_array": False}, at)
        return
    kind = spec["type"]
    if kind in SCHEMA["objects"]:
        yield from _of_object(value, SCHEMA["objects"][kind], at) if isinstance(value, dict) else (f"{at} is none",)
    elif not isinstance(value, _TYPES.get(kind, str)) or isinstance(value, bool):
        yield f"{at} is no {kind}"
    if "enum" in spec and str(value) not in spec["enum"]:
        yield f"{at}: {value!r} is none of its values"


def _of_label(value: Json, name: str, attributes: Json, at: str) -> Iterator[str]:
    """Yield the problems of the caption of a number."""
    label = value.get(name.removesuffix("_id"))
    if name.endswith("_id") and label is not None and label != attributes[name]["enum"][str(value[name])]:
        yield f"{at}.{name} is {value[name]}, and not called {label}"
