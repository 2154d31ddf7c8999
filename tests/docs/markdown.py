"""The parts of a Markdown page that can be wrong: its blocks, its links and their targets."""

from __future__ import annotations

import doctest
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
_ELSEWHERE = {"node_modules", "build", "dist"}


@cache
def _parsed(text: str) -> list[Token]:
    return MarkdownIt().enable("table").parse(text)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, its text, and its heading."""

    language: str
    text: str
    heading: str
    line: int


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the documentation."""

    path: Path

    @property
    def name(self) -> str:
        """The page's path in the repository."""
        return self.path.relative_to(ROOT).as_posix()

    def _tokens(self) -> list[Token]:
        return _parsed(self.path.read_text(encoding="utf-8"))

    def blocks(self, *languages: str) -> list[Block]:
        """Return the fenced blocks in some languages, in order."""
        heading, found = "", []
        for before, token in pairwise(self._tokens()):
            if before.type == "heading_open":
                heading = token.content
            if token.type == "fence" and token.info in languages and token.map:
                found.append(Block(token.info, token.content, heading, token.map[0] + 2))
        return found

    def anchors(self) -> set[str]:
        """The fragments of the page's headings on GitHub."""
        headings = (token.content for before, token in pairwise(self._tokens()) if before.type == "heading_open")
        return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings}

    def links(self) -> Iterator[str]:
        """Yield the targets of the page's links and pictures."""
        for token in self._tokens():
            for child in token.children or ():
                target = child.attrGet("href") or child.attrGet("src")
                if target:
                    yield str(target)

    def code(self) -> Iterator[str]:
        """Yield the code within sentences and cells."""
        for token in self._tokens():
            yield from (child.content for child in token.children or () if child.type == "code_inline")

    def tables(self) -> Iterator[list[list[str]]]:
        """Yield the page's tables, as rows of cells in Markdown, with the head first."""
        rows: list[list[str]] = []
        for token in self._tokens():
            match token.type:
                case "table_open":
                    rows = []
                case "tr_open":
                    rows.append([])
                case "inline" if rows and token.level >= 4:
                    rows[-1].append(token.content)
                case "table_close":
                    yield rows
                    rows = []

    def failed_examples(self) -> list[str]:
        """Run the page's `pycon` blocks in one session. Return the differences from the page."""
        names: dict[str, object] = {}
        runner = doctest.DocTestRunner(verbose=False)
        report: list[str] = []
        for block in self.blocks("pycon"):
            example = doctest.DocTestParser().get_doctest(block.text, names, self.name, self.name, block.line)
            runner.run(example, out=report.append, clear_globs=False)
            names = example.globs
        return report


def pages() -> list[Page]:
    """Return every page of the repository."""
    found: list[Path] = []
    for folder, inner, files in os.walk(ROOT):
        inner[:] = [name for name in inner if not is_elsewhere(name)]
        found += [Path(folder, name) for name in files if name.endswith(".md") and not is_elsewhere(name)]
    return [Page(path) for path in sorted(found)]


def is_elsewhere(folder: str) -> bool:
    """Whether a folder has no sources of the project: what tools make, and what they install."""
    return folder in _ELSEWHERE or folder.startswith(".")


def page(name: str) -> Page:
    """Return the page with that name."""
    return Page(ROOT / name)
