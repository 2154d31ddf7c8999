"""Resources of ECR that carry no policy, and what they do with registries of other accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..exchanges import outside, unknown_type
from ..found import Harvest, Unjudged
from ..values.partial import Perhaps, Value, text_of
from ..values.places import Place
from ..values.ways import ways
from .resources import EXCHANGES


def unjudged(address: str, kind: str, attributes: Mapping[str, Value], at: Place, owner: str | None) -> Harvest:
    """Return what to say of a resource that carries no policy; nothing where it keeps to the registry of `owner`."""
    exchange = EXCHANGES.get(kind)
    if exchange is None:
        reasons: Iterator[str] = iter((unknown_type(kind),))
    else:
        reasons = (one for _, way in ways(attributes) for one in outside(exchange, _bare(way), owner))
    told = (Unjudged(at.file, at.line, at.column, address, one) for one in dict.fromkeys(reasons))
    return Harvest(unjudged=tuple(told))


def _bare(value: Value) -> Value:
    """Return a value without what only says where it stands, or whether it is there at all."""
    match value:
        case Perhaps():
            return _bare(value.value)
        case Mapping():
            return {name: _bare(one) for name, one in value.items()}
        case list() | tuple():
            return [_bare(one) for one in value]
    return text_of(value)
