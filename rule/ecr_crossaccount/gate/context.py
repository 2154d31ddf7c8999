"""What the user says beside the files: whose account, which Region, what parameters are, who is trusted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from ..access.beside import Scope
from ..access.trust import Trust
from ..policy.principals import partition_of
from .exclusions import Exclusion
from .found import FoundPolicy
from .owners import NO_OWNERS, Owners


@dataclass(frozen=True, slots=True)
class Context:
    """The surroundings of a check.

    `account`: the owner of everything whose file does not say its owner. `parameters`: values of a template's
    parameters or of a module's variables, by name. `var_files`: files of variables, the later one first heard.
    `today`: without it, every suppression has ended. `exclude`: what of a folder is left out. `repository`: the
    name of the repository of a policy that stands by itself, in a file that does not say one.
    `owners`: the accounts of files by their path, before `account`. `standing`: of the parameters those that settings
    say, for whatever is checked, each with the file and the line. `rcps`: the resource control policies under which
    private repositories are judged a second time. `registry`: the registry policy that is deployed now, of the account
    and Region here; `registry_scope`: on which actions registry policies count.
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

    def at(self, path: str) -> Context:
        """Return the surroundings of one file or folder, whose account its path may say."""
        account = self.owners.of(path)
        return self if account is None else replace(self, account=account)

    @property
    def partition(self) -> str:
        """The partition of the Region, the commercial one where none is named."""
        return partition_of(self.region)
