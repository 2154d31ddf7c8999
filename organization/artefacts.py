"""Files of a release. Each name depends on the content, so a template that refers to a new file is a new template."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from organization.sources import ROOT

# The earliest time in a ZIP archive. So an archive depends only on the content of its files.
MOMENT = datetime(1980, 1, 1, tzinfo=UTC)
_READABLE = 0o100644 << 16
_SUM_SHOWN = 16
"""The number of hash digits in the name of a template, because people type it. Names of code have all digits."""


@dataclass(frozen=True, slots=True)
class Artefact:
    """A file of a release. `key` is its path in the release's folder and in the buckets."""

    key: str
    content: bytes

    @property
    def sha256(self) -> str:
        """The SHA-256 of the content, in hexadecimal digits."""
        return hashlib.sha256(self.content).hexdigest()

    @classmethod
    def of_code(cls, name: str, folder: Path) -> Artefact:
        """Return the archive of a function that `sam build` has built."""
        content = archived(folder)
        return cls(f"functions/{name}-{hashlib.sha256(content).hexdigest()}.zip", content)

    @classmethod
    def of_template(cls, name: str, text: str) -> Artefact:
        """Return a template whose name changes with its content."""
        content = text.encode()
        return cls(f"templates/{name}-{hashlib.sha256(content).hexdigest()[:_SUM_SHOWN]}.json", content)


def archived(folder: Path) -> bytes:
    """Return a ZIP archive of a folder and our license. The same files always give the same archive.

    The licenses of libraries are among their own files.

    Raises FileNotFoundError if the folder has no files, because Lambda would accept an archive without code.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if not files:
        raise FileNotFoundError(f"no function was built in {folder}")
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, file in [
            ("LICENSE", ROOT / "LICENSE"),
            *((one.relative_to(folder).as_posix(), one) for one in files),
        ]:
            entry = zipfile.ZipInfo(name, MOMENT.timetuple()[:6])
            entry.external_attr = _READABLE  # for Lambda, whatever the umask of the build
            entry.create_system = 3  # Unix, on any machine
            archive.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED, compresslevel=9)
    return written.getvalue()
