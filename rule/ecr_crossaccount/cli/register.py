"""The trust register as a file, YAML or JSON."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from .. import Trust
from ..errors import TrustError
from .errors import InputError

if TYPE_CHECKING:
    from .yaml_text import Place

LARGEST_FILE = 4_194_304
"""Bytes; a register of 20,000 entries has about 3,000,000."""


class RegisterError(InputError):
    """A register that cannot be used, so that nothing may be judged with it."""


def trust_in(path: str | None, today: date) -> Trust:
    """Return what the register at `path` trusts; nobody where no register is given. Raises RegisterError."""
    return Trust((), today) if path is None else read_register(path, today)


def read_register(path: str, today: date) -> Trust:
    """Return what the register at `path` trusts on the day `today`. Raises RegisterError."""
    text = _text_of(path)
    value, places = _json(path, text) if _looks_like_json(path, text) else _yaml(path, text)
    try:
        return Trust.parse(value, today=today)
    except TrustError as error:
        raise RegisterError(*(_problem(path, places, at, reason) for at, reason in error.problems)) from None


def _text_of(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise RegisterError(f"cannot read the trust register `{path}`: {error.strerror or error}") from None
    if len(data) > LARGEST_FILE:
        raise RegisterError(f"cannot read the trust register `{path}`: larger than {LARGEST_FILE:,} bytes")
    try:
        return data.decode(json.detect_encoding(data))
    except UnicodeDecodeError:
        raise RegisterError(f"cannot read the trust register `{path}`: not text in UTF-8") from None


def _looks_like_json(path: str, text: str) -> bool:
    """Tell whether to read JSON. What YAML shares with it is read as YAML, but for tabs, which YAML refuses."""
    return path.lower().endswith(".json") or (text.lstrip().startswith("{") and "\t" in text)


def _yaml(path: str, text: str) -> tuple[object, dict[str, Place]]:
    from .yaml_text import YamlError, read_yaml

    try:
        read = read_yaml(text)
    except YamlError as error:
        line, column = error.place
        raise RegisterError(f"{path}:{line}:{column}: {error.reason}") from None
    return read.value, read.places


def _json(path: str, text: str) -> tuple[object, dict[str, Place]]:
    from .json_text import JsonError, read_json

    try:
        return read_json(text), {}
    except JsonError as error:
        raise RegisterError(f"{path}: {error}") from None


def _problem(path: str, places: dict[str, Place], at: str, reason: str) -> str:
    place = places.get(at) or places.get(at.rpartition(".")[0])
    where = f"{path}:{place[0]}:{place[1]}" if place else path
    return f"{where}: {at}: {reason}"
