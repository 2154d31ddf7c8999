"""JSON, for programs and for the next audit: the whole report, written one repository at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator

from .....questions.change.recorded import Record
from ....audit.outcomes import Outcome
from ....audit.report import AuditReport
from ....audit.rows import Place, Rows, audited
from ....audit.shapes import STAND_IN
from ...base.json_text import written

AT_HAND = 4096
"""The number of outcomes whose text is kept."""
_INNER, _ROW = "\n  ", "\n    "
_OWN = ("arn", "account", "region", "name")
"""The fields that differ between repositories with the same outcome."""


def render(report: AuditReport) -> str:
    """Return `report` as one JSON object."""
    return "".join(parts(report))


def parts(report: AuditReport) -> Iterator[str]:
    """Yield `report` as one JSON object, in pieces. The text is the same as that of `written`."""
    yield written(report.head()).removesuffix("\n}\n")
    yield f',{_INNER}"repositories": ['
    separator = ""
    record = Record()
    for row in _rows(report, record):
        yield f"{separator}{_ROW}{row}"
        separator = ","
    yield f"{_INNER}]" if separator else "]"
    yield "," + written(report.tail(record)).removeprefix("{")


def _rows(report: AuditReport, record: Record) -> Iterator[str]:
    """Yield the fields of each repository. The fields that an outcome's repositories share are rendered once."""
    rows: Rows = report.repositories
    known: dict[int, tuple[str, bool]] = {}
    for arn, number in rows.numbered():
        place = rows.place_of(arn)
        if report.rcps:  # which can give different results for repositories that share the rest
            yield "{" + _text(report.fields(audited(arn, place, rows.store[number]), record))
            continue
        found = known.get(number)
        if found is None:
            if len(known) >= AT_HAND:
                known.clear()
            found = known[number] = _shared(report, arn, place, rows.store[number], record)
        text, is_every_owners = found
        account, region, name = place
        own = zip(_OWN, (arn, account, region, name), strict=True)
        head = "".join(f'{_ROW}  "{field}": {json.dumps(value)},' for field, value in own)
        yield "{" + head + (text.replace(STAND_IN, account) if is_every_owners else text)


def _shared(report: AuditReport, arn: str, place: Place, outcome: Outcome, record: Record) -> tuple[str, bool]:
    """Return the text that all repositories of an outcome share, and whether it needs the owner inserted.

    `arn` and `place` are those of one of them.
    """
    fields = report.fields(audited(arn, (outcome.owner, *place[1:]), outcome), record)
    for field in _OWN:
        del fields[field]
    text = _text(fields)
    return text, outcome.owner == STAND_IN and STAND_IN in text


def _text(fields: dict[str, object]) -> str:
    return json.dumps(fields, indent=2).removeprefix("{").replace("\n", _ROW)
