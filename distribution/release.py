"""The parts of a release for users: wheel and source distribution, a Homebrew formula, and bills of materials."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from distribution.bill import bill
from distribution.components import libraries
from distribution.formula import formula
from distribution.project import NAME
from organization.artefacts import Artefact
from organization.stacks import STACKS


def distribution(python: list[Artefact], installed: Path, address: str) -> Iterator[Artefact]:
    """Yield wheel and source distribution, the formula, and the bill of the command's libraries.

    `installed` is the folder with the libraries, and `address` the web address of the repository.
    """
    (wheel,) = [one for one in python if one.key.endswith(".whl")]
    (source,) = [one for one in python if one.key.endswith(".tar.gz")]
    yield from python
    yield formula(source, address)
    yield bill(NAME, wheel, libraries(installed))


def bills_of_functions(built: Path, code: Mapping[str, Artefact]) -> Iterator[Artefact]:
    """Yield the bill of each function's archive. `code` has the archives by name, and `built` their folders."""
    for stack in STACKS:
        for function, archive in stack.functions.items():
            yield bill(f"{NAME}-{archive}", code[archive], libraries(built / stack.name / function))
