"""`ecr-crossaccount trust`: maintains the register.

The arguments of `trust publish` are here and its code is not, so that parsing imports no AWS library.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from ...documents.problems import count_of
from ...errors import InputError, TrustError
from ...judgement.values.trust import Trust
from ...judgement.values.trust_entries import NEVER, Entry, Subject
from ...judgement.values.verdict import Access
from .base import clock
from .base.json_text import render_json
from .base.options import Span, add_organization, add_region, day, day_of, days_ahead, note_unknown_service, span
from .base.program import REMARKS, WRITTEN, ExitStatus, add_tasks, complain, visible
from .settings.options import REGISTER

if TYPE_CHECKING:
    from .register import RegisterFile


def configure_publish(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `trust publish`."""
    parser.add_argument("file", metavar="FILE", help="the register, YAML or JSON")
    parser.add_argument(
        "location",
        metavar="PLACE",
        help="`s3://bucket/key`, `ssm:/name` or `appconfig:APPLICATION/ENVIRONMENT/PROFILE`",
    )
    parser.add_argument(
        "inventory",
        metavar="FROM",
        nargs="*",
        type=Path,
        help="files of AWS Config, as `audit` takes them: their repositories are judged by the old register and the "
        "new one",
    )
    add_organization(parser)
    add_region(parser, "the Region of PLACE (default: yours)")
    parser.add_argument("--members", metavar="FILE", help="the accounts of the organization, for FROM")
    parser.add_argument("--dry-run", action="store_true", help="show the change, and write nothing")
    parser.add_argument("--yes", action="store_true", help="do not ask")


