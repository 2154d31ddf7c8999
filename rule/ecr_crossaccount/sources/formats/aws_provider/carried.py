"""From a resource and its attributes to the policy that it carries, for plans, states and sources."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ....documents.holes import Holed
from ....documents.problems import first_of
from ....judgement.admission import Origin
from ....judgement.values.resource_kind import EXCHANGES
from ....judgement.values.resource_kind import ResourceKind as Kind
from ....questions.change.states import pattern_of
from ...files.strays import misplaced
from ...files.values.nodes import REGION, Place, node_of
from ...files.values.partial import NotThere, Value, holes_in, text_of, ways
from ...found.found import (
    ELSEWHERE,
    NOTHING,
    SCOPE_SETTING,
    FoundPolicy,
    FoundScope,
    Harvest,
    Unjudged,
    doubts_about_blank,
    unknown_type,
)
from .exchanges import exchanged, read_exchange
from .policies import ReadPolicy, as_policy, read_policy
from .resources import CARRIERS, REQUIRED, Carrier, names_of

_OF_ECR = "AWS::ECR::"
_CLOUD_CONTROL = "it makes an `{}` by Cloud Control, which is not read: check what is deployed"
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource that carries a policy. `at`: the place of the policy. `policy`: the policy if it is already read.

    `misplaced`: why the policy is uncertain, because another argument may be meant to hold it. None if not determined
    yet.
    """

    address: str
    type: str
    attributes: Mapping[str, Value]
    at: Place
    resource_at: Place
    policy: ReadPolicy | None = None
    account: str | None = None
    region: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    origin: Origin = Origin.PROPOSED
    notes: tuple[str, ...] = ()
    misplaced: tuple[str, ...] | None = None


def found_policy(resource: Resource) -> FoundPolicy:
    """Return the policy of a resource whose type carries one."""
    carrier = CARRIERS[resource.type]
    read = _read(carrier, resource)
    elsewhere = misplaced_in(resource.type, resource.attributes) if resource.misplaced is None else resource.misplaced
    names = names_of(carrier, resource.attributes)
    return FoundPolicy(
        resource.at,
        resource.address,
        carrier.kind,
        read.policy,
        read.statements,
        names=tuple(map(pattern_of, names)),
        called=names if any(isinstance(one, Holed) for one in names) else (),
        applied_for=_applied_for(resource.attributes) if carrier.kind is Kind.CREATION_TEMPLATE else None,
        account=resource.account,
        region=resource.region,
        tags=resource.tags,
        notes=resource.notes,
        origin=resource.origin,
        when=read.when,
        otherwise=read.otherwise,
        doubts=(
            *elsewhere,
            *(doubts_about_blank(read.policy, read.otherwise) if carrier.policy in REQUIRED else ()),
        ),
        resource_at=resource.resource_at,
    )


def _applied_for(attributes: Mapping[str, Value]) -> tuple[str, ...] | None:
    """Return what a creation template is used for, if that is known."""
    said = attributes.get("applied_for")
    texts = [text_of(one) for one in said] if isinstance(said, (list, tuple)) else []
    return tuple(map(str, texts)) if texts and all(isinstance(one, str) for one in texts) else None


def scope_of(attributes: Mapping[str, Value]) -> FoundScope | None:
    """Return the scope of registry policies in an account setting, or None for a different setting.

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecr_account_setting
    """
    name, value = (text_of(attributes.get(one)) for one in ("name", "value"))
    if isinstance(name, str) and name != SCOPE_SETTING:
        return None
    return FoundScope(value if isinstance(value, str) and name == SCOPE_SETTING else None)


def misplaced_in(
    kind: str,
    attributes: Mapping[str, Value],
    spelled: Callable[[str], str] = str,
    reader: str = "Terraform",
) -> tuple[str, ...]:
    """Return why another argument of a resource may be meant to hold its policy.

    `spelled`: converts a name of Terraform's to the spelling in the file. `reader`: the tool that looks for the policy.
    """
    carrier = CARRIERS[kind]
    if carrier.kind in EXCHANGES:
        return ()
    expected = spelled(carrier.policy)
    known = {spelled(name) for name in (carrier.policy, carrier.name, carrier.prefix) if name is not None}
    others = ((name, form) for name, value in attributes.items() if name not in known for _, form in ways(value))
    return misplaced(((name, node_of(as_policy(form))) for name, form in others), expected, reader)


def _read(carrier: Carrier, resource: Resource) -> ReadPolicy:
    if carrier.kind in EXCHANGES:
        return read_exchange(carrier, exchanged(carrier, resource.attributes), resource.at)
    return resource.policy or read_policy(resource.attributes.get(carrier.policy), resource.at)


def unknown(address: str, kind: str, at: Place) -> Harvest:
    """Return the result for an ECR resource of an unknown type."""
    return Harvest(unjudged=(Unjudged(at.file, at.line, at.column, address, unknown_type(kind)),))


def made_by_cloud_control(address: str, attributes: Mapping[str, Value], at: Place) -> Harvest:
    """Return the result for a resource of Cloud Control. It is empty if the resource is not one of ECR."""
    kind = text_of(attributes.get("type_name"))
    if not isinstance(kind, str) or not kind.startswith(_OF_ECR):
        return NOTHING
    registry = ELSEWHERE if kind == f"{_OF_ECR}RegistryPolicy" else None
    return Harvest(unjudged=(Unjudged(at.file, at.line, at.column, address, _CLOUD_CONTROL.format(kind), registry),))


def what_is_missing(policy: Value) -> str | None:
    """Return the names of the unknown values of a policy, at most three, or None if there are none.

    Files that cannot be read are reported elsewhere.
    """
    names = list(
        dict.fromkeys(hole.name for hole in holes_in(policy) if hole != REGION and not isinstance(hole, NotThere))
    )
    if not names:
        return None
    return first_of([f"`{name}`" for name in names], _MOST_NAMED)
