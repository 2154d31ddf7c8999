"""The Terraform resources that carry an ECR policy or exchange images, and what each of them carries.

They are the same in plans, states and sources.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field

from ....documents.json import RepeatedNames
from ....documents.pattern import Hole, Holed, Text, pattern_of
from ....documents.problems import first_of
from ....judgement.admission import Origin
from ....judgement.kinds.table import EXCHANGES, Field, Format, fields_in
from ....judgement.values.trust import names_under
from ....memo import by_value
from ...files.bare import CACHE_FIELDS, configuration_in
from ...files.strays import ReadPolicy, misplacements
from ...files.values.nodes import REGION, Place, node_of
from ...files.values.partial import Conditional, NotThere, Placed, Value, holes_in, text_of, ways
from ...found.found import (
    ANY_NAME,
    ELSEWHERE,
    NOTHING,
    SCOPE_SETTING,
    FoundPolicy,
    FoundScope,
    Harvest,
    Otherwise,
    doubts_about_blank,
    unjudged_at,
    unknown_type,
)
from .policies import as_policy, read_policy

CARRIERS = fields_in(Format.AWS_PROVIDER)
"""The types of resources that carry a policy."""

_WITHOUT_ACCESS = frozenset(
    {
        "aws_ecr_lifecycle_policy",
        "aws_ecr_pull_time_update_exclusion",
        "aws_ecr_registry_scanning_configuration",
        "aws_ecr_repository",
        "aws_ecrpublic_repository",
        "awscc_ecr_pull_time_update_exclusion",
        "awscc_ecr_registry_scanning_configuration",
        "awscc_ecr_signing_configuration",
    }
)
"""Types of ECR resources that give no access."""

ACCOUNT_SETTING = "aws_ecr_account_setting"
"""Gives no access itself, but may set the actions that registry policies apply to."""

_OURS = ("aws_ecr_", "aws_ecrpublic_", "awscc_ecr_")

REQUIRED = frozenset({"policy", "policy_text"})
"""The policy attributes that a resource must have."""

CLOUD_CONTROL = "aws_cloudcontrolapi_resource"
"""Makes a resource of any CloudFormation type."""

STACK_SETS = frozenset({"aws_cloudformation_stack_set", "awscc_cloudformation_stack_set"})

STACKS = frozenset({"aws_cloudformation_stack", "awscc_cloudformation_stack"}) | STACK_SETS
"""Carry a CloudFormation template that may contain ECR policies. That of a set is deployed into other accounts."""


def is_read(kind: str) -> bool:
    """Return whether resources of a type carry a policy or a template, or must be reported for other effects."""
    return kind in STACKS or (kind.startswith(_OURS) and kind not in _WITHOUT_ACCESS)


def names_of(carrier: Field, attributes: Mapping[str, Value]) -> tuple[Text, ...]:
    """Return the names, or patterns of names, of the repositories that a resource's policy governs.

    They have holes where they are unknown.
    """
    if carrier.name is not None:
        return _name(text_of(attributes.get(carrier.name)))
    if carrier.prefix is not None:
        (prefix,) = _name(text_of(attributes.get(carrier.prefix)))
        if isinstance(prefix, Holed):
            return (prefix if len(prefix.parts) == 1 else Holed((*prefix.parts, "/*")),)
        return (Holed((Hole(carrier.prefix),)),) if prefix == "*" else names_under(prefix)
    return ANY_NAME


def _name(value: Value) -> tuple[Text]:
    """Return a name, or the pattern for a name that is not there."""
    if isinstance(value, Hole):
        return (Holed((value,)),)
    return (value,) if isinstance(value, Holed) or (isinstance(value, str) and value) else ("*",)


_THERE = "each resource that depends on `{}` exists"
_NOT_THERE = "no resource that depends on `{}` exists"


def exchange_fields(carrier: Field, attributes: Mapping[str, Value]) -> Value:
    """Return the attributes of a resource that decide which images it sends or brings."""
    if carrier.policy:
        return attributes.get(carrier.policy)
    return {name: attributes[name] for name in CACHE_FIELDS if name in attributes}


def decisive(value: Value) -> Value:
    """Return a value without its Regions, which do not affect access."""
    match value:
        case Conditional():
            return value.but(decisive(value.value))
        case Mapping():
            return {name: decisive(one) for name, one in value.items() if name != "region"}
        case list() | tuple():
            return [decisive(one) for one in value]
    return value


def read_exchange(carrier: Field, value: Value, at: Place) -> ReadPolicy:
    """Read the value of a resource at the place `at`. Parts that cannot be determined are holes."""
    found = [form for words, way in ways(value) for form in _forms(carrier, words, way, at)]
    first, *others = found
    return ReadPolicy(first.policy, first.statements, first.when, tuple(others))


def _forms(carrier: Field, words: str, value: Value, at: Place) -> Iterator[Otherwise]:
    """Yield the value with all elements that may be missing, and without any of them.

    More rules and destinations never remove an account's copies. So every case in between gives at least the access of
    the second form, and at most that of the first.
    """
    doubtful = next(_perhaps(value), None)
    if doubtful is None:
        yield _form(carrier, words, value, at)
        return
    for there, said in ((True, _THERE), (False, _NOT_THERE)):
        when = " and ".join(filter(None, (words, said.format(doubtful.hole.name))))
        yield _form(carrier, when, _settle_elements(value, there=there), at)


def _form(carrier: Field, when: str, value: Value, at: Place) -> Otherwise:
    bare = _bare(value)
    if not carrier.policy:
        return Otherwise(when, bare)
    return Otherwise(when, configuration_in(bare, carrier.policy), tuple(_places(value, at)))


def _places(value: Value, at: Place) -> Iterator[Place]:
    block = value[0] if isinstance(value, (list, tuple)) and len(value) == 1 else value
    rules = next((one for name, one in block.items() if _is(name, "rule")), ()) if isinstance(block, Mapping) else ()
    for rule in rules if isinstance(rules, (list, tuple)) else ():
        yield rule.at or at if isinstance(rule, Placed) else at


def _is(name: str, what: str) -> bool:
    return name.replace("_", "").lower().removesuffix("s") == what


def _perhaps(value: Value) -> Iterator[Conditional]:
    match value:
        case Conditional():
            yield value
        case Mapping():
            for one in value.values():
                yield from _perhaps(one)
        case list() | tuple():
            for one in value:
                yield from _perhaps(one)


def _settle_elements(value: Value, *, there: bool, field: str = "") -> Value:
    """Return a value with, or without, the elements that may be missing.

    A field that may be missing becomes a hole. An uncertain filter does too, because a filter narrows a rule.
    """
    match value:
        case RepeatedNames():
            return value
        case Mapping():
            pairs = [
                (name, one.hole if isinstance(one, Conditional) else _settle_elements(one, there=there, field=name))
                for name, one in value.items()
            ]
            return Placed(pairs, value.at if isinstance(value, Placed) else None)
        case list() | tuple() if _is(field, "repositoryfilter"):
            return [one.hole if isinstance(one, Conditional) else one for one in value]
        case list() | tuple():
            left = [one.value if there and isinstance(one, Conditional) else one for one in value]
            return [_settle_elements(one, there=there) for one in left if there or not _may_be_missing(one)]
    return value


def _may_be_missing(value: Value) -> bool:
    """Return whether an element may be missing. A rule whose destinations may all be missing counts too."""
    if not isinstance(value, Mapping):
        return isinstance(value, Conditional)
    lists = (one for name, one in value.items() if _is(name, "destination") and isinstance(one, (list, tuple)))
    return any(one and all(isinstance(item, Conditional) for item in one) for one in lists)


def _bare(value: Value) -> Value:
    match value:
        case RepeatedNames():
            return value
        case Mapping():
            return {name: _bare(one) for name, one in value.items()}
        case list() | tuple():
            return [_bare(one) for one in value]
    return text_of(value)


_OF_ECR = "AWS::ECR::"
_CLOUD_CONTROL = "it makes an `{}` by Cloud Control, which is not read: check what is deployed"
_MOST_NAMED = 3


@by_value
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
        called=names if any(isinstance(name, Holed) for name in names) else (),
        applied_for=_applied_for(resource.attributes, carrier.uses) if carrier.uses else None,
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


def _applied_for(attributes: Mapping[str, Value], uses: str) -> tuple[str, ...] | None:
    """Return what a creation template is used for, if that is known."""
    said = attributes.get(uses)
    texts = [text_of(one) for one in said] if isinstance(said, (list, tuple)) else []
    return tuple(map(str, texts)) if texts and all(isinstance(text, str) for text in texts) else None


def scope_of(attributes: Mapping[str, Value]) -> FoundScope | None:
    """Return the scope of registry policies in an account setting, or None for a different setting.

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecr_account_setting
    """
    name, value = (text_of(attributes.get(text)) for text in ("name", "value"))
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
    return misplacements(((name, node_of(as_policy(form))) for name, form in others), expected, reader)


def _read(carrier: Field, resource: Resource) -> ReadPolicy:
    if carrier.kind in EXCHANGES:
        return read_exchange(carrier, exchange_fields(carrier, resource.attributes), resource.at)
    return resource.policy or read_policy(resource.attributes.get(carrier.policy), resource.at)


def unknown(address: str, kind: str, at: Place) -> Harvest:
    """Return the result for an ECR resource of an unknown type."""
    return unjudged_at(at, address, unknown_type(kind))


def made_by_cloud_control(address: str, attributes: Mapping[str, Value], at: Place) -> Harvest:
    """Return the result for a resource of Cloud Control. It is empty if the resource is not one of ECR."""
    kind = text_of(attributes.get("type_name"))
    if not isinstance(kind, str) or not kind.startswith(_OF_ECR):
        return NOTHING
    registry = ELSEWHERE if kind == f"{_OF_ECR}RegistryPolicy" else None
    return unjudged_at(at, address, _CLOUD_CONTROL.format(kind), registry)


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
