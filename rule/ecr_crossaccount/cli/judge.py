"""`ecr-crossaccount judge`: policy documents, or a batch of them, judged."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import BinaryIO

from .. import Origin, Repository, judge
from .clock import today
from .errors import InputError
from .exit_status import ExitStatus, status_of
from .formats import FORMATS, Judged, Report, Unread, show
from .options import ACCOUNT, account, organization, tag
from .register import trust_in
from .sources import STANDARD_INPUT, Source, UnreadableError, read_source

_HOW_TO_NAME_THE_OWNER = "no owner account: give --owner, or the whole output of `aws ecr get-repository-policy`"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `judge`."""
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="*",
        help="a policy, or what `aws ecr get-repository-policy` prints; `-` is standard input",
    )
    parser.add_argument(
        "--jsonl",
        action="store_true",
        help="the batch form: a JSON object a line in, one a line out; from FILE or standard input",
    )
    one = parser.add_argument_group("about the repository", "what FILE does not say itself")
    one.add_argument("--owner", "--account", metavar="ACCOUNT", type=account, help="the account that owns it")
    one.add_argument("--repository", metavar="NAME", help="its name, for the register's patterns")
    one.add_argument("--region", metavar="REGION", help="its Region, for conditions on aws:RequestedRegion")
    one.add_argument("--partition", metavar="PARTITION", help="aws, aws-cn, aws-us-gov, … (default: aws)")
    one.add_argument(
        "--organization",
        metavar="ID",
        type=organization,
        help="the organization of the owner account, which the register calls `self`",
    )
    one.add_argument(
        "--tag",
        metavar="KEY=VALUE",
        type=tag,
        action="append",
        dest="tags",
        help="a tag of it; give all that it has, once for each",
    )
    one.add_argument(
        "--origin",
        choices=[Origin.PROPOSED.value, Origin.DEPLOYED.value],
        help="whether the policy is still to be applied or was read back from AWS (default: proposed, "
        "but deployed for what `aws ecr get-repository-policy` prints)",
    )
    parser.add_argument("--trust", metavar="FILE", help="the trust register, YAML or JSON (default: nobody is trusted)")
    parser.add_argument("--format", choices=list(FORMATS), help="how to show the result (default: text)")


def run(arguments: argparse.Namespace) -> ExitStatus:
    """Judge what `arguments` name, and show the result."""
    if arguments.jsonl:
        return _run_batch(arguments)
    if not arguments.files:
        raise InputError("nothing to judge: name a FILE, or `-` for standard input")
    report = _report(arguments)
    show(report, arguments.format or "text")
    if report.unread:
        return ExitStatus.BAD_INPUT
    return status_of(judged.verdict for judged in report.judged)


def _report(arguments: argparse.Namespace) -> Report:
    trust = trust_in(arguments.trust, today())
    judged: list[Judged] = []
    unread: list[Unread] = []
    for file in arguments.files:
        try:
            source = read_source(file)
            repository = _repository(source, arguments)
        except UnreadableError as error:
            unread.append(Unread(file, str(error)))
            continue
        origin = Origin(arguments.origin) if arguments.origin else source.origin
        verdict = judge(source.text, repository, trust, origin)
        judged.append(Judged(file, repository, source.document, verdict))
    return Report(tuple(judged), tuple(unread))


def _repository(source: Source, arguments: argparse.Namespace) -> Repository:
    owner = _either("owner", source.owner, "--owner", arguments.owner)
    if owner is None:
        raise UnreadableError(_HOW_TO_NAME_THE_OWNER)
    if not ACCOUNT.fullmatch(owner):
        raise UnreadableError(f"its `registryId`, `{owner}`, is no account: expected 12 digits")
    return Repository(
        owner,
        name=_either("repository", source.repository, "--repository", arguments.repository) or "*",
        region=arguments.region,
        partition=arguments.partition or "aws",
        organization=arguments.organization,
        tags=dict(arguments.tags or ()),
        tags_known=arguments.tags is not None,
    )


def _either(what: str, said_by_file: str | None, option: str, given: str | None) -> str | None:
    """Return what file and option agree on, or the one that says something."""
    if said_by_file and given and said_by_file != given:
        raise UnreadableError(f"its {what} is `{said_by_file}`, not `{given}` as {option} says")
    return said_by_file or given


def _run_batch(arguments: argparse.Namespace) -> ExitStatus:
    unused = ("owner", "repository", "region", "partition", "organization", "tags", "origin", "trust", "format")
    given = [name for name in unused if getattr(arguments, name) is not None]
    if given:
        option = "tag" if given[0] == "tags" else given[0]
        raise InputError(f"--{option} does not go with --jsonl: there each line says it itself")
    from .batch import answers

    for answer in answers(_lines(arguments.files or [STANDARD_INPUT]), today()):
        # One write and one flush a line: who feeds a line and waits for its answer gets it.
        sys.stdout.write(answer + "\n")
        sys.stdout.flush()
    return ExitStatus.COMPLIANT


def _lines(files: Iterable[str]) -> Iterator[bytes]:
    for file in files:
        with _opened(file) as stream:
            yield from stream


def _opened(file: str) -> AbstractContextManager[BinaryIO]:
    if file == STANDARD_INPUT:
        return nullcontext(sys.stdin.buffer)
    try:
        return Path(file).open("rb")
    except OSError as error:
        raise InputError(f"cannot read `{file}`: {error.strerror or error}") from None
