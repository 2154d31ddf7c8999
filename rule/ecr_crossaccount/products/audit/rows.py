"""The judged items, a name and a number each, so that a million repositories take little more space than their names.

An `Audited` is created on request, and not kept.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ...documents.document import Document
from ...judgement.beside import RegistryPolicy
from ...judgement.judge import Repository
from ...judgement.values.resource_kind import ResourceKind as Kind
from ...judgement.values.verdict import Verdict
from .items import KINDS, Item
from .outcomes import Outcome, name_of
from .states import repository_of
from .store import Store
from .trusted import Trusted


@dataclass(frozen=True, slots=True)
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

    def __init__(self, store: Store | None = None) -> None:
        self.store = Store() if store is None else store
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

    def of(self, kind: Kind) -> Rows:
        """Return the items of one kind."""
        kinds, wanted = self.store.kinds, KINDS.index(kind)
        if kind is Kind.REPOSITORY and not any(kinds):
            return self
        found = Rows(self.store)
        found._odd = self._odd
        for arn, number in self.numbered():
            if kinds[number] == wanted:
                found.add(arn, number)
        return found

    def __len__(self) -> int:
        """Return the number of items."""
        return len(self._arns)

    def __getitem__(self, place: int) -> Audited:
        """Return an item by its index."""
        arn = self._arns[place]
        return audited(arn, self.place_of(arn), self.store[self._numbers[place]])

    def numbered(self) -> Iterator[tuple[str, int]]:
        """Yield the ARN of each item, and the number of its outcome."""
        return zip(self._arns, self._numbers, strict=True)

    def place_of(self, arn: str) -> Place:
        """Return the account, Region and name of an item."""
        return self._odd.get(arn) or name_of(arn)

    def counted(self) -> Counter[int]:
        """Return the number of items for each outcome number."""
        return Counter(self._numbers)

    def outcomes(self) -> Iterator[Outcome]:
        """Yield each outcome that an item has, once."""
        return (self.store[number] for number in sorted(self.counted()))

    def __iter__(self) -> Iterator[Audited]:
        """Yield the items."""
        store = self.store
        for arn, number in self.numbered():
            yield audited(arn, self.place_of(arn), store[number])

    def places(self) -> Iterable[tuple[str, str]]:
        """Yield the account and Region of each item, with repetitions."""
        return (self.place_of(arn)[:2] for arn in self._arns)


def audited(arn: str, place: Place, outcome: Outcome) -> Audited:
    """Return one repository with its outcome."""
    account, region, name = place
    own = outcome.of(account)
    item = Item(arn, account, region, name, own.policy, own.tags, own.kind, own.note, own.scope)
    return Audited(item, repository_of(item, own.organization), own.verdict, own.trusted, own.places, own.registry)
