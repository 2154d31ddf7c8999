"""`ecr-crossaccount remediate`: narrows the live policy of a repository."""

from __future__ import annotations

import argparse
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ...errors import InputError
from ...questions.plan.outcome import Action, Strategy
from .base import clock
from .base.options import add_organization, add_region, add_trust, days_back, repository, span
from .base.outputs import status_of
from .base.program import ExitStatus, complain, confirm
from .register import trust_of_run
from .required import add_required, required_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ...questions.plan.outcome import Plan
    from ...sources.check.provenance import Provenance
    from ..automation.find_use import Use
    from ..automation.planner import PlanRequest
    from .beside import Left
    from .live import Live

MOST_DAYS, USUAL_DAYS = 90, 30
"""The days that CloudTrail keeps, and those that are asked for."""
UNREADABLE = "make the recent use readable (`cloudtrail:LookupEvents`), or choose fewer days (--usage)"
_BEFORE_A_PLAN = {"InUse": "add the accounts that should keep the access to the register", "Unreadable": UNREADABLE}
"""The advice for each status of the recent use, if it prevents writing a policy."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `remediate`."""
    parser.add_argument(
        "repository", metavar="REPOSITORY", type=repository, help="its name, in the account of your AWS credentials"
    )
    where = parser.add_argument_group("where it is")
    add_region(where, "its Region (default: yours)")
    add_organization(where)
    add_trust(parser.add_argument_group("whom you trust"))
    what = parser.add_argument_group("what to write")
    add_required(what)
    what.add_argument(
        "--keep-used",
        action="store_true",
        help="with narrow: also keep access that CloudTrail shows in use; if use is unknown, remove nothing",
    )
    add_writing(parser, "30d, with --keep-used 90d")


def add_writing(parser: argparse.ArgumentParser, usual: str) -> None:
    """Add the arguments about what is asked and kept before a policy is written."""
    before = parser.add_argument_group("before it is written")
    before.add_argument(
        "--usage",
        metavar="TIME",
        type=span,
        help=f"how far back to ask CloudTrail who used what would be cut: `30d`, `4w`, or a day (default: {usual})",
    )
    before.add_argument("--force", action="store_true", help="write even if the access is in use, or use is unknown")
    before.add_argument(
        "--backup",
        metavar="FILE",
        help="where to keep the old policy (default: a new file, REPOSITORY.ACCOUNT.REGION.TIME.json)",
    )
    before.add_argument("--dry-run", action="store_true", help="show everything, and write nothing")
    before.add_argument("--yes", action="store_true", help="do not ask")


def run(arguments: argparse.Namespace) -> ExitStatus:
    """Remediate. The exit status is that of the policy that the repository has afterwards."""
    required = required_in(arguments)
    if arguments.keep_used and arguments.strategy != Strategy.NARROW.value:
        raise InputError("--keep-used is for the strategy narrow: leave out other strategies")
    usual = MOST_DAYS if arguments.keep_used else USUAL_DAYS

    def remediate_live(live: Live, question: PlanRequest) -> ExitStatus:
        if arguments.keep_used:
            return _take_unused(live, question, arguments)
        plan = question.plan(Strategy(arguments.strategy), required, cut_trusted=bool(arguments.cut_trusted))
        return _carry_out(live, question, plan, question, arguments)

    return on_live(arguments, usual, remediate_live, asks=required is not None)


def on_live(
    arguments: argparse.Namespace, usual: int, act: Callable[[Live, PlanRequest], ExitStatus], *, asks: bool = False
) -> ExitStatus:
    """Do something with the repository that exists, and return its exit status. Raises InputError.

    `usual`: the days to look back for use. `asks`: whether the organization is needed, whatever the register says.
    """
    from ...sources.aws.calls import AWS_ERRORS, reason_of
    from ..automation.write_policy import NotWrittenError
    from .live import Live

    given = usual if arguments.usage is None else arguments.usage
    arguments.usage = days_back(given, clock.today(), MOST_DAYS)
    trust, arguments.provenance = trust_of_run(arguments)
    try:
        live = Live.read(arguments.repository, arguments.region)
        return act(live, live.question(trust, arguments.organization, asks=asks))
    except NotWrittenError as error:
        raise InputError(str(error)) from None
    except AWS_ERRORS as error:
        raise InputError(reason_of(error)) from None


def _take_unused(live: Live, question: PlanRequest, arguments: argparse.Namespace) -> ExitStatus:
    """Remove only access whose use CloudTrail does not show. If the use cannot be determined, remove nothing."""
    from .live import UndeterminedError, taking_unused

    try:
        taking = taking_unused(live, question, arguments.usage)
    except UndeterminedError as error:
        complain(f"nothing is taken: {error}")
        return status_of(question.verdict())
    plan = taking.plan
    _show_used(taking.used, arguments.usage)
    if plan.action is not Action.NONE or plan.refused is not None:
        return _carry_out(live, question, plan, taking.question, arguments)
    left = _left_by(live, question, plan)
    print("nothing to remove: all external access through this policy is trusted or in use")
    for note in left.notes:
        complain(f"note: {note}")
    return left.worse(status_of(question.verdict()))


