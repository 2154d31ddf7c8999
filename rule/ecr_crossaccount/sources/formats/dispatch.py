"""Choose the reader for a file by its content, not by its name.

The folder of a format in `READERS` is loaded only for a file with its mark. A document is read by the first of
`_DOCUMENTS` that knows it, and by every reader whose mark the file has.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import Protocol

from ...documents.json import BadJsonError
from ...memo import by_value
from ..files import bare
from ..files.files import (
    HCL_SUFFIXES,
    LOCKED,
    POINTER,
    SUFFIXES,
    TEMPLATE_SUFFIXES,
    TERRAGRUNT,
    TOO_DEEP,
    VALUE_SUFFIXES,
    File,
    chunks_of,
    file_text,
    is_dangling,
    is_program,
    is_saved_plan,
    is_script,
    paths_under,
    report_template,
    stand_in,
)
from ..files.included import asset_of, faults_of, included_by
from ..files.marks import (
    ANSIBLE,
    KUBERNETES,
    PULUMI,
    TOO_LONG,
    has_too_many_mentions,
    is_about_ecr,
    is_marked,
    may_be_ours,
    may_kustomize,
    mentions,
    names_registry_policy,
    seems_to_the_gate,
    shows,
    unread_scopes,
)
from ..files.strays import refusal, strays, without_too_long
from ..files.values.documents import documents_of
from ..files.values.nodes import Node
from ..found.context import Context
from ..found.found import NOT_READ, NOTHING, NOWHERE, Harvest, Location, Skipped, Unjudged, Unread, unread
from ..found.remarks import for_others, undeclared_errors
from ..reading.files import OUTSIDE, STANDARD_INPUT, UnreadableError, limit_reading, list_folder, note_refusal
from ..reading.yaml_events import BadYamlError
from . import programs
from .cloudformation import documents as cloudformation
from .cloudformation.nested import Exports
from .terraform import read as terraform

Reading = Callable[[Node], Harvest | None]
"""Returns what a document of a file holds, or None if it is of another kind."""


class Format(Protocol):
    """The module `read` of a format."""

    def reading(self, roots: tuple[Node, ...], file: File, context: Context, /) -> Reading:
        """Return the function that reads the documents of a file."""

    def read_as_text(self, file: File, context: Context, /) -> Harvest | None:
        """Return the result for a text that is not valid data, or None if there is nothing to report."""


def _ansible() -> Format:
    from .ansible import read

    return read


def _kubernetes() -> Format:
    from .kubernetes import read

    return read


def _pulumi() -> Format:
    from .pulumi import read

    return read


def _scripts() -> Format:
    from .scripts import read

    return read


@by_value
class Reader:
    """A format and its mark: in the text, or in a document of it, whose text may have the mark in another spelling."""

    load: Callable[[], Format]
    is_marked: Callable[[str], bool]
    is_shown: Callable[[Node], bool] = lambda _: False


READERS = (
    Reader(_ansible, lambda text: ANSIBLE in text),
    Reader(
        _kubernetes,
        lambda text: KUBERNETES.search(text) is not None or may_kustomize(text),
        lambda root: root.get("apiVersion") is not None,
    ),
    Reader(_pulumi, lambda text: PULUMI.search(text) is not None),
    Reader(_scripts, mentions),
)

_DOCUMENTS = (
    cloudformation.read_whole,
    lambda root, file, context, _exports: bare.read_bare(root, file, context),
    lambda root, file, context, _exports: terraform.read(root, file, context),
    cloudformation.read_inside,
)
"""Templates, policies alone, and plans and states. The first that knows a document reads it."""


def _all_readers(roots: tuple[Node, ...], file: File, context: Context) -> Reading:
    """Return a function that reads a document of a file with all readers. It returns None if none finds anything.

    `roots`: all documents of the file.
    """
    marked = [reader for reader in READERS if reader.is_marked(file.text) or any(map(reader.is_shown, roots))]
    readings = [reader.load().reading(roots, file, context) for reader in marked]

    def read(root: Node) -> Harvest | None:
        found = [part for one in readings if (part := one(root)) is not None]
        return Harvest.from_parts(found) if found else None

    return read


def _read_as_text(file: File, context: Context) -> Harvest | None:
    """Return the result for a text that is not valid data: a script, or a template that is not filled in yet."""
    found = [part for one in _marked_formats(file) if (part := one.read_as_text(file, context)) is not None]
    return Harvest.from_parts(found) if found else None


def _marked_formats(file: File) -> Iterator[Format]:
    return (reader.load() for reader in READERS if reader.is_marked(file.text))


NOT_OURS = "neither a template nor a plan nor a policy of ECR"
LEADS_NOWHERE = "a link that leads nowhere"
NOT_IN_BOUNDS = f"{OUTSIDE}, so it was not read: name a folder with it too"
_COUNTED = {
    NOT_READ: (NOT_READ, "{} files could not be read and do not mention ECR: this one is the first"),
    LEADS_NOWHERE: (LEADS_NOWHERE, "{} links that lead nowhere: this one is the first"),
    NOT_IN_BOUNDS: (
        NOT_IN_BOUNDS,
        f"{{}} files and folders are {OUTSIDE}, so not read: name a folder with them too; this one is the first",
    ),
    POINTER: (POINTER, "{} pointers of Git LFS, whose files are not here: run `git lfs pull`; this one is the first"),
    LOCKED: (LOCKED, "{} files encrypted by git-crypt: run `git-crypt unlock`; this one is the first"),
}
SAVED_PLAN = "a saved plan, which only Terraform can read: check the output of `terraform show -json`"
_OF_TEMPLATES = "AWS::ECR::"
ASSET = "an asset of the CDK: uploaded as it is, not deployed as a stack"


def harvest(paths: Iterable[str], context: Context) -> Harvest:
    """Return everything found under `paths`. A file that cannot be read does not stop the others.

    A template that another template nests is read only there, with the parameters that it gets.
    """
    paths, context = tuple(paths), context.of_run()
    with limit_reading(paths) as bounds:
        found = _harvest_paths(paths, context)
    told = {error.file for error in found.errors}
    outside = (Skipped(path, NOT_IN_BOUNDS, absent=True) for path in bounds.refused if path not in told)
    found = without_too_long(found, context)
    others = (skipped for skipped in found.skipped if skipped.file not in bounds.refused)
    return replace(found, skipped=tuple(_count_skipped_files((*others, *outside))))


def _harvest_paths(paths: tuple[str, ...], context: Context) -> Harvest:
    found_in = [one for path in paths for one in paths_under(path, context.exclude)]
    unlisted = tuple(one for one in found_in if isinstance(one, Unread))
    more = included_by(one[0] for one in found_in if isinstance(one, tuple) and one[1])
    found_in += [(path, False) for path in more.files]
    files, sources, excluded = _files(one for one in found_in if not isinstance(one, Unread))
    assets = dict.fromkeys(asset for name, named in files if not named for asset in [asset_of(name)] if asset)
    skipped = (*(Skipped(asset, ASSET) for asset in assets), *more.missing)
    files = [(name, named) for name, named in files if named or asset_of(name) is None]
    of_programs, files = _programs(files, sources, paths)
    exports = Exports([name for name, _ in files if name != STANDARD_INPUT], context.parameters)
    parts: list[tuple[str, bool, Harvest]] = []
    followed: set[str] = set()
    for name, named in files:
        if named or os.path.realpath(name) not in followed:
            part = _harvest(name, context, exports, named=named)
            followed.update(map(os.path.realpath, part.followed))
            parts.append((name, named, part))
    called = [path for _, _, part in parts for path in part.followed]
    parts += [("", True, part) for part in _sources(sources, context, called)]
    faults = tuple(Unread(name, None, fault) for name, _ in files for fault in faults_of(name))
    others = Harvest(skipped=(*skipped, *excluded), errors=(*unlisted, *faults))
    found = Harvest.from_parts([*_each_once(parts), of_programs, others])
    found += _callers(files, sources, found, context)
    declared = set(found.declares)
    return replace(
        found,
        errors=(*found.errors, *undeclared_errors(context, declared)),
        skipped=(*found.skipped, *for_others(context, declared)),
    )


def _count_skipped_files(skipped: Iterable[Skipped]) -> Iterator[Skipped]:
    """Yield the skipped files. Of the reasons in `_COUNTED`, yield only the first file, with the number of files."""
    alike: dict[str, dict[str, Skipped]] = {reason: {} for reason in _COUNTED}
    for one in skipped:
        if one.reason in alike:
            alike[one.reason].setdefault(one.file, one)
        else:
            yield one
    for reason, files in alike.items():
        if files:
            first, count = next(iter(files.values())), len(files)
            yield replace(first, reason=_COUNTED[reason][0] if count == 1 else _COUNTED[reason][1].format(count))


def _each_once(parts: list[tuple[str, bool, Harvest]]) -> Iterator[Harvest]:
    """Yield the parts, except those that another part has followed. If stacks nest each other, the first one stays."""
    followed = [path for _, _, part in parts for path in part.followed]
    nested = {os.path.realpath(path) for path in followed}
    outermost = [part for name, named, part in parts if named or os.path.realpath(name) not in nested]
    covered = {os.path.realpath(path) for part in outermost for path in part.followed}
    for name, named, part in parts:
        path = os.path.realpath(name)
        if named or path not in nested:
            yield part
        elif path not in covered:
            covered |= {os.path.realpath(text) for text in part.followed}
            yield part


Sources = dict[str, frozenset[str] | None]
"""Folders of Terraform sources. Only policies that depend on the files in the value are reported; None for all."""


def _files(
    found: Iterable[tuple[str, bool] | Skipped],
) -> tuple[list[tuple[str, bool]], Sources, tuple[Skipped, ...]]:
    """Return the files, each with whether the user named it, the Terraform folders, and the excluded files.

    The sources in a folder are one configuration, and each depends on all the others. If only single files are named,
    or some are excluded, the other files are still read as part of the folder.
    """
    files: dict[str, bool] = {}
    folders: Sources = {}
    found = list(found)
    own = {one for one in found if not isinstance(one, Skipped)}
    excluded = {one.file: one for one in found if isinstance(one, Skipped) and (one.file, True) not in own}
    for name, named in (one for one in found if not isinstance(one, Skipped)):
        if name.lower().endswith(HCL_SUFFIXES):
            _add_source(folders, name, named=named)
        else:
            files[name] = named or files.get(name, False)
    return _each_file_once(files), _exclude_files(folders, excluded), tuple(excluded.values())


def _each_file_once(files: dict[str, bool]) -> list[tuple[str, bool]]:
    """Return each file once, even if links or other spellings of its path name it too. A named file stays named."""
    found: dict[str, tuple[str, bool]] = {}
    for name, named in files.items():
        one = name if name == STANDARD_INPUT else os.path.realpath(name)
        first, before = found.get(one, (name, False))
        found[one] = (first, named or before)
    return list(found.values())


def _add_source(folders: Sources, name: str, *, named: bool) -> None:
    folder = os.path.dirname(name)  # noqa: PTH120 - keeps `./a` as the user wrote it
    others = folders.get(folder, frozenset())
    alone = named and not name.lower().endswith(VALUE_SUFFIXES)
    folders[folder] = others | {name} if alone and others is not None else None


def _exclude_files(folders: Sources, left: Collection[str]) -> Sources:
    """Return the folders. For a folder with an excluded file, list the other files explicitly."""
    cut = {os.path.dirname(name) for name in left if name.lower().endswith(HCL_SUFFIXES)}  # noqa: PTH120 - the same reason
    return {
        folder: _others(folder, left) if names is None and folder in cut else names for folder, names in folders.items()
    }


def _others(folder: str, left: Collection[str]) -> frozenset[str]:
    """Return the sources in a folder, except those that are excluded."""
    names = (os.path.join(folder, text) for text in list_folder(folder))  # noqa: PTH118 - the same reason
    return frozenset(name for name in names if name.lower().endswith(HCL_SUFFIXES) and name not in left)


def _programs(
    files: list[tuple[str, bool]], sources: Sources, paths: Iterable[str]
) -> tuple[Harvest, list[tuple[str, bool]]]:
    """Return what programs make, and the remaining files. A program that makes nothing stays if the user named it."""
    written = [file for file in files if is_program(file[0])]
    found, making = programs.read(written, [name for name, _ in files], sources, paths)
    settled = {(name, named) for name, named in written if name in making or not named}
    return found, [file for file in files if file not in settled]


def _sources(folders: Sources, context: Context, called: list[str]) -> list[Harvest]:
    if not folders:
        return []
    from .hcl.read import read as read_sources

    return [read_sources(folders, context, called)]


def _callers(files: list[tuple[str, bool]], folders: Sources, found: Harvest, context: Context) -> Harvest:
    """Return what gives values to the variables of Terraform's configurations, and is not read."""
    if not folders:
        return NOTHING
    from .callers import read as read_callers

    return read_callers([name for name, _ in files], folders, found.policies, context)


