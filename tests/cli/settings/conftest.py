"""A separate working folder, and a function that writes files into it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

Put = Callable[[str, object], Path]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working folder, the root of a repository."""
    root = tmp_path / "project"
    (root / ".git").mkdir(parents=True)
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def put(folder: Path) -> Put:
    """Write a file in the working folder, as text or JSON, with its folders, and return its path."""

    def put(name: str, content: object) -> Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path

    return put
