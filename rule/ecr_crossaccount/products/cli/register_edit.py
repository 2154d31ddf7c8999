"""Entries for a register: added to its file, or drafted from an audit for a person to decide about.

An entry is inserted as text, without changing a character of the rest. A YAML library that writes what it has read
keeps comments, but it moves those at the end. It also sets spaces, quotes and line breaks its own way. People review
every change of this file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ...documents.document import is_account
from ...errors import InputError
from ...judgement.values.trust_entries import Entry
from ...judgement.values.verdict import Access, Kind
from ...memo import by_value
from .base.json_text import report_in
from .base.options import ORGANIZATION
from .base.program import visible
from .register import LAST_DAY, WHOM_TO_ASK, WHY, RegisterFile, read_text

Fields = Mapping[str, object]
"""The fields of an entry, in the order in which they are written."""

NEW_REGISTER = "version: 1\ntrust: []\n"


def with_entry(register: RegisterFile, fields: Fields, today: date) -> str:
    """Return the text of `register` with one more entry at its end. Raises InputError.

    The result is read back to check that it trusts what `register` did, and the new entry.
    """
    text = _json_with(register, fields) if register.is_json else _yaml_with(register.text, fields)
    read = _entries_in(text, register, today)
    if not read or read[:-1] != register.trust.entries:
        reason = f"`{register.path}` has a form to which no entry can be added safely: add it by hand"
        raise InputError(reason, *entry_lines(fields))
    return text


def _entries_in(text: str, register: RegisterFile, today: date) -> tuple[Entry, ...]:
    try:
        return read_text(register.path, text, register.encoding, today).trust.entries
    except InputError:
        return ()


def entry_lines(fields: Fields) -> list[str]:
    """Return the lines of an entry in YAML, as an item of a list."""
    lines = [f"{name}: {_write_value(name, value)}" for name, value in fields.items()]
    return [("  " if number else "- ") + line for number, line in enumerate(lines)]


_PLAIN = frozenset({"access", "expires"})
"""Fields whose values YAML reads the same with and without quotes."""


def _write_value(name: str, value: object) -> str:
    if name in _PLAIN:
        return str(value)
    # Invisible characters become escapes. All other characters stay as the author typed them.
    return "".join(
        dump if dump.isprintable() else rf"\U{ord(dump):08x}" for dump in json.dumps(value, ensure_ascii=False)
    )


def _yaml_with(text: str, fields: Fields) -> str:
    node, in_flow = _entries_of(text)
    newline = "\r\n" if "\r\n" in text else "\n"
    start, end = node.start_mark.index, node.end_mark.index
    if not node.value and in_flow:
        return f"{text[:start]}[{json.dumps(dict(fields), default=str)}]{text[end:]}"
    if not node.value:  # `[]`
        return text[:start].rstrip() + newline + _block(fields, 2, newline).rstrip() + text[end:]
    if node.flow_style:
        last = node.value[-1].end_mark.index
        return f"{text[:last]}, {json.dumps(dict(fields), default=str)}{text[last:]}"
    at = _end_of_line(text, _last_of(node))
    before = text[:at] if text[:at].endswith("\n") else text[:at] + newline
    dash = text.rindex("-", 0, node.value[0].start_mark.index)
    return before + _block(fields, dash - (text.rfind("\n", 0, dash) + 1), newline) + text[at:]


def _entries_of(text: str) -> tuple[Any, bool]:
    """Return the node of the entries, and whether the whole register is in brackets.

    It uses PyYAML's nodes because they have the end of each value. `yaml_text` has read the register before, so it is
    valid.
    """
    import yaml

    root: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    return next(value for name, value in root.value if name.value == "trust"), root.flow_style


def _last_of(node: Any) -> Any:  # noqa: ANN401 - PyYAML's nodes have no types
    """Return the innermost last value of a collection, because only its end mark is the end of the text."""
    while not node.flow_style and isinstance(node.value, list) and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
        if isinstance(node.value, str):
            break
    return node


def _end_of_line(text: str, node: Any) -> int:  # noqa: ANN401 - PyYAML's nodes have no types
    """Return the start of the line after a value and the comment that may follow it."""
    end = int(node.end_mark.index)
    if getattr(node, "style", None) in ("|", ">"):  # its end mark is after its line break
        return end
    line_break = text.find("\n", end)
    return len(text) if line_break < 0 else line_break + 1


def _block(fields: Fields, indent: int, newline: str) -> str:
    return "".join(" " * indent + line + newline for line in entry_lines(fields))


def _json_with(register: RegisterFile, fields: Fields) -> str:
    value: Any = register.value
    entry = {name: str(field) if isinstance(field, date) else field for name, field in fields.items()}
    longer = {**value, "trust": [*value["trust"], entry]}
    first = re.search(r"\n([ \t]+)", register.text)
    ending = "\n" if register.text.endswith("\n") else ""
    return json.dumps(longer, indent=first[1] if first else None, ensure_ascii=False) + ending


_PULL, _PUSH = "last_pull", "last_push"
_UNNAMED = "a caller whom the event does not name"


@by_value
class Use:
    """The last pull and push of each account and repository, and the Regions that were not read completely."""

    days: int
    seen: Mapping[tuple[str, str | None], Mapping[str, str]]
    incomplete: frozenset[object]

    @classmethod
    def from_report(cls, report: Mapping[str, object]) -> Use | None:
        """Return the use in an audit's report, or None if the audit did not ask for it."""
        usage: Any = report.get("usage")
        if usage is None:
            return None
        unread = (error for _, error in _objects(report.get("errors", []), "errors") if error.get("about") == "use")
        try:
            seen = {
                (caller["caller"], one["arn"]): {what: one[what] for what in (_PULL, _PUSH) if one[what]}
                for caller in usage["callers"]
                for one in caller["repositories"]
            }
            regions = [*(one["region"] for one in usage["partial"]), *(error.get("region") for error in unread)]
            return cls(usage["days"], seen, frozenset(regions))
        except (LookupError, TypeError, AttributeError):
            raise InputError("usage: expected the output of `audit --usage TIME --format json`") from None

    def of_grant(
        self, row: Mapping[str, object], grant: Mapping[str, object], access: Access
    ) -> tuple[Access | None, str | None]:
        """Return the access of a grant that was used, or None if none was, and a comment for the draft's reader."""
        if grant.get("kind") != Kind.ACCOUNT.value:
            return access, "whether it is used is not known: CloudTrail shows accounts, so it is drafted as it is"
        if row.get("region") in self.incomplete or any(caller == _UNNAMED for caller, _ in self.seen):
            return (
                access,
                "its use is unknown, because CloudTrail was not read to the end or does not name every caller",
            )
        name = str(grant.get("grantee"))
        last = {**self.seen.get((name, None), {}), **self.seen.get((name, str(row.get("arn"))), {})}
        if not last:
            return None, f"no pull or push seen in {int(self.days)} days"
        said = ", ".join(
            f"last {what.removeprefix('last_')} {visible(str(moment))}" for what, moment in sorted(last.items())
        )
        if access is Access.ADMIN:
            said += "; whether it administers is not looked up"
        used = Access.WRITE if _PUSH in last and access is not Access.READ else Access.READ
        return used, said


