"""The parts of a release for users: wheel and source distribution, and bills of materials."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from distribution.bill import bill
from distribution.components import libraries
from distribution.project import NAME
from organization.artefacts import Artefact
from organization.stacks import STACKS


def distribution(python: list[Artefact], installed: Path) -> Iterator[Artefact]:
    """Yield wheel and source distribution, and the bill of the command's libraries, which are in `installed`."""
    (wheel,) = [one for one in python if one.key.endswith(".whl")]
    yield from python
    yield bill(NAME, wheel, libraries(installed))


def bills_of_functions(built: Path, code: Mapping[str, Artefact]) -> Iterator[Artefact]:
    """Yield the bill of each function's archive. `code` has the archives by name, and `built` their folders."""
    for stack in STACKS:
        for function, archive in stack.functions.items():
            yield bill(f"{NAME}-{archive}", code[archive], libraries(built / stack.name / function))
