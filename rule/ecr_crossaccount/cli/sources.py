"""Policy documents as people have them: a bare policy, or what `aws ecr get-repository-policy` prints."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from .. import Origin
from ..errors import in_our_words
from ..policy.problems import Problems
from ..policy.text import read_json
from .errors import InputError

STANDARD_INPUT = "-"
LARGEST_FILE = 1_048_576
"""Bytes; ECR keeps policies of at most 10,240 characters."""


class UnreadableError(InputError):
    """A file that holds no policy that could be judged; the message says why."""


@dataclass(frozen=True, slots=True)
class Source:
    """A policy and what its file says about where it comes from.

    `document` is the policy's JSON value, for showing parts of it; `text` is what is judged.
    """

    file: str
    text: str
    document: object
    origin: Origin
    owner: str | None = None
    repository: str | None = None


def read_source(file: str) -> Source:
    """Return the policy in `file`, `-` for standard input. Raises UnreadableError."""
    text = _text_of(file)
    value = _json(text)
    if isinstance(value, dict) and "policyText" in value:
        return _as_printed(file, value)
    return Source(file, text, value, Origin.PROPOSED)


def _as_printed(file: str, answer: dict[str, object]) -> Source:
    """Return the policy in what `aws ecr get-repository-policy` prints, read back from AWS."""
    text = answer["policyText"]
    if not isinstance(text, str):
        raise UnreadableError("`policyText` is not a string, as `aws ecr get-repository-policy` prints it")
    return Source(
        file,
        text,
        _json(text),
        Origin.DEPLOYED,
        owner=_string(answer, "registryId"),
        repository=_string(answer, "repositoryName"),
    )


def _string(answer: dict[str, object], name: str) -> str | None:
    value = answer.get(name)
    if value is None or isinstance(value, str):
        return value
    raise UnreadableError(f"`{name}` is not a string, as `aws ecr get-repository-policy` prints it")


def _json(text: str) -> object:
    problems = Problems()
    value = read_json(text, problems)
    if problems.found:
        raise UnreadableError(problems.found[0].reason)
    return value


def _text_of(file: str) -> str:
    data = _bytes_of(file)
    if len(data) > LARGEST_FILE:
        raise UnreadableError(f"larger than {LARGEST_FILE:,} bytes, so no policy")
    try:
        text = data.decode(json.detect_encoding(data))
    except UnicodeDecodeError:
        raise UnreadableError("not text in UTF-8, so no policy") from None
    if not text.strip():
        raise UnreadableError("empty: a repository without a policy is compliant, but is this one? expected JSON")
    return text


def _bytes_of(file: str) -> bytes:
    if file == STANDARD_INPUT:
        return _start_of(sys.stdin.buffer)
    try:
        with Path(file).open("rb") as stream:
            return _start_of(stream)
    except IsADirectoryError:
        raise UnreadableError("a folder: `ecr-crossaccount check` finds the policies in one") from None
    except OSError as error:
        raise UnreadableError(in_our_words(error)) from None


def _start_of(stream: BinaryIO) -> bytes:
    return stream.read(LARGEST_FILE + 1)
