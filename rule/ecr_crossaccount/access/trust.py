"""The trust register: who outside the owner account may have what, by whose word and until when."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from functools import cached_property, lru_cache

from ..errors import TrustError
from ..policy.conditions import Base
from ..policy.pattern import pattern
from ..policy.principals import service_principal
from ..policy.problems import quoted
from .conditions.comparisons import comparison
from .patterns.tokens import Tokens, matches
from .verdict import Access


class Subject(Enum):
    """What an entry may trust; an entry names exactly one."""

    ACCOUNT = "account"
    ORGANIZATION = "organization"
    ORGANIZATION_PATH = "organization_path"
    SERVICE = "service"
    VPC = "vpc"
    VPC_ENDPOINT = "vpc_endpoint"


SELF = "self"
"""The organization of the repository's owner account, whichever it is."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the register. `expires` is the last day, in UTC, on which it trusts anybody."""

    subject: Subject
    name: str
    access: Access = Access.READ
    repositories: tuple[str, ...] = ("*",)
    reason: str | None = None
    owner: str | None = None
    expires: date | None = None

    def covers(self, repository: str) -> bool:
        """Tell whether the entry speaks of a repository; `*` means one whose name is not known."""
        if repository == "*":
            return any(not name.strip("*") for name in self.repositories)
        return any(_is_like(repository, name) for name in self.repositories)


@lru_cache(maxsize=4096)
def glob(text: str) -> Tokens:
    """Compile a pattern of `*` and `?`, as StringLike reads it."""
    return comparison(Base.STRING_LIKE, pattern(text, wild=True, variables=False).parts).tokens


def _is_like(repository: str, name: str) -> bool:
    """Match a repository's name, quickly for the forms that registers are full of: `base/*`, `tools/scanner`."""
    if "?" in name or "*" in name[:-1]:
        return matches(glob(name), repository)
    return repository.startswith(name[:-1]) if name.endswith("*") else repository == name


@dataclass(frozen=True, slots=True)
class Circle:
    """Those whom a register trusts with one access to one repository today: the inside, besides the owner."""

    accounts: frozenset[str] = frozenset()
    organizations: frozenset[str] = frozenset()
    paths: tuple[str, ...] = ()
    services: frozenset[str] = frozenset()
    vpcs: frozenset[str] = frozenset()
    endpoints: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)
class Trust:
    """A parsed register on one day, `today`; entries that have expired are kept, and trust nobody.

    Compared by identity: verdicts are remembered for each register, and looking one up must be cheap.
    """

    entries: tuple[Entry, ...]
    today: date | None = None

    @classmethod
    def nobody(cls) -> Trust:
        """Return the register that trusts the owner account alone."""
        return _NOBODY

    @classmethod
    def parse(cls, register: object, today: date | None = None) -> Trust:
        """Read `{"version": 1, "trust": [entry, …]}`; raises TrustError that names every fault."""
        faults: list[tuple[str, str]] = []
        entries = tuple(_entries(register, faults))
        if faults:
            raise TrustError(tuple(faults))
        return cls(entries, today)

    def expired(self, entry: Entry) -> bool:
        """Tell whether an entry's last day is over; without `today` a dated entry counts as expired."""
        return entry.expires is not None and (self.today is None or entry.expires < self.today)

    @cached_property
    def valid(self) -> tuple[Entry, ...]:
        """The entries that trust somebody today."""
        return tuple(entry for entry in self.entries if not self.expired(entry))

    @cached_property
    def names_repositories(self) -> bool:
        """Whether the answer depends on the repository's name."""
        return any(entry.repositories != ("*",) for entry in self.entries)

    @cached_property
    def names_self(self) -> bool:
        """Whether an entry trusts the organization of the owner account, whichever it is."""
        return any(entry.name == SELF for entry in self.valid)

    def about(self, repository: str) -> Trust:
        """Return the entries that speak of one repository, as a register of their own."""
        if not self.names_repositories:
            return self
        mask = 0
        for bit, entry in self._bounded:
            if entry.covers(repository):
                mask |= bit
        found = self._parts.get(mask)
        if found is None:
            left = [entry for bit, entry in self._bounded if not mask & bit]
            found = self._parts[mask] = Trust(tuple(one for one in self.entries if one not in left), self.today)
        return found

    @cached_property
    def _bounded(self) -> list[tuple[int, Entry]]:
        """The entries that do not speak of every repository, each with a bit of its own."""
        bounded = [entry for entry in self.entries if entry.repositories != ("*",)]
        return [(1 << place, entry) for place, entry in enumerate(bounded)]

    @cached_property
    def _parts(self) -> dict[int, Trust]:
        """The registers that `about` has returned: repositories with the same entries share one."""
        return {}

    def circles(self, organization: str | None) -> tuple[Circle, Circle, Circle]:
        """Return who is trusted with READ, WRITE and ADMIN; `organization` is what `self` stands for."""
        found = self._circles.get(organization)
        if found is None:
            read, write, admin = (self._circle(access, organization) for access in Access)
            found = self._circles[organization] = (read, write, admin)
        return found

    @cached_property
    def _circles(self) -> dict[str | None, tuple[Circle, Circle, Circle]]:
        return {}

    def _circle(self, access: Access, organization: str | None) -> Circle:
        names: dict[Subject, list[str]] = {subject: [] for subject in Subject}
        for entry in self.valid:
            if entry.access.rank >= access.rank:
                name = organization if entry.name == SELF else entry.name
                if name is not None:
                    names[entry.subject].append(name)
        return Circle(
            frozenset(names[Subject.ACCOUNT]),
            frozenset(names[Subject.ORGANIZATION]),
            tuple(names[Subject.ORGANIZATION_PATH]),
            frozenset(names[Subject.SERVICE]),
            frozenset(names[Subject.VPC]),
            frozenset(names[Subject.VPC_ENDPOINT]),
        )

    def expiring(self, days: int) -> tuple[Entry, ...]:
        """The entries that trust somebody today, and whose last day is at most `days` days away."""
        if self.today is None:
            return ()
        end = self.today + timedelta(days=days)
        return tuple(entry for entry in self.valid if entry.expires is not None and entry.expires <= end)


