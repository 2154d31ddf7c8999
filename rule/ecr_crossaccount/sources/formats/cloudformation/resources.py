"""The resources of a template that have, or could have, an ECR policy, in each world that open conditions allow.

Resources that are not judged are reported, so that they do not seem safe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from ....documents.pattern import Hole, Holed, Text, pattern_of
from ....judgement.kinds.table import PREFIXED, Field, Format, fields_in
from ....judgement.kinds.table import ResourceKind as Kind
from ....judgement.values.trust import names_under
from ....memo import by_value
from ....questions.change.states import Assumption
from ...files.strays import misplacements
from ...files.values.documents import parse_text, places_of
from ...files.values.nodes import Fields, Node, Place, plain, text_in, twice_in
from ...found.found import (
    ANY_NAME,
    FoundPolicy,
    Harvest,
    Location,
    Otherwise,
    Skipped,
    Suppression,
    Unread,
    alike,
    doubts_about_blank,
    unjudged_at,
    unknown_type,
)
from ...found.remarks import in_metadata
from .conditions import Assumed, Comparison, in_words, is_consistent, is_default, ways_of
from .foreign import plain_name
from .functions import Resolved
from .resolve import Resolver, intrinsic
from .template import Template, macro_in

LETS_NOBODY_IN = frozenset(
    f"AWS::ECR::{name}" for name in ("PullTimeUpdateExclusion", "RegistryScanningConfiguration", "SigningConfiguration")
)
"""Types of ECR resources that give no access."""


def is_of_ecr(kind: str) -> bool:
    """Return whether a type looks like one of ECR, even if it is unknown, in any case."""
    return kind.lower().startswith("aws::ecr")


def without_policy(template: Template, key: Node, kind: str) -> Harvest:
    """Return the result for an ECR resource of an unknown type. It is empty for a type that gives no access."""
    return Harvest() if kind in LETS_NOBODY_IN else unjudged_harvest(template, key, unknown_type(kind))


def unjudged_harvest(template: Template, key: Node, reason: str) -> Harvest:
    """Return the harvest that says why the resource with the logical ID `key` was not judged."""
    return unjudged_at(key.place(template.file), "/".join((*template.prefix, str(key.value))), reason)


MOST_WORLDS = 32
"""The most worlds. If there are more, values that depend on an open condition become holes."""

_OTHERWISE = "parameters have other values than their defaults"


@by_value
class World:
    """A value under the condition `when`.

    `by_default`: whether the condition holds if parameters have their defaults. `rests_on`: the parameters with a
    default that the value depends on. `beyond`: the holes of parameters that have another, unknown value here. `ways`:
    the assumptions of the condition.
    """

    when: str
    resolved: Resolved
    by_default: bool
    rests_on: frozenset[str]
    beyond: frozenset[Hole]
    ways: tuple[frozenset[Assumption], ...] = ()


def worlds(template: Template, node: Node) -> tuple[World, ...]:
    """Return the results of `node` under each combination of answers to the comparisons that it depends on.

    If everything is known, there is one world without assumptions. An unknown that can have only a few values is taken
    as each of them. If that makes too many combinations, such an unknown is a hole, and the first world has the
    defaults, if the value depends on any. If there are still too many, the other world has a hole for each value that
    a condition decides.
    """
    found = _worlds(template, node)
    if found:
        return found
    narrow = replace(template, alternatives=False)
    rest = _worlds(narrow, node) or (_world(Resolver(narrow), {}, node),)
    usual = _world(Resolver(template.by_default()), {}, node)
    if not usual.rests_on:
        return rest
    return (usual, *(replace(world, when=world.when or _OTHERWISE, by_default=False) for world in rest))


def _worlds(template: Template, node: Node) -> tuple[World, ...]:
    """Return all possible worlds, or none if they are too many."""
    found: list[World] = []
    rest: list[dict[Comparison, bool]] = [{}]
    while rest:
        assumed = rest.pop()
        resolver = Resolver(template, assumed)
        world = _world(resolver, assumed, node)
        opened = next(iter(resolver.conditions.open), None)
        if opened is not None:
            rest += [one for answer in (False, True) if is_consistent(one := {**assumed, opened: answer})]
        elif not resolver.choices.impossible:
            found.append(world)
        if len(rest) + len(found) > MOST_WORLDS:
            return ()
    usual = [one for one in found if one.by_default]
    # If the defaults leave something without any value, no world is by default.
    others = (replace(one, by_default=not usual) for one in found if not one.by_default)
    return (*usual, *others)


def _world(resolver: Resolver, assumed: Assumed, node: Node) -> World:
    resolved = resolver.resolve(node)
    rests_on, beyond = frozenset(resolver.rests_on), frozenset(resolver.beyond)
    return World(in_words(assumed), resolved, is_default(assumed), rests_on, beyond, ways_of(assumed))


_OF_RESOURCES = frozenset({"Type", "Properties", "Metadata"})
_READER = "AWS CloudFormation"


TYPES = fields_in(Format.CLOUDFORMATION)


def is_ours(kind: str | None) -> bool:
    """Return whether resources of a type can give access."""
    return kind in TYPES


def policy_of(template: Template, key: Node, resource: Node, kind: str) -> Harvest:
    """Return the policy of the resource with the logical ID `key`, or an error if the resource cannot be read."""
    properties = _properties(template, resource)
    shown = "/".join((*template.prefix, str(key.value)))
    condition = _condition(resource)
    if is_left_out(template, resource):
        reason = f"{shown}: not created: its Condition `{condition}` is false"
        return Harvest(skipped=(Skipped(template.file, reason),))
    if not isinstance(properties.value, Fields):
        what = "not known before deployment" if isinstance(properties.value, Hole) else "not an object"
        reason = f"{shown}: its Properties are {what}, so its policy cannot be read"
        registry = Location(template.account, template.region) if TYPES[kind].kind is Kind.REGISTRY else None
        return Harvest(errors=(Unread(template.file, properties.line, reason, registry=registry),))
    notes = template.notes
    if _is_created(template, condition) is False:
        notes += (f"not created unless a parameter changes: its Condition `{condition}` is false by default",)
    found = undefaulted_too(template, lambda one: _policy(one, shown, resource, properties, TYPES[kind]))
    place = key.place(template.file)
    found = replace(found, notes=notes, resource_at=place, at=found.at if found.heads else place)
    suppressions = list(in_metadata(template.file, resource, key.line))
    return Harvest(
        (found,),
        errors=tuple(suppression for suppression in suppressions if isinstance(suppression, Unread)),
        suppressions=tuple(suppression for suppression in suppressions if isinstance(suppression, Suppression)),
    )


def is_left_out(template: Template, resource: Node) -> bool:
    """Return whether a resource is not created, whatever parameters someone changes."""
    condition = _condition(resource)
    return _is_created(template, condition) is False and not (condition and _is_off_by_default(template, condition))


def _is_created(template: Template, condition: str | None) -> bool | None:
    return condition is None or Resolver(template.by_default()).conditions.answer(condition)


def perhaps(template: Template, resource: Node) -> str:
    """Return the condition that decides whether a resource is created, or "" if it certainly is.

    A default does not make it certain.
    """
    condition = _condition(resource)
    if condition is None or Resolver(template.drop_defaults()).conditions.answer(condition):
        return ""
    return f"its Condition `{condition}` is true"


def _is_off_by_default(template: Template, condition: str) -> bool:
    """Return whether a condition is false only by default, and not because the user has set parameters."""
    return not template.is_told and Resolver(template.drop_defaults()).conditions.answer(condition) is None


def _heads(template: Template, properties: Node, name: str | None) -> tuple[Place, ...]:
    """Return the places of the property names that hold the policy. They may be on the line above the policy."""
    return tuple(key.place(template.file) for key, _ in properties.pairs if key.value == name)


def _properties(template: Template, resource: Node) -> Node:
    """Return the properties of a resource, resolved if they are a function."""
    written = resource.get("Properties")
    if written is None or written.value is None:
        return resource.but(Fields())
    function = _function(resource)
    return written if function is None else Resolver(template.by_default()).resolve(function) or resource.but(Fields())


def _function(resource: Node) -> Node | None:
    """Return the function that is in place of the properties of a resource, or None."""
    written = resource.get("Properties")
    name = intrinsic(written.value) if written is not None and isinstance(written.value, Fields) else None
    return None if name in (None, "Fn::Transform") else written


Read = Callable[[Template], tuple[FoundPolicy, frozenset[str]]]
"""Reads a policy, and returns it with the inputs with a default that it depends on."""


def undefaulted_too(template: Template, read: Read) -> FoundPolicy:
    """Return a policy, and the different policies without each default that it depends on, and without all of them."""
    found, rests_on = read(template)
    defaults = {frozenset({name}) for name in rests_on} | ({rests_on} if rests_on else set())
    others = {names: read(template.drop_defaults(names))[0] for names in sorted(defaults, key=sorted)}
    named = {frozenset(_input(template, text) for text in names): other for names, other in others.items()}
    return replace(found, undefaulted={names: other for names, other in named.items() if other != found})


def _input(template: Template, name: str) -> str:
    if name in template.parameters:
        return f"parameter `{name}`"
    return f"`{plain_name(name)}`" if template.is_input(name) else f"a parameter behind `{name}`"


def _policy(
    template: Template, shown: str, resource: Node, properties: Node, field: Field
) -> tuple[FoundPolicy, frozenset[str]]:
    """Return the policy of a resource, and the inputs with a default that it depends on."""
    written = _judged_part(properties, field.policy)
    at = written or resource
    rests_on: set[str] = set()
    first, *others = alike(_readings(template, resource, field.policy, properties, rests_on))
    heads = _heads(template, properties, field.policy)
    shapes = _shapes(template, resource, properties, rests_on)
    names = tuple(dict.fromkeys(name for shape in shapes for name in _names(template, shape, field, rests_on)))
    tags = [_tags(shape) for shape in shapes]
    found = FoundPolicy(
        at.place(template.file),
        shown,
        field.kind,
        first.policy,
        first.statements,
        names=tuple(dict.fromkeys(map(pattern_of, names))),
        account=template.account,
        region=template.region,
        otherwise=tuple(others),
        when=first.when,
        ways=first.ways,
        heads=heads,
        called=tuple(names) if any(isinstance(text, Holed) for text in names) else (),
        tags=dict(set.intersection(*(set(tag.items()) for tag in tags))),
        other_tags=any(tags),
        applied_for=_applied_for(properties, field.uses) if field.uses else None,
        doubts=(
            *_doubts(resource, properties, field.policy, len(heads)),
            *(doubts_about_blank(first.policy, others) if field.kind is Kind.REGISTRY else ()),
        ),
    )
    return found, frozenset(rests_on)


def _judged_part(properties: Node, policy: str) -> Node | None:
    """Return the judged part of a resource's properties, as written."""
    return properties.get(policy) if policy else properties


