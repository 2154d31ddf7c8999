"""The subjects that are compared with the engine, and the cases of each."""

from __future__ import annotations

from collections.abc import Iterable

from .cases import Case

CONFIG = "AWS Config"
ANALYZER = "IAM Access Analyzer"
REMEDIATED = "remediation"
REMEDIATED_CONFIG = "AWS Config after the remediation"
NOT_RESTORED = "restore of an untrusted policy"
RESTORED = "restore of a policy that is trusted by now"

RESTORE_CASE = "partner-writes"
"""The case whose policy becomes compliant once the stack trusts the partner for writing."""


def owed(subject: str, cases: Iterable[Case]) -> list[str]:
    """Return the names of the cases that a subject is compared for."""
    match subject:
        case "AWS Config" | "IAM Access Analyzer":
            return [one.name for one in cases]
        case "remediation" | "AWS Config after the remediation":
            return [one.name for one in cases if is_remediated(one)]
        case _:
            return [RESTORE_CASE]


def is_remediated(case: Case) -> bool:
    """Return whether a run remediates a case's repository."""
    return case.readable and case.expect == "NON_COMPLIANT"
