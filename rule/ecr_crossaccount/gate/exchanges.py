"""What ECR sends to registries of other accounts, and takes from them: replication, and a pull-through cache.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-private.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ..access.exchanges import OWN_ACCOUNT, Registry, upstream_of
from ..policy.holes import Hole, Holed
from .values.holed import parts_of

_KNOWN = "`{}`: check that you trust that account"
_UNKNOWN = "`{}`, which is not known before deployment: check that it is your own or one that you trust"


@dataclass(frozen=True, slots=True)
class Exchange:
    """A kind of resource: where in its properties registries are named, how to read one there, and what it does."""

    path: tuple[str, ...]
    read: Callable[[object], Registry]
    does: str


def _registry(value: object) -> Registry:
    if isinstance(value, int):
        return f"{value:012}"
    first, *rest = parts_of(value) if isinstance(value, (str, Hole, Holed)) else (Hole("a registry"),)
    return value if rest and isinstance(value, Holed) else first


def replication(*path: str) -> Exchange:
    """Return the exchange of a replication whose destinations are named at `path`."""
    return Exchange(path, _registry, "replicates images to registry {}")


def cache(*path: str) -> Exchange:
    """Return the exchange of a pull-through cache whose upstream is named at `path`."""
    return Exchange(path, upstream_of, "caches images of registry {}")


def outside(exchange: Exchange, properties: object, owner: str | None) -> Iterator[str]:
    """Yield what an exchange does with each registry that is not the owner's own, or may be another.

    `properties`: as `judge` takes a policy, holes included.
    """
    for value in _at(properties, exchange.path):
        registry = exchange.read(value)
        if registry is not None and registry not in (owner, OWN_ACCOUNT):
            shown = (_KNOWN if isinstance(registry, str) else _UNKNOWN).format(registry)
            yield exchange.does.format(shown)


def unknown_type(kind: str) -> str:
    """Return what to say of a resource of ECR whose type nobody knows here."""
    return f"this version does not know the type `{kind}`: check what it lets others do"


def _at(value: object, path: tuple[str, ...]) -> Iterator[object]:
    """Yield every value at a path through objects, and through the lists on the way."""
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _at(item, path)
    elif not path:
        yield value
    elif isinstance(value, Mapping):
        if path[0] in value:
            yield from _at(value[path[0]], path[1:])
    elif value is not None:
        yield value if isinstance(value, Hole) else Hole(path[0])
