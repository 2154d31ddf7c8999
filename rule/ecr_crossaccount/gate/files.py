"""Files as text: found under what the user names, read once, each failure with its reason."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import in_our_words
from ..reading import files
from ..reading.files import STANDARD_INPUT, UnreadableError
from .exclusions import Exclusion, excluded_by
from .found import Skipped, Unread

LARGEST_FILE = 64 * 1_048_576
"""Bytes; CloudFormation takes templates of at most 1 MB, a plan of thousands of resources has some 30."""

_ZIP = b"PK\x03\x04"
_PLAN_ENTRY, _ENTRY_HEADER = b"tfplan", 64
"""What Terraform calls the first file in the ZIP of a plan, and the bytes in which that name is.

https://github.com/hashicorp/terraform/blob/main/internal/plans/planfile/writer.go
"""
_CHUNK = 1_048_576
"""Bytes that are looked at together."""

POINTER = "a pointer of Git LFS, whose file is not here: run `git lfs pull`"
LOCKED = "encrypted by git-crypt: run `git-crypt unlock`"
_STAND_INS = {b"version https://git-lfs.github.com/spec/": POINTER, b"\0GITCRYPT\0": LOCKED}
"""How files begin that a checkout has in place of others.

https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
https://github.com/AGWA/git-crypt/blob/master/commands.cpp
"""

VALUE_SUFFIXES = (".tfvars", ".tfvars.json")
HCL_SUFFIXES = (".tf", ".tf.json", ".tofu", ".tofu.json", *VALUE_SUFFIXES)
"""The endings of Terraform's sources and of the values of their variables."""

TERRAGRUNT = (".hcl", ".hcl.json")
"""The endings of the files in which Terragrunt says what a module is given, `terragrunt.hcl` and `root.hcl`."""

TEMPLATE_SUFFIXES = (
    *(".tpl", ".gotmpl", ".tmpl", ".j2", ".jinja", ".jinja2", ".erb", ".mustache", ".hbs"),
    *(".jsonnet", ".libsonnet"),
)
"""The endings of files that a program fills in: only what they make is data."""

SCRIPT_SUFFIXES = (".sh", ".bash", ".zsh", ".ksh", ".mk", ".ps1", ".psm1", ".bat", ".cmd", ".groovy")
SCRIPT_NAMES = ("makefile", "gnumakefile", "dockerfile", "containerfile", "jenkinsfile", "justfile")
"""The endings and beginnings of the names of scripts."""

PROGRAM_SUFFIXES = (
    *(".py", ".ts", ".mts", ".cts", ".tsx", ".js", ".mjs", ".cjs", ".jsx"),
    *(".java", ".kt", ".scala", ".go", ".cs", ".fs", ".vb"),
)
"""The endings of programs in the languages of the AWS CDK and of Pulumi."""

_OF_OTHERS = frozenset({"site-packages", "dist-packages", "vendor", "bower_components"})
"""Folders in which the programs are installed ones."""

PLAN_SUFFIX = ".tfplan"
SUFFIXES = (
    *TERRAGRUNT,
    *(
        ".json",
        ".jsonc",
        ".json5",
        ".yaml",
        ".yml",
        ".template",
        ".cfn",
        ".tf",
        ".tofu",
        ".tfvars",
        ".tfstate",
        PLAN_SUFFIX,
    ),
    *TEMPLATE_SUFFIXES,
    *SCRIPT_SUFFIXES,
)
"""The endings of what is looked at in a folder, besides programs; a file that is named is, whatever its name."""

_NOWHERE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})
"""What following a link ends with that leads nowhere."""

_NOT_ENTERED = frozenset(
    {".git", ".hg", ".svn", ".terraform", ".terragrunt-cache", ".venv", ".tox", "node_modules", "__pycache__"}
)


@dataclass(frozen=True, slots=True)
class File:
    """A file's text; `named`: whether the user named the file itself, and not a folder that it is in."""

    name: str
    text: str
    named: bool


def is_script(file: File) -> bool:
    """Tell whether a file is a script, by its name or its first line."""
    name = os.path.basename(file.name).lower()  # noqa: PTH119 - a name as the user wrote it
    return name.endswith(SCRIPT_SUFFIXES) or name.startswith(SCRIPT_NAMES) or file.text.startswith("#!")


