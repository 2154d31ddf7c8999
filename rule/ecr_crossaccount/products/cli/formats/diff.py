"""A comparison as JSON, and as text for a person: who gains and who loses access to each resource, with a proof."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from enum import Enum

from ....judgement.values.verdict import SettledBy, Severity
from ....memo import by_value
from ....questions.change.answer import Change
from ....sources.check.differences import Compared, Comparison
from ....sources.files.values.nodes import Place
from ....sources.found.found import FoundPolicy
from ..base.json_text import render_json
from ..base.program import visible
from .text import SEVERITIES, Page, Text, witness_in_words
from .way_out import way_out_of_doubt, who_gets_what


class Way(Enum):
    """The word for what happened to an access path."""

    OPENED = "OPENED"
    CLOSED = "CLOSED"
    UNDECIDED = "UNDECIDED"
    TRUSTED = "TRUSTED"


WORDS = {way: way.value.lower() for way in Way} | {Way.TRUSTED: "trusted by the changed register"}
"""The ways in the words of a sum."""


@by_value
class Told:
    """One change of a resource. `change` is None if it is undecided who has access; `reason` then says why.

    What is opened under a condition is undecided, and has the access of that condition.
    """

    way: Way
    of: Compared
    at: Place
    reason: str
    change: Change | None = None
    settled_by: SettledBy = None

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
            reason = _doubt_reason(word, undecided.reason)
            if word == "closed" and _doubt_reason("opened", undecided.reason) in told:
                continue
            at = one.place_of(undecided.statement, found)
            access = None if undecided.grant is None else Change(undecided.grant)
            settled_by = undecided.settled_by if found is None else found.settle(undecided.settled_by)
            told.setdefault(reason, Told(Way.UNDECIDED, one, at, reason, access, settled_by))
    yield from told.values()
    for change in one.difference.closed.changes:
        yield Told(Way.CLOSED, one, one.place_of(change.grant.statement, before), change.grant.reason, change)
    for change in one.trusted.changes:
        yield Told(Way.TRUSTED, one, one.place_of(change.grant.statement, after), change.grant.reason, change)


def _doubt_reason(word: str, reason: str) -> str:
    """Return the reason of an undecided change. What cannot be compared is neither opened nor closed."""
    return reason if reason.startswith("cannot compare") else f"perhaps {word}: {reason}"


def place_in_state(state: str, file: str, where: str) -> str:
    """Return the place of an item after the name of its state, unless the file is the whole state."""
    return where if file == state else f"{state}: {where}"


def left_of(found: Comparison) -> Iterator[tuple[str, str, str]]:
    """Yield state, file and reason of each item that was found and not judged. Repeated items are counted."""
    times = Counter((name, left.file, left.reason) for name, left in found.unknown)
    for (name, file, reason), number in times.items():
        yield name, file, f"{reason} ({number:,} of these)" if number > 1 else reason


def summary(found: Comparison) -> str:
    """Return the result of a change as a sentence. It says "nothing" only if all that was found is certain."""
    counts = Counter(told.way for one in found.compared for told in told_of(one))
    total = len(found.compared)
    words = [f"{counts[way]} {WORDS[way]}" for way in Way if counts[way]]
    words += [f"{len(found.unknown)} found and not compared"] if found.unknown else []
    words += [f"{len(found.errors)} not read"] if found.errors else []
    if not total and not words:
        return "0 resources: no ECR policy was found in either, so nothing was compared"
    outcome = ", ".join(words) or "nothing is opened and nothing is closed"
    return f"{total} {'resource' if total == 1 else 'resources'}: {outcome}"


def as_json(found: Comparison) -> str:
    """Return a comparison as one JSON object."""
    answer = {
        "old": found.names[0],
        "new": found.names[1],
        "notes": [remark.placed for remark in found.remarks],
        "resources": [_resource(one) for one in found.compared],
        "errors": [
            {"state": name, "file": one.file, "line": one.line, "reason": one.reason} for name, one in found.errors
        ],
        "unjudged": [{"state": name, "file": one.file, "reason": one.reason} for name, one in found.unknown],
        **found.provenance.to_json(),
    }
    return render_json(answer)


def _resource(one: Compared) -> dict[str, object]:
    return {
        "resource": one.pair.found.resource,
        "kind": one.pair.found.kind.value,
        "state": one.what,
        "old": _place(one, one.pair.before),
        "new": _place(one, one.pair.after),
        **one.difference.to_json(),
        "trusted": [change.grant.to_json() for change in one.trusted.changes],
        "notes": list(one.notes),
    }


def _place(one: Compared, found: FoundPolicy | None) -> dict[str, object] | None:
    return None if found is None else one.place_of(None, found).to_json()


_STYLES = {Way.OPENED: "bold red", Way.CLOSED: "bold green", Way.UNDECIDED: "bold yellow", Way.TRUSTED: "bold cyan"}


def show(found: Comparison, page: Page) -> None:
    """Write a comparison on a page."""
    page.line(f"from {visible(found.names[0])} to {visible(found.names[1])}")
    for one in found.told:
        page.line()
        _show_resource(page, one)
    if found.told or found.unknown or found.remarks:
        page.line()
    for name, file, reason in left_of(found):
        page.aside("unjudged", f"{place_in_state(name, file, file)}: {reason}")
    for remark in found.remarks:
        page.aside("note", remark.placed)
    page.trust(found.provenance, found.compared)
    page.line(summary(found))


def _show_resource(page: Page, one: Compared) -> None:
    found = one.pair.found
    head = Text(visible(found.resource), "bold").append(f" ({found.kind.value}), {one.what}", "")
    page.line(head)
    for note in one.notes:
        page.field("note", visible(note))
    for told in told_of(one):
        page.line()
        if told.way is Way.TRUSTED:
            page.field("register", "the register changed: it now trusts this access, and did not before")
        _show_told(page, told)


def _show_told(page: Page, told: Told) -> None:
    page.line(Text().append(f"{told.way.value:10}", _STYLES[told.way]).append(visible(str(told.at)), "bold"), 2)
    if told.change is None:
        page.field("because", visible(told.reason))
        page.field("way out", visible(way_out_of_doubt(told.settled_by)))
        return
    grant = told.change.grant
    page.field(grant.severity.name, who_gets_what(grant), style=SEVERITIES[grant.severity])
    page.field("because", visible(told.reason))
    if told.change.otherwise:
        page.field("and" if told.way is Way.OPENED else "but", visible(told.change.otherwise))
    pair = told.of.pair
    giver = pair.before if told.way is Way.CLOSED else pair.after
    page.field("witness", visible(witness_in_words(grant, None if giver is None else giver.policy)))