_SERVICE = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?")
_BY_PATTERN = "its conditions on"
"""Part of the reason of a grant that depends on a condition, so that the policy may match the grantee by a pattern."""
_AUDIT = "the output of `ecr-crossaccount audit --format json`"

Subject = tuple[str, str]
_Who = tuple[Subject, str, Access]
"""The subject of a future entry, its role, or "", and its access."""


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
    drafts: dict[_Who, _Draft] = {}
    left: list[str] = []
    unused: list[str] = []
    unsettled: list[str] = []
    report = _report(path)
    use = Use.from_report(report) if used else None
    if used and use is None:
        raise InputError(f"`{path}`: --used needs an audit with `--usage`, which asks CloudTrail who used what")
    for at, row in _objects(report["repositories"], "repositories"):
        name = _text(row, "name", at)
        unsettled += _unsettled_points(row, name, at)
        for place, grant in _objects(row.get("grants", []), f"{at}.grants"):
            access = _access(grant, place)
            subject = _subject(grant, place)
            who = _text(grant, "grantee", place)
            if subject is None:
                left.append(f"{who} gets {access.value} on {name}")
                continue
            doubts = [*_doubts(grant, place)]
            if use is not None:
                access_used, said = use.of_grant(row, grant, access)
                if access_used is None:
                    unused.append(f"{who} gets {access.value} on {name}: {said}")
                    continue
                access, doubts = access_used, [*doubts, *([said] if said else [])]
            _add_draft(drafts, (subject, "", access), [name], doubts)
    for place, account in _objects(report.get("through_roles", []), "through_roles"):
        _by_roles(drafts, left, account, place)
    # Unused access proves little. What is unsettled stays NON_COMPLIANT, whatever the register trusts.
    lines = [
        *_lines(path, drafts, ends),
        *_comments("No entry can name these; tighten their policies", left),
        *_comments("Not drafted, because CloudTrail shows no use; ask before you take it away", unused),
        *_comments("No entry can settle these; correct their policies", unsettled),
        *_unread(report),
    ]
    return "\n".join(lines) + "\n"


def _add_draft(drafts: dict[_Who, _Draft], who: _Who, names: Iterable[str], doubts: Iterable[str]) -> None:
    entry = drafts.setdefault(who, _Draft())
    entry.repositories |= dict.fromkeys(names)
    entry.doubts |= dict.fromkeys(doubts)


_SAME = ("account", "organization", "service", "github", "gitlab", "terraform", "oidc", "saml")
_BY_ROLES = {**{kind: (kind, "{}") for kind in _SAME}, "cognito": ("oidc", "cognito-identity.amazonaws.com {}")}
"""The subject of an entry for each kind of grantee that comes by a role."""


