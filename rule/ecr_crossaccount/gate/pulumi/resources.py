"""One resource of Pulumi: its policy, or what else there is to say of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from ...access.judgement import Origin
from ..aws_provider.carried import Resource as Carried
from ..aws_provider.carried import found_policy, misplaced_in, unknown
from ..aws_provider.policies import ReadPolicy, as_policy
from ..aws_provider.resources import ACCOUNT_SETTING, CARRIERS, is_read
from ..found import EXCHANGES, NOTHING, Harvest, Location
from ..misplaced import misplaced
from ..values.nodes import node_of
from ..values.partial import Value
from ..values.places import Place
from .types import camel, is_ours, snake, terraform_type

_READER = "Pulumi"
ACCOUNT = re.compile(r"[0-9]{12}")


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource. `inputs`: what it is made with; `policy`: what stands where its type has a policy, already read.

    `heads`: where the policy's own name stands. `provider`: the one that it names. `beside`: what stands beside the
    inputs, and nobody reads.
    """

    name: str
    type: str
    inputs: Mapping[str, Value]
    at: Place
    policy_at: Place
    policy: ReadPolicy | None = None
    heads: tuple[Place, ...] = ()
    account: str | None = None
    region: str | None = None
    notes: tuple[str, ...] = field(default=())
    origin: Origin = Origin.PROPOSED
    provider: str = ""
    beside: tuple[tuple[str, Value], ...] = ()


def policy_input(kind: str) -> str | None:
    """Return the input in which a type has its policy, as Terraform writes it; None if it has none."""
    carrier = CARRIERS.get(terraform_type(kind) or "")
    return carrier.policy if carrier is not None else None


def harvest(resource: Resource, owner: str | None) -> Harvest:
    """Return the policy of a resource, or why it is not judged; nothing of what lets nobody in.

    `owner`: the account of the deployment, where that is known.
    """
    kind = terraform_type(resource.type)
    if not is_ours(resource.type) or kind is None:
        return NOTHING
    if kind == ACCOUNT_SETTING:
        return NOTHING
    if kind not in CARRIERS:
        is_ecr = is_read(kind) or not kind.startswith("aws")
        return unknown(resource.name, resource.type, resource.at) if is_ecr else NOTHING
    attributes = {snake(name): value for name, value in resource.inputs.items()}
    region = attributes.get("region")
    found = found_policy(
        Carried(
            resource.name,
            kind,
            attributes,
            resource.policy_at,
            resource.at,
            resource.policy,
            account=resource.account,
            region=_region(resource, region),
            origin=resource.origin,
            notes=resource.notes,
            misplaced=tuple(_misplaced(resource, kind)),
        )
    )
    return Harvest((replace(found, heads=resource.heads, location=_location(resource, region, owner)),))


def _misplaced(resource: Resource, kind: str) -> Iterator[str]:
    """Yield why something else may be meant to be the policy: another input, or what stands beside them."""
    yield from misplaced_in(kind, resource.inputs, camel, _READER)
    if CARRIERS[kind].kind not in EXCHANGES:
        beside = ((name, node_of(as_policy(value))) for name, value in resource.beside)
        yield from misplaced(beside, f"properties.{camel(CARRIERS[kind].policy)}", _READER)


def _region(resource: Resource, said: Value) -> str | None:
    """Return the Region that a resource says, else that of its provider; None where it is not known."""
    if said in (None, ""):
        return resource.region
    return said if isinstance(said, str) else None


def _location(resource: Resource, region: Value, owner: str | None) -> Location | None:
    """Return where a resource is, None for where the deployment goes anyway."""
    known = _region(resource, region)
    by = resource.provider or ("its region" if region is not None and known is None else "")
    if not by:
        return None
    account = resource.account if resource.provider else resource.account or owner
    return Location(account, known, "" if account and known else by)
