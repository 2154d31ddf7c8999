"""The judged items, a name and a number each, so that a million repositories take little more space than their names.

The outcomes have numbers. The latest are in memory, and the others in a temporary file that no one else can open. An
`Audited` is created on request, and not kept.
"""

from __future__ import annotations

import pickle
import tempfile
import weakref
from array import array
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator
from typing import IO, NamedTuple

from ...documents.document import Document
from ...judgement.beside import RegistryPolicy
from ...judgement.judge import Repository
from ...judgement.kinds.table import ResourceKind as Kind
from ...judgement.values.verdict import Compliance, Severity, Verdict
from ...memo import by_value
from .items import KINDS, Item
from .outcomes import Outcome, name_of, repository_of
from .trusted import Trusted

AT_HAND = 2048
"""The number of outcomes in memory, a few kilobytes each."""

_NOT_WRITTEN = -1


def pack_outcome(outcome: Outcome) -> bytes | None:
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

    def add(self, outcome: Outcome) -> int:
        """Store an outcome, and return its number."""
        number = self._number(summary_of(outcome))
        self._hold(number, outcome)
        return number

    def add_packed(self, data: bytes, summary: Summary) -> int:
        """Store an outcome in the form that `pack_outcome` returns, and return its number."""
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

    def _hold(self, number: int, outcome: Outcome) -> None:
        self._at_hand[number] = outcome
        if len(self._at_hand) <= AT_HAND:
            return
        oldest, given_up = self._at_hand.popitem(last=False)
        if self._places[oldest] == _NOT_WRITTEN and oldest not in self._kept:
            data = pack_outcome(given_up)
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


@by_value
class Audited:
    """One repository as it was read and judged, with its verdict and the approvals of its access.

    `places` are the places of several recordings, if this is the worst of them and the latest is unknown. `registry` is
    the registry policy that the verdict includes, if any.
    """

    item: Item
    repository: Repository
    verdict: Verdict
    trusted: tuple[Trusted, ...]
    places: str | None = None
    registry: RegistryPolicy | None = None

    @property
    def own(self) -> Document:
        """The document that `item.policy` is."""
        return Document.REGISTRY if self.item.kind is Kind.REGISTRY else Document.REPOSITORY


Place = tuple[str, str, str]
"""An account, a Region and a name."""


class Rows:
    """Everything that was judged. After `sort`, it is in the order of ARNs."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._arns: list[str] = []
        self._numbers = array("L")
        self._odd: dict[str, Place] = {}
        """The places of the few items whose ARNs do not contain them."""

    def add(self, arn: str, number: int, place: Place | None = None) -> None:
        """Add an item with the number of its outcome. `place` is needed if the ARN does not contain it."""
        self._arns.append(arn)
        self._numbers.append(number)
        if place is not None:
            self._odd[arn] = place

    def replace(self, place: int, number: int) -> None:
        """Replace the outcome of an item."""
        self._numbers[place] = number

    def sort(self) -> None:
        """Sort the items by ARN."""
        order = sorted(range(len(self._arns)), key=self._arns.__getitem__)
        self._arns = [self._arns[place] for place in order]
        self._numbers = array("L", (self._numbers[place] for place in order))

    def select_kind(self, kind: Kind) -> Rows:
        """Return the items of one kind."""
        kinds, wanted = self.store.kinds, KINDS.index(kind)
        if kind is Kind.REPOSITORY and not any(kinds):
            return self
        found = Rows(self.store)
        found._odd = self._odd
        for arn, number in self.outcome_numbers():
            if kinds[number] == wanted:
                found.add(arn, number)
        return found

    def __len__(self) -> int:
        """Return the number of items."""
        return len(self._arns)

    def __getitem__(self, place: int) -> Audited:
        """Return an item by its index."""
        arn = self._arns[place]
        return expand_outcome(arn, self.place_of(arn), self.store[self._numbers[place]])

    def outcome_numbers(self) -> Iterator[tuple[str, int]]:
        """Yield the ARN of each item, and the number of its outcome."""
        return zip(self._arns, self._numbers, strict=True)

    def place_of(self, arn: str) -> Place:
        """Return the account, Region and name of an item."""
        return self._odd.get(arn) or name_of(arn)

    def count_outcomes(self) -> Counter[int]:
        """Return the number of items for each outcome number."""
        return Counter(self._numbers)

    def outcomes(self) -> Iterator[Outcome]:
        """Yield each outcome that an item has, once."""
        return (self.store[number] for number in sorted(self.count_outcomes()))

    def __iter__(self) -> Iterator[Audited]:
        """Yield the items."""
        store = self.store
        for arn, number in self.outcome_numbers():
            yield expand_outcome(arn, self.place_of(arn), store[number])

    def places(self) -> Iterable[tuple[str, str]]:
        """Yield the account and Region of each item, with repetitions."""
        return (self.place_of(arn)[:2] for arn in self._arns)


def expand_outcome(arn: str, place: Place, outcome: Outcome) -> Audited:
    """Return one repository with its outcome."""
    account, region, name = place
    own = outcome.for_account(account)
    item = Item(arn, account, region, name, own.policy, own.tags, own.kind, own.note, own.scope)
    return Audited(item, repository_of(item, own.organization), own.verdict, own.trusted, own.places, own.registry)
