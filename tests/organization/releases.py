"""A release as its user finds it: files by name."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from organization.artefacts import Artefact
from organization.release import code_of, release
from organization.stacks import STACKS

Json = dict[str, Any]


def functions(folder: Path, rule: str = "first") -> Path:
    """Fill a folder with functions like `built_functions`."""
    texts = {"RuleFunction": rule}
    for function in [folder / stack.name / name for stack in STACKS for name in stack.functions]:
        (function / "package").mkdir(parents=True)
        (function / "handler.py").write_text(f"# {texts.get(function.name, function.name)}\n", encoding="utf-8")
        (function / "package" / "__init__.py").touch()
    return folder


@dataclass(frozen=True, slots=True)
class Release:
    """The files of a release, by key."""

    files: Mapping[str, Artefact]

    @classmethod
    def of(cls, artefacts: Iterable[Artefact]) -> Release:
        return cls({artefact.key: artefact for artefact in artefacts})

    @classmethod
    def of_functions(cls, built: Path) -> Release:
        """Make a release from the output of `built_functions`."""
        return cls.of(release(code_of(built)))

    @classmethod
    def read(cls, folder: Path) -> Release:
        """Read a release that `make release` has written."""
        files = [path for path in folder.rglob("*") if path.is_file()]
        return cls.of(Artefact(path.relative_to(folder).as_posix(), path.read_bytes()) for path in files)

    def archive(self, name: str) -> Artefact:
        """Return the archive of a function."""
        (found,) = [one for key, one in self.files.items() if key.startswith(f"functions/{name}-")]
        return found

    def unpack(self, name: str, folder: Path) -> Path:
        """Unpack a function into the folder as AWS Lambda has it, and return the folder."""
        with zipfile.ZipFile(io.BytesIO(self.archive(name).content)) as archive:
            archive.extractall(folder)
        return folder

    def stored(self, name: str) -> Artefact:
        """Return a template from the buckets, with any checksum in its name."""
        (found,) = [one for key, one in self.files.items() if key.startswith(f"templates/{name}-")]
        return found

    def of_buckets(self, name: str) -> Json:
        """Return a template from the buckets, parsed."""
        parsed: Json = json.loads(self.stored(name).content)
        return parsed

    def template(self, name: str) -> Json:
        """Return a template that is deployed by hand."""
        parsed: Json = json.loads(self.files[f"{name}.json"].content)
        return parsed

    def templates(self) -> Mapping[str, Json]:
        """Return every template."""
        found = {key: json.loads(one.content) for key, one in self.files.items() if key.endswith(".json")}
        return {key: one for key, one in found.items() if "Resources" in one}

    def stored_keys(self) -> list[str]:
        """Return the keys of the files for the buckets."""
        return [key for key in self.files if key.startswith(("functions/", "templates/"))]
