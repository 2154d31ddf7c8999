"""`--base REVISION`: the settings, the register, the baseline and the suppressions of the state before a change.

A change that could bring its own would judge itself. What the repository does not track is of the pipeline that runs
the check, and is used as it is. The files that are judged, and files of variables, are those of the change.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable
from contextlib import ExitStack, chdir
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..base.program import complain

if TYPE_CHECKING:
    from ..base.revisions import Laid, Repository, Revision
    from .files import SettingsFile

NAMED = {"trust": "the trust register", "members": "the members of the organization", "baseline": "the baseline"}
"""The options whose files loosen a judgement, by their attribute, with the words for each file."""


@dataclass(frozen=True, slots=True)
class Before:
    """A revision whose files are in a folder until the run ends."""

    repository: Repository
    revision: Revision
    laid: Laid

    @classmethod
    def from_arguments(cls, arguments: argparse.Namespace, closing: ExitStack) -> Before | None:
        """Return the revision that `--base` names, or None without this option. Raises InputError."""
        name = getattr(arguments, "base", None)
        if name is None:
            return None
        from ..base.revisions import Repository

        repository = Repository.here()
        revision = repository.revision(name)
        return cls(repository, revision, closing.enter_context(repository.laid_out(revision)))

    def file(self, path: str | None, what: str) -> str | None:
        """Return a file as it was. None, with a note, if the change brings it."""
        if path is None:
            return None
        name = self.repository.name_of(path)
        if name is None:
            return path
        there = self.laid.top / name
        if os.path.lexists(there):
            return str(there)
        if not self.repository.tracks(name):
            return path
        complain(f"note: `{path}` is not in `{self.revision.name}`, so {what} does not count")
        return None

    def settings(self) -> SettingsFile | None:
        """Return the settings file that the working folder had, by its path from there. Raises InputError."""
        from . import files

        with chdir(self.laid.folder):
            return files.find_settings(str(self.laid.top))

    def inside(self, paths: Iterable[str]) -> list[str]:
        """Return the paths that were in the repository, relative to the folder that the working folder was."""
        tops = {path: Path(os.path.normpath(self.laid.folder / path)) for path in paths if not os.path.isabs(path)}  # noqa: PTH117 - names
        return [one for one, there in tops.items() if there.is_relative_to(self.laid.top) and os.path.lexists(there)]

    def name_of(self, path: str) -> str:
        """Return the name of a file for a report: without the folder that it is in for this run."""
        is_ours = Path(path).is_relative_to(self.laid.top)
        return f"{self.revision.name}:{os.path.relpath(path, self.laid.folder)}" if is_ours else path
