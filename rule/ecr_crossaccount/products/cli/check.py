"""`ecr-crossaccount check`: every ECR policy in files and folders, judged before it is deployed."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import InputError, in_our_words
from .base import clock, documentation
from .base.options import add_account, add_organization, add_region, add_trust, parameter
from .base.outputs import add_fail_on, add_outputs, counted_of, least_of, status_on, verify
from .base.program import ExitStatus, complain
from .beside import add_rcp, add_registry_policy, rcps_in
from .formats.choices import CHECK_FORMATS, show_check
from .register import trust_of_run
from .settings.keys import Origin, note_settings

if TYPE_CHECKING:
    from ...judgement.values.trust import Trust
    from ...sources.check.baseline import Baseline
    from ...sources.check.findings import Report
    from ...sources.found.context import Context, Exclusion
    from ...sources.found.found import Harvest
    from ...sources.found.remarks import Remark
    from .settings.options import Before

OWNER_UNKNOWN = (
    "the account that owns these repositories is unknown: add --account, or account: in ecr-crossaccount.yaml"
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `check`."""
    parser.add_argument(
        "paths", metavar="PATH", nargs="*", help="a file or a folder (default: .); `-` is standard input"
    )
    add_registry_policy(add_deployment(parser))
    add_trust(parser.add_argument_group("whom you trust"))
    fails = parser.add_argument_group("what fails")
    add_fail_on(fails)
    fails.add_argument(
        "--baseline", metavar="FILE", help="findings of this JSON report of an earlier check do not fail again"
    )
    fails.add_argument(
        "--strict",
        action="store_true",
        help="status 2 also if something was found and not judged, a policy passes only with a default, or nothing was "
        "judged",
    )
    add_rcp(fails)
    add_exclude(fails)
    add_outputs(parser.add_argument_group("what is shown"), CHECK_FORMATS)


def add_exclude(parser: argparse._ActionsContainer) -> None:
    """Add `--exclude GLOB`."""
    parser.add_argument(
        "--exclude",
        metavar="GLOB",
        type=_exclusion,
        action="append",
        default=[],
        help="leave out files and folders, such as `legacy` or `infra/**/test`; repeatable",
    )