def paths_under(path: str, exclude: tuple[Exclusion, ...] = ()) -> Iterator[tuple[str, bool] | Skipped | Unread]:
    """Yield the files that `path` names, each with whether it was named itself; a folder's in order, links followed.

    What of a folder is to be excluded comes as skipped; what the user names himself never is. A folder of which nobody
    can tell what is in it comes as unread.
    """
    if path == STANDARD_INPUT or not os.path.isdir(path):  # noqa: PTH112 - Path's raises where it may not be asked
        yield path, True
        return
    seen: set[tuple[int, int]] = set()
    _is_new(Path(path), seen)
    unlisted: list[OSError] = []
    for folder, folders, names in os.walk(path, onerror=unlisted.append, followlinks=True):
        # os.path.join keeps `./a` as the user wrote it.
        found = {os.path.join(folder, name): name for name in sorted(folders) if name not in _NOT_ENTERED}  # noqa: PTH118
        left = {one: by for one in found for by in [excluded_by(exclude, one, folder=True)] if by}
        folders[:] = [name for one, name in found.items() if one not in left and _is_new(Path(one), seen)]
        yield from (_excluded(f"{one}/", by) for one, by in left.items())
        for name in sorted(names):
            one = os.path.join(folder, name)  # noqa: PTH118 - likewise
            if _is_looked_at(one, folder[len(path) :]):
                by = excluded_by(exclude, one, folder=False)
                yield _excluded(one, by) if by else (one, False)
    yield from (Unread(str(error.filename or path), None, in_our_words(error)) for error in unlisted)


def _is_looked_at(path: str, below: str) -> bool:
    """Tell whether a file of a folder is looked at; `below`: where it is, from the folder that the user names."""
    name = os.path.basename(path).lower()  # noqa: PTH119 - a name as the user wrote it
    if name.endswith(PROGRAM_SUFFIXES):
        return _OF_OTHERS.isdisjoint(Path(below).parts)
    if name.endswith(SUFFIXES) or name.startswith(SCRIPT_NAMES):
        return True
    try:
        return is_saved_plan(path, named=False)
    except UnreadableError:
        return False


def _excluded(name: str, by: tuple[str, ...]) -> Skipped:
    return Skipped(name, f"excluded by `{by[0]}`", excluded_by=by)


def _is_new(folder: Path, seen: set[tuple[int, int]]) -> bool:
    """Tell whether a folder is visited for the first time: a link may lead back to where it stands."""
    try:
        status = folder.stat()
    except OSError:
        return True  # it cannot be entered either, and that is told
    identity = (status.st_dev, status.st_ino)
    if identity in seen:
        return False
    seen.add(identity)
    return True


def text_of(path: str, *, named: bool = False) -> str:
    """Return the text of a file; `named`: whether the user named it. Raises UnreadableError."""
    try:
        return (files.text_named_or_input if named or path == STANDARD_INPUT else files.text_found)(path, LARGEST_FILE)
    except files.BinaryError:
        raise UnreadableError(
            "binary, not text; for a Terraform plan, give the output of `terraform show -json`"
        ) from None


def chunks_of(path: str) -> Iterator[bytes]:
    """Yield the bytes of a file of a folder, some at a time. Raises UnreadableError."""
    with files.found(path) as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def is_saved_plan(path: str, *, named: bool) -> bool:
    """Tell whether a file is a plan as `terraform plan -out` saves it, a ZIP. Raises UnreadableError.

    It may have any name with `plan` in it. In a folder, under a name with another ending, the ZIP has to begin with the
    plan: other files are called `plan`, too. A pipe is none, for it is read once.
    """
    name = os.path.basename(path).lower()  # noqa: PTH119 - a name as the user wrote it
    if "plan" not in name or not os.path.isfile(path):  # noqa: PTH113 - likewise
        return False
    head = next(chunks_of(path), b"")
    return head.startswith(_ZIP) and (named or name.endswith(PLAN_SUFFIX) or _PLAN_ENTRY in head[:_ENTRY_HEADER])


def stand_in(head: bytes) -> str | None:
    """Return why a file that begins so is not the one that is meant, None if it is: its content is elsewhere."""
    return next((why for begins, why in _STAND_INS.items() if head.startswith(begins)), None)


def is_dangling(path: str) -> bool:
    """Tell whether a path is a link to what is not there; one to what may not be seen is none."""
    if not os.path.islink(path):  # noqa: PTH114 - Path's raises where it may not be asked
        return False
    try:
        os.stat(path)  # noqa: PTH116 - a name as the user wrote it
    except OSError as error:
        return error.errno in _NOWHERE
    return False
