"""`ecr-crossaccount judge`: judges policy documents, or a batch of them."""

from __future__ import annotations

import argparse

from ...errors import InputError
from ...judgement.admission import Origin
from ...judgement.judge import Repository, judge
from ...judgement.values.trust import Trust
from ...judgement.values.verdict import Compliance, Verdict
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
from .base import documentation
from .base.options import add_trust
from .base.outputs import Outputs, add_fail_on, add_outputs, counted_in, status_on, verify
from .base.program import ExitStatus, complain
from .beside import Documents, add_rcp, add_registry_policy, documents_in, refuse_another
from .formats.choices import JUDGE_FORMATS
from .formats.reported import Judged, Report, Unread
from .register import trust_of_run


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `judge`."""
    add_files(parser)
    one = add_repository(parser)
    add_registry_policy(one)
    add_rcp(one)
    add_trust(parser.add_argument_group("whom you trust"))
    add_fail_on(parser.add_argument_group("what fails"))
    shown = parser.add_argument_group("what is shown")
    add_outputs(shown, JUDGE_FORMATS)
    add_batch(shown)


def run(arguments: argparse.Namespace) -> ExitStatus:
    """Judge the policies that `arguments` name, and show the result."""
    if arguments.jsonl:
        from .batch import answers

        return run_batch(arguments, answers)
    arguments.files = files_or_input(arguments, "judge")
    documentation.verify()
    verify(arguments.outputs, arguments=arguments)
    trust, provenance = trust_of_run(arguments)
    report = _report(arguments, trust, provenance)
    outputs = Outputs(arguments.outputs, JUDGE_FORMATS)
    outputs.show(report)
    for unread in () if outputs.tell_errors else report.unread:
        complain(f"{unread.file}: {unread.reason}")
    if trust.names_repositories and any(_may_be_covered(judged) for judged in report.judged):
        complain(f"note: {FOR_SOME_REPOSITORIES}")
    if report.unread:
        return ExitStatus.BAD_INPUT
    return status_on(arguments.fail_on, counted_in(_counting(judged, arguments) for judged in report.judged))


def _counting(judged: Judged, arguments: argparse.Namespace) -> Verdict:
    """Return the verdict that decides the exit status."""
    return judged.under_rcps if arguments.count_rcps and judged.under_rcps else judged.verdict


def _may_be_covered(judged: Judged) -> bool:
    """Return whether an entry for some repositories could apply if the repository's name were known."""
    return judged.repository.name == "*" and judged.verdict.compliance is not Compliance.COMPLIANT


def _report(arguments: argparse.Namespace, trust: Trust, provenance: Provenance) -> Report:
    beside = documents_in(arguments)
    unread: list[Unread] = []
    judged = [
        _judge_source(source, repository, trust, origin, beside)
        for source, repository, origin in policies_in(arguments, unread)
    ]
    return Report(tuple(judged), tuple(unread), provenance)


def _judge_source(source: Source, repository: Repository, trust: Trust, origin: Origin, beside: Documents) -> Judged:
    if source.is_registry:
        from ...judgement.kinds.registry import judge_registry

        if beside.registry is not None or beside.rcps:
            raise InputError(f"{source.file}: the policy of the registry: --registry-policy and --rcp are for others")
        found = judge_registry(source.text, repository, trust, origin)
        return Judged(source.file, repository, source.document, found, source.document)
    refuse_another(beside, source, repository)
    registry = beside.registry
    verdict = judge(source.text, repository, trust, origin, registry=registry)
    under = judge(source.text, repository, trust, origin, registry=registry, rcps=beside.rcps) if beside.rcps else None
    return Judged(source.file, repository, source.document, verdict, beside.shown, under)
