"""The formats of data files: a line each, with its mark and its folder, which is loaded only for a file with the mark.

A document of a file is read by the first of `DOCUMENTS` that knows it, and by every reader whose mark the file has.
A new format has a folder with a module `read`, and a line here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from ...memo import by_value
from ..files import bare
from ..files.files import File
from ..files.marks import ANSIBLE, KUBERNETES, PULUMI, TOO_LONG, has_too_many_mentions, may_kustomize, mentions
from ..files.values.nodes import Node
from ..found.context import Context
from ..found.found import Harvest
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


DOCUMENTS = (
    cloudformation.read_whole,
    lambda root, file, context, _exports: bare.read_bare(root, file, context),
    lambda root, file, context, _exports: terraform.read(root, file, context),
    cloudformation.read_inside,
)
"""Templates, policies alone, and plans and states. The first that knows a document reads it."""


def document(root: Node, file: File, context: Context, exports: Exports | None) -> Harvest | None:
    """Return what one document of a file holds, or None if it is not about ECR. `exports`: what stacks can import."""
    found = (read(root, file, context, exports) for read in DOCUMENTS)
    return next((part for part in found if part is not None), None)


def is_marked(text: str) -> bool:
    """Return whether one of the readers may find something in a text."""
    return any(reader.is_marked(text) for reader in READERS)


def refusal(file: File) -> str | None:
    """Return why a file is not read at all, or None if it is read."""
    return TOO_LONG if has_too_many_mentions(file.text) else None


def reading(roots: tuple[Node, ...], file: File, context: Context) -> Reading:
    """Return a function that reads a document of a file with all readers. It returns None if none finds anything.

    `roots`: all documents of the file.
    """
    marked = [reader for reader in READERS if reader.is_marked(file.text) or any(map(reader.is_shown, roots))]
    readings = [reader.load().reading(roots, file, context) for reader in marked]

    def read(root: Node) -> Harvest | None:
        found = [part for one in readings if (part := one(root)) is not None]
        return Harvest.from_parts(found) if found else None

    return read


def read_as_text(file: File, context: Context) -> Harvest | None:
    """Return the result for a text that is not valid data: a script, or a template that is not filled in yet."""
    found = [part for one in _marked_formats(file) if (part := one.read_as_text(file, context)) is not None]
    return Harvest.from_parts(found) if found else None


def is_lost(file: File, context: Context) -> bool:
    """Return whether a damaged data file may hold more than `read_as_text` reports about it."""
    return any(one.read_as_text(file, context) is None for one in _marked_formats(file))


def _marked_formats(file: File) -> Iterator[Format]:
    return (reader.load() for reader in READERS if reader.is_marked(file.text))