def _show_used(used: Sequence[Use], days: int) -> None:
    """Print the use that is kept, and that missing use proves little."""
    from .base.program import visible

    span = "day" if days == 1 else f"{days} days"
    print(f"CloudTrail shows this use from outside in the last {span}, which the plan keeps:")
    for use in used:
        calls = f"{use.calls} {'call' if use.calls == 1 else 'calls'}"
        print(visible(f"  {use.caller}: {use.action}, {calls}, the last on {use.last}"))
    if not used:
        print("  none")
    print(_LIMITS)
    print()


_LIMITS = (
    "The event history has the management events of this account and Region, for 90 days at most. AWS does not "
    "document that it has every call of another account: ask the accounts before you remove their access."
)


def _carry_out(
    live: Live, question: PlanRequest, plan: Plan, asking: PlanRequest, arguments: argparse.Namespace
) -> ExitStatus:
    """Show a plan, which answers `asking`, and write its policy.

    The exit status is that of the stored policy under the register of `question`.
    """
    from .live import refuse_taken, wanted_text

    before, left = question.verdict(), _left_by(live, question, plan)
    _show(live, question, plan, left.notes, arguments.provenance)
    if plan.action is Action.NONE:
        refused = ExitStatus.COMPLIANT if plan.refused is None else ExitStatus.NON_COMPLIANT
        return left.worse(max(status_of(before), refused))
    refuse_taken(arguments.backup)
    may_go = may_go_on(live, asking, plan.policy, arguments, _BEFORE_A_PLAN)
    if not (may_go and confirm(arguments, "write it?")):
        return left.worse(status_of(before))
    kept = keep_policy(live, arguments, {"verdict": before.to_json(), "plan": plan.to_json()})
    with way_back(kept):
        outcome = live.replace(wanted_text(plan))
        after = live.check_stored_policy(asking, plan.after)
        if asking is not question:
            after = live.judge_stored_policy(question)
    print(f"{outcome}; what ECR has now is {after.compliance.value}{but(left)}")
    print(f"to undo it: {_undoing(kept)}")
    return left.worse(status_of(after))


def _left_by(live: Live, question: PlanRequest, plan: Plan) -> Left:
    """Return the access that the registry policy leaves open beside the repository's policy after a plan."""
    from .live import wanted_text

    will_be = live.policy if plan.action is Action.NONE else wanted_text(plan)
    return left_open(live, question.with_policy(will_be))


def left_open(live: Live, question: PlanRequest) -> Left:
    """Return the access that the registry policy leaves open, whatever the repository's own policy is."""
    from ...judgement.admission import Origin
    from .beside import left_by_registry

    registry = live.registry_policy()
    return left_by_registry(question.read, question.repository, question.trust, Origin.DEPLOYED, registry)


def but(left: Left) -> str:
    """Return what to add to a verdict if the registry policy leaves access open."""
    return ", but the registry policy is not, as noted above" if left.notes else ""


@contextmanager
def way_back(kept: str) -> Iterator[None]:
    """Name the command that restores the old policy if the stored policy is uncertain. Raises InputError."""
    from ..automation.write_policy import UncheckedError

    told = f"to put the old policy back: {_undoing(kept)}"
    try:
        yield
    except UncheckedError as error:
        raise InputError(str(error), told) from None
    except KeyboardInterrupt:
        complain("interrupted: the policy may have been written, and nobody has checked it")
        complain(told)
        raise


def _undoing(kept: str) -> str:
    import shlex

    return shlex.join(["ecr-crossaccount", "restore", kept])


def may_go_on(
    live: Live, question: PlanRequest, wanted: object, arguments: argparse.Namespace, instead: Mapping[str, str]
) -> bool:
    """Show the use of the access that the policy `wanted` removes, and return whether it may be written.

    None: no policy.

    `instead` has the advice for each status of the use.
    """
    from .base.program import visible

    use = live.use(question, wanted, arguments.usage)
    print()
    for line in use["Report"].splitlines():
        print(visible(line))
    if arguments.dry_run:
        print("a dry run: nothing was written")
        return False
    if use["Status"] == "NoUseSeen" or arguments.force:
        print()
        return True
    complain(f"nothing was written: {instead[use['Status']]}, or give --force")
    return False


def _show(live: Live, question: PlanRequest, plan: Plan, notes: tuple[str, ...], provenance: Provenance) -> None:
    from .formats.plan import Planned, Report, show
    from .formats.text import Page

    planned = Planned(live.region, question.repository, json.loads(live.policy), question.verdict(), plan, notes)
    show(Report((planned,), (), question.trust, provenance), Page())


def keep_policy(live: Live, arguments: argparse.Namespace, record: Mapping[str, object]) -> str:
    """Write the old policy to a file before anything else is written, and return the file's name."""
    from .live import keep

    moment = clock.now()
    text = live.as_backup(f"{moment:%Y-%m-%d_%H.%M.%S}", record)
    path = keep(arguments.backup, text, live.place, moment)
    print(f"the old policy is in {path}")
    return path
