"""`ecr-crossaccount audit`: judges every repository that exists, and lists the approvals."""

from __future__ import annotations

import argparse
import gc
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import InputError
from .base import clock, documentation
from .base.options import add_organization, add_trust, days_back, region, span
from .base.outputs import UNCERTAIN, Counted, add_fail_on, add_outputs, counted_in, counted_of, status_on, verify
from .base.program import ExitStatus, complain
from .beside import LIVE, add_rcp, documents_in
from .formats.choices import AUDIT_FORMATS, show_audit
from .register import members_in, trust_of_run
from .settings.keys import Origin, note_settings

if TYPE_CHECKING:
    from ...judgement.values.trust import Trust
    from ..audit.items import Ambiguous, Item, Unread
    from ..audit.judging import Auditor
    from ..audit.report import AuditReport
    from ..audit.since import Earlier
    from ..audit.sources import Accounts, Source

_ROLE = re.compile(r"(?!/)(?:[\w+=,.@-]+/)*[\w+=,.@-]{1,64}", re.ASCII)
_OBJECTS_BETWEEN_COLLECTIONS = 500_000
_LONGEST_USAGE = 90
"""The number of days that CloudTrail's event history covers."""
_OF_INVENTORY = "check that the query selects `AWS::ECR::Repository`"
_OF_ACCOUNT = "check the account and the Region (`AWS_PROFILE`, `--region`)"
_ACCESS_ANALYZER = "access-analyzer"


class From(argparse.Action):
    """`FROM`: files, `aggregator:NAME` and `role:NAME`, each told by its beginning."""

    also = ("aggregator",)
    """The attribute that a setting can have, too."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: object, *_: object
    ) -> None:
        """Store each word as what it is. Exit with an error if they do not go together."""
        assert isinstance(values, list)  # noqa: S101 - argparse's own
        aggregators = [value.removeprefix(_AGGREGATOR) for value in values if value.startswith(_AGGREGATOR)]
        roles = [value.removeprefix(_ROLE_NAMED) for value in values if value.startswith(_ROLE_NAMED)]
        files = [value for value in values if not value.startswith((_AGGREGATOR, _ROLE_NAMED))]
        if sum(map(bool, (aggregators, roles, files))) > 1 or len(roles) > 1:
            parser.error(f"{' and '.join(values[:2])} do not go together: expected files, aggregators, or one role")
        for name in roles:
            if not _ROLE.fullmatch(name):
                parser.error(f"`{name}` is not the name of a role: give it without `arn:`, with its path")
        if "" in aggregators:
            parser.error(f"`{_AGGREGATOR}` names no aggregator: expected `{_AGGREGATOR}NAME`")
        self.take(namespace, files)
        if aggregators:
            namespace.aggregator = aggregators
        if roles:
            namespace.organization_role = roles[0]

    def take(self, namespace: argparse.Namespace, files: list[str]) -> None:
        """Store the files, which are inventories."""
        namespace.inventory = [Path(file) for file in files] or None


_AGGREGATOR, _ROLE_NAMED = "aggregator:", "role:"


def add_source(parser: argparse.ArgumentParser, action: type[From], files: str) -> None:
    """Add the argument that names the repositories. `files` says what files it takes."""
    parser.add_argument(
        "sources",
        metavar="FROM",
        nargs="*",
        action=action,
        help=f"{files}, `aggregator:NAME` of AWS Config, or `role:NAME` in every account of your organization "
        "(default: the account of your credentials)",
    )
    parser.set_defaults(inventory=None, organization_role=None)


def add_regions(parser: argparse._ActionsContainer) -> None:
    """Add `--region REGION`, once for each Region."""
    parser.add_argument(
        "--region",
        metavar="REGION",
        type=region,
        action="append",
        dest="regions",
        help="a Region; repeatable (default: yours)",
    )


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `audit`."""
    from .roles import add_roles  # here, because `ask` imports this module too

    add_source(parser, From, "files of AWS Config (`select-aggregate-resource-config`, a snapshot), `-`")
    where = parser.add_argument_group("what to audit")
    add_regions(where)
    add_roles(where)
    where.add_argument(
        "--usage",
        metavar="TIME",
        type=span,
        help="ask CloudTrail who outside pulled and pushed: `30d`, `4w` or a day, "
        f"`2027-03-31`; at most {_LONGEST_USAGE} days",
    )
    where.add_argument(
        "--second-opinion",
        choices=[_ACCESS_ANALYZER],
        metavar="access-analyzer",
        help="explain where findings of IAM Access Analyzer differ",
    )
    where.add_argument(
        "--blank-is-none",
        action="store_true",
        help="a blank policy of AWS Config is none (default: it is not read, because it may be hidden)",
    )
    judged = parser.add_argument_group("whom you trust")
    add_trust(judged)
    add_organization(judged)
    fails = parser.add_argument_group("what fails")
    add_fail_on(fails)
    fails.add_argument(
        "--baseline",
        metavar="FILE",
        type=Path,
        help="findings of this JSON report of an earlier audit do not fail again",
    )
    fails.add_argument("--strict", action="store_true", help="status 2 also if no repository was found")
    add_rcp(fails, f"; `{LIVE}` asks AWS Organizations")
    told = parser.add_argument_group("what is shown")
    add_outputs(told, AUDIT_FORMATS)
    told.add_argument("--since", metavar="FILE", type=Path, help="what has changed since this JSON report")