def add_deployment(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """Add the arguments about the deployment of files. Return their group."""
    where = parser.add_argument_group("what the files do not say")
    add_account(where, "account", "the account that will own the repositories (default: unknown)")
    add_region(where)
    add_organization(where)
    where.add_argument(
        "--parameter",
        metavar="NAME=VALUE",
        type=parameter,
        action="append",
        default=[],
        dest="parameters",
        help="a parameter of a template or a variable of a module; repeatable",
    )
    where.add_argument(
        "--var-file",
        metavar="FILE",
        action="append",
        default=[],
        dest="var_files",
        help="a file of Terraform variables; repeatable",
    )
    return where


def run(arguments: argparse.Namespace) -> ExitStatus:
    """Check the files that `arguments` name, and show the result."""
    report = examine_files(arguments)
    show_check(report, arguments.outputs)
    return conclude(arguments, report)


def examine_files(arguments: argparse.Namespace) -> Report:
    """Return the report on the files that `arguments` name. Raises InputError."""
    documentation.verify()
    arguments.paths = arguments.paths or ["."]
    verify(arguments.outputs, arguments=arguments)
    refuse_a_folder_that_is_gone()
    return _report(arguments)


def conclude(arguments: argparse.Namespace, report: Report) -> ExitStatus:
    """Return the exit status for a report. Write the notes about it to standard error."""
    for note in _notes(arguments, report):
        complain(f"note: {note}")
    if report.lacks_owner:
        complain(OWNER_UNKNOWN)
    note_settings(report.provenance)
    if report.errors:
        return ExitStatus.BAD_INPUT
    status = status_on(arguments.fail_on, counted_of(verdicts_that_count(arguments, report)))
    left = not_judged(report)
    if status is ExitStatus.COMPLIANT and left:
        hint = "because of `--strict`, the status is 2" if arguments.strict else "`--strict` makes the status 2"
        complain(f"note: {left}: {hint}")
        return ExitStatus.UNDECIDED if arguments.strict else status
    return status


def refuse_a_folder_that_is_gone() -> None:
    """Raise InputError if the working folder was deleted, because it otherwise looks like an empty one."""
    try:
        Path.cwd()
    except OSError as error:
        raise InputError(f"cannot check the working folder: {in_our_words(error)}") from None


def verdicts_that_count(arguments: argparse.Namespace, report: Report) -> Report:
    """Return the report with the verdicts that count: if the setting says so, under the resource control policies."""
    if not arguments.count_rcps:
        return report
    findings = (
        replace(finding, verdict=finding.under_rcps) if finding.under_rcps else finding for finding in report.findings
    )
    return replace(report, findings=tuple(findings))


def _report(arguments: argparse.Namespace) -> Report:
    from ...sources.check.findings import report_of
    from ...sources.formats.dispatch import harvest

    trust, provenance = trust_of_run(arguments)
    context = replace(_with_registry(context_of(arguments, trust), arguments), suppressed=arguments.suppressed)
    baseline = _baseline(arguments.baseline)
    found = harvest(arguments.paths, context)
    report = report_of(found, context)
    if arguments.before is not None:
        report = _compare_with_base(arguments.before, report, found, context, arguments)
    if baseline is not None:
        from ...sources.check.baseline import mark_known_results

        report = mark_known_results(report, baseline)
    return replace(report, fails_from=least_of(arguments.fail_on), provenance=provenance)


def _compare_with_base(
    before: Before, report: Report, found: Harvest, context: Context, arguments: argparse.Namespace
) -> Report:
    """Return the report with the suppressions of a revision, and what the change since then does to its own result."""
    from ...sources.check.baseline import as_approved, new_owners
    from ...sources.check.findings import report_of
    from ...sources.check.results import results_of
    from ...sources.formats.dispatch import harvest
    from .base.revisions import Laid
    from .change import Change

    remarks: list[Remark] = []
    is_ours = all(policy.account == context.for_path(policy.at.file).account for policy in found.policies)
    if not is_ours or any(result.suppression for result in results_of(report)):
        here = Path.cwd()
        with chdir(before.laid.folder):
            there = relocate(context, here)
            known = harvest(before.inside(arguments.paths), there)
            report = as_approved(report, report_of(known, there))
        remarks += new_owners(known, found, context)
    change = Change(before.repository, before.revision, None, before.laid, Laid(Path.cwd(), before.repository.top))
    remarks += change.remarks(arguments.paths, arguments, context, found)
    return replace(report, remarks=(*report.remarks, *remarks))


def relocate(context: Context, here: Path) -> Context:
    """Return the context for the working folder. Files of variables that it does not have are those of `here`."""
    files = tuple(file if Path(file).exists() else str(here / file) for file in context.var_files)
    return replace(context, var_files=files)


def _with_registry(context: Context, arguments: argparse.Namespace) -> Context:
    from ...judgement.beside import Scope
    from ...sources.files.bare import registry_policy

    scope = Scope(arguments.registry_scope) if arguments.registry_scope else Scope.UNKNOWN
    if arguments.registry_policy is None:
        return replace(context, registry_scope=scope)
    try:
        found = registry_policy(arguments.registry_policy, context)
    except InputError as error:
        raise InputError(f"--registry-policy {arguments.registry_policy}: {error}") from None
    return replace(context, registry=found, registry_scope=scope)


def _exclusion(text: str) -> Exclusion:
    from ...sources.found.context import Exclusion

    try:
        return Exclusion.from_pattern(text)
    except InputError as error:
        raise argparse.ArgumentTypeError(f"`{text}` is not a pattern: {error}") from None


def _notes(arguments: argparse.Namespace, report: Report) -> Iterator[str]:
    """Yield a note for each option without an effect: its name may be mistyped, or may no longer exist."""
    used = {pattern for skipped in report.skipped for pattern in skipped.excluded_by}
    is_for_this_run = arguments.settings.origin("exclude") is Origin.FLAG
    for pattern in dict.fromkeys(one.text for one in arguments.exclude):
        if is_for_this_run and pattern not in used:
            yield f"--exclude `{pattern}` leaves out nothing: no file or folder that would be read matches it"
    if arguments.registry_policy and not any(
        each.is_given for finding in report.findings for each in finding.registries
    ):
        yield "--registry-policy changes nothing: the files have that registry's policy, or no repository of it"


def not_judged(report: Report) -> str:
    """Return how many items may grant access and were not judged, or that nothing was. Empty if all were judged.

    A policy that passes only with the default of an input counts too.
    """
    from ...sources.check.findings import rests_on_default

    absent = len(report.unknown) - len(report.unjudged)
    resting = sum(1 for finding in report.findings if rests_on_default(finding.verdict))
    counts = (
        (len(report.unjudged), "found and not judged"),
        (absent, "not here"),
        (resting, "compliant only with a default"),
    )
    found = ", ".join(f"{count} {what}" for count, what in counts if count)
    return found or report.nothing


def _baseline(path: str | None) -> Baseline | None:
    if path is None:
        return None
    from ...sources.check.baseline import read_baseline

    found = read_baseline(path)
    if found.is_old:
        complain(
            f"note: the baseline `{path}` does not record the policies, so a finding is known only if it has no new "
            "action: write it again with `--format json`"
        )
    return found


def context_of(arguments: argparse.Namespace, trust: Trust) -> Context:
    """Return the context that `arguments` describe. Raises InputError for a missing file of variables."""
    from pathlib import Path

    from ...sources.found.context import Context, Owners
    from ...sources.reading.files import STANDARD_INPUT

    for file in arguments.var_files:
        # Only Terraform reads these files. In a run without Terraform, nothing else would report a mistyped name.
        if file != STANDARD_INPUT and (not Path(file).exists() or Path(file).is_dir()):
            raise InputError(f"cannot read the variables in `{file}`: no such file")
    return Context(
        account=arguments.account,
        region=arguments.region,
        organization=arguments.organization,
        trust=trust,
        parameters=dict(arguments.parameters),
        var_files=tuple(arguments.var_files),
        today=clock.today(),
        exclude=tuple(arguments.exclude),
        owners=Owners(tuple(arguments.accounts.items())),
        standing=arguments.settings.standing("parameters"),
        rcps=rcps_in(arguments),
    )
