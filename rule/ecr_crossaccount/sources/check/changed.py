"""The resources and files of two states: which belong together, and which changed, with the unknown values in them.

Resources are matched by file and address, or by the name of the repository.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import field, replace
from itertools import zip_longest

from ...documents.pattern import OWNER, Hole, holes_in
from ...judgement.kinds.table import SINGLE
from ...memo import by_value
from ...questions.change.states import State
from ..files.files import HCL_SUFFIXES, chunks_of
from ..found.context import Context
from ..found.found import ANY_NAME, FoundPolicy, Harvest
from ..reading.files import UnreadableError, limit_reading


def relative(root: str) -> Callable[[str], str]:
    """Return a function that makes paths relative to `root`. If `root` is empty, it returns paths unchanged."""

    def relative_name(path: str) -> str:
        return os.path.relpath(path, root) if root else path

    return relative_name


def nothing(_: str) -> None:
    """Return None: the text of a file is unknown."""


@by_value
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


@by_value
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
            known = [policy for policy in rest if wanted is not None and key(policy, old) == wanted]
            if key is _by_repository and (len(known) > 1 or list(lefts.values()).count(wanted) > 1):
                continue  # it cannot be determined which of them it was
            if known:
                partners[number] = known[0]
                rest.remove(known[0])
    for number, one in enumerate(after):
        yield Pair(one, partners.get(number), one)
    yield from (Pair(policy, policy, None) for policy in rest)


def _by_address(found: FoundPolicy, state: Files) -> Hashable:
    return state.named(found.at.file), found.resource, found.kind, found.account, found.region


def _by_repository(found: FoundPolicy, _: Files) -> Hashable | None:
    if found.kind in SINGLE:
        return found.kind, found.account, found.region  # a registry has only one of these
    return None if found.names == ANY_NAME else (found.kind, found.names, found.account, found.region)


_PROSE = (".md", ".rst", ".adoc", ".txt", ".png", ".svg", ".jpg", ".jpeg", ".gif", ".pdf", "license", ".gitignore")
_LEFT_OUT = frozenset({".git", "node_modules", ".venv", "__pycache__"})
"""Folders of other programs. What they install for a program does not decide about its policies."""


def changed_files(old: Files, new: Files) -> frozenset[str]:
    """Return the names of the files that differ, without prose and without files that are judged completely.

    Something that is not judged, or a value that is not known, may depend on any of them.
    """
    if old.root is None or new.root is None:
        return frozenset()
    judged = {files.named(policy.at.file) for files in (old, new) for policy in files.harvest.policies}
    judged -= {files.named(one.file) for files in (old, new) for one in files.harvest.unjudged}
    names = {os.path.normpath(name) for files in (old, new) for name in _names(str(files.root))}
    with limit_reading((old.root, new.root)):
        return frozenset(_different(names, judged, old.root, new.root))


def _different(names: Iterable[str], judged: Collection[str], old: str, new: str) -> Iterator[str]:
    return (
        name
        for name in names
        if not name.lower().endswith(_PROSE)
        and (name not in judged or name.lower().endswith(HCL_SUFFIXES))
        and not _is_same(os.path.join(old, name), os.path.join(new, name))  # noqa: PTH118 - names of files
    )


def _names(root: str) -> Iterator[str]:
    for folder, folders, files in os.walk(root):
        folders[:] = [text for text in folders if text not in _LEFT_OUT]
        yield from (os.path.relpath(os.path.join(folder, name), root) for name in files)  # noqa: PTH118 - the same reason


def _is_same(one: str, other: str) -> bool:
    try:
        return all(left == right for left, right in zip_longest(chunks_of(one), chunks_of(other)))
    except UnreadableError:
        return False


# --- unknown values ---


def holes_that_moved(state: State, old: Files, new: Files, changed: frozenset[str]) -> frozenset[Hole]:
    """Return the unknown values of a state that a changed file may give: those whose name it mentions."""
    holes = {hole for form in state.forms for document in form.documents for hole in holes_in(document)}
    holes.discard(OWNER)  # no file gives it
    if not holes or not changed:
        return frozenset()
    texts = [text for name in changed for files in (old, new) for text in [files.text_of(name)] if text]
    words = {hole: (re.findall(r"[A-Za-z_][\w-]*", hole.name.partition("|")[0]) or [hole.name])[-1] for hole in holes}
    return frozenset(
        hole
        for hole, word in words.items()
        if any(re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text) for text in texts)
    )


def with_other_holes(state: State, moved: frozenset[Hole]) -> State:
    """Return a state in which these unknown values differ from those of the other state."""
    others: dict[Hole, str | Hole] = {hole: Hole(f"{hole.name}, before") for hole in moved}
    return replace(state, forms=tuple(form.fill_holes(others) for form in state.forms))
