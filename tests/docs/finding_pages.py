"""Writes the commands' output into the pages of docs/findings: `make findings`.

A page has everything that its commands read: the policy, the corrected policy and the Terraform file. The register is
from docs/findings.md.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ecr_crossaccount.products.cli import main
from ecr_crossaccount.products.cli.base.program import PROGRAM

from tests.docs.markdown import Page, page

INDEX = page("docs/findings.md")
FOLDER = "docs/findings"
_FINDING = re.compile(r"^ +rule ", re.MULTILINE)


def page_of(anchor: str) -> Page:
    """Return the page of a section of the index."""
    return page(f"{FOLDER}/{anchor}.md")


def files(of: Page, folder: Path) -> Path:
    """Write the files that a page's commands read, and return their folder."""
    policy, fixed = of.blocks("json")
    (terraform,) = of.blocks("hcl")
    (register,) = INDEX.blocks("yaml")
    texts = {"policy.json": policy, "fixed.json": fixed, "main.tf": terraform, "trust.yaml": register}
    for name, block in texts.items():
        (folder / name).write_text(block.text, encoding="utf-8")
    return folder


def ran_in(folder: Path, *argv: str) -> tuple[int, str]:
    """Run the command in a folder, and return its status and its output."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2))
    with contextlib.chdir(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main.main(argv)
    complaint = _text(err)
    assert complaint == "", complaint
    return int(status), _text(out)


def _text(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()


def _shortened(output: str) -> str:
    """Return the first line and the first finding of a report, with a line `…` for each omission."""
    head, *paragraphs = output.rstrip("\n").split("\n\n")
    place = next(place for place, one in enumerate(paragraphs) if _FINDING.search(one))
    before = "\n…\n" if place else "\n\n"
    after = "\n…\n" if place + 1 < len(paragraphs) else "\n"
    return f"{head}{before}{paragraphs[place]}{after}"


def runs(of: Page, folder: Path) -> list[tuple[str, int, str]]:
    """Run the commands of a page. Return each with its status and its output, as the page shows it."""
    return list(_runs(of, files(of, folder)))


def _runs(of: Page, folder: Path) -> Iterator[tuple[str, int, str]]:
    for block in of.blocks("console"):
        command = block.text.partition("\n")[0].removeprefix("$ ")
        program, *argv = shlex.split(command)
        assert program == PROGRAM, command
        status, out = ran_in(folder, *argv)
        yield command, status, _shortened(out) if argv[0] == "judge" else out


def _write(of: Page) -> None:
    text = of.path.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        for block, (command, _, shown) in zip(of.blocks("console"), runs(of, Path(folder)), strict=True):
            text = text.replace(block.text, f"$ {command}\n{shown}")
    of.path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    for path in sorted(INDEX.path.with_suffix("").glob("*.md")):
        _write(Page(path))
