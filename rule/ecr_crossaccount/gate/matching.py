"""Which resource of one state of the files is which in another: by file and address, else by the repository's name."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field

from .context import Context
from .found import ANY_NAME, FoundPolicy, Harvest, Kind


def relative(root: str) -> Callable[[str], str]:
    """Return how files below a folder are called in two states of it; as they are, where there is no folder."""

    def named(path: str) -> str:
        return os.path.relpath(path, root) if root else path

    return named


def nothing(_: str) -> None:
    """Return that the text of a file is not known."""


@dataclass(frozen=True, slots=True)
class State:
    """One state of the files.

    `named`: how a file is called in both states, by its path in this one; `text_of`: what the file so called holds.
    """

    harvest: Harvest
    context: Context
    named: Callable[[str], str]
    text_of: Callable[[str], str | None] = field(default=nothing)


@dataclass(frozen=True, slots=True)
class Pair:
    """One resource in both states, or in one of them; `found` is how it is, or how it was where it is gone."""

    found: FoundPolicy
    before: FoundPolicy | None
    after: FoundPolicy | None


def pairs_of(before: Sequence[FoundPolicy], after: Sequence[FoundPolicy], old: State, new: State) -> Iterator[Pair]:
    """Yield each resource of the new state with what it was before, then those that are gone."""
    rest = list(before)
    partners: dict[int, FoundPolicy] = {}
    for key in (_by_address, _by_repository):
        lefts = {number: key(one, new) for number, one in enumerate(after) if number not in partners}
        for number, wanted in lefts.items():
            known = [one for one in rest if wanted is not None and key(one, old) == wanted]
            if key is _by_repository and (len(known) > 1 or list(lefts.values()).count(wanted) > 1):
                continue  # which of them it was cannot be determined
            if known:
                partners[number] = known[0]
                rest.remove(known[0])
    for number, one in enumerate(after):
        yield Pair(one, partners.get(number), one)
    yield from (Pair(one, one, None) for one in rest)


def _by_address(found: FoundPolicy, state: State) -> Hashable:
    return state.named(found.at.file), found.resource, found.kind, found.account, found.region


def _by_repository(found: FoundPolicy, _: State) -> Hashable | None:
    if found.kind in (Kind.REGISTRY, Kind.REPLICATION):
        return found.kind, found.account, found.region  # a registry has one of these
    return None if found.names == ANY_NAME else (found.kind, found.names, found.account, found.region)
