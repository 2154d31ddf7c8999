"""Plans in the form of `terraform show -json`, for tests: from resources to the whole."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass
class Planned:
    """One resource of a plan: its values after apply, its unknown values, and the references of its block."""

    address: str
    after: Json | None
    unknown: Json = field(default_factory=dict)
    said: Json = field(default_factory=dict)
    actions: tuple[str, ...] = ("create",)
    before: Json | None = None
    provider: str = "aws"

    @property
    def parts(self) -> tuple[list[str], str, str, str]:
        """The modules in the address with their keys, the mode, the type, and the name with its key."""
        steps, rest = [], self.address
        while rest.startswith("module."):
            end = rest.index(".", len("module.")) if '["' not in rest.split(".", 2)[1] else rest.index("].") + 1
            steps.append(rest[len("module.") : end])
            rest = rest[end + 1 :]
        mode = "data" if rest.startswith("data.") else "managed"
        kind, _, name = rest.removeprefix("data.").partition(".")
        return steps, mode, kind, name


def said(*names: str) -> Json:
    """Return a configuration's entry for an expression: its references."""
    return {"references": list(names)}


def plan(*resources: Planned, **more: Any) -> Json:  # noqa: ANN401 - any part of a plan
    """Return a plan of these resources. Named arguments replace parts of it."""
    values: Json = {}
    configuration: Json = {"resources": [], "module_calls": more.pop("module_calls", {})}
    configured: set[tuple[tuple[str, ...], str]] = set()
    for one in resources:
        if one.after is not None and one.actions != ("read",):
            _put(values, one)
        _say(configuration, one, configured)
    whole = {
        "format_version": "1.2",
        "terraform_version": "1.9.5",
        "planned_values": {"root_module": values},
        "resource_changes": [_change(one) for one in resources],
        "configuration": {
            "provider_config": {"aws": {"name": "aws", "full_name": "registry.terraform.io/hashicorp/aws"}},
            "root_module": configuration,
        },
        "errored": False,
    }
    return {**whole, **more}


def text(document: object) -> str:
    """Return a document as Terraform prints it, in one line."""
    return json.dumps(document, separators=(",", ":"))


def _resource(one: Planned) -> Json:
    _, mode, kind, name = one.parts
    return {"address": one.address, "mode": mode, "type": kind, "name": name.partition("[")[0]}


def _put(values: Json, one: Planned) -> None:
    module, path = values, ""
    for step in one.parts[0]:
        path = f"{path}.module.{step}".removeprefix(".")
        children = module.setdefault("child_modules", [])
        found = next((child for child in children if child["address"] == path), None)
        if found is None:
            found = {"address": path, "resources": []}
            children.append(found)
        module = found
    module.setdefault("resources", []).append({**_resource(one), "values": one.after})


def _say(configuration: Json, one: Planned, configured: set[tuple[tuple[str, ...], str]]) -> None:
    """Add a resource to the configuration, once for all its instances."""
    module = configuration
    for step in one.parts[0]:
        calls = module.setdefault("module_calls", {})
        module = calls.setdefault(step.partition("[")[0], {}).setdefault("module", {})
    block = _resource(one)
    address = f"{'data.' if block['mode'] == 'data' else ''}{block['type']}.{block['name']}"
    listed = module.setdefault("resources", [])
    block_id = (tuple(step.partition("[")[0] for step in one.parts[0]), address)
    if block_id not in configured:
        configured.add(block_id)
        entry = {**block, "address": address, "provider_config_key": one.provider, "expressions": one.said}
        listed.append(entry)


def _change(one: Planned) -> Json:
    steps = one.parts[0]
    change = {"actions": list(one.actions), "before": one.before, "after": one.after, "after_unknown": one.unknown}
    module = {"module_address": ".".join(f"module.{step}" for step in steps)} if steps else {}
    return {**_resource(one), **module, "change": change}
