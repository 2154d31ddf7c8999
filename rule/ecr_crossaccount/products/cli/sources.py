"""Policy documents as people have them: a bare policy, or the output of `aws ecr get-repository-policy`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...documents.problems import Problems
from ...documents.strict_json import RepeatedNames
from ...documents.text import read_json
from ...judgement.admission import Origin
from ...sources.reading import files
from ...sources.reading.files import MEGABYTE, STANDARD_INPUT, text_named_or_input
from .base.errors import InputError

LARGEST_FILE = MEGABYTE
"""In bytes. ECR accepts policies of at most 10,240 characters."""

_NONE = '{}: expected a policy as JSON; for a repository without a policy, use `{{"Statement": []}}`'
_OTHERS = "`ecr-crossaccount check` reads policies that are not JSON"
_FOLDER = "a folder: `ecr-crossaccount check` finds the policies in one"


class UnreadableError(InputError):
    """A file without a policy that can be judged. The message says why."""


@dataclass(frozen=True, slots=True)
class Source:
    """A policy, and the facts in its file about its origin.

    `document` is the policy's JSON value, for showing parts of it; `text` is what is judged.
    """

    file: str
    text: str
    document: object
    origin: Origin
    owner: str | None = None
    repository: str | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """The messages for a file without the expected content, with `{}` for its content, and for a folder."""

    nothing: str = _NONE
    folder: str = _FOLDER


def read_source(file: str, expected: Expected = Expected()) -> Source:
    """Return the policy in `file`, or in standard input for `-`. Raises UnreadableError."""
    text = _text_of(file, expected)
    try:
        value = _json(text)
    except UnreadableError as error:
        raise UnreadableError(f"{error}; {_instead_of(text)}" if _instead_of(text) else str(error)) from None
    if isinstance(value, dict) and "policyText" in value:
        return _as_printed(file, value)
    if isinstance(value, dict) and "Statement" not in value and _instead_of(text):
        raise UnreadableError(f"no policy: {_instead_of(text)}")
    if value is None or value == {}:
        # The output of `--query` in the AWS CLI, and of jq, if they find nothing.
        raise UnreadableError(expected.nothing.format(f"`{text.strip()}` is not a policy"))
    return Source(file, text, value, Origin.PROPOSED)


def _as_printed(file: str, answer: dict[str, object]) -> Source:
    """Return the policy in the output of `aws ecr get-repository-policy`, which was read back from AWS."""
    if isinstance(answer, RepeatedNames):
        raise UnreadableError(f"`{answer.names[0]}` appears twice: which of the two counts is not known")
    if "Statement" in answer:
        raise UnreadableError("has both `policyText` and `Statement`: which of them is the policy is not known")
    text = answer["policyText"]
    if not isinstance(text, str):
        raise UnreadableError("`policyText` is not a string, as `aws ecr get-repository-policy` prints it")
    document = _json(text) if text.strip() else None
    if document in (None, {}):
        raise UnreadableError("`policyText` is blank, which `aws ecr get-repository-policy` never prints")
    return Source(
        file,
        text,
        document,
        Origin.DEPLOYED,
        owner=_string(answer, "registryId"),
        repository=_string(answer, "repositoryName"),
    )


def _string(answer: dict[str, object], name: str) -> str | None:
    value = answer.get(name)
    if value is None or isinstance(value, str):
        return value
    raise UnreadableError(f"`{name}` is not a string, as `aws ecr get-repository-policy` prints it")


def another_service(source: Source) -> str:
    """Return a message if a policy has no action of ECR, so that it is not a repository policy. Otherwise return ""."""
    if '"ecr' in source.text.lower():
        return ""
    from ...sources.files.policies import OTHER_SERVICE, is_of_another_service
    from ...sources.files.values.nodes import node_of

    return OTHER_SERVICE if is_of_another_service(node_of(source.document)) else ""


def _instead_of(text: str) -> str:
    """Return what a text without a policy may be, and what to do with it. "" if it looks like a policy."""
    from ...sources.files.mistaken import POLICY, seems

    return seems(text, but=POLICY) or ("" if text.lstrip().startswith("{") else _OTHERS)


def _json(text: str) -> object:
    problems = Problems()
    value = read_json(text, problems)
    if problems.found:
        raise UnreadableError(problems.found[0].reason)
    return value


def _text_of(file: str, expected: Expected) -> str:
    try:
        text = text_named_or_input(file, LARGEST_FILE)
    except files.UnreadableError as error:
        folder = file != STANDARD_INPUT and error.is_sure and Path(file).is_dir()
        raise UnreadableError(expected.folder if folder else str(error)) from None
    if not text.strip():
        raise UnreadableError(expected.nothing.format("empty"))
    return text
