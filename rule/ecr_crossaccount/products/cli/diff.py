"""`ecr-crossaccount diff`: the access that a change of policies opens and closes, with a request as proof of each."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, chdir, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import InputError
from ...judgement.values.verdict import Severity
from ...sources.found.found import NOTHING
from ...sources.reading.files import STANDARD_INPUT, UnreadableError
from .base.options import add_trust, repository
from .base.outputs import UNCERTAIN, Counted, add_outputs, status_on, verify
from .base.program import ExitStatus, complain
from .check import OWNER_UNKNOWN, add_deployment, add_exclude, context_of, refuse_a_folder_that_is_gone, relocate
from .formats.choices import DIFF_FORMATS, show_diff
from .register import trust_in, trust_of_run
from .settings.keys import note_settings

if TYPE_CHECKING:
    from ...sources.check.changed import Files
    from ...sources.check.differences import Comparison
    from ...sources.found.context import Context
    from .base.revisions import Laid, Repository, Revision

_CHANGE = "CHANGE"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `diff`."""
    parser.add_argument(
        "paths",
        metavar="PATH",
        nargs="*",
        help="OLD and NEW: two files or two folders; with --git, the files and folders to compare (default: .)",
    )
    parser.add_argument_group("what to compare").add_argument(
        "--git",
        metavar="REVISION",
        help="compare with a revision of the Git repository: `main` with the files as they are here, `A..B` two "
        "revisions, `A...B` what B has changed since it left A",
    )
    where = add_deployment(parser)
    where.add_argument(
        "--repository", metavar="NAME", type=repository, help="the repository of a policy file, for the register"
    )
    add_trust(parser.add_argument_group("whom you trust"))
    fails = parser.add_argument_group("what fails")
    fails.add_argument(
        "--fail-on",
        metavar="WHAT",
        type=str.upper,
        choices=[_CHANGE, *(severity.name for severity in Severity)],
        help="opened access of this severity, LOW (default), MEDIUM, HIGH or CRITICAL; CHANGE: closed access too",
    )
    add_exclude(fails)
    add_outputs(parser.add_argument_group("what is shown"), DIFF_FORMATS)


def run(arguments: argparse.Namespace) -> ExitStatus:
    """Compare the states that `arguments` name, and show the result."""
    verify(arguments.outputs, arguments=arguments)
    refuse_a_folder_that_is_gone()
    trust, provenance = trust_of_run(arguments)
    context = replace(context_of(arguments, trust), repository=arguments.repository)
    found = replace(_compare(arguments, context), provenance=provenance)
    show_diff(found, arguments.outputs)
    note_settings(found.provenance)
    if found.lacks_owner:
        complain(OWNER_UNKNOWN)
    if found.errors:
        return ExitStatus.BAD_INPUT
    if not (found.compared or found.unknown):
        complain("note: no ECR policy was found in either state, so nothing was compared: are the paths right?")
    is_any = arguments.fail_on in (None, _CHANGE)
    counted = _changes_that_count(found, closed=arguments.fail_on == _CHANGE)
    return status_on(None if is_any else arguments.fail_on, counted)


def _changes_that_count(found: Comparison, *, closed: bool) -> Iterator[Counted]:
    """Yield what counts: opened access, with `closed` also closed access, and items that were not judged."""
    for one in found.compared:
        for direction in (one.difference.opened, *([one.difference.closed] if closed else [])):
            yield from (Counted(change.grant.severity) for change in direction.changes)
            yield from (Counted(undecided.severity, undecided=True) for undecided in direction.undecided)
    yield from (UNCERTAIN for _ in found.unknown)


def _compare(arguments: argparse.Namespace, context: Context) -> Comparison:
    from ...sources.check.differences import comparison_of

    if arguments.git is not None:
        return _of_revisions(arguments, context)
    if len(arguments.paths) != 2:  # noqa: PLR2004 - OLD and NEW
        count = len(arguments.paths)
        given = "1 is given" if count == 1 else f"{count or 'none'} are given"
        raise InputError(
            f"expected two paths, OLD and NEW, but {given}; or use --git REVISION with any number of paths"
        )
    old, new = arguments.paths
    if _is_folder(old) is not _is_folder(new):
        raise InputError(f"`{old}` and `{new}` cannot be compared: one is a folder and the other is not")
    if old == new == STANDARD_INPUT:
        raise InputError("only one of OLD and NEW can be standard input")
    roots = [Path(os.path.abspath(path)) for path in (old, new)]  # noqa: PTH100 - a link stays a link
    contexts = [_trusting(context, arguments, root, roots[1]) if _is_folder(new) else context for root in roots]
    states = [_state_of(path, one) for path, one in zip((old, new), contexts, strict=True)]
    return comparison_of(states[0], states[1], (old, new))


