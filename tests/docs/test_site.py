"""The pages of the site: the repository's pages, with links that lead to the same places on the site."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ecr_crossaccount.products.cli.main import COMMANDS
from pygments import highlight  # type: ignore[import-untyped]
from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
from pygments.lexers import BashSessionLexer  # type: ignore[import-untyped]

from tests.docs.markdown import ROOT, Page
from website import assembly


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the assembled pages."""
    folder = tmp_path_factory.mktemp("site")
    assembly.assemble(folder)
    return folder


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a repository with only a README."""
    (tmp_path / "README.md").write_text("# Home\n", encoding="utf-8")
    monkeypatch.setattr(assembly, "ROOT", tmp_path)
    monkeypatch.setattr(assembly, "BESIDE_THE_CODE", ())
    (tmp_path / "website").mkdir()
    (tmp_path / "website/site.css").touch()
    return tmp_path


def test_every_link_leads_to_a_file_of_the_site(site: Path) -> None:
    pages = sorted(site.rglob("*.md"))
    assert len(pages) > 60
    for path in pages:
        for link in Page(path).links():
            if "://" not in link and not link.startswith("#"):
                assert (path.parent / link.partition("#")[0]).is_file(), (path.relative_to(site).as_posix(), link)


def test_a_link_to_a_file_of_the_code_leads_to_a_copy_of_it(site: Path) -> None:
    assert (site / "organization/hook.yaml").read_bytes() == (ROOT / "organization/hook.yaml").read_bytes()


def test_only_decisions_are_not_in_the_search(site: Path) -> None:
    pages = {path.relative_to(site).as_posix(): path.read_text(encoding="utf-8") for path in site.rglob("*.md")}
    decisions = {name for name in pages if name.startswith("decisions/")}
    assert decisions == {name for name, text in pages.items() if text.startswith(assembly.WITHOUT_SEARCH)} != set()


def test_what_stands_in_a_block_of_code_is_no_link(repository: Path) -> None:
    text = "```\n[there](docs/none.md)\n```\n"
    (repository / "README.md").write_text(text, encoding="utf-8")
    assembly.assemble(repository / "out")
    assert (repository / "out/index.md").read_text(encoding="utf-8") == text


def test_every_command_is_on_its_page(site: Path) -> None:
    commands = (site / "commands.md").read_text(encoding="utf-8")
    for name in COMMANDS:
        assert f"## ecr-crossaccount {name}\n" in commands


def test_of_a_session_only_what_is_typed_is_copied(site: Path) -> None:
    """Material marks the block that is copied. Pygments marks prompt and output by class."""
    style = (site / "assets/site.css").read_text(encoding="utf-8")
    (rule,) = re.findall(r"([^{}]*)\{\s*display: none;\s*\}", re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL))
    assert {one.strip() for one in rule.split(",")} == {"[data-md-copying] .gp", "[data-md-copying] .go"}
    for name in ("tutorial.md", "index.md", "check.md"):
        for block in Page(site / name).blocks("console"):
            shown = highlight(block.text, BashSessionLexer(), HtmlFormatter())
            prompts = re.findall(r'<span class="gp">(.*?)</span>', shown)
            assert prompts == ["$ "] * (block.text.count("\n$ ") + 1)


def test_a_line_of_code_breaks_where_the_screen_ends(site: Path) -> None:
    style = (site / "assets/site.css").read_text(encoding="utf-8")
    (rule,) = re.findall(r"\.md-typeset pre > code \{([^}]*)\}", style)
    assert "white-space: pre-wrap;" in rule
    assert "overflow-wrap: anywhere;" in rule


def test_a_link_to_nowhere_stops_the_build(repository: Path) -> None:
    (repository / "README.md").write_text("[gone](docs/gone.md)\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"README\.md links to docs/gone\.md, which does not exist"):
        assembly.assemble(repository / "out")


def test_a_page_does_not_hide_one_that_is_made_from_the_code(repository: Path) -> None:
    (repository / "docs").mkdir()
    (repository / "docs/commands.md").write_text("# Mine\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"docs/commands\.md exists"):
        assembly.assemble(repository / "out")
