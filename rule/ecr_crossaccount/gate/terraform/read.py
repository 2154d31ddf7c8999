"""Which of Terraform's JSON forms a file has, and what it holds."""

from __future__ import annotations

from ..context import Context
from ..files import File
from ..found import NOTHING, Harvest, unread
from ..values.nodes import Node
from . import state
from .plan import Plan

_EXPECTED = "expected what `terraform show -json PLAN` prints"
_TRUNCATED = f"a plan without its changes and planned values, so not all of one: {_EXPECTED}"
_FOR_PEOPLE = (
    "Terraform used the selected providers",
    "OpenTofu used the selected providers",
    "Terraform will perform",
)
_START = 200
_FAILED = "a plan that failed, so not all of one: make it again without errors"
_OLD = "a state file of version {}: expected version 4, or what `terraform show -json` prints"
_STATE_VERSION = 4


def mistaken(text: str) -> str | None:
    """Return why a text is no plan that could be read, though it comes from one; None if it does not look so."""
    start = text[:_START].lstrip()
    if start.startswith('{"@level"'):
        return f"the log of `terraform plan -json`: {_EXPECTED}"
    return f"a plan as people read it: {_EXPECTED}" if start.startswith(_FOR_PEOPLE) else None


def read(root: Node, file: File, context: Context) -> Harvest | None:
    """Return the policies of a plan or state; None if the file is neither."""
    if root.get("terraform_version") is None and root.get("format_version") is None:
        return None
    if root.get("lineage") is not None or (root.get("resources") is not None and root.get("serial") is not None):
        return _raw_state(root, file, context)
    if root.get("format_version") is None:
        return None
    if any(root.get(name) is not None for name in ("planned_values", "resource_changes", "configuration")):
        return _plan(root, file, context)
    if root.get("values") is not None:
        return state.shown(root, file, context)
    return NOTHING if root.get("terraform_version") is not None or len(root.fields) == 1 else None


def _raw_state(root: Node, file: File, context: Context) -> Harvest:
    version = root.get("version")
    if version is None or version.value != _STATE_VERSION:
        return unread(file.name, _OLD.format(version.value if version else "unknown"), root.line)
    return state.raw(root, file, context)


def _plan(root: Node, file: File, context: Context) -> Harvest:
    if root.get("planned_values") is None and root.get("resource_changes") is None:
        return unread(file.name, _TRUNCATED, root.line)
    failed = root.get("errored")
    if failed is not None and failed.value is True:
        return unread(file.name, _FAILED, failed.line)
    return Plan(root, file, context).harvest()
