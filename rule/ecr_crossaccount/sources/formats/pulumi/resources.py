"""One Pulumi resource: its policy, or why it is not judged."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from ....judgement.admission import Origin
from ....judgement.values.resource_kind import EXCHANGES
from ....questions.change.owners import Owners
from ...files.strays import misplaced
from ...files.values.nodes import Place, node_of
from ...files.values.partial import Value
from ...found.found import NOTHING, Harvest, Location
from ..aws_provider.carried import Resource as Carried
from ..aws_provider.carried import found_policy, misplaced_in, unknown
from ..aws_provider.policies import ReadPolicy, as_policy
from ..aws_provider.resources import ACCOUNT_SETTING, CARRIERS, is_read
from .types import camel, is_ours, snake, terraform_type

_READER = "Pulumi"
ACCOUNT = re.compile(r"[0-9]{12}")


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource. `inputs`: its inputs. `policy`: the value of the input that holds its policy, already read.

    `heads`: the places of the policy's name. `provider`: the provider that it names. `beside`: the fields beside the
    inputs, which have no effect.
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
    owners: Owners | None = None
    beside: tuple[tuple[str, Value], ...] = ()


def policy_input(kind: str) -> str | None:
    """Return the input that holds the policy of a type, in Terraform's spelling. None if it has none."""
    carrier = CARRIERS.get(terraform_type(kind) or "")
    return carrier.policy if carrier is not None else None


def harvest(resource: Resource, owner: str | None) -> Harvest:
    """Return the policy of a resource, or why it is not judged. Empty for a resource that gives no access.

    `owner`: the account of the deployment, if known.
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
    location = _location(resource, region, owner)
    return Harvest((replace(found, heads=resource.heads, location=location, owners=resource.owners),))


def _misplaced(resource: Resource, kind: str) -> Iterator[str]:
    """Yield why something else may be meant to be the policy: another input, or a field beside the inputs."""
    yield from misplaced_in(kind, resource.inputs, camel, _READER)
    if CARRIERS[kind].kind not in EXCHANGES:
        beside = ((name, node_of(as_policy(value))) for name, value in resource.beside)
        yield from misplaced(beside, f"properties.{camel(CARRIERS[kind].policy)}", _READER)


def _region(resource: Resource, said: Value) -> str | None:
    """Return the Region of a resource: its own, else that of its provider; None if it is not known."""
    if said in (None, ""):
        return resource.region
    return said if isinstance(said, str) else None


def _location(resource: Resource, region: Value, owner: str | None) -> Location | None:
    """Return where a resource is deployed, or None for the location of the deployment."""
    known = _region(resource, region)
    by = resource.provider or ("its region" if region is not None and known is None else "")
    if not by:
        return None
    account = resource.account if resource.provider else resource.account or owner
    return Location(account, known, "" if account and known else by)
