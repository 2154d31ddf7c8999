"""The project as a clone of its present state, for a test that builds, installs or changes it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]


def committed(folder: Path) -> None:
    """Make a Git repository of a folder, with a commit of everything that it does not ignore."""
    author = ("-c", "user.name=tests", "-c", "user.email=tests@example.com")
    for arguments in (("init", "--quiet"), ("add", "--all"), (*author, "commit", "--quiet", "--message=all")):
        subprocess.run(["git", *arguments], cwd=folder, check=True)


def cloned(folder: Path, *paths: str) -> Path:
    """Copy what Git tracks, or would add, into `folder`, and return it: everything, or what the pathspecs select.

    Other files in the project's folder, such as the caches of tools, change while other tests run. They are not copied.
    """
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--error-unmatch", "--", *paths],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():  # tracked, and deleted in this state
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder
