"""The use of access by named accounts, which an audit's JSON has from CloudTrail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...judgement.values.verdict import Access, Kind
from .base.errors import InputError
from .base.visible import visible

_PULL, _PUSH = "last_pull", "last_push"
_UNNAMED = "a caller whom the event does not name"


@dataclass(frozen=True, slots=True)
class Use:
    """The last pull and push of each account and repository, and the Regions that were not read completely."""

    days: int
    seen: Mapping[tuple[str, str | None], Mapping[str, str]]
    incomplete: frozenset[object]

    @classmethod
    def of(cls, report: Mapping[str, object]) -> Use | None:
        """Return the use in an audit's report, or None if the audit did not ask for it."""
        usage = report.get("usage")
        if usage is None:
            return None
        try:
            return cls._read(usage, report.get("errors"))
        except (LookupError, TypeError, AttributeError):
            raise InputError("usage: expected the output of `audit --usage TIME --format json`") from None

    @classmethod
    def _read(cls, usage: Any, errors: object) -> Use:  # noqa: ANN401 - JSON
        seen = {
            (caller["caller"], one["arn"]): {what: one[what] for what in (_PULL, _PUSH) if one[what]}
            for caller in usage["callers"]
            for one in caller["repositories"]
        }
        unread = [one for one in errors if isinstance(one, dict)] if isinstance(errors, list) else []
        regions = [one["region"] for one in usage["partial"]]
        regions += [one.get("region") for one in unread if one.get("about") == "use"]
        return cls(usage["days"], seen, frozenset(regions))

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
