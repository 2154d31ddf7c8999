"""`ecr-crossaccount restore`: puts back the policy that a repository had before `remediate`."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from ...errors import InputError
from .base.options import add_organization, add_region, add_trust, repository
from .base.program import ExitStatus, complain, confirm
from .remediate import UNREADABLE, USUAL_DAYS, add_writing, but, keep_policy, left_open, may_go_on, on_live, way_back

if TYPE_CHECKING:
    from ..automation.planner import PlanRequest
    from .live import Live

_INSTEAD = {"InUse": "choose a backup that keeps the access", "Unreadable": UNREADABLE}
"""The advice for each status of the recent use, if it prevents the restore."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `restore`."""
    parser.add_argument("file", metavar="BACKUP", help="the file that `remediate` named")
    parser.add_argument(
        "repository",
        metavar="REPOSITORY",
        nargs="?",
        type=repository,
        help="in the account of your credentials (default: that of the backup)",
    )
    where = parser.add_argument_group("where it is")
    add_region(where, "its Region (default: that of the backup, or yours with REPOSITORY)")
    add_organization(where)
    where.add_argument(
        "--from-elsewhere", action="store_true", help="accept a backup of another account, Region or repository"
    )
    add_trust(parser.add_argument_group("whom you trust"))
    add_writing(parser, "30d")


def run(arguments: argparse.Namespace) -> ExitStatus:
    """Restore a policy. The exit status says whether it is there, whatever access it gives."""
    if arguments.repository is None:
        from .live import place_of

        arguments.repository, region = place_of(arguments.file)
        arguments.region = arguments.region or region
    return on_live(arguments, USUAL_DAYS, lambda live, question: _restore(live, question, arguments))


def _restore(live: Live, question: PlanRequest, arguments: argparse.Namespace) -> ExitStatus:
    from .formats.judge import Judged, Report, show
    from .formats.text import Page
    from .live import refuse_taken

    policy = _backed_up(live, arguments)
    judged = Judged(arguments.file, question.repository, json.loads(policy), question.with_policy(policy).verdict())
    show(Report((judged,), (), arguments.provenance), Page())
    left = left_open(live, question.with_policy(policy))
    for note in left.notes:
        complain(f"note: {note}")
    refuse_taken(arguments.backup)
    if not may_go_on(live, question, question.with_policy(policy).read, arguments, _INSTEAD):
        return ExitStatus.COMPLIANT if arguments.dry_run else ExitStatus.BAD_INPUT
    if not confirm(arguments, "put it back?"):
        return ExitStatus.BAD_INPUT
    kept = keep_policy(live, arguments, {"replaced_by": arguments.file})
    with way_back(kept):
        outcome = live.replace(policy)
        after = live.judge_stored_policy(question)
    print(f"{outcome}; what ECR has now is {after.compliance.value}{but(left)}; what it replaced is in {kept}")
    return ExitStatus.COMPLIANT


def _backed_up(live: Live, arguments: argparse.Namespace) -> str:
    """Return the policy of the backup to restore. Raises InputError if another repository's is not accepted."""
    from .live import read_backup

    found = read_backup(arguments.file, live.place)
    if not found.differences:
        return found.policy
    of = ", and of ".join(found.differences)
    if not arguments.from_elsewhere:
        raise InputError(f"`{arguments.file}` is of {of}: nothing was written; give --from-elsewhere to use it anyway")
    complain(f"note: `{arguments.file}` is of {of}")
    return found.policy
