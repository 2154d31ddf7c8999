"""Files as text: found under what the user names, read once, each failure with its reason."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ..errors import in_our_words
from .exclusions import Exclusion, excluded_by
from .found import Skipped

STANDARD_INPUT = "-"
LARGEST_FILE = 64 * 1_048_576
"""Bytes; CloudFormation takes templates of at most 1 MB, a plan of thousands of resources has some 30."""

_CHUNK = 1_048_576
"""Bytes that are looked at together."""

VALUE_SUFFIXES = (".tfvars", ".tfvars.json")
HCL_SUFFIXES = (".tf", ".tf.json", ".tofu", ".tofu.json", *VALUE_SUFFIXES)
"""The endings of Terraform's sources and of the values of their variables."""

TERRAGRUNT = (".hcl", ".hcl.json")
"""The endings of the files in which Terragrunt says what a module is given, `terragrunt.hcl` and `root.hcl`."""

TEMPLATE_SUFFIXES = (".tpl", ".gotmpl", ".tmpl", ".j2")
"""The endings of files that a program fills in: only what they make is data."""

SCRIPT_SUFFIXES = (".sh", ".bash", ".zsh", ".ksh", ".mk", ".ps1", ".psm1", ".bat", ".cmd", ".groovy")
SCRIPT_NAMES = ("makefile", "gnumakefile", "dockerfile", "containerfile", "jenkinsfile", "justfile")
"""The endings and beginnings of the names of scripts."""

SUFFIXES = (
    *TERRAGRUNT,
    *(".json", ".yaml", ".yml", ".template", ".cfn", ".tf", ".tofu", ".tfvars", ".tfstate", ".tfplan"),
    *TEMPLATE_SUFFIXES,
    *SCRIPT_SUFFIXES,
)
"""The endings of the files that are looked at in a folder; a file that is named is looked at whatever its name."""

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


class UnreadableError(ValueError):
    """A file that cannot be read as text; the message says why. `is_sure`: whether nobody sees what is in it."""

    def __init__(self, reason: str, *, is_sure: bool = False) -> None:
        self.is_sure = is_sure
        super().__init__(reason)


def paths_under(path: str, exclude: tuple[Exclusion, ...] = ()) -> Iterator[tuple[str, bool] | Skipped]:
    """Yield the files that `path` names, each with whether it was named itself; a folder's in order, links followed.

    What of a folder is to be excluded comes as skipped; what the user names himself never is.
    """
    if path == STANDARD_INPUT or not Path(path).is_dir():
        yield path, True
        return
    seen: set[tuple[int, int]] = set()
    _is_new(Path(path), seen)
    for folder, folders, files in os.walk(path, followlinks=True):
        # os.path.join keeps `./a` as the user wrote it.
        found = {os.path.join(folder, name): name for name in sorted(folders) if name not in _NOT_ENTERED}  # noqa: PTH118
        left = {one: by for one in found for by in [excluded_by(exclude, one, folder=True)] if by}
        folders[:] = [name for one, name in found.items() if one not in left and _is_new(Path(one), seen)]
        yield from (_excluded(f"{one}/", by) for one, by in left.items())
        for one in (os.path.join(folder, name) for name in sorted(files) if _is_looked_at(name)):  # noqa: PTH118
            by = excluded_by(exclude, one, folder=False)
            yield _excluded(one, by) if by else (one, False)


def _is_looked_at(name: str) -> bool:
    return name.lower().endswith(SUFFIXES) or name.lower().startswith(SCRIPT_NAMES)


def _excluded(name: str, by: tuple[str, ...]) -> Skipped:
    return Skipped(name, f"excluded by `{by[0]}`", excluded_by=by)


def _is_new(folder: Path, seen: set[tuple[int, int]]) -> bool:
    """Tell whether a folder is visited for the first time: a link may lead back to where it stands."""
    try:
        status = folder.stat()
    except OSError:
        return False
    identity = (status.st_dev, status.st_ino)
    if identity in seen:
        return False
    seen.add(identity)
    return True


def text_of(path: str, *, named: bool = False) -> str:
    """Return the text of a file, `-` for standard input. Raises UnreadableError."""
    data = _bytes_of(path, named=named)
    if len(data) > LARGEST_FILE:
        raise UnreadableError(f"larger than {LARGEST_FILE // 1_048_576} MB, so neither a template nor a plan")
    if b"\0" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableError("binary: expected a text, of a plan what `terraform show -json` prints")
    try:
        return data.decode(json.detect_encoding(data)).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise UnreadableError(f"not text in UTF-8 at byte {error.start}") from None


def chunks_of(path: str) -> Iterator[bytes]:
    """Yield a file's bytes, some at a time. Raises UnreadableError."""
    with _opened(path, named=False) as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def is_dangling(path: str) -> bool:
    """Tell whether a path is a link to what is not there."""
    return Path(path).is_symlink() and not Path(path).exists()


def _bytes_of(path: str, *, named: bool) -> bytes:
    if path == STANDARD_INPUT:
        return sys.stdin.buffer.read(LARGEST_FILE + 1)
    with _opened(path, named=named) as stream:
        return stream.read(LARGEST_FILE + 1)


@contextmanager
def _opened(path: str, *, named: bool) -> Iterator[BinaryIO]:
    """Open a file while something is done with it. Raises UnreadableError."""
    # A pipe that lies in a folder would keep its reader waiting; one that is named is meant to be read.
    if not named and _is_special(path):
        raise UnreadableError("neither a file nor a folder", is_sure=True)
    try:
        with Path(path).open("rb") as stream:
            yield stream
    except OSError as error:
        raise UnreadableError(in_our_words(error), is_sure=True) from None
    except ValueError as error:  # a name that no file can have
        raise UnreadableError(str(error), is_sure=True) from None


def _is_special(path: str) -> bool:
    """Tell what is there and is no file."""
    try:
        return Path(path).exists() and not Path(path).is_file()
    except (OSError, ValueError):
        return False
