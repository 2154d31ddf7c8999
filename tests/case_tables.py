"""The tables of named cases in `tests/cases/*.json`, as typed values.

A file is a list of cases about one element of IAM. A case has these fields:

- `name`: a sentence about what its body shows. It is unique over all files.
- `why`: the rule that decides it, as `document, section: words`.
- `policy`: an object, a text, or null for a repository without a policy.
- `owner`, `repository`, `region`, `partition`, `organization`, `tags`, `origin`, `trust`: the circumstances of the
  question. Each is left out if it does not matter. `trust` is a list of register entries. `origin` is `proposed` or
  `deployed`.
- `registry_policy`, `registry_scope`, `rcps`: the documents that decide together with the policy. Only the tables of
  `tests/cases/beside` have them. These are checked with `judge` and with the batch form.
- `today`: the day of the question, only if the day matters. Every other case is true on any day.
- `expect`: the answer, with these fields:
  - `compliance`, `external`, `public`, `service`, `access`: always.
  - `undecided`: true, false (the default), or null if the text leaves it open.
  - `invalid`: the same, or a list of places. Each is, or encloses, a place in the answer.
  - `severity`: the highest one.
  - `grants`: all grants, in any order. Each has `statement` and `kind`, and optionally `grantee_contains`,
    `severity`, `access`, `public`, `reason_contains` and `document`.
  - `notes_contain`: words in a note, in upper or lower case.

Any other field is refused. The same tables are used for `judge`, the command line, the function's handler and the
deployed artefact. `Case.batch_line` is the question, and `Expect.differences` compares the answer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from tests.wording import says

Object: TypeAlias = Mapping[str, Any]

DIRECTORY = Path(__file__).with_name("cases")
OWNER = "111122223333"
ANY_DAY = date(2026, 6, 30)

_FLAGS = ("compliance", "external", "public", "service", "access")
_SEVERITIES = ("LOW", "MEDIUM", "HIGH", "CRITICAL")
_KINDS = frozenset({"account", "any", "organization", "service"})


class Named(Protocol):
    """A case of any table, by its name."""

    @property
    def name(self) -> str: ...


class CaseError(ValueError):
    """A table breaks the format. The message names the file and the case."""


@dataclass(frozen=True, slots=True)
class ExpectedGrant:
    """The expected fields of one grant. A field that is None or empty is not compared."""

    statement: int
    kind: str
    grantee_contains: str | None = None
    severity: str | None = None
    access: tuple[str, ...] | None = None
    public: bool | None = None
    reason_contains: str | None = None
    document: str | None = None

    def fits(self, grant: Object) -> bool:
        """Return whether a grant of an answer is the expected one."""
        exact = {"statement": self.statement, "kind": self.kind, "severity": self.severity, "public": self.public}
        exact |= {"document": self.document}
        return (
            all(grant[field] == value for field, value in exact.items() if value is not None)
            and (self.access is None or tuple(grant["access"]) == self.access)
            and says(grant["grantee"], self.grantee_contains or "")
            and says(grant["reason"], self.reason_contains or "")
        )


@dataclass(frozen=True, slots=True)
class Expect:
    """The expected answer. `undecided` and `invalid` are None if the text leaves them open."""

    compliance: str
    external: bool
    public: bool
    service: bool
    access: tuple[str, ...]
    undecided: bool | None
    invalid: bool | tuple[str, ...] | None
    severity: str | None
    grants: tuple[ExpectedGrant, ...] | None
    notes_contain: tuple[str, ...]

    def differences(self, answer: Object) -> list[str]:
        """Return the differences of an answer of the batch form, one line each. Empty if it is as expected."""
        return [
            *self._flags_that_differ(answer),
            *self._findings_that_differ(answer),
            *self._grants_that_differ(answer),
            *(f"no note has `{words}`" for words in self.notes_contain if not _said(words, answer["notes"])),
        ]

    def _flags_that_differ(self, answer: Object) -> list[str]:
        wanted: Object = {
            "compliance": self.compliance,
            "external": self.external,
            "public": self.public,
            "service": self.service,
            "access": list(self.access),
        }
        return [f"{flag}: {wanted[flag]!r}, not {answer[flag]!r}" for flag in _FLAGS if answer[flag] != wanted[flag]]

    def _findings_that_differ(self, answer: Object) -> list[str]:
        found: list[str] = []
        if self.undecided is not None and self.undecided != bool(answer["undecided"]):
            found.append(f"undecided: {self.undecided}, not {answer['undecided']!r}")
        if self.invalid is not None and bool(self.invalid) != bool(answer["invalid"]):
            found.append(f"invalid: {self.invalid!r}, not {answer['invalid']!r}")
        if isinstance(self.invalid, tuple):
            places = [problem["at"] for problem in answer["invalid"]]
            found += [f"nothing at `{wanted}` in {places}" for wanted in self.invalid if not _covers(wanted, places)]
        if self.severity is not None and self.severity != worst_severity(answer):
            found.append(f"severity: {self.severity}, not {worst_severity(answer)}")
        return found

    def _grants_that_differ(self, answer: Object) -> list[str]:
        if self.grants is None:
            return []
        rest = list(answer["grants"])
        found: list[str] = []
        for wanted in self.grants:
            fitting = next((grant for grant in rest if wanted.fits(grant)), None)
            if fitting is None:
                found.append(f"no grant is {wanted}")
            else:
                rest.remove(fitting)
        return found + [f"a grant too many: {grant}" for grant in rest]


@dataclass(frozen=True, slots=True)
class Case:
    """One question to the judgement, and the answer from the documents."""

    name: str
    why: str
    table: str
    policy: Object | str | None
    owner: str
    repository: str | None
    region: str | None
    partition: str | None
    organization: str | None
    tags: Mapping[str, str] | None
    origin: str | None
    trust: tuple[Object, ...]
    today: date | None
    expect: Expect
    registry_policy: Object | str | None = None
    registry_scope: str | None = None
    rcps: tuple[Any, ...] = ()
    names_registry: bool = False

    @property
    def holds_on_any_day(self) -> bool:
        """Whether the case is true on any day. If not, it does not fit a form that reads the clock."""
        return self.today is None

    @property
    def register(self) -> Object:
        """The trust register, as a file would have it."""
        return {"version": 1, "trust": [dict(entry) for entry in self.trust]}

    def batch_request(self) -> dict[str, Any]:
        """Return the line of `judge --jsonl` as an object, without the fields that the case does not have."""
        circumstances = {
            "partition": self.partition,
            "region": self.region,
            "repository": self.repository,
            "owner_organization": self.organization,
            "tags": self.tags,
            "origin": self.origin,
            "registry_scope": self.registry_scope,
            "rcps": list(self.rcps) or None,
        }
        registry = {"registry_policy": self.registry_policy} if self.names_registry else {}
        return {
            "id": self.name,
            "policy": self.policy,
            "owner": self.owner,
            **{field: value for field, value in circumstances.items() if value is not None},
            **registry,
            "trust": [dict(entry) for entry in self.trust],
        }

    def repository_fields(self) -> dict[str, Any]:
        """Return the fields of `Repository` that the case has, except the owner."""
        given = {
            "name": self.repository,
            "region": self.region,
            "partition": self.partition,
            "organization": self.organization,
            "tags": self.tags,
        }
        return {field: value for field, value in given.items() if value is not None}

    def batch_line(self) -> str:
        """Return the line of `judge --jsonl` in ASCII, without its line end."""
        return json.dumps(self.batch_request())


def worst_severity(answer: Object) -> str | None:
    """Return the highest severity in an answer of the batch form. Undecided and invalid count as MEDIUM."""
    known = [grant["severity"] for grant in answer["grants"]]
    if answer["undecided"] or answer["invalid"]:
        known.append("MEDIUM")
    return max(known, key=_SEVERITIES.index, default=None)


@cache
def cases() -> tuple[Case, ...]:
    """Return all cases, by file and in the order of their file. Raises CaseError if a table breaks the format."""
    found = [case for path in sorted(DIRECTORY.glob("*.json")) for case in cases_of(path.name, path.read_text("utf-8"))]
    refuse_names_used_twice(found)
    return tuple(found)


@cache
def cases_beside() -> tuple[Case, ...]:
    """Return the cases with other documents beside the policy. Raises CaseError if a table breaks the format."""
    files = sorted((DIRECTORY / "beside").glob("*.json"))
    found = [case for path in files for case in cases_of(path.name, path.read_text("utf-8"))]
    refuse_names_used_twice([*cases(), *found])
    return tuple(found)


def cases_of(table: str, text: str) -> list[Case]:
    """Return the cases in one file's text. Raises CaseError if it breaks the format."""
    rows = json.loads(text, object_pairs_hook=object_without_repetition)
    if not isinstance(rows, list):
        raise CaseError(f"`{table}`: a list of cases is wanted")
    found = [_case(table, row) for row in rows]
    refuse_names_used_twice(found)
    return found