def _harvest(name: str, context: Context, exports: Exports, *, named: bool) -> Harvest:
    """Return what a file holds. A file that the user did not name is read only if it may be about ECR."""
    if not named and (is_dangling(name) or note_refusal(name) is not None):
        return Harvest(skipped=(Skipped(name, LEADS_NOWHERE),)) if is_dangling(name) else NOTHING
    try:
        if is_saved_plan(name, named=named):
            return unread(name, SAVED_PLAN) if named else Harvest(unjudged=(Unjudged(name, 1, 1, "plan", SAVED_PLAN),))
        if not named:
            chunks = chunks_of(name)
            head = next(chunks, b"")
            if why := stand_in(head):
                return Harvest(skipped=(Skipped(name, why, absent=True),))
            # A Terragrunt unit may call a module that creates ECR resources without mentioning ECR itself.
            if not (name.lower().endswith(TERRAGRUNT) or shows(chain((head,), chunks), may_be_ours)):
                return NOTHING
        file = File(name, file_text(name, named=named), named)
    except UnreadableError as error:
        about_ecr = named or error.is_sure or shows(chunks_of(name), is_about_ecr)
        skipped = Harvest(skipped=(Skipped(name, NOT_READ),))
        return unread(name, str(error), registry=_registry_of_unreadable(name)) if about_ecr else skipped
    here = context.for_path(name)
    return read_file(file, here, exports).owned_by(here.account).deployed_with(name)


