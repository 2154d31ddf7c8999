"""`--registry-policy` and `--rcp`: documents from files that decide together with a repository's own policy."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...errors import InputError
from ...memo import by_value
from .base.program import ExitStatus, Once, complain, worst_of

if TYPE_CHECKING:
    from ...judgement.admission import Origin
    from ...judgement.beside import RegistryPolicy
    from ...judgement.judge import Repository
    from ...judgement.values.trust import Trust
    from .about import Source


@by_value
class Documents:
    """The documents that are evaluated beside the judged policies.

    `shown` is the registry policy's JSON value, for showing parts of it; `owner` is its account, if its file says so.
    """

    registry: RegistryPolicy | None = None
    shown: object = None
    owner: str | None = None
    rcps: tuple[str, ...] = ()


@by_value
class Left:
    """The access that a registry policy leaves open, in words, and the resulting exit status."""

    notes: tuple[str, ...] = ()
    status: ExitStatus = ExitStatus.COMPLIANT

    def worse(self, status: ExitStatus) -> ExitStatus:
        """Return the worse of two statuses."""
        return worst_of((status, self.status))


def add_registry_policy(parser: argparse._ActionsContainer) -> None:
    """Add `--registry-policy`."""
    parser.add_argument(
        "--registry-policy",
        metavar="FILE",
        action=Once,
        help="the output of `aws ecr get-registry-policy`: it counts too",
    )


LIVE = "@live"
"""The file name that stands for what AWS says."""


def add_rcp(parser: argparse._ActionsContainer, also: str = "") -> None:
    """Add `--rcp`."""
    parser.add_argument(
        "--rcp",
        metavar="FILE",
        action="append",
        dest="rcps",
        help=f"a resource control policy: shows what it leaves open; repeatable{also}",
    )


def rcps_in(arguments: argparse.Namespace) -> tuple[str, ...]:
    """Return the resource control policies that `arguments` name. Raises InputError if a policy cannot be read."""
    files = getattr(arguments, "rcps", None) or ()
    rcps = tuple(_read(file, "--rcp").text for file in files)
    _note_what_is_refused(files, rcps)
    return rcps


def documents_in(arguments: argparse.Namespace) -> Documents:
    """Return the documents that `arguments` name. Raises InputError if a document cannot be read or used."""
    rcps = rcps_in(arguments)
    file = getattr(arguments, "registry_policy", None)
    if file is None:
        return Documents(rcps=rcps)
    from ...judgement.beside import SCOPE_FROM, SCOPE_SETTING, RegistryPolicy, Scope

    source = _read(file, "--registry-policy")
    known = Scope(arguments.registry_scope) if arguments.registry_scope else Scope.UNKNOWN
    registry = RegistryPolicy(source.text, known, way_out=SCOPE_FROM.format(SCOPE_SETTING))
    return Documents(registry, source.document, source.owner, rcps)


def refuse_another(beside: Documents, source: Source, repository: Repository) -> None:
    """Raise InputError if the registry policy is of another account than the repository."""
    if beside.owner is not None and beside.owner != repository.account:
        raise InputError(
            f"the registry policy is of {beside.owner}, and `{source.file}` of {repository.account}: give the policy "
            "of the registry that the repository is in"
        )


def left_by_registry(
    policy: str | None, repository: Repository, trust: Trust, origin: Origin, registry: RegistryPolicy
) -> Left:
    """Return the access that the registry policy leaves open to a repository that has or will have its own policy."""
    from ..automation import cuts

    found = cuts.left_by_registry(policy, repository, trust, origin, registry)
    doubtful = ExitStatus.UNDECIDED if found.notes else ExitStatus.COMPLIANT
    return Left(found.notes, ExitStatus.NON_COMPLIANT if found.is_open else doubtful)


def _note_what_is_refused(files: Sequence[str], rcps: Sequence[str]) -> None:
    """Write a note for each file whose policy AWS Organizations would refuse. Results name it by its number."""
    if not rcps:
        return
    from ...documents.document import Document
    from ...judgement.control import control_statements

    for number, (file, text) in enumerate(zip(files, rcps, strict=True)):
        _, invalid = control_statements([text])
        for one in invalid:
            at = one.at.removeprefix(f"{Document.RESOURCE_CONTROL.prefix}0:")
            complain(
                f"note: --rcp {file}: {at}: {one.reason}. AWS Organizations would refuse this policy, so it denies "
                f"nothing here. Results call it `{Document.RESOURCE_CONTROL.prefix}{number}`"
            )


_NO_RCP = (
    "{}: expected a resource control policy, as JSON: `aws organizations describe-policy --policy-id ID --query "
    "Policy.Content --output text` prints one"
)
_NO_REGISTRY_POLICY = (
    "{}: expected a registry policy, as JSON: `aws ecr get-registry-policy` prints it. Leave --registry-policy out if "
    "the registry has none"
)
_EXPECTED = {
    "--rcp": (_NO_RCP, "a folder: name the file of one resource control policy, and repeat --rcp for each"),
    "--registry-policy": (_NO_REGISTRY_POLICY, "a folder: name the file of the registry policy"),
}


def _read(file: str, option: str) -> Source:
    from .about import another_service, read_source

    try:
        source = read_source(file, *_EXPECTED[option])
    except InputError as error:
        raise InputError(f"{option} {file}: {error}") from None
    if option == "--registry-policy" and (other := another_service(source)):
        raise InputError(f"{option} {file}: {other}")
    return source
