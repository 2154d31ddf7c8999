"""The libraries in a folder, from their own metadata: name, version, license, and dependencies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# SPDX identifiers (https://spdx.org/licenses/) of libraries that state theirs differently, from their license texts.
_BY_NAME = {"jinja2": "BSD-3-Clause", "python-dateutil": "Apache-2.0 OR BSD-3-Clause"}
_BY_WORDS = {"Apache License 2.0": "Apache-2.0", "License :: OSI Approved :: MIT License": "MIT"}
PERMITTED = frozenset(
    {
        "Apache-2.0",
        "Apache-2.0 OR BSD-3-Clause",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "MIT",
        "MPL-2.0",  # applies to changes of its own files, and there are none here
    }
)
_TEXTS = ("licen", "copying", "notice")


@dataclass(frozen=True, slots=True)
class Library:
    """A library. `license` is an SPDX expression, and `needs` has the names of its dependencies in the same folder."""

    name: str
    version: str
    license: str
    needs: tuple[str, ...]


def libraries(folder: Path) -> list[Library]:
    """Return the libraries that pip has installed into a folder.

    Raises ValueError for a library whose license is unknown, not permitted, or without its text.
    """
    found = {_name(one): (path, one) for path in folder.glob("*.dist-info") for one in [Distribution.at(path)]}
    return [
        Library(name, one.version, _license_of(path, one), tuple(sorted({*_needs(one)} & found.keys())))
        for name, (path, one) in sorted(found.items())
    ]


def _name(one: Distribution) -> str:
    return canonicalize_name(one.metadata["Name"])


def _license_of(path: Path, one: Distribution) -> str:
    known = _BY_NAME.get(_name(one)) or _stated(one)
    if known not in PERMITTED:
        raise ValueError(
            f"{_name(one)} {one.version}: `{known[:80]}` is not among the licences of distribution/components.py; "
            "read the library's own text, and add it there if it permits what we do"
        )
    if not any(file.name.lower().startswith(_TEXTS) and file.stat().st_size for file in path.rglob("*")):
        raise ValueError(f"{_name(one)} {one.version}: the text of its licence is not in {path.name}")
    return known


def _stated(one: Distribution) -> str:
    """Return the license in a library's metadata, from the most exact field, or "" if that field has several values."""
    classifiers = [word for word in one.metadata.get_all("Classifier", []) if word.startswith("License ::")]
    fields = (one.metadata.get_all(field, []) for field in ("License-Expression", "License"))
    words = next(filter(None, fields), classifiers)
    return _BY_WORDS.get(words[0], words[0]) if len(words) == 1 else ""


def _needs(one: Distribution) -> Iterator[str]:
    for text in one.requires or ():
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield canonicalize_name(requirement.name)
