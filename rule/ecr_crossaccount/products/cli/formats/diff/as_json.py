"""JSON, for programs: every resource with the access opened and closed, and everything that was not compared."""

from __future__ import annotations

from .....sources.check.differences import Compared, Comparison
from .....sources.found.found import FoundPolicy
from ...base.json_text import written


def render(found: Comparison) -> str:
    """Return a comparison as one JSON object."""
    answer = {
        "old": found.names[0],
        "new": found.names[1],
        "notes": [one.placed for one in found.remarks],
        "resources": [_resource(one) for one in found.compared],
        "errors": [
            {"state": name, "file": one.file, "line": one.line, "reason": one.reason} for name, one in found.errors
        ],
        "unjudged": [{"state": name, "file": one.file, "reason": one.reason} for name, one in found.unknown],
        **found.provenance.to_json(),
    }
    return written(answer)


def _resource(one: Compared) -> dict[str, object]:
    return {
        "resource": one.pair.found.resource,
        "kind": one.pair.found.kind.value,
        "state": one.what,
        "old": _place(one, one.pair.before),
        "new": _place(one, one.pair.after),
        **one.difference.to_json(),
        "trusted": [change.grant.to_json() for change in one.trusted.changes],
        "notes": list(one.notes),
    }


def _place(one: Compared, found: FoundPolicy | None) -> dict[str, object] | None:
    if found is None:
        return None
    at = one.place_of(None, found)
    return {"file": at.file, "line": at.line, "column": at.column}
