"""JSON, for programs: the question, every answer or grantee with its place, and the policies that could not be read."""

from __future__ import annotations

from ....audit.access import AccessReport
from ....audit.holders import holder_json
from ...base.json_text import written


def render(report: AccessReport) -> str:
    """Return `report` as one JSON object."""
    found: dict[str, object] = {"question": _question(report), "source": report.source, "on": report.on.isoformat()}
    if report.who is not None:
        found["answers"] = [{**one.place.to_json(), **one.answered.to_json()} for one in report.answers]
    else:
        found["policies"] = [
            {
                **one.place.to_json(),
                "grantees": [holder_json(holder, report.trust) for holder in one.holders.holders],
                "undecided": list(one.holders.doubts),
            }
            for one in report.held
        ]
    return written({**found, "errors": [one.to_json() for one in report.errors], "notes": list(report.notes)})


def _question(report: AccessReport) -> dict[str, object]:
    given = {name: value for (_, value), (_, name) in zip(report.given.values, report.given.spelling, strict=True)}
    return {
        "who": report.who,
        "can": report.wanted.text,
        "actions": list(report.wanted.actions),
        "needs": report.wanted.needs.value,
        "context": {name: None if values is None else list(values) for name, values in given.items()},
    }
