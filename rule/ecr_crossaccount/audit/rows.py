"""What was judged, a name and a number each: a million repositories take no more than their names.

An `Audited` is made when one is asked for, and forgotten with its reader.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .. import RegistryPolicy, Repository, Verdict
from ..policy.document import Document
from .items import KINDS, Item, Kind
from .outcomes import Outcome, name_of, repository_of
from .store import Store
from .trusted import Trusted


@dataclass(frozen=True, slots=True)
class Audited:
    """One repository as it was read and judged, the verdict on its policy, and what of it is approved.

    `places`: of which recordings it is the worst, if nothing told which of them is the latest. `registry`: the policy
    of its registry, if the verdict counts one.
    """

    item: Item
    repository: Repository
    verdict: Verdict
    trusted: tuple[Trusted, ...]
    places: str | None = None
    registry: RegistryPolicy | None = None

    @property
    def own(self) -> Document:
        """Which document `item` has the policy of."""
        return Document.REGISTRY if self.item.kind is Kind.REGISTRY else Document.REPOSITORY


Place = tuple[str, str, str]
"""An account, a Region and a name."""


class Rows:
    """Everything that was judged; once sorted, in the order of ARNs."""

    def __init__(self, store: Store | None = None) -> None:
        self.store = Store() if store is None else store
        self._arns: list[str] = []
        self._numbers = array("L")
        self._odd: dict[str, Place] = {}
        """What an ARN does not tell, of the few that tell something else."""

    def add(self, arn: str, number: int, place: Place | None = None) -> None:
        """Add one with the number of its outcome; `place` where its ARN does not say it."""
        self._arns.append(arn)
        self._numbers.append(number)
        if place is not None:
            self._odd[arn] = place

    def replace(self, place: int, number: int) -> None:
        """Give one another outcome."""
        self._numbers[place] = number

    def sort(self) -> None:
        """Put them into the order of ARNs."""
        order = sorted(range(len(self._arns)), key=self._arns.__getitem__)
        self._arns = [self._arns[place] for place in order]
        self._numbers = array("L", (self._numbers[place] for place in order))

    def of(self, kind: Kind) -> Rows:
        """Return those of one kind."""
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
        """Return how many there are."""
        return len(self._arns)

    def __getitem__(self, place: int) -> Audited:
        """Return one by its place."""
        arn = self._arns[place]
        return audited(arn, self.place_of(arn), self.store[self._numbers[place]])

    def numbered(self) -> Iterator[tuple[str, int]]:
        """Yield the ARN of each, and the number of its outcome."""
        return zip(self._arns, self._numbers, strict=True)

    def place_of(self, arn: str) -> Place:
        """Return the account, the Region and the name of one."""
        return self._odd.get(arn) or name_of(arn)

    def counted(self) -> Counter[int]:
        """Return how many have each outcome, by its number."""
        return Counter(self._numbers)

    def outcomes(self) -> Iterator[Outcome]:
        """Yield each outcome that someone has, once."""
        return (self.store[number] for number in sorted(self.counted()))

    def __iter__(self) -> Iterator[Audited]:
        """Yield them."""
        store = self.store
        for arn, number in self.numbered():
            yield audited(arn, self.place_of(arn), store[number])

    def places(self) -> Iterable[tuple[str, str]]:
        """Yield the account and Region of each, as often as it has some."""
        return (self.place_of(arn)[:2] for arn in self._arns)


def audited(arn: str, place: Place, outcome: Outcome) -> Audited:
    """Return what one repository's outcome is."""
    account, region, name = place
    own = outcome.of(account)
    item = Item(arn, account, region, name, own.policy, own.tags, own.kind, own.note, own.scope)
    return Audited(item, repository_of(item, own.organization), own.verdict, own.trusted, own.places, own.registry)
