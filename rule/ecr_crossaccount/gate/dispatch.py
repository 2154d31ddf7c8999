"""Which reader a file is for: decided by what it holds, not by its name."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

from ..reading.files import STANDARD_INPUT, UnreadableError
from . import policies, programs, readers
from .cloudformation.assembly import asset_of, environment_of, faults_of
from .cloudformation.exports import Exports
from .cloudformation.fragments import fragments
from .cloudformation.nested import output_of
from .cloudformation.read import read as read_template
from .cloudformation.template import Template, is_template
from .context import Context
from .declared import for_others, undeclared
from .files import (
    HCL_SUFFIXES,
    LOCKED,
    POINTER,
    SUFFIXES,
    TEMPLATE_SUFFIXES,
    TERRAGRUNT,
    VALUE_SUFFIXES,
    File,
    chunks_of,
    is_dangling,
    is_saved_plan,
    is_script,
    paths_under,
    stand_in,
    text_of,
)
from .found import NOT_READ, NOTHING, NOWHERE, Harvest, Location, Skipped, Unjudged, Unread, unread
from .marks import is_about_ecr, is_marked, may_be_ours, names_registry_policy, shows
from .mistaken import seems_to_the_gate
from .scripts.unread_scopes import unread_scopes
from .strays import strays
from .templates import unfilled
from .terraform import read as terraform
from .values.documents import documents_inside, documents_of
from .values.json_nodes import BadJsonError
from .values.nodes import Node
from .values.yaml_nodes import BadYamlError

NOT_OURS = "neither a template nor a plan nor a policy of ECR"
LEADS_NOWHERE = "a link that leads nowhere"
_COUNTED = {
    NOT_READ: (NOT_READ, "{} files could not be read and do not mention ECR: this one is the first"),
    LEADS_NOWHERE: (LEADS_NOWHERE, "{} links that lead nowhere: this one is the first"),
    POINTER: (POINTER, "{} pointers of Git LFS, whose files are not here: run `git lfs pull`; this one is the first"),
    LOCKED: (LOCKED, "{} files encrypted by git-crypt: run `git-crypt unlock`; this one is the first"),
}
SAVED_PLAN = "a saved plan, which only Terraform can read: check the output of `terraform show -json`"
_OF_TEMPLATES = "AWS::ECR::"
ASSET = "an asset of the CDK: uploaded as it is, not deployed as a stack"


def harvest(paths: Iterable[str], context: Context) -> Harvest:
    """Return everything under `paths`; a file that cannot be read does not keep the others from it.

    A template that another one nests is read there, with the parameters that it gets, and not a second time.
    """
    paths = tuple(paths)
    found_in = [one for path in paths for one in paths_under(path, context.exclude)]
    unlisted = tuple(one for one in found_in if isinstance(one, Unread))
    files, sources, excluded = _files(one for one in found_in if not isinstance(one, Unread))
    assets = dict.fromkeys(asset for name, named in files if not named for asset in [asset_of(name)] if asset)
    skipped = tuple(Skipped(asset, ASSET) for asset in assets)
    files = [(name, named) for name, named in files if named or asset_of(name) is None]
    of_programs, files = _programs(files, sources, paths)
    exports = Exports([name for name, _ in files if name != STANDARD_INPUT], context.parameters)
    parts = [(name, named, part) for name, named in files for part in [_harvest(name, context, exports, named=named)]]
    parts += [
        ("", True, part)
        for part in _sources(sources, context, [path for _, _, part in parts for path in part.followed])
    ]
    faults = tuple(Unread(name, None, fault) for name, _ in files for fault in faults_of(name))
    found = Harvest.of(
        [*_each_once(parts), of_programs, Harvest(skipped=(*skipped, *excluded), errors=(*unlisted, *faults))]
    )
    declared = set(found.declares)
    return replace(
        found,
        errors=(*found.errors, *undeclared(context, declared)),
        skipped=(*_counted(found.skipped), *for_others(context, declared)),
    )


def _counted(skipped: Iterable[Skipped]) -> Iterator[Skipped]:
    """Yield what is skipped; of files that matter to nobody here only the first, and how many there are."""
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
    """Yield the parts without those that another part has followed; of stacks that nest each other, the first stays."""
    followed = [path for _, _, part in parts for path in part.followed]
    nested = {os.path.realpath(path) for path in followed}
    outermost = [part for name, named, part in parts if named or os.path.realpath(name) not in nested]
    covered = {os.path.realpath(path) for part in outermost for path in part.followed}
    for name, named, part in parts:
        path = os.path.realpath(name)
        if named or path not in nested:
            yield part
        elif path not in covered:
            covered |= {os.path.realpath(one) for one in part.followed}
            yield part


Sources = dict[str, frozenset[str] | None]
"""Folders of Terraform's sources, each with the files that policies are told of; None for all of them."""


