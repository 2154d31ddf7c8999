"""JSON and YAML as the command reads and writes them, with the reason if they cannot be read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ....documents.json import BadJsonError, strict_value_of
from ....errors import InputError
from ....sources.reading.files import MEGABYTE, UnreadableError, text_named

if TYPE_CHECKING:
    from ....sources.reading.yaml_events import Place

LARGEST_REPORT = 640 * MEGABYTE
"""In bytes. An audit of 100,000 repositories has about 450 MB."""


def report_in(path: str, *, expected: str = "") -> object:
    """Return the value in a report of an earlier run, read by `strict_value_of`.

    Raises InputError with the name of the file. If the content is not JSON, the error also says what was `expected`.
    """
    try:
        return strict_value_of(text_named(path, LARGEST_REPORT))
    except UnreadableError as error:
        raise InputError(f"cannot read `{path}`: {error}") from None
    except BadJsonError as error:
        raise InputError(f"`{path}`: {error}{expected and f': expected {expected}'}") from None


def value_and_places(path: str, text: str, *, is_json: bool) -> tuple[object, Mapping[str, Place]]:
    """Return the value of a file that people write, and the place of each path in it. JSON has none.

    Raises InputError with the place in the file at `path`.
    """
    if is_json:
        try:
            return strict_value_of(text), {}
        except BadJsonError as error:
            raise InputError(f"{path}: {error}") from None
    from ....sources.reading.yaml_events import BadYamlError
    from .yaml_text import read_yaml

    try:
        read = read_yaml(text)
    except BadYamlError as error:
        raise InputError(f"{path}:{error.line}:{error.column}: {error.message}") from None
    return read.value, read.places


def name_place(path: str, places: Mapping[str, Place], *inner: str) -> str:
    """Return the file with the line and column of the first of some paths in it whose place is known."""
    found = next((places[one] for one in inner if one in places), None)
    return path if found is None else f"{path}:{found[0]}:{found[1]}"


def render_json(answer: object) -> str:
    """Return an answer as JSON.

    It is in ASCII: invisible characters of a policy stay visible as escapes, and no encoding can change them.
    """
    return json.dumps(answer, indent=2) + "\n"