def run(arguments: argparse.Namespace) -> ExitStatus:
    """Audit the repositories that `arguments` name, and show the result."""
    documentation.verify()
    # An audit keeps everything that it reads until it ends, so repeated garbage collections would find nothing to free.
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    try:
        report = _report(arguments)
    except KeyboardInterrupt:
        if arguments.resume and arguments.resume.exists():
            complain(f"interrupted: `{arguments.resume}` keeps what was read; the same command continues from there")
        raise
    show_audit(report, arguments.outputs)
    note_settings(report.provenance)
    if report.errors:
        return ExitStatus.BAD_INPUT
    status = status_on(arguments.fail_on, _findings_that_count(report, under_rcps=bool(arguments.count_rcps)))
    if len(report.audited):
        return status
    hint = _OF_INVENTORY if arguments.inventory else _OF_ACCOUNT
    strict = "because of `--strict`, the status is 2" if arguments.strict else "`--strict` makes the status 2"
    complain(f"note: no repository was found, so nothing was judged: {hint}; {strict}")
    return ExitStatus.UNDECIDED if arguments.strict and status is ExitStatus.COMPLIANT else status


def _findings_that_count(report: AuditReport, *, under_rcps: bool) -> Iterator[Counted]:
    """Yield what counts: verdicts that the baseline does not have, and access that only a second opinion sees."""
    yield from (UNCERTAIN for _ in report.beyond)
    if report.known is None:
        verdicts = (report.under_rcps(one) or one.verdict for one in report.audited)
        yield from counted_in(verdicts if under_rcps else (outcome.verdict for outcome in report.audited.outcomes()))
        return
    from ..audit.since import findings_of, with_known

    found = findings_of(report)
    if under_rcps:
        left = (
            with_known(replace(finding, verdict=finding.under_rcps or finding.verdict), report.known)
            for finding in found.findings
        )
        found = replace(found, findings=tuple(left))
    yield from counted_of(found)


