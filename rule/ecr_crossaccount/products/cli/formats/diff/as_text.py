"""Text, for a person: who gains and who loses access to each resource, with a request as proof of each."""

from __future__ import annotations

from .....sources.check.differences import Compared, Comparison
from ...base.visible import visible
from ..page import SEVERITIES, Page, rendered
from ..shared import who_gets_what
from ..text import Text
from ..words import witness_in_words
from .told import Told, Way, left_of, placed, summary, told_of

_STYLES = {Way.OPENED: "bold red", Way.CLOSED: "bold green", Way.UNDECIDED: "bold yellow", Way.TRUSTED: "bold cyan"}


def render(found: Comparison) -> str:
    """Return a comparison as text without color, for a file or a pipe."""
    return rendered(found, _show)


def show(found: Comparison) -> None:
    """Write a comparison to standard output, in color on a terminal."""
    _show(found, Page())


def _show(found: Comparison, page: Page) -> None:
    page.line(f"from {visible(found.names[0])} to {visible(found.names[1])}")
    for one in found.told:
        page.line()
        _show_resource(page, one)
    if found.told or found.unknown or found.remarks:
        page.line()
    for name, file, reason in left_of(found):
        page.line(Text("unjudged  ", "yellow").append(visible(f"{placed(name, file, file)}: {reason}"), ""))
    for remark in found.remarks:
        page.line(Text(f"{'note':10}", "yellow").append(visible(remark.placed), ""))
    page.line(summary(found))


def _show_resource(page: Page, one: Compared) -> None:
    found = one.pair.found
    head = Text(visible(found.resource), "bold").append(f" ({found.kind.value}), {one.what}", "")
    page.line(head)
    for note in one.notes:
        page.labelled("note", visible(note))
    for told in told_of(one):
        page.line()
        if told.way is Way.TRUSTED:
            page.labelled("register", "the register changed: it now trusts this access, and did not before")
        _show_told(page, told)


def _show_told(page: Page, told: Told) -> None:
    at = told.at
    place = visible(f"{at.file}:{at.line}:{at.column}")
    page.line(Text().append(f"{told.way.value:10}", _STYLES[told.way]).append(place, "bold"), 2)
    if told.change is None:
        page.labelled("because", visible(told.reason))
        return
    grant = told.change.grant
    page.labelled(grant.severity.name, who_gets_what(grant), style=SEVERITIES[grant.severity])
    page.labelled("because", visible(told.reason))
    if told.change.otherwise:
        page.labelled("and" if told.way is Way.OPENED else "but", visible(told.change.otherwise))
    pair = told.of.pair
    giver = pair.before if told.way is Way.CLOSED else pair.after
    page.labelled("witness", visible(witness_in_words(grant, None if giver is None else giver.policy)))
