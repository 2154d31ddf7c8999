"""Terraform states: the output of `terraform show -json`, and the file `terraform.tfstate` itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace

from ....documents.document import is_account
from ....documents.pattern import Hole
from ....judgement.admission import Origin
from ...files.files import File
from ...files.strays import ReadPolicy
from ...files.values.documents import policy_in
from ...files.values.nodes import Node, Place, plain
from ...files.values.partial import Value
from ...found.context import Context
from ...found.found import NOTHING, FoundScope, Harvest, Location
from ..aws_provider.policies import read_policy
from ..aws_provider.resources import (
    ACCOUNT_SETTING,
    CARRIERS,
    CLOUD_CONTROL,
    REQUIRED,
    STACKS,
    Resource,
    found_policy,
    is_read,
    made_by_cloud_control,
    scope_of,
    unknown,
)
from ..aws_provider.stacks import stack
from .configuration import Address, address_in, attributes_of, parse_address

_ANOTHER = "the state is of account {}, not of the given account {}: it is judged as one of {}"


def resources_in(values: Node) -> Iterator[tuple[Address, Node]]:
    """Yield the resources of a `values` representation, including those of child modules."""
    waiting = [values.find("root_module")]
    while waiting:
        module = waiting.pop(0)
        for item in module.find("resources").items:
            address = address_in(item)
            if address is not None:
                yield address, item
        waiting += module.find("child_modules").items


def read_state(root: Node, file: File, context: Context) -> Harvest:
    """Return the policies of a state that was printed as JSON."""
    reader = _Reader(file, context)
    pairs = [(address, one.get("values"), one) for address, one in resources_in(root.find("values"))]
    return Harvest.from_parts(reader.read(address, values, one) for address, values, one in pairs if values is not None)


def raw(root: Node, file: File, context: Context) -> Harvest:
    """Return the policies of a state file of version 4."""
    reader = _Reader(file, context)
    return Harvest.from_parts(
        reader.read(address, values, instance)
        for item in root.find("resources").items
        for address, values, instance in _instances(item)
    )


def _instances(resource: Node) -> Iterator[tuple[Address, Node, Node]]:
    texts = {name: node.text for name, node in resource.fields}
    block = f"{'data.' if texts.get('mode') == 'data' else ''}{texts.get('type')}.{texts.get('name')}"
    module = f"{texts['module']}." if texts.get("module") else ""
    for item in resource.find("instances").items:
        values, key = item.get("attributes"), item.find("index_key").value
        suffix = "" if key is None else f"[{json.dumps(key)}]"
        address = parse_address(f"{module}{block}{suffix}")
        if address is not None and item.get("deposed") is None:
            # In a state of an old Terraform, the values are flat, under `attributes_flat`.
            yield address, item.but(None) if values is None else values, item


class _Reader:
    def __init__(self, file: File, context: Context) -> None:
        self._file = file
        self._context = context

    def read(self, address: Address, values: Node, node: Node) -> Harvest:  # noqa: PLR0911 - a table of types
        """Return the policy of one resource. It is empty if the resource carries none."""
        if address.data or not (is_read(address.type) or address.type == CLOUD_CONTROL):
            return Harvest()
        attributes = attributes_of(values, self._file.name)
        if address.type == CLOUD_CONTROL:
            return made_by_cloud_control(str(address), attributes, node.place(self._file.name))
        if address.type in STACKS:
            at = (values.get("template_body") or node).place(self._file.name)
            return stack(str(address), address.type, attributes, at, self._context)
        owner, notes = self._owner(attributes)
        if address.type == ACCOUNT_SETTING:
            scope = scope_of(attributes)
            return (
                NOTHING if scope is None else Harvest(scopes=(self._locate_scope(scope, address, attributes, owner),))
            )
        if address.type not in CARRIERS:
            return unknown(str(address), address.type, node.place(self._file.name))
        carried = values.get(CARRIERS[address.type].policy)
        at = (carried or node).place(self._file.name)
        region = attributes.get("region")
        found = found_policy(
            Resource(
                str(address),
                address.type,
                attributes,
                at,
                node.place(self._file.name),
                self._policy(carried, CARRIERS[address.type].policy, at),
                account=owner,
                region=region if isinstance(region, str) and region else None,
                origin=Origin.DEPLOYED,
                notes=notes,
            )
        )
        if region or self._context.region:
            return Harvest((found,))
        # A state of an older provider has resources of several Regions, and does not name their Regions.
        return Harvest((replace(found, location=Location(owner or self._context.account, None, str(address))),))

    def _locate_scope(
        self, scope: FoundScope, address: Address, attributes: Mapping[str, Value], owner: str | None
    ) -> FoundScope:
        """Return a setting with its location, as far as the state has it."""
        region = attributes.get("region")
        known = region if isinstance(region, str) and region else None
        elsewhere = None if known or self._context.region else Location(None, None, str(address))
        return replace(scope, account=owner, region=known, location=elsewhere)

    def _policy(self, node: Node | None, name: str, at: Place) -> ReadPolicy:
        """Read a policy. If it was removed from the state, it is a hole, because the resource may still have one."""
        if node is None and name in REQUIRED:
            return ReadPolicy(Hole(name))
        if node is None or not node.text:
            return read_policy(plain(node) if node is not None else None, at)
        read, places = policy_in(node, self._file.text)
        return ReadPolicy(plain(read), tuple(Place(self._file.name, *place) for place in places))

    def _owner(self, attributes: Mapping[str, Value]) -> tuple[str | None, tuple[str, ...]]:
        """Return the owner that a state names, unless the user gives another account, and notes about it."""
        own, given = attributes.get("registry_id"), self._context.account
        if not isinstance(own, str) or not is_account(own) or own == given:
            return None, ()
        return (own, ()) if given is None else (None, (_ANOTHER.format(own, given, given),))