def read_file(file: File, context: Context, exports: Exports | None = None) -> Harvest:
    """Return what a file holds. `exports`: the exports that its stacks can import.

    In a file that the user did not name, a fault is an error only if the file is about ECR.
    """
    try:
        found = _read(file, context, exports)
    except RecursionError:
        found = unread(file.name, TOO_DEEP, registry=_registry_in(file))
    found += Harvest(scopes=unread_scopes(file.text, found.scopes))
    if file.named or not found.errors or is_about_ecr(file.text):
        return found
    others = tuple(error for error in found.errors if error.file != file.name)
    return replace(found, errors=others, skipped=(*found.skipped, Skipped(file.name, NOT_READ)))


def _read(file: File, context: Context, exports: Exports | None) -> Harvest:
    without = _not_data(file, context)
    if without is not None:
        return without
    try:
        roots = documents_of(file.name, file.text)
    except (BadJsonError, BadYamlError) as error:
        broken = unread(file.name, f"{error}{_kinds(file)}", error.line, _registry_in(file))
        said = _read_as_text(file, context)
        if said is None:
            return broken
        # A damaged file may hold more than a reader reports that finds nothing in its text.
        is_lost = any(one.read_as_text(file, context) is None for one in _marked_formats(file))
        return said + broken if _OF_TEMPLATES in file.text or is_lost else said
    other = _all_readers(roots, file, context)
    parts: list[Harvest | None] = []
    for root in roots:
        parts.append(next((part for read in _DOCUMENTS if (part := read(root, file, context, exports))), None))
        parts.append(other(root))
    known = [part for part in (parts if any(parts) else [strays(root, file) for root in roots]) if part]
    if known or not file.named:
        return Harvest.from_parts(known)
    seems = seems_to_the_gate(file.text)
    return Harvest(skipped=(Skipped(file.name, f"{NOT_OURS}{seems and f'; {seems}'}"),))


