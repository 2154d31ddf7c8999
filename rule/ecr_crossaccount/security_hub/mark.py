"""The mark in an annotation, so that a sweep knows which findings it must send to Security Hub.

AWS Config keeps the annotation of every result and shows it to the next sweep. The mark at its end is a digest of who
can do what. If the grants change and the rest of the annotation does not, the mark still changes. An annotation without
its mark means that Security Hub does not have the finding.
"""

from __future__ import annotations

import json
import zlib
from datetime import date
from hashlib import blake2b

from ..access.verdict import Grant, Verdict

RENEWED_AFTER = 7
"""Days. Security Hub deletes a finding 90 days after its last update, so an open one is sent repeatedly.

https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings.html
"""
_DIGEST_BYTES = 4
UNTOLD = "not yet reported to Security Hub"
"""The annotation of a repository without findings whose last finding could not be closed."""


def mark_of(today: date, verdict: Verdict, name: str, lacks: str = "") -> str:
    """Return the mark of a repository's finding. It changes every week, on a weekday that depends on the name.

    `lacks` says which required statements are missing, or is "" if none are.
    """
    week = (today.toordinal() + zlib.crc32(name.encode()) % RENEWED_AFTER) // RENEWED_AFTER
    others = [*map(str, (*verdict.undecided, *verdict.invalid)), *([lacks] if lacks else [])]
    told = json.dumps([week, *map(_told, verdict.grants), *others])
    return f"[{blake2b(told.encode(), digest_size=_DIGEST_BYTES).hexdigest()}]"


def _told(grant: Grant) -> list[str]:
    """Return the content of a grant in a finding, except the example request, which has the day's date."""
    access = [one.value for one in grant.access]
    return [str(grant.sid), grant.grantee, grant.severity.name, grant.reason, *access, *grant.actions]


def without_mark(annotation: str, mark: str) -> str:
    """Return the annotation of a finding that Security Hub does not have."""
    return annotation.removesuffix(mark).removesuffix("; ")
