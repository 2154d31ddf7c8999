"""The parts that the text and Markdown formats share: a list of single changes, and the sentence that sums them up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from .....judgement.values.verdict import Severity
from .....questions.change.answer import Change
from .....sources.check.differences import Compared, Comparison
from .....sources.files.values.places import Place


class Way(Enum):
    """The word for what happened to an access path."""

    OPENED = "OPENED"
    CLOSED = "CLOSED"
    UNDECIDED = "UNDECIDED"
    TRUSTED = "TRUSTED"


WORDS = {way: way.value.lower() for way in Way} | {Way.TRUSTED: "trusted by the changed register"}
"""The ways in the words of a sum."""


@dataclass(frozen=True, slots=True)
class Told:
    """One change of a resource. `change` is None if it is undecided who has access; `reason` then says why.

    What is opened under a condition is undecided, and has the access of that condition.
    """

    way: Way
    of: Compared
    at: Place
    reason: str
    change: Change | None = None

    @property
    def severity(self) -> Severity:
        """The severity. Where it is undecided who has access, it is MEDIUM."""
        return Severity.MEDIUM if self.change is None else self.change.grant.severity

    @property
    def resource(self) -> str:
        """The resource, with `added` or `removed` if it is not in both states."""
        name = self.of.pair.found.resource
        return name if self.of.what == "changed" else f"{name} ({self.of.what})"


def told_of(one: Compared) -> Iterator[Told]:
    """Yield opened access first, then undecided changes, then closed access, then what a changed register covers."""
    before, after = one.pair.before, one.pair.after
    for change in one.difference.opened.changes:
        grant = change.grant
        yield Told(Way.OPENED, one, one.place_of(grant.statement, after), grant.reason, change)
    told: dict[str, Told] = {}
    for word, direction, found in (("opened", one.difference.opened, after), ("closed", one.difference.closed, before)):
        for undecided in direction.undecided:
            reason = f"perhaps {word}: {undecided.reason}"
            if word == "closed" and f"perhaps opened: {undecided.reason}" in told:
                continue
            at = one.place_of(undecided.statement, found)
            access = None if undecided.grant is None else Change(undecided.grant)
            told.setdefault(reason, Told(Way.UNDECIDED, one, at, reason, access))
    yield from told.values()
    for change in one.difference.closed.changes:
        yield Told(Way.CLOSED, one, one.place_of(change.grant.statement, before), change.grant.reason, change)
    for change in one.trusted.changes:
        yield Told(Way.TRUSTED, one, one.place_of(change.grant.statement, after), change.grant.reason, change)


def placed(state: str, file: str, where: str) -> str:
    """Return the place of an item after the name of its state, unless the file is the whole state."""
    return where if file == state else f"{state}: {where}"


def left_of(found: Comparison) -> Iterator[tuple[str, str, str]]:
    """Yield state, file and reason of each item that was found and not judged. Repeated items are counted."""
    times = Counter((name, left.file, left.reason) for name, left in found.unknown)
    for (name, file, reason), number in times.items():
        yield name, file, f"{reason} ({number:,} of these)" if number > 1 else reason


def counts_of(found: Comparison) -> dict[Way, int]:
    """Return the number of changes that are opened, closed and undecided."""
    counts = dict.fromkeys(Way, 0)
    for one in found.compared:
        for told in told_of(one):
            counts[told.way] += 1
    return counts


def summary(found: Comparison) -> str:
    """Return the result of a change as a sentence. It says "nothing" only if all that was found is certain."""
    counts = counts_of(found)
    total = len(found.compared)
    words = [f"{counts[way]} {WORDS[way]}" for way in Way if counts[way]]
    words += [f"{len(found.unknown)} found and not compared"] if found.unknown else []
    words += [f"{len(found.errors)} not read"] if found.errors else []
    if not total and not words:
        return "0 resources: no ECR resource was found in either, so nothing was compared"
    outcome = ", ".join(words) or "nothing is opened and nothing is closed"
    return f"{total} {'resource' if total == 1 else 'resources'}: {outcome}"
