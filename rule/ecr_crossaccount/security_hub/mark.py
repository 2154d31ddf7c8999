"""What an annotation remembers of a finding, so that a sweep knows which findings Security Hub has to be told.

AWS Config keeps the annotation of every result and shows it to the next sweep. The mark at its end is a digest of who
can do what: where the grants changed and the rest of the annotation did not, the mark did. An annotation
without its mark is of a finding that Security Hub has not got.
"""

from __future__ import annotations

import json
import zlib
from datetime import date
from hashlib import blake2b

from ..access.verdict import Grant, Verdict

RENEWED_AFTER = 7
"""Days. Security Hub deletes a finding 90 days after its last update, so that one that stays is told again and again.

https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings.html
"""
_DIGEST_BYTES = 4
UNTOLD = "not yet reported to Security Hub"
"""The annotation of a repository without findings whose last finding could not be closed."""


def mark_of(today: date, verdict: Verdict, name: str, lacks: str = "") -> str:
    """Return the mark of a repository's finding; another one every week, on a weekday that the name decides.

    `lacks`: which required statements the policy lacks, "" for none.
    """
    week = (today.toordinal() + zlib.crc32(name.encode()) % RENEWED_AFTER) // RENEWED_AFTER
    others = [*map(str, (*verdict.undecided, *verdict.invalid)), *([lacks] if lacks else [])]
    told = json.dumps([week, *map(_told, verdict.grants), *others])
    return f"[{blake2b(told.encode(), digest_size=_DIGEST_BYTES).hexdigest()}]"


def _told(grant: Grant) -> list[str]:
    """Return what a finding tells of a grant, but for the request that shows it, which bears the day's date."""
    access = [one.value for one in grant.access]
    return [str(grant.sid), grant.grantee, grant.severity.name, grant.reason, *access, *grant.actions]


def without_mark(annotation: str, mark: str) -> str:
    """Return the annotation of a finding that Security Hub has not got."""
    return annotation.removesuffix(mark).removesuffix("; ")
