"""What is found in a file, as a table of rows writes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecr_crossaccount import Hole, Holed
from ecr_crossaccount.sources.found.found import Harvest

from tests.case_tables import OWNER
from tests.wording import sentence

THEIRS = "222233334444"
OPEN: Any = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}]}
CLOSED: Any = {"Statement": []}
OPEN_BASE: Mapping[str, object] = {
    "policy": "open",
    "names": ["base"],
    "account": OWNER,
    "region": "eu-west-1",
    "location": None,
    "owners": None,
    "notes": [],
    "doubts": [],
}
"""What most rows find: an open policy of the repository `base`."""
ELSEWHERE = sentence("strays.policy_where_does_not_look")
STRAY = sentence("strays.ecr_policy_kind")


def shown(value: Any) -> object:  # noqa: ANN401 - any JSON, with holes
    match value:
        case Hole() | Holed():
            return str(value)
        case list() | tuple():
            return [shown(one) for one in value]
        case dict():
            return {name: shown(one) for name, one in value.items()}
    return value


def told(found: Harvest) -> dict[str, object]:
    """Return what is found, as far as it is there."""
    every: dict[str, object] = {}
    for one in found.policies:
        at = one.location
        every = {
            "resource": one.resource,
            "policy": "open" if one.policy == OPEN else "closed" if one.policy == CLOSED else shown(one.policy),
            "names": list(one.names),
            "account": one.account,
            "region": one.region,
            "location": None if at is None else (at.account, at.region, at.by),
            "owners": None if one.owners is None else str(one.owners.hole),
            "notes": list(one.notes),
            "doubts": list(one.doubts),
        }
    for left in found.unjudged:
        every |= {"unjudged": (left.resource, left.reason)}
        if left.registry is not None:
            every["registry"] = (left.registry.account, left.registry.region, left.registry.by)
    if found.skipped:
        every["skipped"] = [one.reason for one in found.skipped]
    return every


def unusual(found: Mapping[str, object], usual: Mapping[str, object]) -> dict[str, object]:
    """Return what is found and is not usual."""
    return {name: one for name, one in found.items() if one != usual.get(name)} if found else {"nothing": True}
