"""Match the resources of two states of the files: by file and address, or by the name of the repository."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from ...judgement.values.resource_kind import ResourceKind as Kind
from ..found.context import Context
from ..found.found import ANY_NAME, FoundPolicy, Harvest


def relative(root: str) -> Callable[[str], str]:
    """Return a function that makes paths relative to `root`. If `root` is empty, it returns paths unchanged."""

    def named(path: str) -> str:
        return os.path.relpath(path, root) if root else path

    return named


def nothing(_: str) -> None:
    """Return None: the text of a file is unknown."""


@dataclass(frozen=True, slots=True)
class Files:
    """One state of the files.

    `named`: maps a path in this state to the file's name in both states. `text_of`: returns the text of a file by that
    name. `root`: the folder with everything that may decide about this state, or None if it is a single file.
    """

    harvest: Harvest
    context: Context
    named: Callable[[str], str]
    text_of: Callable[[str], str | None] = field(default=nothing)
    root: str | None = None

    def by_name(self, found: FoundPolicy) -> FoundPolicy:
        """Return a policy with the name that its file has in both states."""
        return replace(found, at=replace(found.at, file=self.named(found.at.file)))


@dataclass(frozen=True, slots=True)
class Pair:
    """One resource in both states, or in one of them. `found`: the new version, or the old one if it was removed."""

    found: FoundPolicy
    before: FoundPolicy | None
    after: FoundPolicy | None


def pairs_of(before: Sequence[FoundPolicy], after: Sequence[FoundPolicy], old: Files, new: Files) -> Iterator[Pair]:
    """Yield each resource of the new state with its old version, then the removed resources."""
    rest = list(before)
    partners: dict[int, FoundPolicy] = {}
    for key in (_by_address, _by_repository):
        lefts = {number: key(one, new) for number, one in enumerate(after) if number not in partners}
        for number, wanted in lefts.items():
            known = [one for one in rest if wanted is not None and key(one, old) == wanted]
            if key is _by_repository and (len(known) > 1 or list(lefts.values()).count(wanted) > 1):
                continue  # it cannot be determined which of them it was
            if known:
                partners[number] = known[0]
                rest.remove(known[0])
    for number, one in enumerate(after):
        yield Pair(one, partners.get(number), one)
    yield from (Pair(one, one, None) for one in rest)


def _by_address(found: FoundPolicy, state: Files) -> Hashable:
    return state.named(found.at.file), found.resource, found.kind, found.account, found.region


def _by_repository(found: FoundPolicy, _: Files) -> Hashable | None:
    if found.kind in (Kind.REGISTRY, Kind.REPLICATION):
        return found.kind, found.account, found.region  # a registry has only one of these
    return None if found.names == ANY_NAME else (found.kind, found.names, found.account, found.region)