def _doubts(resource: Node, properties: Node, policy: str, times: int) -> Iterator[str]:
    """Yield why the policy may differ from the one that is written, which appears there `times` times."""
    if times > 1:
        yield f"`{policy}` stands {times} times"
    yield from (f"`{name}` appears more than once" for name in twice_in(resource))
    if policy:
        beside = (field for field in resource.fields if field[0] not in _OF_RESOURCES)
        inside = (field for field in properties.fields if field[0] != policy)
        yield from misplacements(inside, policy, _READER)
        yield from misplacements(beside, f"Properties.{policy}", _READER)


def _condition(resource: Node) -> str | None:
    return resource.find("Condition").text


def _shapes(template: Template, resource: Node, properties: Node, rests_on: set[str]) -> list[Node]:
    """Return what the properties of a resource may be: several if they are a function."""
    function = _function(resource)
    if function is None:
        return [properties]
    found = worlds(template, function)
    rests_on |= {name for world in found for name in world.rests_on}
    return [world.resolved or Node(None) for world in found]


# --- the policy ---


def _readings(
    template: Template, resource: Node, policy: str, properties: Node, rests_on: set[str]
) -> Iterator[Otherwise]:
    """Yield the policy in each world. Adds the inputs with a default that it depends on to `rests_on`."""
    function, written = _function(resource), _judged_part(properties, policy)
    if function is not None:
        for world in worlds(template, function):
            rests_on |= world.rests_on
            inner = _field(world.resolved, policy)
            yield _reading(template, inner or function, replace(world, resolved=inner))
        return
    if written is None:
        yield Otherwise("", None if macro_in(properties) is None else Hole("Fn::Transform"))
        return
    for world in worlds(template, written):
        rests_on |= world.rests_on
        yield _reading(template, written, world)


