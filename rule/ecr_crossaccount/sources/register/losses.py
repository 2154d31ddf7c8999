"""What one register trusts and another does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from ...judgement.values.trust import Trust
from ...judgement.values.trust_entries import Entry, Subject


def covers(wider: Entry, narrower: Entry) -> bool:
    """Return whether an entry trusts everything that another one trusts, with as much access and for as long."""
    return (
        (wider.subject, wider.name) == (narrower.subject, narrower.name)
        and wider.access.rank >= narrower.access.rank
        and wider.members >= narrower.members
        and _lasts_as_long(wider, narrower)
        and ("*" in wider.repositories or set(wider.repositories) >= set(narrower.repositories))
        and (not wider.roles or _covers_roles(wider.roles, narrower.roles))
    )


def _covers_roles(wider: tuple[str, ...], narrower: tuple[str, ...]) -> bool:
    return bool(narrower) and ("*" in wider or {*wider} >= {*narrower})


def _lasts_as_long(wider: Entry, narrower: Entry) -> bool:
    if wider.expires is None:
        return True
    return narrower.expires is not None and wider.expires >= narrower.expires


def lost_entries(before: Trust, after: Trust, today: date) -> tuple[Entry, ...]:
    """Return the entries that are valid on a day and that no valid entry of the register `after` covers."""
    kept: dict[tuple[Subject, str], list[Entry]] = {}
    for entry in replace(after, today=today).valid:
        kept.setdefault((entry.subject, entry.name), []).append(replace(entry, expires=None))
    valid = replace(before, today=today).valid
    return tuple(
        entry for entry in valid if not any(covers(other, entry) for other in kept.get((entry.subject, entry.name), ()))
    )
