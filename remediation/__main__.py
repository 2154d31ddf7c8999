"""`make documents`: put the scripts of the Automation documents in, from the modules that their first line names."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCUMENTS = tuple(sorted((ROOT / "remediation").glob("*.yaml")))
_SOURCE = re.compile(r"( +)# (rule/\S+\.py), as it stands there; `make documents` puts it here\.")


def filled(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a document, with each script as its module has it now."""
    inside: str | None = None
    for line in lines:
        if inside is not None and (not line.strip() or line.startswith(inside)):
            continue
        inside = None
        yield line
        found = _SOURCE.fullmatch(line)
        if found:
            inside, source = found[1], found[2]
            for written in (ROOT / source).read_text(encoding="utf-8").splitlines():
                yield f"{inside}{written}" if written else ""


def main() -> int:
    """Fill every document."""
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        new = "\n".join(filled(text.splitlines())) + "\n"
        if new != text:
            document.write_text(new, encoding="utf-8")
            print(f"{document.relative_to(ROOT)} written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