def _field(resolved: Node | None, name: str) -> Node | None:
    """Return a field of the result of a function, or all of it. A hole if the result is unknown."""
    if resolved is None or isinstance(resolved.value, Hole):
        return resolved
    return _judged_part(resolved, name)


def _reading(template: Template, written: Node, world: World) -> Otherwise:
    resolved = world.resolved
    form = Otherwise(world.when, None, by_default=world.by_default, beyond=world.beyond, ways=world.ways)
    if resolved is None:
        return form
    policy = parse_text(resolved)
    places = places_of(text_written(written), written, policy, resolved, template.text)
    return replace(form, policy=plain(policy), statements=tuple(Place(template.file, *at) for at in places))


def text_written(written: Node) -> Node | None:
    """Return the text that a policy is written as, such as the first argument of its Fn::Sub."""
    name = intrinsic(written.value) if isinstance(written.value, Fields) else None
    if name == "Fn::Sub":
        argument = written.fields[0][1]
        return argument.items[0] if argument.items else argument
    return written if written.text is not None else None


# --- the names ---


def _names(template: Template, properties: Node, field: Field, rests_on: set[str]) -> tuple[Text, ...]:
    """Return the names that a resource may have. Adds the inputs with a default that they depend on to `rests_on`."""
    written = properties.get(field.name or field.prefix or "")
    if written is None:
        return ANY_NAME
    found: dict[Text, None] = {}
    for world in worlds(template, written):
        rests_on |= world.rests_on
        found |= dict.fromkeys(_patterns(world.resolved, field.kind))
    return tuple(found)


def _patterns(resolved: Node | None, kind: Kind) -> tuple[Text, ...]:
    """Return the name of a repository, or the pattern for the names below a prefix, with holes where it is unknown."""
    name = text_in(resolved)
    if name is None:
        return ANY_NAME
    if isinstance(name, Hole):
        return (Holed((name,)),)
    if kind not in PREFIXED:
        return (name,)
    return names_under(name) if isinstance(name, str) else (Holed((*name.parts, "/*")),)


# --- what else decides ---


def _tags(properties: Node) -> dict[str, str]:
    """Return the tags of a resource that are literal. A stack may add others."""
    pairs = ((item.find("Key").text, item.find("Value").text) for item in properties.find("Tags").items)
    return {key: value for key, value in pairs if key and value is not None}


def _applied_for(properties: Node, uses: str) -> tuple[str, ...] | None:
    """Return what a creation template is used for, if that is literal."""
    texts = [item.text for item in properties.find(uses).items]
    return tuple(text for text in texts if text) if texts and all(texts) else None