def _case(table: str, row: Object) -> Case:
    at = f"`{table}`: `{row.get('name', '?')}`"
    refuse_unknown_fields(at, row, _fields_of(Case) - {"table", "names_registry"})
    if "policy" not in row:
        raise CaseError(f"{at}: a case has a `policy`, null where there is none")
    return Case(
        name=required_field(at, row, "name", str),
        why=required_field(at, row, "why", str),
        table=table,
        policy=written_policy(at, row["policy"]),
        owner=optional_field(at, row, "owner", str) or OWNER,
        repository=optional_field(at, row, "repository", str),
        region=optional_field(at, row, "region", str),
        partition=optional_field(at, row, "partition", str),
        organization=optional_field(at, row, "organization", str),
        tags=optional_field(at, row, "tags", dict),
        origin=one_of(at, "origin", optional_field(at, row, "origin", str), {"proposed", "deployed"}),
        trust=tuple(optional_field(at, row, "trust", list) or ()),
        today=_day(optional_field(at, row, "today", str)),
        expect=_expect(at, required_field(at, row, "expect", dict)),
        registry_policy=written_policy(at, row.get("registry_policy")),
        registry_scope=one_of(at, "registry_scope", optional_field(at, row, "registry_scope", str), {"V1", "V2"}),
        rcps=tuple(optional_field(at, row, "rcps", list) or ()),
        names_registry="registry_policy" in row,
    )


