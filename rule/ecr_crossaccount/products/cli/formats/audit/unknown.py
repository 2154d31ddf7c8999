"""What an audit could not determine, as text for a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from .....judgement.values.verdict import Severity
from ....audit.items import AMBIGUOUS, Lack, Unread
from ....audit.report import Scope
from ...base.visible import visible
from ..page import SEVERITIES, Page
from .names import Names

_MOST_AMBIGUOUS = 5
_SETTINGS = {
    Lack.TEMPLATES: "creation templates",
    Lack.REPLICATIONS: "replication",
    Lack.CACHES: "pull-through caches",
}
_AUDIT_ITSELF = "audit the account itself to"
_NOT_READ = "not read, and may open or close more:"


def lacks(errors: Iterable[Unread]) -> Iterator[str]:
    """Yield a short text for each kind of data that could not be read."""
    found = tuple(errors)
    policies = [error for error in found if error.about is Lack.POLICY and error.registry is None]
    if count := sum(error.count or 0 for error in policies):
        yield f"{count:,} not read"
    if any(error.count is None for error in policies):
        yield "not everything could be read"
    if registries := sum(error.registry is not None for error in found):
        yield f"{registries:,} registry {'policy' if registries == 1 else 'policies'} not read"
    kinds = Counter(error.about for error in found)
    if tags := kinds[Lack.TAGS]:
        yield f"the tags of {tags:,} not read"
    yield from _lacking_settings(kinds)
    if kinds[Lack.ORGANIZATION]:
        yield "everything that `self` trusts counts as foreign, because the organization is unknown"
    if kinds[Lack.CONTROL_POLICIES]:
        yield "resource control policies not read"
    if kinds[Lack.USE]:
        yield "use not read"
    if opinions := sum(error.count or 0 for error in found if error.about is Lack.SECOND_OPINION):
        yield f"no second opinion on {opinions:,}"
    elif kinds[Lack.SECOND_OPINION]:
        yield "no second opinion"


def _lacking_settings(kinds: Mapping[Lack, int]) -> Iterator[str]:
    for lack, what in _SETTINGS.items():
        if count := kinds.get(lack):
            where = f" of {count:,} Regions" if count > 1 else ""
            yield f"the {what}{where} not read"


def not_held(scope: Scope) -> Iterator[str]:
    """Yield a sentence for each kind of data that the source does not contain, so that it does not seem judged."""
    if scope.unseen_registries:
        yield _unseen_registries(scope.unseen_registries)
    if not scope.settings_read:
        first, *rest = _SETTINGS.values()
        what = f"{', '.join([first, *rest[:-1]])} and {rest[-1]}"
        yield f"{what} were not read, and may open more: {_AUDIT_ITSELF} judge them"


def _unseen_registries(count: int) -> str:
    if count > 1:
        return f"the policies of {count:,} registries were {_NOT_READ} {_AUDIT_ITSELF} count them"
    return f"the registry policy was {_NOT_READ} {_AUDIT_ITSELF} count it"


def show_ambiguous(page: Page, found: Sequence[tuple[str, str]], names: Names) -> None:
    """Write the repositories that have several recordings without a known order, and the places of the recordings."""
    if not found:
        return
    page.line()
    page.labelled("AMBIGUOUS", f"{AMBIGUOUS}: the worst counts", 0, SEVERITIES[Severity.MEDIUM])
    for arn, places in found[:_MOST_AMBIGUOUS]:
        page.labelled("", f"{names.of(arn)}: {visible(places)}", 0)
    if len(found) > _MOST_AMBIGUOUS:
        page.labelled("", f"and {len(found) - _MOST_AMBIGUOUS:,} more: --format json has them all", 0)
    page.labelled("way out", "select `configurationItemCaptureTime` in the query, or give one recording of each", 0)
