"""The exit status of a run."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ....judgement.values.verdict import Verdict


class ExitStatus(IntEnum):
    """The exit status of every subcommand."""

    COMPLIANT = 0
    NON_COMPLIANT = 1
    UNDECIDED = 2
    BAD_INPUT = 3
    CRASHED = 70  # EX_SOFTWARE of sysexits.h
    INTERRUPTED = 130  # as a shell reports a process that SIGINT ended
    NOBODY_READS = 141  # as a shell reports a process that SIGPIPE ended


def status_of(verdicts: Iterable[Verdict]) -> ExitStatus:
    """Return the status of several verdicts: non-compliant if one is, else undecided if one is."""
    from ....judgement.values.verdict import Compliance

    worst = ExitStatus.COMPLIANT
    for verdict in verdicts:
        if verdict.external or verdict.service or verdict.invalid:
            return ExitStatus.NON_COMPLIANT
        if verdict.compliance is Compliance.NON_COMPLIANT:
            worst = ExitStatus.UNDECIDED
    return worst
