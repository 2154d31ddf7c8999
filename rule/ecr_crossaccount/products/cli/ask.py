"""`ecr-crossaccount ask`: who can do what, which statement allows it, and which conditions it depends on."""

from __future__ import annotations

import argparse
from datetime import date
from typing import TYPE_CHECKING

from ...errors import QuestionError
from .about import policies_in
from .audit import add_blank_is_none, add_concurrency, add_source, read_all, source_of
from .base import documentation
from .base.clock import now, today
from .base.options import account, add_members, add_trust, context_value, organization, partition, tag
from .base.outputs import Outputs, add_outputs, verify
from .base.program import ExitStatus, InputError, complain
from .beside import add_rcp, add_registry_policy, documents_in
from .formats.choices import ASK_FORMATS
from .register import trust_in, with_members
from .settings.keys import Origin as SettingOrigin
from .settings.keys import only

if TYPE_CHECKING:
    from ...judgement.beside import Beside
    from ...judgement.values.trust import Trust
    from ...questions.ask.given import Given
    from ...questions.ask.question import Question
    from ...questions.ask.wanted import Wanted
    from ..audit.access import AccessReport, Gathering

_UNTRUSTED = "untrusted"
_FAILS = ("allowed", "denied", _UNTRUSTED)
_WILD = frozenset("*?")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `ask`."""
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="*",
        help="a policy, or the output of `aws ecr get-repository-policy`; `-` is standard input "
        "(default: every repository of the account of your AWS credentials, or what is named below)",
    )
    asked = parser.add_argument_group("what to ask")
    asked.add_argument(
        "--who",
        metavar="CALLER",
        help="an account, the ARN of a role, user, root, assumed-role session or federated user, a service such as "
        "`lambda.amazonaws.com`, or `anyone` (default: list everyone outside who has access)",
    )
    asked.add_argument(
        "--can",
        metavar="WHAT",
        required=True,
        help="an action such as `ecr:PutImage`, a pattern such as `ecr:Put*`, or pull, push or admin",
    )
    asked.add_argument(
        "--context",
        metavar="KEY=VALUE",
        type=context_value,
        action="append",
        default=[],
        help="with --who, a condition key of the request; repeatable, also for a key with several values",
    )
    asked.add_argument(
        "--absent",
        metavar="KEY",
        action="append",
        default=[],
        help="with --who, a condition key that the request does not carry; repeatable",
    )
    asked.add_argument(
        "--repository",
        metavar="NAME",
        help="ask about this repository alone; `*` and `?` are wildcards. Of FILE, the name of its repository",
    )
    add_source(parser.add_argument_group("which repositories", "where no FILE is named"))
    about = _add_about_files(parser)
    add_registry_policy(about)
    judged = parser.add_argument_group("how to judge")
    add_trust(judged)
    add_members(judged)
    judged.add_argument(
        "--organization",
        metavar="ID",
        type=organization,
        help="the organization of the owner account, which the register calls `self`",
    )
    add_blank_is_none(judged)
    add_rcp(judged)
    parser.add_argument_group("what fails").add_argument(
        "--fail-if",
        choices=_FAILS,
        metavar="ANSWER",
        help="end with status 1 if some request that is asked about is `allowed`, or `denied`; "
        "or, without --who, if someone has access that is `untrusted`: the register does not cover it",
    )
    add_outputs(parser.add_argument_group("what is shown"), ASK_FORMATS)
    add_concurrency(parser.add_argument_group("how to run"))


def _add_about_files(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    one = parser.add_argument_group("about the repository of FILE", "what FILE does not say itself")
    one.add_argument("--owner", "--account", metavar="ACCOUNT", type=account, help="the account that owns it")
    one.add_argument(
        "--partition", metavar="PARTITION", type=partition, help="aws, aws-cn, … (default: that of the Region)"
    )
    one.add_argument(
        "--tag", metavar="KEY=VALUE", type=tag, action="append", dest="tags", help="a tag of it; give all that it has"
    )
    one.add_argument(
        "--origin",
        choices=["proposed", "deployed"],
        help="whether the policy is still to be applied or was read back from AWS (default: as for `judge`)",
    )
    return one


def run(arguments: argparse.Namespace) -> ExitStatus:
    """Answer what `arguments` ask, and show the answers."""
    from ..audit.items import AuditError

    documentation.verify()
    verify(arguments.outputs, arguments=arguments)
    try:
        report = _report(arguments)
    except (AuditError, QuestionError) as error:
        raise InputError(str(error)) from None
    outputs: Outputs[AccessReport] = Outputs(arguments.outputs, ASK_FORMATS)
    outputs.show(report)
    for note in () if outputs.tell_notes else report.notes:
        complain(f"note: {note}")
    return _status(report, arguments.fail_if)


def _status(report: AccessReport, fail_if: str | None) -> ExitStatus:
    """Return the exit status. Unread policies take precedence, then answers that fail, then undecided answers."""
    if report.errors or not (report.answers or report.held):
        return ExitStatus.BAD_INPUT
    fails = {
        None: False,
        "allowed": any(one.answered.lets_in for one in report.answers),
        "denied": any(one.answered.keeps_out for one in report.answers),
        _UNTRUSTED: report.has_untrusted,
    }
    if fails[fail_if]:
        return ExitStatus.NON_COMPLIANT
    return ExitStatus.UNDECIDED if report.is_undecided else ExitStatus.COMPLIANT


def _report(arguments: argparse.Namespace) -> AccessReport:
    from ...questions.ask.given import given_of
    from ...questions.ask.wanted import wanted_of
    from ..audit.access import Gathering

    _refuse_what_does_not_go_together(arguments)
    on = today()
    wanted, given = wanted_of(arguments.can), given_of(_said(arguments))
    question = _question(arguments, wanted, given)
    if question is not None and question.caller.service is not None:
        _note_doubt(question.caller.service)
    trust = with_members(trust_in(arguments.trust, on), arguments.members, now())
    gathering = Gathering(wanted, question, trust, _beside(arguments))
    source = _of_files(arguments, gathering) if arguments.files else _of_source(arguments, on, gathering, trust)
    return gathering.report(source, on, given)


def _note_doubt(service: str) -> None:
    from .mistyped import doubt_about

    doubt = doubt_about(service)
    if doubt:
        complain(f"note: {doubt}: if it is mistyped, the answer is about no service")


def _beside(arguments: argparse.Namespace) -> Beside:
    """Return the documents that apply beside every policy: the registry policy and resource control policies."""
    from ...judgement.beside import Beside

    documents = documents_in(arguments)
    owner = arguments.owner if arguments.files else None
    if documents.owner is not None and owner is not None and documents.owner != owner:
        raise InputError(f"--registry-policy: it is of {documents.owner}, and the repository of {owner}")
    return Beside(documents.registry, documents.rcps)


def _question(arguments: argparse.Namespace, wanted: Wanted, given: Given) -> Question | None:
    from ...questions.ask.caller import caller_of
    from ...questions.ask.question import Question

    return None if arguments.who is None else Question(caller_of(arguments.who), wanted, given)


def _said(arguments: argparse.Namespace) -> dict[str, tuple[str, ...] | None]:
    """Return the values of the condition keys on the command line, each key spelled as it first appears."""
    said: dict[str, tuple[str, ...] | None] = {}
    names: dict[str, str] = {}
    for key, value in arguments.context:
        name = names.setdefault(key.lower(), key)
        said[name] = (*(said.get(name) or ()), value)
    for key in arguments.absent:
        if key.lower() in names:
            raise InputError(f"--absent {key}: --context says what it holds")
        said[names.setdefault(key.lower(), key)] = None
    return said


def _of_files(arguments: argparse.Namespace, gathering: Gathering) -> str:
    from ..audit.access import PolicyLocation
    from ..audit.items import Unread as NotRead
    from .formats.reported import Unread

    unread: list[Unread] = []
    for source, repository, origin in policies_in(_about_files(arguments), unread):
        place = PolicyLocation(source.file, repository.account, repository.region or "", repository.name)
        gathering.take_policy(place, source.text, repository, origin)
    gathering.take_errors(NotRead(f"{one.file}: {one.reason}") for one in unread)
    return "files"


def _about_files(arguments: argparse.Namespace) -> argparse.Namespace:
    """Return the arguments in the form that `judge` expects: at most one Region, and a name without wildcards."""
    regions = arguments.regions or []
    if len(regions) > 1 and arguments.settings.origin("region") is SettingOrigin.FLAG:
        raise InputError("--region: the repository of FILE is in one Region")
    if arguments.repository and not _WILD.isdisjoint(arguments.repository):
        raise InputError("--repository: with FILE it is the repository's name, which has no wildcards")
    return argparse.Namespace(**{**vars(arguments), "region": only(regions)})


def _of_source(arguments: argparse.Namespace, on: date, gathering: Gathering, trust: Trust) -> str:
    from ..audit.items import Unread

    settings = argparse.Namespace(**{**vars(arguments), "usage": None, "second_opinion": None, "resume": None})
    source = source_of(settings, on)
    own = arguments.organization
    if own is None and trust.names_self and arguments.who is None:
        own = source.self_is()
    if isinstance(own, Unread):
        gathering.take_errors([own])
        own = None
    gathering.knows_registries = source.reads_registries
    named = arguments.repository
    found = gathering.take_items(read_all(source, settings), own, named)
    if named and not found and not gathering.errors:
        raise InputError(f"--repository {named}: no repository from {source.name} has such a name")
    return source.name


def _refuse_what_does_not_go_together(arguments: argparse.Namespace) -> None:
    if arguments.who is None and (arguments.context or arguments.absent):
        raise InputError("--context and --absent describe the requests of a caller: give --who too")
    if arguments.who is None and (arguments.registry_policy or arguments.rcps):
        raise InputError("--registry-policy and --rcp need --who: without it, each policy is listed separately")
    if arguments.fail_if is not None and (arguments.fail_if == _UNTRUSTED) is (arguments.who is not None):
        with_who = "goes without --who, which lists everyone" if arguments.who else "goes with --who"
        raise InputError(f"--fail-if {arguments.fail_if} {with_who}")
    if arguments.files:
        for name in ("inventory", "aggregator", "profile", "blank_is_none"):
            if getattr(arguments, name):
                raise InputError(f"--{name.replace('_', '-')} does not go with FILE: give one or the other")
    else:
        for name, option in _ABOUT_FILES.items():
            if getattr(arguments, name):
                raise InputError(f"--{option} is about the repository of FILE: name one")


_ABOUT_FILES = {"registry_policy": "registry-policy", "partition": "partition", "tags": "tag", "origin": "origin"}
"""Options that are about the repository of FILE only. The owner can also come from a setting, so it is not refused."""