def _expect(at: str, row: Object) -> Expect:
    refuse_unknown_fields(at, row, _fields_of(Expect))
    grants = optional_field(at, row, "grants", list)
    compliance = required_field(at, row, "compliance", str)
    return Expect(
        compliance=one_of(at, "compliance", compliance, {"COMPLIANT", "NON_COMPLIANT"}) or compliance,
        external=required_field(at, row, "external", bool),
        public=required_field(at, row, "public", bool),
        service=required_field(at, row, "service", bool),
        access=_accesses(at, required_field(at, row, "access", list)),
        undecided=_or_open(at, row, "undecided", bool),
        invalid=_places(at, row) if isinstance(row.get("invalid"), list) else _or_open(at, row, "invalid", bool),
        severity=one_of(at, "severity", optional_field(at, row, "severity", str), _SEVERITIES),
        grants=None if grants is None else tuple(_grant(at, grant) for grant in grants),
        notes_contain=tuple(optional_field(at, row, "notes_contain", list) or ()),
    )


def _grant(at: str, row: Object) -> ExpectedGrant:
    refuse_unknown_fields(at, row, _fields_of(ExpectedGrant))
    kind = required_field(at, row, "kind", str)
    access = optional_field(at, row, "access", list)
    return ExpectedGrant(
        statement=required_field(at, row, "statement", int),
        kind=one_of(at, "kind", kind, _KINDS) or kind,
        grantee_contains=optional_field(at, row, "grantee_contains", str),
        severity=one_of(at, "severity", optional_field(at, row, "severity", str), _SEVERITIES),
        access=None if access is None else _accesses(at, access),
        public=optional_field(at, row, "public", bool),
        reason_contains=optional_field(at, row, "reason_contains", str),
        document=optional_field(at, row, "document", str),
    )


def written_policy(at: str, value: object) -> Object | str | None:
    if value is None or isinstance(value, (str, dict)):
        return value
    raise CaseError(f"{at}: `policy` is an object, a text or null")


def _places(at: str, row: Object) -> tuple[str, ...]:
    return tuple(_typed(at, "invalid", place, str) for place in row["invalid"])


def _or_open(at: str, row: Object, field: str, kind: type[Any]) -> Any:  # noqa: ANN401 - the type is `kind`
    value = row.get(field, False)
    return None if value is None else _typed(at, field, value, kind)


def _accesses(at: str, values: Sequence[str]) -> tuple[str, ...]:
    for value in values:
        one_of(at, "access", value, {"READ", "WRITE", "ADMIN"})
    return tuple(values)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def required_field(at: str, row: Object, field: str, kind: type[Any]) -> Any:  # noqa: ANN401 - the type is `kind`
    if field not in row:
        raise CaseError(f"{at}: `{field}` is missing")
    return _typed(at, field, row[field], kind)


def optional_field(at: str, row: Object, field: str, kind: type[Any]) -> Any:  # noqa: ANN401 - the type is `kind`
    return _typed(at, field, row[field], kind) if field in row else None


def _typed(at: str, field: str, value: object, kind: type[Any]) -> Any:  # noqa: ANN401 - the type is `kind`
    if type(value) is not kind:
        raise CaseError(f"{at}: `{field}` is a {kind.__name__}, not `{value!r}`")
    return value


def one_of(at: str, field: str, value: str | None, known: Sequence[str] | frozenset[str] | set[str]) -> str | None:
    if value is not None and value not in known:
        raise CaseError(f"{at}: `{field}` is one of {sorted(known)}, not `{value}`")
    return value


def _fields_of(model: type[Case | Expect | ExpectedGrant]) -> frozenset[str]:
    return frozenset(field.name for field in fields(model))


def refuse_unknown_fields(at: str, row: Object, known: frozenset[str]) -> None:
    unknown = sorted(set(row) - known)
    if unknown:
        raise CaseError(f"{at}: unknown fields {unknown}")


def refuse_names_used_twice(found: Sequence[Named]) -> None:
    names = [case.name for case in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise CaseError(f"names used twice: {twice}")


def object_without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise CaseError(f"a field is given twice in {[name for name, _ in pairs]}")
    return found


def _said(words: str, notes: Sequence[str]) -> bool:
    return any(says(note.lower(), words.lower()) for note in notes)


def _covers(wanted: str, places: Sequence[str]) -> bool:
    return any(place == wanted or place.startswith((f"{wanted}.", f"{wanted}[")) for place in places)
