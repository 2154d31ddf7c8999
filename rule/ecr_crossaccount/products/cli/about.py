"""The input of `judge` and `plan`: policy documents as people have them, and the repository of each.

A document is a bare policy, or the output of `aws ecr get-repository-policy`. A batch describes one policy a line.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path

from ...documents.document import is_account, partition_of, statements_in
from ...documents.elements import read_json
from ...documents.json import RepeatedNames
from ...documents.problems import Problems
from ...errors import InputError
from ...judgement.admission import Origin
from ...judgement.judge import Repository
from ...memo import by_value
from ...sources.reading.files import MEGABYTE, STANDARD_INPUT, UnreadableError, named_or_input, text_named_or_input
from .base import clock
from .base.options import add_account, add_organization, add_region, add_tag, values_of
from .base.outputs import Unread
from .base.program import ExitStatus, complain
from .settings.keys import Origin as SettingOrigin

LARGEST_FILE = MEGABYTE
"""In bytes. ECR accepts policies of at most 10,240 characters."""
LONGEST_LINE = 16 * MEGABYTE
"""In bytes. With a register of 20,000 entries, a line has about 3 MB."""

_NONE = '{}: expected a policy as JSON; for a repository without a policy, use `{{"Statement": []}}`'
_OTHERS = "`ecr-crossaccount check` reads policies that are not JSON"
_OTHER_OUTPUT = re.compile(
    r"""
    ^-+ \s+ \|\s*GetRe\w+Policy\b | ^policyText:\s | }[ \t]*\t[0-9]{12} (?:\t\S+)? \s* \Z
    """,
    re.MULTILINE | re.VERBOSE,
)
"""The output of the AWS CLI as a table, as YAML and as text."""
_AS_JSON = "this is the output of the AWS CLI in another form: add `--output json` to its command"
_FOLDER = "a folder: `ecr-crossaccount check` finds the policies in one"


@by_value
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

    @property
    def is_registry(self) -> bool:
        """Whether it is the output of `aws ecr get-registry-policy`, which names no repository."""
        is_whole = self.origin is Origin.DEPLOYED and self.owner is not None and self.repository is None
        return is_whole and all(
            "Resource" in statement for statement in statements_in(self.document) if isinstance(statement, dict)
        )


class NoPolicyError(InputError):
    """A file without a policy that can be judged. The message says why."""


def read_source(file: str, nothing: str = _NONE, folder: str = _FOLDER) -> Source:
    """Return the policy in `file`, or in standard input for `-`. Raises NoPolicyError.

    The messages for a file without the expected content, with `{}` for its content, and for a folder are `nothing` and
    `folder`.
    """
    text = _text_of(file, nothing, folder)
    try:
        value = _json(text)
    except NoPolicyError as error:
        raise NoPolicyError(f"{error}; {_instead_of(text)}" if _instead_of(text) else str(error)) from None
    if isinstance(value, str) and value.lstrip().startswith("{"):  # `--query policyText` prints a string
        value = {"policyText": value}
    if isinstance(value, dict) and "policyText" in value:
        return _as_printed(file, value)
    if isinstance(value, dict) and "Statement" not in value and _instead_of(text):
        raise NoPolicyError(f"no policy: {_instead_of(text)}")
    if value is None or value == {}:
        # The output of `--query` in the AWS CLI, and of jq, if they find nothing.
        raise NoPolicyError(nothing.format(f"`{text.strip()}` is not a policy"))
    return Source(file, text, value, Origin.PROPOSED)


def _as_printed(file: str, answer: dict[str, object]) -> Source:
    """Return the policy in the output of `aws ecr get-repository-policy`, which was read back from AWS."""
    if isinstance(answer, RepeatedNames):
        raise NoPolicyError(f"`{answer.names[0]}` appears twice: which of the two counts is not known")
    if "Statement" in answer:
        raise NoPolicyError("has both `policyText` and `Statement`: which of them is the policy is not known")
    text = answer["policyText"]
    if not isinstance(text, str):
        raise NoPolicyError("`policyText` is not a string, as `aws ecr get-repository-policy` prints it")
    document = _json(text) if text.strip() else None
    if document in (None, {}):
        raise NoPolicyError("`policyText` is blank, which `aws ecr get-repository-policy` never prints")
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
    raise NoPolicyError(f"`{name}` is not a string, as `aws ecr get-repository-policy` prints it")


def another_service(source: Source) -> str:
    """Return a message if a policy has no action of ECR, so that it is not a repository policy. Otherwise return ""."""
    if '"ecr' in source.text.lower():
        return ""
    from ...sources.files.bare import OTHER_SERVICE, is_of_another_service
    from ...sources.files.values.nodes import node_of

    return OTHER_SERVICE if is_of_another_service(node_of(source.document)) else ""


def _instead_of(text: str) -> str:
    """Return what a text without a policy may be, and what to do with it. "" if it looks like a policy."""
    from ...sources.files.marks import POLICY, seems

    if _OTHER_OUTPUT.search(text):
        return _AS_JSON
    return seems(text, but=POLICY) or ("" if text.lstrip().startswith("{") else _OTHERS)


def _json(text: str) -> object:
    problems = Problems()
    value = read_json(text, problems)
    if problems.found:
        raise NoPolicyError(problems.found[0].reason)
    return value


def _text_of(file: str, nothing: str, folder: str) -> str:
    try:
        text = text_named_or_input(file, LARGEST_FILE)
    except UnreadableError as error:
        is_folder = file != STANDARD_INPUT and error.is_sure and Path(file).is_dir()
        raise NoPolicyError(folder if is_folder else str(error)) from None
    if not text.strip():
        raise NoPolicyError(nothing.format("empty"))
    return text


_HOW_TO_NAME_THE_OWNER = (
    "the account that owns this repository is unknown: add --account, or pipe the whole output of "
    "`aws ecr get-repository-policy`"
)
FOR_SOME_REPOSITORIES = "an entry of the register is for some repositories and covers nothing here: give --repository"
"""The note for a register that has entries for some repositories only, when the repository has no name."""

_ONE_FORM = "its answers have one form"
_ANSWERED = "its exit status says whether it was answered"
_SAID_BY_LINES = ("owner", "repository", "region", "organization", "tags", "trust", "registry_policy", "rcps")
_SAID_BY_PLANS = ("strategy", "required", "values", "cut_trusted")
_OPTIONS = {"owner": "account", "tags": "tag", "rcps": "rcp", "values": "parameter", "outputs": "format"}
_SAID_BY_BATCH = {"outputs": _ONE_FORM, "fail_on": _ANSWERED}


def add_files(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that name the policies."""
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="*",
        help="a policy, or the output of `aws ecr get-repository-policy` (default: standard input, `-`)",
    )


