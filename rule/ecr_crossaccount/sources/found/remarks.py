"""What people and files say about findings: suppressions, remarks on the whole report, and undeclared values.

A suppression is a finding that someone accepts, beside the policy, with a reason and a last day. In a comment, at the
end of the line of a statement, policy or resource, or alone above it:

    # ecr-crossaccount: ignore until 2027-03-31: the partner pulls base images, see TEAM-123

In a template also in the resource's Metadata, which works in JSON too:

    "Metadata": {"ecr-crossaccount": {"ignore": {"until": "2027-03-31", "reason": "the partner pulls base images"}}}

Every format says the remarks, so that no change turns its own check green unseen. A value that the user gives for a
parameter or variable that nothing declares is most often misspelt.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta

from ...documents.problems import first_of
from ...errors import closest
from ...memo import by_value
from ..files.values.nodes import ABSENT, Node, Place
from .context import Context
from .found import FoundPolicy, Skipped, Suppression, Unread
from .states import places_of

_A_YEAR = timedelta(days=366)


@by_value
class Remark:
    """A remark about a whole report, and the place that it is about."""

    message: str
    at: Place

    @property
    def placed(self) -> str:
        """The message after its place, unless the message names the file itself."""
        place = "" if self.at.file in self.message else f"{self.at.file}:{self.at.line}: "
        return f"{place}{self.message}"


def far_away(suppressions: Iterable[Suppression], today: date | None) -> Iterator[Remark]:
    """Yield a remark about each suppression whose last day is further than a year away."""
    for suppression in suppressions:
        if today is not None and suppression.until > today + _A_YEAR:
            text = f"suppressed until {suppression.until}, which is further than a year away: {suppression.reason}"
            yield Remark(text, Place(suppression.file, suppression.line, 1))


MARK = "ecr-crossaccount"
_COMMENT = rf"(?:#|//)\s*{MARK}:(.*)"
_ORDER = r"\s*ignore until ([0-9]{4}-[0-9]{2}-[0-9]{2}):(.*)"
_EXPECTED = f"expected `{MARK}: ignore until YYYY-MM-DD: REASON`"


def in_comments(file: str, text: str) -> Iterator[Suppression | Unread]:
    """Yield the suppressions in a file's comments, and an error for each comment that is an invalid one."""
    if MARK not in text:
        return
    lines = text.split("\n")
    following = _following(lines)
    for number, line in enumerate(lines, start=1):
        found = re.search(_COMMENT, line)
        if found and not _is_quoted(line[: found.start()]):
            alone = not line[: found.start()].strip()
            yield _read(file, number, found[1], following[number - 1] if alone else number)


def _is_quoted(before: str) -> bool:
    """Return whether a comment mark is inside a quoted text, judging by the line before it."""
    return before.replace('\\"', "").count('"') % 2 == 1 or before.endswith("'")


def _following(lines: list[str]) -> list[int]:
    """Return for each line the number of the next one that is neither empty nor a comment, or its own."""
    found: list[int] = []
    below = 0
    for number in range(len(lines), 0, -1):
        found.append(below or number)
        if lines[number - 1].strip() and not lines[number - 1].lstrip().startswith(("#", "//")):
            below = number
    return found[::-1]


def _read(file: str, number: int, order: str, line: int) -> Suppression | Unread:
    found = re.fullmatch(_ORDER, order)
    if found is None:
        return Unread(file, number, f"`{order.strip()}` suppresses nothing: {_EXPECTED}")
    return _make_suppression(file, number, line, until=found[1], reason=found[2])


def _make_suppression(file: str, number: int, line: int, *, until: str, reason: str) -> Suppression | Unread:
    if not reason.strip():
        return Unread(file, number, f"a suppression without a reason: {_EXPECTED}")
    try:
        return Suppression(file, line, reason.strip(), date.fromisoformat(until))
    except ValueError:
        return Unread(file, number, f"`{until}` is not a day: {_EXPECTED}")


def in_metadata(file: str, resource: Node, line: int) -> Iterator[Suppression | Unread]:
    """Yield the suppression in the Metadata of a template's resource. `line`: the line of the resource."""
    ours = resource.find("Metadata", MARK)
    if ours is ABSENT:
        return
    until, reason = (ours.find("ignore", name).text for name in ("until", "reason"))
    if until is None or reason is None:
        expected = '`{"ignore": {"until": "YYYY-MM-DD", "reason": "…"}}`'
        yield Unread(file, ours.line, f"the Metadata `{MARK}` suppresses nothing: expected {expected}")
        return
    yield _make_suppression(file, ours.line, line, until=until, reason=reason)


def suppressions_of(found: FoundPolicy, suppressions: Iterable[Suppression]) -> dict[int | None, Suppression]:
    """Return the suppressions of a policy by the number of a statement. The key None is for the whole policy."""
    whole = {(place.file, place.line) for place in (found.at, found.resource_at, *found.heads) if place}
    numbered = {(place.file, place.line): number for number, place in reversed(list(enumerate(places_of(found))))}
    spoken: dict[int | None, Suppression] = {}
    for suppression in suppressions:
        place = (suppression.file, suppression.line)
        if place in whole:
            spoken[None] = suppression
        elif place in numbered:
            spoken[numbered[place]] = suppression
    return spoken


_OPTION = "--parameter"
_MOST_NAMED = 8


def undeclared_errors(context: Context, declared: Collection[str]) -> Iterator[Unread]:
    """Yield an error for each of the user's parameters that no template and no configuration declares.

    If nothing declares the parameter, the default that the user meant to replace stays in effect. A parameter from
    settings may be for files outside this run, so it is an error only if a declared name is similar.
    """
    for name, reason in _undeclared_names(context, declared):
        if name not in context.standing or closest(name, declared):
            yield Unread(*context.standing.get(name, (_OPTION, None)), reason)


def for_others(context: Context, declared: Collection[str]) -> Iterator[Skipped]:
    """Yield the parameters from settings that nothing here declares, one item for each settings file."""
    names: dict[str, list[str]] = {}
    for name, _ in _undeclared_names(context, declared):
        if name in context.standing and not closest(name, declared):
            names.setdefault(context.standing[name][0], []).append(name)
    for source, some in names.items():
        yield Skipped(source, f"its parameters {_render_names(some)} are not declared by any template or module here")


def _undeclared_names(context: Context, declared: Collection[str]) -> Iterator[tuple[str, str]]:
    for name in context.parameters:
        if name not in declared:
            yield name, f"`{name}` is not declared by any template or module here: {_instead(name, declared)}"


def _instead(name: str, declared: Collection[str]) -> str:
    names = sorted(declared)
    if not names:
        return "none of them declares a parameter"
    close = closest(name, names)
    hint = f"did you mean `{close}`? " if close else ""
    return f"{hint}declared are {_render_names(names)}"


def unused_note(names: Collection[str]) -> str:
    """Return the note for variables in a file that no configuration declares. Terraform only warns about them."""
    return f"no configuration here declares {_render_names(names)}, so their values in the file are not used"


def _render_names(names: Iterable[str]) -> str:
    return first_of([f"`{name}`" for name in names], _MOST_NAMED)