def _report(arguments: argparse.Namespace) -> AuditReport:
    from ..audit.items import Unread
    from .base.progress import spinner
    from .roles import refuse_other_sources, with_roles

    on = clock.today()
    refuse_other_sources(arguments)
    verify(arguments.outputs, arguments=arguments)
    _take_live(arguments)
    given = documents_in(arguments).rcps
    earlier, baseline = _earlier(arguments.since), _earlier(arguments.baseline)
    trust, provenance = trust_of_run(arguments)
    source = source_of(arguments, on)
    from ..audit.judging import Auditor  # imported while an account is being listed

    own = arguments.organization
    if own is None and trust.names_self:
        own = source.self_is()
    auditor = Auditor(trust, None if isinstance(own, Unread) else own)
    auditor.take([own] if isinstance(own, Unread) else ())
    _judge(source, auditor, trust, None if isinstance(own, Unread) else own, arguments)
    knows = source.reads_registries
    found = auditor.report(source.name, on, source.places(), arguments.expiring, knows_registries=knows)
    known = None if baseline is None else baseline.baseline
    before = frozenset(arn for one in (earlier, baseline) if one is not None for arn in one.with_findings)
    report = replace(found, known=known, found_before=before, provenance=provenance)
    report = _with_rcps(report, given, source, arguments)
    report = with_roles(report, arguments, source, None if isinstance(own, Unread) else own)
    report = report if baseline is None else replace(report, known_ways=baseline.known_ways)
    if earlier is not None:
        from ..audit.since import changes

        report = replace(report, changes=changes(earlier, report))
    if arguments.usage is not None and source.account is not None:
        with spinner() as tell:
            usage = source.account().usage(arguments.usage, on, tell)
        report = replace(report, usage=usage, errors=(*report.errors, *usage.unread))
    if arguments.second_opinion and source.account is not None:
        from ..audit.comparison import second_opinion

        with spinner() as tell:
            opinion = second_opinion(source.account(), report, tell)
        report = replace(report, second_opinion=opinion, errors=(*report.errors, *opinion.unread))
    return report


def _with_rcps(
    report: AuditReport, given: tuple[str, ...], source: Source, arguments: argparse.Namespace
) -> AuditReport:
    """Return the report with the access that remains under resource control policies, if any are in use."""
    from ..audit.attached import ControlPolicies

    if given:
        return replace(report, rcps=ControlPolicies(given))
    if not arguments.live_rcps or source.caller is None:
        return report
    from ..audit.attached import read_control_policies
    from .base.progress import spinner

    where = arguments.regions[0] if arguments.regions else str(source.caller.region)
    with spinner() as tell:
        tell("reading resource control policies")
        rcps = read_control_policies(source.caller.organizations(where), report.scope.accounts)
    return replace(report, rcps=rcps, errors=(*report.errors, *rcps.errors))


def read_all(source: Source, arguments: argparse.Namespace) -> Iterator[Item | Ambiguous | Unread]:
    """Yield everything that a source reads, each repository once, and show the progress."""
    from ..audit.inventory import recordings
    from ..audit.recordings import settle_recordings
    from .base.progress import progress

    found = progress(source.read(), "reading policies", source.total)
    return settle_recordings(recordings(found, blank_is_none=arguments.blank_is_none))


def _judge(
    source: Source, auditor: Auditor, trust: Trust, organization: str | None, arguments: argparse.Namespace
) -> None:
    """Judge policies while they are being read. Those of AWS Config are judged by several processes."""
    from ..audit.processes import Task, judge_all
    from .base.progress import progress

    found = progress(source.read(), "reading policies", source.total)
    task = Task(trust, organization, arguments.blank_is_none)
    # AWS answers live reads more slowly than one process can judge them.
    is_recorded = arguments.inventory or arguments.aggregator
    judge_all(found, auditor, task, arguments.processes if is_recorded else 1)


def _earlier(path: Path | None) -> Earlier | None:
    """Return the report to compare with. It is read first, so that a bad file fails before the audit starts."""
    if path is None:
        return None
    from ..audit.items import AuditError
    from ..audit.since import earlier_in
    from .base.json_text import LARGEST_REPORT, json_in

    try:
        earlier = earlier_in(json_in(str(path), LARGEST_REPORT))
    except AuditError as error:
        raise InputError(f"`{path}`: {error}") from None
    if earlier.is_old:
        complain(
            f"note: the report `{path}` does not record the policies, so access is known only if none of its actions "
            "is new: write it again with `--format json`"
        )
    return earlier


