"""A copy of the project has what a clone would have. Temporary caches beside it are not copied."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests import cloned as module
from tests.cloned import cloned


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "project"
    for name, text in {
        ".gitignore": ".cache/\n", "README.md": "read", "rule/main.py": "run", "rule/gone.py": "", "tests/test.py": "",
    }.items():  # fmt: skip
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    subprocess.run(["git", "add", "--all"], cwd=folder, check=True)
    (folder / "rule/gone.py").unlink()
    (folder / "rule/new.py").write_text("new")
    (folder / ".cache").mkdir()
    (folder / ".cache" / "of-another-test").symlink_to("gone")
    monkeypatch.setattr(module, "ROOT", folder)
    return folder


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.usefixtures("project")
def test_it_holds_what_git_tracks_or_would_add_as_it_is_now(tmp_path: Path) -> None:
    clone = cloned(tmp_path / "clone")
    assert names(clone) == {".gitignore", "README.md", "rule/main.py", "rule/new.py", "tests/test.py"}
    assert (clone / "rule/new.py").read_text() == "new"


@pytest.mark.usefixtures("project")
def test_a_part_of_it_is_what_the_pathspecs_select(tmp_path: Path) -> None:
    assert names(cloned(tmp_path / "one", "rule", "README.md")) == {"README.md", "rule/main.py", "rule/new.py"}
    assert "tests/test.py" not in names(cloned(tmp_path / "two", ".", ":(exclude)tests"))


@pytest.mark.usefixtures("project")
def test_a_part_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        cloned(tmp_path / "clone", "rule", "no-such-folder")
