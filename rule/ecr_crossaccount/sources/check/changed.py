"""The files that changed between two states, and the unknown values that may have changed with them."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from itertools import zip_longest

from ...documents.holes import OWNER, Hole, holes_in
from ...questions.change.states import State
from ..files.files import HCL_SUFFIXES, chunks_of
from ..reading.bounds import within
from ..reading.files import UnreadableError
from .matching import Files

_PROSE = (".md", ".rst", ".adoc", ".txt", ".png", ".svg", ".jpg", ".jpeg", ".gif", ".pdf", "license", ".gitignore")
_LEFT_OUT = frozenset({".git", "node_modules", ".venv", "__pycache__"})
"""Folders of other programs. What they install for a program does not decide about its policies."""


def changed_files(old: Files, new: Files) -> frozenset[str]:
    """Return the names of the files that differ, without prose and without files that are judged completely.

    Something that is not judged, or a value that is not known, may depend on any of them.
    """
    if old.root is None or new.root is None:
        return frozenset()
    judged = {files.named(one.at.file) for files in (old, new) for one in files.harvest.policies}
    judged -= {files.named(one.file) for files in (old, new) for one in files.harvest.unjudged}
    names = {os.path.normpath(name) for files in (old, new) for name in _names(str(files.root))}
    with within((old.root, new.root)):
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
        folders[:] = [one for one in folders if one not in _LEFT_OUT]
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
    return replace(state, forms=tuple(form.filled(others) for form in state.forms))
