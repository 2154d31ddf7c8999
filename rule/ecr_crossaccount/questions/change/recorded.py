"""States as JSON, so that a later run can compare them exactly. About 460 bytes a policy.

Registers and registry policies are the same for many states. A `Record` has each of them once, and a state has its
number there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...documents.json import RepeatedNames
from ...documents.pattern import Hole, Holed
from ...judgement.admission import Origin
from ...judgement.beside import RegistryPolicy, Scope
from ...judgement.judge import Repository
from ...judgement.kinds.table import ResourceKind
from ...judgement.values.trust import Trust
from ...judgement.values.trust_entries import Entry, Subject
from ...judgement.values.verdict import Access
from .owners import UNOWNED, Owners
from .sides import entries_of, trust_of
from .states import ANY_NAME, Form, Guard, State

Json = dict[str, Any]

_HOLE, _TEXT, _PAIRS, _REPEATED = "$hole", "$text", "$pairs", "$repeated"


@dataclass(slots=True)
class Record:
    """What many states share: the registers and the registry policies, in the order of their numbers."""

    registers: list[list[Json]] = field(default_factory=list)
    registries: list[Json] = field(default_factory=list)
    _trusts: dict[int, Trust] = field(default_factory=dict)

    def to_json(self) -> Json:
        """Return the record for `Record.read`."""
        return {"registers": self.registers, "registries": self.registries}

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> Record:
        """Return the record that `to_json` wrote. Raises LookupError or TypeError for anything else."""
        return cls([*written["registers"]], [*written["registries"]])

    # --- writing ---

    def write_state(self, state: State) -> Json:
        """Return a state as JSON. Its kind is not part of it."""
        repository = state.repository
        known: Json = {
            "region": repository.region,
            "partition": None if repository.partition == "aws" else repository.partition,
            "organization": repository.organization,
            "name": None if repository.name == "*" else repository.name,
            "tags": dict(repository.tags) if repository.tags or repository.tags_known else None,
            "other_tags": repository.other_tags or None,
            "names": None if state.names == ANY_NAME else [_write_value(name) for name in state.names],
            "applied_for": None if state.applied_for is None else list(state.applied_for),
            "origin": None if state.origin is Origin.PROPOSED else state.origin.value,
            "doubts": list(state.doubts) or None,
            "register": self._register(state),
        }
        owners = state.owners
        owner: Json = {"account": repository.account}
        if owners is not None:
            owner = {"owners": {"accounts": list(owners.accounts), "each": owners.each, "hole": owners.hole.name}}
        return {**owner, **_known_fields(known), "forms": [self._form(form) for form in state.forms]}

    def _form(self, form: Form) -> Json:
        registry = form.registry
        known: Json = {
            "if": form.when.words or None,
            "ways": [sorted(map(list, way)) for way in form.when.ways] or None,
            "by_default": None if form.by_default else False,
            "region": form.region,
            "scope": None if form.scope is Scope.V2 else form.scope.value,
            "registry": None if registry is None else _number_of(_registry_json(registry), self.registries),
        }
        return {**_known_fields(known), "policy": _write_value(form.policy)}

    def _register(self, state: State) -> int:
        documents = [document for form in state.forms for document in form.documents]
        trust, organization = trust_of(state, state, documents), state.repository.organization
        entries = [
            {subject: name, "access": access, **({} if names == ANY_NAME else {"repositories": list(names)})}
            for subject, name, access, names in entries_of(trust, state.kind, organization)
        ]
        return _number_of(entries, self.registers)

    # --- reading ---

    def state(self, written: Mapping[str, Any], kind: ResourceKind) -> State:
        """Return the state that `written` returned. Raises LookupError, TypeError or ValueError for anything else."""
        tags, owners = written.get("tags"), written.get("owners")
        repository = Repository(
            UNOWNED if owners else written["account"],
            written.get("name", "*"),
            written.get("region"),
            written.get("partition", "aws"),
            written.get("organization"),
            tags or {},
            tags_known=tags is not None,
            other_tags=written.get("other_tags", False),
        )
        applied_for = written.get("applied_for")
        return State(
            kind,
            repository,
            self._trust(written["register"]),
            tuple(map(self._form_in, written["forms"])),
            tuple(map(_read, written["names"])) if "names" in written else ANY_NAME,
            None if applied_for is None else tuple(applied_for),
            Origin(written.get("origin", Origin.PROPOSED.value)),
            doubts=tuple(written.get("doubts", ())),
            owners=Owners(tuple(owners["accounts"]), owners["each"], Hole(owners["hole"])) if owners else None,
        )

    def _form_in(self, written: Mapping[str, Any]) -> Form:
        ways = tuple(frozenset((name, value, holds) for name, value, holds in way) for way in written.get("ways", ()))
        return Form(
            _read(written["policy"]),
            Guard(written.get("if", ""), ways),
            _registry_in(self.registries[written["registry"]]) if "registry" in written else None,
            Scope(written.get("scope", Scope.V2.value)),
            by_default=written.get("by_default", True),
            region=written.get("region"),
        )

    def _trust(self, number: int) -> Trust:
        if number not in self._trusts:
            self._trusts[number] = Trust(tuple(map(_entry, self.registers[number])))
        return self._trusts[number]


def _known_fields(fields: Json) -> Json:
    return {name: one for name, one in fields.items() if one is not None}


def _number_of(value: Any, known: list[Any]) -> int:  # noqa: ANN401 - JSON
    if value not in known:
        known.append(value)
    return known.index(value)


def _entry(written: Mapping[str, Any]) -> Entry:
    [(subject, name)] = [(key, value) for key, value in written.items() if key not in {"access", "repositories"}]
    return Entry(Subject(subject), name, Access(written["access"]), tuple(written.get("repositories", ("*",))))


def _registry_json(registry: RegistryPolicy) -> Json:
    if registry.unread is not None:
        return {"unread": registry.unread}
    return {"policy": _write_value(registry.document), "scope": registry.scope.value}


def _registry_in(written: Mapping[str, Any]) -> RegistryPolicy:
    if "unread" in written:
        return RegistryPolicy(unread=written["unread"])
    return RegistryPolicy(_read(written["policy"]), Scope(written["scope"]))


# --- policies, with holes ---


def _write_value(value: object) -> Any:  # noqa: ANN401, PLR0911 - JSON, and a line for each form of value

    match value:
        case Hole():
            return {_HOLE: value.name}
        case Holed():
            return {_TEXT: [_write_value(part) for part in value.parts]}
        case RepeatedNames():
            return {_REPEATED: [[name, _write_value(one)] for name, one in value.items()], "names": list(value.names)}
        case Mapping() if any(str(name).startswith("$") for name in value):
            return {_PAIRS: [[str(name), _write_value(one)] for name, one in value.items()]}
        case Mapping():
            return {str(name): _write_value(one) for name, one in value.items()}
        case list() | tuple():
            return [_write_value(one) for one in value]
    return value


def _read(value: Any) -> Any:  # noqa: ANN401, PLR0911 - JSON, and a line for each form of value

    match value:
        case {"$hole": name}:
            return Hole(name)
        case {"$text": parts}:
            return Holed(tuple(map(_read, parts)))
        case {"$repeated": pairs, "names": names}:
            return RepeatedNames([*((name, None) for name in names), *((name, _read(one)) for name, one in pairs)])
        case {"$pairs": pairs}:
            return {name: _read(one) for name, one in pairs}
        case Mapping():
            return {name: _read(one) for name, one in value.items()}
        case list():
            return [_read(one) for one in value]
    return value