def _is_folder(path: str) -> bool:
    return path != STANDARD_INPUT and Path(path).is_dir()


def _state_of(path: str, context: Context) -> Files:
    """Return the state of a file or a folder. For two files, the names are ignored."""
    from ...sources.check.changed import Files, relative
    from ...sources.formats.dispatch import harvest

    if _is_folder(path):
        return Files(harvest([path], context), context, relative(path), partial(_read_again, path), path)
    below = relative(os.path.dirname(path) or ".")  # noqa: PTH120 - a name as the user wrote it

    def name_file(file: str) -> str:
        return _ALONE if file == path else below(file)

    return Files(harvest([path], context), context, name_file, partial(_read_again, os.path.dirname(path), alone=path))  # noqa: PTH120


_ALONE = ""
"""The name of the only file of a state, so that two files with different names are compared."""


def _read_again(root: str, name: str, alone: str | None = None) -> str | None:
    """Return the text of a file below a folder, or a digest of its bytes if it is not text.

    None if it cannot be read again. `alone` is the path of a file that has no name of its own in the state.
    """
    from ...sources.files.files import file_text
    from ...sources.reading.files import limit_reading

    path = alone if name == _ALONE else os.path.join(root, name)  # noqa: PTH118 - names of files here
    if path is None or path == STANDARD_INPUT:
        return None
    with limit_reading([path if name == _ALONE else root]):
        try:
            return file_text(path)
        except UnreadableError:
            return _digest_of(path)


def _digest_of(path: str) -> str | None:
    from hashlib import sha256

    from ...sources.files.files import chunks_of

    digest = sha256()
    try:
        for chunk in chunks_of(path):
            digest.update(chunk)
    except UnreadableError:
        return None
    return digest.hexdigest()


def _of_revisions(arguments: argparse.Namespace, context: Context) -> Comparison:
    from ...sources.check.baseline import new_owners
    from ...sources.check.differences import comparison_of
    from .base.revisions import Repository
    from .change import Change

    repository = Repository.here()
    paths = [repository.inside(path) for path in arguments.paths or ["."]]
    before, after = repository.range_of(arguments.git)
    with repository.laid_out(before) as old, _laid_out(repository, after) as new:
        present = [[path for path in paths if os.path.lexists(one.folder / path)] for one in (old, new)]
        for path in paths:
            if not any(path in one for one in present):
                raise InputError(f"nothing to compare: `{path}` is neither in `{arguments.git}` nor here")
        contexts = [_trusting(context, arguments, one.folder, Path.cwd()) for one in (old, new)]
        states = [_state_in(*one) for one in zip((old, new), present, contexts, strict=True)]
        names = (before.name, "the files here" if after is None else after.name)
        # Compare while the files exist: an unjudged item is the same only if its text is the same in both states.
        found = comparison_of(states[0], states[1], names)
        change = Change(repository, before, after, old, new)
        remarks = change.remarks(present[1], arguments, states[1].context, states[1].harvest)
        owners = new_owners(states[0].harvest, states[1].harvest, states[1].context)
        return replace(found, remarks=(*found.remarks, *owners, *remarks))


def _laid_out(repository: Repository, revision: Revision | None) -> AbstractContextManager[Laid]:
    from .base.revisions import Laid

    return nullcontext(Laid(Path.cwd(), repository.top)) if revision is None else repository.laid_out(revision)


def _state_in(laid: Laid, paths: list[str], context: Context) -> Files:
    """Return the state of the files below a folder, by their names relative to the working folder."""
    from ...sources.check.changed import Files
    from ...sources.formats.dispatch import harvest

    here = Path.cwd()
    with chdir(laid.folder):
        there = relocate(context, here)
        found = harvest(paths, there) if paths else NOTHING
    left = tuple(skipped for skipped in laid.left if any(Path(skipped.file).is_relative_to(path) for path in paths))
    found = replace(found, skipped=(*found.skipped, *left))
    return Files(found, there, os.path.normpath, partial(_read_again, str(laid.folder)), str(laid.folder))


def _trusting(context: Context, arguments: argparse.Namespace, root: Path, here: Path) -> Context:
    """Return the context with the register of the state in `root`, if the register is among its files.

    `here` is the folder of the state that the register on the command line belongs to.
    """
    if arguments.trust is None or root == here:
        return context
    path = Path(os.path.abspath(arguments.trust))  # noqa: PTH100 - a link stays a link
    if not path.is_relative_to(here):
        return context
    there = root / path.relative_to(here)
    try:
        trust = trust_in(str(there) if there.is_file() else None, arguments.members)
    except InputError as error:
        raise InputError(f"the register of the other state cannot be used: {error}") from None
    return replace(context, trust=trust)
