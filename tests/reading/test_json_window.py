"""JSON in pieces: with any division, the values and the place of a fault are the same as for the whole text."""

from __future__ import annotations

import gzip
import io
import json
import re

import pytest
from ecr_crossaccount.documents.json import BadJsonError
from ecr_crossaccount.sources.reading import json_window
from ecr_crossaccount.sources.reading.files import UnreadableError
from ecr_crossaccount.sources.reading.json_window import Window, elements, fields
from hypothesis import given
from hypothesis import strategies as st

from tests.wording import sentence

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=15,
)


def cut(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


@given(st.lists(VALUES, min_size=1, max_size=4), st.integers(1, 9), st.sampled_from(["\n", " \t", "\r\n"]))
def test_values_are_read_whatever_the_pieces(values: list[object], size: int, between: str) -> None:
    window = Window(cut(between.join(map(json.dumps, values)), size))
    found = []
    while window.peek():
        found.append(window.value())
    assert found == values


@given(
    st.dictionaries(st.text(), st.lists(VALUES, max_size=3), max_size=4), st.integers(1, 9), st.sampled_from([None, 2])
)
def test_lists_and_objects_are_gone_through_whatever_the_pieces(
    value: dict[str, list[object]], size: int, indent: int | None
) -> None:
    window = Window(cut(json.dumps(value, indent=indent), size))
    found = {name: [json.loads(window.source()) for _ in elements(window)] for name in fields(window)}
    assert (found, window.peek()) == (value, "")


@given(VALUES, st.integers(1, 9), st.data())
def test_a_fault_is_told_where_it_is_whatever_the_pieces(value: object, size: int, data: st.DataObject) -> None:
    text = json.dumps({"list": [value, "more"]}, indent=1)
    at = data.draw(st.integers(0, len(text)))
    text = text[:at] + data.draw(st.sampled_from(["", "}", "]", '"', "\\", "x", ",", "\n", "1"])) + text[at + 1 :]

    def read(parts: list[str]) -> object:
        window = Window(parts)
        try:
            return {name: [window.value() for _ in elements(window)] for name in fields(window)}
        except BadJsonError as error:
            return str(error)

    assert read(cut(text, size)) == read([text])


def test_a_name_that_stands_twice_is_told_at_the_beginning_of_its_object() -> None:
    window = Window(['{"a": 1,\n', '"a": 2}'])
    with pytest.raises(BadJsonError, match=re.escape(sentence("json.line_column_value"))):
        _ = [window.value() for _ in fields(window)]


def test_a_value_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_window, "LARGEST", 100)
    with pytest.raises(BadJsonError, match="more than 100 characters"):
        Window(['"', *["x" * 50] * 1000]).value()


class TestPieces:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32-be"])
    @pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
    def test_a_text_is_the_same_however_it_is_written(
        self, monkeypatch: pytest.MonkeyPatch, encoding: str, pack: object
    ) -> None:
        monkeypatch.setattr(json_window, "PIECE", 9)
        text = '{"name": "größe 🎉"}' * 5
        data = text.encode(encoding)
        packed = gzip.compress(data) if pack is gzip.compress else data
        assert "".join(json_window.pieces_of(io.BytesIO(packed))) == text

    @pytest.mark.parametrize(
        "data, says",
        [
            (b'{"a": "' + b"x" * 30 + b"\xff", "not text in UTF-8 at byte 37"),
            (b'{"a": "' + b"x" * 30 + "ü".encode()[:1], "not text in UTF-8 at byte 37"),
            (b"\x89PNG\0\0" + b"\0" * 90, "binary, not text"),
            (b'{"a": 1}\0' + b" " * 90, "binary, not text"),
            (gzip.compress(b"x" * 10_000, mtime=0)[:-9], sentence("json_window.gzip_file_ends")),
            (b"\x1f\x8bno gzip file", sentence("json_window.gzip_file_ends")),
        ],
    )
    def test_what_is_no_text_is_told(self, monkeypatch: pytest.MonkeyPatch, data: bytes, says: str) -> None:
        monkeypatch.setattr(json_window, "PIECE", 16)
        with pytest.raises(UnreadableError, match=says):
            _ = [*json_window.pieces_of(io.BytesIO(data))]

    def test_a_file_without_end_is_read_as_far_as_it_is_asked_for(self) -> None:
        class Endless(io.RawIOBase):
            def read(self, size: int = -1) -> bytes:
                return b" " * size

        found = json_window.pieces_of(Endless())  # type: ignore[arg-type]
        assert len(next(found)) == json_window.PIECE
