"""`ecr-crossaccount plan`: shows the policy to write in place of the current one, and why. It writes nothing."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator

from ...judgement.admission import Origin
from ...judgement.judge import Repository, judge
from ...judgement.values.trust import Trust
from ...judgement.values.verdict import Compliance
from ...questions.plan.outcome import Action, Plan, Strategy
from ...questions.plan.plan import plan
from .about import FOR_SOME_REPOSITORIES, Source, add_files, add_repository, policies_in, run_batch
from .base.clock import now, today
from .base.program import ExitStatus, InputError, complain, status_of
from .beside import Documents, Left, add_registry_policy, documents_in, left_by_registry, refuse_another
from .formats.code import FORMS, written_as
from .formats.plan import FORMATS, Planned, Report
from .formats.reported import Unread
from .register import trust_in, with_members
from .required import add_required, required_in


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `plan`."""
    add_files(parser)
    parser.add_argument(
        "--strategy",
        choices=[strategy.value for strategy in Strategy],
        metavar="NAME",
        help="narrow keeps trusted access, remove removes every statement that has a finding, "
        "delete deletes the whole policy, require adds the statements of --required (default: narrow)",
    )
    add_required(parser)
    add_registry_policy(add_repository(parser))
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--format", choices=list(FORMATS), help="how to show the result (default: text)")
    shown.add_argument(
        "--as",
        choices=FORMS,
        metavar="FORM",
        dest="form",
        help=f"print the policy alone, of one FILE, in the form that you keep it in: {', '.join(FORMS)}",
    )


def run(arguments: argparse.Namespace) -> ExitStatus:
    """Plan for the policies that `arguments` name, and show the plans. The status is about the current policies."""
    if arguments.jsonl:
        from .batch import plans

        return run_batch(arguments, plans, today())
    if not arguments.files:
        raise InputError("nothing to plan for: name a FILE, or `-` for standard input")
    if arguments.form and len(arguments.files) > 1:
        raise InputError(f"--as {arguments.form} prints one policy, not {len(arguments.files)}: name one FILE")
    trust = with_members(trust_in(arguments.trust, today()), arguments.members, now())
    report = _report(arguments, trust)
    if arguments.form:
        _print_code(report, trust, arguments.form)
    else:
        FORMATS[arguments.format or "text"](report)
    if report.unread:
        return ExitStatus.BAD_INPUT
    return max(map(_status, report.planned), key=_WORST_LAST.index, default=ExitStatus.COMPLIANT)


_WORST_LAST = (ExitStatus.COMPLIANT, ExitStatus.UNDECIDED, ExitStatus.NON_COMPLIANT)


def _status(planned: Planned) -> ExitStatus:
    """Return the exit status of a plan. It is 0 only if there is nothing to change and nothing is open."""
    return max(_own_status(planned), planned.left, key=_WORST_LAST.index)


def _own_status(planned: Planned) -> ExitStatus:
    after = planned.plan.after
    if after is None:
        return status_of([planned.before])
    if planned.plan.action is Action.SET or planned.plan.refused is not None:
        return ExitStatus.NON_COMPLIANT  # a required statement is missing, whatever access the policy grants
    return status_of([after])


def _print_code(report: Report, trust: Trust, form: str) -> None:
    """Print the planned policy in the requested form. Notes, and the reason for no policy, go to standard error."""
    for unread in report.unread:
        complain(f"{unread.file}: {unread.reason}")
    for planned in report.planned:
        for note in planned.notes:
            complain(f"note: {note}")
        policy = planned.plan.policy
        if planned.plan.refused is not None:
            complain(f"{planned.file}: no plan, nothing is printed: {planned.plan.refused}")
        elif policy is None:
            complain(f"{planned.file}: nothing is printed: the plan deletes the policy")
        else:
            after = planned.plan.after
            expected = Compliance.COMPLIANT if after is None else after.compliance
            sys.stdout.write(written_as(policy, planned.repository, trust, form, expected))


def _report(arguments: argparse.Namespace, trust: Trust) -> Report:
    strategy, required = Strategy(arguments.strategy or "narrow"), required_in(arguments)
    beside = documents_in(arguments)
    planned: list[Planned] = []
    unread: list[Unread] = []
    for source, repository, origin in policies_in(arguments, unread):
        before = judge(source.text, repository, trust, origin)
        cut_trusted = bool(arguments.cut_trusted)
        found = plan(source.text, repository, trust, strategy, origin, required=required, cut_trusted=cut_trusted)
        left = _left(source, found, (repository, trust, origin), beside)
        notes = (*_notes(repository, trust), *left.notes)
        planned.append(Planned(source.file, repository, source.document, before, found, notes, left.status))
    return Report(tuple(planned), tuple(unread))


def _left(source: Source, found: Plan, about: tuple[Repository, Trust, Origin], beside: Documents) -> Left:
    """Return the access that the registry policy leaves open, if one is given."""
    if beside.registry is None:
        return Left()
    refuse_another(beside, source, about[0])
    stays = found.action is Action.NONE
    text = source.text if stays else None if found.policy is None else json.dumps(found.policy)
    return left_by_registry(text, *about, beside.registry)


def _notes(repository: Repository, trust: Trust) -> Iterator[str]:
    """Yield notes about trust in the register that could not be applied, so that a plan may remove it."""
    if repository.name == "*" and trust.names_repositories:
        yield FOR_SOME_REPOSITORIES
    if repository.organization is None and trust.names_self:
        yield "the register trusts `self`, but the organization is unknown: give --organization"
