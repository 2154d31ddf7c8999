"""`make documents`: insert the scripts of the Automation documents, from the modules that their first line names."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from remediation.scripts import script

ROOT = Path(__file__).parents[1]
DOCUMENTS = tuple(sorted((ROOT / "remediation").glob("*.yaml")))
_SOURCE = re.compile(r"( +)# Made of (rule/\S+\.py) by `make documents`\.")
_HANDLER = re.compile(r" +Handler: (\w+)")


def filled(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a document, with each script replaced by the current one from its module and handler."""
    inside: str | None = None
    handler = ""
    for line in lines:
        if inside is not None and (not line.strip() or line.startswith(inside)):
            continue
        inside = None
        yield line
        if named := _HANDLER.fullmatch(line):
            handler = named[1]
        if made := _SOURCE.fullmatch(line):
            inside, source = made[1], made[2]
            for code in script((ROOT / source).read_text(encoding="utf-8"), handler).splitlines():
                yield f"{inside}{code}" if code else ""


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
