"""From a template to its contents: its own ECR resources, and those of the stacks that it nests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from ...files.values.nodes import Fields, Node, twice_in
from ...found.found import Harvest, Skipped, Unread, unread
from . import macros, nested
from .includes import included
from .loops import LoopError, unrolled
from .resolve import Resolver
from .resources import is_left_out, is_ours, perhaps, policy_of
from .template import Template
from .unjudged import is_of_ecr, unjudged, without_policy

Follow = Callable[[Template, Node, Node, nested.Reader], Harvest]
"""Reads the stack that a resource nests."""

_MOST_NAMED = 8
_REFERRED_TO = ("Parameters", "Conditions", "Mappings")
"""The sections that resources refer to by name."""

_CHANGED = "the macro `{}` may change it before it is deployed"
_BESIDE = "the `Fn::Transform` beside it may change it before it is deployed"


def read(template: Template) -> Harvest:
    """Return the policies of a template and of the stacks nested in it."""
    whole, files = included(template)
    found = _read(whole, nested.READERS)
    return replace(found, followed=(*found.followed, *files)) if files else found


def read_alone(template: Template) -> Harvest:
    """Return the policies of a template, without opening any file for the stacks nested in it."""
    return _read(template, {})


def _read(template: Template, followed: Mapping[str, Follow]) -> Harvest:
    try:
        whole = unrolled(template, Resolver(template).resolve)
    except LoopError as error:
        return unread(template.file, str(error), error.line)
    found = Harvest.of([_added(whole), *_resources(whole, followed)])
    if not template.prefix:
        found = replace(found, declares=tuple(whole.parameters), errors=(*_refused(whole), *found.errors))
    own = [macros.name_of(one) for one in macros.of_template(whole.root) if macros.is_own(one)]
    doubts = [_CHANGED.format(one) for one in own[:1]]
    doubts += [f"`{name}` appears more than once in the template" for name in _twice(whole)]
    found = _doubted(found, doubts)
    making = [*own, *_making(whole)]
    if making and not found.policies:
        absent = f"the macro `{making[0]}` may add resources of ECR: check what it makes"
        found += Harvest(skipped=(Skipped(whole.file, absent, absent=True),))
    return found


def _doubted(found: Harvest, doubts: Iterable[str]) -> Harvest:
    """Return what was found, with reasons why its policies may be others."""
    doubts = tuple(doubts)
    if not doubts:
        return found
    return replace(found, policies=tuple(replace(one, doubts=(*one.doubts, *doubts)) for one in found.policies))


def _making(template: Template) -> Iterator[str]:
    """Yield the macros that may make a resource of another type one of ECR."""
    every = (macros.macro_in(one) for one in template.resources.values())
    yield from (macros.name_of(one) for one in every if one is not None and macros.is_own(one))


def _refused(template: Template) -> Iterator[Unread]:
    """Yield an error for each value that CloudFormation would reject.

    A condition on such a value would be decided wrongly.
    """
    for text, name, allowed in template.refused():
        listed = ", ".join(f"`{one.value}`" for one in allowed.items[:_MOST_NAMED])
        more = " and others" if len(allowed.items) > _MOST_NAMED else ""
        yield Unread(
            template.file, allowed.line, f"`{text}` is not a value that `{name}` can have: expected {listed}{more}"
        )


def _resources(template: Template, followed: Mapping[str, Follow]) -> Iterator[Harvest]:
    for section in (value for name, value in template.root.fields if name == "Resources"):
        if not isinstance(section.value, Fields):
            yield unread(template.file, "its Resources are not an object, so nothing in it can be read", section.line)
            return
        for name, resource in section.value.pairs:
            here = template.of(str(name.value))
            found = _perhaps(_resource(here, name, resource, followed), perhaps(here, resource))
            yield _doubted(found, [_BESIDE for _ in macros.of_resource(resource)][:1])


def _perhaps(found: Harvest, why: str) -> Harvest:
    """Return what a resource makes. If the resource itself may not exist, its policies get the reason `why`."""
    if not why:
        return found
    return replace(found, policies=tuple(replace(one, perhaps=one.perhaps or why) for one in found.policies))


def _twice(template: Template) -> Iterator[str]:
    """Yield the repeated sections, and the repeated names in sections that resources refer to."""
    yield from twice_in(template.root)
    for section in (template.root.get(name) for name in _REFERRED_TO):
        yield from twice_in(section or Node(None))


def _resource(template: Template, key: Node, resource: Node, followed: Mapping[str, Follow]) -> Harvest:
    name = str(key.value)
    if macros.is_macro(name, resource):
        return Harvest()
    kinds = [value.text for name, value in resource.fields if name == "Type"]
    text = next((one for one in kinds if is_ours(one)), kinds[-1] if kinds else None)
    if text is None:
        return unjudged(template, key, "it has no Type here, so what it creates is unknown")
    if is_ours(text):
        return policy_of(template, key, resource, str(text))
    if is_of_ecr(str(text)):
        return Harvest() if is_left_out(template, resource) else without_policy(template, key, str(text))
    reader = followed.get(str(text))
    if reader is not None:
        return reader(template, key, resource, read)
    return nested.unfollowed(template, key, resource, str(text))


def _added(template: Template) -> Harvest:
    """Return the result for the macros that add resources, or whole sections."""
    return Harvest.of(
        unjudged(template, one.but("Fn::Transform"), f"what {macros.called(one)} adds is not here: check that as well")
        for one in macros.adding(template.root)
    )
