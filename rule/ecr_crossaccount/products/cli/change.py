"""What a change does to its own judgement: the settings, the files and the folders that decide what is found.

An author can close no finding by one of them unseen: every format names them.
"""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from ...documents.problems import first_of
from ...errors import InputError
from ...sources.files.files import chunks_of, paths_under
from ...sources.files.marks import is_about_ecr, shows
from ...sources.files.values.nodes import Place
from ...sources.found.remarks import Remark
from ...sources.reading.files import UnreadableError
from .settings import files
from .settings.options import NAMED, REGISTER

if TYPE_CHECKING:
    from ...sources.found.context import Context
    from ...sources.found.found import Harvest
    from .base.revisions import Laid, Repository, Revision

_MOST = 10
_PROSE = (".md", ".rst", ".adoc")
_WRITTEN = frozenset({".terraform", "cdk.out", "cdktf.out"})
"""Folders that a tool writes before the check. Their files replace modules, and stand for programs."""

_RUNS = re.compile(r"ecr-crossaccount(?![\"']?\s*:)")
"""The name of the program, unless it begins a suppression."""

_POLICY = re.compile(
    r"\bprincipals?\b|policy_?text|aws(?:cc)?_ecr\w*_policy|(?:registry|repository)-?_?policy", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Change:
    """Two states of one repository. `new` is laid out like `old`, or the working folder itself."""

    repository: Repository
    old: Revision
    new: Revision | None
    before: Laid
    after: Laid

    def remarks(
        self, paths: Iterable[str], arguments: argparse.Namespace, context: Context, harvest: Harvest
    ) -> Iterator[Remark]:
        """Yield a remark about everything that the change does to its own result. `harvest`: of the new state."""
        pinned, without = arguments.pinned
        if not without and (pinned is None or self._has(pinned)):
            yield from self._settings(pinned)
        register = arguments.named["trust"] or REGISTER
        for option, path in {**arguments.named, "trust": register}.items():
            if path is not None and (path == REGISTER or self._has(path)):
                name = self.repository.name_of(path) or ""
                if _text(self.before.top / name) != _text(self.after.top / name):
                    yield _remark(path, f": {NAMED[option]}")
        yield from self._files(paths, context, harvest)

    def _settings(self, pinned: str | None) -> Iterator[Remark]:
        inside = None if pinned is None else self.repository.name_of(pinned)
        (old, was), (new, now) = (_settings_in(laid, inside) for laid in (self.before, self.after))
        keys = sorted(name for name in {*was, *now} if was.get(name) != now.get(name))
        if keys:
            yield _remark(str(pinned or new or old), f": {', '.join(keys)}")

    def _has(self, path: str) -> bool:
        """Return whether a file is in one of the states. A file that nobody tracks is of the pipeline."""
        name = self.repository.name_of(path)
        if name is None:
            return False
        if os.path.lexists(self.before.top / name):
            return True
        return self.repository.tracks(name) if self.new is None else os.path.lexists(self.after.top / name)

    def _files(self, paths: Iterable[str], context: Context, harvest: Harvest) -> Iterator[Remark]:
        names = [
            name for name in self.repository.changed_files(self.old, self.new) if not name.lower().endswith(_PROSE)
        ]
        written = [name for name in names if not _WRITTEN.isdisjoint(PurePath(name).parts)]
        yield from self._list(written, "what a tool writes before a check")
        modules = [
            name for name in names if (self.after.top / name).is_dir() and not any((self.after.top / name).iterdir())
        ]
        yield from self._list(modules, "a submodule whose files are not here")
        others = [name for name in names if name not in written and PurePath(name).name not in files.NAMES]
        running = [text for text in others if self._shows(text, lambda part: _RUNS.search(part) is not None)]
        yield from self._list(running, "what runs ecr-crossaccount")
        with chdir(self.after.folder):
            read = {*harvest.followed, *(policy.at.file for policy in harvest.policies)}
            read |= {one[0] for path in paths for one in paths_under(path, context.exclude) if isinstance(one, tuple)}
            real = {os.path.realpath(text) for text in read}
        unread = [text for text in others if os.path.realpath(self.after.top / text) not in real]
        unread = [text for text in unread if _shows(self.after.top / text, _is_policy)]
        yield from self._list(unread, "ECR in what this run does not read")

    def _shows(self, name: str, sign: Callable[[str], bool]) -> bool:
        return any(_shows(laid.top / name, sign) for laid in (self.before, self.after))

    def _list(self, names: list[str], what: str) -> Iterator[Remark]:
        below = [os.path.relpath(self.after.top / name, self.after.folder) for name in names]
        if below:
            yield _remark(below[0], f": {what}", first_of(below, _MOST))


def _remark(name: str, what: str, names: str | None = None) -> Remark:
    return Remark(f"this change also changes {names or name}{what}", Place(name))


def _settings_in(laid: Laid, pinned: str | None) -> tuple[str | None, dict[str, object]]:
    """Return the settings file of a state, by its path from the working folder, and its values."""
    with chdir(laid.folder):
        try:
            found = files.find_settings(str(laid.top)) if pinned is None else files.read(str(laid.top / pinned))
        except InputError:
            return files.NAMES[0], {"it cannot be read": True}
        return (None, {}) if found is None else (found.path, dict(found.values))


def _text(path: Path) -> bytes | None:
    try:
        return b"".join(chunks_of(str(path)))
    except UnreadableError:
        return None


def _shows(path: Path, sign: Callable[[str], bool]) -> bool:
    try:
        return path.is_file() and shows(chunks_of(str(path)), sign)
    except UnreadableError:
        return False


def _is_policy(text: str) -> bool:
    return is_about_ecr(text) and _POLICY.search(text) is not None
