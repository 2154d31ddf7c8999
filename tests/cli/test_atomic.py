"""A report is written completely or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from ecr_crossaccount.errors import InputError
from ecr_crossaccount.products.cli.base.atomic import write_whole


def test_a_new_file_has_the_permissions_of_any_other(tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        write_whole(str(tmp_path / "report"), "text\n")
    finally:
        os.umask(mask)
    assert (tmp_path / "report").read_text() == "text\n"
    assert stat.S_IMODE((tmp_path / "report").stat().st_mode) == 0o640


def test_an_old_file_keeps_its_permissions_and_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "real").chmod(0o600)
    (tmp_path / "link").symlink_to("real")
    write_whole(str(tmp_path / "link"), "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"
    assert stat.S_IMODE((tmp_path / "real").stat().st_mode) == 0o600


def test_an_interrupt_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "report").write_text("old")

    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_whole(str(tmp_path / "report"), "new")
    assert [path.name for path in tmp_path.iterdir()] == ["report"]
    assert (tmp_path / "report").read_text() == "old"


@pytest.mark.parametrize("path", ["nowhere/report", "."])
def test_what_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=f"cannot write `{path}`: "):
        write_whole(path, "text")
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_file_is_written_through() -> None:
    write_whole(os.devnull, "text")
    assert not Path(os.devnull).is_file()


def test_what_utf_8_lacks_is_an_escape(tmp_path: Path) -> None:
    write_whole(str(tmp_path / "report"), "a\ud800b")
    assert (tmp_path / "report").read_text() == r"a\ud800b"
