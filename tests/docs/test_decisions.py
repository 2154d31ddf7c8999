"""The index of decisions lists each decision with its own title."""

from __future__ import annotations

import re
from pathlib import Path

DIRECTORY = Path(__file__).parents[2] / "docs" / "decisions"
ROW = re.compile(r"\| \[(?P<number>[0-9]{4})\]\((?P<file>[^)]+)\) \| (?P<title>.+) \| 20[0-9-]{8} \| .+ \|")


def test_each_decision_is_in_the_index_by_its_own_title() -> None:
    rows = [ROW.fullmatch(line) for line in (DIRECTORY / "README.md").read_text(encoding="utf-8").splitlines()[6:]]
    files = sorted(path for path in DIRECTORY.glob("[0-9]*.md"))
    heads = [path.read_text(encoding="utf-8").partition("\n")[0] for path in files]
    titles = [head.removeprefix(f"# {path.name[:4]}: ") for path, head in zip(files, heads, strict=True)]
    assert [row and (row["number"], row["file"], row["title"]) for row in rows] == [
        (path.name[:4], path.name, title) for path, title in zip(files, titles, strict=True)
    ]


def test_each_decision_says_what_was_decided() -> None:
    pages = {path.name: path.read_text(encoding="utf-8") for path in DIRECTORY.glob("[0-9]*.md")}
    assert [name for name, text in pages.items() if "**Decided.**" not in text] == []
