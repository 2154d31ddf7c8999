"""The entries of a trust register: the principal that each entry trusts, its access, and the syntax of the register."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from enum import Enum
from functools import lru_cache

from ...documents.conditions import Base
from ...documents.document import service_principal
from ...documents.pattern import pattern
from ...documents.problems import quote
from ...errors import closest
from ...memo import by_value
from ..patterns.comparisons import comparison
from ..patterns.tokens import Tokens, matches
from .verdict import Access


class Subject(Enum):
    """The types of principals that an entry can trust. An entry names exactly one."""

    ACCOUNT = "account"
    ORGANIZATION = "organization"
    ORGANIZATION_PATH = "organization_path"
    SERVICE = "service"
    VPC = "vpc"
    VPC_ENDPOINT = "vpc_endpoint"
    GITHUB = "github"
    GITLAB = "gitlab"
    TERRAFORM = "terraform"
    OIDC = "oidc"
    SAML = "saml"


BY_ROLES = (Subject.GITHUB, Subject.GITLAB, Subject.TERRAFORM, Subject.OIDC, Subject.SAML)
"""The types that have access only by assuming roles of the account. No policy of a repository can name them."""
_MAY_NAME_ROLES = (Subject.ACCOUNT, Subject.ORGANIZATION, Subject.ORGANIZATION_PATH, Subject.SERVICE, *BY_ROLES)
OF_MEMBERS = (Subject.ORGANIZATION, Subject.ORGANIZATION_PATH)
"""The types that have accounts as members."""
SELF = "self"
"""Represents the organization of the repository's owner account."""
NEVER = "never"
"""In place of a last day: there is none, on purpose."""


@by_value
class Entry:
    """One entry of the register. `expires` is the last day, in UTC, on which it is valid.

    `members`: it also covers the organization's accounts if a policy names one, as far as these accounts are known.
    `endless`: it has no last day on purpose (`expires: never`).

    `roles`: it trusts nobody in a repository's policy, but only those who come by assuming one of these roles.
    """

    subject: Subject
    name: str
    access: Access = Access.READ
    repositories: tuple[str, ...] = ("*",)
    reason: str | None = None
    owner: str | None = None
    expires: date | None = None
    members: bool = False
    endless: bool = False
    roles: tuple[str, ...] = ()

    def covers(self, repository: str) -> bool:
        """Return whether the entry covers a repository. `*` means a repository with an unknown name."""
        if repository == "*":
            return any(not name.strip("*") for name in self.repositories)
        for name in self.repositories:  # noqa: SIM110 - called for every repository; a generator takes twice as long
            if _is_like(repository, name):
                return True
        return False

    def may_be_in(self, policy: str, organization: str | None) -> bool:
        """Return whether a policy can name whom the entry trusts. `organization` is the one that `self` means."""
        name = organization if self.name == SELF else self.name.partition("/")[0]
        return name is not None and (self.members or name in policy)

    def covers_role(self, role: str) -> bool:
        """Return whether the entry is about a role, given with its path."""
        return any(matches(glob(name), role) for name in self.roles)


@lru_cache(maxsize=4096)
def glob(text: str) -> Tokens:
    """Compile a pattern with `*` and `?`, which have the same meaning as in StringLike."""
    return comparison(Base.STRING_LIKE, pattern(text, wild=True, variables=False).parts).tokens


def _is_like(repository: str, name: str) -> bool:
    """Match a repository's name. The usual forms in registers, such as `base/*` and `tools/scanner`, are fast."""
    if "?" in name or "*" in name[:-1]:
        return matches(glob(name), repository)
    return repository.startswith(name[:-1]) if name.endswith("*") else repository == name


_FIELDS = frozenset(
    {*(subject.value for subject in Subject), "access", "repositories", "reason", "owner", "expires", "members", "role"}
)
_NAME = r"[A-Za-z0-9_.-]+"
ORGANIZATION = r"o-[a-z0-9]{10,32}"
SHAPES: dict[Subject, tuple[str, str]] = {
    Subject.ACCOUNT: (r"[0-9]{12}", "an account number of 12 digits, in quotes"),
    Subject.ORGANIZATION: (rf"self|{ORGANIZATION}", "`self` or an id such as `o-a1b2c3d4e5`"),
    Subject.ORGANIZATION_PATH: (
        rf"{ORGANIZATION}/[-a-z0-9*?/]*",
        "a path that starts with an organization id, such as `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*`",
    ),
    Subject.VPC: (r"vpc-[0-9a-z-]+", "an id such as `vpc-0123456789abcdef0`"),
    Subject.VPC_ENDPOINT: (r"vpce-[0-9a-z-]+", "an id such as `vpce-0123456789abcdef0`"),
    Subject.GITHUB: (rf"{_NAME}(/{_NAME})?", "an owner or a repository at GitHub, such as `acme/infra`"),
    Subject.GITLAB: (rf"{_NAME}(/{_NAME})*", "a group or a project at GitLab, such as `acme/infra`"),
    Subject.TERRAFORM: (r"[A-Za-z0-9_-]+", "an organization of HCP Terraform"),
    Subject.OIDC: (
        r"[A-Za-z0-9._/:-]+ [^\s?]+",
        "an issuer and a subject, such as `oidc.example.com system:serviceaccount:ci:*`; `*` allowed in the subject",
    ),
    Subject.SAML: (r"[A-Za-z0-9._-]+", "the name of a SAML provider of the account"),
}
"""The form of each subject's name, except services, and what a message says about a name in another form."""