def _kinds(file: File) -> str:
    """Return a hint at the supported kinds of files, if the user names a file with an unknown suffix."""
    is_data = not file.named or file.name == STANDARD_INPUT or file.name.lower().endswith(SUFFIXES)
    return "" if is_data else "; docs/check.md lists the kinds of files that `check` reads"


def _not_data(file: File, context: Context) -> Harvest | None:
    """Return the result for a file that is not read as data, or None for a data file."""
    name = file.name.lower()
    if not file.text.strip():
        return unread(file.name, "empty") if file.named else NOTHING
    if has_too_many_mentions(file.text):
        return unread(file.name, TOO_LONG, registry=_registry_in(file))
    if name.endswith(TERRAGRUNT) or (file.named and not name.endswith(SUFFIXES)):
        hcl = _hcl(file, context)
        if hcl is not None:
            return hcl
    if is_script(file) or (not file.named and name.endswith(TEMPLATE_SUFFIXES)):
        return _read_as_text(file, context) or report_template(file)
    if not (file.named or is_marked(file.text) or any(reader.is_marked(file.text) for reader in READERS)):
        return NOTHING
    mistaken = terraform.mistaken(file.text) or refusal(file.text)
    return None if mistaken is None else unread(file.name, mistaken, 1, _registry_in(file))


def _registry_of_unreadable(name: str) -> Location | None:
    """Return where a registry policy may be deployed that a file that cannot be read as text may hold."""
    try:
        return NOWHERE if shows(chunks_of(name), names_registry_policy) else None
    except UnreadableError:
        return None


def _registry_in(file: File) -> Location | None:
    """Return where a registry policy in an unreadable file may be deployed, or None if the file names none."""
    return NOWHERE if names_registry_policy(file.text) else None


def _hcl(file: File, context: Context) -> Harvest | None:
    """Return what an HCL file holds whose suffix is not that of a Terraform source. None for any other file."""
    from .hcl.read import looks_like_source, read_alone
    from .terragrunt.read import read_unit

    if file.name.lower().endswith(TERRAGRUNT):
        return read_unit(file, context)
    return read_alone(file, context) if looks_like_source(file.text) else None
