"""Outcomes by number. The latest are in memory, and the others in a temporary file that no one else can open."""

from __future__ import annotations

import pickle
import tempfile
import weakref
from array import array
from collections import OrderedDict
from collections.abc import Iterator
from typing import IO, NamedTuple

from ...judgement.values.resource_kind import ResourceKind as Kind
from ...judgement.values.verdict import Compliance, Severity
from .items import KINDS
from .outcomes import Outcome

AT_HAND = 2048
"""The number of outcomes in memory, a few kilobytes each."""

_NOT_WRITTEN = -1


def packed(outcome: Outcome) -> bytes | None:
    """Return an outcome in pickled form, for storing and sending, or None for a policy that is nested too deeply."""
    try:
        return pickle.dumps(outcome, pickle.HIGHEST_PROTOCOL)
    except (RecursionError, pickle.PicklingError, TypeError, AttributeError):
        return None


class Summary(NamedTuple):
    """The properties of an outcome that are always in memory.

    `severity` is 0 if nothing was found. `kind` is an index into KINDS.
    """

    compliant: bool
    severity: int
    kind: int
    used: tuple[int, ...]


def summary_of(outcome: Outcome) -> Summary:
    """Return the summary of an outcome."""
    verdict = outcome.verdict
    is_compliant = verdict.compliance is Compliance.COMPLIANT
    return Summary(is_compliant, verdict.severity or 0, KINDS.index(outcome.kind), outcome.used)


class Store:
    """Outcomes, in the order in which they were added. The data for counting are always in memory."""

    def __init__(self) -> None:
        self._at_hand: OrderedDict[int, Outcome] = OrderedDict()
        self._kept: dict[int, Outcome] = {}
        """Outcomes that cannot be pickled."""
        self._places = array("q")
        self._sizes = array("L")
        self._file: IO[bytes] | None = None
        self._end = 0
        self.compliant = bytearray()
        self.severities = bytearray()
        self.kinds = bytearray()
        self.used: dict[int, tuple[int, ...]] = {}

    def __len__(self) -> int:
        """Return the number of outcomes."""
        return len(self._places)

    def add(self, outcome: Outcome) -> int:
        """Store an outcome, and return its number."""
        number = self._number(summary_of(outcome))
        self._hold(number, outcome)
        return number

    def add_packed(self, data: bytes, summary: Summary) -> int:
        """Store an outcome in the form that `packed` returns, and return its number."""
        number = self._number(summary)
        self._write(number, data)
        return number

    def _number(self, summary: Summary) -> int:
        number = len(self._places)
        self._places.append(_NOT_WRITTEN)
        self._sizes.append(0)
        self.compliant.append(summary.compliant)
        self.severities.append(summary.severity)
        self.kinds.append(summary.kind)
        if summary.used:
            self.used[number] = summary.used
        return number

    def __getitem__(self, number: int) -> Outcome:
        """Return an outcome."""
        found = self._at_hand.get(number)
        if found is not None:
            return found
        if number in self._kept:
            return self._kept[number]
        found = self._read(number)
        self._hold(number, found)
        return found

    def severity(self, number: int) -> Severity | None:
        """Return the severity of an outcome, or None if nothing was found."""
        rank = self.severities[number]
        return Severity(rank) if rank else None

    def kind(self, number: int) -> Kind:
        """Return the kind of an outcome's item."""
        return KINDS[self.kinds[number]]

    def __iter__(self) -> Iterator[Outcome]:
        """Yield all outcomes."""
        return map(self.__getitem__, range(len(self)))

    def _hold(self, number: int, outcome: Outcome) -> None:
        self._at_hand[number] = outcome
        if len(self._at_hand) <= AT_HAND:
            return
        oldest, given_up = self._at_hand.popitem(last=False)
        if self._places[oldest] == _NOT_WRITTEN and oldest not in self._kept:
            data = packed(given_up)
            if data is None:
                self._kept[oldest] = given_up
            else:
                self._write(oldest, data)

    def _write(self, number: int, data: bytes) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="ecr-crossaccount-")  # noqa: SIM115 - as long as the audit
            weakref.finalize(self, self._file.close)
        self._file.seek(self._end)
        self._file.write(data)
        self._places[number] = self._end
        self._sizes[number] = len(data)
        self._end += len(data)

    def _read(self, number: int) -> Outcome:
        if self._file is None:
            raise KeyError(number)
        self._file.seek(self._places[number])
        found: Outcome = pickle.loads(self._file.read(self._sizes[number]))  # noqa: S301 - only we can write there
        return found