def source_of(arguments: argparse.Namespace, on: date) -> Source:
    """Return the source of repositories that `arguments` name. Raises InputError and AuditError."""
    _refuse_what_does_not_go_together(arguments)
    if arguments.usage is not None:
        arguments.usage = days_back("--usage", arguments.usage, on, _LONGEST_USAGE)
    if arguments.inventory and not getattr(arguments, "live_rcps", False):
        if arguments.regions:
            raise InputError("the Regions are those in the files: leave out --region")
        from ..audit.sources import of_files

        return of_files(arguments.inventory)
    from ..audit.account import Caller

    caller = Caller(arguments.concurrency)
    regions = list(dict.fromkeys(arguments.regions or [caller.region]))
    if regions == [None]:
        raise InputError("no Region: give --region, or set AWS_REGION")
    if arguments.inventory:
        from ..audit.sources import of_files

        return of_files(arguments.inventory, caller)
    if arguments.aggregator:
        if len(regions) > 1:
            raise InputError(
                "an aggregator reads all its Regions: give --region once, for the Region of the aggregator itself"
            )
        from ..audit.sources import of_aggregators

        return of_aggregators(caller, regions[0], list(dict.fromkeys(arguments.aggregator)))
    if _role_in(arguments):
        from ..audit.account import Role
        from ..audit.sources import of_role

        role = Role(arguments.organization_role, arguments.external_id)
        return of_role(caller, regions, role, _accounts(arguments.members))
    from ..audit.account import Listings

    listings = Listings(caller, regions)
    from ..audit.sources import of_account  # imported after the calls to AWS have started, because loading takes time

    return of_account(listings, arguments.resume, clock.now)


def _role_in(arguments: argparse.Namespace) -> str | None:
    """Return the role of `audit`, or None for `ask`, which has no such option."""
    found: str | None = getattr(arguments, "organization_role", None)
    return found


def _accounts(members: str | None) -> Accounts | None:
    """Return the accounts in a list of members. Raises InputError for an outdated list, which misses new accounts."""
    if members is None:
        return None
    from ..audit.sources import Accounts

    found = members_in(members)
    problem = found.problem(clock.now())
    if problem is not None:
        raise InputError(f"`{members}`: {problem}: newer accounts would not be audited")
    return Accounts(tuple(sorted(path for path in found.paths if found.is_in_use(path))), tuple(sorted(found.unused)))


def _refuse_what_does_not_go_together(arguments: argparse.Namespace) -> None:
    if _role_in(arguments):
        for name in ("usage", "second_opinion"):
            if getattr(arguments, name):
                option = name.replace("_", "-")
                raise InputError(f"--{option} needs an audit of the account itself: leave out role:NAME")
    if arguments.inventory or arguments.aggregator:
        if arguments.usage is not None:
            raise InputError("--usage needs an audit of the account itself, because it reads the account's CloudTrail")
        if arguments.second_opinion:
            raise InputError(
                "--second-opinion needs an audit of the account itself, because it reads the account's analyzers"
            )
        arguments.resume = None
    elif arguments.blank_is_none and arguments.settings.origin("blank-is-none") is Origin.FLAG:
        raise InputError(
            "--blank-is-none needs files or an aggregator of AWS Config: Amazon ECR says who has no policy"
        )


def _take_live(arguments: argparse.Namespace) -> None:
    """Take `@live` out of the resource control policies. Raises InputError if files are named beside it."""
    arguments.live_rcps = LIVE in (arguments.rcps or ())
    files = [rcp for rcp in arguments.rcps or () if rcp != LIVE]
    if arguments.live_rcps and files:
        raise InputError(f"--rcp {LIVE} reads the policies that apply: --rcp {files[0]} does not go with it")
    arguments.rcps = files or None
