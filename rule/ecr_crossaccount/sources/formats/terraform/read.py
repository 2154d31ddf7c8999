"""Determine the JSON format of a Terraform file, and read it."""

from __future__ import annotations

from ...files.files import File
from ...files.values.nodes import Node
from ...found.context import Context
from ...found.found import NOTHING, Harvest, Skipped, unread

_EXPECTED = "expected the output of `terraform show -json PLAN`"
_TRUNCATED = f"an incomplete plan, without changes and planned values: {_EXPECTED}"
_FOR_PEOPLE = (
    "Terraform used the selected providers",
    "OpenTofu used the selected providers",
    "Terraform will perform",
)
_START = 200
_FAILED = "a plan that failed, so it is incomplete: correct the errors and plan again"
_OLD = "a state file of version {}: expected version 4, or what `terraform show -json` prints"
_STATE_VERSION = 4
_FORMATS = ("0", "1")
"""The supported major versions. Terraform requires that a reader rejects other ones.

https://developer.hashicorp.com/terraform/internals/json-format#format-summary
"""
_NEW = "output of `terraform show -json` in format {}: expected format 1"
_PARTLY = "the plan says that it is not complete: the rest is not in it"


def mistaken(text: str) -> str | None:
    """Return why a text from a plan cannot be read, or None if it does not look like one."""
    start = text[:_START].lstrip()
    if start.startswith('{"@level"'):
        return f"the log of `terraform plan -json`: {_EXPECTED}"
    return f"a plan in the form for people: {_EXPECTED}" if start.startswith(_FOR_PEOPLE) else None


def read(root: Node, file: File, context: Context) -> Harvest | None:
    """Return the policies of a plan or state; None if the file is neither."""
    if root.get("terraform_version") is None and root.get("format_version") is None:
        return None
    if root.get("lineage") is not None or (root.get("resources") is not None and root.get("serial") is not None):
        return _raw_state(root, file, context)
    form = root.get("format_version")
    return None if form is None else _read_output(root, form, file, context)


def _read_output(root: Node, form: Node, file: File, context: Context) -> Harvest | None:
    """Return what the output of `terraform show -json` holds, in any supported format version."""
    if str(form.value).partition(".")[0] not in _FORMATS:
        return unread(file.name, _NEW.format(form.value), form.line)
    if any(root.get(name) is not None for name in ("planned_values", "resource_changes", "configuration")):
        return _plan(root, file, context)
    if root.get("values") is not None:
        from . import state

        return state.read_state(root, file, context)
    return NOTHING if root.get("terraform_version") is not None or len(root.fields) == 1 else None


def _raw_state(root: Node, file: File, context: Context) -> Harvest:
    version = root.get("version")
    if version is None or version.value != _STATE_VERSION:
        return unread(file.name, _OLD.format(version.value if version else "unknown"), root.line)
    listed = root.get("resources") or Node(())
    every = (listed, *(each.find("instances") for each in listed.items))
    odd = next((node for node in every if not _is_list(node)), None)
    if odd is not None:
        return unread(file.name, "a state whose resources or their instances are not lists", odd.line)
    from . import state

    return state.raw(root, file, context)


def _plan(root: Node, file: File, context: Context) -> Harvest:
    if root.get("planned_values") is None and root.get("resource_changes") is None:
        return unread(file.name, _TRUNCATED, root.line)
    from .configuration import address_in
    from .plan import Plan

    failed = root.get("errored")
    if failed is not None and failed.value is True:
        return unread(file.name, _FAILED, failed.line)
    listed = root.get("resource_changes") or Node(())
    if not _is_list(listed) or any(address_in(item) is None or item.get("change") is None for item in listed.items):
        return unread(file.name, f"a plan whose changes are not as Terraform writes them: {_EXPECTED}", listed.line)
    whole = root.get("complete")
    left = (Skipped(file.name, _PARTLY, absent=True),) if whole is not None and whole.value is False else ()
    return Plan(root, file, context).harvest() + Harvest(skipped=left)


def _is_list(node: Node) -> bool:
    return isinstance(node.value, tuple)
