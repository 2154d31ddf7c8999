"""Files of a release, each named by what is in it, so that a template that refers to a new one is a new template."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

# The least that a ZIP archive can say: what is in a file decides about the archive, not when it was built.
_MOMENT = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o100644 << 16
_SUM_SHOWN = 16
"""Digits of a sum in the name of a template, which people type; code has all of them."""


@dataclass(frozen=True, slots=True)
class Artefact:
    """A file of a release; `key` is its path in the release's folder and in the buckets."""

    key: str
    content: bytes

    @property
    def sha256(self) -> str:
        """The sum of the content, in hexadecimal digits."""
        return hashlib.sha256(self.content).hexdigest()

    @classmethod
    def of_code(cls, name: str, folder: Path) -> Artefact:
        """Return the archive of a function that `sam build` has built."""
        content = archived(folder)
        return cls(f"functions/{name}-{hashlib.sha256(content).hexdigest()}.zip", content)

    @classmethod
    def of_template(cls, name: str, text: str) -> Artefact:
        """Return a template under a name that changes with it."""
        content = text.encode()
        return cls(f"templates/{name}-{hashlib.sha256(content).hexdigest()[:_SUM_SHOWN]}.json", content)


def archived(folder: Path) -> bytes:
    """Return a ZIP archive of a folder; the same files always make the same archive.

    Raises FileNotFoundError if there are none: Lambda would take an archive without code.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if not files:
        raise FileNotFoundError(f"no function was built in {folder}")
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for file in files:
            entry = zipfile.ZipInfo(file.relative_to(folder).as_posix(), _MOMENT)
            entry.external_attr = _READABLE  # by Lambda, whoever's umask was in force
            entry.create_system = 3  # Unix, on whichever machine
            archive.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED, compresslevel=9)
    return written.getvalue()
