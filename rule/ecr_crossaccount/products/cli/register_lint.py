"""Problems of a valid register: entries without an explanation, without effect, or already covered by another entry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...judgement.values.trust import Trust
from ...judgement.values.trust_entries import SELF, Entry
from ...sources.register.losses import covers
from .placeholders import is_placeholder


@dataclass(frozen=True, slots=True)
class Remark:
    """A remark about one entry. `at` is the place of the entry, `trust[2]`, or of one of its fields."""

    at: str
    reason: str


def remarks_on(trust: Trust) -> Iterator[Remark]:
    """Yield what a reviewer would ask about, entry by entry."""
    for number, entry in enumerate(trust.entries):
        at = f"trust[{number}]"
        yield from _unexplained(at, entry)
        if trust.expired(entry):
            yield Remark(f"{at}.expires", f"trusts nobody since `{entry.expires}`: renew or delete it")
        else:
            yield from _superfluous(number, trust)


def _unexplained(at: str, entry: Entry) -> Iterator[Remark]:
    for field, text, wanted in _said_by(entry):
        if not (text or "").strip():
            yield Remark(at, f"has no `{field}`: {wanted}")
    yield from placeholders_in(at, entry)
    if entry.expires is None and entry.name != SELF:
        yield Remark(at, "has no `expires`: give the last day on which it holds, after which it is looked at again")


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
    entry = trust.entries[number]
    for place, other in enumerate(trust.entries):
        # Of two equivalent entries, the later one is superfluous.
        if place != number and covers(other, entry) and (place < number or not covers(entry, other)):
            yield Remark(f"trust[{number}]", f"trusts only principals that trust[{place}] trusts already")
            return
