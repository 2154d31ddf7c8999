"""Files as every command reads them: with a size limit, as text, and without waiting for a writer."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Thread

import pytest
from ecr_crossaccount.sources.reading.files import (
    BinaryError,
    UnreadableError,
    decode_text,
    open_named_file,
    text_found,
    text_named,
    text_named_or_input,
)

READERS: dict[str, Callable[[str, int], str]] = {
    "named": text_named,
    "named or input": text_named_or_input,
    "found": text_found,
}


@pytest.fixture(params=READERS)
def read(request: pytest.FixtureRequest) -> Callable[[str, int], str]:
    return READERS[request.param]


def test_a_file_may_have_as_many_bytes_as_its_reader_takes(read: Callable[[str, int], str], tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"1234")
    assert read(str(file), 4) == "1234"
    with pytest.raises(UnreadableError, match=r"^larger than 3 bytes$"):
        read(str(file), 3)
    file.write_bytes(b" " * 1_048_577)
    with pytest.raises(UnreadableError, match=r"^larger than 1 MB$") as caught:
        read(str(file), 1_048_576)
    assert not caught.value.is_sure


@pytest.mark.parametrize(
    "name, reason",
    [
        ("none", "no such file or directory"),
        ("", "no such file or directory"),
        (".", "is a directory"),
        ("a\0b", "embedded null byte"),
        ("\ud800", "surrogates not allowed"),
        ("x" * 300, "file name too long"),
    ],
)
def test_what_cannot_be_opened_is_said_in_our_words(
    read: Callable[[str, int], str], name: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnreadableError, match=reason) as caught:
        read(name, 9)
    assert caught.value.is_sure
    assert open_below(tmp_path) == []


def open_below(folder: Path) -> list[str]:
    """Return the open files of this process that are in a folder or the folder itself."""
    found: list[str] = []
    for one in Path("/proc/self/fd").glob("*"):
        with suppress(OSError):  # another thread has closed it
            found.append(str(one.readlink()))
    return [one for one in found if Path(one).is_relative_to(folder)]


def test_a_pipe_is_read_where_the_user_names_it_and_refused_where_it_is_found(tmp_path: Path) -> None:
    pipe = tmp_path / "x.json"
    os.mkfifo(pipe)
    with pytest.raises(UnreadableError, match="neither a file nor a folder"):
        text_found(str(pipe), 9)  # nothing is at its other end
    writer = Thread(target=pipe.write_bytes, args=(b"{}",))
    writer.start()
    assert text_named(str(pipe), 9) == "{}"
    writer.join()


def test_a_device_without_an_end_is_refused() -> None:
    with pytest.raises(UnreadableError, match=r"larger than 1 MB"):
        text_named("/dev/zero", 1_048_576)
    with pytest.raises(UnreadableError, match="neither a file nor a folder"):
        text_found("/dev/zero", 1_048_576)


def test_standard_input_is_read_where_a_command_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"given")))
    monkeypatch.chdir(tmp_path)
    Path("-").write_text("a file")
    assert [one("-", 9) for one in READERS.values()] == ["a file", "given", "a file"]
    assert not sys.stdin.closed


def test_what_fails_while_it_is_read_is_said_too(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(io.RawIOBase):
        def read(self, _size: int = -1) -> bytes:
            raise OSError(5, "Input/output error")

    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO())))
    monkeypatch.setattr("sys.stdin", type("Input", (), {"buffer": Broken()}))
    with pytest.raises(UnreadableError, match=r"^input/output error$"):
        text_named_or_input("-", 9)


def test_what_the_reader_itself_raises_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    with pytest.raises(ValueError, match="mine") as caught, open_named_file(str(tmp_path / "x")):
        raise ValueError("mine")
    assert not isinstance(caught.value, UnreadableError)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"])
def test_a_text_is_read_in_the_encoding_that_it_begins_with(encoding: str) -> None:
    assert decode_text('{"é": "\U0001f600"}'.encode(encoding))[0] == '{"é": "\U0001f600"}'


@pytest.mark.parametrize(
    "data, reason",
    [
        (b"{\xff}", "not text in UTF-8 at byte 1"),
        (b"\xef\xbb\xbf{\xff}", "not text in UTF-8 at byte 1"),
        (b"\xff\xfe{", "not text in UTF-16 at byte 2"),
        ("{}".encode("utf-16-le") + b"\x00\xd8", "not text in UTF-16-LE at byte 4"),
        (b"\xed\xa0\x80", "not text in UTF-8 at byte 0"),
    ],
)
def test_what_is_no_text_says_where(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        decode_text(data)
    assert str(caught.value) == reason


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04 and \x00\x00",
        b"\xffPK and \x00",
        b"\x00\x01\x02" * 9,
        b"\x00a\x00\x01",
        "{\0}".encode("utf-16"),
        b"\x00\x00\x00\x01",
    ],
)
def test_what_holds_zeros_or_begins_like_no_text_is_binary(data: bytes) -> None:
    with pytest.raises(BinaryError, match=r"^binary, not text$"):
        decode_text(data)