_NOBODY = Trust(())

_FIELDS = frozenset({*(subject.value for subject in Subject), "access", "repositories", "reason", "owner", "expires"})
_ORGANIZATION = r"o-[a-z0-9]{10,32}"
SHAPES: dict[Subject, tuple[re.Pattern[str], str]] = {
    Subject.ACCOUNT: (re.compile(r"[0-9]{12}"), "an account number of 12 digits, in quotes"),
    Subject.ORGANIZATION: (re.compile(rf"self|{_ORGANIZATION}"), "`self` or an id such as `o-a1b2c3d4e5`"),
    Subject.ORGANIZATION_PATH: (
        re.compile(rf"{_ORGANIZATION}/[-a-z0-9*?/]*"),
        "a path that starts with an organization id, such as `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*`",
    ),
    Subject.VPC: (re.compile(r"vpc-[0-9a-z-]+"), "an id such as `vpc-0123456789abcdef0`"),
    Subject.VPC_ENDPOINT: (re.compile(r"vpce-[0-9a-z-]+"), "an id such as `vpce-0123456789abcdef0`"),
}
"""What the names of subjects look like, but for services, and what to say of one that does not."""

REPOSITORY = re.compile(r"[a-z0-9._/*?-]{1,256}")
"""A repository's name, or a pattern of names."""
Report = Callable[[str, str], None]


def _entries(register: object, faults: list[tuple[str, str]]) -> Iterator[Entry]:
    def report(at: str, reason: str) -> None:
        faults.append((at, reason))

    if not isinstance(register, Mapping):
        report("$", "expected a register: an object with `version` and `trust`")
        return
    for name in register:
        if name not in ("version", "trust"):
            report("$", f"has an unknown field {quoted(name)}: expected `version` and `trust`")
    if register.get("version") != 1 or isinstance(register.get("version"), bool):
        report("version", f"{quoted(register.get('version'))} is no version of the register: expected `1`")
    entries = register.get("trust")
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        report("trust", "expected a list of entries")
        return
    for index, fields in enumerate(entries):
        entry = _entry(f"trust[{index}]", fields, report)
        if entry is not None:
            yield entry


def _entry(at: str, fields: object, report: Report) -> Entry | None:
    if not isinstance(fields, Mapping):
        report(at, f"{quoted(fields)} is no entry: expected an object")
        return None
    for name in fields:
        if name not in _FIELDS:
            report(at, f"has an unknown field {quoted(name)}: expected one of {', '.join(sorted(_FIELDS))}")
    named = [subject for subject in Subject if subject.value in fields]
    if len(named) != 1:
        report(at, f"names {len(named)} of {', '.join(s.value for s in Subject)}: expected exactly one")
        return None
    subject = named[0]
    return Entry(
        subject,
        _name(f"{at}.{subject.value}", subject, fields[subject.value], report),
        _access(f"{at}.access", fields.get("access", "READ"), report),
        _repositories(f"{at}.repositories", fields.get("repositories", "*"), report),
        _words(f"{at}.reason", fields.get("reason"), report),
        _words(f"{at}.owner", fields.get("owner"), report),
        _day(f"{at}.expires", fields.get("expires"), report),
    )


def _name(at: str, subject: Subject, value: object, report: Report) -> str:
    if subject is Subject.SERVICE:
        if isinstance(value, str) and service_principal(value) is None:
            return value
        report(at, f"{quoted(value)} is no service: expected a name such as `lambda.amazonaws.com`")
        return ""
    shape, expected = SHAPES[subject]
    if isinstance(value, str) and shape.fullmatch(value):
        return value
    report(at, f"{quoted(value)}: expected {expected}")
    return ""


def _access(at: str, value: object, report: Report) -> Access:
    if isinstance(value, str) and value in Access.__members__:
        return Access(value)
    report(at, f"{quoted(value)} is no access: expected READ, WRITE or ADMIN")
    return Access.READ


def _repositories(at: str, value: object, report: Report) -> tuple[str, ...]:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, Sequence) or not names:
        report(at, f"{quoted(value)}: expected a list of repository names, `*` and `?` allowed")
        return ()
    for index, name in enumerate(names):
        if not isinstance(name, str) or not REPOSITORY.fullmatch(name):
            report(f"{at}[{index}]", f"{quoted(name)} is no repository name or pattern of one")
    return tuple(name for name in names if isinstance(name, str))


def _words(at: str, value: object, report: Report) -> str | None:
    if value is None or isinstance(value, str):
        return value
    report(at, f"{quoted(value)}: expected a text")
    return None


def _day(at: str, value: object, report: Report) -> date | None:
    if value is None:
        return None
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
            return date.fromisoformat(value)
    except ValueError:
        pass
    report(at, f"{quoted(value)} is no day: expected a form such as `2027-03-31`")
    return None
