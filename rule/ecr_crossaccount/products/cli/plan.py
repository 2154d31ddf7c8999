"""`ecr-crossaccount plan`: shows the policy to write in place of the current one, and why. It writes nothing."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator

from ...errors import InputError
from ...judgement.admission import Origin
from ...judgement.judge import Repository, judge
from ...judgement.values.trust import Trust
from ...questions.plan.outcome import Action, Plan, Strategy
from ...questions.plan.plan import plan
from ...sources.check.provenance import Provenance
from .about import (
    FOR_SOME_REPOSITORIES,
    Source,
    add_batch,
    add_files,
    add_repository,
    files_or_input,
    policies_in,
    run_batch,
)
from .base.options import add_trust
from .base.outputs import Outputs, add_outputs, verify
from .base.program import ExitStatus, complain, status_of
from .beside import Documents, Left, add_registry_policy, documents_in, left_by_registry, refuse_another
from .formats.choices import PLAN_FORMATS
from .formats.plan import Planned, Report
from .formats.reported import Unread
from .register import trust_of_run
from .required import add_required, required_in


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `plan`."""
    add_files(parser)
    add_registry_policy(add_repository(parser))
    add_trust(parser.add_argument_group("whom you trust"))
    planned = parser.add_argument_group("what to plan")
    planned.add_argument(
        "--strategy",
        choices=[strategy.value for strategy in Strategy],
        metavar="NAME",
        help="narrow keeps trusted access (default), remove removes statements with a finding, delete deletes the "
        "policy, require adds the statements of --required",
    )
    add_required(planned)
    shown = parser.add_argument_group("what is shown")
    add_outputs(shown, PLAN_FORMATS)
    add_batch(shown)


def run(arguments: argparse.Namespace) -> ExitStatus:
    """Plan for the policies that `arguments` name, and show the plans. The status is about the current policies."""
    if arguments.jsonl:
        from .batch import plans

        return run_batch(arguments, plans)
    arguments.files = files_or_input(arguments, "plan for")
    verify(arguments.outputs, arguments=arguments)
    code = [output.format for output in arguments.outputs or () if not PLAN_FORMATS[output.format].tells_notes]
    if code and len(arguments.files) > 1:
        raise InputError(f"--format {code[0]} prints one policy, not {len(arguments.files)}: name one FILE")
    trust, provenance = trust_of_run(arguments)
    report = _report(arguments, trust, provenance)
    outputs = Outputs(arguments.outputs, PLAN_FORMATS)
    outputs.show(report)
    for unread in () if outputs.tell_errors else report.unread:
        complain(f"{unread.file}: {unread.reason}")
    if not outputs.tell_notes:
        _complain_of(report)
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


def _complain_of(report: Report) -> None:
    """Write what the policy alone does not say to standard error: notes, and why there is none."""
    for planned in report.planned:
        for note in planned.notes:
            complain(f"note: {note}")
        if planned.plan.refused is not None:
            complain(f"{planned.file}: no plan, nothing is printed: {planned.plan.refused}")
        elif planned.plan.policy is None:
            complain(f"{planned.file}: nothing is printed: the plan deletes the policy")


def _report(arguments: argparse.Namespace, trust: Trust, provenance: Provenance) -> Report:
    required = required_in(arguments)
    strategy = Strategy(arguments.strategy)
    beside = documents_in(arguments)
    planned: list[Planned] = []
    unread: list[Unread] = []
    for source, repository, origin in policies_in(arguments, unread, "`plan` is for the policies of repositories"):
        before = judge(source.text, repository, trust, origin)
        cut_trusted = bool(arguments.cut_trusted)
        found = plan(source.text, repository, trust, strategy, origin, required=required, cut_trusted=cut_trusted)
        left = _remaining_access(source, found, (repository, trust, origin), beside)
        notes = (*_notes(repository, trust), *left.notes)
        planned.append(Planned(source.file, repository, source.document, before, found, notes, left.status))
    return Report(tuple(planned), tuple(unread), trust, provenance)


def _remaining_access(source: Source, found: Plan, about: tuple[Repository, Trust, Origin], beside: Documents) -> Left:
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
