"""The trust register as a file, in YAML or JSON, its problems, and the list of an organization's accounts.

Problems of a valid register are entries without an explanation, without effect, or already covered by another entry.
`members: true` in a register covers the accounts of the list by name.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from ...documents.json import BadJsonError, strict_value_of
from ...errors import InputError, TrustError
from ...judgement.values.members import Members
from ...judgement.values.trust import Trust
from ...judgement.values.trust_entries import SELF, Entry
from ...memo import by_value
from ...sources.check.provenance import Provenance, Register
from ...sources.reading.files import MEGABYTE, UnreadableError, decode_text, open_named_file, text_named, whole
from .base import clock
from .base.json_text import name_place, value_and_places
from .base.options import LARGEST_LIST
from .base.program import complain

if TYPE_CHECKING:
    from ...sources.reading.yaml_events import Place

WHY = "WHY"
WHOM_TO_ASK = "WHOM-TO-ASK@example.com"
LAST_DAY = "YYYY-MM-DD"
"""The placeholder that `trust from-audit` writes. It is not a valid date, so a register with it cannot be read."""

_PLACEHOLDERS = frozenset(one.casefold() for one in (WHY, WHOM_TO_ASK, "TODO", "TBD", "FIXME", "XXX", "N/A"))
_AROUND = r"^[\W_]+|[\W_]+$"


def is_placeholder(text: str) -> bool:
    """Return whether a reason or an owner is only a placeholder, in any case and punctuation.

    A text without a letter or digit, such as `-` or `...`, is also a placeholder. A sentence that merely contains such
    a word is not: only a person can judge it.
    """
    bare = re.sub(_AROUND, "", text)
    return not bare or bare.casefold() in _PLACEHOLDERS


@by_value
class Remark:
    """A remark about one entry. `at` is the place of the entry, `trust[2]`, or of one of its fields."""

    at: str
    reason: str


def remarks_on(trust: Trust) -> Iterator[Remark]:
    """Yield what a reviewer would ask about, entry by entry."""
    for number, entry in enumerate(trust.entries):
        at = f"trust[{number}]"
        for field, text, wanted in _said_by(entry):
            if not (text or "").strip():
                yield Remark(at, f"has no `{field}`: {wanted}")
        yield from placeholders_in(at, entry)
        if entry.expires is None and not entry.endless and entry.name != SELF:
            yield Remark(at, "has no `expires`: give the last day on which it holds, or `never`")
        if trust.is_expired(entry):
            yield Remark(f"{at}.expires", f"trusts nobody since `{entry.expires}`: renew or delete it")
        else:
            yield from _superfluous(number, trust)


def placeholders_in(at: str, entry: Entry) -> Iterator[Remark]:
    """Yield the fields of an entry that contain a placeholder, because no one has filled them in."""
    for field, text, wanted in _said_by(entry):
        if text is not None and text.strip() and is_placeholder(text):
            yield Remark(f"{at}.{field}", f"`{text.strip()}` is a placeholder: {wanted}")


def _said_by(entry: Entry) -> Iterator[tuple[str, str | None, str]]:
    """Yield the fields that explain an entry, each with its text and the expected content."""
    yield "reason", entry.reason, "say what the access is for"
    yield "owner", entry.owner, "name a person to ask about it"


def _superfluous(number: int, trust: Trust) -> Iterator[Remark]:
    from ...sources.register.losses import covers

    entry = trust.entries[number]
    for place, other in enumerate(trust.entries):
        # Of two equivalent entries, the later one is superfluous.
        if place != number and covers(other, entry) and (place < number or not covers(entry, other)):
            yield Remark(f"trust[{number}]", f"trusts only principals that trust[{place}] trusts already")
            return


LARGEST_FILE = 4 * MEGABYTE
"""In bytes. A register of 20,000 entries has about 3,000,000."""


@by_value
class RegisterFile:
    """A register with its text, its JSON value, and its trust. `places` is empty for JSON.

    `digest` shows whether the file is still the same. It is None for text that was not read from a file.
    """

    path: str
    text: str
    encoding: str
    is_json: bool
    value: object
    places: Mapping[str, Place]
    trust: Trust
    digest: str | None = None

    def where(self, at: str) -> str:
        """Return the place of a path such as `trust[2].account`, for a person."""
        return _where(self.path, self.places, at)


def whom(entry: Entry) -> str:
    """Return the principal that an entry trusts, for a person."""
    by = f" by {', '.join(entry.roles)}" if entry.roles else ""
    return f"{entry.subject.value} {entry.name}{' and its members' if entry.members else ''}{by}"


def trust_of_run(arguments: argparse.Namespace) -> tuple[Trust, Provenance]:
    """Return whom the options and settings of a command trust today, and what its report says about that.

    Raises InputError.
    """
    register = register_in(arguments.trust)
    return _trust_of(register, arguments.members), _provenance_of(register, arguments)


def trust_in(path: str | None, members: str | None = None) -> Trust:
    """Return the trust of the register at `path` today, or trust in no one if there is none. Raises InputError.

    `members`: the file with the accounts of the organization.
    """
    return _trust_of(register_in(path), members)


def _trust_of(register: RegisterFile | None, members: str | None) -> Trust:
    trust = Trust((), clock.today()) if register is None else register.trust
    return with_members(trust, members)


def register_in(path: str | None) -> RegisterFile | None:
    """Return the register to use, or None if no register is given. Raises InputError.

    A register with unfilled placeholders is used unchanged. A note on standard error says so.
    """
    if path is None:
        return None
    register = open_register(path, clock.today())
    _note_placeholders(register)
    return register


def _provenance_of(register: RegisterFile | None, arguments: argparse.Namespace) -> Provenance:
    loosened, before = arguments.settings.loosened, arguments.before
    if register is None:
        return Provenance(loosened)
    name = register.path if before is None else before.name_of(register.path)
    return Provenance(loosened, Register(name, str(register.digest), len(register.trust.entries)))


def _note_placeholders(register: RegisterFile) -> None:
    found = [list(placeholders_in(f"trust[{place}]", entry)) for place, entry in enumerate(register.trust.entries)]
    unfilled = [remarks for remarks in found if remarks]
    if not unfilled:
        return
    first = unfilled[0][0]
    more = f", the first of {len(unfilled)} entries with one" if len(unfilled) > 1 else ""
    complain(
        f"note: {register.where(first.at)}: {first.at}: {first.reason}{more}; it is trusted as it is, and "
        f"`ecr-crossaccount trust lint {register.path}` lists what to fill in"
    )


def open_register(path: str, today: date, blank: str = "") -> RegisterFile:
    """Return the register at `path` with its trust on the day `today`; a blank file is read as `blank`.

    Raises InputError.
    """
    from hashlib import sha256

    start = f"`ecr-crossaccount trust add {shlex.quote(path)} …` starts one"
    try:
        with open_named_file(path) as stream:
            data = whole(stream, LARGEST_FILE)
        text, encoding = decode_text(data)
    except UnreadableError as error:
        hint = "" if path == "-" or os.path.lexists(path) else f": {start}"
        raise InputError(f"cannot read the trust register `{path}`: {error}{hint}") from None
    text = text if text.strip() else blank
    if not text:
        raise InputError(f"{path}: empty: expected a register with `version` and `trust`; {start}")
    return replace(read_text(path, text, encoding, today), digest=sha256(data).hexdigest())


def read_text(path: str, text: str, encoding: str, today: date) -> RegisterFile:
    """Return the register in `text`, with `path` as its place in messages. Raises InputError."""
    # The JSON that YAML can read is read as YAML, except text with tabs.
    is_json = path.lower().endswith(".json") or (text.lstrip().startswith("{") and "\t" in text)
    try:
        value, places = value_and_places(path, text, is_json=is_json)
    except InputError:
        if not is_json:
            _refuse_another_kind(path, text)
        raise
    try:
        trust = Trust.parse(value, today=today)
    except TrustError as error:
        _refuse_another_kind(path, text)
        problems = (f"{_where(path, places, at)}: {at}: {reason}" for at, reason in error.problems)
        raise InputError(*problems) from None
    return RegisterFile(path, text, encoding, is_json, value, places, trust)


def _refuse_another_kind(path: str, text: str) -> None:
    """Raise InputError for a file of another kind, because errors about its fields would not help."""
    from ...sources.files.marks import REGISTER, seems

    found = seems(text, but=REGISTER)
    if found:
        raise InputError(f"{path}: not a trust register: {found}")


def _where(path: str, places: Mapping[str, Place], at: str) -> str:
    return name_place(path, places, at, at.rpartition(".")[0])


_NAMED = 3
"""The most faults that a message names."""


def with_members(trust: Trust, path: str | None) -> Trust:
    """Return the trust with the members in the file at `path`, or unchanged if `path` is None. Raises InputError.

    A list that is too old covers no account. A note on standard error says so.
    """
    if path is None:
        return trust
    members = members_in(path)
    problem = members.problem(clock.now())
    if problem is not None:
        complain(f"note: `{path}` covers nobody: {problem}")
        return trust
    return replace(trust, members=members)


def members_in(path: str) -> Members:
    """Return the members in a file of any age. Raises InputError."""
    try:
        return Members.parse(strict_value_of(text_named(path, LARGEST_LIST)))
    except (UnreadableError, BadJsonError) as error:
        raise InputError(f"cannot read the list of members `{path}`: {error}") from None
    except TrustError as error:
        raise InputError(*(f"{path}: {at}: {reason}" for at, reason in error.problems[:_NAMED])) from None