ROLE = r"[!-~]{1,576}"
"""The name of a role with its path, without the first slash, or a pattern of names."""
REPOSITORY = r"[a-z0-9._/*?-]{1,256}"
"""The name of a repository, or a pattern of names."""
PUBLISHED = "published"
"""The field with the time of publication. It only rises, so an older register is known as one."""
Report = Callable[[str, str], None]


def moment_in(value: object, at: str, report: Report) -> datetime:
    """Return the time in a field, in UTC."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        if moment is not None and moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):  # in UTC, the year may be out of range
        pass
    report(at, f"{quote(value)} is not a time: expected a form such as `2026-11-27T06:00:00Z`")
    return datetime.min.replace(tzinfo=UTC)


def entries_of(register: object, faults: list[tuple[str, str]]) -> Iterator[Entry]:
    """Yield the entries of a register. Add each fault to `faults`, with its place."""

    def report(at: str, reason: str) -> None:
        faults.append((at, reason))

    if not isinstance(register, Mapping):
        report("$", "expected a register: an object with `version` and `trust`")
        return
    for name in register:
        if name not in ("version", "trust", PUBLISHED):
            report("$", f"has an unknown field {quote(name)}: expected `version` and `trust`")
    version = register.get("version")
    if version != 1 or isinstance(version, bool):
        fault = f"{quote(version)} is not a version of the register" if "version" in register else "is missing"
        report("version", f"{fault}: expected `1`")
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
        report(at, f"{quote(fields)} is not an entry: expected an object")
        return None
    meant = {name: closest(str(name), _FIELDS) for name in fields if name not in _FIELDS}
    for name, field in meant.items():
        expected = f"did you mean `{field}`?" if field else f"expected one of {', '.join(sorted(_FIELDS))}"
        report(at, f"has an unknown field {quote(name)}: {expected}")
    named = [subject for subject in Subject if subject.value in fields]
    if not named and any(subject.value in meant.values() for subject in Subject):
        return None  # the field that is misspelled names the principal
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
        _members(f"{at}.members", subject, fields.get("members", False), report),
        fields.get("expires") == NEVER,
        _roles(f"{at}.role", subject, fields.get("role"), report),
    )


def _name(at: str, subject: Subject, value: object, report: Report) -> str:
    if subject is Subject.SERVICE:
        if isinstance(value, str) and service_principal(value) is None:
            return value
        report(at, f"{quote(value)} is not a service: expected a name such as `lambda.amazonaws.com`")
        return ""
    if isinstance(value, str) and re.fullmatch(SHAPES[subject][0], value):
        return value
    report(at, f"{quote(value)}: expected {SHAPES[subject][1]}")
    return ""


def _access(at: str, value: object, report: Report) -> Access:
    if isinstance(value, str) and value in Access.__members__:
        return Access(value)
    report(at, f"{quote(value)} is not an access level: expected READ, WRITE or ADMIN")
    return Access.READ


def _repositories(at: str, value: object, report: Report) -> tuple[str, ...]:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, Sequence) or not names:
        report(at, f"{quote(value)}: expected a list of repository names, `*` and `?` allowed")
        return ()
    for index, name in enumerate(names):
        if not isinstance(name, str) or not re.fullmatch(REPOSITORY, name):
            report(f"{at}[{index}]", f"{quote(name)} is not a repository name or pattern of one")
    return tuple(name for name in names if isinstance(name, str))


def _roles(at: str, subject: Subject, value: object, report: Report) -> tuple[str, ...]:
    if value is None:
        return ("*",) if subject in BY_ROLES else ()
    if subject not in _MAY_NAME_ROLES:
        report(at, f"{subject.value} assumes no roles")
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, Sequence) or not names:
        report(at, f"{quote(value)}: expected a list of names of roles, `*` and `?` allowed")
        return ()
    for name in names:
        if not isinstance(name, str) or not re.fullmatch(ROLE, name):
            report(at, f"{quote(name)} is not the name of a role, such as `ci/deploy`, or a pattern of one")
    return tuple(name for name in names if isinstance(name, str))


def _members(at: str, subject: Subject, value: object, report: Report) -> bool:
    if not isinstance(value, bool):
        report(at, f"{quote(value)}: expected true or false")
    elif value and subject not in OF_MEMBERS:
        report(at, f"only {' or '.join(member.value for member in OF_MEMBERS)} has members")
    return value is True


def _words(at: str, value: object, report: Report) -> str | None:
    if value is None or isinstance(value, str):
        return value
    report(at, f"{quote(value)}: expected a text")
    return None


def _day(at: str, value: object, report: Report) -> date | None:
    if value is None or value == NEVER:
        return None
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
            return date.fromisoformat(value)
    except ValueError:
        pass
    report(at, f"{quote(value)} is not a day: expected a form such as `2027-03-31`, or `{NEVER}`")
    return None
