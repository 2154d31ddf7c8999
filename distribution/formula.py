"""The Homebrew formula of a release: https://docs.brew.sh/Formula-Cookbook."""

from __future__ import annotations

from pathlib import Path

from distribution.project import VERSION
from organization.artefacts import Artefact

_FORMULA = Path(__file__).with_name("homebrew.rb")
_OF_THE_TEMPLATE = "# Made by `make release` for one version: docs/release.md.\n"


def formula(source: Artefact, address: str) -> Artefact:
    """Return the formula for a source distribution that is published at `address`, a repository on GitHub."""
    values = {"ADDRESS": address, "VERSION": VERSION, "FILE": Path(source.key).name, "SHA256": source.sha256}
    text = _FORMULA.read_text(encoding="utf-8").removeprefix(_OF_THE_TEMPLATE)
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return Artefact("homebrew/ecr-crossaccount.rb", text.encode())
