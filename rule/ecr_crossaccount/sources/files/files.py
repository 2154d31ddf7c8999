"""Files as text: found under the paths that the user names, read once, each failure with its reason.

Of a file that a program fills in before it is data, `check` reports that it makes an ECR policy, not which one.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from pathlib import Path
from time import thread_time
from typing import TYPE_CHECKING

from ...documents.json import place_in
from ...errors import in_our_words
from ...memo import by_value
from ..found.context import Exclusion, excluded_by
from ..found.found import NOTHING, Harvest, Skipped, Unjudged, Unread
from ..reading import files
from ..reading.files import STANDARD_INPUT, UnreadableError, note_refusal, refusal, refusal_of_named

if TYPE_CHECKING:
    from tree_sitter import Node, Parser


LARGEST_FILE = 64 * 1_048_576
"""In bytes. CloudFormation takes templates of at most 1 MB. A plan with thousands of resources has about 30 MB."""

_ZIP = b"PK\x03\x04"
_PLAN_ENTRY, _ENTRY_HEADER = b"tfplan", 64
"""The name of the first file in the ZIP of a saved plan, and the number of leading bytes that contain this name.

https://github.com/hashicorp/terraform/blob/main/internal/plans/planfile/writer.go
"""
_CHUNK = 1_048_576
"""The number of bytes that are searched at once."""
_FIRST_LINE = 512
"""The number of bytes in which a script names the program that runs it."""

POINTER = "a pointer of Git LFS, whose file is not here: run `git lfs pull`"
LOCKED = "encrypted by git-crypt: run `git-crypt unlock`"
_STAND_INS = {b"version https://git-lfs.github.com/spec/": POINTER, b"\0GITCRYPT\0": LOCKED}
"""The first bytes of files that a checkout has in place of the real ones.

https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
https://github.com/AGWA/git-crypt/blob/master/commands.cpp
"""

VALUE_SUFFIXES = (".tfvars", ".tfvars.json")
HCL_SUFFIXES = (".tf", ".tf.json", ".tofu", ".tofu.json", *VALUE_SUFFIXES)
"""The suffixes of Terraform's sources and of files with values for their variables."""

TERRAGRUNT = (".hcl", ".hcl.json")
"""The suffixes of the files that configure a Terragrunt unit, such as `terragrunt.hcl` and `root.hcl`."""

TEMPLATE_SUFFIXES = (
    *(".tpl", ".gotmpl", ".tmpl", ".j2", ".jinja", ".jinja2", ".erb", ".mustache", ".hbs"),
    *(".jsonnet", ".libsonnet"),
)
"""The suffixes of files that a program fills in. Only the result is data."""

SCRIPT_SUFFIXES = (".sh", ".bash", ".zsh", ".ksh", ".fish", ".mk", ".ps1", ".psm1", ".bat", ".cmd", ".groovy")
SCRIPT_NAMES = ("makefile", "gnumakefile", "dockerfile", "containerfile", "jenkinsfile", "justfile")
"""Scripts: the suffixes above, and the beginnings of file names."""

PROGRAM_SUFFIXES = (
    *(".py", ".ts", ".mts", ".cts", ".tsx", ".js", ".mjs", ".cjs", ".jsx"),
    *(".java", ".kt", ".scala", ".go", ".cs", ".fs", ".vb"),
)
"""The suffixes of programs in the languages of the AWS CDK and of Pulumi."""

_SHELLS = frozenset({"sh", "bash", "zsh", "ksh", "mksh", "dash", "ash", "fish", "pwsh", "make", "just"})
_LANGUAGES = frozenset({"python", "node", "nodejs", "deno", "bun", "tsx", "ts-node"})
_INTERPRETER = rb"#![ \t]*(?:\S*/)?(?:env[ \t]+(?:-\S+[ \t]+|\w+=\S*[ \t]+)*(?:\S*/)?)?([a-z-]+)"
"""The first line of a script names the program that runs it, perhaps through `env`."""

_OF_OTHERS = frozenset({"site-packages", "dist-packages", "vendor", "bower_components"})
"""Folders of installed programs."""

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
"""The suffixes that are read in a folder, besides programs. A file that the user names is read whatever its suffix."""

_NOWHERE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})
"""The errors from following a link whose target does not exist."""

