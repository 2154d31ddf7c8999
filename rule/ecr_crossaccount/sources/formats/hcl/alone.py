"""A single Terraform source: one without a suffix, or one that another file contains."""

from __future__ import annotations

import re

from ...files.files import File
from ...found.context import Context
from ...found.found import Harvest
from .configuration import Configuration
from .folders import folder_of, source_of
from .paths import normal, parent
from .read import Reading

_BLOCK = re.compile(
    r'^(?:(?:resource|data)\s+"[^"]+"\s+"[^"]+"|(?:module|variable|provider|output)\s+"[^"]+"|locals|terraform)\s*\{',
    re.MULTILINE,
)


def looks_like_source(text: str) -> bool:
    """Return whether a text is a Terraform source, by its blocks."""
    return _BLOCK.search(text) is not None


def read_alone(file: File, context: Context) -> Harvest:
    """Return what a source makes alone. References to other files are holes."""
    folder = folder_of({file.name: source_of(file)}, normal(parent(file.name)))
    found = Configuration(Reading(context), folder, {}, None).harvest()
    return found + Harvest(errors=tuple(folder.errors), declares=tuple(folder.variables))