_SUBJECTS = {
    Subject.ACCOUNT: ("ID", "an account"),
    Subject.ORGANIZATION: ("ID", "an organization, `self` for that of the owner account"),
    Subject.ORGANIZATION_PATH: ("PATH", "an organization path, such as `o-a1b2c3d4e5/r-ab12/*`"),
    Subject.SERVICE: ("NAME", "an AWS service, for any account that it acts for"),
    Subject.VPC: ("ID", "anyone who comes through a VPC"),
    Subject.VPC_ENDPOINT: ("ID", "anyone who comes through a VPC endpoint"),
    Subject.GITHUB: ("NAME", "workflows of an owner or a repository at GitHub, by roles of the account"),
    Subject.GITLAB: ("NAME", "jobs of a group or a project at GitLab, by roles of the account"),
    Subject.TERRAFORM: ("NAME", "runs of an organization of HCP Terraform, by roles of the account"),
    Subject.OIDC: ("TEXT", "an issuer and a subject, in one text, by roles of the account"),
    Subject.SAML: ("NAME", "users of a SAML provider, by roles of the account"),
}
_SUMMARIES = {
    "lint": ("report errors in the register, and what a reviewer would ask about", REMARKS),
    "expiring": ("list the approvals that end soon", REMARKS),
    "add": ("add an entry, and leave the rest of the file unchanged", WRITTEN),
    "from-audit": ("draft a register that would approve everything that an audit found", WRITTEN),
    "publish": ("put the register where the AWS Config rule reads it", WRITTEN),
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `trust`."""
    lint, expiring, add, drafted, published = add_tasks(parser, "task", _SUMMARIES)
    configure_publish(published)
    drafted.add_argument("audit", metavar="FILE", help="the output of `ecr-crossaccount audit --format json`")
    drafted.add_argument("--output", metavar="FILE", help="the register to create; an existing file is not replaced")
    drafted.add_argument(
        "--used",
        action="store_true",
        help="draft only the access that accounts used, as an audit with `--usage` saw it; other access is a comment",
    )
    drafted.add_argument(
        "--expires",
        metavar="DAY",
        type=day,
        help="the last day of every entry, `2027-03-31`, `90d` or `12w` (default: a placeholder that you fill in)",
    )
    for task in (lint, expiring, add):
        named = task.add_mutually_exclusive_group()
        if task is lint:
            named.add_argument(
                "files", metavar="FILE", nargs="*", default=[], help=f"the register, or several (default: {REGISTER})"
            )
        else:
            named.add_argument("file", metavar="FILE", nargs="?", help=f"the register (default: {REGISTER})")
        named.add_argument("--trust", metavar="FILE", help="the register, named as in the other commands")
    for task in (lint, expiring):
        task.add_argument("--format", choices=["text", "json"], default="text", help="default: text")
    expiring.add_argument(
        "--within", metavar="TIME", type=span, default=30, help="`30d`, `4w`, or a day, `2027-03-31` (default: 30d)"
    )
    _configure_add(add)


def _configure_add(parser: argparse.ArgumentParser) -> None:
    whom = parser.add_argument_group("whom", "exactly one of these").add_mutually_exclusive_group(required=True)
    for subject, (shape, meaning) in _SUBJECTS.items():
        option = f"--{subject.value.replace('_', '-')}"
        whom.add_argument(option, metavar=shape, dest=subject.value, help=meaning)
    parser.add_argument(
        "--members",
        action="store_true",
        help="cover accounts that a policy names, too, as far as they are known members of the organization",
    )
    parser.add_argument("--access", choices=[access.value for access in Access], default="READ", help="default: READ")
    parser.add_argument(
        "--repository",
        metavar="PATTERN",
        action="append",
        help="a repository's name, `*` and `?` allowed; repeatable (default: all)",
    )
    parser.add_argument(
        "--role",
        metavar="PATTERN",
        action="append",
        help="only those who assume this role, `*` and `?` allowed; no repository's policy may allow them; repeatable",
    )
    parser.add_argument("--reason", metavar="TEXT", type=_require_text, required=True, help="what the access is for")
    parser.add_argument(
        "--owner", metavar="TEXT", type=_require_text, help="who answers for it, such as an e-mail address"
    )
    parser.add_argument(
        "--expires",
        metavar="DAY",
        type=_expiry,
        required=True,
        help="its last day, `2027-03-31`, or the time until then, `90d` or `12w`, or `never`",
    )


def _require_text(text: str) -> str:
    """Return a text that is not blank. An unset variable in a script would otherwise become an empty reason."""
    if not text.strip():
        raise argparse.ArgumentTypeError("is blank: expected a text")
    return text


def _expiry(text: str) -> Span | None:
    if text == NEVER:
        return None
    try:
        return day(text)
    except argparse.ArgumentTypeError as error:
        raise argparse.ArgumentTypeError(f"{error}, or `{NEVER}`") from None


def run(arguments: argparse.Namespace) -> ExitStatus:
    """Run the task that `arguments` name."""
    arguments.file = getattr(arguments, "file", None) or getattr(arguments, "trust", None) or REGISTER
    return _TASKS[arguments.task](arguments)


def _lint(arguments: argparse.Namespace) -> ExitStatus:
    files = arguments.files or [arguments.file]
    if arguments.format == "json" and len(files) > 1:
        raise InputError(f"--format json covers one register, not {len(files)}: name one FILE")
    return max(_lint_file(file, arguments.format) for file in files)


def _lint_file(file: str, form: str) -> ExitStatus:
    """Write the remarks on a register. A register that cannot be read does not stop the check of the others."""
    from .register import open_register, remarks_on

    try:
        register = open_register(file, clock.today())
    except InputError as error:
        for problem in error.args:
            complain(problem)
        return ExitStatus.BAD_INPUT
    remarks = list(remarks_on(register.trust))
    if form == "json":
        found = [{"at": remark.at, "reason": remark.reason, **_place(register, remark.at)} for remark in remarks]
        sys.stdout.write(render_json({"file": register.path, "entries": len(register.trust.entries), "remarks": found}))
    else:
        for remark in remarks:
            _print(f"{register.where(remark.at)}: {remark.at}: {remark.reason}")
        _print(f"{register.path}: {_entries(register)}, {count_of(len(remarks), 'remark', 'remarks')}")
    return ExitStatus.NON_COMPLIANT if remarks else ExitStatus.COMPLIANT


def _expiring(arguments: argparse.Namespace) -> ExitStatus:
    from .register import open_register

    within = days_ahead("--within", arguments.within, clock.today())
    until = day_of(within, clock.today())
    register = open_register(arguments.file, clock.today())
    soon = {id(entry) for entry in register.trust.expiring(within)}
    found = [(number, entry) for number, entry in enumerate(register.trust.entries) if id(entry) in soon]
    found.sort(key=lambda one: str(one[1].expires))
    if arguments.format == "json":
        listed = [{**_as_json(entry), **_place(register, f"trust[{number}]")} for number, entry in found]
        sys.stdout.write(
            render_json({"file": register.path, "within": within, "until": str(until), "expiring": listed})
        )
    else:
        for number, entry in found:
            _print(_ending(register, f"trust[{number}]", entry))
        ends = "ends" if 1 in (len(found), len(register.trust.entries)) else "end"
        time = count_of(within, "day", "days")
        soon_ends = f"{len(found)} of {_entries(register)} {ends} within {time}, by {until}"
        _print(f"{register.path}: {soon_ends}{_expiry_note(register)}")
    return ExitStatus.NON_COMPLIANT if found else ExitStatus.COMPLIANT


def _expiry_note(register: RegisterFile) -> str:
    over = sum(register.trust.is_expired(entry) for entry in register.trust.entries)
    lint = f"ecr-crossaccount trust lint {quote(register.path)}"
    return f"; {over} ended before today: `{lint}` lists them" if over else ""


def _entries(register: RegisterFile) -> str:
    return count_of(len(register.trust.entries), "entry", "entries")


def _ending(register: RegisterFile, at: str, entry: Entry) -> str:
    from .register import whom

    what = f"{whom(entry)} {entry.access.value} {', '.join(entry.repositories)}"
    why = f": {entry.reason}" if entry.reason else ""
    asked = f" (ask {entry.owner})" if entry.owner else ""
    return f"{entry.expires}  {what}{why}{asked}  {register.where(at)}"


def _add(arguments: argparse.Namespace) -> ExitStatus:
    from .base.atomic import only_one
    from .register import whom

    fields = _check_fields(_fields(arguments))
    with only_one(arguments.file, complain):
        added = _add_entry(arguments.file, fields)
    entry = added.trust.entries[-1]
    at = f"trust[{len(added.trust.entries) - 1}]"
    ends = f"until {entry.expires}" if entry.expires else "without a last day"
    _print(f"{added.where(at)}: {at}: added {whom(entry)} {entry.access.value} {ends}")
    if entry.subject is Subject.SERVICE:
        note_unknown_service(entry.name, "the entry trusts nobody")
    return ExitStatus.COMPLIANT


def _add_entry(file: str, fields: dict[str, object]) -> RegisterFile:
    """Add an entry to the register in `file`, or create the register, and return it. Raises InputError."""
    from .base.atomic import create_whole, replace_read
    from .register import open_register, read_text
    from .register_edit import NEW_REGISTER, with_entry

    day = clock.today()
    new = '{\n  "version": 1,\n  "trust": []\n}\n' if file.lower().endswith(".json") else NEW_REGISTER
    exists = os.path.exists(file)  # noqa: PTH110 - Path's raises if the folder may not be searched
    register = open_register(file, day, blank=new) if exists else read_text(file, new, "utf-8", day)
    text = with_entry(register, fields, day)
    added = read_text(register.path, text, register.encoding, day)
    _refuse_what_changes_nothing(register, added.trust.entries[-1], added)
    if register.digest is None:
        create_whole(os.path.realpath(file), text)  # the target of a link may not exist yet
    else:
        replace_read(file, text, register.digest, encoding=register.encoding)
    return added


def _from_audit(arguments: argparse.Namespace) -> ExitStatus:
    from .base.atomic import ExistsError, create_whole
    from .register_edit import draft

    ends = arguments.expires and day_of(days_ahead("--expires", arguments.expires, clock.today()), clock.today())
    text = draft(arguments.audit, ends, used=arguments.used)
    if arguments.output is None:
        sys.stdout.write(text)
        return ExitStatus.COMPLIANT
    try:
        create_whole(arguments.output, text)
    except ExistsError:
        raise InputError(
            f"`{arguments.output}` already exists: choose another name, and copy the approved entries by hand"
        ) from None
    entries = sum(line.startswith("  - ") for line in text.split("\n"))
    _print(
        f"{arguments.output}: drafted {count_of(entries, 'entry', 'entries')}, to fill in and to approve: "
        f"`ecr-crossaccount trust lint {arguments.output}` says what is missing"
    )
    return ExitStatus.COMPLIANT


def _publish(arguments: argparse.Namespace) -> ExitStatus:
    from .publish import run as published

    return published(arguments)


def _refuse_what_changes_nothing(register: RegisterFile, entry: Entry, added: RegisterFile) -> None:
    from ...sources.register.losses import covers

    if added.trust.is_expired(entry):
        raise InputError(f"--expires: `{entry.expires}` is over: expected a day from today on")
    for number, other in enumerate(register.trust.entries):
        if covers(other, entry) and not register.trust.is_expired(other):
            at = f"trust[{number}]"
            raise InputError(
                f"{register.where(at)}: {at} trusts {entry.subject.value} `{entry.name}` with this already"
            )


def _fields(arguments: argparse.Namespace) -> dict[str, object]:
    subject = next(subject.value for subject in Subject if getattr(arguments, subject.value) is not None)
    fields: dict[str, object] = {subject: getattr(arguments, subject), "access": arguments.access}
    if arguments.members:
        fields["members"] = True
    if arguments.repository:
        fields["repositories"] = arguments.repository
    if arguments.role:
        fields["role"] = arguments.role
    fields["reason"] = arguments.reason
    if arguments.owner:
        fields["owner"] = arguments.owner
    fields["expires"] = NEVER if arguments.expires is None else str(day_of(arguments.expires, clock.today()))
    return fields


def _check_fields(fields: dict[str, object]) -> dict[str, object]:
    """Return `fields` if they are a valid entry. Raises InputError with the name of the option.

    Only a file needs quotes.
    """
    try:
        Trust.parse({"version": 1, "trust": [fields]})
    except TrustError as error:
        raise InputError(
            *(f"{_option(at)}: {reason.removesuffix(', in quotes')}" for at, reason in error.problems)
        ) from None
    return fields


def _option(at: str) -> str:
    """Return the option for the field at a path such as `trust[0].vpc_endpoint` or `trust[0].repositories[1]`."""
    field = at.partition(".")[2].partition("[")[0]
    return f"--{'repository' if field == 'repositories' else field.replace('_', '-')}"


def _as_json(entry: Entry) -> dict[str, object]:
    return {
        entry.subject.value: entry.name,
        **({"members": True} if entry.members else {}),
        "access": entry.access.value,
        "repositories": list(entry.repositories),
        **({"role": list(entry.roles)} if entry.roles else {}),
        "reason": entry.reason,
        "owner": entry.owner,
        "expires": str(entry.expires),
    }


def _place(register: RegisterFile, at: str) -> Mapping[str, int]:
    line, column = register.places.get(at) or register.places.get(at.rpartition(".")[0]) or (1, 1)
    return {"line": line, "column": column}


def _print(line: str) -> None:
    print(visible(line))


_TASKS: Mapping[str, Callable[[argparse.Namespace], ExitStatus]] = {
    "lint": _lint,
    "expiring": _expiring,
    "add": _add,
    "from-audit": _from_audit,
    "publish": _publish,
}
