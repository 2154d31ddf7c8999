"""Every page: its links work, its commands are valid shell, and its examples are reproducible."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from urllib.parse import urlsplit

import pytest

from tests.docs.markdown import ROOT, Page, pages

PAGES = pages()


@cache
def modules() -> list[str]:
    """Return the paths of the modules, without those of environments."""
    folders = [folder for folder in ROOT.iterdir() if folder.is_dir() and not folder.name.startswith(".")]
    return [f"/{path.relative_to(ROOT).as_posix()}" for folder in folders for path in folder.rglob("*.py")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_inside_the_repository_resolves(page: Page) -> None:
    broken = [link for link in page.links() if not _resolves(page, link)]
    assert broken == []


def _resolves(page: Page, link: str) -> bool:
    parts = urlsplit(link)
    if parts.scheme:
        return parts.scheme == "https"
    target = page.path.parent / parts.path if parts.path else page.path
    if not target.exists():
        return False
    return not parts.fragment or parts.fragment in Page(target.resolve()).anchors()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_module_that_it_names_exists(page: Page) -> None:
    named = {text for text in page.code() if re.fullmatch(r"[\w/]+/\w+\.py", text)}
    assert {name for name in named if not any(module.endswith(f"/{name}") for module in modules())} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_block_is_shell(page: Page) -> None:
    for block in page.blocks("shell", "sh", "bash"):
        done = subprocess.run(["bash", "-n"], input=block.text.encode(), capture_output=True, check=False)
        assert done.stderr == b"", f"{page.name}:{block.line}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_example_in_python_comes_out_as_written(page: Page) -> None:
    assert page.failed_examples() == []


def test_a_link_to_nowhere_is_seen() -> None:
    (readme,) = (page for page in PAGES if page.name == "README.md")
    assert not _resolves(readme, "docs/none.md")
    assert not _resolves(readme, "docs/deploy.md#none")
    assert not _resolves(readme, "#none")
    assert _resolves(readme, "docs/deploy.md#deploy")


def test_all_pages_together_are_short_enough_to_be_read() -> None:
    """Counted as `git ls-files '*.md' | xargs cat | wc -w` does."""
    words = {one.name: len(one.path.read_text(encoding="utf-8").split()) for one in PAGES}
    assert sum(words.values()) <= 60_000, sorted(words.items(), key=lambda one: -one[1])[:10]
