"""`ecr-crossaccount judge`: policy documents, or a batch of them, judged."""

from __future__ import annotations

import argparse

from .. import judge
from .about import add_files, add_repository, origin_of, repository_of, run_batch
from .clock import today
from .errors import InputError
from .exit_status import ExitStatus, status_of
from .formats import FORMATS, Judged, Report, Unread, show
from .register import trust_in
from .sources import UnreadableError, read_source


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `judge`."""
    add_files(parser)
    add_repository(parser)
    parser.add_argument("--format", choices=list(FORMATS), help="how to show the result (default: text)")


def run(arguments: argparse.Namespace) -> ExitStatus:
    """Judge what `arguments` name, and show the result."""
    if arguments.jsonl:
        from .batch import answers

        return run_batch(arguments, answers, today())
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
            repository = repository_of(source, arguments)
        except UnreadableError as error:
            unread.append(Unread(file, str(error)))
            continue
        verdict = judge(source.text, repository, trust, origin_of(source, arguments))
        judged.append(Judged(file, repository, source.document, verdict))
    return Report(tuple(judged), tuple(unread))
