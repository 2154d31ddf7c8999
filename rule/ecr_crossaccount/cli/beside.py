"""`--registry-policy` and `--rcp`: the documents that decide beside a repository's own policy, from files."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import InputError

if TYPE_CHECKING:
    from .. import RegistryPolicy
    from .sources import Source


@dataclass(frozen=True, slots=True)
class Documents:
    """What decides beside the policies that are judged.

    `shown` is the registry policy's JSON value, for showing parts of it; `owner` is its account, if its file says so.
    """

    registry: RegistryPolicy | None = None
    shown: object = None
    owner: str | None = None
    rcps: tuple[str, ...] = ()


def add_registry_policy(parser: argparse._ActionsContainer) -> None:
    """Add `--registry-policy` and `--registry-scope`."""
    parser.add_argument(
        "--registry-policy",
        metavar="FILE",
        help="the policy of its registry, or what `aws ecr get-registry-policy` prints: it counts as well",
    )
    parser.add_argument(
        "--registry-scope",
        choices=["V1", "V2"],
        help="what `aws ecr get-account-setting --name REGISTRY_POLICY_SCOPE` says (default: not known, so that what "
        "depends on it is undecided)",
    )


def add_rcps(parser: argparse._ActionsContainer) -> None:
    """Add `--rcp` and `--count-rcps`."""
    add_rcp(parser)
    parser.add_argument(
        "--count-rcps",
        action="store_const",
        const=True,
        help="base the exit status on the access that remains under the resource control policies",
    )


def add_rcp(parser: argparse._ActionsContainer) -> None:
    """Add `--rcp`."""
    parser.add_argument(
        "--rcp",
        metavar="FILE",
        action="append",
        dest="rcps",
        help="a resource control policy that applies to the owner account, once for each: the result says what is left "
        "under them",
    )


def documents_in(arguments: argparse.Namespace) -> Documents:
    """Return the documents that `arguments` name. Raises InputError where one cannot be read or is not to be used."""
    rcps = tuple(_read(file, "--rcp").text for file in getattr(arguments, "rcps", None) or ())
    if getattr(arguments, "count_rcps", False) and not rcps:
        raise InputError("--count-rcps needs the policies that count: give --rcp FILE")
    file = getattr(arguments, "registry_policy", None)
    scope = getattr(arguments, "registry_scope", None)
    if file is None:
        if scope is not None:
            raise InputError("--registry-scope needs the policy that has it: give --registry-policy FILE")
        return Documents(rcps=rcps)
    from .. import RegistryPolicy, Scope

    source = _read(file, "--registry-policy")
    registry = RegistryPolicy(source.text, Scope(scope) if scope else Scope.UNKNOWN)
    return Documents(registry, source.document, source.owner, rcps)


def _read(file: str, option: str) -> Source:
    from .sources import UnreadableError, read_source

    try:
        return read_source(file)
    except UnreadableError as error:
        raise InputError(f"{option} {file}: {error}") from None