_NOT_ENTERED = frozenset(
    {".git", ".hg", ".svn", ".terraform", ".terragrunt-cache", ".venv", ".tox", "node_modules", "__pycache__"}
)


TOO_DEEP = "nested too deeply to be read: write it with fewer levels, or check what it produces"
"""The reason for a file or a folder that is nested more deeply than Python follows."""

_LONGEST_PARSE = 2.0
"""In seconds of processor time. A script of 5,000 lines takes 0.1 s; text that is not in the language, up to hours."""
_READ_AT_ONCE = 16_384


@by_value
class File:
    """A file's text. `named`: whether the user named the file itself, and not a folder that contains it."""

    name: str
    text: str
    named: bool


def is_script(file: File) -> bool:
    """Return whether a file is a script, by its name or its first line."""
    name = os.path.basename(file.name).lower()  # noqa: PTH119 - a name as the user wrote it
    return name.endswith(SCRIPT_SUFFIXES) or name.startswith(SCRIPT_NAMES) or file.text.startswith("#!")


def paths_under(path: str, exclude: tuple[Exclusion, ...] = ()) -> Iterator[tuple[str, bool] | Skipped | Unread]:
    """Yield the files under `path`, in order, each with whether the user named it. Links are followed.

    A file or folder that is excluded comes as Skipped; a file that the user names never is. A folder that cannot be
    listed comes as Unread.
    """
    if path == STANDARD_INPUT or not os.path.isdir(path):  # noqa: PTH112 - Path's method raises if access is denied
        yield path, True
        return
    reason = refusal_of_named(path)
    if reason is not None:
        yield Unread(path, None, reason)
        return
    try:
        yield from _walk(path, exclude)
    except RecursionError:
        yield Unread(path, None, TOO_DEEP)


def _walk(path: str, exclude: tuple[Exclusion, ...]) -> Iterator[tuple[str, bool] | Skipped | Unread]:
    seen: set[tuple[int, int]] = set()
    _is_new(Path(path), seen)
    unlisted: list[OSError] = []
    for folder, folders, names in os.walk(path, onerror=unlisted.append, followlinks=True):
        # os.path.join keeps `./a` as the user wrote it.
        found = {os.path.join(folder, name): name for name in sorted(folders) if name not in _NOT_ENTERED}  # noqa: PTH118
        left = {text: by for text in found for by in [excluded_by(exclude, text, folder=True)] if by}
        folders[:] = [name for one, name in found.items() if one not in left and _is_new(Path(one), seen)]
        yield from (_skip_path(f"{one}/", by) for one, by in left.items())
        for name in sorted(names):
            one = os.path.join(folder, name)  # noqa: PTH118 - the same reason
            if _is_looked_at(one, folder[len(path) :]):
                by = excluded_by(exclude, one, folder=False)
                yield _skip_path(one, by) if by else (one, False)
    yield from (Unread(str(error.filename or path), None, in_our_words(error)) for error in unlisted)


def interpreter_of(path: str) -> str | None:
    """Return the program that runs a script whose name has no suffix, such as `bash`, by its first line.

    None for any other file, and for one that cannot be read.
    """
    name = os.path.basename(path)  # noqa: PTH119 - a name as the user wrote it
    if "." in name or not os.path.isfile(path) or refusal(path) is not None:  # noqa: PTH113 - the same reason
        return None
    try:
        with files.open_found_file(path) as stream:
            found = re.match(_INTERPRETER, stream.read(_FIRST_LINE))
    except UnreadableError:
        return None
    return None if found is None else found[1].decode()


def is_program(path: str) -> bool:
    """Return whether a file is a program, by its suffix or its first line."""
    return path.lower().endswith(PROGRAM_SUFFIXES) or interpreter_of(path) in _LANGUAGES


def _is_looked_at(path: str, below: str) -> bool:
    """Return whether to read a file of a folder. `below`: its path below the folder that the user names."""
    name = os.path.basename(path).lower()  # noqa: PTH119 - a name as the user wrote it
    interpreter = interpreter_of(path)
    if name.endswith(PROGRAM_SUFFIXES) or interpreter in _LANGUAGES:
        return _OF_OTHERS.isdisjoint(Path(below).parts)
    if name.endswith(SUFFIXES) or name.startswith(SCRIPT_NAMES) or interpreter in _SHELLS:
        return True
    try:
        return is_saved_plan(path, named=False)
    except UnreadableError:
        return False


