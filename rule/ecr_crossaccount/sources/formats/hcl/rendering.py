"""Templates in files and texts, filled in with given values."""

from __future__ import annotations

from collections.abc import Mapping

from ...files.files import file_text
from ...files.values.nodes import Place
from ...files.values.partial import Prose, Value
from ...reading.files import UnreadableError
from .errors import FailedError, NoFileError
from .evaluate import evaluate
from .grammar import read_template
from .scope import Scope


def rendered(text: str, path: str, given: Mapping[str, Value], scope: Scope) -> Value:
    """Return a template filled in. Raises FailedError."""
    said = read_template(text, path)
    if said is None:
        raise FailedError(f"`{path}` is not a template")
    return evaluate(said.expression, Scope(scope.names, scope.budget, dict(given)))


def content(path: str) -> str:
    """Return the text of a file. Raises NoFileError."""
    try:
        return file_text(path)
    except UnreadableError as error:
        raise NoFileError(path, str(error)) from None


def content_with_places(path: str) -> Prose:
    """Return the text of a file, each line with its place. Raises FailedError."""
    lines = content(path).splitlines(keepends=True)
    return Prose(tuple((line, Place(path, number)) for number, line in enumerate(lines, start=1)))
