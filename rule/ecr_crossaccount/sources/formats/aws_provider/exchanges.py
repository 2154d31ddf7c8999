"""Replication and pull-through caches of the AWS provider, in the form that the judgement takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ....documents.strict_json import RepeatedNames
from ...files.bare import CACHE_FIELDS, configuration_in
from ...files.values.nodes import Place
from ...files.values.partial import Perhaps, Placed, Value, text_of, ways
from ...found.found import Otherwise
from .policies import ReadPolicy
from .resources import Carrier

_THERE = "each resource that depends on `{}` exists"
_NOT_THERE = "no resource that depends on `{}` exists"


def exchanged(carrier: Carrier, attributes: Mapping[str, Value]) -> Value:
    """Return the attributes of a resource that decide which images it sends or brings."""
    if carrier.policy:
        return attributes.get(carrier.policy)
    return {name: attributes[name] for name in CACHE_FIELDS if name in attributes}


def decisive(value: Value) -> Value:
    """Return a value without its Regions, which do not affect access."""
    match value:
        case Perhaps():
            return value.but(decisive(value.value))
        case Mapping():
            return {name: decisive(one) for name, one in value.items() if name != "region"}
        case list() | tuple():
            return [decisive(one) for one in value]
    return value


def read_exchange(carrier: Carrier, value: Value, at: Place) -> ReadPolicy:
    """Read the value of a resource at the place `at`. Parts that cannot be determined are holes."""
    found = [form for words, way in ways(value) for form in _forms(carrier, words, way, at)]
    first, *others = found
    return ReadPolicy(first.policy, first.statements, first.when, tuple(others))


def _forms(carrier: Carrier, words: str, value: Value, at: Place) -> Iterator[Otherwise]:
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
        yield _form(carrier, when, _settled(value, there=there), at)


def _form(carrier: Carrier, when: str, value: Value, at: Place) -> Otherwise:
    bare = _bare(value)
    if not carrier.policy:
        return Otherwise(when, bare)
    return Otherwise(when, configuration_in(bare, carrier.policy), tuple(_places(value, at)))


def _places(value: Value, at: Place) -> Iterator[Place]:
    """Yield the place of each rule."""
    block = value[0] if isinstance(value, (list, tuple)) and len(value) == 1 else value
    rules = next((one for name, one in block.items() if _is(name, "rule")), ()) if isinstance(block, Mapping) else ()
    for one in rules if isinstance(rules, (list, tuple)) else ():
        yield one.at or at if isinstance(one, Placed) else at


def _is(name: str, what: str) -> bool:
    return name.replace("_", "").lower().removesuffix("s") == what


def _perhaps(value: Value) -> Iterator[Perhaps]:
    match value:
        case Perhaps():
            yield value
        case Mapping():
            for one in value.values():
                yield from _perhaps(one)
        case list() | tuple():
            for one in value:
                yield from _perhaps(one)


def _settled(value: Value, *, there: bool, field: str = "") -> Value:
    """Return a value with, or without, the elements that may be missing.

    A field that may be missing becomes a hole. An uncertain filter does too, because a filter narrows a rule.
    """
    match value:
        case RepeatedNames():
            return value
        case Mapping():
            pairs = [
                (name, one.hole if isinstance(one, Perhaps) else _settled(one, there=there, field=name))
                for name, one in value.items()
            ]
            return Placed(pairs, value.at if isinstance(value, Placed) else None)
        case list() | tuple() if _is(field, "repositoryfilter"):
            return [one.hole if isinstance(one, Perhaps) else one for one in value]
        case list() | tuple():
            left = [one.value if there and isinstance(one, Perhaps) else one for one in value]
            return [_settled(one, there=there) for one in left if there or not _may_be_missing(one)]
    return value


def _may_be_missing(value: Value) -> bool:
    """Return whether an element may be missing. A rule whose destinations may all be missing counts too."""
    if not isinstance(value, Mapping):
        return isinstance(value, Perhaps)
    lists = (one for name, one in value.items() if _is(name, "destination") and isinstance(one, (list, tuple)))
    return any(one and all(isinstance(item, Perhaps) for item in one) for one in lists)


def _bare(value: Value) -> Value:
    """Return a value without places."""
    match value:
        case RepeatedNames():
            return value
        case Mapping():
            return {name: _bare(one) for name, one in value.items()}
        case list() | tuple():
            return [_bare(one) for one in value]
    return text_of(value)