def add_batch(parser: argparse._ActionsContainer) -> None:
    """Add `--jsonl`."""
    parser.add_argument(
        "--jsonl",
        action="store_true",
        help="the batch form: a JSON object a line in, an answer a line out; status 0 for any answers",
    )


def files_or_input(arguments: argparse.Namespace, what: str) -> list[str]:
    """Return the files that are named, or standard input. Raises InputError if that is a terminal."""
    if not arguments.files and sys.stdin.isatty():
        raise InputError(f"nothing to {what}: name a FILE, or `-` for standard input")
    return arguments.files or [STANDARD_INPUT]


def add_repository(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """Add the arguments about the repository. Return their group."""
    one = parser.add_argument_group("what FILE does not say itself")
    add_account(one, "owner", "the account that owns the repository")
    add_region(one)
    add_organization(one)
    one.add_argument("--repository", metavar="NAME", help="its name, for the register's patterns")
    add_tag(one)
    return one


def policies_in(
    arguments: argparse.Namespace, unread: list[Unread], of_registry: str = ""
) -> Iterator[tuple[Source, Repository, Origin]]:
    """Yield the policy of each file, its repository, and whether it is proposed or deployed.

    A file that does not hold a policy is added to `unread`, and the next file is read. `of_registry`: why the command
    cannot use a registry policy, or "" if it can.
    """
    for file in arguments.files:
        try:
            source = read_source(file)
            repository = _repository_of(source, arguments)
        except NoPolicyError as error:
            unread.append(Unread(file, str(error)))
            continue
        if of_registry and source.is_registry:
            unread.append(Unread(file, f"the policy of the registry: {of_registry}"))
        else:
            if other := another_service(source):
                complain(f"note: {file}: {other}")
            yield source, repository, source.origin


def _repository_of(source: Source, arguments: argparse.Namespace) -> Repository:
    """Return the repository that a policy belongs to. Raises NoPolicyError if the file and the options disagree."""
    # A setting supplies only what a file does not contain. An option that contradicts the file is a mistake.
    given = arguments.owner if arguments.settings.origin("account") is SettingOrigin.FLAG or not source.owner else None
    owner = _either("owner", source.owner, "--account", given)
    if owner is None:
        raise NoPolicyError(_HOW_TO_NAME_THE_OWNER)
    if not is_account(owner):
        raise NoPolicyError(f"its `registryId`, `{owner}`, is not an account: expected 12 digits")
    in_partition = partition_of(arguments.region)
    if arguments.region and arguments.partition not in (None, in_partition):
        raise NoPolicyError(f"the setting partition, {arguments.partition}, contradicts --region {arguments.region}")
    return Repository(
        owner,
        name=_either("repository", source.repository, "--repository", arguments.repository) or "*",
        region=arguments.region,
        partition=arguments.partition or in_partition,
        organization=arguments.organization,
        tags=values_of(arguments.tags or (), "--tag: `{}` is given twice: a repository has one value of it"),
        tags_known=arguments.tags is not None,
    )


def _either(what: str, said_by_file: str | None, option: str, given: str | None) -> str | None:
    """Return the value that the file and the option agree on, or the only one given. Raises NoPolicyError."""
    if said_by_file and given and said_by_file != given:
        raise NoPolicyError(f"its {what} is `{said_by_file}`, not `{given}` as {option} says")
    return said_by_file or given


Answers = Callable[[Iterable[bytes], date], Iterator[str]]


def run_batch(arguments: argparse.Namespace, answers: Answers) -> ExitStatus:
    """Answer the lines that `arguments` name. Raises InputError for an option that --jsonl excludes."""
    for name in (*_SAID_BY_LINES, *_SAID_BY_PLANS, *_SAID_BY_BATCH):
        if getattr(arguments, name, None) is not None:
            option = _OPTIONS.get(name, name.replace("_", "-"))
            why = _SAID_BY_BATCH.get(name, "there each line says it itself")
            raise InputError(f"--{option} does not go with --jsonl: {why}")
    answered = False
    for answer in answers(_lines(arguments.files or [STANDARD_INPUT]), clock.today()):
        # Write and flush once per line, so that a program can send a line and wait for its answer.
        sys.stdout.write(answer + "\n")
        sys.stdout.flush()
        answered = True
    if not answered:
        complain("note: there was no line to read, so nothing was answered")
    return ExitStatus.COMPLIANT


def _lines(files: Iterable[str]) -> Iterator[bytes]:
    """Yield the lines of the files. A line that is too long is cut after its beginning. Raises InputError."""
    for file in files:
        try:
            with named_or_input(file) as stream:
                while line := stream.readline(LONGEST_LINE + 1):
                    yield line
                    while len(line) > LONGEST_LINE and not line.endswith(b"\n"):
                        line = stream.readline(LONGEST_LINE + 1)
        except UnreadableError as error:
            raise InputError(f"cannot read `{file}`: {error}") from None
