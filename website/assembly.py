"""The site's pages in one folder: docs/, the pages beside the code, those made from the code, and linked files.

GitHub shows the same Markdown, so pages link to files by their paths in the repository. On the site, a link leads to
the page of that file, or to a copy of a file that is not a page. A link to a folder of the code leads to the page on
architecture, which describes it.
"""

from __future__ import annotations

import posixpath
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from website import reference

ROOT = Path(__file__).parents[1]
DOCS = "docs/"
HOME = ("README.md", "index.md")
STYLE = ("website/site.css", "assets/site.css")
BESIDE_THE_CODE = (
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "benchmarks/README.md",
    "remediation/README.md",
    "tests/differential/README.md",
)
"""Pages that are where GitHub and developers look for them."""

FROM_THE_CODE: Mapping[str, Callable[[], str]] = {
    "commands.md": reference.commands,
}
WITHOUT_SEARCH = "---\nsearch:\n  exclude: true\n---\n\n"
"""The front matter of decisions: someone who searches the site looks for how to use the project."""
_FOLDERS = "architecture.md"
_LINK = re.compile(r"(?<=\]\()(?!https?:|mailto:|#)([^()\s]+)(?=\))")
_BLOCK = re.compile(r"^(?P<fence>```+).*?^(?P=fence)`*$", re.MULTILINE | re.DOTALL)


def assemble(folder: Path) -> None:
    """Write everything that the site is built from into an empty folder.

    Raises ValueError if two pages have the same place, or a page links to a file that the repository does not have.
    """
    places = dict(_places())
    copies: set[str] = set()
    for name, place in places.items():
        if name.endswith(".md"):
            text = (ROOT / name).read_text(encoding="utf-8")
            head = WITHOUT_SEARCH if place.startswith("decisions/") else ""
            _write(folder / place, head + _linked(text, name, places, copies))
        else:
            copies.add(name)
    for place, made in FROM_THE_CODE.items():
        if (folder / place).exists():
            raise ValueError(f"docs/{place} exists, and a page of that name is made from the code: rename one of them")
        _write(folder / place, made())
    for name in sorted(copies):
        target = folder / places.get(name, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target)


def _places() -> Iterator[tuple[str, str]]:
    """Yield every page and picture by its path in the repository, with its place on the site."""
    yield HOME
    yield STYLE
    for name in BESIDE_THE_CODE:
        yield name, name
    for path in sorted((ROOT / DOCS).rglob("*")):
        if path.is_file():
            name = path.relative_to(ROOT).as_posix()
            yield name, name.removeprefix(DOCS)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _linked(text: str, name: str, places: Mapping[str, str], copies: set[str]) -> str:
    """Return a page with its links changed for the site. Add the files that it links to to `copies`."""

    def on_site(found: re.Match[str]) -> str:
        link = urlsplit(found[1])
        target = posixpath.normpath(posixpath.join(posixpath.dirname(name), link.path))
        if (ROOT / target).is_dir():
            place = _FOLDERS
        elif (ROOT / target).is_file():
            place = places.get(target, target)
            if target not in places:
                copies.add(target)
        elif target.removeprefix(DOCS) in FROM_THE_CODE:
            place = target.removeprefix(DOCS)
        else:
            raise ValueError(f"{name} links to {found[1]}, which does not exist")
        relative = posixpath.relpath(place, posixpath.dirname(places[name]) or ".")
        return f"{relative}#{link.fragment}" if link.fragment else relative

    return _outside_blocks(text, lambda prose: _LINK.sub(on_site, prose))


def _outside_blocks(text: str, change: Callable[[str], str]) -> str:
    done, end = [], 0
    for block in _BLOCK.finditer(text):
        done += [change(text[end : block.start()]), block[0]]
        end = block.end()
    return "".join([*done, change(text[end:])])
