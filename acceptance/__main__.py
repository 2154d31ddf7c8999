"""`make acceptance`: its command line."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType

import boto3
from botocore.exceptions import BotoCoreError
from ecr_crossaccount.documents.document import is_account
from ecr_crossaccount.errors import EcrCrossAccountError
from ecr_crossaccount.products.cli.base.atomic import write_whole
from ecr_crossaccount.products.cli.base.program import visible

from . import report, teardown
from .account import check_caller
from .cases import Case, cases
from .clients import Clients
from .clock import Clock, SystemClock
from .credentials import end_of
from .deployment import ROOT, Deployment, SamCli
from .errors import AWS_ERRORS, RefusedError, one_line
from .masking import Mask, unmasked
from .only import only_analyzer, tables
from .questions import QUESTIONS
from .record import Record
from .run import run, status
from .sandbox import PARTNER, STRANGER, Sandbox
from .session import Session

_FAILED, _INTERRUPTED = 3, 130
_FOLDER = ROOT / "build" / "acceptance"


def main(arguments: Sequence[str], clock: Clock, deployment: Deployment, ask: Callable[[str], str]) -> int:
    """Run, or tear down, and return the exit status. `ask` asks the user a question."""
    options = _parser().parse_args(arguments)
    try:
        return _main(options, clock, deployment, ask)
    except RefusedError as error:
        for reason in error.reasons:
            print(f"refused: {visible(reason)}", file=sys.stderr)
        print("nothing was created, nothing was changed", file=sys.stderr)
        return _FAILED
    except (EcrCrossAccountError, *AWS_ERRORS) as error:
        print(f"failed: {visible(one_line(error))}", file=sys.stderr)
        return _FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make acceptance", description="Try the stack in a sandbox account. See docs/acceptance.md."
    )
    parser.add_argument("--account", help="the sandbox account; asked for if it is not given")
    parser.add_argument("--region", help="by default the Region of your profile")
    parser.add_argument("--profile", help="a profile of the AWS CLI")
    parser.add_argument("--until", metavar="TIME", help="when temporary credentials end, such as 2026-12-01T17:30Z")
    parser.add_argument("--partner", default=PARTNER, help="an existing account that the stack trusts for reading")
    parser.add_argument("--stranger", default=STRANGER, help="an existing account that nobody trusts")
    parser.add_argument(
        "--mask",
        action=argparse.BooleanOptionalAction,
        help="leave the numbers of accounts out of the report; the default of --only",
    )
    parser.add_argument(
        "--only",
        choices=["analyzer"],
        help="compare with IAM Access Analyzer alone, on policies of repositories that are not created: some minutes",
    )
    parser.add_argument("--tables", type=Path, metavar="FOLDER", help="with --only: also the cases of tests/cases")
    parser.add_argument("--report", type=Path, default=_FOLDER, metavar="FOLDER", help="where the report goes")
    parser.add_argument("--tear-down", action="store_true", help="only remove what an earlier run left")
    return parser


def _main(options: argparse.Namespace, clock: Clock, deployment: Deployment, ask: Callable[[str], str]) -> int:
    account = options.account or ask("the id of the sandbox account, 12 digits: ").strip()
    for name, value in (("account", account), ("partner", options.partner), ("stranger", options.stranger)):
        if not is_account(value):
            raise RefusedError([f"{name} `{value}`: expected 12 digits"])
    if options.profile:
        os.environ["AWS_PROFILE"] = options.profile  # for the SAM CLI too
    session = _session_of(options.profile, options.region)
    clients = Clients.of(session, session.region_name)
    partition = check_caller(clients, account)
    sandbox = Sandbox(account, session.region_name, partition, options.partner, options.stranger)
    chosen = _cases(options)
    record = Record(sandbox, () if options.only else QUESTIONS, clock.now(), commit())
    if options.tear_down:
        return _tear_down(clients, clock, record, ask)
    options.mask = bool(options.only) if options.mask is None else options.mask
    end = None if options.only else end_of(session, options.until)
    return _run(options, Session(sandbox, clients, clock, deployment, chosen, record, _say, end))


def _cases(options: argparse.Namespace) -> tuple[Case, ...]:
    """Return the cases of a run. Raises RefusedError for tables that cannot be read."""
    if options.tables is None:
        return cases()
    if not options.only:
        raise RefusedError(["`--tables` is for `--only analyzer`: a run of the stack makes a repository for each case"])
    try:
        return (*cases(), *tables(options.tables))
    except (OSError, ValueError, KeyError) as error:
        raise RefusedError([f"`{options.tables}` has no tables of cases: {one_line(error)}"]) from None


def commit() -> str:
    """Return the commit of this checkout, with `+` for changes, or "unknown"."""
    try:
        said = subprocess.run(
            ["git", "describe", "--always", "--dirty=+", "--abbrev=40", "--match="],  # noqa: S607 - from PATH
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return said.stdout.strip()


def _session_of(profile: str | None, region: str | None) -> boto3.Session:
    try:
        session = boto3.Session(profile_name=profile, region_name=region)
    except BotoCoreError as error:
        raise RefusedError([one_line(error)]) from None
    if session.region_name is None:
        raise RefusedError(["no Region: name one with `--region`"])
    return session


def _run(options: argparse.Namespace, session: Session) -> int:
    options.report.mkdir(parents=True, exist_ok=True)
    try:
        (only_analyzer if options.only else run)(session)
    except KeyboardInterrupt:
        found = _reported(options, session)
        return found if found == _FAILED else _INTERRUPTED
    except RefusedError:
        raise
    except BaseException:  # an error in this program: the results so far are still worth a report
        _reported(options, session)
        raise
    return _reported(options, session)


def _reported(options: argparse.Namespace, session: Session) -> int:
    """Write the report, print its summary, and return the exit status."""
    mask = Mask(session.sandbox) if options.mask else unmasked
    for name, text in (("report.md", report.to_markdown), ("report.json", report.to_json)):
        write_whole(str(options.report / name), text(session.record, session.cases, mask))
    with suppress(OSError):  # see `_say`: the report is written
        for line in _summary(session.record):
            print(visible(mask(line)))
        print(f"the report: {options.report / 'report.md'}")
    return status(session.record)


def _summary(record: Record) -> list[str]:
    lines = [f"{record.answer(one).agreement.value}: {one.text} {record.answer(one).seen}" for one in record.questions]
    return [*lines, *(f"left behind: {one}" for one in record.left), report.OUTCOMES[status(record)]]


def _tear_down(clients: Clients, clock: Clock, record: Record, ask: Callable[[str], str]) -> int:
    there = teardown.found(clients)
    for one in there:
        print(f"to be removed: {visible(one)}")
    if (
        there
        and ask(f"remove all of it from {record.sandbox.account}? Type the account's id: ").strip()
        != record.sandbox.account
    ):
        raise RefusedError(["that is not the account's id"])
    teardown.tear_down(clients, clock, record, _say)
    for one in record.left:
        print(f"left behind: {visible(one)}", file=sys.stderr)
    return _FAILED if record.left else 0


def _say(what: str) -> None:
    with suppress(OSError):  # the terminal may be closed, and the teardown continues
        print(f"-- {visible(what)}", flush=True)


def end_by_signals() -> None:
    """If a build server ends the job, or the terminal is closed, tear down as after Ctrl-C."""
    signal.signal(signal.SIGTERM, _terminate)
    signal.signal(signal.SIGHUP, _terminate)


def _terminate(number: int, _frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)  # a terminal that closes may send it twice: only Ctrl-C ends a teardown
    raise KeyboardInterrupt


if __name__ == "__main__":
    end_by_signals()
    sam = SamCli(str(Path(sys.executable).with_name("sam")), _FOLDER / "build")
    sys.exit(main(sys.argv[1:], SystemClock(), sam, input))