def _files(
    found: Iterable[tuple[str, bool] | Skipped],
) -> tuple[list[tuple[str, bool]], Sources, tuple[Skipped, ...]]:
    """Return the files, each with whether it was named itself, Terraform's folders, and what is excluded.

    The sources in a folder are one configuration: what one of them says depends on all of them. Where single files
    are named, or excluded, the others stand with their folder.
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
    return _each_file_once(files), _without(folders, excluded), tuple(excluded.values())


def _each_file_once(files: dict[str, bool]) -> list[tuple[str, bool]]:
    """Return the files without those that others are too, by a link or in other words; one that is named stays so."""
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


def _without(folders: Sources, left: Collection[str]) -> Sources:
    """Return the folders, those of which a file is excluded with the others alone."""
    cut = {os.path.dirname(name) for name in left if name.lower().endswith(HCL_SUFFIXES)}  # noqa: PTH120 - likewise
    return {
        folder: _others(folder, left) if names is None and folder in cut else names for folder, names in folders.items()
    }


def _others(folder: str, left: Collection[str]) -> frozenset[str]:
    """Return the sources in a folder but for those that are left out."""
    names = (os.path.join(folder, one.name) for one in Path(folder).iterdir())  # noqa: PTH118 - likewise
    return frozenset(name for name in names if name.lower().endswith(HCL_SUFFIXES) and name not in left)


def _programs(
    files: list[tuple[str, bool]], sources: Sources, paths: Iterable[str]
) -> tuple[Harvest, list[tuple[str, bool]]]:
    """Return what programs make, and the other files: a program that the user names and that makes nothing, too."""
    written = [one for one in files if programs.is_program(one[0])]
    found, making = programs.read(written, [name for name, _ in files], sources, paths)
    return found, [
        (name, named) for name, named in files if name not in making and (named or not programs.is_program(name))
    ]


def _sources(folders: Sources, context: Context, called: list[str]) -> list[Harvest]:
    if not folders:
        return []
    from .hcl.read import read as read_sources

    return [read_sources(folders, context, called)]


def _harvest(name: str, context: Context, exports: Exports, *, named: bool) -> Harvest:
    """Return what a file holds. One of a folder is read only if it shows that it may be of ours."""
    if not named and is_dangling(name):
        return Harvest(skipped=(Skipped(name, LEADS_NOWHERE),))
    try:
        if is_saved_plan(name, named=named):
            return unread(name, SAVED_PLAN) if named else Harvest(unjudged=(Unjudged(name, 1, 1, "plan", SAVED_PLAN),))
        if not named:
            chunks = chunks_of(name)
            head = next(chunks, b"")
            if why := stand_in(head):
                return Harvest(skipped=(Skipped(name, why, absent=True),))
            # A unit of Terragrunt's calls a module that may make something of ECR without a word of it.
            if not (name.lower().endswith(TERRAGRUNT) or shows(chain((head,), chunks), may_be_ours)):
                return NOTHING
        file = File(name, text_of(name, named=named), named)
    except UnreadableError as error:
        about_ecr = named or error.is_sure or shows(chunks_of(name), is_about_ecr)
        of_registry = NOWHERE if about_ecr and _mentions_registry(name) else None
        return (
            unread(name, str(error), registry=of_registry) if about_ecr else Harvest(skipped=(Skipped(name, NOT_READ),))
        )
    here = context.at(name)
    return read_file(file, here, exports).owned_by(here.account).deployed_with(name)


def read_file(file: File, context: Context, exports: Exports | None = None) -> Harvest:
    """Return what a file holds; `exports`: what its stacks can import.

    What is wrong with a file of a folder is an error only if it is about ECR.
    """
    found = _read(file, context, exports)
    found += Harvest(scopes=unread_scopes(file.text, found.scopes))
    if file.named or not found.errors or is_about_ecr(file.text):
        return found
    others = tuple(one for one in found.errors if one.file != file.name)
    return replace(found, errors=others, skipped=(*found.skipped, Skipped(file.name, NOT_READ)))


def _read(file: File, context: Context, exports: Exports | None) -> Harvest:
    without = _not_data(file, context)
    if without is not None:
        return without
    try:
        roots = documents_of(file.name, file.text)
    except (BadJsonError, BadYamlError) as error:
        broken = unread(file.name, f"{error}{_kinds(file)}", error.line, _registry_in(file))
        said = readers.unrendered(file, context)
        if said is None:
            return broken
        return said + broken if _OF_TEMPLATES in file.text or readers.is_lost(file, context) else said
    other = readers.reading(roots, file, context)
    parts = [part for root in roots for part in (_document(root, file, context, exports), other(root))]
    known = [part for part in parts if part is not None] or [
        part for root in roots for part in [strays(root, file)] if part is not None
    ]
    return Harvest.of(known) if known or not file.named else Harvest(skipped=(Skipped(file.name, _not_ours(file)),))


def _not_ours(file: File) -> str:
    """Say that a file that the user names is nothing that is judged here, and what it seems to be."""
    found = seems_to_the_gate(file.text)
    return f"{NOT_OURS}{found and f'; {found}'}"


def _kinds(file: File) -> str:
    """Say where to read which files are data, of one that the user names and whose name promises none."""
    is_data = not file.named or file.name == STANDARD_INPUT or file.name.lower().endswith(SUFFIXES)
    return "" if is_data else "; docs/gate.md lists the kinds of files that `check` reads"


def _not_data(file: File, context: Context) -> Harvest | None:
    """Return what to say of a file that is not read as data; None for one that is."""
    name = file.name.lower()
    if not file.text.strip():
        return unread(file.name, "empty") if file.named else NOTHING
    if name.endswith(TERRAGRUNT) or (file.named and not name.endswith(SUFFIXES)):
        hcl = _hcl(file, context)
        if hcl is not None:
            return hcl
    if is_script(file) or (not file.named and name.endswith(TEMPLATE_SUFFIXES)):
        return readers.unrendered(file, context) or unfilled(file)
    if not (file.named or is_marked(file.text) or readers.is_marked(file.text)):
        return NOTHING
    mistaken = terraform.mistaken(file.text)
    return None if mistaken is None else unread(file.name, mistaken, 1, _registry_in(file))


def _mentions_registry(name: str) -> bool:
    """Tell whether a file that cannot be read as text may hold the policy of a registry."""
    try:
        return shows(chunks_of(name), names_registry_policy)
    except UnreadableError:
        return False


def _registry_in(file: File) -> Location | None:
    """Return where the policy of a registry may be deployed that a file may hold which cannot be read."""
    return NOWHERE if names_registry_policy(file.text) else None


def _hcl(file: File, context: Context) -> Harvest | None:
    """Return what a file of HCL comes to that is no source by its name; None for any other file."""
    from .hcl.alone import looks_like_source, read_alone
    from .terragrunt.read import read_unit

    if file.name.lower().endswith(TERRAGRUNT):
        return read_unit(file, context)
    return read_alone(file, context) if looks_like_source(file.text) else None


Deployed = Callable[[Node], Template]
"""Makes of an object a template with what is known of its deployment."""


def _document(root: Node, file: File, context: Context, exports: Exports | None) -> Harvest | None:
    """Return what one document of a file holds, None if it is nothing of ours."""

    def deployed(one: Node) -> Template:
        return _deployed(one, file, context, exports)

    if is_template(root):
        return read_template(deployed(root))
    for reader in (policies.read, terraform.read):
        found = reader(root, file, context)
        if found is not None:
            return found
    printed = _printed_template(root, file, deployed)
    return _fragments(root, file, deployed) if printed is None else printed


def _printed_template(root: Node, file: File, deployed: Deployed) -> Harvest | None:
    """Return what a template holds that `aws cloudformation get-template` prints as a text; None if there is none."""
    body = root.get("TemplateBody")
    if body is None or body.text is None:
        return None
    try:
        roots = [one for one in documents_inside(body.text, body) if is_template(one)]
    except (BadJsonError, BadYamlError) as error:
        return unread(file.name, f"its TemplateBody is {error}", body.line)
    return Harvest.of(read_template(deployed(one)) for one in roots) if roots else None


def _fragments(root: Node, file: File, deployed: Deployed) -> Harvest | None:
    """Return what parts of templates hold that stand in a file of another kind; None if there are none."""
    found = fragments(root) if "AWS::" in file.text else ()
    parts = [read_template(replace(deployed(one), outer=root)) for one in found]
    return Harvest.of(parts) if parts else None


def _deployed(root: Node, file: File, context: Context, exports: Exports | None) -> Template:
    """Return a template with what is known of its deployment: from the CDK's manifest, and from the user."""
    where = environment_of(file.name)
    given = {name: Node(value) for name, value in {**where.parameters, **context.parameters}.items()}
    account, region = where.account or context.account, where.region or context.region
    differs = where.account and context.account and where.account != context.account
    notes = (f"the CDK deploys it into {where.account}, not into {context.account}",) if differs else ()
    return Template(
        file.name, file.text, root, output_of, given, account=account, region=region, notes=notes, exports=exports
    )
