"""`ecr-crossaccount ask`: who can do what, which statement allows it, and which conditions it depends on."""

from __future__ import annotations

import argparse
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import InputError
from .about import policies_in
from .audit import From, add_regions, add_source, read_all, source_of
from .base import clock, documentation
from .base.options import add_account, add_organization, add_tag, add_trust, context_value, note_unknown_service
from .base.outputs import Outputs, add_outputs, verify
from .base.program import ExitStatus, complain
from .beside import add_rcp, add_registry_policy, documents_in
from .formats.choices import ASK_FORMATS
from .register import trust_of_run
from .settings.keys import Origin as SettingOrigin
from .settings.keys import only

if TYPE_CHECKING:
    from ...judgement.beside import Beside
    from ...judgement.values.trust import Trust
    from ...questions.ask.question import Given, Question, Wanted
    from ..audit.access import AccessReport, Gathering

_UNTRUSTED = "untrusted"
_FAILS = ("allowed", "denied", _UNTRUSTED)
_WILD = frozenset("*?")


class Asked(From):
    """`FROM` of `ask`: a file may also be a policy, or the roles of an account. The content of the file says which."""

    def take(self, namespace: argparse.Namespace, files: list[str]) -> None:
        """Store policies, inventories and roles apart."""
        kinds = {file: _kind_of(file) for file in files}
        namespace.inventory = [Path(file) for file in files if kinds[file] == _INVENTORY] or None
        namespace.roles = [file for file in files if kinds[file] == _ROLES] or None
        namespace.files = [file for file in files if kinds[file] == _POLICY]


_SHOWN = 65_536
"""The bytes at the beginning of a file that say what it is."""
_GZIP = b"\x1f\x8b"
_POLICY, _INVENTORY, _ROLES = range(3)
_IAM = re.compile(rb"\"(?:User|Group|Role)DetailList\"")
_KIND = re.compile(rb"(?i)(\"?Statement\"?\s*:|policyText)|Results|configurationItem|resourceId")