def _skip_path(name: str, by: tuple[str, ...]) -> Skipped:
    return Skipped(name, f"excluded by `{by[0]}`", excluded_by=by)


def _is_new(folder: Path, seen: set[tuple[int, int]]) -> bool:
    """Return whether a folder is visited for the first time, because a link may lead back to a folder above.

    A link out of the checked folder is not followed.
    """
    if note_refusal(str(folder)) is not None:
        return False
    try:
        status = folder.stat()
    except OSError:
        return True  # it cannot be listed either, and the walk reports that
    identity = (status.st_dev, status.st_ino)
    if identity in seen:
        return False
    seen.add(identity)
    return True


def file_text(path: str, *, named: bool = False) -> str:
    """Return the text of a file. `named`: whether the user named it. Raises UnreadableError."""
    try:
        return (files.text_named_or_input if named or path == STANDARD_INPUT else files.text_found)(path, LARGEST_FILE)
    except files.BinaryError:
        raise UnreadableError(
            "binary, not text; for a Terraform plan, give the output of `terraform show -json`"
        ) from None


def chunks_of(path: str) -> Iterator[bytes]:
    """Yield the bytes of a file in a folder, in chunks. Raises UnreadableError."""
    with files.open_found_file(path) as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def is_saved_plan(path: str, *, named: bool) -> bool:
    """Return whether a file is a ZIP that `terraform plan -out` saved. Raises UnreadableError.

    Its name may be any that contains `plan`. In a folder, unless the suffix is `.tfplan`, the ZIP must begin with
    the plan, because other files have `plan` in their names too. A pipe is never a saved plan, because it can be read
    only once.
    """
    name = os.path.basename(path).lower()  # noqa: PTH119 - a name as the user wrote it
    if "plan" not in name or not os.path.isfile(path):  # noqa: PTH113 - the same reason
        return False
    head = next(chunks_of(path), b"")
    return head.startswith(_ZIP) and (named or name.endswith(PLAN_SUFFIX) or _PLAN_ENTRY in head[:_ENTRY_HEADER])


def stand_in(head: bytes) -> str | None:
    """Return why a file with these first bytes is only a placeholder for the real one. None if it is the real one."""
    return next((why for begins, why in _STAND_INS.items() if head.startswith(begins)), None)


def is_dangling(path: str) -> bool:
    """Return whether a path is a link whose target does not exist. A target without read access does not count."""
    if not os.path.islink(path):  # noqa: PTH114 - Path's method raises if access is denied
        return False
    try:
        os.stat(path)  # noqa: PTH116 - a name as the user wrote it
    except OSError as error:
        return error.errno in _NOWHERE
    return False


def parse_syntax(parser: Parser, data: bytes) -> Node | None:
    """Return the root of the syntax tree of some text. None if it takes too long, because most of it is no syntax."""
    latest = thread_time() + _LONGEST_PARSE
    try:
        # Only a text that is read in pieces can be given up.
        tree = parser.parse(
            lambda start, _: data[start : start + _READ_AT_ONCE],
            progress_callback=lambda _, __: thread_time() > latest,
        )
    except ValueError:  # it was given up
        parser.reset()
        return None
    return tree.root_node


_MAKES = r"\"aws(?:cc)?_ecr(?:public)?_(?:repository|registry)_policy\"|RepositoryPolicyText|AWS::ECR::RegistryPolicy"
_POLICY = re.compile(r"\A\s*\{(?=.*\"Statement\")(?=.*\"(?:Not)?Principal\").*?\becr(?:-public)?:[A-Z*]", re.DOTALL)
"""A file that is a policy. In other templates, policies of roles may also have principals and ECR actions."""

_UNFILLED = (
    "a template that makes an ECR policy and is not read: render it, and check the result with "
    "`ecr-crossaccount check -`"
)


def report_template(file: File) -> Harvest:
    """Return the result for a template that no reader knows. A script, or a template without a policy, gives none."""
    found = re.search(_MAKES, file.text) or _POLICY.match(file.text)
    if found is None or not file.name.lower().endswith(TEMPLATE_SUFFIXES):
        return NOTHING
    return Harvest(unjudged=(Unjudged(file.name, *place_in(file.text, found.start()), "template", _UNFILLED),))
