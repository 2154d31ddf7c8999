"""A register drafted from an audit: an entry for every grantee that an entry can name, for a person to decide about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from ...judgement.values.verdict import Access, Kind
from ..audit.report import FORMAT
from .base.errors import InputError
from .base.json_text import LARGEST_REPORT, json_in
from .base.visible import visible
from .placeholders import LAST_DAY, WHOM_TO_ASK, WHY
from .register_edit import entry_lines
from .register_use import Use

_ACCOUNT = re.compile(r"[0-9]{12}")
_ORGANIZATION = re.compile(r"o-[a-z0-9]{10,32}")
_SERVICE = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?")
_BY_PATTERN = "its conditions on"
"""Part of the reason of a grant that depends on a condition, so that the policy may match the grantee by a pattern."""
_AUDIT = "the output of `ecr-crossaccount audit --format json`"

Subject = tuple[str, str]


@dataclass(slots=True)
class _Draft:
    """The repositories of a future entry, and what to check before you approve it."""

    repositories: dict[str, None] = field(default_factory=dict)
    doubts: dict[str, None] = field(default_factory=dict)


def draft(path: str, ends: date | None = None, *, used: bool = False) -> str:
    """Return a register in YAML, drafted from the JSON of an audit. `ends` is the last day of every entry, if given.

    With `used`, entries for accounts have at most the access that the audit saw in use, if it could determine that.
    Raises InputError if the file is not an audit, or if `used` needs data that the audit did not collect.
    """
    drafts: dict[tuple[Subject, Access], _Draft] = {}
    left: dict[str, None] = {}
    unused: dict[str, None] = {}
    unsettled: list[str] = []
    report = _report(path)
    use = Use.of(report) if used else None
    if used and use is None:
        raise InputError(f"`{path}`: --used needs an audit with `--usage`, which asks CloudTrail who used what")
    for at, row in _objects(report["repositories"], "repositories"):
        name = _text(row, "name", at)
        unsettled += _unsettled(row, name, at)
        for place, grant in _grants(row, at):
            access = _access(grant, place)
            subject = _subject(grant, place)
            who = _text(grant, "grantee", place)
            if subject is None:
                left.setdefault(f"{who} gets {access.value} on {name}")
                continue
            doubts = [*_doubts(grant, place)]
            if use is not None:
                access_used, said = use.of_grant(row, grant, access)
                if access_used is None:
                    unused.setdefault(f"{who} gets {access.value} on {name}: {said}")
                    continue
                access, doubts = access_used, [*doubts, *([said] if said else [])]
            entry = drafts.setdefault((subject, access), _Draft())
            entry.repositories.setdefault(name)
            for doubt in doubts:
                entry.doubts.setdefault(doubt)
    lines = [*_lines(path, drafts, tuple(left), ends), *_unused(tuple(unused)), *_open_questions(unsettled)]
    lines += _unread(report)
    return "\n".join(lines) + "\n"


def _unused(unused: Sequence[str]) -> Iterator[str]:
    """Yield comments about access that is not drafted because CloudTrail shows no use of it. This proves little."""
    if unused:
        yield "# Not drafted, because CloudTrail shows no use; ask before you take it away:"
        yield from (f"# - {visible(one)}" for one in unused)


def _unsettled(row: Mapping[str, object], name: str, at: str) -> Iterator[str]:
    """Yield what the audit could not decide about a repository, and the faults of its policy."""
    for place, one in _objects(row.get("undecided", []), f"{at}.undecided"):
        yield f"{name} is undecided: {_text(one, 'reason', place)}"
    for place, one in _objects(row.get("invalid", []), f"{at}.invalid"):
        yield f"{name} has an invalid policy: {_text(one, 'at', place)}: {_text(one, 'reason', place)}"


def _open_questions(unsettled: Sequence[str]) -> Iterator[str]:
    """Yield comments about repositories that stay NON_COMPLIANT whatever the register trusts."""
    if unsettled:
        yield "# No entry can settle these; correct their policies:"
        yield from (f"# - {visible(one)}" for one in dict.fromkeys(unsettled))


def _lines(
    path: str, drafts: Mapping[tuple[Subject, Access], _Draft], left: Sequence[str], ends: date | None
) -> Iterator[str]:
    yield f"# Drafted from {visible(path)}. Nobody has approved any of this yet: for each entry say why, whom to"
    if ends is None:
        yield "# ask, and its last day, or delete it and close the access. Until every day is there, it cannot be read."
    else:
        yield "# ask, and whether its last day is right, or delete it and close the access."
    yield "version: 1"
    yield "trust:" if drafts else "trust: []"
    for ((name, value), access), entry in sorted(drafts.items(), key=lambda one: (one[0][0], one[0][1].rank)):
        yield from (f"  # {doubt}" for doubt in entry.doubts)
        fields = {
            name: value,
            "access": access.value,
            "repositories": sorted(entry.repositories),
            "reason": WHY,
            "owner": WHOM_TO_ASK,
            "expires": ends or LAST_DAY,
        }
        yield from (f"  {line}" for line in entry_lines(fields))
    if left:
        yield "# No entry can name these; tighten their policies:"
        yield from (f"# - {visible(one)}" for one in left)


def _unread(report: Mapping[str, object]) -> Iterator[str]:
    """Yield a comment if the audit has errors, because the draft may then be incomplete."""
    count = len([*_objects(report.get("errors", []), "errors")])
    if count:
        errors = "1 error" if count == 1 else f"{count:,} errors"
        yield f"# The audit has {errors}: what could not be read is not in this draft."


def _report(path: str) -> Mapping[str, object]:
    value = json_in(path, LARGEST_REPORT, expected=_AUDIT)
    if not isinstance(value, dict) or "repositories" not in value:
        raise InputError(f"`{path}` is not an audit: expected {_AUDIT}")
    if value.get("format") != FORMAT:
        raise InputError(f"`{path}`: an audit of format {value.get('format')!r}: expected {FORMAT}, {_AUDIT}")
    return value


def _grants(row: Mapping[str, object], at: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    yield from _objects(row.get("grants", []), f"{at}.grants")


def _objects(value: object, at: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    if not isinstance(value, list):
        raise InputError(f"{at}: expected a list")
    for number, one in enumerate(value):
        if not isinstance(one, dict):
            raise InputError(f"{at}[{number}]: expected an object")
        yield f"{at}[{number}]", one


def _text(row: Mapping[str, object], name: str, at: str) -> str:
    value = row.get(name)
    if not isinstance(value, str):
        raise InputError(f"{at}.{name}: expected a text")
    return value


def _access(grant: Mapping[str, object], at: str) -> Access:
    """Return the highest access of a grant. Trust in it includes the lower ones."""
    names = grant.get("access")
    known = [Access(name) for name in names if name in Access.__members__] if isinstance(names, list) else []
    if not known:
        raise InputError(f"{at}.access: expected a list of READ, WRITE and ADMIN")
    return max(known, key=lambda one: one.rank)


def _subject(grant: Mapping[str, object], at: str) -> Subject | None:
    """Return what the register would have to trust, or None for a grantee that no entry can name."""
    grantee, kind = _text(grant, "grantee", at), _text(grant, "kind", at)
    service, _, whom = grantee.partition(" for ")
    match kind:
        case Kind.ACCOUNT.value if _ACCOUNT.fullmatch(grantee):
            return "account", grantee
        case Kind.ORGANIZATION.value if _ORGANIZATION.fullmatch(grantee):
            return "organization", grantee
        case Kind.SERVICE.value if _ACCOUNT.fullmatch(whom):
            return "account", whom
        case Kind.SERVICE.value if _SERVICE.fullmatch(service):
            return "service", service
        case _:
            return None


def _doubts(grant: Mapping[str, object], at: str) -> Iterator[str]:
    """Yield comments about what to check before you approve an entry."""
    reason = _text(grant, "reason", at)
    if "aws:PrincipalOrgPaths" in reason or "aws:SourceOrgPaths" in reason:
        yield "only a path of the organization has access: `organization_path` may be enough"
    elif _BY_PATTERN in reason and _text(grant, "kind", at) == Kind.ACCOUNT.value:
        yield "allowed by a condition: make sure that it names this account, and is not a pattern that many match"
    if _text(grant, "kind", at) == Kind.SERVICE.value and " for " in _text(grant, "grantee", at):
        yield f"as {visible(_text(grant, 'grantee', at))}"