def _kind_of(file: str) -> int:
    """Return what a file has: roles as IAM lists them, repositories as AWS Config does, or else a policy.

    A file that cannot be read is called a policy.
    """
    from ...sources.reading.files import UnreadableError, named_or_input

    try:
        with named_or_input(file) as stream:
            peek = getattr(stream, "peek", None)
            begin: bytes = peek(_SHOWN) if peek else b""
    except UnreadableError:
        return _POLICY
    if _IAM.search(begin):
        return _ROLES
    found = _KIND.search(begin)
    return _INVENTORY if begin.startswith(_GZIP) or (found is not None and found[1] is None) else _POLICY


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `ask`."""
    add_source(parser, Asked, "policies, or files of AWS Config, `-`; roles beside them, as IAM lists them")
    parser.set_defaults(files=[], roles=None)
    asked = parser.add_argument_group("what to ask")
    asked.add_argument(
        "--who",
        metavar="CALLER",
        help="an account, the ARN of a role, user, root or session, a service such as `lambda.amazonaws.com`, or "
        "`anyone` (default: list everyone outside with access)",
    )
    asked.add_argument(
        "--can", metavar="WHAT", required=True, help="an action or a pattern such as `ecr:Put*`, or pull, push or admin"
    )
    asked.add_argument(
        "--context",
        metavar="KEY=VALUE",
        type=context_value,
        action="append",
        default=[],
        help="with --who, a condition key of the request; KEY alone: the request does not carry it; repeatable",
    )
    asked.add_argument("--repository", metavar="NAME", help="only this repository; `*` and `?` are wildcards")
    about = parser.add_argument_group("what FROM does not say")
    add_account(about, "owner", "the account that owns the repository of a policy")
    add_regions(about)
    add_organization(about)
    add_tag(about)
    add_registry_policy(about)
    add_rcp(about)
    add_trust(parser.add_argument_group("whom you trust"))
    parser.add_argument_group("what fails").add_argument(
        "--fail-on",
        choices=_FAILS,
        metavar="ANSWER",
        help="`allowed` or `denied`; without --who, `untrusted`: someone has access that the register does not cover",
    )
    add_outputs(parser.add_argument_group("what is shown"), ASK_FORMATS)


def run(arguments: argparse.Namespace) -> ExitStatus:
    """Answer what `arguments` ask, and show the answers."""
    documentation.verify()
    verify(arguments.outputs, arguments=arguments)
    report = _report(arguments)
    outputs = Outputs(arguments.outputs, ASK_FORMATS)
    outputs.show(report)
    for note in () if outputs.tell_notes else report.notes:
        complain(f"note: {note}")
    return _status(report, arguments.fail_on)


def _status(report: AccessReport, fails_on: str | None) -> ExitStatus:
    """Return the exit status. Unread policies take precedence, then answers that fail, then undecided answers."""
    if report.errors or not (report.answers or report.held):
        return ExitStatus.BAD_INPUT
    fails = {
        None: False,
        "allowed": any(answer.answered.lets_in for answer in report.answers) or report.has_ways_by_roles,
        "denied": any(answer.answered.keeps_out for answer in report.answers),
        _UNTRUSTED: report.has_untrusted,
    }
    if fails[fails_on]:
        return ExitStatus.NON_COMPLIANT
    return ExitStatus.UNDECIDED if report.is_undecided else ExitStatus.COMPLIANT


def _report(arguments: argparse.Namespace) -> AccessReport:
    from ...questions.ask.question import given_of, wanted_of
    from ..audit.access import Gathering

    _refuse_what_does_not_go_together(arguments)
    on = clock.today()
    wanted, given = wanted_of(arguments.can), given_of(_context_values(arguments))
    question = _question(arguments, wanted, given)
    if question is not None and question.caller.service is not None:
        note_unknown_service(question.caller.service, "the answer is about no service")
    trust, provenance = trust_of_run(arguments)
    beside = _read_documents(arguments)
    gathering = Gathering(wanted, question, trust, beside)
    source, own = _of_files(arguments, gathering) if arguments.files else _of_source(arguments, on, gathering, trust)
    report = replace(gathering.report(source, on, given), provenance=provenance)
    if arguments.roles is None:
        return report
    from ..audit.roles import asked_roles, read_files

    read, caller = read_files(map(Path, arguments.roles)), None if question is None else question.caller
    return replace(report, roles=asked_roles(gathering, read, wanted, caller, trust, beside, own))


def _read_documents(arguments: argparse.Namespace) -> Beside:
    from ...judgement.beside import Beside

    documents = documents_in(arguments)
    owner = arguments.owner if arguments.files else None
    if documents.owner is not None and owner is not None and documents.owner != owner:
        raise InputError(f"--registry-policy: it is of {documents.owner}, and the repository of {owner}")
    return Beside(documents.registry, documents.rcps)


def _question(arguments: argparse.Namespace, wanted: Wanted, given: Given) -> Question | None:
    from ...questions.ask.question import Question, caller_of

    return None if arguments.who is None else Question(caller_of(arguments.who), wanted, given)


def _context_values(arguments: argparse.Namespace) -> dict[str, tuple[str, ...] | None]:
    """Return the values of the condition keys on the command line, each key spelled as it first appears."""
    said: dict[str, tuple[str, ...] | None] = {}
    names: dict[str, str] = {}
    for key, value in arguments.context:
        name = names.setdefault(key.lower(), key)
        if name in said and (said[name] is None) is not (value is None):
            raise InputError(f"--context {key}: given with a value and without one: expected one of them")
        said[name] = None if value is None else (*(said.get(name) or ()), value)
    return said


def _of_files(arguments: argparse.Namespace, gathering: Gathering) -> tuple[str, str | None]:
    from ..audit.access import PolicyLocation
    from ..audit.items import Unread as NotRead
    from .base.outputs import Unread

    unread: list[Unread] = []
    for source, repository, origin in policies_in(_about_files(arguments), unread, "give it with --registry-policy"):
        place = PolicyLocation(source.file, repository.account, repository.region or "", repository.name)
        if arguments.roles and (place.name == "*" or not place.region):
            raise InputError(f"{source.file}: roles may reach single repositories: give --repository and --region")
        gathering.take_policy(place, source.text, repository, origin)
    gathering.take_errors(NotRead(f"{one.file}: {one.reason}") for one in unread)
    return "files", arguments.organization


def _about_files(arguments: argparse.Namespace) -> argparse.Namespace:
    """Return the arguments in the form that `judge` expects: at most one Region, and a name without wildcards."""
    regions = arguments.regions or []
    if len(regions) > 1 and arguments.settings.origin("region") is SettingOrigin.FLAG:
        raise InputError("--region: the repository of a policy is in one Region")
    if arguments.repository and not _WILD.isdisjoint(arguments.repository):
        raise InputError("--repository: with a policy it is the repository's name, which has no wildcards")
    return argparse.Namespace(**{**vars(arguments), "region": only(regions)})


def _of_source(arguments: argparse.Namespace, on: date, gathering: Gathering, trust: Trust) -> tuple[str, str | None]:
    from ..audit.items import Unread

    settings = argparse.Namespace(**{**vars(arguments), "usage": None, "second_opinion": None, "resume": None})
    source = source_of(settings, on)
    own = arguments.organization
    matters = trust.names_self and arguments.who is None
    if own is None and (matters or arguments.roles):
        own = source.self_is()
    if isinstance(own, Unread):
        gathering.take_errors([own] if matters else ())
        own = None
    gathering.knows_registries = source.reads_registries
    named = arguments.repository
    found = gathering.take_items(read_all(source, settings), own, named)
    if named and not found and not gathering.errors:
        raise InputError(f"--repository {named}: no repository from {source.name} has such a name")
    return source.name, own


def _refuse_what_does_not_go_together(arguments: argparse.Namespace) -> None:
    if arguments.who is None and arguments.context:
        raise InputError("--context describes the requests of a caller: give --who too")
    if arguments.who is None and (arguments.registry_policy or arguments.rcps):
        raise InputError("--registry-policy and --rcp need --who: without it, each policy is listed separately")
    if arguments.fail_on is not None and (arguments.fail_on == _UNTRUSTED) is (arguments.who is not None):
        with_who = "goes without --who, which lists everyone" if arguments.who else "goes with --who"
        raise InputError(f"--fail-on {arguments.fail_on} {with_who}")
    if arguments.files and arguments.inventory:
        raise InputError(
            f"`{arguments.files[0]}` is a policy and `{arguments.inventory[0]}` a list of repositories: ask about one "
            "or the other"
        )
    about_one = {"--registry-policy": arguments.registry_policy, "--tag": arguments.tags}
    for option, given in about_one.items():
        if given and not arguments.files:
            raise InputError(f"{option} is about the repository of a policy: name its file")
