"""A source of Terraform's that stands for itself: one without a suffix, or one that something else writes."""

from __future__ import annotations

import re

from ..context import Context
from ..files import File
from ..found import Harvest
from .configuration import Configuration
from .folders import folder_of, source_of
from .paths import normal, parent
from .read import Reading

_BLOCK = re.compile(
    r'^(?:(?:resource|data)\s+"[^"]+"\s+"[^"]+"|(?:module|variable|provider|output)\s+"[^"]+"|locals|terraform)\s*\{',
    re.MULTILINE,
)


def looks_like_source(text: str) -> bool:
    """Tell whether a text is one of Terraform's sources, by the blocks in it."""
    return _BLOCK.search(text) is not None


def read_alone(file: File, context: Context) -> Harvest:
    """Return what a source makes by itself; what it refers to elsewhere is a hole."""
    folder = folder_of({file.name: source_of(file)}, normal(parent(file.name)))
    found = Configuration(Reading(context), folder, {}, None).harvest()
    return found + Harvest(errors=tuple(folder.errors), declares=tuple(folder.variables))
