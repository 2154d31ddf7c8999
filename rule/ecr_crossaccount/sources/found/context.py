"""What the user specifies besides the files: account, Region, parameter values, and trust."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from ...documents.principals import partition_of
from ...judgement.beside import Scope
from ...judgement.values.trust import Trust
from .exclusions import Exclusion
from .found import FoundPolicy
from .kept import Kept
from .owners import NO_OWNERS, Owners

_MOST_KEPT = 2_000_000
"""The most characters of sources that are kept parsed, which takes about 40 times as much memory."""


@dataclass(frozen=True, slots=True)
class Context:
    """The surroundings of a check.

    `account`: the owner, if a file does not name one. `parameters`: values of a template's parameters or a module's
    variables, by name. `var_files`: files of variables; a later file overrides an earlier one. `today`: if None, every
    suppression has ended. `exclude`: the files and folders to skip. `repository`: the name of the repository for a
    policy file that does not name one.

    `owners`: accounts of files by path; they take precedence over `account`. `standing`: the parameters that come from
    settings and apply to every check, each with its file and line. `rcps`: the resource control policies; private
    repositories are judged a second time under them. `registry`: the registry policy that is currently deployed in this
    account and Region. `registry_scope`: the actions that registry policies apply to. `suppressed`: whether
    suppressions count.

    `folders`: the folders of Terraform sources that were read last in this run, because many units may call a module.
    """

    account: str | None = None
    region: str | None = None
    organization: str | None = None
    trust: Trust = field(default_factory=Trust.nobody)
    parameters: Mapping[str, str] = field(default_factory=dict)
    var_files: tuple[str, ...] = ()
    today: date | None = None
    exclude: tuple[Exclusion, ...] = ()
    repository: str | None = None
    owners: Owners = NO_OWNERS
    standing: Mapping[str, tuple[str, int | None]] = field(default_factory=dict)
    rcps: tuple[str, ...] = ()
    registry: FoundPolicy | None = None
    registry_scope: Scope = Scope.UNKNOWN
    suppressed: bool = True
    folders: Kept[Any] = field(default_factory=lambda: Kept(_MOST_KEPT), repr=False, compare=False)

    def of_run(self) -> Context:
        """Return the surroundings of a new run, in which no folder has been read."""
        return replace(self, folders=Kept(_MOST_KEPT))

    def at(self, path: str) -> Context:
        """Return the surroundings of one file or folder. Its path may determine the account."""
        account = self.owners.of(path)
        return self if account is None else replace(self, account=account)

    @property
    def partition(self) -> str:
        """The partition of the Region; the commercial partition if no Region is given."""
        return partition_of(self.region)