def _by_roles(drafts: dict[_Who, _Draft], left: list[str], account: Mapping[str, object], place: str) -> None:
    for field_ in ("ways", "undecided"):
        for at, way in _objects(account.get(field_, []), f"{place}.{field_}"):
            _by_role(drafts, left, way, at)
    for at, more in _objects(account.get("more_is_possible", []), f"{place}.more_is_possible"):
        left.append(f"{_text(more, 'grantee', at)} may reach more by the role {_first_role(more, at)}")


def _by_role(drafts: dict[_Who, _Draft], left: list[str], way: Mapping[str, object], at: str) -> None:
    """Draft an entry for access through roles: for the first role, which outsiders assume themselves."""
    grantee, kind = _text(way, "grantee", at), _text(way, "kind", at)
    repositories = way.get("repositories")
    if not isinstance(repositories, list):
        raise InputError(f"{at}: expected the repositories of access through roles")
    role, access = _first_role(way, at), _access(way, at)
    names = [str(arn).partition(":repository/")[2] for arn in repositories]
    doubts = ["whether it has this access is undecided"] if "reason" in way else []
    if kind == "principal":
        doubts.append(f"only {visible(grantee)} has access: the entry approves its whole account")
        kind, grantee = "account", grantee.split(":")[4]
    field_, shape = _BY_ROLES.get(kind, ("", ""))
    if not field_ or (kind == "organization" and not re.fullmatch(ORGANIZATION, grantee)):
        left.append(f"{grantee} gets {access.value} on {', '.join(names)} by the role {role}")
    else:
        _add_draft(drafts, ((field_, shape.format(grantee)), role, access), names, doubts)


def _first_role(way: Mapping[str, object], at: str) -> str:
    chain = way.get("chain")
    if not (isinstance(chain, list) and chain):
        raise InputError(f"{at}: expected the chain of access through roles")
    return str(chain[0]).partition(":role/")[2]


def _comments(title: str, texts: Iterable[str]) -> Iterator[str]:
    """Yield comments about what the draft leaves out. Nothing if it leaves nothing out."""
    for number, text in enumerate(dict.fromkeys(texts)):
        yield from () if number else (f"# {title}:",)
        yield f"# - {visible(text)}"


def _unsettled_points(row: Mapping[str, object], name: str, at: str) -> Iterator[str]:
    """Yield what the audit could not decide about a repository, and the faults of its policy."""
    for place, one in _objects(row.get("undecided", []), f"{at}.undecided"):
        yield f"{name} is undecided: {_text(one, 'reason', place)}"
    for place, one in _objects(row.get("invalid", []), f"{at}.invalid"):
        yield f"{name} has an invalid policy: {_text(one, 'at', place)}: {_text(one, 'reason', place)}"


def _lines(path: str, drafts: Mapping[_Who, _Draft], ends: date | None) -> Iterator[str]:
    yield f"# Drafted from {visible(path)}. Nobody has approved any of this yet: for each entry say why, whom to"
    if ends is None:
        yield "# ask, and its last day, or delete it and close the access. Until every day is there, it cannot be read."
    else:
        yield "# ask, and whether its last day is right, or delete it and close the access."
    yield "version: 1"
    yield "trust:" if drafts else "trust: []"
    for ((name, value), role, access), entry in sorted(drafts.items(), key=lambda one: (*one[0][:2], one[0][2].rank)):
        yield from (f"  # {doubt}" for doubt in entry.doubts)
        fields = {
            name: value,
            "access": access.value,
            "repositories": sorted(entry.repositories),
            **({"role": role} if role else {}),
            "reason": WHY,
            "owner": WHOM_TO_ASK,
            "expires": ends or LAST_DAY,
        }
        yield from (f"  {line}" for line in entry_lines(fields))


def _unread(report: Mapping[str, object]) -> Iterator[str]:
    """Yield a comment if the audit has errors, because the draft may then be incomplete."""
    count = len([*_objects(report.get("errors", []), "errors")])
    if count:
        errors = "1 error" if count == 1 else f"{count:,} errors"
        yield f"# The audit has {errors}: what could not be read is not in this draft."
    for place, account in _objects(report.get("through_roles", []), "through_roles"):
        unread = account.get("unread")
        for reason in unread if isinstance(unread, list) else ():
            whose = _text(account, "account", place)
            yield f"# Access through roles of {whose} may be missing: {visible(str(reason))}."


def _report(path: str) -> Mapping[str, object]:
    from ..audit.report import FORMAT

    value = report_in(path, expected=_AUDIT)
    if not isinstance(value, dict) or "repositories" not in value:
        raise InputError(f"`{path}` is not an audit: expected {_AUDIT}")
    if value.get("format") != FORMAT:
        raise InputError(f"`{path}`: an audit of format {value.get('format')!r}: expected {FORMAT}, {_AUDIT}")
    return value


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
        case Kind.ACCOUNT.value if is_account(grantee):
            return "account", grantee
        case Kind.ORGANIZATION.value if re.fullmatch(ORGANIZATION, grantee):
            return "organization", grantee
        case Kind.SERVICE.value if is_account(whom):
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
